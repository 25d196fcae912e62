/** Which pages there are for whom: a page whose question nobody may ask does not exist for them. */

import type { PageName } from '../state/address';

/** The operation that the server must allow for a page; null: anyone may open it. */
export const NEEDS: Readonly<Record<PageName, string | null>> = {
  home: 'read-home',
  map: 'read-incidents',
  incidents: 'read-incident',
  areas: 'read-areas',
  borders: 'compare-borders',
  actors: 'read-actors',
  talks: 'read-talks',
  measures: 'read-measures',
  posts: 'read-posts',
  siting: 'site-posts',
  control: 'read-control',
  obligations: 'read-obligations',
  registers: 'read-case',
  cases: 'read-case-files',
  symmetry: 'read-symmetry',
  notices: 'read-case-files',
  submissions: 'read-submissions',
  news: 'read-news',
  accounts: 'read-accounts',
  account: null,
  'sign-in': null,
};

/** Pages that say nothing of the case: they are there for those who read no content, too. */
export const WITHOUT_CASE: readonly PageName[] = ['accounts', 'account', 'sign-in'];

/** Pages in the header, in groups: a group of several has a name, and its pages in a second row once one of them is open. */
export const GROUPS: readonly {
  readonly name: 'agreement' | 'ground' | 'casework' | null;
  readonly pages: readonly [PageName, ...PageName[]];
}[] = [
  { name: null, pages: ['home'] },
  { name: null, pages: ['map'] },
  { name: 'agreement', pages: ['areas', 'obligations', 'measures', 'talks', 'actors'] },
  { name: 'ground', pages: ['control', 'posts'] },
  { name: 'casework', pages: ['cases', 'submissions', 'registers', 'symmetry', 'notices'] },
  { name: null, pages: ['news'] },
  { name: null, pages: ['accounts'] },
];

/** Pages that belong to one in the header: it is marked as the one on show. */
export const UNDER: Readonly<Partial<Record<PageName, PageName>>> = {
  incidents: 'map',
  borders: 'areas',
  siting: 'posts',
};
