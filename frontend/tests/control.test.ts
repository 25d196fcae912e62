import { expect, it } from 'vitest';
import { endsOf } from '../src/control/counts';

it.each([
  [
    { low: null, best: null, high: 31 },
    { least: null, most: 31 },
  ],
  [
    { low: 31, best: null, high: null },
    { least: 31, most: null },
  ],
  [
    { low: null, best: 31, high: null },
    { least: 31, most: 31 },
  ],
  [
    { low: 25, best: 31, high: 40 },
    { least: 25, most: 40 },
  ],
])('a count of which one end is said leaves the other open', (count, ends) => {
  expect(endsOf(count)).toEqual(ends);
});
