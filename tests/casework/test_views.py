"""A case file as one person is told it."""

from __future__ import annotations

import pytest

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
