/** Shares to a tenth of a per cent: nearly none is not said to be none, nor nearly all to be all. */

import { number } from '../text/format.svelte';
import { t } from '../text/language.svelte';

const STEP = 0.001;
const ROUNDING = 1e-9;

export function share(value: number): string {
  const written = (of: number): string => number(of, { style: 'percent', maximumFractionDigits: 1 });
  if (value > ROUNDING && value < STEP / 2) return t('share.below', { share: written(STEP) });
  if (value < 1 - ROUNDING && value >= 1 - STEP / 2) return t('share.above', { share: written(1 - STEP) });
  return written(value);
}
