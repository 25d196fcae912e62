import { describe, expect, it } from 'vitest';
import { changed, isDay, readAddress, unfiltered, writeAddress, type View } from '../src/state/address';

const FULL: View = {
  page: 'map',
  id: null,
  language: 'ar',
  theme: 'dark',
  knownOn: '2017-10-04',
  day: '2017-09-19',
  span: '7',
  filters: {
    zone: ['north', 'east & west'],
    clause: ['4.2'],
    party: ['name:حراس?'],
    status: ['contested', 'alleged-violation'],
    act: ['air-strike'],
    source: ['S1'],
  },
  text: 'a+b &c=“ق”',
  incident: 'inc-0a1b',
  camera: { longitude: 36.1234, latitude: -35.5, zoom: 8.25 },
  list: 'nowhere',
  week: '2017-W39',
  state: 'assigned',
  overdue: true,
  unseen: true,
  pick: 'amal.h',
  month: '2017-10',
  since: 12,
  siting: {},
  reach: 10,
};

describe('the address of a view', () => {
  it('holds all of it, through writing and reading', () => {
    expect(readAddress(writeAddress(FULL))).toEqual(FULL);
  });

  it('survives a second round unchanged', () => {
    const address = writeAddress(FULL);
    expect(writeAddress(readAddress(address))).toBe(address);
  });

  it('is bare where all is as by default', () => {
    expect(writeAddress(readAddress('/'))).toBe('/map');
  });

  it.each([
    ['/actors/name%3Aa%2Fb', 'actors', 'name:a/b'],
    ['/incidents/inc-1', 'incidents', 'inc-1'],
    ['/areas', 'areas', null],
  ])('leads %s to its page', (address, page, id) => {
    expect(readAddress(address)).toMatchObject({ page, id });
    expect(writeAddress(readAddress(address))).toBe(address);
  });

  it.each(['/nothing', '/map/a/b', '/map/%E0%A4%A'])('does not fail on %s', (address) => {
    expect(() => readAddress(address)).not.toThrow();
  });

  it('has no page for a path that is none', () => {
    expect(readAddress('/nothing').page).toBeNull();
    expect(readAddress('/map/a/b').page).toBeNull();
  });

  it.each([
    ['day', '2017-02-30'],
    ['day', 'today'],
    ['known', '2017-13-01'],
    ['span', '8'],
    ['theme', 'blue'],
    ['at', '1,2'],
    ['at', '1,NaN,3'],
    ['at', '181,2,3'],
    ['list', 'all'],
    ['week', '2017-39'],
  ])('takes %s=%s as not said', (name, value) => {
    expect(readAddress(`/map?${name}=${value}`)).toEqual(readAddress('/map'));
  });

  it('takes a value that is said twice as said once', () => {
    expect(readAddress('/map?zone=a&zone=a&zone=').filters.zone).toEqual(['a']);
  });
});

describe('a change', () => {
  it('keeps filters, language and time on the way to another page, and drops what is open', () => {
    const next = changed(FULL, { page: 'actors', id: null });
    expect(next).toMatchObject({ filters: FULL.filters, language: 'ar', day: FULL.day, incident: null, camera: null });
  });

  it('leaves the id behind with its page', () => {
    const opened = changed(FULL, { page: 'actors', id: 'a' });
    expect(changed(opened, { page: 'talks' }).id).toBeNull();
  });

  it('on one page touches nothing else', () => {
    expect(changed(FULL, { text: '' })).toEqual({ ...FULL, text: '' });
  });

  it('can take all filters away', () => {
    expect(changed(FULL, unfiltered()).filters).toEqual(readAddress('/map').filters);
  });
});

describe('a day', () => {
  it.each(['2017-09-19', '2016-02-29'])('%s is one', (text) => expect(isDay(text)).toBe(true));
  it.each(['2017-02-29', '2017-9-1', '', '2017-09-19T00:00'])('"%s" is none', (text) =>
    expect(isDay(text)).toBe(false),
  );
});
