/** A question that a component has, and the answer so far. */

import { ask, json, type Reader } from './client';
import { language } from '../text/language.svelte';
import { whoIsHere } from '../session.svelte';
import { recordChanges } from './live.svelte';
import { Problem, UNREACHABLE } from './problem';

export interface Question<T> {
  /** The latest answer; an earlier one stays until the next has come, and beside a problem that passes. */
  readonly answer: T | null;
  readonly problem: Problem | null;
  readonly pending: boolean;
  again(): void;
}

/**
 * Ask, and ask again whenever the address changes or the record grows.
 *
 * Call it while a component is made. `address` returns `null` where there is nothing to ask.
 */
export function question<T>(address: () => string | null, reader: Reader<unknown> = json): Question<T> {
  let answer = $state.raw<T | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let pending = $state(false);
  let times = $state(0);

  // Whatever else changes on the page, the same question is not asked twice.
  const wanted = $derived(address());
  let asker = '';
  let answered: string | null = null;

  $effect(() => {
    const asked = wanted;
    // What was told to somebody else is not shown until the answer comes.
    if (asker !== whoIsHere()) answer = null;
    asker = whoIsHere();
    void times;
    void recordChanges();
    void language();
    if (asked === null) {
      answer = problem = null;
      pending = false;
      return;
    }
    const abort = new AbortController();
    pending = true;
    ask(asked, reader, abort.signal)
      .then((said) => {
        answer = said as T;
        answered = asked;
        problem = null;
        pending = false;
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        problem = error instanceof Problem ? error : new Problem(UNREACHABLE, '', String(error), '', '');
        // What somebody types on the page, or was told once, is not taken away for a moment without network.
        if (!problem.passes || asked !== answered) answer = null;
        pending = false;
      });
    return () => abort.abort();
  });

  return {
    get answer() {
      return answer;
    },
    get problem() {
      return problem;
    },
    get pending() {
      return pending;
    },
    again() {
      times += 1;
    },
  };
}
