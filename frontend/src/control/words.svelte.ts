/** Ranges of control in words: what nobody says is unknown, and never zero. */

import { number, percent } from '../text/format.svelte';
import { t } from '../text/language.svelte';
import { endsOf, type Count } from './counts';

export function rangeOf(low: number | null, high: number | null): string {
  if (low === null || high === null) return t('control.nobody_says');
  return low === high ? number(low) : t('control.range', { low: number(low), high: number(high) });
}

export function shareOf(bounds: { least: number; most: number } | null): string {
  if (bounds === null) return t('control.nobody_says');
  const [least, most] = [percent(bounds.least), percent(bounds.most)];
  return least === most ? least : t('control.range', { low: least, high: most });
}

/** A count as its source gave it. */
export function countInWords(of: Count): string {
  const { least, most } = endsOf(of);
  if (least === null && most !== null) return t('control.or_fewer', { most });
  if (most === null && least !== null) return t('control.or_more', { least });
  return rangeOf(least, most);
}
