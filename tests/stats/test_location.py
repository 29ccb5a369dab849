"""Means and spreads: the report's numbers are held by the disposition tests; here is what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.stats.location import location
from core.stats.paired_t import paired_t

samples = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)
positive = st.lists(st.floats(0.001, 1e6), min_size=2, max_size=50)


@given(samples)
def test_numpy_agrees(sample: list[float]) -> None:
    found = location(sample)
    assert found.mean == pytest.approx(float(np.mean(sample)), abs=1e-9)
    assert found.median == float(np.median(sample))
    assert found.min == min(sample)
    assert found.max == max(sample)
    assert found.n == len(sample)


@given(samples, st.integers(0, 5))
def test_missing_values_are_counted_and_left_out(sample: list[float], missing: int) -> None:
    found, without = location([*sample, *[math.nan] * missing]), location(sample)
    assert (found.n, found.n_missing) == (len(sample), missing)
    assert found.mean == without.mean
    np.testing.assert_equal([found.conf_low, found.conf_high], [without.conf_low, without.conf_high])


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=40), st.floats(0.5, 0.99))
def test_the_interval_is_that_of_the_t_test(sample: list[int], conf: float) -> None:
    found, test = location(sample, conf), paired_t(sample, conf)
    if test.sd_change > 0:
        limits = [float(test.conf_low), float(test.conf_high)]
        assert [found.conf_low, found.conf_high] == pytest.approx(limits, rel=1e-9, abs=1e-9)


@given(samples)
def test_quartiles_are_values_or_means_of_two(sample: list[float]) -> None:
    found = location(sample)
    ordered = sorted(sample)
    for share, ours in ((0.25, found.q1), (0.75, found.q3)):
        place = share * len(ordered)
        low = ordered[max(math.ceil(place) - 1, 0)]
        high = ordered[min(math.floor(place), len(ordered) - 1)]
        assert ours == pytest.approx((low + high) / 2, rel=1e-12, abs=1e-9)
    assert found.min <= found.q1 <= found.median <= found.q3 <= found.max


@pytest.mark.parametrize(
    ("n", "quartiles"), [(1, (1, 1)), (4, (1.5, 3.5)), (5, (2, 4)), (6, (2, 5)), (8, (2.5, 6.5)), (10, (3, 8))]
)
def test_quartiles_of_the_first_numbers(n: int, quartiles: tuple[float, float]) -> None:
    """As SAS has them (QNTLDEF=5), and R's type 2."""
    found = location(range(1, n + 1))
    assert (found.q1, found.q3) == quartiles


@given(positive)
def test_geometric_mean_and_its_variation(sample: list[float]) -> None:
    found = location(sample)
    assert found.geometric_mean == pytest.approx(float(stats.gmean(sample)), rel=1e-9)
    cv = 100 * math.sqrt(math.exp(float(np.var(np.log(sample), ddof=1))) - 1)
    assert found.geometric_cv == pytest.approx(cv, rel=1e-6, abs=1e-5)
    twice = location([2 * value for value in sample])
    assert twice.geometric_mean == pytest.approx(2 * found.geometric_mean, rel=1e-9)
    assert twice.geometric_cv == pytest.approx(found.geometric_cv, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("sample", [[0.0, 1.0, 2.0], [-1.0, 1.0, 2.0]])
def test_of_zero_or_less_there_is_no_geometric_mean(sample: list[float]) -> None:
    found = location(sample)
    assert np.isnan([found.geometric_mean, found.geometric_cv]).all()
    assert found.mean == np.mean(sample)


def test_one_value_has_no_spread() -> None:
    found = location([3.0])
    assert np.isnan([found.sd, found.conf_low, found.conf_high, found.geometric_cv]).all()
    assert (found.mean, found.median, found.q1, found.q3) == (3, 3, 3, 3)
    assert found.geometric_mean == pytest.approx(3)


def test_no_value_has_nothing() -> None:
    found = location([math.nan])
    assert (found.n, found.n_missing) == (0, 1)
    assert np.isnan(list(vars(found).values())[2:]).all()


def test_fields_are_in_the_order_of_a_table() -> None:
    assert list(vars(location([1.0]))) == [
        "n", "n_missing", "mean", "sd", "conf_low", "conf_high", "median", "q1", "q3", "min", "max",
        "geometric_mean", "geometric_cv",
    ]  # fmt: skip


@pytest.mark.parametrize("conf", [0, 1, 95])
def test_an_impossible_level_is_refused(conf: float) -> None:
    with pytest.raises(ValueError, match="conf"):
        location([1.0, 2.0], conf)
