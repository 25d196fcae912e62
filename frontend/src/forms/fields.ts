/** What a form asks for, as data: what is typed becomes what the server is told. No knowledge of the page. */

export interface Choice {
  readonly value: string;
  readonly label: string;
}

interface Asked {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** What is left empty is left out of what is told. */
  readonly optional?: boolean;
}

export type Field = Asked &
  (
    | { readonly kind: 'line' | 'text' | 'day' | 'moment' | 'file' }
    /** Several ids, one a line. */
    | { readonly kind: 'ids' }
    | { readonly kind: 'secret'; readonly complete: 'current-password' | 'new-password' | 'one-time-code' }
    | { readonly kind: 'account' }
    | { readonly kind: 'number'; readonly least?: number; readonly most?: number }
    | { readonly kind: 'choice' | 'several'; readonly choices: readonly Choice[] }
    | { readonly kind: 'yes' }
    | { readonly kind: 'group'; readonly fields: readonly Field[] }
    | { readonly kind: 'list'; readonly fields: readonly Field[]; readonly more: string; readonly fewer: string }
  );

export type Values = Record<string, unknown>;
/** What is wrong, by the path of the field: its names joined by dots, as the server names them too. */
export type Faults = Readonly<Record<string, string>>;

/** What stands in a form before anybody typed. */
export function blank(fields: readonly Field[]): Values {
  return Object.fromEntries(fields.map((field) => [field.name, blankOf(field)]));
}

function blankOf(field: Field): unknown {
  switch (field.kind) {
    case 'group':
      return blank(field.fields);
    case 'list':
    case 'several':
      return [];
    case 'yes':
      return false;
    case 'file':
      return null;
    default:
      return '';
  }
}

/** What the server is told: empty optional fields are left out. */
export function said(fields: readonly Field[], values: Values): Values {
  const told: Values = {};
  for (const field of fields) {
    const value = saidOf(field, values[field.name]);
    if (value !== undefined) told[field.name] = value;
  }
  return told;
}

function saidOf(field: Field, value: unknown): unknown {
  switch (field.kind) {
    case 'group': {
      const told = said(field.fields, value as Values);
      return field.optional && Object.keys(told).length === 0 ? undefined : told;
    }
    case 'list':
      return (value as Values[]).map((one) => said(field.fields, one));
    case 'ids':
      return lines(value);
    case 'number':
      return isEmpty(value) ? undefined : Number(value);
    case 'secret':
      return value;
    case 'file':
    case 'several':
    case 'yes':
      return value;
    default:
      return isEmpty(value) ? undefined : String(value).trim();
  }
}

function lines(value: unknown): string[] {
  return String(value ?? '')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || String(value).trim() === '';
}

/** Why what stands in a form cannot be told yet. */
export type Reason = 'needed' | 'number' | 'choose';

/** What is wrong before the server is asked, by path. */
export function wrongIn(fields: readonly Field[], values: Values, prefix = ''): Record<string, Reason> {
  const found: Record<string, Reason> = {};
  for (const field of fields) {
    const path = `${prefix}${field.name}`;
    const value = values[field.name];
    if (field.kind === 'group') Object.assign(found, wrongIn(field.fields, value as Values, `${path}.`));
    else if (field.kind === 'list') {
      if (!field.optional && (value as Values[]).length === 0) found[path] = 'needed';
      (value as Values[]).forEach((one, at) => Object.assign(found, wrongIn(field.fields, one, `${path}.${at}.`)));
    } else {
      const reason = wrongWith(field, value);
      if (reason) found[path] = reason;
    }
  }
  return found;
}

function wrongWith(field: Field, value: unknown): Reason | null {
  if (field.kind === 'yes') return null;
  if (field.kind === 'several') return field.optional || (value as string[]).length ? null : 'choose';
  if (isEmpty(value)) return field.optional ? null : field.kind === 'choice' ? 'choose' : 'needed';
  if (field.kind !== 'number') return null;
  const given = Number(value);
  const sound = Number.isFinite(given) && given >= (field.least ?? -Infinity) && given <= (field.most ?? Infinity);
  return sound ? null : 'number';
}

/** Every path of a form as it is filled in. */
export function paths(fields: readonly Field[], values: Values, prefix = ''): string[] {
  return fields.flatMap((field) => {
    const path = `${prefix}${field.name}`;
    if (field.kind === 'group') return [path, ...paths(field.fields, values[field.name] as Values, `${path}.`)];
    if (field.kind === 'list')
      return [
        path,
        ...(values[field.name] as Values[]).flatMap((one, at) => paths(field.fields, one, `${path}.${at}.`)),
      ];
    return [path];
  });
}

/**
 * What the server says is wrong, at the fields that it names; what names none of them is left over.
 *
 * `where` lists fields separated by commas, and `what` has a line for each. The server may set a field into something
 * wider, such as `details.reason`.
 */
export function placed(known: readonly string[], where: string | null, what: string): Record<string, string> | null {
  if (!where) return null;
  const fields = where.split(', ');
  const sentences = what.split('\n');
  const found: Record<string, string> = {};
  for (const [at, field] of fields.entries()) {
    const path = known.find((one) => one === field || field.endsWith(`.${one}`) || one.endsWith(`.${field}`));
    if (path === undefined) return null;
    found[path] = (fields.length === sentences.length ? sentences[at] : what) ?? what;
  }
  return found;
}
