/** Sourced moments of the case: a local day, or a day and time; several where sources differ. */

import { theCase } from '../case.svelte';
import { day, instant, list } from './format.svelte';
import { t } from './language.svelte';

const DAY_LENGTH = 10;

/** One moment; a time of day is local to the case, as it was written. */
export function moment(at: string): string {
  const date = day(at.slice(0, DAY_LENGTH), 'medium');
  return at.length > DAY_LENGTH ? `${date}, ${at.slice(DAY_LENGTH + 1, DAY_LENGTH + 6)}` : date;
}

/** Every moment on record for one thing: sources may differ. */
export function moments(held: readonly { at: string }[]): string | null {
  const each = [...new Set(held.map((one) => moment(one.at)))];
  return each.length ? list(each, 'disjunction') : null;
}

/** From when until when, each as far as it is on record. */
export function period(from: readonly { at: string }[], until: readonly { at: string }[]): string {
  const [start, end] = [moments(from), moments(until)];
  if (start && end) return t('when.between', { first: start, last: end });
  if (start) return t('when.since', { first: start });
  if (end) return t('when.until', { last: end });
  return t('when.no_dates');
}

/** An instant in UTC as the local day of the case. */
export function localDay(iso: string): string {
  const local = new Intl.DateTimeFormat('en-CA', { timeZone: theCase().time_zone, dateStyle: 'short' });
  return local.format(new Date(iso));
}

export function localInstant(iso: string): string {
  return instant(iso, theCase().time_zone);
}

/** The last local day of a time that ends at an instant: what is due by the end of a day is due on that day. */
export function lastDay(end: string): string {
  return day(localDay(new Date(Date.parse(end) - 1).toISOString()), 'medium');
}
