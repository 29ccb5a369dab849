"""Shapiro and Wilk's test, and skewness."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.normality import shapiro, skewness
from tests.stats.samples import Floats, changes


@given(x=changes(least=3, most=30, present=True))
@settings(deadline=None)
def test_scipy_agrees(x: Floats) -> None:
    found = shapiro(x)
    if np.isnan(found.w):
        assert np.isnan(skewness(x))
        return
    other = stats.shapiro(x)
    assert (found.w, found.p_value) == pytest.approx((other.statistic, other.pvalue), rel=1e-6, abs=1e-9)
    assert skewness(x) == pytest.approx(float(stats.skew(x, bias=False)), rel=1e-9, abs=1e-9)


@given(x=changes(least=3, most=30), seed=st.integers(0, 9))
@settings(deadline=None)
def test_order_missing_pairs_and_unit_say_nothing(x: Floats, seed: int) -> None:
    other = np.random.default_rng(seed).permutation(np.append(x, np.nan)) * 8 + 1
    np.testing.assert_allclose(skewness(other), skewness(x), rtol=1e-6, atol=1e-9)
    found, expected = shapiro(other), shapiro(x)
    np.testing.assert_allclose([found.w, found.p_value], [expected.w, expected.p_value], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(skewness(-x), -skewness(x), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("x", [[], [1.0, 2.0], [3.0, 3.0, 3.0, np.nan], [0.3 - 0.2, 0.2 - 0.1, 0.1]])
def test_too_few_or_constant(x: list[float]) -> None:
    assert np.isnan([shapiro(x).w, shapiro(x).p_value, skewness(x)]).all()


def test_far_from_zero_no_digits_are_lost() -> None:
    x = np.array([1.0, 2.0, 3.0, 5.0, 9.0])
    assert shapiro(x + 1e9).w == pytest.approx(shapiro(x).w, rel=1e-9)


def test_a_large_sample_gives_no_warning() -> None:
    assert 0 < shapiro(np.random.default_rng(1).standard_normal(6000)).p_value < 1


@pytest.mark.parametrize("statistic", [shapiro, skewness])
@pytest.mark.parametrize("x", [np.ones((2, 5)), [1.0, np.inf, 2.0]])
def test_two_markers_or_an_infinite_change_are_refused(statistic, x: Floats) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"one marker|finite"):
        statistic(x)
