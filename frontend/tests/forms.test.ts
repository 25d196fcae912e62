import { describe, expect, it } from 'vitest';
import { blank, paths, placed, said, wrongIn, type Field } from '../src/forms/fields';

const FIELDS: Field[] = [
  { kind: 'line', name: 'title', label: 'Title' },
  { kind: 'line', name: 'place', label: 'Place', optional: true },
  { kind: 'number', name: 'people', label: 'People', least: 1, most: 9 },
  { kind: 'choice', name: 'access', label: 'Access', choices: [{ value: 'full', label: 'Full' }] },
  { kind: 'several', name: 'accused', label: 'Accused', choices: [], optional: true },
  { kind: 'ids', name: 'parties', label: 'Parties', optional: true },
  { kind: 'group', name: 'fact', label: 'Fact', fields: [{ kind: 'text', name: 'reasons', label: 'Reasons' }] },
  {
    kind: 'list',
    name: 'offers',
    label: 'Offers',
    more: '+',
    fewer: '-',
    fields: [
      { kind: 'line', name: 'party', label: 'Party' },
      { kind: 'day', name: 'until_day', label: 'Until', optional: true },
    ],
  },
];

describe('a form', () => {
  it('says what is needed, each at its field', () => {
    expect(wrongIn(FIELDS, blank(FIELDS))).toEqual({
      title: 'needed',
      people: 'needed',
      access: 'choose',
      'fact.reasons': 'needed',
      offers: 'needed',
    });
  });

  it.each(['0', '10', 'many'])('takes %s for no number of one to nine', (people) => {
    expect(wrongIn(FIELDS, { ...blank(FIELDS), people })['people']).toBe('number');
  });

  it('tells the server what was typed, and leaves out what was not', () => {
    const typed = {
      ...blank(FIELDS),
      title: ' Shots ',
      people: '3',
      access: 'full',
      parties: 'a\n b, c\n',
      fact: { reasons: 'Seen.' },
      offers: [{ party: 'a', until_day: '' }],
    };
    expect(wrongIn(FIELDS, typed)).toEqual({});
    expect(said(FIELDS, typed)).toEqual({
      title: 'Shots',
      people: 3,
      access: 'full',
      accused: [],
      parties: ['a', 'b', 'c'],
      fact: { reasons: 'Seen.' },
      offers: [{ party: 'a' }],
    });
  });

  it('never touches a password', () => {
    const fields: Field[] = [{ kind: 'secret', name: 'password', label: 'P', complete: 'current-password' }];
    expect(said(fields, { password: '  two  blanks ' })).toEqual({ password: '  two  blanks ' });
  });
});

describe('what the server says is wrong', () => {
  const known = paths(FIELDS, { ...blank(FIELDS), offers: [{ party: '', until_day: '' }] });

  it('stands at its field, also where the server sets it into something wider', () => {
    expect(placed(known, 'details.fact.reasons', 'Empty.')).toEqual({ 'fact.reasons': 'Empty.' });
    expect(placed(known, 'offers.0.until_day', 'Too early.')).toEqual({ 'offers.0.until_day': 'Too early.' });
  });

  it('stands at every field, a line for each', () => {
    expect(placed(known, 'title, people', 'Empty.\nNot a number.')).toEqual({
      title: 'Empty.',
      people: 'Not a number.',
    });
  });

  it.each([null, 'elsewhere', 'title, elsewhere'])('stands under the form where it names %s', (where) => {
    expect(placed(known, where, 'Wrong.')).toBeNull();
  });
});
