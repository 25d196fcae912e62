/** The page's colours as the map needs them: read from the style variables, so that the map follows the theme. */

import type { Colour, Look } from './incident_layer';
import { GROUPS } from './symbols';

export interface Palette {
  ground: string;
  land: string;
  border: string;
  unit: string;
  water: string;
  label: string;
  halo: string;
  zone: string;
  zoneEdge: string;
  band: string;
  hatch: string;
}

/** Read the colours that hold on an element. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ground: of('--map-ground'),
    land: of('--map-land'),
    border: of('--map-border'),
    unit: of('--map-unit'),
    water: of('--map-water'),
    label: of('--map-label'),
    halo: of('--map-halo'),
    zone: of('--map-zone'),
    zoneEdge: of('--map-zone-edge'),
    band: of('--map-band'),
    hatch: of('--status-outside'),
  };
}

/** Read the colours of the incidents. */
export function readLook(element: Element): Look {
  const style = getComputedStyle(element);
  const of = (name: string): Colour => channels(style.getPropertyValue(name));
  return {
    groups: GROUPS.map((group) => of(`--status-${group}`)),
    halo: of('--map-halo'),
    selected: of('--focus'),
  };
}

/** The channels of a colour written with six hexadecimal digits, each from 0 to 1. */
export function channels(text: string): Colour {
  const value = Number.parseInt(text.trim().replace('#', ''), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** A tile of parallel lines, for areas that are known but not closer. `rising`: from bottom left to top right. */
export function hatch(colour: string, { rising = true, step = 8, width = 1.25 } = {}): ImageData {
  const [red, green, blue] = channels(colour);
  const tile = new ImageData(step * 2, step * 2);
  for (let y = 0; y < tile.height; y++)
    for (let x = 0; x < tile.width; x++) {
      const along = rising ? x + y : x - y + tile.height;
      const away = Math.min(along % step, step - (along % step)) / Math.SQRT2;
      const alpha = Math.max(0, Math.min(1, width - away + 0.5));
      tile.data.set([red * 255, green * 255, blue * 255, alpha * 255], (y * tile.width + x) * 4);
    }
  return tile;
}

/** A flag on its staff, for posts: no mark of an incident has this shape. */
export function flag(colour: string, halo: string): ImageData {
  const size = 36;
  const context = new OffscreenCanvas(size, size).getContext('2d');
  if (!context) return new ImageData(size, size);
  context.translate(6, 4);
  context.beginPath();
  context.moveTo(0, 30);
  context.lineTo(0, 0);
  context.lineTo(20, 7);
  context.lineTo(0, 14);
  context.lineJoin = 'round';
  context.lineWidth = 8;
  context.strokeStyle = halo;
  context.stroke();
  context.lineWidth = 3;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.stroke();
  context.fill();
  return context.getImageData(0, 0, size, size);
}
