"""The form for incident reports: an XLSForm built from a case's vocabulary, to be filled in where there is no network.

What a phone can refuse it refuses: every constraint here is checked again when a submission is read, by
`intake.odk_reports`. The form asks for no device, account or phone number of whoever fills it in.

Past 400 lines because the whole form is best read on one page, question by question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ceasefire.intake.form_vocabulary import (
    CIVILIANS,
    NOT_KNOWN,
    OTHER,
    Choice,
    FormVocabulary,
    PlaceChoice,
    UnitChoice,
    label_in,
    wordings,
)
from ceasefire.model.canonical import canonical_json, sha256_hex
from ceasefire.model.schemas import TOLLS
from ceasefire.model.vocabulary import DenialScope, DeniedQuestion, Stance, TimePrecision

FORM_FORMAT = "1"
"""What `form_format` of a submission says: by it an import knows the questions."""
BOUNDS = ("low", "best", "high")
TOLD = ("witness", "medical", "official")
"""Bases on which somebody spoke to the team, whose consent is asked."""
BASES = ("saw", "traces", *TOLD, "public", "hearsay")
PLACE_KINDS = ("point", "place", "unit", "area", "country", "unknown")
DIRECTIONS = ("one-sided", "clash", "not-said")
MOST_DEAD = 1_000_000
MOST_RADIUS_KM = 100
DAYS_AT_MOST = {TimePrecision.WEEK.value: 7, TimePrecision.MONTH.value: 31}
"""How long an interval of that precision may be, days."""
TITLE_LENGTH = (5, 120)
ACCOUNT_LENGTH = 5000
MARGIN_DEGREES = 2.0
"""Around the extent of the case: an incident just outside every zone is no mistake."""
AT_AN_INSTANT = (TimePrecision.INSTANT.value, TimePrecision.HOUR.value)
WITHOUT_AN_END = (*AT_AN_INSTANT, TimePrecision.DAY.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One row of the survey.

    Parameters
    ----------
    type : str
        As XLSForm calls it, such as ``select_one stance``.
    name : str
        Of the field that a submission carries; empty at the end of a group.
    label, hint, constraint_message, required_message : str
        Keys of the form's wording; empty: none.
    required : str
        ``yes`` or an expression; empty: may be left out.
    relevant, constraint, choice_filter, calculation, default, appearance, parameters : str
        Expressions and words of XLSForm.
    """

    type: str
    name: str = ""
    label: str = ""
    hint: str = ""
    required: str = ""
    required_message: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: str = ""
    choice_filter: str = ""
    calculation: str = ""
    default: str = ""
    appearance: str = ""
    parameters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as the rows of its three sheets; the first row of each names the columns.

    Parameters
    ----------
    survey, choices, settings : tuple of rows
        Texts; an empty one is an empty cell.
    form_id, version : str
        The version is a digest of the form: another vocabulary makes another version.
    """

    survey: tuple[tuple[str, ...], ...]
    choices: tuple[tuple[str, ...], ...]
    settings: tuple[tuple[str, ...], ...]
    form_id: str
    version: str


@dataclass(frozen=True, slots=True)
class _Lists:
    """The lists of choices, by name."""

    rows: dict[str, list[Choice]] = field(default_factory=dict)

    def add(self, name: str, choices: Iterable[Choice]) -> None:
        self.rows[name] = list(choices)


def build_form(vocabulary: FormVocabulary) -> Form:
    """Build the form of a case.

    Parameters
    ----------
    vocabulary : FormVocabulary
        What it offers, and in which languages it speaks.
    """
    languages = vocabulary.languages
    words = {code: wordings()[code] for code in languages}
    survey = tuple(_survey_rows(questions(vocabulary), words))
    choices = tuple(_choice_rows(choice_lists(vocabulary).rows, languages))
    form_id = f"{vocabulary.case_id}-incident-report"
    version = sha256_hex(canonical_json([survey, choices]).encode())[:12]
    case_title = label_in(vocabulary.title, languages[0], vocabulary.case_id)
    settings = (
        ("form_title", "form_id", "version", "default_language", "instance_name"),
        (
            _literal(f"{words[languages[0]]['form.title']}: {case_title}"),
            form_id,
            version,
            column_language(languages[0]),
            "concat(${first_day}, ' ', ${title})",
        ),
    )
    return Form(survey=survey, choices=choices, settings=settings, form_id=form_id, version=version)


def column_language(code: str) -> str:
    """Return what a language is called in the head of a column, such as ``English (en)``."""
    return f"{wordings()[code]['language']} ({code})"


def questions(vocabulary: FormVocabulary) -> tuple[Question, ...]:
    """Return the survey, question by question, in order."""
    return (
        Question(type="start", name="start"),
        Question(type="end", name="end"),
        Question(type="calculate", name="form_format", calculation=f"'{FORM_FORMAT}'"),
        *_group("who", _who()),
        *_group("claim", _claim(vocabulary)),
        *_group("what", _what()),
        *_group("when", _when()),
        *_group("where", _where(vocabulary)),
        *_group("parties", _parties()),
        *_group("toll", _toll()),
        *_photos(),
        Question(type="text", name="remark", label="remark", hint="remark.hint", appearance="multiline"),
    )


def fields(vocabulary: FormVocabulary | None = None) -> dict[str, str]:
    """Return every field that a submission can carry, with the path of the groups that it lies in.

    Parameters
    ----------
    vocabulary : FormVocabulary, optional
        By default one that leaves nothing out.

    Examples
    --------
    >>> fields()["title"], fields()["killed_low"]
    ('what/title', 'toll/killed_counts/killed_low')
    """
    found, path = {}, list[str]()
    for question in questions(vocabulary or _ALL):
        if question.type.startswith("begin"):
            path.append(question.name)
        elif question.type.startswith("end "):
            path.pop()
        elif question.type != "note":
            found[question.name] = "/".join([*path, question.name])
    return found


def _who() -> Iterator[Question]:
    yield Question(type="note", name="warning", label="warning")
    yield _needed(type="select_one speakers", name="speaker", hint="speaker.hint", appearance="minimal autocomplete")
    yield _needed(type="select_one basis", name="basis")
    yield _needed(
        type="select_one consent",
        name="consent",
        relevant=" or ".join(f"${{basis}} = '{one}'" for one in TOLD),
        constraint=". != 'no'",
        constraint_message="consent.refused",
    )
    yield _needed(
        type="date",
        name="told_on",
        default="today()",
        constraint=". <= today() and (${first_day} = '' or . >= date(${first_day}))",
        constraint_message="told_on.wrong",
    )
    yield _needed(type="select_one yes_no", name="identity_needed", hint="identity_needed.hint", default="no")
    wanted = "${identity_needed} = 'yes'"
    yield _needed(type="text", name="source_identity", hint="source_identity.hint", relevant=wanted)
    yield Question(type="text", name="source_contact", label="source_contact", relevant=wanted)


def _claim(vocabulary: FormVocabulary) -> Iterator[Question]:
    denies = f"${{stance}} = '{Stance.DENIES.value}'"
    yield _needed(type="select_one stance", name="stance")
    yield _needed(type="select_one denial_scope", name="denial_scope", relevant=denies)
    yield _needed(type="select_multiple denied", name="denied", relevant=denies)
    yield _needed(type="select_one yes_no_unsaid", name="alleges")
    if vocabulary.exceptions:
        yield Question(type="select_multiple exceptions", name="invokes", label="invokes")


def _what() -> Iterator[Question]:
    shortest, longest = TITLE_LENGTH
    length = "string-length(normalize-space(.))"
    yield _needed(
        type="text",
        name="title",
        constraint=f"{length} >= {shortest} and {length} <= {longest}",
        constraint_message="title.wrong",
    )
    yield _needed(type="select_multiple acts", name="acts", **_ALONE)
    yield Question(
        type="text",
        name="account",
        label="account",
        appearance="multiline",
        constraint=f"string-length(.) <= {ACCOUNT_LENGTH}",
        constraint_message="account.wrong",
    )
    yield _needed(type="select_one languages", name="account_language", relevant="${account} != ''")


def _when() -> Iterator[Question]:
    to_the_hour = _one_of("time_precision", AT_AN_INSTANT)
    yield _needed(type="select_one time_precision", name="time_precision")
    yield _needed(
        type="dateTime",
        name="occurred_at",
        relevant=to_the_hour,
        constraint=". <= now()",
        constraint_message="future.wrong",
    )
    yield _needed(
        type="date",
        name="occurred_from",
        relevant=f"${{time_precision}} != '' and not({to_the_hour})",
        constraint=". <= today()",
        constraint_message="future.wrong",
    )
    spans = " and ".join(
        f"(${{time_precision}} != '{precision}' or "
        f"decimal-date-time(.) - decimal-date-time(${{occurred_from}}) < {days - 0.5})"
        for precision, days in DAYS_AT_MOST.items()
    )
    yield _needed(
        type="date",
        name="occurred_until",
        relevant=f"${{time_precision}} != '' and not({_one_of('time_precision', WITHOUT_AN_END)})",
        constraint=f". >= ${{occurred_from}} and . <= today() and {spans}",
        constraint_message="occurred_until.wrong",
    )
    yield Question(
        type="calculate",
        name="first_day",
        calculation="if(${occurred_at} != '', format-date(${occurred_at}, '%Y-%m-%d'), ${occurred_from})",
    )


def _where(vocabulary: FormVocabulary) -> Iterator[Question]:
    at = "${place_kind} = "
    yield _needed(type="select_one place_kind", name="place_kind")
    yield _needed(
        type="geopoint",
        name="point",
        hint="point.hint",
        relevant=f"{at}'point'",
        appearance="placement-map",
        **_within(vocabulary.extent),
    )
    if vocabulary.places:
        appearance = "minimal autocomplete"
        yield _needed(type="select_one places", name="place", relevant=f"{at}'place'", appearance=appearance)
    yield _needed(type="select_one nearness", name="nearness", relevant=f"{at}'point' or {at}'place'")
    yield _needed(
        type="decimal",
        name="radius_km",
        relevant="${nearness} = 'near'",
        constraint=f". > 0 and . <= {MOST_RADIUS_KM}",
        constraint_message="radius_km.wrong",
    )
    if vocabulary.units:
        yield _needed(type="select_one units_1", name="unit_1", relevant=f"{at}'unit'", appearance="minimal")
    if any(unit.parent for unit in vocabulary.units):
        yield Question(
            type="select_one units_2",
            name="unit_2",
            label="unit_2",
            relevant=f"{at}'unit'",
            choice_filter="parent = ${unit_1}",
            appearance="minimal",
        )
    yield _needed(type="select_one areas", name="area", relevant=f"{at}'area'")
    yield Question(
        type="text",
        name="place_name",
        label="place_name",
        required=f"{at}'area' and ${{area}} = '{OTHER}'",
        required_message="required",
    )


def _parties() -> Iterator[Question]:
    one_sided, clash = "${direction} = 'one-sided'", "${direction} = 'clash'"
    minimal = "minimal autocomplete"
    yield _needed(type="select_one direction", name="direction")
    for name, other in (("perpetrators", "perpetrator_other"), ("targets", "target_other")):
        yield _needed(type=f"select_multiple {name}", name=name, relevant=one_sided, appearance=minimal, **_ALONE)
        yield _needed(type="text", name=other, relevant=f"{one_sided} and selected(${{{name}}}, '{OTHER}')")
    yield _needed(type="select_multiple sides", name="side_a", relevant=clash, appearance=minimal)
    yield _needed(
        type="select_multiple sides",
        name="side_b",
        relevant=clash,
        choice_filter="not(selected(${side_a}, name))",
        appearance=minimal,
    )


def _toll() -> Iterator[Question]:
    alone = "not(selected(., 'none') and count-selected(.) > 1)"
    yield _needed(
        type="select_multiple counted",
        name="counted",
        hint="counted.hint",
        constraint=alone,
        constraint_message="alone.wrong",
    )
    for toll in TOLLS:
        low, best = f"${{{toll}_low}}", f"${{{toll}_best}}"
        before = {
            "low": "",
            "best": f" and ({low} = '' or . >= {low})",
            "high": f" and ({low} = '' or . >= {low}) and ({best} = '' or . >= {best})",
        }
        yield Question(
            type="begin group",
            name=f"{toll}_counts",
            label=f"counted.{toll}",
            relevant=f"selected(${{counted}}, '{toll}')",
        )
        for bound in BOUNDS:
            yield Question(
                type="integer",
                name=f"{toll}_{bound}",
                label=f"bound.{bound}",
                required=f"{low} = '' and {best} = ''" if bound == "high" else "",
                required_message="bound.required" if bound == "high" else "",
                constraint=f". >= 0 and . <= {MOST_DEAD}{before[bound]}",
                constraint_message="bound.wrong",
            )
        yield Question(type="end group")
    parts = " + ".join(f"coalesce(${{{toll}_best}}, 0)" for toll in TOLLS if toll.startswith("killed_"))
    yield Question(
        type="note",
        name="parts_note",
        label="parts_note",
        relevant=f"${{killed_best}} != '' and {parts} > ${{killed_best}}",
    )


def _photos() -> Iterator[Question]:
    yield Question(type="begin repeat", name="photos", label="photos")
    yield Question(type="image", name="photo", label="photo", hint="photo.hint", parameters="max-pixels=1600")
    yield Question(type="text", name="photo_note", label="photo_note")
    yield Question(type="end repeat")


def _group(name: str, rows: Iterable[Question]) -> Iterator[Question]:
    yield Question(type="begin group", name=name, label=name, appearance="field-list" if name == "who" else "")
    yield from rows
    yield Question(type="end group")


def _needed(*, type: str, name: str, **others: str) -> Question:
    return Question(type=type, name=name, label=name, required="yes", required_message="required", **others)


_ALONE = {
    "constraint": f"not(selected(., '{NOT_KNOWN}') and count-selected(.) > 1)",
    "constraint_message": "alone.wrong",
}


def _one_of(name: str, values: Iterable[str]) -> str:
    return "(" + " or ".join(f"${{{name}}} = '{value}'" for value in values) + ")"


def widened(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return an extent with the margin in which a point is still no mistake: west, south, east, north."""
    west, south, east, north = extent
    return west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES


def _within(extent: tuple[float, float, float, float] | None) -> dict[str, str]:
    if extent is None:
        return {}
    west, south, east, north = (round(edge, 2) for edge in widened(extent))
    latitude, longitude = "number(selected-at(., 0))", "number(selected-at(., 1))"
    return {
        "constraint": f"{latitude} >= {south} and {latitude} <= {north} and "
        f"{longitude} >= {west} and {longitude} <= {east}",
        "constraint_message": "point.wrong",
    }


def choice_lists(vocabulary: FormVocabulary) -> _Lists:
    """Return the lists of choices: of the case, and of the form itself."""
    lists = _Lists()
    actors, other, unknown = vocabulary.actors, _word(OTHER), _word(NOT_KNOWN)
    lists.add("speakers", vocabulary.speakers)
    lists.add("basis", _words("basis", BASES))
    lists.add("consent", [_word("yes"), _word("no"), _word("not-asked")])
    lists.add("yes_no", [_word("yes"), _word("no")])
    lists.add("yes_no_unsaid", [_word("yes"), _word("no"), _word("not-said")])
    lists.add("stance", _words("stance", Stance))
    lists.add("denial_scope", _words("denial_scope", DenialScope))
    lists.add("denied", _words("denied", DeniedQuestion))
    lists.add("exceptions", vocabulary.exceptions)
    lists.add("acts", [*(_act(act) for act in vocabulary.acts), unknown])
    lists.add("languages", [*(_language(code) for code in wordings()), other])
    lists.add("time_precision", _words("time_precision", TimePrecision))
    offered = {"place": bool(vocabulary.places), "unit": bool(vocabulary.units)}
    lists.add("place_kind", _words("place_kind", [kind for kind in PLACE_KINDS if offered.get(kind, True)]))
    lists.add("places", vocabulary.places)
    lists.add("nearness", _words("nearness", ("there", "near")))
    lists.add("units_1", [unit for unit in vocabulary.units if unit.parent is None])
    lists.add("units_2", [unit for unit in vocabulary.units if unit.parent is not None])
    lists.add("areas", [*vocabulary.areas, other])
    lists.add("direction", _words("direction", DIRECTIONS))
    lists.add("perpetrators", [*actors, other, unknown])
    lists.add("targets", [_word(CIVILIANS), *actors, other, unknown])
    lists.add("sides", actors)
    lists.add("counted", _words("counted", (*TOLLS, "none")))
    return lists


def _words(family: str, names: Iterable[str]) -> list[Choice]:
    return [_word(str(name), f"{family}.{name}") for name in names]


def _word(name: str, key: str | None = None) -> Choice:
    return Choice(name=name, labels={code: words[key or name] for code, words in wordings().items()})


def _act(act: Choice) -> Choice:
    """Return an act under the case's own title, else in the form's words."""
    known = {code: words[f"act.{act.name}"] for code, words in wordings().items() if f"act.{act.name}" in words}
    return Choice(name=act.name, labels=act.labels or known)


def _language(code: str) -> Choice:
    return Choice(name=code, labels={each: wordings()[code]["language"] for each in wordings()})


_TRANSLATED = ("label", "hint", "constraint_message", "required_message")
_PLAIN = (
    "required", "relevant", "constraint", "choice_filter", "calculation", "default", "appearance", "parameters",
)  # fmt: skip


def _survey_rows(rows: Iterable[Question], words: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, ...]]:
    yield (
        "type",
        "name",
        *(f"{column}::{column_language(code)}" for column in _TRANSLATED for code in words),
        *_PLAIN,
    )
    for row in rows:
        keys = [getattr(row, column) for column in _TRANSLATED]
        yield (
            row.type,
            row.name,
            *(_literal(said[key]) if key else "" for key in keys for said in words.values()),
            *(getattr(row, column) for column in _PLAIN),
        )


def _choice_rows(lists: Mapping[str, list[Choice]], languages: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield ("list_name", "name", *(f"label::{column_language(code)}" for code in languages), "parent")
    for name, choices in lists.items():
        for choice in choices:
            labels = (_literal(label_in(choice.labels, code, choice.name)) for code in languages)
            yield (name, choice.name, *labels, choice.parent or "")


def _literal(text: str) -> str:
    """Return a text in which the converter sees no reference to a question."""
    return text.replace("${", "$ {")


_ALL = FormVocabulary(
    case_id="any",
    title={},
    acts=(),
    actors=(),
    speakers=(),
    exceptions=(Choice(name="any", labels={}),),
    units=(
        UnitChoice(name="any", labels={}, path="Any"),
        UnitChoice(name="part", labels={}, path="Any/Part", parent="any"),
    ),
    places=(PlaceChoice(name="any", labels={}, latitude=0.0, longitude=0.0),),
)
"""A vocabulary that leaves no question out."""
