import { describe, expect, it } from 'vitest';
import {
  addedAfter,
  borderOf,
  bordersInFile,
  collectionOf,
  cornersOf,
  featureOf,
  geoJsonInFile,
  movedBy,
  namedApart,
  onEarth,
  onPlane,
  pathOfGeoJson,
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

  it('is read from a file, with as many as it has, or not', () => {
    const features = [{ geometry: square, properties: { name: 'north' } }, { geometry: square }, { geometry: null }];
    expect(bordersInFile(JSON.stringify({ type: 'FeatureCollection', features }), 'file')).toEqual([
      { name: 'north', border: borderOf(square) },
      { name: 'file', border: borderOf(square) },
    ]);
    expect(bordersInFile(JSON.stringify(square), 'file')).toEqual([{ name: 'file', border: borderOf(square) }]);
    for (const text of ['{"type": "Point", "coordinates": [1, 2]}', 'no file', '5', '{"type": "Polygon"}'])
      expect(bordersInFile(text, 'file')).toBeNull();
  });

  it('is written beside others and read again', () => {
    const drawn = ['a', 'b'].map((name) => ({ name, border: borderOf(square) }));
    expect(bordersInFile(JSON.stringify(collectionOf(drawn)), 'file')).toEqual(drawn);
  });

  it('keeps what is wrong with it for the server to say: an open ring stays as it is', () => {
    const open = { type: 'Polygon', coordinates: [square.coordinates[0]?.slice(0, 3)] };
    expect(cornersOf(borderOf(open))).toHaveLength(3);
  });
});

describe('what stands beside borders', () => {
  it('has names of its own', () => {
    expect(namedApart('a', [])).toBe('a');
    expect(namedApart('a', ['a', 'a 2'])).toBe('a 3');
  });

  it('is GeoJSON or nothing', () => {
    expect(geoJsonInFile('{"type": "Point", "coordinates": [1, 2]}')?.type).toBe('Point');
    expect(geoJsonInFile('[]')).toBeNull();
  });

  it('is drawn whatever it is', () => {
    const point: GeoJSON.GeoJSON = { type: 'Point', coordinates: [0, 0] };
    expect(pathOfGeoJson(point)).toMatch(/^M0 \S+h0$/);
    const nested = { type: 'GeometryCollection', geometries: [point, point] } as const;
    const features = [{ type: 'Feature' as const, properties: {}, geometry: nested as unknown as GeoJSON.Geometry }];
    expect(pathOfGeoJson({ type: 'FeatureCollection', features }).match(/M/g)).toHaveLength(2);
    expect(pathOfGeoJson(null)).toBe('');
  });
});
