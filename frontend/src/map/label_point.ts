/** Where the name of an area stands: well inside it, and once, however the map cuts the area into tiles. */

type Ring = readonly (readonly number[])[];

/** A point inside the largest part of a geometry; null for what is no area. */
export function labelPoint(geometry: GeoJSON.Geometry): GeoJSON.Point | null {
  const parts =
    geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
  let largest: Ring[] | null = null;
  let most = 0;
  for (const part of parts) {
    const size = Math.abs(signedArea(part[0] ?? []));
    if (size > most) [largest, most] = [part, size];
  }
  if (!largest) return null;
  const [x, y] = centroid(largest[0] ?? []);
  return { type: 'Point', coordinates: [middleOfWidest(largest, y) ?? x, y] };
}

function signedArea(ring: Ring): number {
  let sum = 0;
  eachEdge(ring, (x1, y1, x2, y2) => (sum += x1 * y2 - x2 * y1));
  return sum / 2;
}

function centroid(ring: Ring): [number, number] {
  let x = 0;
  let y = 0;
  eachEdge(ring, (x1, y1, x2, y2) => {
    const cross = x1 * y2 - x2 * y1;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  });
  const area = signedArea(ring);
  return [x / (6 * area), y / (6 * area)];
}

/** The middle of the widest stretch inside the rings along a parallel. */
function middleOfWidest(rings: readonly Ring[], y: number): number | null {
  const crossings: number[] = [];
  for (const ring of rings)
    eachEdge(ring, (x1, y1, x2, y2) => {
      if (y1 > y !== y2 > y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
    });
  crossings.sort((a, b) => a - b);
  let best: number | null = null;
  let widest = 0;
  for (let at = 0; at + 1 < crossings.length; at += 2) {
    const [from = 0, until = 0] = crossings.slice(at, at + 2);
    if (until - from > widest) [best, widest] = [(from + until) / 2, until - from];
  }
  return best;
}

function eachEdge(ring: Ring, visit: (x1: number, y1: number, x2: number, y2: number) => void): void {
  for (let at = 0; at + 1 < ring.length; at++) {
    const [x1 = 0, y1 = 0] = ring[at] ?? [];
    const [x2 = 0, y2 = 0] = ring[at + 1] ?? [];
    visit(x1, y1, x2, y2);
  }
}

/** A collection's areas as points that carry their properties. */
export function labels(of: GeoJSON.FeatureCollection): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  for (const feature of of.features) {
    const point = labelPoint(feature.geometry);
    if (point) features.push({ type: 'Feature', geometry: point, properties: feature.properties });
  }
  return { type: 'FeatureCollection', features };
}
