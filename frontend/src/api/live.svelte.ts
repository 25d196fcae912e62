/** What the server says unasked: that the record has changed, and who else has a case file open. A lost connection is
 * made again, ever more patiently. */

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

/** Somebody else who has the same case file open. */
export interface Present {
  readonly name: string;
  readonly since: string;
}

let changes = $state(0);
let connected = $state(true);
let opened = $state<string | null>(null);
let present = $state.raw<readonly Present[] | null>(null);
let standing: string | null = null;

/** How often the record was heard to change; questions read it, so that they are asked again. */
export function recordChanges(): number {
  return changes;
}

/** Whether news would reach the page. */
export function isConnected(): boolean {
  return connected;
}

/** The case file that is open here; null: none. */
export function openedCaseFile(): string | null {
  return opened;
}

/** Say that a case file is open here, so that others see it. Returns what says that it was closed. */
export function openCaseFile(id: string): () => void {
  opened = id;
  return () => {
    opened = null;
    present = null;
  };
}

/** Who else has the same case file open; null: that was not heard yet. */
export function othersPresent(): readonly Present[] | null {
  return present;
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
    // The first word only says where the record stands: what is shown was asked of that state or a later one.
    if (standing !== null && standing !== event.data) changes += 1;
    standing = event.data;
  };
  const connect = (): void => {
    source = new EventSource(address);
    source.onopen = () => {
      attempt = 0;
      connected = true;
    };
    source.addEventListener('record', heard);
    source.addEventListener('present', (event: MessageEvent<string>) => {
      present = (JSON.parse(event.data) as { people: Present[] }).people;
    });
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
