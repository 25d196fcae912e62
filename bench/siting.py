"""How fast posts are sited and proved best, beside spopt's model of the same problem where that is installed.

Invented places: 5,000 demand points in clusters about 40 towns, 500 candidates, 12 posts that see 8 km, in a country of
150 km; then the same with quotas for two operators, a belt and a distance between posts; then the posts that miss least
in the worst fifth of 200 samples; then the curve of 1 to 30 posts; then what hills hide within 10 km, and a patrol's
tours among as many stops as are taken. spopt (with PuLP and the solver it brings) gets the same distances and must
find the same value.

    python bench/siting.py [--points 5000] [--candidates 500]
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from dataclasses import replace

import numpy as np

from ceasefire.deployment.candidates import Candidate, too_close
from ceasefire.deployment.sight import Elevation, in_range, not_hidden
from ceasefire.deployment.siting import ANYONE, Requirement, SitingProblem, best_siting, marginal_curve, seen
from ceasefire.deployment.tours import MOST_STOPS, tours
from ceasefire.deployment.worst_samples import Samples, least_missed, worst_mean

POSTS, RANGE_KM, APART_KM, MOST = 12, 8.0, 6.0, 30
SAMPLES, WEEKS, WORST = 200, 104, 0.2
LIMIT_SECONDS, LIMIT_CURVE_SECONDS = 10.0, 60.0


def invented(points: int, candidates: int) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray, list[Candidate]]:
    """Return demand, weights and candidates about 26.5 N 43 W, in open sea."""
    rng = np.random.default_rng(20)
    towns = rng.random((40, 2)) * (1.5, 1.35) + (-43.5, 26.0)
    demand = towns[rng.integers(0, 40, points)] + rng.normal(0, 0.07, (points, 2))
    places = rng.random((candidates, 2)) * (1.5, 1.35) + (-43.5, 26.0)
    listed = [
        Candidate(site_id=f"c{i}", name=f"c{i}", longitude=float(x), latitude=float(y))
        for i, (x, y) in enumerate(places)
    ]
    return (demand[:, 0], demand[:, 1]), rng.gamma(1.0, 1.0, points), listed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=5000)
    parser.add_argument("--candidates", type=int, default=500)
    asked = parser.parse_args()
    points, weights, listed = invented(asked.points, asked.candidates)
    position = (np.array([c.longitude for c in listed]), np.array([c.latitude for c in listed]))
    started = time.perf_counter()
    sees = in_range(points, position, np.full(len(listed), RANGE_KM))
    print(f"what is seen from where          {time.perf_counter() - started:8.2f} s")
    plain = SitingProblem(
        sees=sees,
        weights=weights,
        operators=tuple(frozenset({ANYONE}) for _ in listed),
        requirements=(Requirement(name="posts", low=POSTS, high=POSTS),),
    )
    seconds, found = timed(lambda: best_siting(plain))
    print(f"{POSTS} posts                         {seconds:8.2f} s  gap {found.gap:g}  share {found.share:.4f}")
    north = frozenset(int(j) for j in np.flatnonzero(position[1] > 26.7))
    ruled = SitingProblem(
        sees=sees,
        weights=weights,
        operators=tuple(frozenset({"a", "b"}) for _ in listed),
        requirements=(
            Requirement(name="posts", low=POSTS, high=POSTS),
            Requirement(name="a", operators=frozenset("a"), low=4, high=7),
            Requirement(name="b in the north", operators=frozenset("b"), places=north, high=2),
        ),
        too_close=too_close(listed, APART_KM),
    )
    seconds_ruled, with_rules = timed(lambda: best_siting(ruled))
    print(f"{POSTS} posts, quotas, belt, spacing  {seconds_ruled:8.2f} s  gap {with_rules.gap:g}")
    worst(plain, weights)
    seconds_curve, curve = timed(lambda: marginal_curve(plain, MOST))
    print(f"curve of 1 to {MOST} posts           {seconds_curve:8.2f} s  gaps {max(each.gap for each in curve):g}")
    terrain(points, position)
    if importlib.util.find_spec("spopt"):
        print(f"spopt, {POSTS} posts                  {spopt_seconds(sees, weights, found.value):8.2f} s  same value")
    else:
        print("spopt is not installed: no peer was measured.")
    if seconds > LIMIT_SECONDS or seconds_curve > LIMIT_CURVE_SECONDS or found.gap or any(each.gap for each in curve):
        raise SystemExit("slower than promised, or not proved")


def worst(plain: SitingProblem, weights: np.ndarray) -> None:
    """Site posts for the worst samples, each of many weeks drawn with its own weight."""
    rng = np.random.default_rng(3)
    samples = Samples(
        weight=weights,
        block=rng.integers(0, WEEKS, len(weights)),
        draws=rng.gamma(0.5, 1, (SAMPLES, WEEKS)) * rng.gamma(2, 0.5, (SAMPLES, 1)),
    )
    problem = replace(plain, weights=weights * samples.draws.mean(axis=0)[samples.block])
    average = best_siting(problem)
    seconds, found = timed(lambda: least_missed(problem, samples, WORST))
    other = worst_mean(samples.missed(seen(problem, [j for j, _ in average.posts])), WORST)
    print(
        f"{POSTS} posts, worst {WORST:.0%} of {SAMPLES}        {seconds:8.2f} s  gap {found.gap:g}  "
        f"missed {found.missed:.1f}, by the best on average {other:.1f}"
    )


def terrain(points: tuple[np.ndarray, np.ndarray], position: tuple[np.ndarray, np.ndarray]) -> None:
    """Say what hills hide, and find a patrol's tours."""
    rng = np.random.default_rng(4)
    rough = Elevation(-44, 25.5, 0.005, np.cumsum(rng.normal(0, 8, (600, 600)), axis=1))
    within = in_range(points, position, np.full(len(position[0]), 10.0))
    seconds, clear = timed(lambda: not_hidden(within, points, position, rough))
    print(f"what hills hide, {within.sum():,} pairs  {seconds:8.2f} s  {within.sum() - clear.sum():,} hidden")
    xy = rng.random((MOST_STOPS + 1, 2))
    hours = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    seconds, found = timed(lambda: tours(hours, 0.1, rng.random(MOST_STOPS), 2.5))
    print(f"tours among {MOST_STOPS} stops           {seconds:8.2f} s  {len(found.tours)} nearly as good")


def spopt_seconds(sees: np.ndarray, weights: np.ndarray, ours: float) -> float:
    """Solve the plain problem with spopt; stops where the value differs."""
    import pulp
    from spopt.locate import MCLP

    started = time.perf_counter()
    model = MCLP.from_cost_matrix(
        np.where(sees, 1.0, 9.0), weights, service_radius=2.0, p_facilities=POSTS, name="peer"
    ).solve(pulp.PULP_CBC_CMD(msg=False))
    seconds = time.perf_counter() - started
    if abs(float(model.problem.objective.value()) - ours) > 1e-4 * ours:
        raise SystemExit(f"spopt finds {model.problem.objective.value()}, we {ours}")
    return seconds


def timed(work):
    """Return seconds and result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


if __name__ == "__main__":
    main()
