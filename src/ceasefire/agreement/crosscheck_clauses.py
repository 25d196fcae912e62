"""What clauses, readings, adherence and evidence say fits together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ceasefire.agreement.files import CaseFiles, Entry
from ceasefire.agreement.records import (
    Adherence,
    Clause,
    Deadline,
    Evidence,
    Instrument,
    Interpretation,
)
from ceasefire.model.errors import Fault
from ceasefire.model.schema_faults import listed, suggestion

SOFTWARE = "software"
"""Author of a reading that nobody but this program holds."""


def check_agreements(files: CaseFiles) -> list[Fault]:
    """Return the faults of instruments, clauses, readings, adherence and evidence."""
    clauses = {entry.id: entry.record for entry in files.of("clause", Clause)}
    readings = files.of("interpretation", Interpretation)
    read_acts = {entry.record.clause for entry in readings if entry.record.acts}
    if "interpretation" in files.incomplete:
        read_acts |= set(clauses)
    faults = list(_relations(files.of("instrument", Instrument)))
    for clause in files.of("clause", Clause):
        faults += _texts(clause)
        faults += _kind(clause, read_acts)
        faults += _deadline(clause)
    for reading in readings:
        faults += _reading(reading, clauses, files)
    for adherence in files.of("adherence", Adherence):
        faults += _adherence(adherence, clauses)
    for evidence in files.of("evidence", Evidence):
        faults += _evidence(evidence, clauses)
    return faults


def _relations(instruments: list[Entry[Instrument]]) -> Iterator[Fault]:
    """No instrument stands in a relation to itself, directly or around a circle."""
    # parallel is mutual, so a circle of it says nothing wrong
    ties: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for entry in instruments:
        for relation in entry.record.relations:
            if relation.type != "parallel":
                ties[relation.type][entry.id].append(relation.instrument)
    told: set[tuple[str, frozenset[str]]] = set()
    for entry in instruments:
        for i, relation in enumerate(entry.record.relations):
            if relation.instrument == entry.id:
                yield entry.fault(
                    ("relations", i, "instrument"),
                    f"{entry.label} {relation.type} itself.",
                    "An instrument has relations to others only.",
                    "Name the other instrument, or remove the relation.",
                )
                continue
            circle = circle_through(ties[relation.type], entry.id, relation.instrument)
            if circle and (relation.type, frozenset(circle)) not in told:
                told.add((relation.type, frozenset(circle)))
                yield entry.fault(
                    ("relations", i, "instrument"),
                    f"{entry.label} {relation.type} itself in a circle: {' > '.join(circle)}.",
                    "Which of them prevails could not be said.",
                    "Remove the relation that is wrong.",
                )


def circle_through(ties: dict[str, list[str]], start: str, first: str) -> list[str]:
    """Return the shortest way from `start` over `first` back to `start`, or nothing."""
    ways, seen = [[start, first]], {first}
    while ways:
        way = ways.pop(0)
        for following in ties.get(way[-1], ()):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return []


def _texts(clause: Entry[Clause]) -> Iterator[Fault]:
    texts = [text.id for text in clause.record.texts]
    if clause.record.prevails is not None and clause.record.prevails not in texts:
        yield _no_such_text(clause, ("prevails",), clause.record.prevails, "says that text", " prevails", texts)
    for i, divergence in enumerate(clause.record.divergences):
        for j, text in enumerate(divergence.texts):
            if text not in texts:
                yield _no_such_text(
                    clause, ("divergences", i, "texts", j), text, "records a divergence of text", "", texts
                )
        if divergence.texts[0] == divergence.texts[1]:
            yield clause.fault(
                ("divergences", i, "texts"),
                f'{clause.label} records a divergence of text "{divergence.texts[0]}" from itself.',
                "A divergence lies between two texts.",
                "Name the other text.",
            )


def _no_such_text(
    clause: Entry[Clause], at: tuple[str | int, ...], text: str, says: str, then: str, texts: list[str]
) -> Fault:
    return clause.fault(
        at,
        f'{clause.label} {says} "{text}"{then}, and it has no text of that id.',
        "Which words count could not be said.",
        f"{suggestion(text, texts)}Name one of its texts: {listed(texts)}.",
    )


def _kind(clause: Entry[Clause], read_acts: set[str]) -> Iterator[Fault]:
    """Duties belong to what requires, acts to what prohibits."""
    record = clause.record
    if record.kind == "requires" and record.duty is None:
        yield clause.fault(
            (),
            f"{clause.label} requires something and has no duty.",
            "Without what, and by when, no obligation can be followed.",
            "Add `duty:` with `what:` and, unless it is continuous, `deadline:`.",
        )
    if record.kind != "requires" and record.duty is not None:
        yield clause.fault(
            ("duty",),
            f'{clause.label} has a duty, and its kind is "{record.kind}".',
            "Only a clause that requires something yields obligations; the duty would be silently ignored.",
            "Write `kind: requires`, or move the duty into a clause of its own.",
        )
    if record.kind != "prohibits" and record.acts:
        yield clause.fault(
            ("acts",),
            f'{clause.label} names acts, and its kind is "{record.kind}".',
            "Incidents are checked against prohibitions only; the acts would be silently ignored.",
            "Write `kind: prohibits`, or remove the acts.",
        )
    if record.kind == "prohibits" and not record.acts and clause.id not in read_acts:
        yield clause.fault(
            (),
            f"{clause.label} prohibits no act, and no interpretation says which acts fall under it.",
            "No incident could ever be found to touch it.",
            "Add `acts:`, or an interpretation with `acts:`.",
        )


def _deadline(clause: Entry[Clause]) -> Iterator[Fault]:
    duty = clause.record.duty
    deadline: Deadline | None = duty.deadline if duty else None
    if duty is None or deadline is None:
        return
    if duty.every_days is not None:
        yield clause.fault(
            ("duty", "every_days"),
            f"{clause.label} is due by a deadline and again every {duty.every_days} days.",
            "A duty is done once, by a deadline, or period by period; the periods would be silently ignored.",
            "Remove one of the two, or write two clauses.",
        )
    relative = deadline.days is not None or deadline.after is not None
    if deadline.at and relative:
        what = "a date, and days after something"
    elif not deadline.at and deadline.days is None and deadline.after is not None:
        what = f'after "{deadline.after}", and not how many days'
    elif not deadline.at and deadline.after is None and deadline.days is not None:
        what = f"{deadline.days} days, and not after what"
    elif not deadline.at and not relative:
        what = "neither a date nor days after something"
    else:
        return
    yield clause.fault(
        ("duty", "deadline"),
        f"{clause.label} is due: {what}.",
        "When it is due could not be said.",
        "Give either `at:`, or `days:` and `after:` (0 days for the same day).",
    )


def _reading(entry: Entry[Interpretation], clauses: dict[str, Clause], files: CaseFiles) -> Iterator[Fault]:
    record = entry.record
    yield from _reading_author(entry, files)
    if record.valid_from is None and record.authority != "software-default":
        yield entry.fault(
            (),
            f"{entry.label} has no valid_from.",
            "A reading is never retroactive unless it says so, so its first day must be known.",
            "Add `valid_from:`; only a software default holds from the beginning.",
        )
    says = (record.acts, record.bearers, record.not_bearers or None, record.exempt, record.civilians, record.definition)
    if all(part is None for part in says):
        yield entry.fault(
            (),
            f"{entry.label} reads nothing into its clause.",
            "A reading must say which acts, bearers, exemptions or definition it means.",
            "Add acts, bearers, not_bearers, exempt, civilians or definition.",
        )
    both = sorted(set(record.bearers or ()) & set(record.not_bearers))
    if both:
        yield entry.fault(
            ("not_bearers",),
            f"{entry.label} says of {listed(both)} that the clause binds and does not bind.",
            "One reading cannot hold both.",
            "Remove one; two readings that differ are two records.",
        )
    clause = clauses.get(record.clause)
    if record.acts and clause and clause.kind != "prohibits":
        yield entry.fault(
            ("acts",),
            f'{entry.label} names acts of clause "{record.clause}", whose kind is "{clause.kind}".',
            "Acts fall under prohibitions only; these would be silently ignored.",
            "Name the clause that prohibits them.",
        )


def _reading_author(entry: Entry[Interpretation], files: CaseFiles) -> Iterator[Fault]:
    record = entry.record
    if (record.author == SOFTWARE) != (record.authority == "software-default"):
        yield entry.fault(
            ("author",),
            f'{entry.label} is by "{record.author}" with the authority "{record.authority}".',
            "What this program assumes must never look like what someone said, nor the reverse.",
            "Write `author: software` with `authority: software-default`, or both otherwise.",
        )
        return
    kinds = ("actor",) if record.authority == "party" else ("actor", "speaker")
    known = [id_ for kind in kinds for id_, _ in files.ids.get(kind, [])]
    if record.author == SOFTWARE or record.author in known or files.incomplete & set(kinds):
        return
    yield entry.fault(
        ("author",),
        f'{entry.label} is by "{record.author}", who is no {" or ".join(kinds)} of the case.',
        "A reading weighs what its author's word weighs.",
        f"{suggestion(record.author, known)}Correct it, or add the author to actors.yaml. Defined: {listed(known)}.",
    )


def _adherence(entry: Entry[Adherence], clauses: dict[str, Clause]) -> Iterator[Fault]:
    record = entry.record
    if record.basis in ("represented", "announced-by-another") and record.by is None:
        yield entry.fault(
            (),
            f'{entry.label} is on the basis "{record.basis}" and does not say by whom.',
            "Who spoke for the actor decides what the adherence is worth.",
            "Add `by:`.",
        )
    if record.basis == "announced-by-another" and record.by == record.actor:
        yield entry.fault(
            ("by",),
            f'{entry.label} is announced by another, and that other is "{record.by}" itself.',
            "An actor's own word binds it; another's does not.",
            "Write `basis: declared`, or name who announced it.",
        )
    if record.mandate is not None and record.basis != "represented":
        yield entry.fault(
            ("mandate",),
            f'{entry.label} has a mandate, and its basis is "{record.basis}".',
            "Only a representation rests on a mandate; it would be silently ignored.",
            "Write `basis: represented`, or remove the mandate.",
        )
    if record.notice_days is not None and record.act not in ("withdraws", "suspends"):
        yield entry.fault(
            ("notice_days",),
            f'{entry.label} has a notice of {record.notice_days} days, and its act is "{record.act}".',
            "Only a withdrawal or suspension takes effect after notice.",
            "Remove notice_days, or date the act when it takes effect.",
        )
    for i, clause in enumerate(record.clauses if isinstance(record.clauses, tuple) else ()):
        if clause in clauses and clauses[clause].instrument != record.instrument:
            yield entry.fault(
                ("clauses", i),
                f'{entry.label} is to instrument "{record.instrument}" and names clause "{clause}", '
                f'which is of "{clauses[clause].instrument}".',
                "Adherence to one instrument says nothing of another's clauses.",
                "Correct the clause, or write a record for each instrument.",
            )


def _evidence(entry: Entry[Evidence], clauses: dict[str, Clause]) -> Iterator[Fault]:
    record = entry.record
    clause = clauses.get(record.clause)
    if clause and clause.kind != "requires":
        yield entry.fault(
            ("clause",),
            f'{entry.label} is on clause "{record.clause}", whose kind is "{clause.kind}".',
            "Only what a clause requires can be performed; the evidence would be silently ignored.",
            "Name a clause of the kind requires.",
        )
    for kind, key, value in (
        ("performance", "says", record.says),
        ("inspection", "inspection", record.inspection),
        ("restriction", "restriction", record.restriction),
    ):
        if record.kind == kind and value is None:
            yield entry.fault(
                (),
                f'{entry.label} is of the kind "{kind}" and has no {key}.',
                "Without it the record shows nothing.",
                f"Add `{key}:`.",
            )
        elif record.kind != kind and value is not None and key != "says":
            yield entry.fault(
                (key,),
                f'{entry.label} has {_article(key)} {key}, and its kind is "{record.kind}".',
                "It would be silently ignored.",
                f"Write `kind: {kind}`, or move it into a record of its own.",
            )


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"
