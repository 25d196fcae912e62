/** What is shown, read from an address and written to one. Everything a person can set stands in the address. */

export const PAGES = [
  'home',
  'map',
  'incidents',
  'areas',
  'borders',
  'actors',
  'talks',
  'measures',
  'posts',
  'siting',
  'control',
  'obligations',
  'registers',
  'cases',
  'symmetry',
  'notices',
  'submissions',
  'news',
  'accounts',
  'account',
  'sign-in',
] as const;
export type PageName = (typeof PAGES)[number];

export const FILTERS = ['zone', 'clause', 'party', 'status', 'act', 'source'] as const;
export type FilterName = (typeof FILTERS)[number];

/** How far back from the day on the slider incidents are shown; `all` shows the whole record. */
export const SPANS = ['1', '7', '30', '90', 'until', 'all'] as const;
export type Span = (typeof SPANS)[number];

/** What the list beside the map lists: what is drawn as a point, what is known to an area only, what to no place. */
export const LISTS = ['points', 'areas', 'nowhere', 'zones'] as const;
export type ListName = (typeof LISTS)[number];

/** What is asked of a siting. These are choices, and no positions: an address is kept by browsers and servers. */
export const SITING = [
  'plan',
  'posts',
  'see',
  'range',
  'over',
  'grid',
  'line',
  'first',
  'last',
  'ahead',
  'worst',
  'beside',
] as const;
export type SitingAsked = Partial<Record<(typeof SITING)[number], string>>;

export type Theme = 'light' | 'dark';

export interface Camera {
  longitude: number;
  latitude: number;
  zoom: number;
}

export interface View {
  /** `null`: the address leads nowhere. */
  page: PageName | null;
  /** What the page is about, such as one incident; `null` on pages of many. */
  id: string | null;
  /** `null`: as the browser prefers. */
  language: string | null;
  /** `null`: as the system prefers. */
  theme: Theme | null;
  /** The day up to whose end the record is replayed; `null`: all that is known now. */
  knownOn: string | null;
  /** The day on the slider; `null`: the last day of the record. */
  day: string | null;
  span: Span;
  filters: Record<FilterName, string[]>;
  text: string;
  /** The incident open beside the map. */
  incident: string | null;
  camera: Camera | null;
  list: ListName;
  /** The ISO week of a zone's page, such as 2017-W39; `null`: the last one of the record. */
  week: string | null;
  /** The state of the case files listed; `null`: any. */
  state: string | null;
  /** Whether only case files past their due date are listed. */
  overdue: boolean;
  /** Whether the map draws where nobody could have seen. */
  unseen: boolean;
  /** What is opened in a list, such as one account. */
  pick: string | null;
  /** The month of the calendar, such as 2017-10; `null`: the latest in which something falls due. */
  month: string | null;
  /** The position of the ledger since which news are shown; `null`: since the last visit. */
  since: number | null;
  /** What is asked of a siting; what is left out is the plan's. */
  siting: Readonly<SitingAsked>;
  /** From how many kilometres around settlements of which nobody speaks are interpolated; `null`: not at all. */
  reach: number | null;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const POSITION = /^\d{1,12}$/;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
const REACH = /^[1-9]\d?$/;
const WEEK = /^\d{4}-W\d{2}$/;
const LONGEST_CHOICE = 80;
const COORDINATE_DIGITS = 4;
const ZOOM_DIGITS = 2;

/** Whether a text is a day of the calendar, written year-month-day. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** Read an address. What cannot be read is taken as not said, so that an old link still opens. */
export function readAddress(address: string): View {
  const url = new URL(address, 'http://localhost');
  const [first = '', id = null, ...rest] = url.pathname.split('/').filter(Boolean).map(decoded);
  const query = url.searchParams;
  const known = (PAGES as readonly string[]).includes(first) && rest.length === 0;
  const one = <T extends string>(name: string, allowed: readonly T[]): T | null => {
    const value = query.get(name);
    return (allowed as readonly string[]).includes(value ?? '') ? (value as T) : null;
  };
  const day = (name: string): string | null => {
    const value = query.get(name);
    return value !== null && isDay(value) ? value : null;
  };
  const week = query.get('week');
  const month = query.get('month');
  return {
    page: url.pathname === '/' ? 'map' : known ? (first as PageName) : null,
    id,
    language: query.get('lang') || null,
    theme: one('theme', ['light', 'dark'] as const),
    knownOn: day('known'),
    day: day('day'),
    span: one('span', SPANS) ?? 'all',
    filters: Object.fromEntries(FILTERS.map((name) => [name, unique(query.getAll(name))])) as View['filters'],
    text: query.get('text') ?? '',
    incident: query.get('incident') || null,
    camera: readCamera(query.get('at')),
    list: one('list', LISTS) ?? 'points',
    week: week !== null && WEEK.test(week) ? week : null,
    state: query.get('state') || null,
    overdue: query.get('overdue') === 'yes',
    unseen: query.get('unseen') === 'yes',
    pick: query.get('pick') || null,
    month: month !== null && MONTH.test(month) ? month : null,
    since: POSITION.test(query.get('since') ?? '') ? Number(query.get('since')) : null,
    siting: first === 'siting' ? readSiting(query) : {},
    reach: REACH.test(query.get('reach') ?? '') ? Number(query.get('reach')) : null,
  };
}

/** Write the address of a view; what is as by default is left out. */
export function writeAddress(view: View): string {
  const query = new URLSearchParams();
  const set = (name: string, value: string | null): void => {
    if (value) query.set(name, value);
  };
  set('day', view.day);
  set('span', view.span === 'all' ? null : view.span);
  for (const name of FILTERS) for (const value of view.filters[name]) query.append(name, value);
  set('text', view.text);
  set('week', view.week);
  set('state', view.state);
  set('overdue', view.overdue ? 'yes' : null);
  set('unseen', view.unseen ? 'yes' : null);
  set('pick', view.pick);
  set('month', view.month);
  set('since', view.since === null ? null : String(view.since));
  for (const name of SITING) set(name, view.siting[name] ?? null);
  set('reach', view.reach === null ? null : String(view.reach));
  set('list', view.list === 'points' ? null : view.list);
  set('incident', view.incident);
  set('at', view.camera && writeCamera(view.camera));
  set('known', view.knownOn);
  set('lang', view.language);
  set('theme', view.theme);
  const path = [view.page ?? 'map', ...(view.id === null ? [] : [view.id])].map(encodeURIComponent).join('/');
  const text = query.toString();
  return `/${path}${text && `?${text}`}`;
}

/** The view after a change. On another page, what belonged to the one before is dropped. */
export function changed(view: View, changes: Partial<View>): View {
  const next = { ...view, ...changes };
  const moved = next.page !== view.page || next.id !== view.id;
  if (!moved) return next;
  return {
    ...next,
    id: 'id' in changes ? next.id : null,
    incident: changes.incident ?? null,
    week: changes.week ?? null,
    camera: changes.camera ?? null,
    list: changes.list ?? 'points',
    state: changes.state ?? null,
    overdue: changes.overdue ?? false,
    unseen: changes.unseen ?? false,
    pick: changes.pick ?? null,
    month: changes.month ?? null,
    since: changes.since ?? null,
    siting: changes.siting ?? {},
    reach: changes.reach ?? null,
  };
}

/** A view's part that filters, with nothing filtered. */
export function unfiltered(): Pick<View, 'filters' | 'text'> {
  return { filters: { zone: [], clause: [], party: [], status: [], act: [], source: [] }, text: '' };
}

function readSiting(query: URLSearchParams): SitingAsked {
  const asked: SitingAsked = {};
  for (const name of SITING) {
    const value = query.get(name);
    if (value) asked[name] = value.slice(0, LONGEST_CHOICE);
  }
  return asked;
}

function readCamera(text: string | null): Camera | null {
  const parts = (text ?? '').split(',').map(Number);
  const [longitude, latitude, zoom] = parts;
  if (parts.length !== 3 || longitude === undefined || latitude === undefined || zoom === undefined) return null;
  const sound = Math.abs(longitude) <= 180 && Math.abs(latitude) <= 85 && zoom >= 0 && zoom <= 24;
  return sound ? { longitude, latitude, zoom } : null;
}

function writeCamera(camera: Camera): string {
  const short = (value: number, digits: number): string => String(Number(value.toFixed(digits)));
  return [
    short(camera.longitude, COORDINATE_DIGITS),
    short(camera.latitude, COORDINATE_DIGITS),
    short(camera.zoom, ZOOM_DIGITS),
  ].join(',');
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values.filter(Boolean))];
}
