"""What a whole fusion leaves on disk, so that a day's reports can be fused without doing it all again.

Arrays by canonical row, read where they are looked at: when and whose each report is, the pairs that were weighed, the
clusters, and which rows of the tables come of which reports. All of it can be deleted and made anew.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ceasefire.fusion.canonical import whole
from ceasefire.fusion.compare import COMPARISONS
from ceasefire.fusion.judgements import Judgement
from ceasefire.fusion.match import Working
from ceasefire.fusion.overlay import read_table, write_table
from ceasefire.fusion.pass_through import FusedIncidents, rows_of_records
from ceasefire.fusion.weights import Weights
from ceasefire.model.canonical import sha256_hex

Rows = npt.NDArray[np.int64]
Array = npt.NDArray[Any]
VERSION = 1
_ABOUT = "standing.json"
NEVER = np.iinfo(np.int64).max
"""When an incident is of that has no date: after all others."""
_SMALL = 10_000
"""Reports that refer to others, up to which a standing state is kept."""


def write_matching(
    folder: Path, reports: pa.Table, working: Working, weights: Weights, judgements: Iterable[Judgement]
) -> None:
    """Write what matching held.

    Parameters
    ----------
    folder : Path
        An existing one.
    reports : pa.Table
        Schema `model.schemas.REPORT`, each report once.
    working : Working
        Of `match.matched_and_working`.
    weights : Weights
    judgements : iterable of Judgement
    """
    traits, scored, rows = working.traits, working.scored, working.rows
    ids = whole(reports["report_id"]).take(pa.array(rows))
    by_id = np.asarray(pc.sort_indices(ids)).astype(np.int32)
    n = len(rows)
    id_rank = np.empty(n, dtype=np.int32)
    id_rank[by_id] = np.arange(n, dtype=np.int32)
    micros = whole(reports["occurred_from"]).cast(pa.int64()).fill_null(np.iinfo(np.int64).min)
    by_b = np.argsort(scored.b, kind="stable").astype(np.int32)
    by_label = np.argsort(working.label, kind="stable").astype(np.int32)
    settled = working.settled
    arrays: dict[str, Array] = {
        "order": rows.astype(np.int32),
        "by_id": by_id,
        "id_rank": id_rank,
        "micros": np.asarray(micros)[rows],
        "day": traits.day,
        "slack": traits.slack,
        "time_class": traits.time_class,
        "total": traits.total,
        "source": traits.source.astype(np.int32),
        "a": scored.a.astype(np.int32),
        "b": scored.b.astype(np.int32),
        "weight": scored.weight,
        "cautious": scored.cautious,
        "levels": np.stack([scored.levels[name] for name in COMPARISONS], axis=1).astype(np.int16),
        "from_a": np.searchsorted(scored.a, np.arange(n + 1)).astype(np.int32),
        "by_b": by_b,
        "from_b": np.searchsorted(scored.b[by_b], np.arange(n + 1)).astype(np.int32),
        "label": working.label.astype(np.int32),
        "by_label": by_label,
        "from_label": np.searchsorted(working.label[by_label], np.arange(n + 1)).astype(np.int32),
        "start": working.start.astype(np.int32),
        "together": settled.together.astype(np.int32),
        "apart": settled.apart,
        "barred": settled.barred,
        "unsure": settled.unsure,
        "paired": working.paired.astype(np.int32),
        "doubted": working.doubted.astype(np.int32),
        "changes": working.changes,
        "referring": _referring(reports, rows),
    }
    keys = whole(reports["event_key"]).take(pa.array(rows)).dictionary_encode()
    arrays["key"] = np.asarray(keys.indices.fill_null(-1), dtype=np.int32)
    write_table(pa.table({"key": keys.dictionary}), folder / "keys.arrow")
    arrays["space"] = working.named[1].astype(np.int32)
    about = {
        "version": VERSION,
        "weights": digest(weights),
        "sources": list(traits.sources),
        "spaces": _spaces(reports, rows, arrays["key"], working.named[1]),
        "judgements": [[one.report_a, one.report_b, one.verdict, one.author] for one in judgements],
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def write_incidents(folder: Path, reports: pa.Table, working: Working, fused: FusedIncidents) -> None:
    """Write which rows of the tables come of which reports, and the reports themselves."""
    ids = whole(reports["report_id"]).take(pa.array(working.rows))
    links, incidents = fused.links, fused.incidents
    link_report = np.asarray(pc.index_in(whole(links["report_id"]), value_set=ids), dtype=np.int32)
    same = np.asarray(pc.equal(whole(links["relation"]).cast(pa.string()), "same"))
    places = pc.index_in(whole(links["incident_id"]).filter(pa.array(same)), value_set=whole(incidents["incident_id"]))
    incident = np.full(len(ids), -1, dtype=np.int32)
    incident[link_report[same]] = np.asarray(places, dtype=np.int32)
    leads = whole(pc.list_element(incidents["report_ids"], 0)) if incidents.num_rows else pa.array([], pa.string())
    row_of = np.full(incidents.num_rows, -1, dtype=np.int32)
    lead_rank = pc.index_in(leads, value_set=ids)
    row_of[:] = np.asarray(lead_rank, dtype=np.int32)
    moments = whole(incidents["occurred_from"]).cast(pa.int64()).fill_null(NEVER)
    # the first links, by report, are of reports to incidents; those after them, by report again, of totals' counts
    counts = np.flatnonzero(same)
    first_counted = int(counts[-1]) + 1 if len(counts) else 0
    while first_counted < len(link_report) and _by_reference(link_report, first_counted):
        first_counted += 1
    for name, array in {
        "link_report": link_report,
        "incident": incident,
        "lead": row_of,
        "moment": np.asarray(moments),
        "first_counted": np.array(first_counted),
    }.items():
        np.save(folder / f"{name}.npy", array)
    write_table(reports, folder / "reports.arrow")


def _spaces(reports: pa.Table, rows: Rows, key: Array, space: Rows) -> list[tuple[str, str, int, int]]:
    """Return the documents and sources in which keys are used, each two with the space of their keys and how many."""
    keyed = np.flatnonzero(key >= 0)
    if not len(keyed):
        return []
    some = reports.select(["document_id", "source_id"]).take(pa.array(rows[keyed]))
    words = [pc.fill_null(whole(some[name]).cast(pa.string()), "") for name in some.column_names]
    told = pa.table({"document": words[0], "source": words[1], "space": space[keyed]})
    found = told.group_by(told.column_names, use_threads=False).aggregate([([], "count_all")]).to_pydict()
    return sorted(zip(found["document"], found["source"], found["space"], found["count_all"], strict=True))


def _by_reference(link_report: Array, row: int) -> bool:
    """Whether a link after the last of a report to its own incident is still one of that report."""
    return row > 0 and bool(link_report[row] == link_report[row - 1])


def _referring(reports: pa.Table, rows: Rows) -> Rows:
    """Return the rows of reports that refer to others, or that others refer to."""
    lengths = np.asarray(pc.fill_null(pc.list_value_length(whole(reports["refers_to"])), 0))
    refer = np.flatnonzero(lengths > 0)
    if not len(refer):
        return np.zeros(0, dtype=np.int64)
    named = {one for said in reports["refers_to"].take(pa.array(refer)).to_pylist() for one in said}
    found = [*refer.tolist(), *rows_of_records(reports, named).values()]
    place = np.empty(reports.num_rows, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return np.unique(place[found])


def digest(weights: Weights) -> str:
    """Return what tells weights apart."""
    return sha256_hex(weights.to_json().encode())


class Standing:
    """A standing state, read where it is looked at.

    Parameters
    ----------
    folder : Path
        That `write_matching` and `write_incidents` wrote to.

    Raises
    ------
    OSError, ValueError
        When there is none, or of another version.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if about["version"] != VERSION:
            raise ValueError(f"a standing state of version {about['version']}")
        self.weights: str = about["weights"]
        self.sources: list[str] = about["sources"]
        self.spaces: list[tuple[str, str, int, int]] = [tuple(one) for one in about["spaces"]]
        self.judgements = tuple(Judgement(*one) for one in about["judgements"])
        self.reports = read_table(folder / "reports.arrow")
        self._ids = self.reports["report_id"].chunk(0) if self.reports.num_rows else pa.array([], pa.string())
        self._arrays: dict[str, Array] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, name: str) -> Array:
        """Return one of the arrays by canonical row, by pair, or by row of a table."""
        if name not in self._arrays:
            self._arrays[name] = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return self._arrays[name]

    def take(self, rows: Rows) -> pa.Table:
        """Return reports by canonical row."""
        return self.reports.take(pa.array(self["order"][rows]))

    def ids(self, rows: Rows) -> pa.Array:
        """Return the ids of reports by canonical row."""
        return self._ids.take(pa.array(self["order"][rows]))

    def id_at(self, row: int) -> str:
        """Return the id of one report."""
        found: str = self._ids[int(self["order"][row])].as_py()
        return found

    def id_places(self, ids: Sequence[str]) -> Rows:
        """Return for each id how many ids come before it."""
        by_id = _Sequence(self, self["by_id"])
        return np.array([bisect_left(by_id, one) for one in ids], dtype=np.int64)

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the canonical rows of those ids that are held."""
        held = {}
        for one, place in zip(ids, self.id_places(ids).tolist(), strict=True):
            if place < len(self) and self.id_at(row := int(self["by_id"][place])) == one:
                held[one] = row
        return held

    def pairs_of(self, rows: Rows) -> Rows:
        """Return the pairs of some reports, ascending, each once."""
        first = ranges(self["from_a"][rows], self["from_a"][rows + 1])
        second = self["by_b"][ranges(self["from_b"][rows], self["from_b"][rows + 1])]
        return np.unique(np.concatenate([first, second]))

    def mates(self, rows: Rows) -> Rows:
        """Return the reports in the clusters of some, ascending."""
        label = np.unique(self["label"][rows])
        return np.sort(self["by_label"][ranges(self["from_label"][label], self["from_label"][label + 1])]).astype(
            np.int64
        )

    def key_mates(self, keys: Iterable[str]) -> Rows:
        """Return the reports of some event keys, ascending."""
        known = whole(read_table(self.folder / "keys.arrow")["key"])
        places = pc.index_in(pa.array(sorted({*keys}), pa.string()), value_set=known).drop_null()
        flags = np.zeros(len(known) + 1, dtype=bool)
        flags[np.asarray(places, dtype=np.int64)] = True
        return np.flatnonzero(flags[self["key"]])

    def records(self, named: Iterable[str]) -> Rows:
        """Return the reports that others refer to as ``source_id:source_report_id``, ascending."""
        named = set(named)
        own = {one[cut + 1 :] for one in named for cut, letter in enumerate(one) if letter == ":"}
        found = pc.is_in(self.reports["source_report_id"], value_set=pa.array(sorted(own), pa.string()))
        rows = np.flatnonzero(np.asarray(found))
        some = self.reports.select(["source_id", "source_report_id"]).take(pa.array(rows))
        held = rows[sorted(rows_of_records(some, named).values())]
        place = np.argsort(self["order"], kind="stable")
        return np.sort(place[held])

    @property
    def small_enough(self) -> bool:
        """Whether few enough reports refer to others."""
        return len(self["referring"]) <= _SMALL


class _Sequence(Sequence[str]):
    """Ids in the order of some rows, read one by one."""

    def __init__(self, state: Standing, rows: Array | range) -> None:
        self._state, self._rows = state, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, place: Any) -> Any:
        return self._state.id_at(int(self._rows[place]))


def ranges(starts: Array, stops: Array) -> Rows:
    """Return all whole numbers from each start to before its stop, one range after the other."""
    starts, lengths = np.asarray(starts, dtype=np.int64), np.asarray(stops, dtype=np.int64) - starts
    before = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths), dtype=np.int64)


def place_in_order(state: Standing, micros: Sequence[int], ids: Sequence[str]) -> Rows:
    """Return before which canonical row each report goes."""
    moments = state["micros"]
    low, high = np.searchsorted(moments, micros, side="left"), np.searchsorted(moments, micros, side="right")
    places = [
        bisect_left(_Sequence(state, range(until)), one, lo=start)
        for start, until, one in zip(low.tolist(), high.tolist(), ids, strict=True)
    ]
    return np.array(places, dtype=np.int64)
