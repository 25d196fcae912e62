/** What each filter offers, and how many incidents it would leave. */

import type { CaseView } from '../api/types';
import type { IncidentTable } from '../incidents/table';
import type { FilterName } from '../state/address';

export interface Choice {
  value: string;
  /** Incidents shown now that it fits; null where the answer at hand does not say. */
  count: number | null;
  /** How deep in its tree. */
  depth: number;
}

type Offered = Pick<CaseView, 'zones' | 'clauses' | 'actors' | 'sources' | 'vocabularies'>;

/** The choices of one filter. What is chosen is offered even where nothing fits it now. */
export function choices(
  kind: FilterName,
  offered: Offered,
  table: Pick<IncidentTable, 'count' | 'status' | 'actsTally'>,
  chosen: readonly string[],
): Choice[] {
  const plain = (values: readonly string[]): Choice[] => values.map((value) => ({ value, count: null, depth: 0 }));
  switch (kind) {
    case 'zone':
      return plain(offered.zones.map((zone) => zone.zone_id));
    case 'clause':
      return plain(offered.clauses.filter((clause) => clause.acts.length).map((clause) => clause.clause_id));
    case 'party':
      return plain(offered.actors.filter((actor) => actor.is_accused).map((actor) => actor.actor_id));
    case 'source':
      return plain(offered.sources.map((source) => source.source_id));
    case 'status':
      return counted(
        offered.vocabularies.statuses,
        tally(table, (row) => table.status(row) ?? ''),
        chosen,
      );
    case 'act': {
      const parents = new Map(offered.vocabularies.acts.map(({ act, parent }) => [act, parent ?? null]));
      const counts = new Map<string, number>();
      for (const [acts, incidents] of table.actsTally())
        for (const act of withAncestors(acts.split(' ').filter(Boolean), parents))
          counts.set(act, (counts.get(act) ?? 0) + incidents);
      return counted([...parents.keys()], counts, chosen);
    }
  }
}

function counted(values: readonly string[], counts: ReadonlyMap<string, number>, chosen: readonly string[]): Choice[] {
  return values
    .filter((value) => counts.has(value) || chosen.includes(value))
    .map((value) => ({ value, count: counts.get(value) ?? 0, depth: 0 }));
}

function tally(table: { count: number }, value: (row: number) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let row = 0; row < table.count; row++) counts.set(value(row), (counts.get(value(row)) ?? 0) + 1);
  return counts;
}

function withAncestors(acts: readonly string[], parents: ReadonlyMap<string, string | null>): Set<string> {
  const all = new Set<string>();
  for (let act of acts) {
    for (let next: string | null | undefined = act; next; next = parents.get(act)) {
      all.add(next);
      act = next;
    }
  }
  return all;
}
