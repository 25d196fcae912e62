/** Ties over time, laid out on one axis. An end that is not on record runs to the edge and is drawn open. */

import { dayNumber } from '../incidents/table';

export interface DatedTie {
  valid_from: string | null;
  valid_until: string | null;
}

export interface Drawn<T> {
  tie: T;
  /** Shares of the axis, 0 to 1. */
  from: number;
  until: number;
  openFrom: boolean;
  openUntil: boolean;
}

export interface Axis {
  /** Days since 1970. */
  first: number;
  last: number;
  /** First days of years within it, with where they stand. */
  years: { year: number; at: number }[];
}

const MARGIN = 0.06;
const SHORTEST_DAYS = 365;

/** The axis that holds every date of the ties and of the record. */
export function axisOf(ties: readonly DatedTie[], record: readonly (string | null)[]): Axis {
  const held = [...ties.flatMap((tie) => [tie.valid_from, tie.valid_until]), ...record]
    .filter((day): day is string => day !== null)
    .map((day) => dayNumber(day.slice(0, 10)));
  const least = held.length ? Math.min(...held) : dayNumber('2000-01-01');
  const most = held.length ? Math.max(...held) : least;
  const room = Math.max((most - least) * MARGIN, (SHORTEST_DAYS - (most - least)) / 2, 1);
  const axis = { first: least - room, last: most + room };
  const years: Axis['years'] = [];
  const yearOf = (day: number): number => new Date(day * 86_400_000).getUTCFullYear();
  for (let year = yearOf(axis.first) + 1; year <= yearOf(axis.last); year++)
    years.push({ year, at: share(axis, dayNumber(`${String(year).padStart(4, '0')}-01-01`)) });
  return { ...axis, years };
}

/** Lay ties out, those that began first on top. */
export function drawn<T extends DatedTie>(ties: readonly T[], axis: Axis): Drawn<T>[] {
  return ties
    .map((tie) => ({
      tie,
      from: tie.valid_from === null ? 0 : share(axis, dayNumber(tie.valid_from.slice(0, 10))),
      until: tie.valid_until === null ? 1 : share(axis, dayNumber(tie.valid_until.slice(0, 10))),
      openFrom: tie.valid_from === null,
      openUntil: tie.valid_until === null,
    }))
    .sort((a, b) => a.from - b.from || a.until - b.until);
}

function share(axis: Pick<Axis, 'first' | 'last'>, day: number): number {
  return (day - axis.first) / (axis.last - axis.first);
}
