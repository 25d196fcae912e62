"""Splink 5 on DuckDB, set up as its documentation advises for this kind of data.

- *Blocking*: each report has keys of day and place, so that any two within the window share one; Splink explodes them.
- *Comparisons*: days apart, km apart, actors (term-frequency adjusted), deaths, civilian deaths. Unknown is null.
- *Training*: the prior from a deterministic rule, u by random sampling, m by expectation maximisation in three
  blocks, each leaving out what it blocks on; of more than 10,000 reports, on 10,000 that follow each other in time.
- *Linking*: `link_only` between sources, so that no source is compared with itself: the rule that one source reports
  an event once helps Splink too. Clusters: connected components, or single best links free of duplicates.

Rows that sum several events are left out of the linking, as a user who knows the data would.
"""

from __future__ import annotations

import logging
import warnings
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import splink.comparison_level_library as level
import splink.comparison_library as comparison
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

Ids = npt.NDArray[np.int64]
KM_PER_DEGREE = 111.2
WINDOW_DAYS = 3
WINDOW_KM = 50.0
CELL_KM = 50.0
BIN_DAYS = 3
TRAINING_REPORTS = 10_000
RECALL_OF_RULE = 0.05  # what the deterministic rule finds of all true pairs, measured on the development file
_SAME_CELL = " and ".join(f"floor(l.{axis} * 10) = floor(r.{axis} * 10)" for axis in ("latitude", "longitude"))
RULE = f"l.day = r.day and l.actors_text = r.actors_text and {_SAME_CELL}"
# spelled out over the compared columns, so that Splink sees which comparisons a block cannot teach it
_SAME_TOLLS = "l.killed = r.killed and l.civilians_killed = r.civilians_killed"
TRAINING_BLOCKS = (
    f"l.day = r.day and {_SAME_CELL}",
    f"l.day = r.day and l.actors_text = r.actors_text and {_SAME_TOLLS}",
    f"l.actors_text = r.actors_text and {_SAME_TOLLS} and {_SAME_CELL}",
)


def with_keys(frame: pd.DataFrame, *, days: float, km: float) -> pa.Table:
    """Add the block keys: any two reports within `days` and `km` share one; those without a place have none.

    Raises
    ------
    ValueError
        When the window is wider than a cell, since reports between its corners would be missed.
    """
    if days > BIN_DAYS or km > CELL_KM:
        raise ValueError(f"a window of {days} days and {km} km is wider than a cell of {BIN_DAYS} and {CELL_KM}")
    day = frame["day"].to_numpy().astype(float)
    y = frame["latitude"].to_numpy() * KM_PER_DEGREE
    middle = float(np.nanmean(np.cos(np.radians(frame["latitude"].to_numpy()))))
    x = frame["longitude"].to_numpy() * KM_PER_DEGREE * middle
    placed = ~np.isnan(x)
    corners = np.empty((len(frame), 8), dtype=np.int64)
    for number, (when, north, east) in enumerate(np.ndindex(2, 2, 2)):
        whole = [
            np.nan_to_num(np.floor((value + (2 * side - 1) * reach / 2) / width)).astype(np.int64) + 2**15
            for value, side, reach, width in (
                (day, when, days, BIN_DAYS),
                (y, north, km, CELL_KM),
                (x, east, km, CELL_KM),
            )
        ]
        corners[:, number] = (whole[0] << 40) + (whole[1] << 20) + whole[2]
    corners.sort(axis=1)
    kept = np.ones(corners.shape, dtype=bool)
    kept[:, 1:] = corners[:, 1:] != corners[:, :-1]
    kept &= placed[:, None]
    offsets = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int32)
    keys = corners[kept]
    table = pa.Table.from_pandas(frame, preserve_index=False)
    lists = pa.ListArray.from_arrays(pa.array(offsets), pa.array(keys))
    # null, not NaN: to Splink NaN is a number
    table = table.select([name for name in table.column_names if name not in ("latitude", "longitude")])
    for name in ("latitude", "longitude"):
        table = table.append_column(name, pa.array(frame[name].to_numpy(), from_pandas=True))
    return table.append_column("keys", lists)


def settings() -> SettingsCreator:
    """Return the model: comparisons and blocking rules."""
    day = "abs(day_l - day_r)"
    loose_day = "greatest(day_code_l, day_code_r) > 1"
    loose_place = "greatest(place_code_l, place_code_r)"
    km = level.DistanceInKMLevel
    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="unique_id",
        probability_two_random_records_match=1e-4,
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        comparisons=[
            comparison.CustomComparison(
                output_column_name="day",
                comparison_levels=[
                    level.NullLevel("day"),
                    level.CustomLevel(f"{day} = 0 and not {loose_day}", "same day"),
                    level.CustomLevel(f"{day} = 1 and not {loose_day}", "next day"),
                    level.CustomLevel(f"{day} = 2 and not {loose_day}", "two days"),
                    level.CustomLevel(f"{day} <= 1 and {loose_day}", "imprecise, within a day"),
                    level.CustomLevel(f"{day} <= 3 and {loose_day}", "imprecise, within three days"),
                    level.ElseLevel(),
                ],
            ),
            comparison.CustomComparison(
                output_column_name="place",
                comparison_levels=[
                    level.Or(level.NullLevel("latitude"), level.NullLevel("longitude")),
                    km("latitude", "longitude", 0.1),
                    level.And(level.CustomLevel(f"{loose_place} = 1"), km("latitude", "longitude", 2)),
                    level.And(level.CustomLevel(f"{loose_place} = 1"), km("latitude", "longitude", 5)),
                    level.And(level.CustomLevel(f"{loose_place} = 2"), km("latitude", "longitude", 5)),
                    level.And(level.CustomLevel(f"{loose_place} = 2"), km("latitude", "longitude", 12)),
                    level.And(level.CustomLevel(f"{loose_place} = 2"), km("latitude", "longitude", 25)),
                    level.And(level.CustomLevel(f"{loose_place} > 2"), km("latitude", "longitude", 12)),
                    level.And(level.CustomLevel(f"{loose_place} > 2"), km("latitude", "longitude", 40)),
                    level.ElseLevel(),
                ],
            ),
            comparison.CustomComparison(
                output_column_name="actors",
                comparison_levels=[
                    level.NullLevel("actors_text"),
                    level.ExactMatchLevel("actors_text", term_frequency_adjustments=True),
                    level.ArrayIntersectLevel("actors", 2),
                    level.ArrayIntersectLevel("actors", 1),
                    level.JaroWinklerLevel("actors_text", 0.85),
                    level.ElseLevel(),
                ],
            ),
            _toll("killed"),
            _toll("civilians_killed"),
        ],
        retain_matching_columns=False,
        max_iterations=50,
        em_convergence=1e-3,  # with the usual 1e-4 the shares of precise data underflow, which Splink refuses
    )


def _toll(column: str) -> comparison.CustomComparison:
    left, right = f"{column}_l", f"{column}_r"
    ratio = f"abs(ln(({left} + 0.5) / ({right} + 0.5)))"
    return comparison.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            level.NullLevel(column),
            level.CustomLevel(f"{left} = {right} and {left} >= 5", "the same, five or more"),
            level.CustomLevel(f"{left} = {right}", "the same"),
            level.CustomLevel(f"{ratio} < 0.3", "within a third"),
            level.CustomLevel(f"{ratio} < 0.7", "within a half to double"),
            level.CustomLevel(f"{ratio} < 1.4", "within a quarter to four times"),
            level.ElseLevel(),
        ],
    )


@dataclass
class Linked:
    """Scored pairs and how to cluster them.

    Parameters
    ----------
    n : int
        Rows given, of which those that are totals stay alone.
    """

    n: int
    linker: Linker
    predictions: object
    sources: list[str]
    api: DuckDBAPI
    settings: dict[str, object] = field(default_factory=dict)

    def pairs(self, least: float = 0.0) -> pd.DataFrame:
        """Return the scored pairs: `unique_id_l`, `unique_id_r`, `match_probability`."""
        name = self.predictions.physical_name  # type: ignore[attr-defined]
        return self.api.duckdb_con.execute(
            f"select unique_id_l, unique_id_r, match_probability from {name} where match_probability >= {least}"  # noqa: S608
        ).df()

    def components(self, threshold: float) -> Ids:
        """Cluster by connected components of the pairs at or above `threshold`."""
        found = self.linker.clustering.cluster_pairwise_predictions_at_threshold(
            self.predictions, threshold_match_probability=threshold
        )
        return self._labels(found)

    def single_best_links(self, threshold: float) -> Ids:
        """Cluster by single best links, no source twice in a cluster."""
        found = self.linker.clustering.cluster_using_single_best_links(
            self.predictions, duplicate_free_datasets=self.sources, threshold_match_probability=threshold
        )
        return self._labels(found)

    def _labels(self, found: object) -> Ids:
        name = found.physical_name  # type: ignore[attr-defined]
        clusters = self.api.duckdb_con.execute(f"select unique_id, cluster_id from {name}").df()  # noqa: S608
        labels = np.arange(self.n, dtype=np.int64)
        codes = np.unique(clusters["cluster_id"].to_numpy(), return_inverse=True)[1]
        labels[clusters["unique_id"].to_numpy()] = self.n + codes
        return labels


def link(
    frame: pd.DataFrame,
    *,
    days: float = WINDOW_DAYS,
    km: float = WINDOW_KM,
    threads: int = 2,
    least: float = 0.001,
    folder: str | None = None,
) -> Linked:
    """Train Splink without labels and score all candidate pairs.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `inputs.flat` gives it.
    days, km : float
        The window within which reports are compared.
    threads : int
        Of DuckDB.
    least : float
        Pairs of a lower probability are not kept.
    folder : str, optional
        Where DuckDB spills what does not fit.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    used = with_keys(frame[~frame["total"]], days=days, km=km)
    model: Any = settings()
    if used.num_rows > TRAINING_REPORTS:
        # what is rare over decades is common within a season: a model of the whole would know no time but "never"
        order = np.argsort(used["day"].to_numpy(), kind="stable")
        start = (used.num_rows - TRAINING_REPORTS) // 2
        season = used.take(pa.array(np.sort(order[start : start + TRAINING_REPORTS])))
        model = train(_linker(season, model, threads, folder)[0]).misc.save_model_to_json()
        linker, api, names = _linker(used, model, threads, folder)
    else:
        linker, api, names = _linker(used, model, threads, folder)
        train(linker)
    predictions = linker.inference.predict(threshold_match_probability=least)
    return Linked(
        n=len(frame),
        linker=linker,
        predictions=predictions,
        sources=names,
        api=api,
        settings={"days": days, "km": km, "prior": linker._settings_obj._probability_two_random_records_match},
    )


def _linker(
    used: pa.Table, model: SettingsCreator | dict[str, Any], threads: int, folder: str | None
) -> tuple[Linker, DuckDBAPI, list[str]]:
    """Register each source as a table of its own; returns the linker, its database and the tables' names."""
    connection = duckdb.connect(config={"threads": threads} | ({"temp_directory": folder} if folder else {}))
    api = DuckDBAPI(connection)
    source = used["source"].combine_chunks()
    tables, names = [], []
    for number, name in enumerate(sorted(set(source.to_pylist()))):
        part = used.filter(pc.equal(source, name)).drop_columns(["source"])
        names.append(f"source_{number:04d}")
        tables.append(api.register(part, dataset_display_name=names[-1]))
    return Linker(tables, model, log_level=None), api, names


def train(linker: Linker) -> Linker:
    """Estimate the prior, u and m without labels."""
    linker.training.estimate_probability_two_random_records_match([RULE], recall=RECALL_OF_RULE)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in TRAINING_BLOCKS:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, record_sample_proportion=1.0)
    return linker


def count_pairs(frame: pd.DataFrame, *, days: float, km: float) -> int:
    """Return how many pairs the blocking hands to the comparisons."""
    connection = duckdb.connect()
    connection.register("keyed", with_keys(frame[~frame["total"]], days=days, km=km))
    found = connection.execute(
        """with each as (select unique_id as one, source, unnest(keys) as k from keyed)
        select count(*) from (select distinct a.one, b.one from each a join each b
        on a.k = b.k and a.one < b.one and a.source <> b.source)"""
    ).fetchall()
    return int(found[0][0])
