/** Where things stand on the map and the chart of a siting. */

import { boxAround, onPlane, type Box, type Corner } from '../borders/shape';

const RADIANS = Math.PI / 180;
const LEAST_KM = 4;

/** A radius of so many kilometres around a place, on the plane, whose scale grows towards the poles. */
export function radiusOnPlane([, latitude]: Corner, km: number): number {
  return km / Math.cos(Math.max(-85, Math.min(85, latitude)) * RADIANS);
}

/** The box around places and what is seen from them; never smaller than a few kilometres. */
export function boxOf(places: readonly { at: Corner; km: number }[]): Box | null {
  const first = places[0];
  if (!first) return null;
  const ends = places.map(({ at, km }) => {
    const [[x, y], radius] = [onPlane(at), Math.max(radiusOnPlane(at, km), LEAST_KM / 2)];
    return [x - radius, y - radius, x + radius, y + radius] as const;
  });
  const at = (number: 0 | 1 | 2 | 3): number[] => ends.map((end) => end[number]);
  const [left, top, right, bottom] = [Math.min(...at(0)), Math.min(...at(1)), Math.max(...at(2)), Math.max(...at(3))];
  const margin = 0.06 * Math.max(right - left, bottom - top);
  return { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
}

/** The box around lines, where there is no place. */
export function boxOfLines(lines: readonly (readonly Corner[])[]): Box {
  return boxAround([[lines]]);
}

export interface Placed<T> {
  of: T;
  x: number;
  y: number;
}

/** Those names, in their order, that do not run into one written before; `apart` is in the plane's units. */
export function notCrowded<T>(named: readonly Placed<T>[], apart: { x: number; y: number }): Placed<T>[] {
  const kept: Placed<T>[] = [];
  for (const each of named)
    if (!kept.some((other) => Math.abs(other.x - each.x) < apart.x && Math.abs(other.y - each.y) < apart.y))
      kept.push(each);
  return kept;
}

export interface Rise {
  posts: number;
  share: number;
  /** More than one post fewer; null: that was not asked. */
  more: number | null;
  gap: number;
}

/** The curve with what each post adds to one fewer. */
export function risesOf(steps: readonly { posts: number; share: number; gap: number }[]): Rise[] {
  return steps.map(({ posts, share, gap }, at) => {
    const before = posts === 1 ? 0 : steps[at - 1]?.posts === posts - 1 ? steps[at - 1]?.share : undefined;
    return { posts, share, gap, more: before === undefined ? null : Math.max(0, share - before) };
  });
}

/** The curve as the path of a chart: as wide as `most` posts, as high as 1. */
export function curvePath(steps: readonly { posts: number; share: number }[], most: number): string {
  return steps.map(({ posts, share }, at) => `${at ? 'L' : 'M'}${curveX(posts, most)} ${1 - share}`).join('');
}

/** Where so many posts stand along a chart, 0 to 1. */
export function curveX(posts: number, most: number): number {
  return most <= 1 ? 0.5 : (posts - 1) / (most - 1);
}
