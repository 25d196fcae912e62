/** Up to which position of the ledger somebody has seen what is new. This browser remembers it, for each account. */

import { whoIsHere } from '../session.svelte';

/** What has a position of its own. */
export type Seen = 'news' | 'notices';

let written = $state(0);

const key = (what: Seen): string => `ceasefire-seen-${what}-${whoIsHere()}`;

/** The last position seen; 0: none. */
export function seenUpTo(what: Seen = 'news'): number {
  void written;
  const held = Number(localStorage.getItem(key(what)) ?? '0');
  return Number.isSafeInteger(held) && held > 0 ? held : 0;
}

/** Remember that everything up to a position was seen. */
export function seeUpTo(position: number, what: Seen = 'news'): void {
  localStorage.setItem(key(what), String(position));
  written += 1;
}
