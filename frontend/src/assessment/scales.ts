/** Where the marks of an assessment's pictures stand. */

/** A ratio on a scale on which twice and half are equally far from one; `from` and `to` are its ends. */
export function onRatioScale(ratio: number, from: number, to: number, length: number): number {
  const share = (Math.log(ratio) - Math.log(from)) / (Math.log(to) - Math.log(from));
  return Math.min(1, Math.max(0, share)) * length;
}

/** The ends of a scale for ratios: wide enough for all but the most extreme, and one always inside. */
export function ratioEnds(ratios: readonly number[], least: number, most: number): { from: number; to: number } {
  const held = ratios.filter((ratio) => ratio > 0 && Number.isFinite(ratio));
  return {
    from: Math.max(least, Math.min(0.5, ...held) * 0.9),
    to: Math.min(most, Math.max(2, ...held) * 1.1),
  };
}

export interface Bin {
  from: number;
  to: number;
  /** Dates in it. */
  dates: number;
  /** Of them, those at which the rate fell as much as at the start, or more. */
  asMuch: number;
}

/** Ratios in bins that are equally wide on the ratio scale. */
export function binned(
  ratios: readonly number[],
  here: number,
  ends: { from: number; to: number },
  bins: number,
): Bin[] {
  const made: Bin[] = Array.from({ length: bins }, (_, at) => ({
    from: ends.from * (ends.to / ends.from) ** (at / bins),
    to: ends.from * (ends.to / ends.from) ** ((at + 1) / bins),
    dates: 0,
    asMuch: 0,
  }));
  for (const ratio of ratios) {
    const bin = made[Math.min(bins - 1, Math.floor(onRatioScale(ratio, ends.from, ends.to, bins)))];
    if (!bin) continue;
    bin.dates += 1;
    if (ratio <= here) bin.asMuch += 1;
  }
  return made;
}
