"""A submission becomes a report with all it says, whatever it came in; what the phone should refuse is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister
from ceasefire.intake.form_vocabulary import Choice, FormVocabulary, PlaceChoice, UnitChoice
from ceasefire.intake.odk_files import RawSubmission, open_submissions
from ceasefire.intake.odk_reports import FormContext, open_answers, read_submission
from ceasefire.intake.xlsform import BOUNDS
from ceasefire.model.errors import InputError
from ceasefire.model.schemas import REPORT, TOLLS, table_of
from ceasefire.model.time import microseconds
from ceasefire.model.vocabulary import ACTS

from .field import ANSWERS, IDENTITY, PHOTO, SEALED, answers, central, columns, instance, kobo, one, table, xml

ZONE = ZoneInfo("Etc/GMT+3")
FORMS: dict[str, Callable[..., bytes]] = {"xml": xml, "kobo": kobo, "central": central}


def _actor(actor_id: str) -> Actor:
    name = {"text": actor_id.replace("-", " ").title(), "language": "en", "kind": "own"}
    return Actor.model_validate({"id": actor_id, "kind": "armed-group", "names": [name], "sources": ["test"]})


def choices(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(name=name, labels={"en": name.title()}) for name in names)


@pytest.fixture(scope="module")
def context() -> FormContext:
    actors = ("republic-army", "northern-assembly")
    return FormContext(
        vocabulary=FormVocabulary(
            case_id="riverline",
            title={"en": "Riverline"},
            acts=choices(*ACTS),
            actors=choices(*actors),
            speakers=choices("mission-patrols", "republic-delegation"),
            areas=choices("north-bank"),
            exceptions=choices("self-defence"),
            units=(
                UnitChoice(name="u1", labels={"en": "North"}, path="North"),
                UnitChoice(name="u2", labels={"en": "Hills"}, path="North/Hills", parent="u1"),
                UnitChoice(name="u3", labels={"en": "South"}, path="South"),
            ),
            places=(PlaceChoice(name="p1", labels={"en": "Reedham"}, latitude=26.68, longitude=-42.9),),
            extent=(-43.3, 26.2, -42.4, 26.9),
        ),
        register=ActorRegister([_actor(actor) for actor in actors], ZONE),
        speakers={"mission-patrols": (None, ()), "republic-delegation": ("republic-army", ("republic-army",))},
        zone=ZONE,
        now=microseconds(datetime(2021, 4, 23, tzinfo=UTC)),
    )


def raw(content: bytes, name: str = "field.bin") -> RawSubmission:
    (found,) = open_submissions(name, content).submissions
    return found


def row(context: FormContext, **changes: str | None) -> dict[str, Any]:
    read, fault = read_submission(raw(one(answers(**changes), 1)), context)
    assert fault is None and read is not None, fault
    return table_of([read], REPORT).to_pylist()[0]


@pytest.mark.parametrize("kind", FORMS)
def test_whatever_it_came_in_every_answer_is_there(kind: str, context: FormContext) -> None:
    found = raw(FORMS[kind](ANSWERS, 1, [PHOTO]))
    assert {name: " ".join(said.split()) for name, said in found.answers.items()} == {
        name: " ".join(said.split()) for name, said in ANSWERS.items()
    }
    assert found.photos == (PHOTO,)
    assert found.instance_id == instance(1)
    assert not found.others, "what servers add is no answer"
    read, fault = read_submission(found, context)
    assert fault is None and read is not None


def test_a_report_gives_every_answer_again(context: FormContext) -> None:
    """What the record has a column for can be read back from it, and the rest is kept beside it or sealed."""
    held = row(context)
    back = answers_of(held)
    kept = open_answers(ANSWERS)
    assert set(SEALED) == set(ANSWERS) - set(kept)
    beside = {
        "start", "end", "form_format", "basis", "consent", "identity_needed", "first_day", "place_kind", "counted",
        "perpetrator_other",
    }  # fmt: skip
    assert set(back) | beside == set(kept)
    for name, said in back.items():
        assert said == kept[name], name


def answers_of(held: dict[str, Any]) -> dict[str, str]:
    """Return the answers that a report was made from, as far as its columns say."""
    title, _, account = str(held["text"]).partition("\n")
    began = held["occurred_from"].astimezone(ZONE)
    back = {
        "speaker": held["source_id"],
        "stance": held["stance"],
        "alleges": {True: "yes", False: "no", None: "not-said"}[held["alleges"]],
        "invokes": " ".join(held["invokes"]),
        "title": title,
        "account": account,
        "account_language": held["text_language"],
        "acts": " ".join(held["acts"]),
        "time_precision": held["time_precision"],
        "occurred_at": began.isoformat(timespec="milliseconds"),
        "told_on": held["reported_at"].astimezone(ZONE).date().isoformat(),
        "point": f"{held['latitude']} {held['longitude']} 12.0 {held['place_radius_km'] * 1000:.1f}",
        "nearness": {"point": "there", "near": "near"}[held["place_precision"]],
        "place_name": held["place_name"],
        "direction": "clash" if held["sides"] else "one-sided" if held["perpetrators"] else "not-said",
        "perpetrators": " ".join("other" if each.startswith("name:") else each for each in held["perpetrators"]),
        "targets": " ".join(held["targets"]),
    }
    tolls = {f"{toll}_{bound}": held[f"{toll}_{bound}"] for toll in TOLLS for bound in BOUNDS}
    return {**back, **{name: str(count) for name, count in tolls.items() if count is not None}}


def test_a_name_on_no_list_is_kept_as_it_was_said(context: FormContext) -> None:
    held = row(context)
    assert held["perpetrators"] == ["republic-army", "name:Sons of the Pier"]
    assert held["flags"] == ["name-unresolved"]
    assert row(context, perpetrator_other="Northern Assembly")["perpetrators"] == ["republic-army", "northern-assembly"]


def test_missing_is_not_zero_and_zero_is_not_missing(context: FormContext) -> None:
    held = row(context)
    assert held["killed_combatant_best"] == 0
    assert held["killed_combatant_low"] is None
    assert held["injured_best"] is None
    none = row(context, counted="none", **{name: None for name in ANSWERS if name.startswith(("killed_", "injured_"))})
    assert {none[f"{toll}_{bound}"] for toll in TOLLS for bound in BOUNDS} == {None}


@pytest.mark.parametrize(
    ("accuser", "accused"), [("republic-army", "northern-assembly"), ("northern-assembly", "republic-army")]
)
def test_the_sides_are_read_alike(accuser: str, accused: str, context: FormContext) -> None:
    without = {"perpetrators": None, "perpetrator_other": None, "targets": None}
    clash = row(context, direction="clash", side_a=accuser, side_b=accused, **without)
    assert clash["sides"] == [[accuser], [accused]]
    hit = row(context, perpetrators=accused, perpetrator_other=None, targets=accuser)
    assert (hit["perpetrators"], hit["targets"], hit["sides"]) == ([accused], [accuser], [])
    assert refused(context, direction="clash", side_a=accuser, side_b=f"{accused} {accuser}", **without) == (
        f"{accuser} is on both sides"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"place_kind": "place", "place": "p1", "point": None}, ("point", 26.68, 2.0, None)),
        ({"nearness": "near", "radius_km": "3.5"}, ("near", 26.6801, 3.5, None)),
        ({"point": "26.6801 -42.9003 0 0"}, ("point", 26.6801, 2.0, None)),
        ({"point": "26.6801 -42.9003 0 4"}, ("point", 26.6801, 0.05, None)),
        ({"place_kind": "unit", "unit_1": "u1", "point": None}, ("governorate", None, None, "North")),
        (
            {"place_kind": "unit", "unit_1": "u1", "unit_2": "u2", "point": None},
            ("district", None, None, "North/Hills"),
        ),
        ({"place_kind": "area", "area": "north-bank", "point": None}, ("area", None, None, None)),
        ({"place_kind": "country", "point": None}, ("country", None, None, None)),
        ({"place_kind": "unknown", "point": None, "place_name": None}, ("unknown", None, None, None)),
    ],
)
def test_a_place_is_as_precise_as_was_said_and_no_more(
    changes: dict[str, str | None], expected: tuple[object, ...], context: FormContext
) -> None:
    held = row(context, **changes)
    radius = held["place_radius_km"]
    told = (held["place_precision"], held["latitude"], radius and round(radius, 4), held["area_name"])
    assert told == expected


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"time_precision": "day", "occurred_from": "2021-04-20"}, 1),
        ({"time_precision": "week", "occurred_from": "2021-04-12", "occurred_until": "2021-04-18"}, 7),
        ({"time_precision": "unknown", "occurred_from": "2021-01-01", "occurred_until": "2021-04-20"}, 110),
    ],
)
def test_days_are_local_and_whole(changes: dict[str, str], days: int, context: FormContext) -> None:
    held = row(context, occurred_at=None, **changes)
    lasts = held["occurred_until"] - held["occurred_from"]
    assert lasts.days == days
    assert held["occurred_from"].astimezone(ZONE).hour == 0
    assert ("many-days" in held["flags"]) == (days > 1)


def test_a_denial_of_a_period_is_no_account_of_one_event(context: FormContext) -> None:
    held = row(context, stance="denies", denial_scope="period", denied="fact casualties")
    assert (held["kind"], held["denied"]) == ("total", ["fact", "casualties"])
    assert row(context, stance="denies", denial_scope="event", denied="fact")["kind"] == "event"


def refused(context: FormContext, **changes: str | None) -> str:
    read, fault = read_submission(raw(one(answers(**changes), 1)), context)
    assert read is None and fault is not None
    return fault.what.removeprefix(f"{instance(1)}: ").removesuffix(".")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"acts": "shelling witchcraft"}, "acts has witchcraft, which the case does not have"),
        ({"acts": "not-known shelling"}, "acts has not-known beside others"),
        ({"acts": None}, "acts is missing"),
        ({"speaker": "nobody"}, 'speaker is "nobody", which the case does not have'),
        ({"consent": "no"}, "the person did not agree to its being recorded"),
        ({"killed_low": "4"}, "killed has low 4 and best 3 and high 5: out of order"),
        ({"killed_best": "-1"}, "killed_best is -1, not a number from 0 to 1e+06"),
        ({"killed_best": "3.5"}, "killed_best is 3.5, not a number from 0 to 1e+06"),
        ({"injured_high": None}, "injured is counted, and no figure is given"),
        (
            {"counted": "killed killed_civilian killed_combatant killed_unknown"},
            "injured has figures, and is not among",
        ),
        ({"counted": "killed none"}, "counted has none beside others"),
        ({"occurred_at": "2030-01-01T00:00:00Z"}, "occurred_at is 2030-01-01T00:00:00Z, a moment to come"),
        ({"occurred_at": "yesterday"}, "occurred_at is yesterday, not a moment"),
        ({"told_on": "2021-04-20"}, "it was told (2021-04-20) before it happened"),
        ({"told_on": "2021-02-30"}, "told_on is 2021-02-30, not a day"),
        ({"point": "-42.9 26.68 0 0"}, "point is -42.9 26.68, far outside the case"),
        ({"point": "nan nan 0 0"}, "point is nan nan 0 0, not a latitude and a longitude"),
        ({"point": None}, "point is missing"),
        ({"nearness": "near"}, "radius_km is missing"),
        ({"nearness": "near", "radius_km": "0"}, "radius_km is 0, not a number from 0.001 to 100"),
        ({"title": "x"}, "title has 1 letters, not 5 to 120"),
        ({"account": "x" * 5001}, "account has 5,001 letters, more than 5,000"),
        ({"stance": "denies"}, "denial_scope is missing; denied is missing"),
        ({"form_format": "2"}, "form_format is 2, not 1"),
        ({"perpetrator_other": None}, "perpetrator_other is missing"),
    ],
)
def test_what_the_phone_should_have_refused_is_refused(
    changes: dict[str, str | None], said: str, context: FormContext
) -> None:
    assert said in refused(context, **changes)


def test_a_week_is_no_longer_than_a_week(context: FormContext) -> None:
    long = {
        "time_precision": "week",
        "occurred_at": None,
        "occurred_from": "2021-04-12",
        "occurred_until": "2021-04-19",
    }
    assert refused(context, **long) == "it lasts from 2021-04-12 to 2021-04-19, longer than a week"
    assert "before it begins" in refused(context, **{**long, "occurred_until": "2021-04-11"})


def test_all_that_is_wrong_is_said_at_once(context: FormContext) -> None:
    said = refused(context, acts="nuke", told_on=None, killed_best="x", place_kind="moon")
    assert said.count(";") == 3


def test_without_an_id_it_cannot_be_told_from_another(context: FormContext) -> None:
    _, fault = read_submission(raw(table([columns(ANSWERS)])), context)
    assert fault is not None and "it has no instanceID" in fault.what


def test_a_question_of_the_missions_own_stays_with_the_original() -> None:
    found = raw(
        table([columns(ANSWERS, meta__instanceID=instance(1)) | {"witness_name": IDENTITY, "who-brigade": "7"}])
    )
    assert dict(found.others) == {"witness_name": IDENTITY, "who-brigade": "7"}
    assert "witness_name" not in open_answers(found.answers)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no submission"),
        (b"PK\x03\x04 cut", "cannot be unpacked"),
        (b"a,b\n1,2\n", "none of the form's questions"),
        (b"form_format,what-title\n", "a header and no rows"),
        (b"\xff\xfea\x00", "not UTF-8"),
        (b'{"value": [1]}', "not a list of submissions"),
        (b'{"value": ', "not JSON"),
        (b"<data><a>", "not XML that can be read"),
        (b'<!DOCTYPE x [<!ENTITY a "aaaa">]><data>&a;</data>', "document type of its own"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><data>&a;</data>'.encode("utf-16-le"), "document type of its own"),
        (b"<data>" + b"<a>" * 3000 + b"</a>" * 3000 + b"</data>", "within one another"),
        (b'{"a": ' * 60 + b"1" + b"}" * 60, "within one another"),
        (b"[" * 100_000, "within one another"),
        (b'[{"title": ' + b"9" * 5000 + b"}]", "not JSON"),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else None,
)
def test_what_is_no_file_of_submissions_is_refused_whole(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        open_submissions("field.bin", content)


@pytest.mark.parametrize(
    "more", [{"coordinates": None}, {"coordinates": [1]}, {"coordinates": ["x", "y"]}, {"coordinates": {}}]
)
def test_a_point_that_is_none_is_refused_as_an_answer(context: FormContext, more: dict[str, Any]) -> None:
    record = columns(answers(place_kind="point", point=None), "/")
    point = {"type": "Point", "properties": [5], **more}
    sent = [{**record, "meta/instanceID": instance(1), "where/point": point, "Edits": "\u00b2"}]
    (raw,) = open_submissions("field.json", json.dumps(sent).encode()).submissions
    assert raw.edits is None  # a digit to some, and no number
    row, fault = read_submission(raw, context)
    assert row is None and fault is not None and "point is " in fault.what
    _, fault = read_submission(replace(raw, answers=answers(told_on="9999-12-31")), context)
    assert fault is not None and "told_on is 9999-12-31" in fault.what
