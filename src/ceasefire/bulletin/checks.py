"""Sections on clause checks: what is alleged and by whom, what stays open and why, what one more fact would settle.

Past 400 lines by a few, because the sections follow one another on the page as they do here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ceasefire.assessment.counts import (
    MAY_FALL_UNDER,
    OPEN_STATUSES,
    Fit,
    clause_counts,
    undetermined_questions,
)
from ceasefire.bulletin.material import DECIDED, Material, Row, accounts
from ceasefire.bulletin.records import Cell, Column, Section, Table
from ceasefire.bulletin.sentences import (
    BOUNDS_EXPLAINED,
    FACT_WORDS,
    QUESTION_WORDS,
    STATUS_WORDS,
    counted,
    interval_words,
    joined,
    number,
    sentence_case,
    verb,
)
from ceasefire.findings.reasons import REASONS
from ceasefire.model.vocabulary import Answer, Stance, Status


def checks_section(material: Material, pairs_not_stored: int) -> Section:
    """Return the counts by clause and zone with their bounds, the statuses, and who alleges."""
    paragraphs = [BOUNDS_EXPLAINED]
    if pairs_not_stored:
        paragraphs.append(
            f"{counted(pairs_not_stored, 'pair of incident and clause', start=True)} whose act could never match "
            f"{verb(pairs_not_stored, 'was', 'were')} counted over the whole record and not stored."
        )
    if not material.findings:
        paragraphs.append("No finding is on record for this period.")
        return Section(key="checks", title="Clause checks", paragraphs=tuple(paragraphs))
    return Section(
        key="checks",
        title="Clause checks",
        paragraphs=tuple(paragraphs),
        tables=(_bounds_table(material), _status_table(material), _alleged_table(material)),
    )


def _bounds_table(material: Material) -> Table:
    rows: list[tuple[Cell, ...]] = []
    silent = 0
    for count in clause_counts(material.fitted):
        if not count.incidents.upper and not any(status in DECIDED for status, _, _ in count.statuses):
            silent += 1
            continue
        rows.append(
            (
                material.citation(count.clause_id),
                material.zone(count.clause_id, count.zone_id),
                number(count.incidents.lower),
                number(count.incidents.upper),
                number(count.findings.lower),
                number(count.findings.upper),
                number(count.edge_incidents),
            )
        )
    notes = [
        "One incident can fall under several clauses, so rows do not add up. No single area: the place is too coarsely "
        "known to say which area it lies in, or whether in any."
    ]
    if silent:
        notes.append(
            f"Left out: {counted(silent, 'pair of clause and area')} of which nothing is alleged, open, exempt, "
            "excepted or not bound."
        )
    return Table(
        key="bounds",
        caption="Clause checks by clause and area, with lower bound (alleged) and upper bound "
        "(alleged, contested and undetermined)",
        columns=(
            Column("Clause", 3.2),
            Column("Area", 2.4),
            Column("Incidents, lower", 1.2, "end"),
            Column("Incidents, upper", 1.2, "end"),
            Column("Findings, lower", 1.2, "end"),
            Column("Findings, upper", 1.2, "end"),
            Column("Across the period's edge", 1.4, "end"),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _status_table(material: Material) -> Table:
    rows: list[tuple[Cell, ...]] = []
    by_clause: dict[str, list[Row]] = {}
    for row in material.findings:
        if row["fit"] == Fit.WITHIN:
            by_clause.setdefault(row["clause_id"], []).append(row)
    held = {row["status"] for row in material.findings if row["fit"] == Fit.WITHIN} | set(MAY_FALL_UNDER)
    shown = {status: words for status, words in STATUS_WORDS.items() if status in held}
    for clause_id in sorted(by_clause):
        findings = by_clause[clause_id]
        cells: list[Cell] = [material.citation(clause_id)]
        for status in shown:
            of_status = [row for row in findings if row["status"] == status]
            cells.append(f"{number(len(of_status))} / {number(incidents_of(of_status))}" if of_status else "–")
        rows.append(tuple(cells))
    return Table(
        key="statuses",
        caption="Statuses by clause, findings / incidents wholly inside the period",
        columns=(
            Column("Clause", 2.4),
            *(Column(sentence_case(words), 1.1 + 0.06 * len(words.split()[-1]), "end") for words in shown.values()),
        ),
        rows=tuple(rows),
        notes=(
            "A clash has one finding for each side that may answer for it, so an incident can stand under several "
            "statuses. A status without a column has no finding.",
        ),
        dense=True,
    )


def _alleged_table(material: Material) -> Table:
    groups: dict[tuple[str, str | None, str | None, tuple[str, ...]], list[Row]] = {}
    for row in material.findings:
        if row["status"] == Status.ALLEGED_VIOLATION:
            alleging = tuple(sorted({material.speaker(source) for source in row["alleged_by"] or ()}))
            groups.setdefault((row["clause_id"], row["zone_id"], row["accused_id"], alleging), []).append(row)
    rows: list[tuple[Cell, ...]] = []
    for (clause_id, zone_id, accused_id, alleging), findings in sorted(
        groups.items(), key=lambda item: tuple(str(part) for part in item[0])
    ):
        citation = material.citation(clause_id)
        by = joined(alleging) if alleging else f"falls within {citation}; no one recorded as alleging it"
        rows.append(
            (
                citation,
                material.zone(clause_id, zone_id),
                material.actor(accused_id),
                by,
                number(incidents_of(findings)),
                number(incidents_of([row for row in findings if row["fit"] == Fit.EDGE])),
            )
        )
    open_but_alleged = [row for row in material.findings if row["status"] in OPEN_STATUSES and row["alleged_by"]]
    notes = ["The party named is the one accused; naming it is not a finding that it acted."]
    if open_but_alleged:
        notes.append(
            f"Someone also alleges {counted(len(open_but_alleged), 'finding')} "
            f"({counted(incidents_of(open_but_alleged), 'incident')}) that "
            f"{verb(len(open_but_alleged), 'is', 'are')} contested or undetermined."
        )
    return Table(
        key="alleged",
        caption="Alleged violations and who alleges them",
        columns=(
            Column("Clause", 2.6),
            Column("Area", 2),
            Column("Accused", 2),
            Column("Alleged by", 3),
            Column("Incidents", 1, "end"),
            Column("of which across the edge", 1.2, "end"),
        ),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def open_section(material: Material) -> Section:
    """Return why findings stay open, what one more fact would settle, and what case reports settled."""
    still_open = open_findings(material)
    if not still_open:
        return Section(
            key="open",
            title="Undetermined and contested",
            paragraphs=("No finding of the period is undetermined or contested.",),
            tables=_settled_tables(material),
        )
    undetermined = sum(row["status"] == Status.UNDETERMINED for row in still_open)
    contested = len(still_open) - undetermined
    return Section(
        key="open",
        title="Undetermined and contested",
        paragraphs=(
            f"{counted(undetermined, 'finding', start=True)} {verb(undetermined, 'is', 'are')} undetermined and "
            f"{number(contested)} contested. Both are answers: nobody on record says, or those who say differ.",
        ),
        tables=(_reasons_table(still_open), one_more_fact_table(still_open), *_settled_tables(material)),
    )


def open_findings(material: Material) -> tuple[Row, ...]:
    """Return the contested and undetermined findings of the period."""
    return tuple(row for row in material.findings if row["status"] in OPEN_STATUSES)


def incidents_of(findings: Iterable[Row]) -> int:
    """Count the incidents of some findings, each once."""
    return len({row["incident_id"] for row in findings})


def reason_counts(findings: Iterable[Row]) -> list[tuple[str, int]]:
    """Return how many findings carry each reason, most first, then by code."""
    held = Counter(code for row in findings for code in sorted(set(row["reasons"] or ())) if code)
    return sorted(held.items(), key=lambda item: (-item[1], item[0]))


def reason_sentence(code: str) -> str:
    """Return a reason's sentence; a code that has none prints as itself."""
    return REASONS[code].sentence if code in REASONS else code


def _reasons_table(still_open: Sequence[Row]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for code, _ in reason_counts(still_open):
        carrying = [row for row in still_open if code in (row["reasons"] or ())]
        split = [[row for row in carrying if row["status"] == status] for status in reversed(OPEN_STATUSES)]
        question = QUESTION_WORDS[REASONS[code].question] if code in REASONS else ""
        rows.append(
            (
                sentence_case(question),
                reason_sentence(code),
                *(f"{number(len(part))} / {number(incidents_of(part))}" if part else "–" for part in split),
            )
        )
    return Table(
        key="reasons",
        caption="Why findings are undetermined or contested, findings / incidents",
        columns=(
            Column("Question", 1.3),
            Column("Reason", 5),
            Column("Undetermined", 1.3, "end"),
            Column("Contested", 1.3, "end"),
        ),
        rows=tuple(rows),
        notes=("A finding can have several reasons, so rows do not add up.",),
    )


def facts_lacking(finding: Row) -> frozenset[str]:
    """Return the facts that would settle an undetermined finding, all of them being needed.

    Empty where the finding is contested or its reasons name no fact that would settle it.
    """
    if finding["status"] != Status.UNDETERMINED:
        return frozenset()
    open_questions = undetermined_questions(finding)
    codes = [code for code in finding["reasons"] or () if code in REASONS and REASONS[code].settled_by]
    asked = [code for code in codes if REASONS[code].question in open_questions] or codes
    lacking = {REASONS[code].settled_by for code in asked}
    if len(lacking) == 1 and len(open_questions) > 1:
        # One kind of fact, asked of several questions: each of them still has to be answered.
        lacking |= {f"and {QUESTION_WORDS[question]}" for question in open_questions[1:]}
    return frozenset(lacking)


def one_more_fact_table(still_open: Sequence[Row]) -> Table:
    """Count, for each kind of fact, the findings and incidents whose status that answer alone would decide."""
    lacking = [(row, facts_lacking(row)) for row in still_open]
    rows: list[tuple[Cell, ...]] = []
    for fact, words in FACT_WORDS.items():
        settled = [row for row, facts in lacking if facts == {fact}]
        whole = {row["incident_id"] for row in settled} - {
            row["incident_id"] for row, facts in lacking if facts != {fact}
        }
        among = sum(fact in facts for _, facts in lacking)
        rows.append(
            (
                sentence_case(words),
                number(among),
                number(len(settled)),
                number(incidents_of(settled)),
                number(len(whole)),
            )
        )
    several = [row for row, facts in lacking if len(facts) > 1]
    disputed = [row for row, facts in lacking if not facts]
    rows.append(("Two or more answers", number(len(several)), "–", "–", "–"))
    rows.append(("An end to a dispute, or no fact on the list", number(len(disputed)), "–", "–", "–"))
    return Table(
        key="one-more-fact",
        caption="What one more fact would settle: findings of which it answers the only open question",
        columns=(
            Column("What is lacking", 4.6),
            Column("Open findings that lack it", 1.4, "end"),
            Column("Findings it alone would settle", 1.5, "end"),
            Column("Incidents with such a finding", 1.5, "end"),
            Column("Incidents settled whole", 1.4, "end"),
        ),
        rows=tuple(rows),
    )


_IN_POINT = (*MAY_FALL_UNDER, *sorted(DECIDED))
"""Statuses of findings that the time and the place do not put outside the clause."""


def _settled_tables(material: Material) -> tuple[Table, ...]:
    rows: list[tuple[Cell, ...]] = []
    for incident in material.incidents:
        said = _named_by_case_reports(material, incident)
        if not said:
            continue
        answered = _answered_words(material, incident["incident_id"])
        settled = status_words(material, incident["incident_id"], only=(Status.ALLEGED_VIOLATION, *sorted(DECIDED)))
        still = status_words(material, incident["incident_id"], only=OPEN_STATUSES)
        rows.append(
            (
                interval_words(incident["occurred_from"], incident["occurred_until"], material.case.zone),
                material.place(incident),
                "; ".join(said),
                answered or "neither question",
                settled or "none",
                still or "none",
            )
        )
    if not rows:
        return ()
    return (
        Table(
            key="settled",
            caption="Incidents on which case reports name who acted or what was hit, and what that settles",
            columns=(
                Column("Day", 1.1),
                Column("Place", 1.3),
                Column("Who says what", 2.8),
                Column("Questions answered", 2.4),
                Column("Checks settled", 1.9),
                Column("Checks still open", 2.6),
            ),
            rows=tuple(rows),
            dense=True,
        ),
    )


def _answered_words(material: Material, incident_id: str) -> str:
    """Say for each party named whether it acted and whether it hit a covered target, where either is answered."""
    words = []
    rows = [row for row in material.findings_of.get(incident_id, ()) if row["status"] in _IN_POINT]
    for accused in sorted({row["accused_id"] or "" for row in rows}):
        of_party = [row for row in rows if (row["accused_id"] or "") == accused]
        parts = [
            f"{question}: {' or '.join(sorted(answers, reverse=True))}{', by clause' if len(answers) > 1 else ''}"
            for column, question in (("act", "did it"), ("covered_target", "covered target"))
            if (answers := {row[column] for row in of_party}) - {Answer.UNDETERMINED.label}
        ]
        if parts:
            words.append(f"{material.actor(accused or None)}: {', '.join(parts)}")
    return "; ".join(words)


def _named_by_case_reports(material: Material, incident: Row) -> list[str]:
    """Return what the case's own speakers, not data sets, say of who acted and what was hit."""
    said = set()
    for account in accounts(incident):
        speaker = material.case.speakers.get(account.source_id)
        if speaker is None or speaker.kind == "data-set" or not (account.perpetrators or account.targets):
            continue
        said.add(f"{material.speaker(account.source_id)} {_account_words(material, account)}")
    return sorted(said)


def _account_words(material: Material, account: object) -> str:
    perpetrators = joined([material.actor(actor) for actor in getattr(account, "perpetrators", ())])
    targets = joined([material.actor(actor) for actor in getattr(account, "targets", ())])
    acts = joined([act.replace("-", " ") for act in getattr(account, "acts", ())]) or "an act not stated"
    stance = getattr(account, "stance", Stance.ASSERTS)
    lead = {Stance.DENIES: "denies", Stance.CLAIMS: "claims"}.get(stance, "reports")
    return f"{lead} {acts}{f' by {perpetrators}' if perpetrators else ''}{f' on {targets}' if targets else ''}"


def status_words(material: Material, incident_id: str, *, only: Iterable[Status] | None = None) -> str:
    """Return the statuses of an incident: ``contested, Party A: our reference T1, paraphrase``.

    What is decided is told where the place lies in the clause's area; elsewhere the clause is not in point.
    """
    wanted = tuple(only) if only is not None else (*MAY_FALL_UNDER, *sorted(DECIDED))
    accused: dict[tuple[Status, str], set[str]] = {}
    candidates = {material.actor(row["accused_id"]) for row in material.findings_of.get(incident_id, ())}
    for row in material.findings_of.get(incident_id, ()):
        if row["status"] in wanted and (row["status"] in MAY_FALL_UNDER or row["in_area"] == Answer.YES.label):
            accused.setdefault((Status(row["status"]), row["clause_id"]), set()).add(material.actor(row["accused_id"]))
    clauses: dict[tuple[Status, tuple[str, ...]], list[str]] = {}
    for (status, clause_id), parties in sorted(accused.items(), key=lambda item: item[0][1]):
        clauses.setdefault((status, tuple(sorted(parties))), []).append(material.citation(clause_id))
    order = list(STATUS_WORDS)
    return ". ".join(
        f"{sentence_case(STATUS_WORDS[status])}, {_accused_words(parties, len(candidates))}: {'; '.join(cited)}"
        for (status, parties), cited in sorted(clauses.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    )


def _accused_words(parties: tuple[str, ...], candidates: int) -> str:
    """Name who is accused; all candidates of a clash together are its sides."""
    if len(parties) < candidates or candidates == 1:
        return joined(parties)
    return "either side" if candidates == 2 else "every party named"
