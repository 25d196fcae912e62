/** What the server says unasked: that the record has grown. A lost connection is made again, ever more patiently. */

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

let position = $state<number | null>(null);
let connected = $state(true);

/** The record's length as last heard; questions read it, so that a growing record is asked again. */
export function recordPosition(): number | null {
  return position;
}

/** Whether news would reach the page. */
export function isConnected(): boolean {
  return connected;
}

/** How long to wait before the next try to connect, in milliseconds. */
export function waitBefore(attempt: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
}

/** Listen to the server. Returns what stops it. */
export function listen(address = '/api/v1/events'): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let stopped = false;

  const heard = (event: MessageEvent<string>): void => {
    const said = Number((JSON.parse(event.data) as { position?: unknown }).position);
    if (Number.isFinite(said)) position = said;
  };
  const connect = (): void => {
    source = new EventSource(address);
    source.onopen = () => {
      attempt = 0;
      connected = true;
    };
    source.onmessage = heard;
    source.addEventListener('position', heard);
    source.onerror = () => {
      connected = false;
      source?.close();
      if (!stopped) timer = setTimeout(connect, waitBefore(attempt++));
    };
  };
  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    source?.close();
  };
}
