/** How shares are rounded to whole per cent. */

const HALF_A_PERCENT = 0.005;

/** What a share must not be rounded to, because it is only nearly so. */
export function nearly(share: number): 'none' | 'all' | null {
  if (share > 0 && share < HALF_A_PERCENT) return 'none';
  return share < 1 && share >= 1 - HALF_A_PERCENT ? 'all' : null;
}
