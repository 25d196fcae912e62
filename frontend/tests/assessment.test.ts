import { describe, expect, it } from 'vitest';
import { binned, onRatioScale, ratioEnds } from '../src/assessment/scales';

describe('the scale of ratios', () => {
  it('has twice and half equally far from one', () => {
    expect(onRatioScale(1, 0.25, 4, 100)).toBeCloseTo(50);
    expect(onRatioScale(2, 0.25, 4, 100) - 50).toBeCloseTo(50 - onRatioScale(0.5, 0.25, 4, 100));
  });

  it('keeps what is beyond its ends at its ends', () => {
    expect(onRatioScale(100, 0.25, 4, 100)).toBe(100);
    expect(onRatioScale(0.001, 0.25, 4, 100)).toBe(0);
  });

  it('always holds one, and no more than is asked', () => {
    expect(ratioEnds([], 0.05, 20)).toEqual({ from: 0.45, to: 2.2 });
    expect(ratioEnds([1e-9, 1e9], 0.05, 20)).toEqual({ from: 0.05, to: 20 });
  });
});

describe('the dates', () => {
  it('are each in one bin, and those that fell as much are told apart', () => {
    const bins = binned([0.3, 0.5, 0.5, 1, 3, 99], 0.5, { from: 0.25, to: 4 }, 8);
    expect(bins.reduce((sum, bin) => sum + bin.dates, 0)).toBe(6);
    expect(bins.reduce((sum, bin) => sum + bin.asMuch, 0)).toBe(3);
    expect(bins.at(-1)?.dates).toBe(2);
  });
});
