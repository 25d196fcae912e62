/** Questions to the server, and what is told to it. An answer that has not changed since is not sent, nor read, twice. */

import { Problem, UNREACHABLE } from './problem';

const HELD = 200;
const UNAUTHORISED = 401;
const held = new Map<string, { tag: string; answer: unknown }>();

/** What shows the server that a change is asked for by our own page; null: there is no session. */
let token: string | null = null;
let shutOut: (() => void) | null = null;

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
  const key = `${document.documentElement.lang} ${address}`;
  const before = held.get(key);
  // Sentences are told in the language of the page, as far as the server has words in it.
  const headers: Record<string, string> = { Accept: reader.media, 'Accept-Language': document.documentElement.lang };
  if (before) headers['If-None-Match'] = before.tag;
  const response = await reached(address, { headers, ...(signal ? { signal } : {}) });
  if (response.status === 304 && before) {
    keep(key, before);
    return before.answer;
  }
  if (!response.ok) throw await refusal(response);
  const body = await reader.read(response);
  const tag = response.headers.get('ETag');
  if (tag) keep(key, { tag, answer: body });
  return body;
}

/** Tell the server something that changes what is there; a document goes as it is, all else as JSON. */
export async function tell(address: string, said: object | Blob = {}): Promise<unknown> {
  const response = await posted(address, said, json.media);
  return response.status === 204 ? null : response.json();
}

/** Tell the server something that it answers with a file. */
export async function take(address: string, said: object, media: string): Promise<Blob> {
  return (await posted(address, said, `${media}, ${json.media}`)).blob();
}

async function posted(address: string, said: object | Blob, media: string): Promise<Response> {
  const isDocument = said instanceof Blob;
  const response = await reached(address, {
    method: 'POST',
    headers: {
      Accept: media,
      'Content-Type': isDocument ? 'application/octet-stream' : 'application/json',
      ...(token === null ? {} : { 'X-CSRF-Token': token }),
    },
    body: isDocument ? said : JSON.stringify(said),
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

/** From now on, tell the server things as the session of this token; null: as nobody. */
export function holdToken(said: string | null): void {
  token = said;
}

/** Forget all answers: they were given to somebody else. */
export function forget(): void {
  held.clear();
}

/** Call this when the server says that nobody is signed in. */
export function whenShutOut(call: () => void): void {
  shutOut = call;
}

async function refusal(response: Response): Promise<Problem> {
  if (response.status === UNAUTHORISED) shutOut?.();
  return Problem.ofBody(response.status, await response.json().catch(() => null));
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
