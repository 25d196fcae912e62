import { describe, expect, it } from 'vitest';
import { weekOf, weeksAfter } from '../src/state/weeks';
import { axisOf, drawn } from '../src/timeline/ties';

describe('weeks', () => {
  it.each([
    ['2017-09-18', '2017-W38'],
    ['2017-09-24', '2017-W38'],
    ['2017-01-01', '2016-W52'],
    ['2018-12-31', '2019-W01'],
    ['2020-12-31', '2020-W53'],
    ['2021-01-03', '2020-W53'],
  ])('%s lies in %s', (day, week) => expect(weekOf(day)).toBe(week));

  it('before and after are seven days away', () => {
    expect(weeksAfter('2020-02-26', 1)).toBe('2020-03-04');
    expect(weeksAfter('2021-01-01', -1)).toBe('2020-12-25');
  });
});

describe('ties over time', () => {
  const tie = (
    valid_from: string | null,
    valid_until: string | null,
  ): { valid_from: string | null; valid_until: string | null } => ({
    valid_from,
    valid_until,
  });

  it('lie within the axis, which holds every date and the record', () => {
    const ties = [tie('2015-03-01', '2016-03-01'), tie('2016-06-01', null), tie(null, '2015-06-01')];
    const axis = axisOf(ties, ['2017-01-01', '2018-01-01']);
    const laid = drawn(ties, axis);
    for (const one of laid) {
      expect(one.from).toBeGreaterThanOrEqual(0);
      expect(one.until).toBeLessThanOrEqual(1);
      expect(one.from).toBeLessThan(one.until);
    }
    expect(axis.years.map(({ year }) => year)).toEqual([2015, 2016, 2017, 2018]);
  });

  it('run open to the edge where no date is on record', () => {
    const ties = [tie(null, null)];
    expect(drawn(ties, axisOf(ties, ['2017-01-01', null]))).toMatchObject([
      { from: 0, until: 1, openFrom: true, openUntil: true },
    ]);
  });

  it('have an axis of at least a year, whatever is dated', () => {
    const axis = axisOf([tie('2017-05-04', '2017-05-05')], []);
    expect(axis.last - axis.first).toBeGreaterThanOrEqual(365);
    expect(axisOf([], []).last).toBeGreaterThan(axisOf([], []).first);
  });

  it('stand in the order in which they began', () => {
    const ties = [tie('2017-01-01', null), tie(null, null), tie('2016-01-01', null)];
    expect(drawn(ties, axisOf(ties, [])).map((one) => one.tie.valid_from)).toEqual([null, '2016-01-01', '2017-01-01']);
  });
});
