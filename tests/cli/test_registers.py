"""`ceasefire registers` as two delegations and the centre use it on one machine."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ceasefire.pipeline.workspace import Workspace

Ceasefire = Callable[..., Any]
A, B, DAY = "republic", "northern-assembly", "2021-06-14"
ID = f"{DAY}.{B}.{A}"
HEAD = "no,day,place,latitude,longitude,kind,accused,killed\n"
LIST_A = (
    HEAD + f"R1,{DAY},Reedham,26.68,-42.90,shelling,Northern Assembly,3\nR2,{DAY},Old Town,26.43,-42.86,shelling,,\n"
)
LIST_B = HEAD + f"17/1,{DAY},Reedham,26.681,-42.899,shelling,Republic of Velmar,5\n"


@pytest.fixture
def registers(tmp_path: Path, ceasefire: Ceasefire) -> Callable[..., Any]:
    """Return the command in a new workspace, beside two lists."""
    folder = tmp_path / "mission"
    Workspace.create(folder, "riverline", author="Amal").close()
    (folder / "a.csv").write_text(LIST_A, encoding="utf-8")
    (folder / "b.csv").write_text(LIST_B, encoding="utf-8")
    return lambda *words, **more: ceasefire("registers", *words, cwd=folder, **more)


def done(ran: Any) -> Any:
    assert (ran.code, ran.err) == (0, "")
    return ran


def test_from_two_files_to_a_signed_figure(registers: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "mission"
    done(registers("set", DAY, "--party", A, "--party", B, "--cut-off", "2099-01-01T18:00"))
    said = done(registers("submit", DAY, "a.csv", "--party", A, "--key-file", "a.key")).out
    assert "2 entries of republic, sealed" in said
    key = (folder / "a.key").read_text(encoding="utf-8").strip()
    assert key not in said
    assert stat.S_IMODE((folder / "a.key").stat().st_mode) == 0o600
    done(registers("seal", ID, "b.csv", "--party", B, "--key-file", "b.key", "-o", "b.sealed"))
    assert b"Reedham" not in (folder / "b.sealed").read_bytes()
    done(registers("submit", DAY, "b.sealed", "--party", B))
    shown = done(registers("show", DAY, "--json")).out
    assert "Reedham" not in shown
    assert json.loads(shown)["list_a"]["entries"] is None
    own = json.loads(done(registers("show", DAY, "--party", A, "--key-file", "a.key", "--json")).out)
    assert [entry["no"] for entry in own["entries"]] == ["R1", "R2"]
    early = registers("open", DAY, "--party", A, "--key-file", "a.key")
    assert early.code == 2 and "has not passed" in early.err
    done(registers("close", DAY, "--reason", "Both are in."))
    done(registers("open", DAY, "--party", A, "--key-file", "a.key"))
    shown = done(registers("open", DAY, "--party", B, "--key-file", "b.key")).out
    assert "closed before it" in shown and "No answer is no admission." in shown
    done(registers("settle", DAY, "--entry", "R1", "--with", "17/1", "--say", "one-event", "--reason", "One salvo."))
    done(registers("answer", DAY, "--party", B, "--entry", "R1", "--say", "disputes", "--reason", "Not us."))
    done(registers("amend", DAY, "--party", A, "--say", "withdraw", "--entry", "R2", "--reason", "Not seen."))
    said = done(registers("figure", DAY, "--kind", "shelling", "--low", 1, "--reason", "Told by both.")).out
    figure = int(said.split("entry ")[1].split()[0])
    for party in (A, B):
        done(registers("sign", DAY, "--party", party, "--figure", figure))
    view = json.loads(done(registers("show", DAY, "--json")).out)
    assert [(one["figure"], one["is_agreed"]) for one in view["figures"]] == [(figure, True)]
    told = {entry["no"]: entry for entry in view["list_a"]["entries"]}
    assert told["R1"]["answer"]["answer"] == "disputes"
    assert told["R2"]["amendments"][0]["change"] == "withdraw"
    assert view["pairs"][0]["verdict"] == "one-event"
    said = done(registers("estimate", DAY, "--kind", "shelling")).out
    assert "No estimate" in said and "Under 7" in said
    assert "agreed" in done(registers("show", DAY)).out
    done(registers("unsign", DAY, "--party", A, "--figure", figure, "--reason", "Counted again."))
    assert json.loads(done(registers("list", "--json")).out)["agreed_figures"] == 0
    assert json.loads(done(registers("list", "--json", "--as-of", figure + 2)).out)["agreed_figures"] == 1


def test_every_fault_of_a_list_is_told_with_its_line_and_no_key_is_left(
    registers: Callable[..., Any], tmp_path: Path
) -> None:
    folder = tmp_path / "mission"
    done(registers("set", DAY, "--party", A, "--party", B, "--cut-off", "2099-01-01T18:00"))
    (folder / "a.csv").write_text(LIST_A.replace("26.68,", "126.68,").replace(",shelling,,", ",sabotage,,"), "utf-8")
    refused = registers("submit", DAY, "a.csv", "--party", A, "--key-file", "a.key")
    assert refused.code == 2
    assert [line.split(":")[:2] for line in refused.err.splitlines() if line.startswith("a.csv")] == [
        ["a.csv", "2"],
        ["a.csv", "3"],
    ]
    assert not (folder / "a.key").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sign", DAY, "--party", A), "--figure"),
        (("submit", DAY), "--party and FILE"),
        (("show", DAY, "--say", "one-event"), "no use for --say"),
        (("republic-delegation",), "B"),
        (("show", DAY), "no registers"),
        (("set", DAY, "--party", A, "--party", "nobody", "--cut-off", "2099-01-01T18:00"), "nobody"),
    ],
)
def test_what_cannot_be_done_is_said(registers: Callable[..., Any], words: tuple[str, ...], told: str) -> None:
    refused = registers(*words)
    assert refused.code == 2
    assert told in refused.err
    assert "Traceback" not in refused.err


def test_where_there_are_accounts_one_acts_as_ones_account(
    registers: Callable[..., Any], ceasefire: Ceasefire, tmp_path: Path
) -> None:
    folder = tmp_path / "mission"
    for account, role, of in (("chief", "head", ()), ("lia", "liaison", ("--party", A))):
        made = ceasefire("account", "add", account, "--name", account, "--role", role, *of, cwd=folder)
        assert made.code == 0, made.err
    words = ("set", DAY, "--party", A, "--party", B, "--cut-off", "2099-01-01T18:00")
    assert "no account" in registers(*words).err
    assert registers(*words, CEASEFIRE_AUTHOR="lia").code == 2
    done(registers(*words, CEASEFIRE_AUTHOR="chief"))
    submit = ("submit", DAY, "a.csv", "--key-file", "a.key", "--party")
    assert registers(*submit, B, CEASEFIRE_AUTHOR="lia").code == 2
    assert registers(*submit, A, CEASEFIRE_AUTHOR="chief").code == 2
    done(registers(*submit, A, CEASEFIRE_AUTHOR="lia"))
