"""Correlation of logarithms: beside SciPy, and where it is not estimable."""

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from core.stats.pearson import pearson_log
from tests.stats.samples import Floats, alike
from tests.stats.test_spearman import pairs, varied

NAN = np.nan
few = settings(deadline=None, max_examples=60)


@given(xy=pairs(4, 30) | pairs(4, 30, top=5))
@few
def test_scipy_agrees(xy: tuple[Floats, Floats]) -> None:
    x, y = (axis + 0.1 for axis in xy)
    if not (varied(x) and varied(y)):
        return
    ours, other = pearson_log(x, y), stats.pearsonr(np.log(x), np.log(y))
    assert float(ours.r) == pytest.approx(float(other.statistic), abs=1e-11)
    if abs(ours.r) < 1 - 1e-6:
        # The limits of a correlation near 1 lean on its last digits.
        limits = other.confidence_interval()
        assert float(ours.p_value) == pytest.approx(float(other.pvalue), rel=1e-6)
        np.testing.assert_allclose((ours.conf_low, ours.conf_high), limits, rtol=1e-6, atol=1e-9)


@given(xy=pairs(1, 20))
@few
def test_units_say_nothing(xy: tuple[Floats, Floats]) -> None:
    x, y = (axis + 0.1 for axis in xy)
    found = pearson_log(x, y)
    alike(pearson_log(1000 * x, y), found, 1e-7)
    alike(pearson_log(x, y**2), found, 1e-7)


def test_a_factor_of_a_power_is_perfect() -> None:
    x = np.array([0.3, 0.7, 1.1, 5.0, 20.0])
    for power, sign in ((3, 1), (-0.5, -1)):
        found = pearson_log(x, 7 * x**power)
        assert found.r == sign and found.p_value == 0
        assert np.isnan([found.conf_low, found.conf_high]).all()


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1.0, 2, 3, 4, 0.0], [1.0, 2, 1, 2, 3]),
        ([1.0, 2, 3, 4, 5], [1.0, 2, -1, 2, 3]),
        ([0.1, 0.3 - 0.2, 1.1 - 1.0, 0.1], [1.0, 2, 3, 4]),
        ([1e300, 1e300 * (1 + 1e-11), 1e300, 1e300], [1.0, 2, 3, 5]),
        ([1.0], [2.0]),
    ],
    ids=["zero", "negative", "constant as recorded", "constant as logarithms", "one pair"],
)
def test_what_is_not_estimable(x: list[float], y: list[float]) -> None:
    found = pearson_log(x, y)
    assert found.n == len(x)
    assert np.isnan([found.r, found.p_value, found.conf_low, found.conf_high]).all()


def test_a_value_that_is_no_part_of_a_pair_may_be_zero() -> None:
    alike(pearson_log([0.0, 1, 2, 3, 5], [NAN, 3, 2, 5, 7]), pearson_log([1.0, 2, 3, 5], [3.0, 2, 5, 7]))


def test_few_pairs() -> None:
    two, three = pearson_log([1.0, 2], [2.0, 1]), pearson_log([1.0, 2, 3], [2.0, 1, 4])
    assert two.r == -1 and np.isnan(two.p_value)
    assert 0 < three.p_value < 1 and np.isnan([three.conf_low, three.conf_high]).all()
