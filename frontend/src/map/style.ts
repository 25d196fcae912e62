/** The map's layers below and above the incidents, as the map library's style. Nothing in it names an address. */

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

export const SOURCES = [
  'base',
  'base-names',
  'zones',
  'zone-names',
  'bands',
  'units',
  'unit-counts',
  'contact',
  'held',
  'unseen',
  'posts',
] as const;
export type SourceName = (typeof SOURCES)[number];

export const UNIT_HATCH = 'unit-hatch';
export const BAND_HATCH = 'band-hatch';
export const POST_FLAG = 'post-flag';
/** Incidents are drawn below this layer. */
export const ABOVE_INCIDENTS = 'land-names';

const FONT = ['Noto Sans'];
const WATER = ['sea', 'lake', 'water'];
const LAND = ['country', 'coast'];
const IS_LINE = ['==', ['geometry-type'], 'LineString'] as const;
const IS_AREA = ['==', ['geometry-type'], 'Polygon'] as const;
const IS_POINT = ['==', ['geometry-type'], 'Point'] as const;

/** The name of a base map's feature in a language, as far as it has one. */
function nameIn(language: string): unknown {
  return ['coalesce', ['get', `name_${language}`], ['get', 'name_en'], ['get', 'name'], ''];
}

/** The layers in drawing order. */
export function layers(palette: Palette, language: string): LayerSpecification[] {
  const label = { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 };
  const all: unknown[] = [
    { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
    {
      id: 'land',
      type: 'fill',
      source: 'base',
      filter: ['all', IS_AREA, ['in', ['get', 'kind'], ['literal', LAND]]],
      paint: { 'fill-color': palette.land },
    },
    {
      id: 'water',
      type: 'fill',
      source: 'base',
      filter: ['all', IS_AREA, ['in', ['get', 'kind'], ['literal', WATER]]],
      paint: { 'fill-color': palette.ground },
    },
    {
      id: 'unit-borders',
      type: 'line',
      source: 'base',
      filter: ['all', IS_AREA, ['!', ['in', ['get', 'kind'], ['literal', [...LAND, ...WATER]]]]],
      paint: { 'line-color': palette.unit, 'line-width': 1 },
    },
    {
      id: 'land-borders',
      type: 'line',
      source: 'base',
      filter: ['all', IS_AREA, ['in', ['get', 'kind'], ['literal', LAND]]],
      paint: { 'line-color': palette.border, 'line-width': 1.2 },
    },
    {
      id: 'rivers',
      type: 'line',
      source: 'base',
      filter: IS_LINE,
      paint: { 'line-color': palette.water, 'line-width': 1.4 },
    },
    { id: 'unit-hatch', type: 'fill', source: 'units', paint: { 'fill-pattern': UNIT_HATCH, 'fill-opacity': 0.4 } },
    { id: 'unit-edges', type: 'line', source: 'units', paint: { 'line-color': palette.hatch, 'line-width': 0.8 } },
    {
      id: 'zone-fill',
      type: 'fill',
      source: 'zones',
      filter: IS_AREA,
      paint: { 'fill-color': palette.zone, 'fill-opacity': 0.22 },
    },
    { id: 'unseen-fill', type: 'fill', source: 'unseen', paint: { 'fill-color': palette.hatch, 'fill-opacity': 0.3 } },
    {
      id: 'unseen-edges',
      type: 'line',
      source: 'unseen',
      paint: { 'line-color': palette.hatch, 'line-width': 1.5, 'line-dasharray': [1, 2] },
    },
    { id: 'band-fill', type: 'fill', source: 'bands', paint: { 'fill-color': palette.band, 'fill-opacity': 0.16 } },
    { id: 'band-hatch', type: 'fill', source: 'bands', paint: { 'fill-pattern': BAND_HATCH, 'fill-opacity': 0.5 } },
    {
      id: 'zone-edges',
      type: 'line',
      source: 'zones',
      paint: {
        'line-color': palette.zoneEdge,
        'line-width': 1.4,
        'line-dasharray': [4, 2],
        // A version of which it is open whether it held that day.
        'line-opacity': ['case', ['==', ['get', 'held'], 'yes'], 1, 0.55],
      },
    },
    {
      id: 'zone-chosen',
      type: 'line',
      source: 'zones',
      filter: ['==', ['get', 'chosen'], true],
      paint: { 'line-color': palette.zoneEdge, 'line-width': 3 },
    },
    {
      id: 'settlements',
      type: 'circle',
      source: 'base',
      filter: IS_POINT,
      paint: { 'circle-radius': 1.8, 'circle-color': palette.label },
    },
    {
      id: 'contact-line',
      type: 'line',
      source: 'contact',
      paint: {
        'line-color': palette.label,
        'line-width': 3,
        'line-dasharray': [0.5, 1],
        'line-opacity': ['case', ['get', 'interpolated'], 0.4, 0.85],
      },
    },
    {
      id: 'held',
      type: 'circle',
      source: 'held',
      paint: {
        'circle-radius': 5,
        'circle-color': ['case', ['==', ['get', 'holding'], 'held'], palette.label, palette.halo],
        'circle-stroke-color': palette.label,
        'circle-stroke-width': 2,
      },
    },
    {
      id: ABOVE_INCIDENTS,
      type: 'symbol',
      source: 'base-names',
      filter: ['!', ['in', ['get', 'kind'], ['literal', WATER]]],
      layout: { 'text-field': nameIn(language), 'text-font': FONT, 'text-size': 11, 'text-letter-spacing': 0.08 },
      paint: { ...label, 'text-opacity': 0.85 },
    },
    {
      id: 'settlement-names',
      type: 'symbol',
      source: 'base',
      filter: IS_POINT,
      layout: {
        'text-field': nameIn(language),
        'text-font': FONT,
        'text-size': 12,
        'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 0.5,
      },
      paint: label,
    },
    {
      id: 'held-names',
      type: 'symbol',
      source: 'held',
      minzoom: 8,
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 11,
        'text-variable-anchor': ['top', 'bottom', 'right', 'left'],
        'text-radial-offset': 0.8,
      },
      paint: label,
    },
    {
      id: 'posts',
      type: 'symbol',
      source: 'posts',
      layout: { 'icon-image': POST_FLAG, 'icon-allow-overlap': true, 'icon-anchor': 'bottom-left', 'icon-size': 0.8 },
      paint: { 'icon-opacity': ['case', ['==', ['get', 'stood'], 'yes'], 1, 0.5] },
    },
    {
      id: 'unit-counts',
      type: 'symbol',
      source: 'unit-counts',
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 15,
        'text-offset': [0, 1.1],
        'text-allow-overlap': true,
      },
      paint: { ...label, 'text-color': palette.hatch, 'text-halo-width': 2.5 },
    },
    {
      id: 'zone-names',
      type: 'symbol',
      source: 'zone-names',
      layout: {
        'text-field': ['get', 'label'],
        'text-font': FONT,
        'text-size': 13,
        'text-max-width': 9,
      },
      paint: { ...label, 'text-color': palette.zoneEdge, 'text-halo-width': 2 },
    },
  ];
  return all as LayerSpecification[];
}

/** The whole style, over sources that are filled as answers come. */
export function style(palette: Palette, language: string): StyleSpecification {
  const empty: GeoJSON.FeatureCollection = { type: 'FeatureCollection', features: [] };
  return {
    version: 8,
    sources: Object.fromEntries(SOURCES.map((name) => [name, { type: 'geojson', data: empty }])),
    layers: layers(palette, language),
  };
}
