import { Table, tableToIPC, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { barWidth, bars, bounds } from '../src/incidents/counting';
import { dayNumber, dayOf, IncidentTable, UNDATED, UNLIMITED } from '../src/incidents/table';

/** As the server writes it: nulls where nothing is known. */
function table(): IncidentTable {
  const held = new Table({
    incident_id: vectorFromArray(['a', 'b', 'c', 'd']),
    first_day: vectorFromArray([10, 12, null, 20].map((day) => (day === null ? null : new Date(day * 86_400_000)))),
    last_day: vectorFromArray([10, 15, null, 20].map((day) => (day === null ? null : new Date(day * 86_400_000)))),
    precision_class: vectorFromArray(['point', 'area', 'unknown', 'point']),
    longitude: vectorFromArray([1.5, null, null, 2.5]),
    latitude: vectorFromArray([3, null, null, 4]),
    radius_km: vectorFromArray([0.5, null, null, 25]),
    status: vectorFromArray(['alleged-violation', 'contested', 'undetermined', 'not-checked']),
    killed_best: vectorFromArray([3, null, 0, 7]),
  });
  return new IncidentTable(tableToIPC(held, 'stream'));
}

describe('incidents as columns', () => {
  it('keep what is not known apart from zero', () => {
    const rows = table();
    expect(rows.deaths(0)).toBe(3);
    expect(rows.deaths(1)).toBeNaN();
    expect(rows.deaths(2)).toBe(0);
    expect(rows.longitude(1)).toBeNaN();
    expect(rows.firstDay(2)).toBe(UNDATED);
    expect(rows.title(0)).toBeNull();
  });

  it('tell local days as the server counted them', () => {
    const rows = table();
    expect([rows.firstDay(1), rows.lastDay(1)]).toEqual([12, 15]);
    expect(rows.extent()).toEqual({ first: 10, last: 20 });
  });

  it('find the row of an id', () => {
    expect(table().rowOf('c')).toBe(2);
    expect(table().rowOf('z')).toBeNull();
  });

  it('are none where nothing was answered yet', () => {
    const none = new IncidentTable(new Uint8Array());
    expect(none.count).toBe(0);
    expect(none.extent()).toBeNull();
  });
});

describe('bounds', () => {
  it('count alleged as the least, contested and undetermined with them as the most', () => {
    expect(bounds(table(), UNLIMITED.first, UNLIMITED.last)).toEqual({ lower: 1, upper: 3, all: 4 });
  });

  it('count what may have happened within a window, and nothing without a date', () => {
    expect(bounds(table(), 13, 19)).toEqual({ lower: 0, upper: 1, all: 1 });
    expect(bounds(table(), 0, 1000)).toEqual({ lower: 1, upper: 2, all: 3 });
  });
});

describe('bars', () => {
  it('count every dated incident once, and cover every day', () => {
    const made = bars(table(), 10, 20, 7);
    expect(made.map(({ first, last, all }) => [first, last, all])).toEqual([
      [10, 16, 2],
      [17, 20, 1],
    ]);
  });

  it.each([
    [0, 90, 1],
    [0, 365, 7],
    [0, 3650, 91],
    [0, 100_000, 834],
  ])('from %i to %i are %i days wide', (first, last, width) => expect(barWidth(first, last)).toBe(width));
});

describe('a day as a number', () => {
  it.each(['1970-01-01', '2017-03-26', '2024-02-29'])('%s comes back', (day) =>
    expect(dayOf(dayNumber(day))).toBe(day),
  );
});
