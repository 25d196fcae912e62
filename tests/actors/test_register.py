"""Who is who: whole names only, at the date, and ties followed as they stood at the instant."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasefire.actors.records import Actor
from ceasefire.actors.register import ActorRegister, normalised_name
from ceasefire.model.time import parse_moment

ZONE = ZoneInfo("Asia/Damascus")


def at(text: str) -> int:
    return parse_moment(text, ZONE).start


def actor(id_: str, *names: dict | str, kind: str = "armed-group", **more: object) -> Actor:
    given_names = [{"text": n, "language": "en"} if isinstance(n, str) else n for n in names or (id_,)]
    return Actor.model_validate({"id": id_, "kind": kind, "names": given_names, "sources": ["s"], **more})


def tie(to: str, kind: str = "member", since: str | None = None, until: str | None = None) -> dict:
    return {"to": to, "kind": kind, "valid_from": since, "valid_until": until, "sources": ["s"]}


def name(text: str, since: str | None = None, until: str | None = None, kind: str = "name", language: str = "en"):
    return {"text": text, "language": language, "kind": kind, "valid_from": since, "valid_until": until}


REGISTER = ActorRegister(
    [
        actor("is", name("Islamic State", kind="own"), name("IS", kind="abbreviation"), name("داعش", language="ar")),
        actor("jaysh-al-islam", "Jaysh al-Islam", name("جيش الإسلام", language="ar", kind="own")),
        actor("ahrar", "Ahrar al-Sham", name("أحرار الشام", language="ar"), name("Ахрар аш-Шам", language="ru")),
        actor("front", name("Front", until="2017-01-28"), name("Assembly", since="2017-01-28")),
        actor("new-front", name("Front", since="2017-01-28")),
        actor("twin-1", "Army of the Valley"),
        actor("twin-2", "The Army of the Valley"),
        actor("shells", "Shells and Mortars Brigade"),
        actor("zenki", affiliations=[tie("front", since="2017-01-28", until="2017-07-20")]),
        actor("unit", affiliations=[tie("zenki", kind="command")]),
        actor("umbrella", kind="umbrella"),
        actor("lister", affiliations=[tie("umbrella", kind="listed"), tie("ahrar", kind="allied", since="2017-06-01")]),
    ],
    ZONE,
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("IS", "is"),
        ("Jaysh al-Islam", "jaysh-al-islam"),
        ("jaysh el islam", "jaysh-al-islam"),
        ("Jaysh al‐Islām", "jaysh-al-islam"),
        ("جيش الاسلام", "jaysh-al-islam"),
        ("Ahrar ash-Sham", "ahrar"),
        ("احرار الشام", "ahrar"),
        ("أَحْرَار الشَّام", "ahrar"),
        ("АХРАР АШ-ШАМ", "ahrar"),
        ("DAEŞ", "name:DAEŞ"),
        ("Islam", "name:Islam"),
        ("Islamic", "name:Islamic"),
        ("IS affiliates", "name:IS affiliates"),
        ("Jaysh al-Islam faction", "name:Jaysh al-Islam faction"),
        ("", "name:"),
        ("ahrar", "ahrar"),
        ("name:Somebody", "name:Somebody"),
    ],
)
def test_only_whole_names_resolve(text: str, found: str):
    assert REGISTER.resolve(text) == found


def test_the_name_borne_at_the_time_wins():
    assert REGISTER.resolve("Front", at=at("2016-05-01")) == "front"
    assert REGISTER.resolve("Front", at=at("2017-05-01")) == "new-front"
    assert REGISTER.resolve("Front") == "name:Front", "without a date two actors bear the name"
    assert REGISTER.resolve("Assembly", at=at("2016-05-01")) == "front", "a later name still means only one actor"


def test_an_ambiguous_name_is_nobodys():
    assert REGISTER.resolve("Army of the Valley", at=at("2017-05-01")) == "name:Army of the Valley"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ahrar al-Sham, IS", ("ahrar", "is")),
        ("Ahrar al-Sham, Unheard Of, IS", ("ahrar", "name:Unheard Of", "is")),
        ("Ahrar al-Sham, Jaysh al-Islam, and IS", ("ahrar", "jaysh-al-islam", "is")),
        ("Ahrar al-Sham and IS", ("ahrar", "is")),
        ("IS، جيش الإسلام", ("is", "jaysh-al-islam")),
        ("Shells and Mortars Brigade, IS", ("shells", "is")),
        ("Sticks and Stones Brigade", ("name:Sticks and Stones Brigade",)),
        ("IS, IS", ("is",)),
    ],
)
def test_composite_sides_are_split(text: str, found: tuple[str, ...]):
    assert REGISTER.resolve_side(text) == found


def test_a_tie_holds_until_the_start_of_its_last_date():
    assert REGISTER.belongs_to("zenki", "front", at("2017-07-19T23:59:59"))
    assert not REGISTER.belongs_to("zenki", "front", at("2017-07-20"))
    assert not REGISTER.belongs_to("zenki", "front", at("2017-07-21"))
    assert not REGISTER.belongs_to("zenki", "front", at("2017-01-27T23:59"))


def test_ties_are_followed_through_other_actors():
    assert REGISTER.groups_of("unit", at("2017-03-01")) == {"unit", "zenki", "front"}
    assert REGISTER.groups_of("unit", at("2017-08-01")) == {"unit", "zenki"}
    assert REGISTER.groups_of("name:Somebody", at("2017-08-01")) == {"name:Somebody"}


def test_umbrellas_and_allies_pass_nothing_on():
    now = at("2017-08-01")
    assert REGISTER.groups_of("lister", now) == {"lister"}
    assert REGISTER.listed_under("lister", now) == {"umbrella"}
    assert REGISTER.listed_under("ahrar", now) == frozenset()


def test_allies_are_allies_both_ways_and_by_date():
    assert REGISTER.allied("lister", "ahrar", at("2017-08-01"))
    assert REGISTER.allied("ahrar", "lister", at("2017-08-01"))
    assert not REGISTER.allied("ahrar", "lister", at("2017-05-01"))
    assert REGISTER.allied("unit", "front", at("2017-03-01")), "of one group"
    assert not REGISTER.allied("unit", "front", at("2017-08-01"))


def test_a_circle_of_ties_ends():
    circle = ActorRegister([actor("a", affiliations=[tie("b")]), actor("b", affiliations=[tie("a")])], ZONE)
    assert circle.groups_of("a", 0) == {"a", "b"}


def test_change_instants_are_every_start_and_end_once():
    assert REGISTER.change_instants() == tuple(map(at, ("2017-01-28", "2017-06-01", "2017-07-20")))


def test_external_ids_by_date():
    register = ActorRegister(
        [
            actor("old", external_ids=[{"scheme": "ged", "id": "7", "valid_until": "2017-01-28"}]),
            actor("new", external_ids=[{"scheme": "ged", "id": "7", "valid_from": "2017-01-28"}]),
            actor("two", external_ids=[{"scheme": "ged", "id": "8"}, {"scheme": "ged", "id": "9"}]),
        ],
        ZONE,
    )
    assert register.by_external_id("ged", "7", at=at("2017-01-27")) == "old"
    assert register.by_external_id("ged", "7", at=at("2017-01-28")) == "new"
    assert register.by_external_id("ged", "7") is None
    assert register.by_external_id("ged", "8") == register.by_external_id("ged", "9") == "two"
    assert register.by_external_id("ged", "77") is None
    assert register.by_external_id("other", "8") is None


def test_printed_names():
    assert REGISTER.name("jaysh-al-islam", "ar") == "جيش الإسلام"
    assert REGISTER.name("jaysh-al-islam") == "Jaysh al-Islam"
    assert REGISTER.name("is", "fr") == "Islamic State"
    assert REGISTER.name("name:Somebody") == "Somebody"
    assert REGISTER.name("civilians") == "civilians"


@given(st.text(alphabet="abĞşéíAlTHE- İı'’أإاةهىيالкиёЙ", max_size=20))
def test_case_and_hyphens_never_matter(text: str):
    assert normalised_name(text.replace("-", " ")) == normalised_name(text)
    assert normalised_name(text.upper()) == normalised_name(text)
    assert normalised_name(f"  {text} ") == normalised_name(text)
