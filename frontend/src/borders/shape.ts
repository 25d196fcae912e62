/** A border as a hand edits it: rings of corners, drawn on a plane that keeps angles. */

export type Corner = readonly [longitude: number, latitude: number];
/** Corners in order, the first not repeated. */
export type Ring = readonly Corner[];
/** Polygons, each its outline and its holes. */
export type Border = readonly (readonly Ring[])[];

/** Which corner of a border. */
export interface At {
  polygon: number;
  ring: number;
  corner: number;
}

const FEWEST = 3;
const KM_PER_DEGREE = 111.2;
const RADIANS = Math.PI / 180;

/** Read a polygon; anything else is an empty border. */
export function borderOf(geometry: unknown): Border {
  const { type, coordinates } = (geometry ?? {}) as { type?: string; coordinates?: unknown };
  const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : [];
  return (polygons as number[][][][]).map((rings) =>
    rings.map((ring) => ring.slice(0, -1).map((corner): Corner => [corner[0] ?? 0, corner[1] ?? 0])),
  );
}

/** Write a border as the server reads it. */
export function featureOf(border: Border, name: string): GeoJSON.Feature {
  const polygons = border.map((rings) =>
    rings.map((ring) => [...ring, ...ring.slice(0, 1)].map(([longitude, latitude]) => [longitude, latitude])),
  );
  const [only] = polygons;
  const geometry: GeoJSON.Geometry =
    polygons.length === 1 && only
      ? { type: 'Polygon', coordinates: only }
      : { type: 'MultiPolygon', coordinates: polygons };
  return { type: 'Feature', properties: { name }, geometry };
}

/** The first border of a GeoJSON file; null: there is none. */
export function borderInFile(text: string): Border | null {
  try {
    const value = JSON.parse(text) as { type?: string; features?: unknown[]; geometry?: unknown };
    const first = value.type === 'FeatureCollection' ? (value.features?.[0] as { geometry?: unknown }) : value;
    const border = borderOf(first?.geometry ?? first);
    return border.length && border.every((rings) => rings.length > 0) ? border : null;
  } catch {
    return null;
  }
}

export function cornersOf(border: Border): At[] {
  return border.flatMap((rings, polygon) =>
    rings.flatMap((ring, at) => ring.map((_, corner) => ({ polygon, ring: at, corner }))),
  );
}

export function cornerAt(border: Border, at: At): Corner | null {
  return border[at.polygon]?.[at.ring]?.[at.corner] ?? null;
}

export function same(a: At | null, b: At | null): boolean {
  return a !== null && b !== null && a.polygon === b.polygon && a.ring === b.ring && a.corner === b.corner;
}

/** Move one corner. */
export function moved(border: Border, at: At, to: Corner): Border {
  return changedRing(border, at, (ring) => ring.map((corner, number) => (number === at.corner ? to : corner)));
}

/** Move one corner by so many kilometres to the north and to the east. */
export function movedBy(border: Border, at: At, northKm: number, eastKm: number): Border {
  const from = cornerAt(border, at);
  if (!from) return border;
  const latitude = Math.max(-85, Math.min(85, from[1] + northKm / KM_PER_DEGREE));
  return moved(border, at, [from[0] + eastKm / (KM_PER_DEGREE * Math.cos(from[1] * RADIANS)), latitude]);
}

/** Add a corner in the middle of the edge that follows one. */
export function addedAfter(border: Border, at: At, to?: Corner): Border {
  return changedRing(border, at, (ring) => {
    const from = ring[at.corner];
    const next = ring[(at.corner + 1) % ring.length];
    if (!from || !next) return ring;
    const middle = to ?? [(from[0] + next[0]) / 2, (from[1] + next[1]) / 2];
    return [...ring.slice(0, at.corner + 1), middle, ...ring.slice(at.corner + 1)];
  });
}

/** Remove a corner; a hole with too few goes with it, an outline keeps three. */
export function removed(border: Border, at: At): Border {
  const ring = border[at.polygon]?.[at.ring];
  if (!ring) return border;
  if (ring.length > FEWEST) return changedRing(border, at, (old) => old.filter((_, number) => number !== at.corner));
  if (at.ring === 0) return border;
  return border.map((rings, polygon) =>
    polygon === at.polygon ? rings.filter((_, number) => number !== at.ring) : rings,
  );
}

function changedRing(border: Border, at: At, change: (ring: Ring) => Ring): Border {
  return border.map((rings, polygon) =>
    polygon === at.polygon ? rings.map((ring, number) => (number === at.ring ? change(ring) : ring)) : rings,
  );
}

/** A place on the plane: kilometres at the equator to the east, and to the south. */
export function onPlane([longitude, latitude]: Corner): [x: number, y: number] {
  const y = Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, latitude)) * RADIANS) / 2));
  return [longitude * KM_PER_DEGREE, (-y / RADIANS) * KM_PER_DEGREE];
}

/** The place of a point of the plane. */
export function onEarth(x: number, y: number): Corner {
  const latitude = (2 * Math.atan(Math.exp((-y / KM_PER_DEGREE) * RADIANS)) - Math.PI / 2) / RADIANS;
  return [x / KM_PER_DEGREE, latitude];
}

/** The outline of a border, for an SVG path. */
export function pathOf(border: Border): string {
  return border.flatMap((rings) => rings.map((ring) => `${line(ring)}Z`)).join('');
}

/** The lines of any geometry, for an SVG path. */
export function pathOfGeometry(geometry: GeoJSON.Geometry | null): string {
  if (!geometry) return '';
  switch (geometry.type) {
    case 'Polygon':
    case 'MultiPolygon':
      return pathOf(borderOf(geometry));
    case 'LineString':
      return line(geometry.coordinates as unknown as Ring);
    case 'MultiLineString':
      return geometry.coordinates.map((each) => line(each as unknown as Ring)).join('');
    case 'GeometryCollection':
      return geometry.geometries.map(pathOfGeometry).join('');
    default:
      return '';
  }
}

function line(corners: Ring): string {
  return corners.map((corner, number) => `${number ? 'L' : 'M'}${onPlane(corner).join(' ')}`).join('');
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The box around borders, with a margin of a tenth. */
export function boxAround(borders: readonly Border[]): Box {
  const points = borders.flat(3).map(onPlane);
  if (!points.length) return { x: -1, y: -1, width: 2, height: 2 };
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const margin = 0.1 * Math.max(right - left, bottom - top, 1e-3);
  return { x: left - margin, y: top - margin, width: right - left + 2 * margin, height: bottom - top + 2 * margin };
}

/** A box scaled about a point of it. */
export function scaled(box: Box, factor: number, x = box.x + box.width / 2, y = box.y + box.height / 2): Box {
  return {
    x: x - (x - box.x) * factor,
    y: y - (y - box.y) * factor,
    width: box.width * factor,
    height: box.height * factor,
  };
}
