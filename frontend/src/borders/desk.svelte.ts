/**
 * The borders that somebody draws for one area, and what each would change.
 *
 * They are held by this page alone, for as long as it is open: nothing of them is recorded, and what is given to be
 * counted, such as hospitals, goes to the server with each question and stays nowhere.
 */

import { addressOf, tell } from '../api/client';
import { Problem } from '../api/problem';
import type { BordersView, BorderView } from '../api/types';
import { whoIsHere } from '../session.svelte';
import { t } from '../text/language.svelte';
import { collectionOf, namedApart, type Border, type Named } from './shape';

export interface Proposal extends Named {
  readonly key: number;
  /** What it was before each of its changes. */
  readonly before: readonly Border[];
  /** What it was when the hand last let go. */
  readonly settled: Border;
  readonly figures: BorderView | null;
}

const held = new Map<string, BorderDesk>();

/** The desk of an area, as it was left. */
export function deskOf(zone: string): BorderDesk {
  const key = `${whoIsHere()} ${zone}`;
  const found = held.get(key) ?? new BorderDesk(zone);
  held.set(key, found);
  return found;
}

export class BorderDesk {
  proposals = $state.raw<readonly Proposal[]>([]);
  /** Which proposal is edited; null: none is drawn. */
  active = $state<number | null>(null);
  counted = $state.raw<Readonly<Record<string, GeoJSON.GeoJSON>>>({});
  weeks = $state(12);
  /** The border that holds, with what else is counted; null: nothing else is. */
  current = $state.raw<BorderView | null>(null);
  problem = $state.raw<Problem | null>(null);
  comparing = $state(false);

  #last = 0;
  #dirty: 'one' | 'all' | null = null;

  constructor(readonly zone: string) {}

  get chosen(): Proposal | null {
    return this.proposals.find(({ key }) => key === this.active) ?? null;
  }

  /** Add a proposal, and edit it. */
  add(border: Border, name = t('borders.proposal')): void {
    const key = ++this.#last;
    const apart = namedApart(
      name,
      this.proposals.map((one) => one.name),
    );
    this.proposals = [...this.proposals, { key, name: apart, border, before: [], settled: border, figures: null }];
    this.active = key;
    this.compare('one');
  }

  /** Change the proposal that is edited; `settled` is false while a hand still drags. */
  edit(border: Border, settled: boolean): void {
    this.#change(({ before, settled: last }) =>
      settled ? { border, settled: border, before: last === border ? before : [...before, last] } : { border },
    );
    this.compare('one');
  }

  undo(): void {
    this.#change(({ before, border }) => {
      const last = before.at(-1) ?? border;
      return { border: last, settled: last, before: before.slice(0, -1) };
    });
    this.compare('one');
  }

  rename(name: string): void {
    const others = this.proposals.filter(({ key }) => key !== this.active).map((one) => one.name);
    const said = name.trim();
    if (said) this.#change(() => ({ name: namedApart(said, others) }));
  }

  remove(): void {
    const at = this.proposals.findIndex(({ key }) => key === this.active);
    this.proposals = this.proposals.filter((_, other) => other !== at);
    this.active = (this.proposals[at] ?? this.proposals.at(-1))?.key ?? null;
    this.problem = null;
    if (this.proposals.some(({ figures }) => figures === null)) this.compare('all');
  }

  count(kind: string, value: GeoJSON.GeoJSON | null): void {
    const others = Object.entries(this.counted).filter(([other]) => other !== kind);
    this.counted = Object.fromEntries(value ? [...others, [kind, value]] : others);
    this.compare('all');
  }

  /**
   * Ask what the borders would change: of the one that is edited, or of all.
   *
   * One question is under way at a time; the next is asked of what is drawn by then, so that figures follow the hand.
   */
  compare(which: 'one' | 'all'): void {
    this.#dirty = this.#dirty === 'all' ? 'all' : which;
    if (!this.comparing) void this.#ask();
  }

  async #ask(): Promise<void> {
    this.comparing = true;
    while (this.#dirty) {
      const one = this.#dirty === 'one' ? this.chosen : null;
      const asked = one ? [one] : this.proposals;
      this.#dirty = null;
      this.problem = null;
      // Where one of several is wrong, each of the others is still told of.
      if (!(await this.#told(asked)) && asked.length > 1)
        for (const each of asked) if (!this.#dirty) await this.#told([each]);
    }
    this.comparing = false;
  }

  /** Ask of some borders; false where one of them is wrong. */
  async #told(asked: readonly Proposal[]): Promise<boolean> {
    let answer: BordersView | null = null;
    try {
      answer = (await tell(addressOf(`/areas/${encodeURIComponent(this.zone)}/borders`), {
        ...(asked.length ? { drawing: collectionOf(asked) } : {}),
        weeks: this.weeks,
        counted: this.counted,
      })) as BordersView;
      this.current = answer.current;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
    const told = new Map(asked.map(({ key }, at) => [key, answer?.proposals[at] ?? null]));
    this.proposals = this.proposals.map((each) =>
      told.has(each.key) ? { ...each, figures: told.get(each.key) ?? null } : each,
    );
    return answer !== null;
  }

  #change(change: (one: Proposal) => Partial<Proposal>): void {
    this.proposals = this.proposals.map((one) => (one.key === this.active ? { ...one, ...change(one) } : one));
  }
}
