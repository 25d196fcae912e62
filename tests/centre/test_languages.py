"""Sentences are told in the language that the reader accepts, and never kept for a reader of another."""

from __future__ import annotations

import re

from .visitor import Client

ARABIC = re.compile("[\u0600-\u06ff]")


def one_incident(owner: Client) -> str:
    rows = owner.get("/api/v1/incidents?status=contested&limit=1").json()["incidents"]
    return str(rows[0]["incident_id"])


def test_a_finding_is_explained_in_arabic(owner: Client) -> None:
    path = f"/api/v1/incidents/{one_incident(owner)}"
    english = owner.get(path, headers={"accept-language": "en-GB,en;q=0.9"})
    arabic = owner.get(path, headers={"accept-language": "ar-SY, en;q=0.5"})
    assert english.headers["etag"] != arabic.headers["etag"]
    assert "Accept-Language" in arabic.headers["vary"]
    told, said = arabic.json()["findings"], english.json()["findings"]
    assert [finding["finding_id"] for finding in told] == [finding["finding_id"] for finding in said]
    for finding in told:
        assert ARABIC.search(finding["outcome"])
        assert all(ARABIC.search(question["question"]) for question in finding["questions"])
        assert all(ARABIC.search(sentence) for sentence in finding["notes"])
    for finding in said:
        assert not ARABIC.search(finding["outcome"])
        assert not any(ARABIC.search(question["question"]) for question in finding["questions"])
    assert all(ARABIC.search(sentence) for sentence in arabic.json()["sentences"])
    answers = [[question["answer"] for question in finding["questions"]] for finding in told]
    assert answers == [[question["answer"] for question in finding["questions"]] for finding in said]


def test_obligations_say_why_in_arabic(owner: Client) -> None:
    path = "/api/v1/obligations?day=2021-06-30"
    reasons = [
        reason
        for one in owner.get(path, headers={"accept-language": "ar"}).json()["obligations"]
        for reason in one["reasons"]
    ]
    assert reasons
    assert all(ARABIC.search(reason) for reason in reasons)


def test_a_language_without_words_is_told_in_english(owner: Client) -> None:
    path = f"/api/v1/incidents/{one_incident(owner)}"
    for accepted in ("", "xx", "*", ",,;q=", "a" * 5000):
        answer = owner.get(path, headers={"accept-language": accepted})
        assert answer.status_code == 200
        assert not ARABIC.search(answer.json()["findings"][0]["outcome"])
