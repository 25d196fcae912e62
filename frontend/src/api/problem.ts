/** A field that somebody else changed since: what stands, and what was offered instead. */
export interface Rival {
  readonly field: string;
  readonly revision: number;
  readonly stands: unknown;
  readonly offered: unknown;
}

/** Why a question to the server has no answer, in three sentences: what, why it matters, what to do. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    readonly title: string,
    readonly what: string,
    readonly why: string,
    readonly remedy: string,
    readonly where: string | null = null,
    readonly rivals: readonly Rival[] = [],
  ) {
    super(what);
  }

  /** Whether asking again may help, though nothing else changes: no network, too many at once, a fault of the server. */
  get passes(): boolean {
    return this.status === UNREACHABLE || this.status === TOO_MANY || this.status >= OURS;
  }

  /** Read the server's error body; anything else is told as what it is. */
  static ofBody(status: number, body: unknown): Problem {
    const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
    const rivals = Array.isArray(said['rivals']) ? (said['rivals'] as Rival[]) : [];
    return new Problem(status, text('title'), text('what'), text('why'), text('do'), text('where') || null, rivals);
  }
}

/** The server cannot be reached; the page says so in its own words. */
export const UNREACHABLE = 0;
const TOO_MANY = 429;
const OURS = 500;
