/** Questions to the server. An answer that has not changed since is not sent, nor read, twice. */

import { Problem, UNREACHABLE } from './problem';

const HELD = 200;
const held = new Map<string, { tag: string; answer: unknown }>();

export type Query = Readonly<Record<string, string | number | null | undefined | readonly string[]>>;

/** The address of a question; what is empty is left out, several values of one name are repeated. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    if (typeof value === 'object') for (const one of value) search.append(name, one);
    else search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/v1${path}${text && `?${text}`}`;
}

/** How an answer is read from what the server sends. */
export interface Reader<T> {
  readonly media: string;
  read(response: Response): Promise<T>;
}

export const json: Reader<unknown> = { media: 'application/json', read: (response) => response.json() };

/**
 * Ask the server.
 *
 * The last answers are held with the server's tag: asked again, the server says "not modified" and the same object is
 * returned, so that nothing on the page is made anew.
 */
export async function ask(address: string, reader: Reader<unknown> = json, signal?: AbortSignal): Promise<unknown> {
  const before = held.get(address);
  const headers: Record<string, string> = { Accept: reader.media };
  if (before) headers['If-None-Match'] = before.tag;
  const response = await reached(address, { headers, ...(signal ? { signal } : {}) });
  if (response.status === 304 && before) {
    keep(address, before);
    return before.answer;
  }
  if (!response.ok) throw Problem.ofBody(response.status, await response.json().catch(() => null));
  const body = await reader.read(response);
  const tag = response.headers.get('ETag');
  if (tag) keep(address, { tag, answer: body });
  return body;
}

async function reached(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...request, credentials: 'same-origin', redirect: 'error' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(UNREACHABLE, '', '', '', '');
  }
}

function keep(address: string, entry: { tag: string; answer: unknown }): void {
  held.delete(address);
  held.set(address, entry);
  const oldest = held.keys().next();
  if (held.size > HELD && !oldest.done) held.delete(oldest.value);
}
