"""Forecasts against numbers that others printed, and against the protocol's own example."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.stats.design_check import design_check
from core.stats.discrete import tail
from core.stats.forecast import Stages, Undecided, pairs_distribution
from core.stats.shares import Fixed, Learned

GOLDEN = pd.read_csv(Path(__file__).parents[1] / "golden" / "forecast" / "expected.csv")
FLAT = Learned(1, 1)


def found(case: str, quantity: str) -> float:
    """What this project says."""
    if case == "lee_liu":
        stages = Stages(Learned(0.6, 0.4).after(16, 7), Fixed(1.0))
        return tail(pairs_distribution(Undecided(0, 17, 0), stages), 12)
    if quantity == "p_two_stages":
        stages = Stages(FLAT.after(28, 12), FLAT.after(15, 5))
        return tail(pairs_distribution(Undecided(15, 7, 8).with_more(13), stages), 30)
    if quantity == "p_one_stage":
        stages = Stages(FLAT.after(15, 17), Fixed(1.0))
        return tail(pairs_distribution(Undecided(15, 28, 0), stages), 30)
    reading, what = quantity.rsplit("_", 1)
    if what.isdigit() and not reading.endswith("_for"):
        return design_check(int(what), 30, 0.5, reading).p_target_pairs
    check = design_check(60, 30, 0.5, reading.removesuffix("_for"))
    return check.expected_pairs if what == "expected" else getattr(check, f"accrue_for_{what}")


@pytest.mark.parametrize("row", list(GOLDEN.itertuples()), ids=lambda row: f"{row.case}_{row.quantity}")
def test_as_printed(row) -> None:  # type: ignore[no-untyped-def]
    assert abs(found(row.case, row.quantity) - row.value) <= row.tolerance + 1e-12


def test_scipy_agrees_on_every_distribution() -> None:
    from scipy.stats import betabinom, binom

    for n in (0, 1, 7, 60, 900):
        k = np.arange(n + 1)
        assert np.allclose(Learned(16, 6).chances(n, k), betabinom.pmf(k, n, 16, 6), rtol=1e-9, atol=1e-300)
        assert np.allclose(Fixed(0.3).chances(n, k), binom.pmf(k, n, 0.3), rtol=1e-9, atol=1e-300)
