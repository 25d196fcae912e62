"""The shapes of a case's files on agreements. Actors and areas have theirs in their own rooms.

Past 400 lines because every field that a case may hold, with what it means, stands on this one page.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ceasefire.model.case_types import CaseFile, Identifier, Language, Moment, MomentText, Names, Range, Sourced
from ceasefire.model.yaml_file import CaseRecord

Everywhere = Literal["everywhere"]


class CaseDescription(CaseFile):
    """`case.yaml`: what the folder is."""

    id: Identifier
    title: Names
    time_zone: str
    summary: Names
    readings: tuple[Identifier, ...] = Field(
        default=(), description="interpretations in use besides those in force by date"
    )
    retired_ids: tuple[Identifier, ...] = Field(default=(), description="ids once used; never used again")
    fictional: bool = False


class Source(CaseRecord):
    """Where a fact was read."""

    address: str | None = None
    title: str | None = None
    kind: Literal["web", "document", "data-set", "own-knowledge", "computation"] = "web"
    note: str | None = None


class Speaker(CaseRecord):
    """Someone who reports: with the party it speaks for, and whom it draws on."""

    id: Identifier
    names: Names
    kind: Literal[
        "observatory", "outlet", "government", "delegation", "mission", "patrol", "data-set", "organisation", "group"
    ]
    party: Identifier | None = Field(default=None, description="actor it speaks for")
    lineage: tuple[Identifier, ...] = Field(default=(), description="speakers it draws on; empty: its own chain")


class SourcesFile(CaseFile):
    """`sources.yaml`: what was read, and who speaks."""

    sources: dict[Identifier, Source]
    speakers: tuple[Speaker, ...] = ()


class Relation(Sourced):
    """How an instrument stands to another."""

    type: Literal["amends", "supersedes", "implements", "parallel"]
    instrument: Identifier


class RenewalProof(Sourced):
    """That a term was extended, and who says so."""

    valid_from: MomentText
    valid_until: MomentText | None = None


class Term(CaseRecord):
    """For how long an instrument was concluded."""

    months: int = Field(gt=0)
    renewal: Literal["none", "automatic", "on-consensus"]
    proofs: tuple[RenewalProof, ...] = ()


class Instrument(Sourced):
    """An agreement, truce, protocol or resolution."""

    id: Identifier
    title: Names
    kind: Literal["agreement", "memorandum", "truce", "local-deal", "protocol", "resolution", "statement"]
    signatories: tuple[Identifier, ...] = ()
    bearers: tuple[Identifier, ...] = Field(default=(), description="whom its text addresses")
    relations: tuple[Relation, ...] = ()
    enters_into_force: tuple[Moment, ...] = Field(min_length=1, description="every date on record; they may conflict")
    ends: tuple[Moment, ...] = ()
    ended_by: Literal["surrender", "capture", "withdrawal", "lapse", "superseded", "agreement"] | None = None
    term: Term | None = None


class InstrumentsFile(CaseFile):
    """`instruments.yaml`."""

    instruments: tuple[Instrument, ...]


class ClauseText(Sourced):
    """The words of a clause, as held."""

    id: Identifier
    language: Language
    standing: Literal["authentic", "official-translation", "unofficial-translation", "paraphrase"]
    text: str = Field(min_length=1)
    official_reference: str | None = None


class Divergence(Sourced):
    """That two texts of a clause say different things, and about what."""

    texts: tuple[Identifier, Identifier]
    questions: tuple[Literal["act", "bound", "covered-target", "in-area"], ...] = Field(min_length=1)
    acts: tuple[Identifier, ...] = Field(default=(), description="acts on which the texts differ; empty: all")


class Targets(CaseRecord):
    """Whom a prohibition protects."""

    covered: Literal["adherents", "anyone"] | tuple[Identifier, ...] = "anyone"
    exempt: tuple[Identifier, ...] = Field(default=(), description="actors left out, with their members of the day")
    exempt_by: Identifier | None = Field(default=None, description="the clause that leaves them out")
    civilians: Literal["covered", "not-covered", "open"] = "covered"


class AdmittedException(CaseRecord):
    """An exception the clause admits, and what it takes to be established."""

    kind: Identifier
    needs: Literal["notified", "acknowledged", "consented", "finding"] = Field(
        description="*finding*: only a ruling of people establishes it, never a record"
    )
    before_hours: float | None = Field(default=None, ge=0, description="how long before it must be submitted")
    by_clause: Identifier | None = None


class Deadline(CaseRecord):
    """When an obligation is due: one of `at`, or `days` after `after`."""

    at: tuple[Moment, ...] = Field(default=(), description="every due date on record; they may conflict")
    days: int | None = Field(default=None, ge=0)
    after: Identifier | None = Field(default=None, description="an instrument (its entry into force) or a milestone")


class Duty(CaseRecord):
    """What a *requires* clause makes due."""

    what: Names
    deadline: Deadline | None = Field(default=None, description="none: continuous, checked by period")
    every_days: int | None = Field(default=None, gt=0, description="period of a continuous or repeated duty")
    shown_by: tuple[Literal["performance", "inspection", "restriction"], ...] = ("performance",)
    guarantor_duty: bool = Field(
        default=False, description="to see that others comply; never inferred breached from incidents"
    )


class Clause(Sourced):
    """One term of an instrument."""

    id: Identifier
    instrument: Identifier
    kind: Literal["prohibits", "requires", "permits", "excepts", "defines", "procedure"]
    title: Names
    texts: tuple[ClauseText, ...] = Field(min_length=1)
    prevails: Identifier | None = None
    divergences: tuple[Divergence, ...] = ()
    bearers: tuple[Identifier, ...] | None = Field(default=None, description="default: the instrument's")
    open_bearers: tuple[Identifier, ...] = Field(default=(), description="whether it binds these is open: undetermined")
    areas: tuple[Identifier, ...] | Everywhere = "everywhere"
    acts: tuple[Identifier, ...] = Field(default=(), description="of a prohibition; interpretations may say otherwise")
    targets: Targets = Targets()
    exceptions: tuple[AdmittedException, ...] = ()
    starts: tuple[Moment, ...] = Field(default=(), description="default: the instrument's")
    ends: tuple[Moment, ...] = ()
    duty: Duty | None = None
    defines: dict[str, Names] = Field(default_factory=dict)


class ClausesFile(CaseFile):
    """`clauses.yaml` or any `clauses/*.yaml`."""

    clauses: tuple[Clause, ...]


class Interpretation(Sourced):
    """A reading of a clause: who holds it, with what authority, from when."""

    id: Identifier
    clause: Identifier
    author: str = Field(description="an actor id, or `software`")
    authority: Literal["agreed", "joint-statement", "mission", "party", "software-default"]
    valid_from: MomentText | None = Field(default=None, description="required unless a software default")
    valid_until: MomentText | None = None
    retroactive: bool = False
    acts: tuple[Identifier, ...] | None = Field(default=None, description="the acts that fall under the clause")
    bearers: tuple[Identifier, ...] | None = Field(default=None, description="whom the clause binds")
    not_bearers: tuple[Identifier, ...] = Field(default=(), description="whom it does not bind")
    exempt: tuple[Identifier, ...] | None = Field(default=None, description="whom it leaves out as targets")
    civilians: Literal["covered", "not-covered", "open"] | None = None
    definition: Names | None = None


class InterpretationsFile(CaseFile):
    """`interpretations.yaml`."""

    interpretations: tuple[Interpretation, ...]


class Adherence(Sourced):
    """That an actor is, or is not, bound: by what act of whose."""

    id: Identifier
    actor: Identifier
    instrument: Identifier
    clauses: tuple[Identifier, ...] | Literal["all"] = "all"
    areas: tuple[Identifier, ...] | Literal["all"] = "all"
    act: Literal["adheres", "reserves", "suspends", "resumes", "withdraws", "refuses"]
    basis: Literal["signed", "acceded", "declared", "represented", "announced-by-another", "resolution"]
    by: Identifier | None = Field(default=None, description="who announced or represented")
    mandate: str | None = Field(default=None, description="of a representation: where the mandate is recorded")
    valid_from: tuple[Moment, ...] = Field(min_length=1)
    valid_until: tuple[Moment, ...] = ()
    notice_days: int | None = Field(
        default=None, ge=0, description="of a withdrawal or suspension: takes effect so long after"
    )


class AdherenceFile(CaseFile):
    """`adherence.yaml`."""

    adherence: tuple[Adherence, ...]


class ExceptionKind(CaseRecord):
    """A ground on which an act is said not to be a breach."""

    id: Identifier
    title: Names
    acts: tuple[Identifier, ...] = Field(default=(), description="acts it can cover; empty: any")


class Notification(Sourced):
    """That a party told another of something it would do. Late stays late; objected is not consented."""

    id: Identifier
    kind: Identifier
    by: Identifier
    to: tuple[Identifier, ...] = ()
    area: Identifier | Everywhere
    acts: tuple[Identifier, ...] = ()
    valid_from: MomentText
    valid_until: MomentText
    submitted: MomentText
    received: MomentText | None = None
    acknowledged: MomentText | None = None
    consented: MomentText | None = None
    objected: MomentText | None = None
    cancelled: MomentText | None = None


class ExceptionsFile(CaseFile):
    """`exceptions.yaml`."""

    exception_kinds: tuple[ExceptionKind, ...] = ()
    notifications: tuple[Notification, ...] = ()


class Milestone(Sourced):
    """Something on which a deadline hangs; no moment means that nobody has recorded it."""

    id: Identifier
    title: Names
    reached: tuple[Moment, ...] = ()


class MilestonesFile(CaseFile):
    """`milestones.yaml`."""

    milestones: tuple[Milestone, ...]


class InspectedItem(CaseRecord):
    """What was declared and what was seen, by kind of weapon or material."""

    kind: str
    declared: int | None = Field(default=None, ge=0)
    seen: int | None = Field(default=None, ge=0)


class Inspection(CaseRecord):
    """A visit to a site, and what could not be seen."""

    site: str
    items: tuple[InspectedItem, ...] = Field(min_length=1)
    inaccessible: tuple[str, ...] = ()


class Restriction(CaseRecord):
    """A monitor or convoy hindered."""

    who: str
    where: str
    by: Identifier | None = None
    kind: Literal["denied", "delayed", "conditioned"]
    minutes: int | None = Field(default=None, ge=0)
    reason: str | None = Field(default=None, description="as given, quoted")


class Evidence(Sourced):
    """What bears on whether an obligation was performed."""

    id: Identifier
    kind: Literal["performance", "inspection", "restriction", "waiver", "suspension"]
    clause: Identifier
    bearer: Identifier
    area: Identifier | None = None
    speaker: Identifier
    at: MomentText
    period_from: MomentText | None = Field(default=None, description="of a waiver, suspension or continuous duty")
    period_until: MomentText | None = None
    says: Literal["performed", "partly", "not-performed"] | None = None
    inspection: Inspection | None = None
    restriction: Restriction | None = None


class EvidenceFile(CaseFile):
    """`evidence.yaml`."""

    evidence: tuple[Evidence, ...]


class Delegation(CaseRecord):
    """Who came to a round."""

    actor: Identifier
    head: str | None = None
    role: Literal["guarantor", "party", "observer", "host", "absent", "refused"]
    first_attendance: Literal["yes", "no", "disputed", "unknown"] = "unknown"
    note: str | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    unverified: bool = False


class Outcome(Sourced):
    """What a round agreed, and which clause or instrument it became."""

    what: Names
    instruments: tuple[Identifier, ...] = ()
    clauses: tuple[Identifier, ...] = ()


class Round(Sourced):
    """One meeting of a talks process."""

    id: Identifier
    title: Names
    place: str
    valid_from: MomentText
    valid_until: MomentText
    delegations: tuple[Delegation, ...] = ()
    outcomes: tuple[Outcome, ...] = ()


class TalksFile(CaseFile):
    """`talks.yaml`."""

    rounds: tuple[Round, ...]


class Post(Sourced):
    """A monitoring post; one whose place is unknown has none."""

    id: Identifier
    number: int | None = None
    operator: Identifier
    kind: Literal["observation-post", "checkpoint", "centre", "camera", "patrol-base"]
    name: str | None = None
    area: Identifier | None = None
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    uncertainty_km: float | None = Field(default=None, ge=0)
    sees_km: float | None = Field(default=None, ge=0, le=100, description="how far one sees from it; 0: nothing")
    bearing_degrees: float | None = Field(
        default=None, ge=0, lt=360, description="where it looks, clockwise from north"
    )
    view_degrees: float | None = Field(default=None, gt=0, le=360, description="how wide it looks; left out: all round")
    opened: tuple[Moment, ...] = ()
    closed: tuple[Moment, ...] = ()


class PostsFile(CaseFile):
    """`posts.yaml`."""

    posts: tuple[Post, ...]


class Measure(Sourced):
    """An exchange, evacuation, siege or its end."""

    id: Identifier
    kind: Literal["exchange", "evacuation", "siege", "siege-ended", "displacement"]
    ended_by: Literal["aid-access", "truce", "evacuation", "capture", "surrender"] | None = None
    title: Names
    valid_from: tuple[Moment, ...] = Field(min_length=1)
    valid_until: tuple[Moment, ...] = ()
    place: str | None = None
    counts: tuple[MeasureCount, ...] = ()
    parties: tuple[Identifier, ...] = ()


class MeasureCount(Sourced):
    """How many, according to whom."""

    what: str
    count: Range
    speaker: Identifier | None = None


class MeasuresFile(CaseFile):
    """`measures.yaml`."""

    measures: tuple[Measure, ...]


class Coverage(Sourced):
    """Who could have seen what, where, when."""

    id: Identifier
    operator: Identifier
    area: Identifier | None = None
    post: Identifier | None = None
    valid_from: MomentText
    valid_until: MomentText
    state: Literal["up", "down", "denied", "unknown"]
    hours: float | None = Field(default=None, ge=0)
    by: Identifier | None = Field(default=None, description="who denied it")
    reason: str | None = None


class CoverageFile(CaseFile):
    """`coverage.yaml`."""

    coverage: tuple[Coverage, ...]


class SideCount(Sourced):
    """One side's count of alleged violations in one bulletin."""

    speaker: Identifier
    count: int = Field(ge=0)
    by_place: dict[str, int] = Field(default_factory=dict)
    confirmed_by_other: int | None = Field(default=None, ge=0)


class TwoSidedCount(Sourced):
    """What two sides counted for the same day: totals, never added to incidents."""

    id: Identifier
    day: MomentText
    counts: tuple[SideCount, ...] = Field(min_length=1)


class TotalsFile(CaseFile):
    """`totals.yaml`."""

    totals: tuple[TwoSidedCount, ...]


class CaseAct(CaseRecord):
    """An act that the default vocabulary lacks."""

    id: Identifier
    parent: Identifier
    title: Names


class VocabularyFile(CaseFile):
    """`vocabulary.yaml`."""

    acts: tuple[CaseAct, ...]


Measure.model_rebuild()
