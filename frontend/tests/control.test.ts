import { expect, test } from 'vitest';
import { countInWords } from '../src/control/words.svelte';

const plain = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

test('a count of which one end is said leaves the other open', () => {
  expect(plain(countInWords({ low: null, best: null, high: 31 }))).toBe('at most 31');
  expect(plain(countInWords({ low: 31, best: null, high: null }))).toBe('at least 31');
  expect(plain(countInWords({ low: null, best: 31, high: null }))).toBe('31');
  expect(plain(countInWords({ low: 25, best: 31, high: 40 }))).toBe('25 to 40');
});
