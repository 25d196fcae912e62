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

/** Read a polygon; anything else is an empty border. What is wrong with its corners the server says. */
export function borderOf(geometry: unknown): Border {
  const { type, coordinates } = (geometry ?? {}) as { type?: string; coordinates?: unknown };
  const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? listed(coordinates) : [];
  return polygons.map((rings) => listed(rings).map((ring) => open(listed(ring).map(cornerOf))));
}

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function cornerOf(value: unknown): Corner {
  const [longitude, latitude] = listed(value);
  return [Number(longitude ?? 0), Number(latitude ?? 0)];
}

/** A ring without its last corner where that is the first again. */
function open(ring: Corner[]): Ring {
  const [first, last] = [ring[0], ring.at(-1)];
  const closed = ring.length > 1 && first && last && first[0] === last[0] && first[1] === last[1];
  return closed ? ring.slice(0, -1) : ring;
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

/** A border and what it is called. */
export interface Named {
  name: string;
  border: Border;
}

/** The borders of a GeoJSON file, by the names that it gives them; null: there is none. */
export function bordersInFile(text: string, otherwise: string): Named[] | null {
  const value = parsed(text) as { type?: string; features?: unknown[] } | null;
  const features = value?.type === 'FeatureCollection' ? (value.features ?? []) : [value];
  const found = features.flatMap((one) => {
    const { geometry, properties } = (one ?? {}) as { geometry?: unknown; properties?: { name?: unknown } };
    const border = borderOf(geometry ?? one);
    const sound = border.length > 0 && border.every((rings) => rings.length > 0);
    return sound ? [{ name: nameOf(properties?.name) ?? otherwise, border }] : [];
  });
  return found.length ? found : null;
}

/** A GeoJSON value in a file; null: there is none. */
export function geoJsonInFile(text: string): GeoJSON.GeoJSON | null {
  const value = parsed(text) as { type?: unknown } | null;
  return typeof value?.type === 'string' ? (value as GeoJSON.GeoJSON) : null;
}

/** A name that none of the others has: as it is, or with a number behind it. */
export function namedApart(name: string, others: readonly string[]): string {
  if (!others.includes(name)) return name;
  let number = 2;
  while (others.includes(`${name} ${number}`)) number += 1;
  return `${name} ${number}`;
}

/** Borders as one GeoJSON file, which can be opened and compared again. */
export function collectionOf(borders: readonly Named[]): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features: borders.map(({ name, border }) => featureOf(border, name)) };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function nameOf(said: unknown): string | null {
  const name = typeof said === 'string' || typeof said === 'number' ? String(said).trim() : '';
  return name || null;
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

/** The lines and points of any GeoJSON, for an SVG path; a point is a line of no length. */
export function pathOfGeoJson(value: GeoJSON.GeoJSON | null): string {
  switch (value?.type) {
    case 'FeatureCollection':
      return value.features.map(pathOfGeoJson).join('');
    case 'Feature':
      return pathOfGeoJson(value.geometry as GeoJSON.Geometry | null);
    case 'GeometryCollection':
      return value.geometries.map(pathOfGeoJson).join('');
    case 'Polygon':
    case 'MultiPolygon':
      return pathOf(borderOf(value));
    case 'LineString':
      return line(value.coordinates as unknown as Ring);
    case 'MultiLineString':
      return value.coordinates.map((each) => line(each as unknown as Ring)).join('');
    case 'Point':
      return dot(value.coordinates);
    case 'MultiPoint':
      return value.coordinates.map(dot).join('');
    default:
      return '';
  }
}

function dot([longitude = 0, latitude = 0]: readonly number[]): string {
  return `M${onPlane([longitude, latitude]).join(' ')}h0`;
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
