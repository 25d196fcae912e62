import { describe, expect, it } from 'vitest';
import {
  addedAfter,
  borderInFile,
  borderOf,
  cornersOf,
  featureOf,
  movedBy,
  onEarth,
  onPlane,
  removed,
} from '../src/borders/shape';

const square = {
  type: 'Polygon',
  coordinates: [
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
      [0, 0],
    ],
  ],
};

describe('a border edited by hand', () => {
  it('is written as it was read', () => {
    expect(featureOf(borderOf(square), 'ours').geometry).toEqual(square);
    const several = { type: 'MultiPolygon', coordinates: [square.coordinates, square.coordinates] };
    expect(featureOf(borderOf(several), 'ours').geometry).toEqual(several);
  });

  it('moves one corner by kilometres and leaves the others', () => {
    const moved = movedBy(borderOf(square), { polygon: 0, ring: 0, corner: 2 }, 111.2, 0);
    expect(moved[0]?.[0]?.[2]?.[1]).toBeCloseTo(2);
    expect(moved[0]?.[0]?.[0]).toEqual([0, 0]);
  });

  it('gains a corner in the middle of an edge, the last edge too', () => {
    const added = addedAfter(borderOf(square), { polygon: 0, ring: 0, corner: 3 });
    expect(cornersOf(added)).toHaveLength(5);
    expect(added[0]?.[0]?.[4]).toEqual([0, 0.5]);
  });

  it('keeps three corners of an outline, and drops a hole that has too few', () => {
    const three = removed(borderOf(square), { polygon: 0, ring: 0, corner: 0 });
    expect(cornersOf(three)).toHaveLength(3);
    expect(removed(three, { polygon: 0, ring: 0, corner: 0 })).toBe(three);
    const holed = [[...(three[0] ?? []), three[0]?.[0] ?? []]];
    expect(removed(holed, { polygon: 0, ring: 1, corner: 0 })[0]).toHaveLength(1);
  });

  it('is drawn on a plane and found again', () => {
    for (const corner of [
      [36.1, 32.6],
      [-70, -33],
    ] as const) {
      const [longitude, latitude] = onEarth(...onPlane(corner));
      expect(longitude).toBeCloseTo(corner[0]);
      expect(latitude).toBeCloseTo(corner[1]);
    }
  });

  it('is read from a file, or not', () => {
    expect(borderInFile(JSON.stringify({ type: 'FeatureCollection', features: [{ geometry: square }] }))).toEqual(
      borderOf(square),
    );
    expect(borderInFile('{"type": "Point", "coordinates": [1, 2]}')).toBeNull();
    expect(borderInFile('no file')).toBeNull();
  });
});
