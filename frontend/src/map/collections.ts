/** What the map draws besides incidents, as the collections that its layers read. */

import type { IncidentTable } from '../incidents/table';
import { falls } from '../incidents/counting';
import type { Window } from './marks';

const collection = (features: GeoJSON.Feature[]): GeoJSON.FeatureCollection => ({
  type: 'FeatureCollection',
  features,
});

export const NOTHING: GeoJSON.FeatureCollection = collection([]);

export interface DrawnVersion {
  held: string;
  border: unknown;
  band: unknown;
}

export interface DrawnArea {
  zone_id: string;
  versions: readonly DrawnVersion[];
}

/** The areas of a day, and the bands in which their borders may lie. */
export function zonesOf(
  areas: readonly DrawnArea[],
  label: (zone: string, held: string) => string,
  chosen: readonly string[],
): { zones: GeoJSON.FeatureCollection; bands: GeoJSON.FeatureCollection } {
  const zones: GeoJSON.Feature[] = [];
  const bands: GeoJSON.Feature[] = [];
  for (const area of areas)
    for (const version of area.versions) {
      zones.push({
        type: 'Feature',
        geometry: version.border as GeoJSON.Geometry,
        properties: {
          zone_id: area.zone_id,
          held: version.held,
          label: label(area.zone_id, version.held),
          chosen: chosen.includes(area.zone_id),
        },
      });
      if (version.band) bands.push({ type: 'Feature', geometry: version.band as GeoJSON.Geometry, properties: {} });
    }
  return { zones: collection(zones), bands: collection(bands) };
}

/** How many incidents known only to a unit fall into a window, by unit; those of no drawn unit under null. */
export function countByUnit(table: IncidentTable, window: Window): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (let row = 0; row < table.count; row++) {
    if (table.placeClass(row) !== 'area' || !falls(table, row, window.first, window.last)) continue;
    const unit = table.unit(row);
    counts.set(unit, (counts.get(unit) ?? 0) + 1);
  }
  return counts;
}

/** The units that hold incidents, each with its count; the base map names them. */
export function unitsWith(
  units: GeoJSON.FeatureCollection,
  counts: ReadonlyMap<string | null, number>,
  label: (count: number) => string,
): GeoJSON.FeatureCollection {
  return collection(
    units.features.flatMap((unit) => {
      const id = String(unit.properties?.['unit_id']);
      const count = counts.get(id);
      if (!count) return [];
      return [{ ...unit, properties: { unit_id: id, label: label(count) } }];
    }),
  );
}

/** The settlements of which somebody says who holds them, each with who; drawn alike, whoever it is. */
export function heldOf(
  settlements: readonly {
    longitude: number;
    latitude: number;
    holding: string;
    holders: readonly string[];
    possible: readonly string[];
  }[],
  label: (holding: string, ids: readonly string[]) => string,
): GeoJSON.FeatureCollection {
  return collection(
    settlements.flatMap(({ longitude, latitude, holding, holders, possible }) =>
      holding === 'unknown'
        ? []
        : [
            {
              type: 'Feature',
              geometry: { type: 'Point', coordinates: [longitude, latitude] },
              properties: { holding, label: label(holding, holders.length ? holders : possible) },
            },
          ],
    ),
  );
}

/** Where holders face each other, as far as settlements tell. */
export function contactOf(
  pieces: readonly { longitudes: readonly number[]; latitudes: readonly number[]; interpolated: boolean }[],
): GeoJSON.FeatureCollection {
  return collection(
    pieces.map(({ longitudes, latitudes, interpolated }) => ({
      type: 'Feature',
      geometry: { type: 'LineString', coordinates: longitudes.map((x, at) => [x, latitudes[at] ?? 0]) },
      properties: { interpolated },
    })),
  );
}

/** Where nobody could have seen anything. */
export function unseenOf(zones: readonly { nobody?: unknown }[]): GeoJSON.FeatureCollection {
  return collection(
    zones.flatMap(({ nobody }) =>
      nobody ? [{ type: 'Feature', geometry: nobody as GeoJSON.Geometry, properties: {} }] : [],
    ),
  );
}

/** The posts that stood, or may have stood, on the day, as far as their place is known. */
export function postsOf(
  posts: readonly { stood: string; longitude?: number | null; latitude?: number | null }[],
): GeoJSON.FeatureCollection {
  return collection(
    posts.flatMap(({ stood, longitude, latitude }) =>
      stood === 'no' || typeof longitude !== 'number' || typeof latitude !== 'number'
        ? []
        : [{ type: 'Feature', geometry: { type: 'Point', coordinates: [longitude, latitude] }, properties: { stood } }],
    ),
  );
}
