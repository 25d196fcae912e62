"""Facts of the built-in case that checks rest on, pinned so that an edit of the files cannot change them unseen."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from shapely import Point

from ceasefire.agreement.adherence import adheres, is_bound
from ceasefire.agreement.case import Case
from ceasefire.agreement.force import clause_in_force
from ceasefire.agreement.load import built_in_case, check_case, load_case
from ceasefire.agreement.readings import readings_at
from ceasefire.model.time import parse_moment
from ceasefire.model.vocabulary import Answer
from ceasefire.territory.areas import AreaIndex

ZONES = ("idlib", "north-homs", "east-ghouta", "south")


@pytest.fixture(scope="module")
def case() -> Case:
    return load_case(built_in_case("astana-2017"))


@pytest.fixture(scope="module")
def index(case: Case) -> AreaIndex:
    versions = {version.id: version for area in case.areas.values() for version in area.versions}
    return AreaIndex({key: (versions[key], case.geometries[key]) for key in versions})


def instant(case: Case, moment: str) -> int:
    return parse_moment(moment, case.zone).start


def bound(case: Case, clause: str, actor: str, area: str, moment: str) -> tuple[Answer, tuple[str, ...]]:
    at = instant(case, moment)
    reading = readings_at(case, case.clauses[clause], at).in_force
    outcome = is_bound(case, case.clauses[clause], reading, actor, area, at)
    return outcome.answer, outcome.reasons


def test_the_case_has_no_fault() -> None:
    assert [str(fault) for fault in check_case(built_in_case("astana-2017"))] == []


def test_every_term_of_the_memorandum_is_there_and_every_text_a_paraphrase(case: Case) -> None:
    assert {f"T{n}" for n in range(1, 16)} <= case.clauses.keys()
    assert {text.standing for clause in case.clauses.values() for text in clause.texts} == {"paraphrase"}


def test_the_clauses_of_the_memorandum_are_of_their_kinds(case: Case) -> None:
    of_kind = {f"T{n}": case.clauses[f"T{n}"].kind for n in range(1, 16)}
    assert of_kind["T1"] == "prohibits"
    assert of_kind["T11"] == "excepts"
    assert {key for key, kind in of_kind.items() if kind == "requires"} >= {"T2", "T10", "T12", "T13"}
    duty = case.clauses["T10"].duty
    assert duty is not None
    assert duty.guarantor_duty


@pytest.mark.parametrize(
    ("clause", "dates"),
    [
        ("T13", ["2017-05-14", "2017-05-18"]),
        ("T13.maps", ["2017-05-27", "2017-06-04"]),
        ("T13.separation", ["2017-06-04"]),
    ],
)
def test_conflicting_due_dates_are_all_kept(case: Case, clause: str, dates: list[str]) -> None:
    duty = case.clauses[clause].duty
    assert duty is not None
    assert duty.deadline is not None
    assert [moment.at for moment in duty.deadline.at] == dates


def test_the_start_of_t1_is_a_set_of_conflicting_moments(case: Case) -> None:
    starts = case.instruments["memorandum-2017"].enters_into_force
    assert [moment.at for moment in starts] == ["2017-05-04", "2017-05-05", "2017-05-06T00:00"]
    answers = {
        moment: clause_in_force(case, case.clauses["T1"], instant(case, moment)).answer
        for moment in ("2017-05-03T23:59", "2017-05-04T12:00", "2017-05-05T23:59", "2017-05-06T00:00")
    }
    assert list(answers.values()) == [Answer.NO, Answer.UNDETERMINED, Answer.UNDETERMINED, Answer.YES]


def test_the_term_of_the_memorandum_is_open_until_the_guarantors_say_that_it_goes_on(case: Case) -> None:
    answers = [
        clause_in_force(case, case.clauses["T1"], instant(case, moment))
        for moment in ("2017-11-03", "2017-12-15", "2018-04-15", "2018-05-20")
    ]
    assert [outcome.answer for outcome in answers] == [Answer.YES, Answer.YES, Answer.UNDETERMINED, Answer.YES]
    assert answers[2].reasons == ("renewal-unproven",)


def test_noon_or_midnight_leaves_the_morning_of_9_july_open(case: Case) -> None:
    clause = case.clauses["southwest-1"]
    answers = [
        clause_in_force(case, clause, instant(case, f"2017-07-{moment}")).answer
        for moment in ("08T23:00", "09T08:00", "09T12:00")
    ]
    assert answers == [Answer.NO, Answer.UNDETERMINED, Answer.YES]


def test_zenki_belongs_to_hts_on_19_july_2017_and_not_on_the_21st(case: Case) -> None:
    register = case.actors
    tie = register.actors["nour-al-din-al-zenki"].affiliations[0]
    assert (tie.to, tie.valid_from, tie.valid_until) == ("hts", "2017-01-28", "2017-07-20")
    assert register.belongs_to("nour-al-din-al-zenki", "hts", instant(case, "2017-07-19T12:00"))
    assert not register.belongs_to("nour-al-din-al-zenki", "hts", instant(case, "2017-07-21T12:00"))
    assert "hts" in case.clauses["T1"].targets.exempt


@pytest.mark.parametrize("actor", ["syrian-government", "ahrar-al-sham", "faylaq-al-sham", "southern-front"])
def test_nobody_is_bound_by_t1_on_another_s_word(case: Case, actor: str) -> None:
    assert bound(case, "T1", actor, "idlib", "2017-09-20") == (Answer.UNDETERMINED, ("adherence-second-hand",))


@pytest.mark.parametrize("actor", ["russia", "turkey", "iran"])
def test_whether_t1_reaches_the_guarantors_own_forces_is_open(case: Case, actor: str) -> None:
    at = instant(case, "2017-09-20")
    assert adheres(case, case.clauses["T1"], actor, "idlib", at).answer == Answer.YES
    assert bound(case, "T1", actor, "idlib", "2017-09-20") == (Answer.UNDETERMINED, ("bearer-open",))


def test_hts_refused(case: Case) -> None:
    assert adheres(case, case.clauses["T1"], "hts", "idlib", instant(case, "2017-05-10")).reasons == ("refuses",)
    assert bound(case, "T1", "hts", "idlib", "2017-05-10")[0] == Answer.NO


def test_the_seven_groups_of_the_truce_signed(case: Case) -> None:
    signatories = case.instruments["truce-2016"].signatories
    assert len(signatories) == 7
    assert "syrian-government" not in signatories
    assert {bound(case, "truce-2016-1", actor, "idlib", "2017-01-05")[0] for actor in signatories} == {Answer.YES}


def test_the_government_is_bound_by_the_halt_that_its_army_declared_and_by_no_other_s_word(case: Case) -> None:
    assert bound(case, "truce-2016-1", "syrian-government", "idlib", "2016-12-30T00:00")[0] == Answer.YES
    assert bound(case, "ghouta1-1", "syrian-government", "east-ghouta-douma", "2017-07-22T12:00")[0] == Answer.YES
    for clause, area in (("T1", "idlib"), ("ghouta2-1", "east-ghouta-rahman"), ("homs-1", "north-homs")):
        assert bound(case, clause, "syrian-government", area, "2017-09-20")[0] == Answer.UNDETERMINED


def test_the_two_ghouta_deals_bind_those_who_made_them_in_their_own_parts(case: Case) -> None:
    assert bound(case, "ghouta1-1", "jaysh-al-islam", "east-ghouta-douma", "2017-07-23")[0] == Answer.YES
    assert bound(case, "ghouta1-1", "faylaq-al-rahman", "east-ghouta-douma", "2017-08-09")[0] == Answer.NO
    before, after = (
        bound(case, "ghouta2-1", "faylaq-al-rahman", "east-ghouta-rahman", f"2017-08-18T{hour}")[0]
        for hour in ("20:59", "21:00")
    )
    assert (before, after) == (Answer.NO, Answer.YES)
    assert clause_in_force(case, case.clauses["ghouta2-1"], instant(case, "2017-08-18T20:59")).answer == Answer.NO


def test_kafr_batna_was_outside_the_first_ghouta_deal(case: Case, index: AreaIndex) -> None:
    answers = dict(zip(index.version_ids, index.answers([36.37], [33.52], [0.0])[0], strict=True))
    assert answers["east-ghouta-2017"] == Answer.YES
    assert answers["east-ghouta-douma-2017"] == Answer.NO
    assert answers["east-ghouta-rahman-2017"] != Answer.NO


def test_syrian_insurgents_is_a_bucket_and_nobody_s_group(case: Case) -> None:
    bucket = case.actors.actors["syrian-insurgents"]
    assert bucket.kind == "bucket"
    assert {"hts", "ahrar-al-sham", "faylaq-al-sham"} <= set(bucket.may_contain)
    for actor in bucket.may_contain:
        assert not case.actors.belongs_to(actor, "syrian-insurgents", instant(case, "2017-06-01"))


def test_ucdp_ids(case: Case) -> None:
    register = case.actors
    assert register.by_external_id("ucdp", "1170", at=instant(case, "2017-01-27T12:00")) == "jabhat-al-nusra"
    assert register.by_external_id("ucdp", "1170", at=instant(case, "2017-01-28T12:00")) is None
    assert register.by_external_id("ucdp", "6815") == "hts"
    assert {register.by_external_id("ucdp", id_) for id_ in ("6372", "7355")} == {"levant-front"}


def test_the_islamic_state_is_not_found_within_jaysh_al_islam(case: Case) -> None:
    assert case.actors.resolve("IS") == "islamic-state"
    assert case.actors.resolve("Jaysh al-Islam") == "jaysh-al-islam"
    assert case.actors.resolve("Tahrir al- Sham Army") == "jaysh-tahrir-al-sham-qalamoun"


@pytest.mark.real_data
def test_every_side_of_the_ucdp_extract_is_on_the_register(case: Case, real_data: Path) -> None:
    with (real_data / "dev_pack" / "ged_syria_2016_2017.csv").open(encoding="utf-8", newline="") as file:
        dated = {(row[side], row["date_start"][:10]) for row in csv.DictReader(file) for side in ("side_a", "side_b")}
    unknown = {
        name
        for side, day in dated
        for name in case.actors.resolve_side(side, at=instant(case, day))
        if name.startswith("name:")
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("zone", "uncertainty_km"), [("idlib", 5), ("north-homs", 3), ("east-ghouta", 1), ("south", 3)]
)
def test_borders_are_reconstructed_and_say_how_well(case: Case, zone: str, uncertainty_km: float) -> None:
    version = case.areas[zone].versions[0]
    assert version.standing == "reconstructed"
    assert version.uncertainty_km == uncertainty_km
    assert case.clauses["T1"].areas == ZONES


def test_the_pocket_of_fuaa_and_kafraya_is_a_hole_and_the_south_has_two_parts(case: Case) -> None:
    idlib, south = case.geometries["idlib-2017"], case.geometries["south-2017"]
    assert not idlib.contains(Point(36.68, 35.99))
    assert idlib.contains(Point(36.63, 35.93))
    assert len(south.geoms) == 2
    assert {stretch.uncertainty_km for stretch in case.areas["idlib"].versions[0].uncertain_stretches} == {10}


def test_29_posts_in_idlib_of_which_17_have_no_place(case: Case) -> None:
    posts = [post for post in case.posts if post.area == "idlib"]
    by_operator = {who: sum(post.operator == who for post in posts) for who in ("turkey", "russia", "iran")}
    assert by_operator == {"turkey": 12, "russia": 10, "iran": 7}
    assert len(posts) == 29
    placeless = [post for post in posts if post.latitude is None]
    assert len(placeless) == 17
    assert {post.operator for post in placeless} == {"russia", "iran"}


def test_six_two_sided_bulletins(case: Case) -> None:
    counts = {total.day: tuple(side.count for side in total.counts) for total in case.totals}
    assert counts == {
        "2017-03-22": (6, 13),
        "2017-03-25": (13, 19),
        "2017-03-31": (11, 15),
        "2019-05-10": (5, 15),
        "2019-09-22": (31, 19),
        "2021-01-02": (17, 4),
    }
    for total in case.totals:
        for side in total.counts:
            assert not side.by_place or sum(side.by_place.values()) == side.count


def test_whether_ahrar_came_for_the_first_time_is_disputed(case: Case) -> None:
    assert [meeting.id for meeting in case.rounds] == [f"astana-{n}" for n in range(1, 13)]
    said = {
        meeting.id: delegation.first_attendance
        for meeting in case.rounds
        for delegation in meeting.delegations
        if delegation.actor == "ahrar-al-sham" and delegation.role == "party"
    }
    assert said == {"astana-4": "disputed", "astana-6": "disputed"}


def test_what_no_source_says_is_marked(case: Case) -> None:
    """A fact that rests on the compilers' knowledge alone carries the mark."""
    for record in (*case.instruments.values(), *case.clauses.values(), *case.adherence, *case.posts, *case.measures):
        assert record.unverified or record.sources != ("own-knowledge",), record
