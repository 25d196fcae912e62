import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asWords, chooseLanguage, places, written, type Messages } from '../src/text/messages';

const FOLDER = join(import.meta.dirname, '../src/languages');
const SOURCES = join(import.meta.dirname, '../src');
const languages = Object.fromEntries(
  readdirSync(FOLDER).map((file) => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Messages,
  ]),
);
const english = languages['en'] ?? {};
const others = Object.entries(languages).filter(([code]) => code !== 'en');

/** Languages that every change keeps whole; what others lack is said in English, and counted here. */
const WHOLE = ['en', 'ar'];

describe.each(Object.entries(languages))('messages in %s', (code, messages) => {
  it('have no key that English lacks', () => {
    expect(Object.keys(messages).filter((key) => !(key in english))).toEqual([]);
  });

  it('have every key of English, or are counted', () => {
    const missing = Object.keys(english).filter((key) => !(key in messages));
    // eslint-disable-next-line no-console -- a language that falls behind is to be seen
    if (missing.length) console.info(`${code}: ${String(missing.length)} messages are said in English`, missing);
    if (WHOLE.includes(code)) expect(missing).toEqual([]);
    else expect(missing.length).toBeLessThan(Object.keys(english).length / 10);
  });

  it('say in which direction they are written', () => {
    expect(['ltr', 'rtl']).toContain(messages['_direction']);
  });

  it('are never empty', () => {
    for (const [key, message] of Object.entries(messages))
      for (const text of typeof message === 'string' ? [message] : Object.values(message))
        expect(text.trim(), key).not.toBe('');
  });

  it('have every plural form that the language counts with', () => {
    const needed = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const [key, message] of Object.entries(messages))
      if (typeof message !== 'string') expect(Object.keys(message), key).toEqual(expect.arrayContaining(needed));
  });
});

describe.each(others)('messages in %s beside English', (_, messages) => {
  it('take the same values', () => {
    const valuesOf = (said: Messages): Record<string, string[]> =>
      Object.fromEntries(
        Object.entries(said).map(([key, message]) => [key, places(message).filter((name) => name !== 'count')]),
      );
    const wanted = valuesOf(english);
    for (const [key, values] of Object.entries(valuesOf(messages))) expect(values, key).toEqual(wanted[key]);
  });

  it('have plural forms where English has', () => {
    for (const [key, message] of Object.entries(messages)) expect(typeof message, key).toBe(typeof english[key]);
  });
});

describe('texts of the page', () => {
  const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(svelte|ts)$/.test(file) && !file.endsWith('schema.d.ts'))
    .map((file) => ({ file, text: readFileSync(join(SOURCES, file), 'utf8') }));

  it('stand in the languages, not between the tags', () => {
    for (const { file, text } of sources.filter((source) => source.file.endsWith('.svelte'))) {
      const markup = text
        .replace(/<script[\s\S]*?<\/script>/g, '')
        .replace(/<style[\s\S]*?<\/style>/g, '')
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '')
        .replace(/=>/g, '');
      const between = [...markup.matchAll(/>([^<>]*)</g)].map((match) => match[1] ?? '');
      expect(
        between.filter((said) => /\p{L}{2,}/u.test(said)),
        file,
      ).toEqual([]);
    }
  });

  it('are all used', () => {
    const all = sources.map((source) => source.text).join('\n');
    const unused = Object.keys(english).filter((key) => {
      const [family = ''] = key.split('.');
      const isUsed = all.includes(`'${key}'`) || all.includes(`word('${family}'`) || all.includes(`\`${family}.`);
      return key !== '_direction' && !isUsed;
    });
    expect(unused).toEqual([]);
  });
});

describe('a message', () => {
  const strip = (text: string): string => text.replaceAll(/[\u2068\u2069]/g, '');

  it('sets texts apart, so that their direction does not turn the sentence round', () => {
    expect(written('to {name}', 'en', { name: 'حماة' })).toBe('to \u2068حماة\u2069');
  });

  it('writes numbers as the language does', () => {
    expect(written('{n}', 'en', { n: 12345 })).toBe('12,345');
    expect(written('{n}', 'de', { n: 12345 })).toBe('12.345');
  });

  it.each([
    [1, 'one'],
    [2, 'two'],
    [3, 'few'],
    [11, 'many'],
    [100, 'other'],
  ])('chooses the form of %i in Arabic', (count, form) => {
    const forms = { zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other' };
    expect(written(forms, 'ar', { count })).toBe(form);
  });

  it.each([
    ['ru', 1, 'one'],
    ['ru', 3, 'few'],
    ['ru', 11, 'many'],
    ['ru', 21, 'one'],
    ['ru', 1.5, 'other'],
    ['tr', 1, 'one'],
    ['tr', 7, 'other'],
    ['fa', 0, 'one'],
    ['fa', 2, 'other'],
  ])('chooses the form in %s of %d', (code, count, form) => {
    const forms = { one: 'one', few: 'few', many: 'many', other: 'other' };
    expect(written(forms, code, { count })).toBe(form);
  });

  it('in a language of other digits is written with these', () => {
    expect(strip(written('{n}', 'fa', { n: 1234 }))).toBe('۱٬۲۳۴');
  });

  it('takes values as text, never as a message', () => {
    expect(strip(written('{a}', 'en', { a: '{b}', b: 'x' }))).toBe('{b}');
  });
});

describe('a language', () => {
  it.each([
    [['ar-SY', 'en'], 'ar'],
    [['fr', 'ar'], 'ar'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('is chosen from %j', (preferred, chosen) => {
    expect(chooseLanguage(preferred, ['en', 'ar'])).toBe(chosen);
  });
});

describe('an identifier', () => {
  it('reads as words', () => {
    expect(asWords('air-strike_heavy')).toBe('Air strike heavy');
  });
});
