/**
 * Counts with their bounds, and counts over time.
 *
 * A count of alleged violations is never one number: at least those that every answer supports, at most those and what
 * is contested or undetermined.
 */

import type { Group } from '../map/symbols';

export interface Bounds {
  /** Alleged. */
  lower: number;
  /** Alleged, contested and undetermined. */
  upper: number;
  /** All incidents, whatever their status. */
  all: number;
}

export interface Dated {
  readonly count: number;
  group(row: number): Group;
  firstDay(row: number): number;
  lastDay(row: number): number;
}

export interface Bar extends Bounds {
  /** Days since 1970, both included. */
  first: number;
  last: number;
}

/** Whether an incident may have happened in a window of days; without a date it may not be said to. */
export function falls(rows: Dated, row: number, first: number, last: number): boolean {
  return rows.firstDay(row) <= last && rows.lastDay(row) >= first;
}

/** Count incidents within a window. */
export function bounds(rows: Dated, first: number, last: number, among?: Iterable<number>): Bounds {
  const counted = { lower: 0, upper: 0, all: 0 };
  const add = (row: number): void => {
    if (falls(rows, row, first, last)) count(counted, rows.group(row));
  };
  if (among) for (const row of among) add(row);
  else for (let row = 0; row < rows.count; row++) add(row);
  return counted;
}

function count(into: Bounds, group: Group): void {
  into.all += 1;
  if (group === 'alleged') into.lower += 1;
  if (group === 'alleged' || group === 'contested' || group === 'undetermined') into.upper += 1;
}

const BARS_WANTED = 120;
const WIDTHS = [1, 7, 28, 91, 364];

/** The width of bars, in days, that keeps them within what a screen can show. */
export function barWidth(first: number, last: number): number {
  const daysInAll = last - first + 1;
  return WIDTHS.find((width) => daysInAll / width <= BARS_WANTED) ?? Math.ceil(daysInAll / BARS_WANTED);
}

/**
 * Count incidents by bars of equal width. An incident that may have happened on several days is counted once, on the
 * first of them.
 */
export function bars(rows: Dated, first: number, last: number, width = barWidth(first, last)): Bar[] {
  const made: Bar[] = [];
  for (let start = first; start <= last; start += width)
    made.push({ first: start, last: Math.min(start + width - 1, last), lower: 0, upper: 0, all: 0 });
  for (let row = 0; row < rows.count; row++) {
    const bar = made[Math.floor((rows.firstDay(row) - first) / width)];
    if (bar) count(bar, rows.group(row));
  }
  return made;
}
