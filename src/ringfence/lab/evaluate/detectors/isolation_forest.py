"""Isolation forest on the evidence: what a general outlier detector makes of the same columns."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys

SEED: Final = 2008
"""Of the trees; any other would do."""


class IsolationForest(Detector):
    """How few random cuts set an account apart (Liu, Ting and Zhou 2008), by scikit-learn.

    Its columns are -log10 p of every evidence test, 0 where an account could not be measured;
    parameters are the library's defaults. Fails where odd users are as easily set apart as
    extractors: it knows neither which direction is extraction nor what users elsewhere do.
    """

    name = "isolation-forest"
    about = (
        "scikit-learn's on the evidence columns; best threshold without accusation, "
        "knowing the truth"
    )
    threshold = None

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return anomaly scores in (0, 1).

        Raises:
            SettingsError: scikit-learn is not installed.
        """
        try:
            from sklearn import ensemble  # noqa: PLC0415 - an extra, needed for nothing else
        except ImportError as error:
            raise SettingsError(
                "needs scikit-learn",
                where=f"detector {self.name}",
                hint="pip install 'ringfence[lab]'",
            ) from error
        scored = snapshot.scored
        keys = np.asarray(scored.accounts["account_key"], dtype=np.uint64)
        if not keys.size or not scored.by_test:
            return keys, np.zeros(keys.size)
        p = np.nan_to_num(np.column_stack(list(scored.by_test.values())), nan=1.0)
        forest = ensemble.IsolationForest(random_state=SEED)
        columns = -np.log10(p)
        return keys, -np.asarray(forest.fit(columns).score_samples(columns), dtype=np.float64)
