import { describe, expect, it } from 'vitest';
import { nearly } from '../src/text/shares';

describe('a share in whole per cent', () => {
  it.each([0.0001, 0.0049])('of %d is not said to be none', (share) => {
    expect(nearly(share)).toBe('none');
  });

  it.each([0.995, 0.9999])('of %d is not said to be all', (share) => {
    expect(nearly(share)).toBe('all');
  });

  it.each([0, 0.005, 0.36, 0.994, 1])('of %d is rounded', (share) => {
    expect(nearly(share)).toBeNull();
  });
});
