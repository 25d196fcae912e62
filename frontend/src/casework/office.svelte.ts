/** One case file at work: as it is told, and telling the server what is done to it. */

import { addressOf, tell } from '../api/client';
import { question, type Question } from '../api/question.svelte';
import { may } from '../session.svelte';
import { view } from '../state/view.svelte';
import { t } from '../text/language.svelte';
import { announce } from '../ui/announce.svelte';
import type { CaseFile, Rules } from './told';

export interface Office {
  /** The file, as it was last told. */
  readonly of: CaseFile;
  readonly rules: Rules;
  /** Whether the file is shown as it was, so that nothing can be done to it. */
  readonly isReplay: boolean;
  mayAdd(kind: string): boolean;
  /** Tell the server something about the file; the file is told anew by the answer. */
  send(path: string, said: object): Promise<void>;
}

/** The path of a case file in the API. */
export function pathOf(id: string, rest = ''): string {
  return `/case-files/${encodeURIComponent(id)}${rest && `/${rest}`}`;
}

/** Ask for a case file, or for what is below it. */
export function caseFileQuestion<T>(id: () => string, rest = ''): Question<T> {
  return question<T>(() => addressOf(pathOf(id(), rest), { as_known_on: may('read-earlier') ? view().knownOn : null }));
}

/** What can be done with a file that was told. `renew` asks for it again. */
export function officeOf(of: () => CaseFile, rules: () => Rules, renew: () => void): Office {
  return {
    get of() {
      return of();
    },
    get rules() {
      return rules();
    },
    get isReplay() {
      return view().knownOn !== null;
    },
    mayAdd(kind) {
      return of().may_add.includes(kind) && view().knownOn === null;
    },
    async send(path, said) {
      await tell(addressOf(pathOf(of().row.id, path)), said);
      announce(t('case.recorded'));
      renew();
    },
  };
}
