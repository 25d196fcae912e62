"""Why two reports are held to be of one event, or not: every weight with what it rests on, adding up exactly.

All weights are in bits: one bit doubles the odds that two reports are of one event. A pair begins with the prior, each
comparison adds its weight, and the sum is the pair's match weight. Rivals then take from it, and what is left is turned
into a probability by how often pairs with as much left were of one event. Whether two reports come to one incident is
decided by the mean over all pairs between the groups they are in.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.canonical import whole
from ceasefire.fusion.compare import NOT_SAID
from ceasefire.fusion.match import NATS_PER_BIT
from ceasefire.fusion.weighing import CHEAPEST_FIRST
from ceasefire.fusion.weights import Weights
from ceasefire.fusion.wording import Wording, likelihood_words
from ceasefire.model.percent import whole_percent

Floats = npt.NDArray[np.float64]
STEPS = ("prior", "source", *CHEAPEST_FIRST)
"""What a match weight is the sum of, in the order in which it is added up."""
_RIVALS_NAMED = 3
_BAR = 10  # letters of the longest bar
_BITS_PER_LETTER = 0.8
_LABELS = {"prior": "before comparing", "source": "whose", "civilian": "civilians"}
_NEITHER_WAY = ": counts neither way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one step adds to a pair's weight.

    Parameters
    ----------
    step : str
        Of `STEPS`; or *rivals* or *experience*, which come after the match weight.
    bits : float
    says : str
        What it rests on, in words, and how much likelier that is of one event or of two.
    counts : bool
        Whether anything was compared: what a report leaves out counts neither way.
    """

    step: str
    bits: float
    says: str
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The evidence of one pair.

    Parameters
    ----------
    report_a, report_b : str
    decision : str
        Of `match.DECISIONS`.
    match_probability : float
        That the two are of one event; 1 or 0 where people or the reports themselves settled it.
    match_weight, weight_after_rivals : float
        Bits, as stored with the pair.
    contributions : tuple of Contribution
        Those of `STEPS` add up to the match weight; *rivals* leads to the weight after rivals, *experience* to the
        probability.
    rivals : tuple of (str, str, float)
        Other pairs that exclude this one, the strongest first, with their match weights.
    """

    report_a: str
    report_b: str
    decision: str
    match_probability: float
    match_weight: float
    weight_after_rivals: float
    contributions: tuple[Contribution, ...]
    rivals: tuple[tuple[str, str, float], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "report_a": self.report_a,
            "report_b": self.report_b,
            "decision": self.decision,
            "match_probability": self.match_probability,
            "match_weight": self.match_weight,
            "weight_after_rivals": self.weight_after_rivals,
            "contributions": [
                {"step": one.step, "bits": one.bits, "counts": one.counts, "says": one.says}
                for one in self.contributions
            ],
            "rivals": [{"report_a": a, "report_b": b, "match_weight": bits} for a, b, bits in self.rivals],
        }


def totals_in_bits(pairs: pa.Table, own: Sequence[str | None], weights: Weights) -> Floats:
    """Return the weight of each pair after each step: the last is the match weight as it is stored, to the last digit.

    Parameters
    ----------
    pairs : pa.Table
        Schema `match.PAIR`, p rows.
    own : sequence of str or None, length p
        The source of both reports of a pair; None where they are of two.
    weights : Weights
        Under which the pairs were weighed.

    Returns
    -------
    float64 array, shape (len(STEPS), p)
    """
    # added up in the precision and in the order of the weighing, or the last digits would differ
    total = np.full(pairs.num_rows, np.float32(np.log(weights.prior / (1 - weights.prior))))
    found = [total]
    repeats = [1.0 if one is None else weights.repeats.get(one, weights.repeats_otherwise) for one in own]
    found.append(found[-1] + np.log(np.array(repeats)).astype(np.float32))
    for name in CHEAPEST_FIRST:
        added = weights.match_weights(name).astype(np.float32)
        levels = whole(pairs[name])
        said = np.asarray(pc.is_valid(levels))
        codes = np.asarray(levels.fill_null(0), dtype=np.int64)
        found.append(found[-1] + np.where(said, added[codes], np.float32(0)))
    return np.stack(found).astype(np.float64) / NATS_PER_BIT


def explain_pairs(
    pairs: pa.Table,
    *,
    wording: Wording,
    weights: Weights,
    name_of: Callable[[str], str] = str,
    among: pa.Table | None = None,
) -> tuple[Evidence, ...]:
    """Explain pairs.

    Parameters
    ----------
    pairs : pa.Table
        Schema `match.PAIR`.
    wording : Wording
        Of their reports.
    weights : Weights
        Under which they were weighed.
    name_of : callable
        From the id of a source to its name.
    among : pa.Table, optional
        All pairs kept, among which rivals are looked for; their reports have to be those of `wording`.
    """
    rows = pairs.to_pylist()
    sources = [(_source(wording, row["report_a"]), _source(wording, row["report_b"])) for row in rows]
    totals = totals_in_bits(pairs, [a if a == b else None for a, b in sources], weights)
    rivals = _Rivals(among if among is not None else pairs, wording, name_of)
    return tuple(
        _evidence(
            row, totals[:, number], wording, weights, (name_of(sources[number][0]), name_of(sources[number][1])), rivals
        )
        for number, row in enumerate(rows)
    )


def _source(wording: Wording, report_id: str) -> str:
    return str(wording.rows[wording.place[report_id]]["source_id"])


class _Rivals:
    """The pairs of each report by the source of the other."""

    def __init__(self, pairs: pa.Table, wording: Wording, name_of: Callable[[str], str]) -> None:
        self._wording, self._name_of = wording, name_of
        self._by_slot: dict[tuple[str, str], list[tuple[str, float]]] = {}
        ends = (pairs[name].to_pylist() for name in ("report_a", "report_b", "match_weight"))
        for a, b, weight in zip(*ends, strict=True):
            if a in wording.place and b in wording.place:
                self._by_slot.setdefault((a, _source(wording, b)), []).append((b, weight))
                self._by_slot.setdefault((b, _source(wording, a)), []).append((a, weight))

    def record(self, report_id: str) -> str:
        """Return a report as people name it."""
        own = self._wording.rows[self._wording.place[report_id]]["source_report_id"]
        return f"{self._name_of(_source(self._wording, report_id))} {own}"

    def of(self, a: str, b: str) -> tuple[tuple[str, str, float], ...]:
        """Return the other candidates of each report in the source of the other."""
        others = [
            (one, other, weight)
            for one, fellow in ((a, b), (b, a))
            for other, weight in self._by_slot.get((one, _source(self._wording, fellow)), ())
            if other != fellow
        ]
        return tuple(sorted(others, key=lambda one: (-one[2], one[:2])))


def _evidence(
    row: Mapping[str, Any],
    totals: Floats,
    wording: Wording,
    weights: Weights,
    names: tuple[str, str],
    rivals: _Rivals,
) -> Evidence:
    a, b = row["report_a"], row["report_b"]
    bits = np.diff(totals, prepend=0.0).tolist()
    found = [_prior(bits[0], weights), _of_source(bits[1], a, b, names, wording)]
    for name, one in zip(CHEAPEST_FIRST, bits[2:], strict=True):
        level = row[name]
        counts = level is not None and level not in NOT_SAID.get(name, ())
        says = wording.compared(name, a, b, level)
        found.append(
            Contribution(
                step=name,
                bits=one,
                says=f"{says}: {likelihood_words(one)}" if counts else says + _NEITHER_WAY,
                counts=counts,
            )
        )
    others = rivals.of(a, b)
    told = [f"{rivals.record(other)} ({_number(weight)})" for _, other, weight in others]
    after, probability = float(row["weight_after_rivals"]), float(row["match_probability"])
    left = after - float(row["match_weight"])
    found.append(Contribution(step="rivals", bits=left, says=_rival_words(left, told), counts=bool(abs(left) >= 0.05)))
    if row["decision"] in ("together", "apart"):
        found.append(
            Contribution(
                step="experience", bits=_bits_of(probability) - after, says=_experience(row["decision"], probability)
            )
        )
    return Evidence(
        report_a=a,
        report_b=b,
        decision=row["decision"],
        match_probability=probability,
        match_weight=float(row["match_weight"]),
        weight_after_rivals=after,
        contributions=tuple(found),
        rivals=others,
    )


def _prior(bits: float, weights: Weights) -> Contribution:
    one_in = 1 / weights.prior
    n = f"{one_in:.1f}".removesuffix(".0") if one_in < 20 else f"{one_in:,.0f}"
    return Contribution(step="prior", bits=bits, says=f"of pairs compared, one in {n} is of one event")


def _of_source(bits: float, a: str, b: str, names: tuple[str, str], wording: Wording) -> Contribution:
    if _source(wording, a) != _source(wording, b):
        return Contribution(step="source", bits=bits, says=f"{names[0]}, and {names[1]}: two sources", counts=False)
    return Contribution(
        step="source",
        bits=bits,
        says=f"both of {names[0]}, which seldom tells of one event twice: {likelihood_words(bits)}"
        if bits < 0
        else f"both of {names[0]}, which often tells of one event twice: {likelihood_words(bits)}",
    )


def _rival_words(bits: float, others: Sequence[str]) -> str:
    if abs(bits) < 0.05:
        return "no rival of weight"
    if not others:
        return "other reports of these two sources could be the counterpart, each of them unlikely"
    named = ", ".join(others[:_RIVALS_NAMED])
    more = f" and {len(others) - _RIVALS_NAMED:,} more" if len(others) > _RIVALS_NAMED else ""
    return f"a source seldom tells one event twice, and these could be the counterpart too: {named}{more}"


def _experience(decision: str, probability: float) -> str:
    where = "within one incident" if decision == "together" else "of two incidents"
    return f"of pairs {where} with as much left, {percent(probability)} are of one event"


def percent(probability: float) -> str:
    """Return a probability as per cent, never rounded to certainty.

    Examples
    --------
    >>> percent(0.931), percent(0.9999), percent(0.0001), percent(1)
    ('93%', 'over 99%', 'under 1%', '100%')
    """
    return f"{whole_percent(probability)}%".replace("<", "under ").replace(">", "over ")


def _bits_of(probability: float) -> float:
    p = min(max(probability, 1e-9), 1 - 1e-7)
    return math.log2(p / (1 - p))


def waterfall(evidence: Evidence, *, indent: str = "", width: int = 96) -> tuple[str, ...]:
    """Return the evidence of a pair as lines of text: a number in bits, a bar, and what it rests on.

    The numbers are rounded so that those shown add up to the sums shown.
    """
    steps = [one for one in evidence.contributions if one.step in STEPS]
    bits = _rounded_to(evidence.match_weight, [one.bits for one in steps])
    lines = [
        (shown, f"{_LABELS.get(one.step, one.step)}: {one.says}")
        for shown, one in zip(bits, steps, strict=True)
        if one.counts or one.step == "source"
    ]
    silent = [one.says.removesuffix(_NEITHER_WAY) for one in steps if not one.counts and one.step != "source"]
    if silent:
        lines.append((0.0, f"{'; '.join(silent)}{_NEITHER_WAY}"))
    total = round(evidence.match_weight, 1)
    found = [line for shown, says in lines for line in _lines(shown, says, indent, width)]
    found += _lines(total, "the sum of these, in bits: the match weight", indent, width, bar=False)
    for one in evidence.contributions[len(steps) :]:
        target = evidence.weight_after_rivals if one.step == "rivals" else _bits_of(evidence.match_probability)
        shown = round(round(target, 1) - total, 1)
        if shown or one.step != "rivals":
            found += _lines(shown, f"{one.step}: {one.says}", indent, width)
        total = round(target, 1)
    return tuple(found)


def _lines(bits: float, says: str, indent: str, width: int, *, bar: bool = True) -> list[str]:
    head = f"{indent}{_number(bits):>6}  {_bar(bits) if bar else '':{_BAR}}  "
    return textwrap.wrap(says, width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def _bar(bits: float) -> str:
    length = min(_BAR, math.ceil(abs(bits) / _BITS_PER_LETTER - 0.5))
    return ("█" if bits > 0 else "░") * max(length, 0)


def _number(bits: float) -> str:
    return f"{bits:+.1f}".replace("-", "−") if round(bits, 1) else "0.0"


def _rounded_to(total: float, parts: Sequence[float]) -> list[float]:
    """Round to tenths so that what is shown adds up to the total shown: those nearest to the edge give way."""
    tenths = [math.floor(10 * part) for part in parts]
    short = round(10 * total) - sum(tenths)
    order = sorted(range(len(parts)), key=lambda one: tenths[one] - 10 * parts[one])
    for one in order[:short]:
        tenths[one] += 1
    return [one / 10 for one in tenths]
