/** Messages in one language: choosing the plural form and setting values in. No knowledge of the page. */

import type english from '../languages/en.json';

export type Key = Exclude<keyof typeof english, '_direction'>;
export type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Messages = Record<string, Message>;
export type Values = Record<string, string | number>;

// Invisible signs around a value set into a sentence, so that its own direction does not turn the sentence round.
const ISOLATE = '\u2068';
const POP_ISOLATE = '\u2069';
const PLACE = /\{(\w+)\}/g;

/** The names of the values that a message takes. */
export function places(message: Message): string[] {
  const texts = typeof message === 'string' ? [message] : Object.values(message);
  return [...new Set(texts.flatMap((text) => [...text.matchAll(PLACE)].map((match) => match[1] ?? '')))].sort();
}

/** Write a message with its values; `count` chooses among plural forms. */
export function written(message: Message, language: string, values: Values = {}): string {
  const text = typeof message === 'string' ? message : pluralForm(message, language, Number(values['count'] ?? 0));
  const numbers = new Intl.NumberFormat(language);
  return text.replace(PLACE, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : `${ISOLATE}${value}${POP_ISOLATE}`;
  });
}

function pluralForm(forms: Exclude<Message, string>, language: string, count: number): string {
  return forms[new Intl.PluralRules(language).select(count)] ?? forms.other ?? '';
}

/** An identifier as words, for vocabularies that a case adds to: no message can know them. */
export function asWords(identifier: string): string {
  const words = identifier.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The first language of `preferred` that there is, by its main part; otherwise English. */
export function chooseLanguage(preferred: readonly string[], available: readonly string[]): string {
  const main = (tag: string): string => tag.toLowerCase().split('-')[0] ?? '';
  for (const tag of preferred) {
    const found = available.find((one) => one === tag) ?? available.find((one) => main(one) === main(tag));
    if (found) return found;
  }
  return 'en';
}
