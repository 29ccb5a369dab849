"""The Hodges-Lehmann estimate and its interval: from all Walsh averages, one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.hodges_lehmann import hodges_lehmann, limit_place
from core.stats.signed_rank import signed_rank
from tests.stats.samples import Floats, changes


@given(x=changes(least=1, most=20, present=True))
@settings(deadline=None)
def test_it_is_the_median_of_all_averages_of_two(x: Floats) -> None:
    averages = [(x[i] + x[j]) / 2 for i in range(len(x)) for j in range(i, len(x))]
    np.testing.assert_allclose(hodges_lehmann(x).estimate, np.median(averages), rtol=1e-12, atol=1e-12)


@given(x=changes(least=6, most=30, present=True), conf=st.floats(0.5, 0.96))
@settings(deadline=None)
def test_the_interval_holds_the_estimate_and_the_level(x: Floats, conf: float) -> None:
    found = hodges_lehmann(x, conf)
    assert found.conf_low <= found.estimate <= found.conf_high
    assert conf - 1e-12 <= found.coverage < 1


@given(x=changes(least=1, most=20, present=True), shift=st.integers(-50, 50))
@settings(deadline=None)
def test_a_shift_moves_all_of_it(x: Floats, shift: int) -> None:
    found, moved = hodges_lehmann(x), hodges_lehmann(x + shift)
    for name in ("estimate", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(moved, name), getattr(found, name) + shift, rtol=1e-12, atol=1e-12)
    np.testing.assert_equal(moved.coverage, found.coverage)


@pytest.mark.parametrize("seed", range(20))
def test_the_interval_is_the_shifts_that_the_exact_test_does_not_refuse(seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal(12) + 0.5
    found = hodges_lehmann(x)
    refused = {shift: float(signed_rank(x - shift).p_value) <= 1 - found.coverage for shift in
               (found.conf_low - 1e-6, found.conf_low + 1e-6, found.conf_high - 1e-6, found.conf_high + 1e-6)}  # fmt: skip
    assert list(refused.values()) == [True, False, False, True]


def test_below_six_pairs_there_is_no_interval_of_95_percent() -> None:
    five, six = hodges_lehmann([1.0, 2.0, 3.0, 4.0, 5.0]), hodges_lehmann([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert five.estimate == 3
    assert np.isnan([five.conf_low, five.conf_high, five.coverage]).all()
    assert (six.conf_low, six.conf_high, six.coverage) == (1, 6, 0.96875)
    assert hodges_lehmann([1.0, 2.0, 3.0, 4.0, 5.0], 0.9).coverage == 0.9375


def test_zeros_are_differences() -> None:
    assert hodges_lehmann([0.0, 0.0, 0.0, 6.0]).estimate == 0
    assert hodges_lehmann([0.0, 0.0, 4.0]).estimate == 1


def test_constant_differences_have_an_interval_of_no_width() -> None:
    found = hodges_lehmann([2.0] * 8)
    assert (found.estimate, found.conf_low, found.conf_high) == (2, 2, 2)


@pytest.mark.parametrize(
    ("n", "place"),
    [(5, 0), (6, 1), (7, 3), (8, 4), (9, 6), (10, 9), (15, 26), (20, 53), (25, 90), (30, 138), (50, 435)],
)
def test_places_of_the_tables_of_wilcoxon(n: int, place: int) -> None:
    """The critical sum of the printed tables, two-sided 5 %, is one less than the place."""
    assert limit_place(n, 0.95)[0] == place


def test_the_normal_curve_takes_over_without_a_step() -> None:
    (exact, exact_level), (normal, normal_level) = limit_place(500, 0.95), limit_place(501, 0.95)
    assert normal / exact == pytest.approx((501 / 500) ** 2, abs=1e-4)
    assert normal_level == pytest.approx(exact_level, abs=1e-4) == pytest.approx(0.95, abs=1e-4)
    found = hodges_lehmann(np.random.default_rng(1).standard_normal(501))
    assert found.conf_low < found.estimate < found.conf_high
