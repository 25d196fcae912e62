/** The language of the page. A file more in `languages/` is a language more. */

import english from '../languages/en.json';
import { view } from '../state/view.svelte';
import { asWords, chooseLanguage, written, type Key, type Messages, type Values } from './messages';

const files = import.meta.glob<Messages>(['../languages/*.json', '!../languages/en.json'], { import: 'default' });
const codeOf = (path: string): string => path.replace(/^.*\/(.+)\.json$/, '$1');

/** The languages there are, as codes, English first. */
export const LANGUAGES: readonly string[] = ['en', ...Object.keys(files).map(codeOf).sort()];

interface Loaded {
  code: string;
  messages: Messages;
}

const ENGLISH: Loaded = { code: 'en', messages: english };
let loaded = $state.raw<Loaded>(ENGLISH);

/** The language that the address or the browser asks for. */
export function wantedLanguage(): string {
  const asked = view().language;
  return chooseLanguage(asked ? [asked, ...navigator.languages] : navigator.languages, LANGUAGES);
}

/** Load a language's messages, then turn the page into it. */
export async function useLanguage(code: string): Promise<void> {
  const file = Object.entries(files).find(([path]) => codeOf(path) === code)?.[1];
  loaded = file ? { code, messages: await file() } : ENGLISH;
  document.documentElement.lang = loaded.code;
  document.documentElement.dir = direction();
}

/** The code of the language on the page. */
export function language(): string {
  return loaded.code;
}

/** The writing direction of the language on the page. */
export function direction(): 'ltr' | 'rtl' {
  return loaded.messages['_direction'] === 'rtl' ? 'rtl' : 'ltr';
}

/** A language's name in itself. */
export function ownName(code: string): string {
  return new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code;
}

/** A message in the language of the page. */
export function t(key: Key, values?: Values): string {
  return written(loaded.messages[key] ?? english[key], loaded.code, values);
}

/** A word of a vocabulary; one that only the case knows is written as its identifier reads. */
export function word(vocabulary: string, identifier: string): string {
  const key = `${vocabulary}.${identifier}`;
  const message = loaded.messages[key] ?? (english as Messages)[key];
  return typeof message === 'string' ? message : asWords(identifier);
}
