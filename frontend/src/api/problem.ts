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
  ) {
    super(what);
  }

  /** Read the server's error body; anything else is told as what it is. */
  static ofBody(status: number, body: unknown): Problem {
    const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
    const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
    return new Problem(status, text('title'), text('what'), text('why'), text('do'), text('where') || null);
  }
}

/** The server cannot be reached; the page says so in its own words. */
export const UNREACHABLE = 0;
