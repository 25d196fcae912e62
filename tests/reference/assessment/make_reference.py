"""Write reference.json: what statsmodels and pyfixest make of fixed counts.

    python tests/reference/assessment/make_reference.py

Needs statsmodels 0.15 and pyfixest 0.60, which the tests do not.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyfixest as pf
import statsmodels.api as sm

HERE = Path(__file__).parent


def panel() -> np.ndarray:
    """Return weekly counts of five areas over 52 weeks; the first falls from week 26 on."""
    rng = np.random.default_rng(20)
    season = np.exp(0.4 * np.sin(np.arange(52) / 5))
    level = np.array([12.0, 20.0, 4.0, 9.0, 30.0])[:, None] * season
    level[0, 26:] *= 0.5
    return rng.poisson(level * rng.gamma(4, 1 / 4, size=level.shape))


def main() -> None:
    """Fit, and write."""
    counts = panel()
    zone, after = counts[0], (np.arange(52) >= 26).astype(float)
    design = sm.add_constant(after)
    lags = int(np.ceil(1.3 * np.sqrt(52)))
    robust = sm.GLM(zone, design, family=sm.families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
    )
    binomial = sm.GLM(zone, design, family=sm.families.NegativeBinomial(alpha=0.2)).fit()
    frame = pd.DataFrame(
        [(area, week, counts[area, week], int(area == 0 and week >= 26)) for area in range(5) for week in range(52)],
        columns=["area", "week", "events", "treated"],
    )
    effects = pf.fepois("events ~ treated | area + week", data=frame)
    segment = sm.GLM(zone, np.ones(52), family=sm.families.NegativeBinomial(alpha=0.2)).fit()
    halves = [
        sm.GLM(part, np.ones(26), family=sm.families.NegativeBinomial(alpha=0.2)).fit()
        for part in (zone[:26], zone[26:])
    ]
    found = {
        "counts": counts.tolist(),
        "poisson_log_ratio": robust.params[1],
        "hac_lags": lags,
        "hac_standard_error": robust.bse[1],
        "negative_binomial_standard_error": binomial.bse[1],
        "negative_binomial_gain": sum(half.llf for half in halves) - segment.llf,
        "fixed_effects_log_ratio": float(effects.coef()["treated"]),
    }
    (HERE / "reference.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
