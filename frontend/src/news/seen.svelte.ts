/** Up to which position of the ledger somebody has seen what is new. This browser remembers it, for each account. */

import { whoIsHere } from '../session.svelte';

let written = $state(0);

const key = (): string => `ceasefire-seen-${whoIsHere()}`;

/** The last position seen; 0: none. */
export function seenUpTo(): number {
  void written;
  const held = Number(localStorage.getItem(key()) ?? '0');
  return Number.isSafeInteger(held) && held > 0 ? held : 0;
}

/** Remember that everything up to a position was seen. */
export function seeUpTo(position: number): void {
  localStorage.setItem(key(), String(position));
  written += 1;
}
