/** Questions over incidents, from what the address says. */

import { addressOf, type Query, type Reader } from '../api/client';
import { FILTERS, type View } from '../state/address';
import { IncidentTable } from './table';

/** Reads the server's columns. */
export const columns: Reader<IncidentTable> = {
  media: 'application/vnd.apache.arrow.stream',
  read: async (response) => new IncidentTable(new Uint8Array(await response.arrayBuffer())),
};

/** The address of all incidents that the view's filters choose, whatever their day: the slider needs them all. */
export function incidentsAddress(view: View): string {
  return addressOf('/incidents', { ...filtersOf(view), format: 'arrow' });
}

/** The address that counts them, and what the filters cannot decide on. */
export function countsAddress(view: View): string {
  return addressOf('/incidents', { ...filtersOf(view), limit: 1 });
}

function filtersOf(view: View): Query {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, view.filters[name]]));
  return { ...filters, text: view.text, as_known_on: view.knownOn };
}
