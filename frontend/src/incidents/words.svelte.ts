/** Parts of an incident in words: when, how many, what. */

import type { Toll } from '../api/types';
import { theCase } from '../case.svelte';
import { day, instant, list, number } from '../text/format.svelte';
import { t, word } from '../text/language.svelte';
import { dayOf, UNDATED, type IncidentTable } from './table';

/** A day, or from one to another; days are local days of the case. */
export function daysInWords(first: string | null, last: string | null, style: 'long' | 'medium' = 'medium'): string {
  if (first === null) return t('when.undated');
  if (last === null || first === last) return day(first, style);
  return t('when.between', { first: day(first, style), last: day(last, style) });
}

/** When a source says that it happened: an instant where it knows one, otherwise the local days. */
export function interval(from: string | null, until: string | null, precision: string | null): string {
  if (from === null) return t('when.undated');
  const zone = theCase().time_zone;
  if (precision === 'instant' || precision === 'hour') return instant(from, zone);
  const local = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const first = local.format(new Date(from));
  const last = until === null ? first : local.format(new Date(Date.parse(until) - 1));
  return daysInWords(first, last < first ? first : last);
}

/** A count as a range with its best figure; null where nobody gives one. */
export function tollInWords(toll: Toll): string | null {
  const { low, best, high } = toll;
  if (low === null && best === null && high === null) return null;
  const range = low !== null && high !== null && low !== high ? t('toll.range', { low, high }) : null;
  if (best === null) return range ?? number(low ?? high ?? 0);
  return range ? t('toll.best_and_range', { best, range }) : number(best);
}

/** A count with its bounds: one number where they agree. */
export function boundsInWords(of: { readonly lower: number; readonly upper: number }): string {
  return of.lower === of.upper
    ? number(of.lower)
    : t('bounds.range', { lower: number(of.lower), upper: number(of.upper) });
}

export function actsInWords(acts: readonly string[]): string {
  return acts.length ? list(acts.map((act) => word('act', act))) : t('act.unknown');
}

/** A line for one incident of a table: what people call it, or what was done. */
export function nameOf(table: IncidentTable, row: number): string {
  return table.title(row) ?? [actsInWords(table.acts(row)), table.placeName(row)].filter(Boolean).join(', ');
}

export function daysOfRow(table: IncidentTable, row: number): string {
  const first = table.firstDay(row);
  if (first === UNDATED) return t('when.undated');
  return daysInWords(dayOf(first), dayOf(table.lastDay(row)));
}

export function killedOfRow(table: IncidentTable, row: number): string {
  const [low, best, high] = (['low', 'best', 'high'] as const).map((bound) => {
    const value = table.killed(row, bound);
    return Number.isNaN(value) ? null : value;
  });
  const said = tollInWords({ low: low ?? null, best: best ?? null, high: high ?? null });
  return said === null ? t('toll.killed_unknown') : t('toll.killed', { killed: said });
}
