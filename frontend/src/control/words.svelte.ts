/** Ranges of control in words: what nobody says is unknown, and never zero. */

import { number, percent } from '../text/format.svelte';
import { t } from '../text/language.svelte';

export function rangeOf(low: number | null, high: number | null): string {
  if (low === null || high === null) return t('control.nobody_says');
  return low === high ? number(low) : t('control.range', { low: number(low), high: number(high) });
}

export function shareOf(bounds: { least: number; most: number } | null): string {
  if (bounds === null) return t('control.nobody_says');
  const [least, most] = [percent(bounds.least), percent(bounds.most)];
  return least === most ? least : t('control.range', { low: least, high: most });
}

/** A count as its source gave it: where only one end is said, the other stays open. */
export function countInWords(of: { low?: number | null; best?: number | null; high?: number | null }): string {
  const [least, most] = [of.low ?? of.best ?? null, of.high ?? of.best ?? null];
  if (least === null && most !== null) return t('control.or_fewer', { most });
  if (most === null && least !== null) return t('control.or_more', { least });
  return rangeOf(least, most);
}
