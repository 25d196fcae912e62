/** Light or dark: as the address says, otherwise as the system prefers. */

import { view } from '../state/view.svelte';
import type { Theme } from '../state/address';

const preference = matchMedia('(prefers-color-scheme: dark)');
let systemDark = $state(preference.matches);
preference.addEventListener('change', (event) => (systemDark = event.matches));

export function theme(): Theme {
  return view().theme ?? (systemDark ? 'dark' : 'light');
}
