"""A case file as one person is told it."""

from __future__ import annotations

import pytest

from ceasefire.casework.people import Person
from ceasefire.casework.permissions import sees, takes_part
from ceasefire.model.roles import Role

from .conftest import Office


@pytest.mark.parametrize(("filing", "accused"), [("a", "b"), ("b", "a")])
def test_the_history_told_to_a_party_is_what_was_shared_with_it(office: Office, filing: str, accused: str) -> None:
    id_ = office.determined(by=filing, against=accused)
    office["analyst"].comment(id_, "Among us.")
    whole = office["head"].read(id_).history
    assert [act.transition for act in whole if act.kind == "case-file-moved"] == [
        step.transition for step in office["head"].read(id_).steps[1:]
    ]
    assert [act.position for act in whole] == sorted(act.position for act in whole)
    for party in (filing, accused):
        told = office[f"liaison-{party}"].read(id_).history
        assert [act.position for act in told] == [act.position for act in whole if party in act.shared_with]
        assert all(act.kind != "case-file-comment" for act in told)
    assert len(office[f"liaison-{accused}"].read(id_).history) < len(whole)


def test_the_bodies_of_the_case_stand_beside_it(office: Office) -> None:
    (body,) = office["analyst"].read(office.filed()).bodies
    assert (body.id, body.quorum, body.voting_rule) == ("board", 2, "consensus")
    assert [(member.id, member.party) for member in body.members] == [("chair", None), ("of-a", "a"), ("of-b", "b")]


@pytest.mark.parametrize(("filing", "accused"), [("a", "b"), ("b", "a")])
def test_a_guarantor_takes_part_in_no_case_not_even_of_its_own_state(office: Office, filing: str, accused: str) -> None:
    id_ = office.determined(by=filing, against=accused)
    office["head"].publish(id_, what="progress", names=[], text="A file was closed.")
    (case_file,) = office["head"].seen()
    for party in (filing, accused):
        liaison, guarantor = (
            Person(name="p", roles=frozenset({role}), parties=frozenset({party}))
            for role in (Role.LIAISON, Role.GUARANTOR)
        )
        assert sees(case_file, liaison) and takes_part(case_file, liaison)
        assert sees(case_file, guarantor) and not takes_part(case_file, guarantor)
