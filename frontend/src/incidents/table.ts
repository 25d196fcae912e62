/** All incidents that a filter chose, as columns, read from the server's Arrow stream. */

import { tableFromIPC, type Vector } from 'apache-arrow';
import { groupOf, type Group } from '../map/symbols';
import type { MarkRows } from '../map/marks';

export type ClassOfPlace = 'point' | 'area' | 'unknown';

/** A disc of more than this radius is drawn hollow: its centre is not where it happened. */
export const WIDE_KM = 5;

/** The day of what has no date: it lies beyond every window but the unlimited one. */
export const UNDATED = 10_000_000;
export const UNLIMITED = { first: -100_000_000, last: 100_000_000 } as const;

const DAY_MS = 86_400_000;

/** Days since 1970 of a calendar day, and back. */
export function dayNumber(iso: string): number {
  return Math.round(Date.parse(`${iso}T00:00:00Z`) / DAY_MS);
}

export function dayOf(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

/** Incidents as columns. A number that is not known is NaN, a text that is not known is null. */
export class IncidentTable implements MarkRows {
  readonly count: number;
  readonly #ids: Vector | null;
  readonly #titles: Vector | null;
  readonly #places: Vector | null;
  readonly #acts: Vector | null;
  readonly #units: readonly (string | null)[];
  readonly #statuses: readonly (string | null)[];
  readonly #classes: readonly (string | null)[];
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #longitude: Float64Array;
  readonly #latitude: Float64Array;
  readonly #radius: Float64Array;
  readonly #killed: Readonly<Record<'low' | 'best' | 'high', Float64Array>>;
  #rows: Map<string, number> | null = null;

  constructor(stream: Uint8Array) {
    const table = stream.length ? tableFromIPC(stream) : null;
    const column = (name: string): Vector | null => table?.getChild(name) ?? null;
    this.count = table?.numRows ?? 0;
    this.#ids = column('incident_id');
    this.#titles = column('title');
    this.#places = column('place_name');
    this.#acts = column('acts');
    this.#units = texts(column('unit_id'), this.count);
    this.#statuses = texts(column('status'), this.count);
    this.#classes = texts(column('precision_class'), this.count);
    this.#first = days(column('first_day'), this.count);
    this.#last = days(column('last_day'), this.count);
    this.#longitude = numbers(column('longitude'), this.count);
    this.#latitude = numbers(column('latitude'), this.count);
    this.#radius = numbers(column('radius_km'), this.count);
    this.#killed = {
      low: numbers(column('killed_low'), this.count),
      best: numbers(column('killed_best'), this.count),
      high: numbers(column('killed_high'), this.count),
    };
  }

  id(row: number): string {
    return String(this.#ids?.get(row) ?? '');
  }

  /** The row of an incident; null where the filter did not choose it. */
  rowOf(id: string): number | null {
    this.#rows ??= new Map(Array.from({ length: this.count }, (_, row) => [this.id(row), row]));
    return this.#rows.get(id) ?? null;
  }

  title(row: number): string | null {
    return (this.#titles?.get(row) as string | null | undefined) ?? null;
  }

  placeName(row: number): string | null {
    return (this.#places?.get(row) as string | null | undefined) ?? null;
  }

  acts(row: number): string[] {
    const held = this.#acts?.get(row) as Iterable<string> | null | undefined;
    return held ? [...held] : [];
  }

  unit(row: number): string | null {
    return this.#units[row] ?? null;
  }

  status(row: number): string | null {
    return this.#statuses[row] ?? null;
  }

  group(row: number): Group {
    return groupOf(this.status(row));
  }

  placeClass(row: number): ClassOfPlace {
    return (this.#classes[row] as ClassOfPlace | null) ?? 'unknown';
  }

  longitude(row: number): number {
    return this.#longitude[row] ?? NaN;
  }

  latitude(row: number): number {
    return this.#latitude[row] ?? NaN;
  }

  radiusKm(row: number): number {
    const radius = this.#radius[row] ?? NaN;
    return Number.isNaN(radius) ? 0 : radius;
  }

  isNear(row: number): boolean {
    return this.radiusKm(row) > WIDE_KM;
  }

  /** The first local day on which it may have happened, as days since 1970; UNDATED: no date. */
  firstDay(row: number): number {
    return this.#first[row] ?? UNDATED;
  }

  lastDay(row: number): number {
    return this.#last[row] ?? UNDATED;
  }

  killed(row: number, bound: 'low' | 'best' | 'high'): number {
    return this.#killed[bound][row] ?? NaN;
  }

  deaths(row: number): number {
    return this.killed(row, 'best');
  }

  /** The first and last day of all; null where nothing is dated. */
  extent(): { first: number; last: number } | null {
    let first = Infinity;
    let last = -Infinity;
    for (let row = 0; row < this.count; row++) {
      if (this.firstDay(row) === UNDATED) continue;
      first = Math.min(first, this.firstDay(row));
      last = Math.max(last, this.lastDay(row));
    }
    return Number.isFinite(first) ? { first, last } : null;
  }
}

function texts(column: Vector | null, count: number): (string | null)[] {
  return column ? (Array.from(column) as (string | null)[]) : Array<null>(count).fill(null);
}

function numbers(column: Vector | null, count: number): Float64Array {
  const out = new Float64Array(count).fill(NaN);
  for (let row = 0; row < count && column; row++) {
    const value = column.get(row) as number | bigint | null;
    if (value !== null) out[row] = Number(value);
  }
  return out;
}

function days(column: Vector | null, count: number): Float64Array {
  const out = new Float64Array(count).fill(UNDATED);
  for (let row = 0; row < count && column; row++) {
    const value = column.get(row) as Date | number | null;
    if (value !== null) out[row] = Math.round(Number(value) / DAY_MS);
  }
  return out;
}
