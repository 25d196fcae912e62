/** Numbers, days and instants as the language of the page writes them. Days are Gregorian in every language. */

import { language, t } from './language.svelte';
import { nearly } from './shares';

const GREGORIAN = { calendar: 'gregory' } as const;
// Months in words: a date in figures alone is read differently from country to country, and turns round in Arabic.
const DATE = {
  long: { year: 'numeric', month: 'long', day: 'numeric' },
  medium: { year: 'numeric', month: 'short', day: 'numeric' },
} as const;

export function number(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(language(), options).format(value);
}

/** A share of one, in percent: nearly none is not said to be none, nor nearly all to be all. */
export function percent(value: number): string {
  const written = (share: number): string => number(share, { style: 'percent', maximumFractionDigits: 0 });
  switch (nearly(value)) {
    case 'none':
      return t('share.below', { share: written(0.01) });
    case 'all':
      return t('share.above', { share: written(0.99) });
    default:
      return written(value);
  }
}

/** A calendar day, given as year-month-day. */
export function day(iso: string, style: 'long' | 'medium' = 'long'): string {
  return new Intl.DateTimeFormat(language(), { ...GREGORIAN, ...DATE[style], timeZone: 'UTC' }).format(
    new Date(`${iso}T00:00:00Z`),
  );
}

/** A month, given as any of its days. */
export function month(iso: string): string {
  return new Intl.DateTimeFormat(language(), { ...GREGORIAN, year: 'numeric', month: 'short', timeZone: 'UTC' }).format(
    new Date(`${iso}T00:00:00Z`),
  );
}

/** The day of the week of a day. */
export function weekday(iso: string, style: 'long' | 'short'): string {
  return new Intl.DateTimeFormat(language(), { ...GREGORIAN, weekday: style, timeZone: 'UTC' }).format(
    new Date(`${iso}T00:00:00Z`),
  );
}

/** An instant, in the case's time zone. */
export function instant(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat(language(), {
    ...GREGORIAN,
    ...DATE.medium,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(new Date(iso));
}

/** Several things as one phrase. */
export function list(items: readonly string[], type: 'conjunction' | 'disjunction' | 'unit' = 'conjunction'): string {
  return new Intl.ListFormat(language(), { type, style: type === 'unit' ? 'short' : 'long' }).format(items);
}

/** Compare texts as the language orders them. */
export function inOrder(a: string, b: string): number {
  return a.localeCompare(b, language());
}
