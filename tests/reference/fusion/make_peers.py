"""Makes peers.json: pairwise F1 of Splink (best threshold in hindsight) and of the best simple rule.

    CEASEFIRE_DATA=... python tests/reference/fusion/make_peers.py

Needs the benchmark packages (make bench installs them). The tests need only the values.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PLACES = 4
sys.path[:0] = [str(HERE.parents[2] / "bench"), str(HERE)]

import test_peers  # noqa: E402

import fusion_maverick  # noqa: E402
from fusion_accuracy import SPLINK_THRESHOLDS  # noqa: E402
from fusion_peers import inputs, rules, splink_peer  # noqa: E402
from fusion_peers.scores import score  # noqa: E402


def splink(known: test_peers.Reports, frame: object) -> dict[str, float]:
    """Return the best F1 of either clustering over all thresholds."""
    linked = splink_peer.link(frame)
    best = {
        name: max(score(known[1].astype(np.int64), cluster(at)).f1 for at in SPLINK_THRESHOLDS)
        for name, cluster in (("splink_best", linked.single_best_links), ("splink_components", linked.components))
    }
    return {name: round(value, PLACES) for name, value in best.items()}


def main() -> None:
    """Run the peers and write what they scored."""
    folder = Path(os.environ["CEASEFIRE_DATA"])
    simulated = {}
    for seed in test_peers.SIMULATED_SEEDS:
        known = test_peers.simulated(seed)
        simulated[str(seed)] = splink(known, inputs.flat(known[0], known[2]))
    of_file = inputs.from_file(folder / "fusion_dev" / "reports_10k.parquet")
    real, raw = fusion_maverick.load(folder / "dev_pack" / "maverick_dev_70.parquet")
    rule = fusion_maverick.on_all_rows(raw, rules.same_day_within(real.frame, fusion_maverick.RULE_KM))
    values = {
        "simulated": simulated,
        "reports_10k": splink((of_file.reports, of_file.truth, of_file.register), of_file.frame),
        "maverick": {"same_day_within_500_m": round(score(raw["event"].to_numpy(), rule).f1, PLACES)},
    }
    (HERE / "peers.json").write_text(json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    main()
