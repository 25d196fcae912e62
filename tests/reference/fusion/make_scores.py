"""Makes scores.json: pairwise scores by scikit-learn's confusion matrix of pairs, and calibration by its curve.

    python tests/reference/fusion/make_scores.py

Needs the benchmark packages (make bench installs them). The tests need only the values.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics.cluster import pair_confusion_matrix

rng = np.random.default_rng(2019)
clusterings = []
for reports, events, wrong in ((12, 5, 0.3), (60, 25, 0.1), (60, 25, 0.9), (200, 40, 0.5), (50, 1, 0.4)):
    truth = rng.integers(0, events, reports)
    predicted = np.where(rng.random(reports) < wrong, rng.integers(0, events + 3, reports), truth)
    # counts ordered pairs, so each twice
    (_, joined), (missed, right) = pair_confusion_matrix(truth, predicted).tolist()
    precision = right / (right + joined) if right + joined else 1.0
    recall = right / (right + missed) if right + missed else 1.0
    clusterings.append(
        {
            "truth": truth.tolist(),
            "predicted": predicted.tolist(),
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / (precision + recall) if right else 0.0,
        }
    )
said = rng.random(500)
happened = rng.random(500) < said**1.5
share, mean = calibration_curve(happened, said, n_bins=10)
sizes = np.histogram(said, bins=np.linspace(0, 1, 11))[0]
calibration = {
    "said": said.tolist(),
    "happened": happened.astype(int).tolist(),
    "error": float((sizes * np.abs(share - mean)).sum() / sizes.sum()),
}
values = {"clusterings": clusterings, "calibration": calibration}
Path(__file__).with_name("scores.json").write_text(json.dumps(values) + "\n")
