"""`ceasefire judge`: say whether two reports are of one event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ceasefire.cli.console import counted, print_json, print_json_lines, print_table, say, shown_progress
from ceasefire.cli.options import COMMON, Common
from ceasefire.model.errors import UsageError

if TYPE_CHECKING:
    from ceasefire.pipeline.judgement_file import JudgedFile
    from ceasefire.pipeline.judgements import Judged
    from ceasefire.pipeline.review import Doubt, Review
    from ceasefire.pipeline.workspace import Workspace

_CONSEQUENCES_SHOWN = 12
_COLUMN = 40  # letters, each report's half of the page
_PAGE = 96
_Id = "Id of a report or an incident, the beginning of one, or SOURCE:ITS_ID."


def judge(
    a: Annotated[str | None, Parameter(help=_Id)] = None,
    verdict: Annotated[str | None, Parameter(help="same, not-same or unsure.")] = None,
    b: Annotated[str | None, Parameter(help="The other.")] = None,
    /,
    *,
    note: Annotated[str | None, Parameter(help="Why, in your words; it is recorded.")] = None,
    file: Annotated[
        Path | None, Parameter(help="A CSV file: report_a, report_b, verdict, and note if you like.")
    ] = None,
    standing: Annotated[
        bool, Parameter(name="--list", negative=(), show_default=False, help="List the judgements in force.")
    ] = False,
    limit: Annotated[int, Parameter(help="How many doubtful pairs to list.")] = 10,
    common: Common = COMMON,
) -> None:
    """Say whether two reports are of one event; without arguments, list the pairs that wait for it.

    A judgement is recorded with your name and holds from the next fuse on, whatever
    is imported or learned. It takes the place of what you said of the two before;
    unsure withdraws it. Of an incident its earliest report is meant; of two
    incidents called the same, all reports.
    """
    given = [one for one in (a, verdict, b) if one is not None]
    if bool(given) + (file is not None) + standing > 1 or (note is not None and not given):
        raise UsageError("These do not go together.", "Judge two reports, or name a --file, or ask for the --list.")
    if given and len(given) < 3:
        raise UsageError(
            f"A judgement has three parts, and here {'is' if len(given) == 1 else 'are'} {len(given)}.",
            "Write: ceasefire judge A same B, or not-same, or unsure.",
        )
    with common.open() as workspace, shown_progress() as progress:
        if a is not None and verdict is not None and b is not None:
            _judged(workspace.judge(a, verdict, b, note=note), common)
        elif file is not None:
            progress(f"reading {file.name}", 0, 0)
            _judged_file(workspace.judge_file(file), common)
        elif standing:
            _standing(workspace, common)
        else:
            progress("looking at what a decision would change", 0, 0)
            _review(workspace.review(limit=limit), common)


def _judged(judged: Judged, common: Common) -> None:
    from dataclasses import asdict

    if common.json:
        print_json(asdict(judged))
        return
    if judged.position is None:
        say("You said so before; nothing was added.")
    else:
        instead = f', in place of your "{judged.replaces}"' if judged.replaces else ""
        say(f"Recorded as entry {judged.position} of the ledger, by {judged.author}{instead}.")
    if judged.also_same:
        reports = counted(len(judged.also_same), "further report")
        say(f"For both incidents to be one, {reports} had to be named, each an entry of its own.")
    _consequences(judged.follows, judged.conflicts, judged.pairs_changed)


def _judged_file(judged: JudgedFile, common: Common) -> None:
    from dataclasses import asdict

    if common.json:
        print_json(asdict(judged))
        return
    say(
        f"{counted(judged.rows_in, 'row')} in: {judged.recorded:,} recorded, "
        f"{counted(judged.duplicates, 'duplicate')}, {judged.already_said:,} said before."
    )
    if judged.left_open:
        say(f"{counted(judged.left_open, 'exported pair')} without a verdict: left open.")
    if judged.replaced:
        say(f"{counted(judged.replaced, 'judgement')} took the place of what you had said before.")
    if judged.also_same:
        say(f"For incidents to be one, {counted(judged.also_same, 'further report')} had to be named.")
    if judged.positions:
        first, last = judged.positions
        say(f"Recorded as entries {first} to {last} of the ledger." if first < last else f"Recorded as entry {first}.")
    _consequences(judged.follows, judged.conflicts, judged.pairs_changed)


def _consequences(follows: tuple[str, ...], conflicts: tuple[str, ...], pairs: int) -> None:
    if conflicts:
        say("It contradicts what is on record:", *(line for one in conflicts for line in _wrapped(one)))
    if not follows:
        say("No incident changes by it.")
        return
    say("After the next ceasefire fuse:", *(line for one in follows[:_CONSEQUENCES_SHOWN] for line in _wrapped(one)))
    if len(follows) > _CONSEQUENCES_SHOWN:
        say(f"   … and {len(follows) - _CONSEQUENCES_SHOWN:,} more; {counted(pairs, 'pair')} of reports in all.")


def _standing(workspace: Workspace, common: Common) -> None:
    from dataclasses import asdict

    from ceasefire.model.time import local_date

    found, zone = workspace.standing_judgements(), workspace.zone
    if common.json:
        print_json_lines(asdict(one) for one in found)
        return
    if not found:
        say("Nobody has judged anything.")
        return
    print_table(
        ("#entry", "day", "by", "report", "", "report", "note", "conflict"),
        (
            (
                one.position,
                local_date(one.recorded_at, zone),
                one.author,
                one.record_a,
                one.verdict,
                one.record_b,
                one.note,
                "" if one.conflict is None else f"no. {one.conflict}",
            )
            for one in found
        ),
    )
    conflicts = len({one.conflict for one in found} - {None})
    say(f"{counted(len(found), 'judgement')} in force, {counted(conflicts, 'conflict')}.")
    if conflicts:
        say("Judgements of one conflict cannot all be right; a later word of the same author, or unsure, ends it.")


def _review(review: Review, common: Common) -> None:
    from dataclasses import asdict

    if common.json:
        print_json_lines(asdict(one) for one in review.doubts)
        return
    for number, doubt in enumerate(review.doubts, start=1):
        say(*_doubt_lines(number, doubt), "")
    if not review.doubts:
        say("No pair waits for a person.")
    else:
        say(
            f"The first {len(review.doubts):,} of {counted(review.waiting, 'doubtful pair')}, the most consequential "
            "first.",
            "Decide with: ceasefire judge A same|not-same|unsure B",
        )
    if review.not_fused:
        since = counted(review.not_fused, "judgement")
        say(f"{since} since reports were last fused; ceasefire fuse renews the probabilities.")


def _doubt_lines(number: int, doubt: Doubt) -> list[str]:
    from ceasefire.fusion.explain import percent

    state = "now together" if doubt.together else "now apart"
    lines = [
        f"{number}. {percent(doubt.match_probability)} likely to be of one event, {state}; to decide otherwise changes "
        f"{counted(doubt.pairs_changed, 'pair')} of reports",
        *_halves("", doubt.report_a, doubt.report_b, " "),
        *_halves("source", doubt.record_a, doubt.record_b, " "),
    ]
    for question, (one, other) in doubt.says.items():
        if one or other:
            mark = "≠" if question in doubt.differ else "=" if one == other else " "
            lines += _halves(question, one or "not said", other or "not said", mark)
    then = "not of one event" if doubt.together else "of one event"
    return lines + [line for one in doubt.follows for line in _wrapped(f"If they are {then}: {one}")]


def _wrapped(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, _PAGE, initial_indent="   ", subsequent_indent="      ", break_on_hyphens=False)


def _halves(head: str, one: str, other: str, mark: str) -> list[str]:
    """Return two texts side by side."""
    import textwrap
    from itertools import zip_longest

    halves = (textwrap.wrap(text, _COLUMN, break_on_hyphens=False) or [""] for text in (one, other))
    lines = []
    for row, (left, right) in enumerate(zip_longest(*halves, fillvalue="")):
        lines.append(f"   {head if not row else '':6} {mark if not row else ' '} {left:{_COLUMN}}  {right}".rstrip())
    return lines
