/** Who is here: asked once, and again when the server says that nobody is. */

import { addressOf, ask, forget, holdToken, tell, whenShutOut } from './api/client';
import { Problem, UNREACHABLE } from './api/problem';
import type { SessionView } from './api/types';

let held = $state.raw<SessionView | null>(null);
let problem = $state.raw<Problem | null>(null);
let asking = false;

/** The session; null until the server has said. */
export function session(): SessionView | null {
  return held;
}

/** Why it is not known who is here. */
export function sessionProblem(): Problem | null {
  return problem;
}

/** Whether the one who is here may ask for something: what they may not, their pages do not show. */
export function may(operation: string): boolean {
  return held?.operations.includes(operation) ?? false;
}

/** Who is here, in one word that changes when somebody else is. */
export function whoIsHere(): string {
  return held?.is_signed_in ? (held.account ?? '') : '';
}

/** Whether there are accounts here, and nobody is signed in. */
export function isSignedOut(): boolean {
  return held?.mode === 'centre' && !held.is_signed_in;
}

/** Take what the server says of the session. What was answered to somebody else is forgotten. */
export function takeSession(said: SessionView): void {
  holdToken(said.csrf_token ?? null);
  const other = held !== null && (held.account !== said.account || held.is_signed_in !== said.is_signed_in);
  if (other) forget();
  held = said;
  problem = null;
}

/** Ask the server who is here. */
export async function learnSession(): Promise<void> {
  if (asking) return;
  asking = true;
  try {
    takeSession((await ask(addressOf('/session'))) as SessionView);
  } catch (error) {
    problem = error instanceof Problem ? error : new Problem(UNREACHABLE, '', String(error), '', '');
  } finally {
    asking = false;
  }
}

/** Sign out: of this session, or of all of the account. */
export async function signOut(everywhere: boolean): Promise<void> {
  takeSession((await tell(addressOf('/session/sign-out'), { everywhere })) as SessionView);
}

whenShutOut(() => {
  if (held?.is_signed_in) void learnSession();
});
