import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { labelPoint } from '../src/map/label_point';
import { layOut, NEAR, placesWithin, rowsAt, STRIDE, TOLL_UNKNOWN, type MarkRows } from '../src/map/marks';
import { mercatorPerKm, mercatorX, mercatorY } from '../src/map/mercator';
import { groupOf, GROUPS, radiusOf, type Group } from '../src/map/symbols';
import { waitBefore } from '../src/api/live.svelte';

interface Row {
  at: [number, number];
  group: Group;
  days: [number, number];
  deaths?: number;
  radius?: number;
}

function rows(held: Row[]): MarkRows {
  const one = (row: number): Row => held[row] as Row;
  return {
    count: held.length,
    longitude: (row) => one(row).at[0],
    latitude: (row) => one(row).at[1],
    radiusKm: (row) => one(row).radius ?? 1,
    isNear: (row) => (one(row).radius ?? 1) > 5,
    group: (row) => one(row).group,
    deaths: (row) => one(row).deaths ?? NaN,
    firstDay: (row) => one(row).days[0],
    lastDay: (row) => one(row).days[1],
  };
}

const ALWAYS = { first: -1e9, last: 1e9 };
const HELD = rows([
  { at: [10, 10], group: 'alleged', days: [100, 100], deaths: 4 },
  { at: [10, 10], group: 'outside', days: [100, 103] },
  { at: [NaN, NaN], group: 'contested', days: [100, 100] },
  { at: [20, 10], group: 'contested', days: [110, 110], radius: 25 },
]);

describe('marks', () => {
  const marks = layOut(HELD);

  it('are drawn for places that are points, and for no others', () => {
    expect([...marks.rows].sort()).toEqual([0, 1, 3]);
  });

  it('lie on top of one another in the order of what matters most', () => {
    expect([...marks.rows]).toEqual([1, 3, 0]);
  });

  it('carry days to which the window is compared exactly', () => {
    const place = [...marks.rows].indexOf(3);
    expect((marks.values[place * STRIDE + 4] ?? 0) + marks.firstDay).toBe(110);
  });

  it('say what is wide and what is not known', () => {
    const flags = [...marks.rows].map((_, at) => marks.values[at * STRIDE + 7]);
    expect(flags).toEqual([TOLL_UNKNOWN, NEAR + TOLL_UNKNOWN, 0]);
  });

  it('are found under a pointer, nearest first, within the window only', () => {
    const [x, y] = [mercatorX(10), mercatorY(10)];
    expect(rowsAt(marks, ALWAYS, x, y, 512, 1).sort()).toEqual([0, 1]);
    expect(rowsAt(marks, { first: 102, last: 105 }, x, y, 512, 1)).toEqual([1]);
    expect(rowsAt(marks, ALWAYS, mercatorX(15), y, 51_200, 1)).toEqual([]);
  });

  it('are found in a box, topmost first', () => {
    const box = { west: mercatorX(5), east: mercatorX(15), north: mercatorY(20), south: mercatorY(0) };
    expect(placesWithin(marks, ALWAYS, box).map((place) => marks.rows[place])).toEqual([0, 1]);
  });

  it('lay out a hundred thousand without delay that is felt', () => {
    const many = rows(
      Array.from({ length: 100_000 }, (_, at) => ({
        at: [(at % 360) - 180, (at % 120) - 60] as [number, number],
        group: GROUPS[at % GROUPS.length] as Group,
        days: [at % 1000, at % 1000] as [number, number],
      })),
    );
    expect(layOut(many).rows.length).toBe(100_000);
  });
});

describe('a mark', () => {
  it('grows with deaths in area, from a smallest to a largest size', () => {
    expect(radiusOf(NaN)).toBe(radiusOf(0));
    expect(radiusOf(4)).toBeGreaterThan(radiusOf(1));
    expect(radiusOf(1e6)).toBe(radiusOf(1e7));
  });

  it.each([
    ['alleged-violation', 'alleged'],
    ['contested', 'contested'],
    ['exempt-target', 'excepted'],
    ['not-bound', 'outside'],
    ['not-checked', 'outside'],
    [null, 'outside'],
  ])('of status %s is of group %s', (status, group) => expect(groupOf(status)).toBe(group));
});

describe('the projection', () => {
  it('is the square that the map library draws in', () => {
    expect([mercatorX(-180), mercatorX(180), mercatorY(0)]).toEqual([0, 1, 0.5]);
    expect(mercatorY(85.051_128_779_8)).toBeCloseTo(0, 9);
  });

  it('stretches a kilometre away from the equator', () => {
    expect(mercatorPerKm(60) / mercatorPerKm(0)).toBeCloseTo(2, 9);
  });
});

describe('the name of an area', () => {
  const square = (x: number, y: number, side: number): number[][] => [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ];

  it('stands in its largest part', () => {
    const point = labelPoint({ type: 'MultiPolygon', coordinates: [[square(0, 0, 1)], [square(10, 10, 4)]] });
    expect(point?.coordinates).toEqual([12, 12]);
  });

  it('stands beside a hole, not in it', () => {
    const point = labelPoint({ type: 'Polygon', coordinates: [square(0, 0, 10), square(3, 3, 4)] });
    expect(point?.coordinates[0]).toBeLessThan(3);
  });

  it('is of no line', () => {
    expect(labelPoint({ type: 'LineString', coordinates: [[0, 0]] })).toBeNull();
  });
});

describe('the map library', () => {
  it('is known to src/map alone', () => {
    const folder = join(import.meta.dirname, '../src');
    const knowing = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|svelte|css)$/.test(file))
      .filter((file) =>
        /from 'maplibre-gl|import 'maplibre-gl|import\('maplibre-gl/.test(readFileSync(join(folder, file), 'utf8')),
      );
    expect(knowing.every((file) => file.startsWith('map/'))).toBe(true);
    expect(knowing.length).toBeGreaterThan(0);
  });
});

describe('a lost connection', () => {
  it('is tried again ever more patiently, up to a minute', () => {
    expect([0, 1, 2, 10].map(waitBefore)).toEqual([1000, 2000, 4000, 60_000]);
  });
});
