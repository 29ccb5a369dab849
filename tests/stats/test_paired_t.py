"""The paired t-test: R's and SAS's numbers are held by test_golden_paired; here are the corners."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.paired_t import paired_t
from tests.stats.samples import Floats, changes


@given(x=changes(least=2, present=True), alternative=st.sampled_from(["two-sided", "less", "greater"]))
@settings(deadline=None)
def test_scipy_agrees(x: Floats, alternative: str) -> None:
    found = paired_t(x, 0.9, alternative)
    if np.isnan(found.t):
        return
    other = stats.ttest_1samp(x, 0, alternative=alternative)
    limits = other.confidence_interval(0.9)
    ours = [found.t, found.df, found.p_value, found.conf_low, found.conf_high]
    np.testing.assert_allclose(ours, [other.statistic, other.df, other.pvalue, *limits], rtol=1e-9, atol=1e-12)


@given(x=changes(least=2, present=True), shift=st.integers(-50, 50))
@settings(deadline=None)
def test_a_shift_moves_mean_and_limits_and_leaves_the_spread(x: Floats, shift: int) -> None:
    found, moved = paired_t(x), paired_t(x + shift)
    ours = [moved.mean_change, moved.sd_change, moved.conf_low, moved.conf_high]
    expected = [found.mean_change + shift, found.sd_change, found.conf_low + shift, found.conf_high + shift]
    np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-9)


@given(x=changes(least=2, present=True))
@settings(deadline=None)
def test_the_interval_leaves_zero_out_when_the_test_says_so(x: Floats) -> None:
    found = paired_t(x)
    if np.isfinite(found.t) and abs(found.p_value - 0.05) > 1e-9:
        assert (found.conf_low <= 0 <= found.conf_high) == (found.p_value > 0.05)


@pytest.mark.parametrize(
    "x", [[2.0, 2.0, 2.0], [0.0, 0.0], [0.3 - 0.2, 0.2 - 0.1, 0.7 - 0.6]], ids=["twos", "zeros", "0.1 on paper"]
)
def test_constant_differences_have_no_t(x: list[float]) -> None:
    found = paired_t(x)
    assert (found.n, found.sd_change) == (len(x), 0)
    assert found.mean_change == pytest.approx(x[0])
    assert np.isnan([found.t, found.p_value, found.conf_low, found.conf_high]).all()


def test_a_spread_in_the_eleventh_digit_is_a_spread() -> None:
    found = paired_t([1.0, 1.00000000001])
    assert found.sd_change > 0 and np.isfinite(found.t)


def test_one_pair_has_a_mean_only() -> None:
    found = paired_t([3.0, np.nan])
    assert (found.n, found.mean_change) == (1, 3.0)
    assert np.isnan([found.sd_change, found.t, found.df, found.p_value, found.conf_low, found.conf_high]).all()


def test_a_one_sided_test_has_a_one_sided_interval() -> None:
    x = [1.0, 2.0, 4.0, 5.0]
    assert paired_t(x, alternative="greater").conf_high == np.inf
    assert paired_t(x, alternative="less").conf_low == -np.inf
    assert paired_t(x, 0.95, "greater").conf_low == pytest.approx(float(paired_t(x, 0.9).conf_low))


def test_the_interval_is_by_t_and_counts_only_pairs_that_are_there() -> None:
    """Not by 1.96, and not with missing pairs in n."""
    x = np.array([1.0, 2.0, 4.0, 5.0, np.nan, np.nan])
    found = paired_t(x)
    assert found.n == 4
    reach = stats.t.ppf(0.975, 3) * np.std([1, 2, 4, 5], ddof=1) / 2
    assert float(found.conf_high - found.mean_change) == pytest.approx(reach)
