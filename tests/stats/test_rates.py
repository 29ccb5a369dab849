"""Exact limits of rates: as printed, SciPy's chi-square, and what mathematics promises."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, poisson

from core.stats.rates import rates

GOLDEN = pd.read_csv(Path(__file__).parents[1] / "golden" / "rates" / "expected.csv")
counts = st.integers(0, 5000)
times = st.floats(0.01, 1e5)
levels = st.floats(0.5, 0.999)


@pytest.mark.parametrize("row", list(GOLDEN.itertuples()), ids=lambda row: f"{row.n} in {row.time:g} at {row.conf:g}")
def test_limits_as_printed(row) -> None:  # type: ignore[no-untyped-def]
    found = rates(row.n, row.time, conf=row.conf)
    assert round(float(found.conf_low), row.digits) == row.conf_low
    assert round(float(found.conf_high), row.digits) == row.conf_high


@given(counts, times, levels)
def test_limits_are_chi_square_quantiles(n: int, time: float, conf: float) -> None:
    found = rates(n, time, 100, conf)
    tail = (1 - conf) / 2
    low = chi2.ppf(tail, 2 * n) / 2 if n else 0.0
    assert float(found.conf_low) == pytest.approx(100 * low / time, rel=1e-9)
    assert float(found.conf_high) == pytest.approx(100 * chi2.ppf(1 - tail, 2 * n + 2) / 2 / time, rel=1e-9)


@given(counts, levels)
def test_at_each_limit_a_count_so_extreme_has_half_the_rest_of_the_confidence(n: int, conf: float) -> None:
    found = rates(n, 1, conf=conf)
    assert poisson.cdf(n, found.conf_high) == pytest.approx((1 - conf) / 2, rel=1e-6)
    if n:
        assert poisson.sf(n - 1, found.conf_low) == pytest.approx((1 - conf) / 2, rel=1e-6)


@given(counts, times)
def test_a_rate_lies_between_its_limits_and_depends_on_the_unit_alone(n: int, time: float) -> None:
    found, hundred = rates(n, time), rates(n, time, 100)
    assert 0 <= found.conf_low <= found.rate <= found.conf_high
    for name in ("rate", "conf_low", "conf_high"):
        assert float(getattr(hundred, name)) == pytest.approx(100 * float(getattr(found, name)), rel=1e-12)
    assert rates(n, time, conf=0.8).conf_high <= rates(n, time, conf=0.99).conf_high


def test_many_are_answered_as_one() -> None:
    n, time = np.array([[0, 3], [7, 2]]), np.array([10.0, 20.0])
    found = rates(n, time, 100)
    for at in np.ndindex(n.shape):
        alone = rates(n[at], time[at[1]], 100)
        assert (found.rate[at], found.conf_low[at], found.conf_high[at]) == (
            alone.rate,
            alone.conf_low,
            alone.conf_high,
        )


def test_no_time_and_a_missing_count_have_no_rate() -> None:
    found = rates([0, np.nan, 1], [0, 5, 5])
    for name in ("rate", "conf_low", "conf_high"):
        assert np.isnan(getattr(found, name)).tolist() == [True, True, False]


@pytest.mark.parametrize(("n", "time", "conf"), [(-1, 1, 0.95), (1, -1, 0.95), (1, 1, 1.0), (1, 1, 0)])
def test_impossible_input_is_refused(n: int, time: int, conf: float) -> None:
    with pytest.raises(ValueError, match=r"count|conf"):
        rates(n, time, conf=conf)
