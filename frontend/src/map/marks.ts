/**
 * Marks of incidents as columns: what goes to the graphics card, and what finds the mark under a pointer.
 *
 * One incident of a precision that means a disc is one mark. The days are in the columns, so that the slider moves
 * two numbers and no data.
 */

import { mercatorPerKm, mercatorX, mercatorY } from './mercator';
import { GROUPS, radiusOf, type Group } from './symbols';

export interface MarkRows {
  readonly count: number;
  longitude(row: number): number;
  latitude(row: number): number;
  /** Of the disc in which it happened, in km. */
  radiusKm(row: number): number;
  /** Whether the place is only near the point. */
  isNear(row: number): boolean;
  group(row: number): Group;
  /** NaN where not known. */
  deaths(row: number): number;
  /** First and last day, as days since 1970. */
  firstDay(row: number): number;
  lastDay(row: number): number;
}

/** Floats of one mark: x, y, disc radius, mark radius, first day, last day, group, flags. */
export const STRIDE = 8;
export const NEAR = 1;
export const TOLL_UNKNOWN = 2;

export interface Marks {
  /** STRIDE floats for each mark; places are relative to `origin`, days to `firstDay`. */
  readonly values: Float32Array;
  /** The row of each mark, in drawing order. */
  readonly rows: Uint32Array;
  readonly origin: readonly [x: number, y: number];
  /** Days since 1970 of day zero in the columns. */
  readonly firstDay: number;
}

export interface Window {
  /** Days since 1970, both included. */
  first: number;
  last: number;
}

/** Lay rows out as marks, those of the strongest status last, so that they lie on top. */
export function layOut(rows: MarkRows): Marks {
  const drawn = inDrawingOrder(rows);
  const values = new Float32Array(drawn.length * STRIDE);
  const first = drawn[0];
  const origin: [number, number] =
    first === undefined ? [0.5, 0.5] : [mercatorX(rows.longitude(first)), mercatorY(rows.latitude(first))];
  let firstDay = Infinity;
  for (const row of drawn) firstDay = Math.min(firstDay, rows.firstDay(row));
  if (!Number.isFinite(firstDay)) firstDay = 0;
  drawn.forEach((row, at) => {
    const latitude = rows.latitude(row);
    const deaths = rows.deaths(row);
    values.set(
      [
        mercatorX(rows.longitude(row)) - origin[0],
        mercatorY(latitude) - origin[1],
        rows.radiusKm(row) * mercatorPerKm(latitude),
        radiusOf(deaths),
        rows.firstDay(row) - firstDay,
        rows.lastDay(row) - firstDay,
        GROUPS.indexOf(rows.group(row)),
        (rows.isNear(row) ? NEAR : 0) + (Number.isNaN(deaths) ? TOLL_UNKNOWN : 0),
      ],
      at * STRIDE,
    );
  });
  return { values, rows: drawn, origin, firstDay };
}

function inDrawingOrder(rows: MarkRows): Uint32Array {
  const byGroup = new Map<Group, number[]>(GROUPS.map((group) => [group, []]));
  for (let row = 0; row < rows.count; row++) {
    if (Number.isFinite(rows.longitude(row)) && Number.isFinite(rows.latitude(row)))
      byGroup.get(rows.group(row))?.push(row);
  }
  return Uint32Array.from(GROUPS.flatMap((group) => byGroup.get(group) ?? []));
}

/** Whether the mark at a place in the columns falls into the window. */
export function isShown(marks: Marks, at: number, window: Window): boolean {
  const first = (marks.values[at * STRIDE + 4] ?? 0) + marks.firstDay;
  const last = (marks.values[at * STRIDE + 5] ?? 0) + marks.firstDay;
  return first <= window.last && last >= window.first;
}

/** The places in the columns of marks that lie in a box of the unit square and in the window, topmost first. */
export function placesWithin(
  marks: Marks,
  window: Window,
  box: { west: number; north: number; east: number; south: number },
): number[] {
  const [x0, y0] = marks.origin;
  const found: number[] = [];
  for (let at = marks.rows.length - 1; at >= 0; at--) {
    const x = (marks.values[at * STRIDE] ?? 0) + x0;
    const y = (marks.values[at * STRIDE + 1] ?? 0) + y0;
    if (x < box.west || x > box.east || y < box.north || y > box.south) continue;
    if (isShown(marks, at, window)) found.push(at);
  }
  return found;
}

/** The rows whose marks are under a pointer, nearest centre first. `worldPixels` is the width of the world. */
export function rowsAt(
  marks: Marks,
  window: Window,
  x: number,
  y: number,
  worldPixels: number,
  scale: number,
  slack = 3,
): number[] {
  const [x0, y0] = marks.origin;
  const found: [row: number, distance: number][] = [];
  for (let at = 0; at < marks.rows.length; at++) {
    const right = ((marks.values[at * STRIDE] ?? 0) + x0 - x) * worldPixels;
    const down = ((marks.values[at * STRIDE + 1] ?? 0) + y0 - y) * worldPixels;
    const reach = (marks.values[at * STRIDE + 3] ?? 0) * scale + slack;
    if (Math.abs(right) > reach || Math.abs(down) > reach) continue;
    const distance = Math.hypot(right, down);
    if (distance <= reach && isShown(marks, at, window)) found.push([marks.rows[at] ?? 0, distance]);
  }
  return found.sort((a, b) => a[1] - b[1]).map(([row]) => row);
}
