/** The case that is served: its names in the language of the page, its vocabularies, its time zone. */

import { addressOf } from './api/client';
import { question, type Question } from './api/question.svelte';
import type { CaseView, CitedSources } from './api/types';
import { may } from './session.svelte';
import { view } from './state/view.svelte';
import { asWords } from './text/messages';
import { language, t } from './text/language.svelte';

/** The word by which accounts name whom nobody's register holds. */
const CIVILIANS = 'civilians';

type Titles = Readonly<Record<string, string>>;

let record: Question<CaseView> | undefined;
let cited: Question<CitedSources> | undefined;

/** Ask for the case; once, by the component that all others are in. */
export function askForCase(): Question<CaseView> {
  record = question<CaseView>(() =>
    may('read-case') ? addressOf('/case', { as_known_on: may('read-earlier') ? view().knownOn : null }) : null,
  );
  cited = question<CitedSources>(() => (may('read-case') ? addressOf('/sources') : null));
  return record;
}

/** The case; pages are shown only once it is there. */
export function theCase(): CaseView {
  const answer = record?.answer;
  if (!answer) throw new Error('A page was made before the case was there.');
  return answer;
}

/** The case, as far as it is there. */
export function knownCase(): CaseView | null {
  return record?.answer ?? null;
}

/** A text in the language of the page; otherwise in English, otherwise as it is. */
export function inLanguage(titles: Titles | null | undefined): string {
  if (!titles) return '';
  return titles[language()] ?? titles['en'] ?? Object.values(titles)[0] ?? '';
}

/** The language that a text of several is shown in, where it is not the page's own. */
export function languageOf(titles: Titles): string | undefined {
  if (titles[language()]) return undefined;
  return titles['en'] ? 'en' : Object.keys(titles).find((tag) => tag !== 'und');
}

export function caseTitle(): string {
  return inLanguage(record?.answer?.title);
}

export function actorName(id: string | null): string {
  if (id === null || id === '') return t('name.nobody');
  if (id === CIVILIANS) return t('name.civilians');
  const found = theCase().actors.find((actor) => actor.actor_id === id);
  return found ? inLanguage(found.names) : id.replace(/^name:/, '');
}

export function zoneName(id: string): string {
  return inLanguage(theCase().zones.find((zone) => zone.zone_id === id)?.title) || asWords(id);
}

export function clauseName(id: string): string {
  return inLanguage(theCase().clauses.find((clause) => clause.clause_id === id)?.title) || id;
}

export function instrumentName(id: string): string {
  return inLanguage(theCase().instruments.find((instrument) => instrument.instrument_id === id)?.title) || id;
}

export function sourceName(id: string): string {
  return inLanguage(theCase().sources.find((source) => source.source_id === id)?.names) || id;
}

/** What was read, by the title of what its key stands for. */
export function citedTitle(key: string): string {
  return cited?.answer?.sources.find((source) => source.key === key)?.title ?? key;
}
