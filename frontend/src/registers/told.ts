/** Records of registers as the pages use them, and how entries are found in them. */

import type { ListIn, OwnList, RegisterDayView, RegisterList, TwoSidedTotals } from '../api/types';
import { actorName } from '../case.svelte';
import type { Told } from '../casework/told';

export type Days = Told<RegisterList>;
export type DayRow = Days['days'][number];
export type RegisterDay = Told<RegisterDayView>;
export type Side = RegisterDay['list_a'];
export type Pair = Omit<RegisterDay['pairs'][number], 'withheld'>;
export type Entry = NonNullable<Side['entries']>[number];
export type Content = Entry['content'];
export type Figure = RegisterDay['figures'][number];
export type Estimate = RegisterDay['estimates'][number];
export type Submitted = Told<ListIn>;
export type Own = Told<OwnList>;
export type Totals = TwoSidedTotals;

/** Who made an entry of the ledger: to the centre by name, to everybody else for which party. */
export function madeBy(done: { readonly by?: string }, party: string): string {
  return done.by ?? actorName(party);
}

/** The same after something else, where the party stands there already. */
export function named(done: { readonly by?: string }): string {
  return done.by === undefined ? '' : `, ${done.by}`;
}

/** Signs that tell the groups apart without colour. */
export const SIGNS: Readonly<Record<string, string>> = {
  both: '=',
  doubtful: '?',
  'only-a': 'A',
  'only-b': 'B',
  covers: 'Σ',
  'not-compared': '…',
};

/** Signs of answers. */
export const ANSWER_SIGNS: Readonly<Record<string, string>> = {
  confirms: '✓',
  disputes: '✗',
  'cannot-confirm': '~',
  'no-answer': '–',
};

/** The entries of a list by their numbers. */
export function byNumber(side: Side): ReadonlyMap<string, Entry> {
  return new Map((side.entries ?? []).map((entry) => [entry.no, entry]));
}

/** Rows as they are drawn: before the lists are matched, the entries of either list in rows of their own. */
export function rowsOf(of: RegisterDay): readonly Pair[] {
  if (of.pairs.length) return of.pairs;
  const alone = (entry: Entry, list: 'a' | 'b'): Pair => ({
    group: 'not-compared',
    entries_a: list === 'a' ? [entry.no] : [],
    entries_b: list === 'b' ? [entry.no] : [],
    candidates_a: [],
    candidates_b: [],
    match_probability: null,
    differs: [],
    km_apart: null,
    verdict: null,
    verdict_reason: null,
    verdict_done: null,
    is_contradicted: false,
  });
  return [
    ...(of.list_a.entries ?? []).map((entry) => alone(entry, 'a')),
    ...(of.list_b.entries ?? []).map((entry) => alone(entry, 'b')),
  ];
}
