"""Mixed-integer programs handed to HiGHS: columns in [0, 1], the first ones whole, the objective maximised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from ceasefire.model.errors import UsageError

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    """A linear constraint: `low <= sum of values x columns <= high`."""

    columns: Numbers
    values: Floats
    low: float
    high: float


@dataclass(slots=True)
class Program:
    """A program to be maximised.

    Parameters
    ----------
    columns : int
    objective : float array, shape (columns,)
    whole : int
        The first so many columns are 0 or 1; the others lie between.
    rows : list of Row
    lower : float array, shape (columns,)
    """

    columns: int
    objective: Floats
    whole: int
    rows: list[Row] = field(default_factory=list)
    lower: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Start every column at zero."""
        self.lower = np.zeros(self.columns)


@dataclass(frozen=True, slots=True)
class Solution:
    """The best that was found, and the bound above which nothing lies."""

    values: Floats
    objective: float
    bound: float


def solved(program: Program, *, seconds: float, start: Floats | None = None) -> Solution | None:
    """Solve a program; None when no choice meets its rows.

    Parameters
    ----------
    program : Program
    seconds : float
    start : float array, shape (program.whole,), optional
        Whole columns of a choice that meets the rows, from which the solver begins.

    Raises
    ------
    UsageError
        When the time ran out before any choice was found.
    """
    if any(len(row.columns) == 0 and (row.low > 0 or row.high < 0) for row in program.rows):
        return None  # nothing can meet it, and the solver drops empty rows
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    for option, value in {"mip_rel_gap": 0.0, "mip_abs_gap": 1e-9, "time_limit": seconds, "random_seed": 0}.items():
        solver.setOptionValue(option, value)
    solver.passModel(_linear(program))
    if start is not None:
        solver.setSolution(len(start), np.arange(len(start), dtype=np.int32), start)
    solver.run()
    status = solver.getModelStatus()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return None
    info = solver.getInfo()
    values = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    if len(values) != program.columns or not np.isfinite(info.objective_function_value):
        raise UsageError(f"No choice of places was found in {seconds:g} s.", "Give it more time.")
    bound = float(info.mip_dual_bound) if program.whole else float(info.objective_function_value)
    return Solution(values, float(info.objective_function_value), bound)


def _linear(program: Program) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.columns, len(program.rows)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = program.objective
    model.col_lower_, model.col_upper_ = program.lower, np.ones(program.columns)
    model.row_lower_ = np.array([row.low for row in program.rows])
    model.row_upper_ = np.array([row.high for row in program.rows])
    lengths = np.array([len(row.columns) for row in program.rows], dtype=np.int64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    index = [row.columns for row in program.rows] or [np.zeros(0, dtype=np.int64)]
    value = [row.values for row in program.rows] or [np.zeros(0)]
    model.a_matrix_.index_ = np.concatenate(index).astype(np.int32)
    model.a_matrix_.value_ = np.concatenate(value).astype(np.float64)
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger] * program.whole + [kinds.kContinuous] * (program.columns - program.whole)
    return model
