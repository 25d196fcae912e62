/** Counts that name no settlement. */

export interface Count {
  readonly low?: number | null;
  readonly best?: number | null;
  readonly high?: number | null;
}

/** The ends of a count: the one that its source did not say stays open, and is never made of the other. */
export function endsOf({ low, best, high }: Count): { least: number | null; most: number | null } {
  return { least: low ?? best ?? null, most: high ?? best ?? null };
}
