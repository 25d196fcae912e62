/** What each filter offers, and the question that counts what each choice would leave. */

import { addressOf } from '../api/client';
import type { CaseView } from '../api/types';
import { FILTERS, type FilterName, type View } from '../state/address';

type Offered = Pick<CaseView, 'zones' | 'clauses' | 'actors' | 'sources' | 'vocabularies'>;

/** The values of one filter, in the order of the case. */
export function choices(kind: FilterName, offered: Offered): string[] {
  switch (kind) {
    case 'zone':
      return offered.zones.map((zone) => zone.zone_id);
    case 'clause':
      return offered.clauses.filter((clause) => clause.acts.length).map((clause) => clause.clause_id);
    case 'party':
      return offered.actors.filter((actor) => actor.is_accused).map((actor) => actor.actor_id);
    case 'source':
      return offered.sources.map((source) => source.source_id);
    case 'status':
      return [...offered.vocabularies.statuses];
    case 'act':
      return offered.vocabularies.acts.map(({ act }) => act);
  }
}

/** The address that counts the incidents of one value, under all other filters and in the whole record. */
export function countAddress(
  view: Pick<View, 'filters' | 'text' | 'knownOn'>,
  kind: FilterName,
  value: string,
): string {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, name === kind ? [value] : view.filters[name]]));
  return addressOf('/incidents', { ...filters, text: view.text, as_known_on: view.knownOn, limit: 1 });
}
