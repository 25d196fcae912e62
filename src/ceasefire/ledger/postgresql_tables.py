# ruff: noqa: S608 - the statements are made of these modules' own words
"""The ledger's tables in PostgreSQL: one definition, by which they are made and by which an audit knows them again.

Whoever owns a table can change it in the end; so can whoever runs the server. The guards stop accidents and every
other role, the hashes show what was done all the same, and a root that was noted elsewhere shows a rewriting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ceasefire.ledger.store import FORMAT

SCHEMA = "ceasefire_ledger"
CHANNEL = "ceasefire_ledger"
"""On which the size is told after each commit."""
TITLE = "ceasefire ledger, format "
"""Begins the schema's comment; the format's number follows."""

_COLUMNS = {
    "entries": {
        "position": "bigint",
        "recorded_at": "bigint",
        "clock_behind": "bigint",
        "author": "text",
        "kind": "text",
        "payload": "text",
        "leaf_hash": "bytea",
    },
    "nodes": {"level": "integer", "node": "bigint", "hash": "bytea"},
}
_KEYS = {"entries": '"position"', "nodes": "level, node"}
_FUNCTIONS = {
    "refuse_change": """
BEGIN
  RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
END""",
    "refuse_disorder": f"""
DECLARE
  last_position bigint;
  last_instant bigint;
BEGIN
  SELECT e.position, e.recorded_at INTO last_position, last_instant
    FROM {SCHEMA}.entries e ORDER BY e.position DESC LIMIT 1;
  IF NEW.position <> coalesce(last_position, 0) + 1 OR NEW.recorded_at <= last_instant THEN
    RAISE EXCEPTION 'the ledger is append-only: an entry goes after the last one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END""",
    "tell_size": f"""
BEGIN
  PERFORM pg_notify('{CHANNEL}', (SELECT max(e.position)::text FROM {SCHEMA}.entries e));
  RETURN NULL;
END""",
}
_FUNCTION_SETTING = "search_path=pg_catalog, pg_temp"
_TRIGGERS = {
    "entries_in_order": ("entries", "BEFORE INSERT", "ROW", "refuse_disorder"),
    "entries_told": ("entries", "AFTER INSERT", "STATEMENT", "tell_size"),
    **{
        f"{table}_no_{verb.lower()}": (table, f"BEFORE {verb}", "STATEMENT", "refuse_change")
        for table in _COLUMNS
        for verb in ("UPDATE", "DELETE", "TRUNCATE")
    },
}

# What the catalogue says of everything in the schema, one row a thing: (name, definition). `relpersistence` must be p:
# an unlogged table is emptied by a crash. Row security and children would hide rows or add them. Rules are asked for
# with their text, which begins otherwise than any of ours. NOT NULL stands with the columns; newer servers also list
# it among the constraints.
CATALOGUE = f"""
SELECT c.relname, concat_ws(' ', c.relkind, c.relpersistence,
    CASE WHEN c.relrowsecurity OR c.relforcerowsecurity THEN 'with row security' END,
    CASE WHEN EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)) THEN 'with children' END,
    (SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'NOT NULL' END, CASE WHEN a.atthasdef THEN 'with default' END), ', '
        ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  FROM pg_class c WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind <> 'i'
UNION ALL
SELECT t.tgname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
  WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT p.proname, concat_ws(' ', l.lanname, array_to_string(p.proconfig, ' '), p.prosrc)
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE p.pronamespace = '{SCHEMA}'::regnamespace
UNION ALL
SELECT k.conname, pg_get_constraintdef(k.oid)
  FROM pg_constraint k WHERE k.connamespace = '{SCHEMA}'::regnamespace AND k.contype <> 'n'
UNION ALL
SELECT c.relname, pg_get_indexdef(c.oid)
  FROM pg_class c WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind = 'i'
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)
UNION ALL
SELECT r.rulename, pg_get_ruledef(r.oid)
  FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
  WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND r.rulename <> '_RETURN'
"""

# Who may do more than read and append. The owner keeps the right to make triggers, without which nobody could.
RIGHTS = f"""
SELECT DISTINCT c.relname, coalesce(r.rolname, 'public'), a.privilege_type
  FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
  LEFT JOIN pg_roles r ON r.oid = a.grantee
  WHERE c.relnamespace = '{SCHEMA}'::regnamespace AND c.relkind = 'r'
  AND (a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
    OR (a.privilege_type = 'TRIGGER' AND a.grantee <> c.relowner))
  ORDER BY 1, 2, 3
"""


def statements() -> Iterator[str]:
    """Yield what makes the ledger in a database."""
    yield f"CREATE SCHEMA {SCHEMA}"
    yield f"COMMENT ON SCHEMA {SCHEMA} IS '{TITLE}{FORMAT}'"
    for table, columns in _COLUMNS.items():
        listed = ", ".join(f"{name} {kind} NOT NULL" for name, kind in columns.items())
        yield f"CREATE TABLE {SCHEMA}.{table} ({listed}, PRIMARY KEY ({_KEYS[table]}))"
        yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {SCHEMA}.{table} FROM CURRENT_USER"
    for name, body in _FUNCTIONS.items():
        yield (
            f"CREATE FUNCTION {SCHEMA}.{name}() RETURNS trigger LANGUAGE plpgsql "
            f"SET {_FUNCTION_SETTING} AS $body${body}$body$"
        )
    for name, (table, *_) in _TRIGGERS.items():
        yield _trigger(name)
        # ALWAYS: also in a session that calls itself a replica, which passes over ordinary triggers.
        yield f"ALTER TABLE {SCHEMA}.{table} ENABLE ALWAYS TRIGGER {name}"


def expected() -> frozenset[tuple[str, str]]:
    """Return what `CATALOGUE` gives where nobody has changed anything."""
    tables = {
        (table, "r p " + ", ".join(f"{name} {kind} NOT NULL" for name, kind in columns.items()))
        for table, columns in _COLUMNS.items()
    }
    keys = {(f"{table}_pkey", f"PRIMARY KEY ({key})") for table, key in _KEYS.items()}
    functions = {(name, f"plpgsql {_FUNCTION_SETTING} {body}") for name, body in _FUNCTIONS.items()}
    triggers = {(name, f"{_trigger(name)} A") for name in _TRIGGERS}
    return frozenset(tables | keys | functions | triggers)


def faults_of(found: Iterable[tuple[str, str]], rights: Iterable[tuple[str, str, str]]) -> tuple[tuple[str, ...], bool]:
    """Compare what `CATALOGUE` and `RIGHTS` gave with what was made.

    Returns
    -------
    tuple of str
        One sentence a difference.
    bool
        Whether both tables still have their columns, so that they can be read.
    """
    have, made = set(found), expected()
    missing, strange = {name for name, _ in made - have}, {name for name, _ in have - made}
    faults = []
    for name in sorted(missing | strange):
        if name not in strange:
            faults.append(f'the guard or table "{name}" is missing: someone may have edited.')
        elif name not in missing:
            faults.append(f'there is something the ledger does not know: "{name}".')
        else:
            faults.append(f'the guard or table "{name}" is not as it was made.')
    faults += [f'the role "{role}" was given the right of {right} on "{table}".' for table, role, right in rights]
    return tuple(faults), not missing & _COLUMNS.keys()


def _trigger(name: str) -> str:
    table, when, each, function = _TRIGGERS[name]
    return f"CREATE TRIGGER {name} {when} ON {SCHEMA}.{table} FOR EACH {each} EXECUTE FUNCTION {SCHEMA}.{function}()"
