"""Means and spreads: the report's numbers are held by the disposition tests; here is what must always hold."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.location import location

samples = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


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


def test_one_value_has_no_spread() -> None:
    assert math.isnan(location([3.0]).sd)


def test_no_value_has_nothing() -> None:
    found = location([math.nan])
    assert (found.n, found.n_missing) == (0, 1)
    assert math.isnan(found.mean)
