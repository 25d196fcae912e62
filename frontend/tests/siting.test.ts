import { describe, expect, it } from 'vitest';
import { askedOf, isWhole, planOf, questionOf } from '../src/siting/asked';
import { boxOf, curvePath, curveX, notCrowded, radiusOnPlane, risesOf } from '../src/siting/drawn';
import type { ChoicesTold, PlanTold } from '../src/siting/told';
import { changed, readAddress, writeAddress } from '../src/state/address';

const plan = (plan_id: string): PlanTold => ({
  plan_id,
  title: { en: plan_id },
  posts: 5,
  range_km: 6,
  zone_id: null,
  line_id: null,
  candidates: 9,
  patrols: 0,
  withheld: [],
});
const choices = (...plans: PlanTold[]): ChoicesTold => ({
  position: 1,
  plans,
  objectives: ['events'],
  operators: [],
  most_posts: 60,
  most_weeks_ahead: 8,
  withheld: [],
});

describe('what is asked of a siting', () => {
  it('stands in the address of its page, and of no other', () => {
    const address = '/siting?posts=12&see=line&over=idlib&grid=5&first=2017-01-01&beside=turkey';
    const view = readAddress(address);
    expect(writeAddress(view)).toBe('/siting?posts=12&see=line&over=idlib&grid=5&first=2017-01-01&beside=turkey');
    expect(changed(view, { page: 'posts' }).siting).toEqual({});
    expect(readAddress('/map?posts=12').siting).toEqual({});
  });

  it('is sent as numbers and days; what cannot be read is left to the plan', () => {
    expect(
      questionOf({
        posts: '12',
        range: '7.5',
        grid: '5',
        over: 'z',
        line: 'l',
        first: '2017-01-01',
        last: '2017-02-30',
      }),
    ).toEqual({
      objective: 'events',
      posts: 12,
      range_km: 7.5,
      grid_km: 5,
      zone: 'z',
      line: 'l',
      first_day: '2017-01-01',
    });
    expect(questionOf({ ahead: '4', worst: '0.2' })).toEqual({
      objective: 'events',
      from_outlook: 4,
      worst_share: 0.2,
    });
    expect(questionOf({ ahead: '4.5', worst: '2' })).toEqual({ objective: 'events' });
    expect(questionOf({ posts: '1.5', range: '-3', grid: 'five', see: 'people' })).toEqual({ objective: 'people' });
  });

  it('never holds with whose posts it is compared', () => {
    expect(questionOf({ beside: 'turkey' })).toEqual({ objective: 'events' });
  });

  it('is what a form says, without what is empty', () => {
    const said = {
      plan: '',
      posts: '3',
      see: 'events',
      range: null,
      over: '',
      grid: '',
      line: '',
      first: '',
      last: '',
      ahead: '',
      worst: '',
    };
    expect(askedOf({ ...said, beside: null })).toEqual({ posts: '3', see: 'events' });
  });

  it('is under the only plan of a case, and under none of several unless it is named', () => {
    const [one, two] = [plan('one'), plan('two')];
    expect(planOf(choices(one), {})).toBe(one);
    expect(planOf(choices(one, two), {})).toBeNull();
    expect(planOf(choices(one, two), { plan: 'two' })).toBe(two);
    expect(planOf(choices(one), { plan: 'gone' })).toBeNull();
  });

  it('is whole under a plan, or when it says what a plan would', () => {
    expect(isWhole(choices(plan('one')), {})).toBe(true);
    expect(isWhole(choices(), {})).toBe(false);
    expect(isWhole(choices(), { posts: '3', range: '10' })).toBe(false);
    expect(isWhole(choices(), { posts: '3', range: '10', grid: '5', over: 'z' })).toBe(true);
  });
});

describe('a siting as it is drawn', () => {
  it('draws ranges larger towards the poles, as the plane does', () => {
    expect(radiusOnPlane([30, 0], 10)).toBeCloseTo(10);
    expect(radiusOnPlane([30, 60], 10)).toBeCloseTo(20);
    expect(radiusOnPlane([30, -60], 10)).toBeCloseTo(20);
  });

  it('holds every place and what is seen from it', () => {
    const box = boxOf([
      { at: [36, 35], km: 10 },
      { at: [37, 35], km: 0 },
    ]);
    const radius = radiusOnPlane([36, 35], 10);
    expect(box?.x).toBeLessThan(36 * 111.2 - radius);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeGreaterThan(37 * 111.2);
    expect(boxOf([])).toBeNull();
  });

  it('leaves out names that run into one written before', () => {
    const names = [0, 1, 5].map((x) => ({ of: String(x), x, y: 0 }));
    expect(notCrowded(names, { x: 2, y: 1 }).map((each) => each.of)).toEqual(['0', '5']);
  });

  it('tells what each post adds, and nothing where one fewer was not asked', () => {
    const steps = [
      { posts: 1, share: 0.4, gap: 0 },
      { posts: 2, share: 0.7, gap: 0 },
      { posts: 5, share: 0.9, gap: 0.1 },
    ];
    expect(risesOf(steps).map((each) => each.more)).toEqual([0.4, expect.closeTo(0.3), null]);
    expect(risesOf(steps.slice(1)).map((each) => each.more)).toEqual([null, null]);
  });

  it('draws the curve from one post to the most', () => {
    expect(curveX(1, 5)).toBe(0);
    expect(curveX(5, 5)).toBe(1);
    expect(curveX(1, 1)).toBe(0.5);
    expect(
      curvePath(
        [
          { posts: 1, share: 0.25 },
          { posts: 3, share: 1 },
        ],
        3,
      ),
    ).toBe('M0 0.75L1 0');
  });
});
