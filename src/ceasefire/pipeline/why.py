"""Why a finding, an incident or an obligation is what it is: sentences, from the findings down to the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.agreement.citation import cite_clause, held_text, title_of
from ceasefire.findings.reasons import OBLIGATION_REASONS
from ceasefire.findings.trace import Trace, account_sentence, listed
from ceasefire.findings.trace import explain as trace_finding
from ceasefire.model.claims import read_claims
from ceasefire.model.errors import UsageError
from ceasefire.model.flags import FLAGS
from ceasefire.model.time import instant_text, local_date, microseconds
from ceasefire.pipeline.selection import match_id, plain_rows
from ceasefire.pipeline.stages import check
from ceasefire.pipeline.state import State
from ceasefire.pipeline.succession import Followed, find_incident
from ceasefire.pipeline.why_joined import joined_sentences, why_joined

if TYPE_CHECKING:
    from ceasefire.agreement.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A record explained.

    Parameters
    ----------
    id : str
        In full.
    kind : {"finding", "incident", "obligation"}
        What it is.
    record : dict
        Its row, as JSON holds it.
    sentences : tuple of str
        For people, in order.
    trace : dict or None
        Of a finding: the six questions, each with its answer and sentences.
    links : dict or None
        Of an incident: the evidence that its reports are of one event, see `pipeline.why_joined`; weights in bits.
    """

    id: str
    kind: Literal["finding", "incident", "obligation"]
    record: dict[str, Any]
    sentences: tuple[str, ...]
    trace: dict[str, Any] | None = None
    links: dict[str, Any] | None = None


def explain(id: str, state: State, *, reading: str | None, obligations: Callable[[], pa.Table]) -> Explanation:
    """Explain the record that `id` names, or alone begins with.

    Parameters
    ----------
    obligations : callable
        Returns the obligations that may be meant; only called when `id` is that of one.

    Raises
    ------
    UsageError
        When no record, or more than one, has such an id.
    """
    prefix = id.partition("-")[0]
    if prefix == "obl":
        return _explain_obligation(id, state.case, obligations())
    if prefix == "inc":
        return _explain_incident(find_incident(id, state), state, reading)
    derived = state.derived(reading)
    if prefix != "find":
        raise UsageError(
            f'"{id}" is not an id of a finding, incident or obligation.',
            "Such ids begin with find-, inc- or obl-; `ceasefire findings` and `ceasefire obligations` list them.",
        )
    findings = derived.table("findings")
    full = match_id(id, findings["finding_id"], "finding")
    row = findings.filter(pc.equal(findings["finding_id"], full))
    incidents = derived.table("incidents")
    incident = incidents.filter(pc.equal(incidents["incident_id"], row["incident_id"][0]))
    found = check(state.case, incident, boundaries=state.boundaries, reading=reading)
    trace: Trace = trace_finding(found, row.to_pylist()[0])
    sources = tuple(_report_lines(state.case, derived.table("reports"), incident["report_ids"][0].as_py()))
    return Explanation(
        id=full,
        kind="finding",
        record=plain_rows(row)[0],
        sentences=(*trace.sentences(), "Reports behind it:", *sources),
        trace=asdict(trace),
    )


def _explain_incident(asked: Followed, state: State, reading: str | None) -> Explanation:
    """Explain an incident; where it was fused and not checked yet, without clause checks."""
    unchecked = state.present and reading is None and state.find() is None
    derived = state.fused() if unchecked else state.derived(reading)
    case, reports, incidents = state.case, derived.table("reports"), derived.table("incidents")
    full = asked.incident_id
    row = incidents.filter(pc.equal(incidents["incident_id"], full))
    incident = row.to_pylist()[0]
    findings = None if unchecked else derived.table("findings")
    found = findings.filter(pc.equal(findings["incident_id"], full)).to_pylist() if findings else []
    lines = [said for said in (asked.said, incident["title"] and f"{incident['title']}.") if said]
    lines += [*_when_and_where(case, incident), _toll_sentence(incident)]
    lines.append("Who says what:")
    lines += [f"   {account_sentence(case, account)}" for account in read_claims(incident["claims"])]
    lines += [f"   Note: {FLAGS[flag]}" for flag in incident["flags"] or ()]
    lines.append("Reports behind it:")
    lines += _report_lines(case, reports, incident["report_ids"])
    joined = why_joined(incident["report_ids"], state, derived)
    lines += joined_sentences(joined, state, derived)
    for other, words in (("covers", "It is a total or episode of"), ("covered_by", "It is part of")):
        if incident[other]:
            lines.append(f"{words} {listed(incident[other])}.")
    nothing = (
        "Not checked against clauses yet: ceasefire run"
        if unchecked
        else "No clause could apply to it: nothing was checked."
    )
    lines.append("Clause checks:" if found else nothing)
    lines += [
        f"   {finding['finding_id']}: {finding['clause_id']}, "
        f"{case.actors.name(finding['accused_id']) if finding['accused_id'] else 'nobody named'}: {finding['status']}"
        for finding in found
    ]
    return Explanation(
        id=full, kind="incident", record=plain_rows(row)[0], sentences=tuple(lines), links=joined.as_json()
    )


def _explain_obligation(id: str, case: Case, obligations: pa.Table) -> Explanation:
    full = match_id(id, obligations["obligation_id"], "obligation")
    row = obligations.filter(pc.equal(obligations["obligation_id"], full))
    due = row.to_pylist()[0]
    clause = case.clauses[due["clause_id"]]
    instrument = title_of(case.instruments[due["instrument_id"]].title)
    what = title_of(clause.duty.what) if clause.duty else title_of(clause.title)
    lines = [f"{case.actors.name(due['bearer_id'])}, under {instrument}, {cite_clause(clause)}: {what}"]
    if due["zone_id"]:
        lines.append(f"Area: {title_of(case.areas[due['zone_id']].title)}.")
    lines.append(f"State: {due['state']}.")
    lines += [f"   {OBLIGATION_REASONS[reason]}" for reason in due["reasons"]]
    lines.append(_due_sentence(case, due))
    held = {item.id: item for item in case.evidence}
    lines.append("Evidence:" if due["evidence_ids"] else "No evidence is on record.")
    lines += [
        f"   {item.id}, {item.kind} of {item.at}, by {title_of(case.speakers[item.speaker].names)} "
        f"({listed(item.sources)})" + (f": {item.note}" if item.note else ".")
        for item in (held[key] for key in due["evidence_ids"])
    ]
    text = held_text(clause)
    lines.append(f"Text held ({text.id}, {text.standing.replace('-', ' ')}): {text.text.strip()}")
    lines.append("A state is what the record shows, no ruling.")
    return Explanation(id=full, kind="obligation", record=plain_rows(row)[0], sentences=tuple(lines))


def _due_sentence(case: Case, due: dict[str, Any]) -> str:
    if due["due_at_latest"] is None:
        return "No date for it is on record."
    earliest, latest = (instant_text(microseconds(due[key]), case.zone) for key in ("due_at_earliest", "due_at_latest"))
    return f"Due by {latest}." if earliest == latest else f"Due between {earliest} and {latest}: the record differs."


def _when_and_where(case: Case, incident: dict[str, Any]) -> Iterator[str]:
    start, end = incident["occurred_from"], incident["occurred_until"]
    if start is None:
        yield "When is not on record."
    else:
        first = local_date(microseconds(start), case.zone)
        last = local_date(max(microseconds(end) - 1, microseconds(start)), case.zone)
        yield f"On {first}, local day." if first == last else f"Between {first} and {last}, local days."
    yield _where_sentence(incident)


def _where_sentence(incident: dict[str, Any]) -> str:
    named = [incident[key] for key in ("place_name", "area_name") if incident[key]]
    if named:
        return f"At {', '.join(named)}; known to: {incident['place_precision']}."
    if incident["latitude"] is None:
        return "Where is not on record."
    radius = incident["place_radius_km"]
    within = f", within {radius:g} km" if radius else f"; known to: {incident['place_precision']}"
    return (
        f"At {incident['latitude']:.3f}, {incident['longitude']:.3f} (latitude, longitude){within}; no place is named."
    )


def _toll_sentence(incident: dict[str, Any]) -> str:
    parts = []
    for toll, words in (("killed", "killed"), ("killed_civilian", "of them civilians"), ("injured", "injured")):
        low, best, high = (incident[f"{toll}_{bound}"] for bound in ("low", "best", "high"))
        if (low, best, high) != (None, None, None):
            figures = [figure for figure in (low, best, high) if figure is not None]
            span = f"{min(figures)}" if min(figures) == max(figures) else f"{min(figures)} to {max(figures)}"
            parts.append(f"{span} {words}" + (f" (best figure {best})" if best is not None and "to" in span else ""))
    if not parts:
        return "No toll is on record, which is not zero."
    disputed = "; reports differ on it" if incident["toll_disputed"] else ""
    return f"Toll: {', '.join(parts)}{disputed}."


def _report_lines(case: Case, reports: pa.Table, report_ids: list[str]) -> Iterator[str]:
    held = reports.filter(pc.is_in(reports["report_id"], value_set=pa.array(report_ids, pa.string())))
    for report in held.to_pylist():
        speaker = case.speakers.get(report["source_id"])
        name = title_of(speaker.names) if speaker else report["source_id"]
        recorded = instant_text(microseconds(report["recorded_at"]), case.zone)
        unverified = ", not verified" if report["unverified"] else ""
        yield f"   {name}, its record {report['source_report_id']}, recorded by us {recorded}{unverified}"
