/** The one view that the page shows, kept equal to the address. */

import { changed, readAddress, writeAddress, type View } from './address';

let current = $state.raw<View>(readAddress(location.href));

/** What is shown now. Reading it in a component or an effect follows its changes. */
export function view(): View {
  return current;
}

/** The address of the view after a change, for links. */
export function linkTo(changes: Partial<View>): string {
  return writeAddress(changed(current, changes));
}

/**
 * Change what is shown.
 *
 * `replace` keeps the step out of the browser's history: for sliders and moves of the map, where every step would be
 * one press of the back button.
 */
export function show(changes: Partial<View>, { replace = false } = {}): void {
  const next = changed(current, changes);
  const address = writeAddress(next);
  if (address !== location.pathname + location.search) {
    if (replace) history.replaceState(null, '', address);
    else history.pushState(null, '', address);
  }
  current = next;
}

/** Follow the browser's own buttons, and links within the page. Returns what undoes it. */
export function followAddress(): () => void {
  const back = (): void => {
    current = readAddress(location.href);
  };
  const click = (event: MouseEvent): void => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest('a[href]');
    if (!(link instanceof HTMLAnchorElement) || link.target || link.hasAttribute('download')) return;
    const url = new URL(link.href);
    if (url.origin !== location.origin || url.pathname.startsWith('/api/') || url.hash) return;
    event.preventDefault();
    history.pushState(null, '', url);
    current = readAddress(url.href);
  };
  addEventListener('popstate', back);
  document.addEventListener('click', click);
  return () => {
    removeEventListener('popstate', back);
    document.removeEventListener('click', click);
  };
}
