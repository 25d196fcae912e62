"""Who may ask for what, and who sees which class of field: one table, and what is not in it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ceasefire.model.roles import FieldClass, Role
from ceasefire.release.classes import ReleaseClass


class Operation(StrEnum):
    """What can be asked of the centre. Each door of the server names the one it opens for."""

    READ_DESCRIPTION = "read-description"
    """The description of the API, the pages themselves: no content."""
    READ_CASE = "read-case"
    READ_AREAS = "read-areas"
    READ_INCIDENTS = "read-incidents"
    READ_INCIDENT = "read-incident"
    READ_FINDING = "read-finding"
    READ_WEEK = "read-week"
    READ_ASSESSMENT = "read-assessment"
    """Whether violence fell; the public is told no small counts."""
    READ_ACTORS = "read-actors"
    READ_TALKS = "read-talks"
    READ_MEASURES = "read-measures"
    READ_POSTS = "read-posts"
    READ_COVERAGE = "read-coverage"
    READ_UNSEEN = "read-unseen"
    """What nobody could have seen: it shows where posts are."""
    READ_CONTROL = "read-control"
    """Who is said to hold which settlement, and where the holders face each other."""
    COMPARE_BORDERS = "compare-borders"
    """What another border would change: whoever draws any line and counts within it can find each incident."""
    SITE_POSTS = "site-posts"
    """Where posts would stand and patrols drive. Plans are the desk's: whoever is stopped on the road knows none."""
    READ_OBLIGATIONS = "read-obligations"
    READ_OUTLOOK = "read-outlook"
    """What may come next: never the public's, since a published forecast of violence moves people and troops."""
    READ_NEWS = "read-news"
    """What is new since a position of the ledger, and being told of it at once."""
    READ_EARLIER = "read-earlier"
    """The record as it was known at an earlier position or moment."""
    READ_FIELD_FORM = "read-field-form"
    """The form with which reports are collected where there is no network."""
    READ_SUBMISSIONS = "read-submissions"
    IMPORT_SUBMISSIONS = "import-submissions"
    DECIDE_SUBMISSION = "decide-submission"
    """Which of two edits of a submission stands."""
    READ_SESSION = "read-session"
    """Who one is, and what one may do: no content."""
    SIGN_IN = "sign-in"
    """In and out; one's own password and second factor."""
    READ_HOME = "read-home"
    """What one sees first: since yesterday, the calendar of obligations, access by side, one's own party."""
    READ_PACK = "read-pack"
    """The pack of a joint commission's meeting."""
    READ_ACCOUNTS = "read-accounts"
    """Who has which role, since when, by whom."""
    MANAGE_ACCOUNTS = "manage-accounts"
    READ_CASE_FILES = "read-case-files"
    """Those that one is told of, with their documents, notices and who has them open; the rules of casework."""
    READ_SYMMETRY = "read-symmetry"
    """Whether the parties are treated alike."""
    # What is done to case files. Which of them, and when, casework decides; a role not named here never does it.
    OPEN_CASE_FILE = "open-case-file"
    MOVE_CASE_FILE = "move-case-file"
    EDIT_CASE_FILE = "edit-case-file"
    SETTLE_EDITS = "settle-edits"
    GRADE_EVIDENCE = "grade-evidence"
    COMMENT_ON_CASE_FILE = "comment-on-case-file"
    ATTACH_DOCUMENT = "attach-document"
    RECORD_VISIT = "record-visit"
    DECLARE_INTEREST = "declare-interest"
    OFFER_REPLY = "offer-reply"
    RECORD_REPLY = "record-reply"
    RECORD_VOTE = "record-vote"
    RECORD_DISSENT = "record-dissent"
    REPORT_REMEDY = "report-remedy"
    PUBLISH_CASE_FILE = "publish-case-file"
    STOP_CLOCK = "stop-clock"
    """And let it run again."""
    SHARE_ENTRIES = "share-entries"
    EXPORT_EXCERPT = "export-excerpt"
    """Everything told to a party, with proofs."""
    READ_REGISTERS = "read-registers"
    """The registers of two delegations, day by day: no entry before both lists are opened."""
    KEEP_REGISTERS = "keep-registers"
    """Set their day, close it, match the lists, settle pairs: what the centre does."""
    SPEAK_IN_REGISTERS = "speak-in-registers"
    """Hand in and open a list, amend it, answer the other, sign: what a side alone says for itself."""
    PROPOSE_FIGURE = "propose-figure"


MISSION_ROLES = frozenset({Role.FIELD_MONITOR, Role.ANALYST, Role.HEAD})
_READERS = frozenset(Role) - {Role.ADMINISTRATOR}
_SIDES = frozenset({Role.LIAISON, Role.GUARANTOR})
_DESK = frozenset({Role.ANALYST, Role.HEAD})
_WORKERS = MISSION_ROLES | {Role.LIAISON}

_WHO_MAY_ASK: dict[Operation, frozenset[Role]] = {
    Operation.READ_DESCRIPTION: frozenset(Role),
    Operation.READ_CASE: _READERS,
    Operation.READ_AREAS: _READERS,
    Operation.READ_INCIDENTS: _READERS,
    Operation.READ_INCIDENT: _READERS,
    Operation.READ_FINDING: _READERS,
    Operation.READ_WEEK: _READERS,
    Operation.READ_ASSESSMENT: _READERS,
    Operation.READ_ACTORS: _READERS,
    Operation.READ_TALKS: _READERS,
    Operation.READ_MEASURES: _READERS,
    Operation.READ_POSTS: _SIDES | MISSION_ROLES,
    Operation.READ_COVERAGE: _READERS,
    Operation.READ_UNSEEN: MISSION_ROLES,
    Operation.READ_CONTROL: _SIDES | MISSION_ROLES,
    Operation.COMPARE_BORDERS: MISSION_ROLES,
    Operation.SITE_POSTS: _DESK,
    Operation.READ_OBLIGATIONS: _READERS,
    Operation.READ_OUTLOOK: _SIDES | MISSION_ROLES,
    Operation.READ_NEWS: _SIDES | MISSION_ROLES,
    Operation.READ_EARLIER: _SIDES | MISSION_ROLES,
    Operation.READ_FIELD_FORM: MISSION_ROLES,
    Operation.READ_SUBMISSIONS: MISSION_ROLES,
    Operation.IMPORT_SUBMISSIONS: MISSION_ROLES,
    Operation.DECIDE_SUBMISSION: frozenset({Role.ANALYST, Role.HEAD}),
    Operation.READ_SESSION: frozenset(Role),
    Operation.SIGN_IN: frozenset(Role),
    Operation.READ_HOME: _SIDES | MISSION_ROLES,
    Operation.READ_PACK: _SIDES | MISSION_ROLES,
    Operation.READ_ACCOUNTS: frozenset({Role.HEAD, Role.ADMINISTRATOR}),
    Operation.MANAGE_ACCOUNTS: frozenset({Role.ADMINISTRATOR}),
    Operation.READ_CASE_FILES: _SIDES | MISSION_ROLES,
    Operation.READ_SYMMETRY: _SIDES | MISSION_ROLES,
    Operation.OPEN_CASE_FILE: _WORKERS,
    Operation.MOVE_CASE_FILE: _WORKERS,
    Operation.EDIT_CASE_FILE: _WORKERS,
    Operation.SETTLE_EDITS: _DESK,
    Operation.GRADE_EVIDENCE: MISSION_ROLES,
    Operation.COMMENT_ON_CASE_FILE: _WORKERS,
    Operation.ATTACH_DOCUMENT: _WORKERS,
    Operation.RECORD_VISIT: MISSION_ROLES,
    Operation.DECLARE_INTEREST: MISSION_ROLES,
    Operation.OFFER_REPLY: _DESK,
    Operation.RECORD_REPLY: _DESK | {Role.LIAISON},
    Operation.RECORD_VOTE: _DESK,
    Operation.RECORD_DISSENT: _DESK,
    Operation.REPORT_REMEDY: MISSION_ROLES,
    Operation.PUBLISH_CASE_FILE: frozenset({Role.HEAD}),
    Operation.STOP_CLOCK: MISSION_ROLES,
    Operation.SHARE_ENTRIES: _DESK,
    Operation.EXPORT_EXCERPT: frozenset({Role.LIAISON, Role.HEAD}),
    Operation.READ_REGISTERS: _SIDES | MISSION_ROLES,
    Operation.KEEP_REGISTERS: _DESK,
    Operation.SPEAK_IN_REGISTERS: frozenset({Role.LIAISON}),
    Operation.PROPOSE_FIGURE: _DESK | {Role.LIAISON},
}
_WHO_SEES: dict[FieldClass, frozenset[Role]] = {
    FieldClass.PUBLIC: frozenset(Role),  # the operation decides; the administrator's has no content
    FieldClass.SHARED: _SIDES | MISSION_ROLES,
    FieldClass.OWN_PARTY: MISSION_ROLES,
    FieldClass.MISSION: MISSION_ROLES,
    FieldClass.SEALED: frozenset(),
}


def allowed(role: Role, operation: Operation, field_class: FieldClass, *, own: bool = False) -> bool:
    """Whether a role may see fields of a class in answer to an operation.

    Parameters
    ----------
    role : Role
        Of the one who asks.
    operation : Operation
        What is asked.
    field_class : FieldClass
        Of the field.
    own : bool
        Whether the record is of the party that the one who asks speaks for.

    Examples
    --------
    >>> allowed(Role.LIAISON, Operation.READ_INCIDENT, FieldClass.OWN_PARTY, own=True)
    True
    >>> allowed(Role.LIAISON, Operation.READ_INCIDENT, FieldClass.OWN_PARTY)
    False
    """
    if role not in _WHO_MAY_ASK.get(operation, frozenset()):
        return False
    if role in _WHO_SEES.get(field_class, frozenset()):
        return True
    return own and field_class is FieldClass.OWN_PARTY and role is Role.LIAISON


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Someone who asks.

    Parameters
    ----------
    name : str
        As the ledger would name them; empty for the public.
    roles : frozenset of Role
        What they are; whatever one of them allows is allowed.
    parties : frozenset of str
        Of a liaison: the actors they speak for.
    """

    name: str
    roles: frozenset[Role]
    parties: frozenset[str] = frozenset()

    def may(self, operation: Operation, field_class: FieldClass = FieldClass.PUBLIC, *, own: bool = False) -> bool:
        """Whether any of the roles allows it; see `allowed`."""
        return any(allowed(role, operation, field_class, own=own) for role in self.roles)

    @property
    def release(self) -> ReleaseClass:
        """How places are told to them: as reported to the mission, coarsened and delayed to everybody else."""
        return ReleaseClass.MISSION if self.roles & MISSION_ROLES else ReleaseClass.PUBLIC

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What they may ask, in the order of `Operation`."""
        return tuple(operation for operation in Operation if self.may(operation))


ANYONE = Viewer(name="", roles=frozenset({Role.PUBLIC}))
"""Someone without an account."""
