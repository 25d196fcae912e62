"""Why requirements cannot all be met: a smallest set of them that contradict each other.

The deletion filter of Chinneck and Dravnieks (1991): each requirement is left out in turn; where the rest still cannot
be met it stays out, else it is part of the conflict. What remains is irreducible: without any one of it, the others can
be met.

References
----------
Chinneck, J., Dravnieks, E. (1991). Locating minimal infeasible constraint sets in linear programs. ORSA J. Comput. 3.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ceasefire.deployment.program import Program, solved
from ceasefire.deployment.siting import Requirement, SitingProblem, pairs_of, site_rows, standing

SPACING = "the distance that posts keep from each other"
KEPT = "the posts that stand already stay"


def conflict(problem: SitingProblem, *, seconds: float = 60.0) -> tuple[str, ...]:
    """Return the names of requirements that cannot be met together; empty when all can.

    Parameters
    ----------
    problem : SitingProblem
    seconds : float
        Time for each trial.

    Returns
    -------
    tuple of str
        Names of requirements, lower and upper limits apart, `SPACING` and `KEPT`.
    """
    parts = [part for each in problem.requirements for part in _halves(each)]
    switches = {SPACING: len(problem.too_close) > 0, KEPT: bool(problem.kept)}

    def feasible(requirements: list[Requirement], on: set[str]) -> bool:
        trial = replace(
            problem,
            requirements=tuple(requirements),
            too_close=problem.too_close if SPACING in on else np.zeros((0, 2), dtype=np.int64),
            kept=problem.kept if KEPT in on else frozenset(),
        )
        return _feasible(trial, seconds)

    on = {name for name, present in switches.items() if present}
    if feasible(parts, on):
        return ()
    for each in list(parts):
        without = [other for other in parts if other is not each]
        if not feasible(without, on):
            parts = without
    for name in sorted(on):
        if not feasible(parts, on - {name}):
            on = on - {name}
    return tuple(each.name for each in parts) + tuple(name for name in (SPACING, KEPT) if name in on)


def _halves(requirement: Requirement) -> list[Requirement]:
    """Split a requirement into its lower and its upper limit, each with its own name."""
    halves = []
    if requirement.low is not None:
        halves.append(replace(requirement, high=None, name=f"{requirement.name}: at least {requirement.low}"))
    if requirement.high is not None:
        halves.append(replace(requirement, low=None, name=f"{requirement.name}: at most {requirement.high}"))
    return halves


def _feasible(problem: SitingProblem, seconds: float) -> bool:
    pairs = pairs_of(problem)
    program = Program(columns=len(pairs), objective=np.zeros(len(pairs)), whole=len(pairs))
    program.lower[:] = standing(problem, pairs)
    program.rows += site_rows(problem, pairs)
    if not program.rows:
        return True
    return solved(program, seconds=seconds) is not None
