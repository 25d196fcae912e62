"""How long looking ahead takes, and how good it is, beside one regression after the other by statsmodels.

    python bench/outlook.py [--short]

The whole outlook - zones and first-order units, three counts, all origins, alarms, clusters - is one command in a
process of its own, on the real events where CEASEFIRE_DATA is set, else on the training case with invented rows. Then
deaths alone, by area, are forecast from every origin by ours and by the peer: for each area, origin and weeks ahead a
negative binomial GLM on the log means of the last 1, 4 and 16 weeks, as one would write it with statsmodels. The
control deals the areas of our forecasts out anew: if that scored as well, the score would measure nothing.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import statsmodels.api as sm

from ceasefire.assessment.outlook.evaluation import baseline_values
from ceasefire.assessment.outlook.loops import count_quantiles
from ceasefire.assessment.outlook.members import equal_levels
from ceasefire.assessment.outlook.panel import Panel, running_means
from ceasefire.assessment.outlook.rolling import HORIZONS, LEVELS, Rolled, roll
from ceasefire.assessment.outlook.scores import crps_of_values
from ceasefire.pipeline.workspace import Workspace

LIMIT_SECONDS = 20
FEWEST = 24
HEADER = (
    "id,type_of_violence,side_a,side_b,where_prec,latitude,longitude,adm_1,date_prec,date_start,date_end,deaths_a,"
    "deaths_b,deaths_civilians,deaths_unknown,best,high,low"
)


def workspace(folder: Path, *, short: bool) -> Path:
    """Make a workspace with events of two years, run, and return its folder."""
    data = os.environ.get("CEASEFIRE_DATA")
    if data and not short:
        case, file = "astana-2017", Path(data) / "dev_pack" / "ged_syria_2016_2017.csv"
    else:
        case, file = "riverline", folder / "invented.csv"
        rng, lines = np.random.default_rng(1), [HEADER]
        for number in range(400 if short else 6_000):
            day = date(2020, 1, 6) + timedelta(days=int(rng.integers(0, 700)))
            dead = int(rng.negative_binomial(0.7, 0.2))
            spot = f"1,{26.6 + rng.normal(0, 0.3):.3f},{-42.9 + rng.normal(0, 0.3):.3f},Province {number % 13}"
            lines.append(
                f"{number},1,Republic of Velmar,Northern Assembly,{spot},1,{day},{day},{dead},0,0,0" + f",{dead}" * 3
            )
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with Workspace.create(folder / "mission", case, author="bench") as made:
        made.import_file(file, "ucdp-ged")
        made.run()
    return folder / "mission"


def whole(mission: Path) -> tuple[float, float, float]:
    """Return clock and CPU-seconds and GiB of the command, once what is compiled is on disk."""
    command = [sys.executable, "-m", "ceasefire", "outlook", "-w", str(mission), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return clock, cpu, after.ru_maxrss / 2**20


def peer(panel: Panel, origins: np.ndarray) -> np.ndarray:
    """Return the peer's values, shape (o, n, h, k)."""
    levels = equal_levels(LEVELS)
    out = np.full((len(origins), len(panel.units), HORIZONS, LEVELS), np.nan)
    for number, row in enumerate(origins):
        counts = panel.counts[: row + 1]
        spans = [np.log(running_means(counts, span) + 0.3) for span in (1.0, 4.0, 16.0)]
        for unit in range(len(panel.units)):
            x = np.column_stack([np.ones(len(counts)), *(each[:, unit] for each in spans)])
            for horizon in range(HORIZONS):
                past, came = x[: -horizon - 1], counts[horizon + 1 :, unit]
                known = np.isfinite(came) & np.isfinite(past).all(axis=1)
                try:
                    fit = sm.GLM(came[known], past[known], family=sm.families.NegativeBinomial(alpha=1.0)).fit(
                        maxiter=50
                    )
                    mean = float(fit.predict(x[-1:])[0])
                    spread = max(float(fit.pearson_chi2 / fit.df_resid), 0.05)
                except (ValueError, np.linalg.LinAlgError):
                    mean, spread = float(np.nanmean(counts[-12:, unit])), 1.0
                mean = min(max(mean, 0.05), 1e5)
                out[number, unit, horizon] = count_quantiles(np.array([mean]), np.array([spread]), levels, 2_000.0)[0]
    return out


def compare(panel: Panel, name: str, every: int) -> None:
    """Print times and scores of one panel of deaths."""
    start = time.process_time()
    ours = roll(panel)
    mine = time.process_time() - start
    keep = np.flatnonzero(ours.origins >= FEWEST - 1)[::every]
    origins = ours.origins[keep]
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what does not converge is part of what the peer is
        theirs = peer(panel, origins)
    took = (time.process_time() - start) * len(ours.origins) / max(len(origins), 1)
    truth = ours.truth()[keep]
    values = ours.values[keep]
    score = {
        "ours": crps_of_values(values, truth),
        "statsmodels": crps_of_values(theirs, truth),
        "conflictology-12": crps_of_values(baseline_values(part(ours, keep), "conflictology-12"), truth),
        "control": crps_of_values(values[:, np.roll(np.arange(len(panel.units)), 1)], truth),
    }
    means = {who: float(np.nanmean(each)) for who, each in score.items()}
    print(
        f"{name}: {len(panel.units)} areas, {len(ours.origins)} origins; "
        f"CPU-seconds ours {mine:.2f}, statsmodels {took:.1f}"
    )
    print("  CRPS " + ", ".join(f"{who} {mean:.3f}" for who, mean in means.items()))
    if len(panel.units) > 1 and means["control"] <= means["ours"]:
        sys.exit("The control scores as well: the measurement is worth nothing.")


def part(rolled: Rolled, keep: np.ndarray) -> Rolled:
    """Return some of the origins."""
    return Rolled(
        panel=rolled.panel,
        origins=rolled.origins[keep],
        values=rolled.values[keep],
        weights=rolled.weights[keep],
        names=rolled.names,
        corrections=rolled.corrections,
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="a small invented record, and few origins for the peer")
    short = parser.parse_args().short
    with tempfile.TemporaryDirectory() as held:
        mission = workspace(Path(held), short=short)
        clock, cpu, memory = whole(mission)
        print(
            f"whole outlook: {cpu:.1f} CPU-seconds (limit {LIMIT_SECONDS}), {clock:.1f} s by the clock, "
            f"{memory:.2f} GiB"
        )
        with Workspace.open(mission) as opened:
            panels = opened.outlook().material.panels
        for kind in ("zone", "unit"):
            if (kind, "deaths") in panels:
                compare(panels[kind, "deaths"], f"deaths by {kind}", every=20 if short else 8)
    if cpu > LIMIT_SECONDS:
        sys.exit(f"The whole outlook took more than {LIMIT_SECONDS} CPU-seconds.")


if __name__ == "__main__":
    main()
