import { describe, expect, it } from 'vitest';
import { addressOf } from '../src/api/client';
import { Problem } from '../src/api/problem';
import { choices, countAddress } from '../src/filters/choices';
import { readAddress } from '../src/state/address';

describe('the address of a question', () => {
  it('leaves out what is not asked, and repeats what is asked of several', () => {
    expect(addressOf('/incidents', { zone: ['a', 'b'], text: '', day: null, limit: 1 })).toBe(
      '/api/v1/incidents?zone=a&zone=b&limit=1',
    );
  });

  it('carries any text whole', () => {
    const text = 'a&b=c d#“ق”';
    expect(new URL(addressOf('/incidents', { text }), 'http://localhost').searchParams.get('text')).toBe(text);
  });
});

describe('a problem', () => {
  it('is what the server says', () => {
    const problem = Problem.ofBody(404, { title: 'Not Found', what: 'a', why: null, do: 'b', where: 'c' });
    expect([problem.what, problem.why, problem.remedy, problem.where]).toEqual(['a', '', 'b', 'c']);
  });

  it.each([
    [0, true],
    [429, true],
    [503, true],
    [400, false],
    [401, false],
    [404, false],
    [409, false],
  ])('with %i passes by itself: %s', (status, passes) => {
    expect(new Problem(status, '', '', '', '').passes).toBe(passes);
  });

  it.each([null, 'text', 7, [], { what: 7 }])('of %j is one without words, and no failure', (body) => {
    expect(Problem.ofBody(500, body).what).toBe('');
  });
});

describe('a filter', () => {
  const offered = {
    zones: [{ zone_id: 'z', kind: 'zone', title: {} }],
    clauses: [
      { clause_id: 'acts', acts: ['shelling'] },
      { clause_id: 'defines', acts: [] },
    ],
    actors: [
      { actor_id: 'accused', is_accused: true },
      { actor_id: 'other', is_accused: false },
    ],
    sources: [{ source_id: 's' }],
    vocabularies: { statuses: ['contested'], acts: [{ act: 'shelling', parent: 'armed-force' }] },
  } as unknown as Parameters<typeof choices>[1];

  it('offers what incidents can be chosen by', () => {
    expect(choices('clause', offered)).toEqual(['acts']);
    expect(choices('party', offered)).toEqual(['accused']);
    expect(choices('status', offered)).toEqual(['contested']);
  });

  it('counts a value under the other filters, not beside its own', () => {
    const view = readAddress('/map?zone=a&status=x&text=t&known=2017-01-01');
    expect(countAddress(view, 'status', 'contested')).toBe(
      '/api/v1/incidents?zone=a&status=contested&text=t&as_known_on=2017-01-01&limit=1',
    );
  });
});
