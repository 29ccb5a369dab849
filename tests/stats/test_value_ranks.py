"""Ranks of values: as on paper, and with values below a limit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.below_limit import Measured
from core.stats.spearman import spearman
from core.stats.value_ranks import co_moments, doubled_ranks, lowest_tied
from tests.stats.samples import Floats, alike, markers

NAN = np.nan
few = settings(deadline=None, max_examples=50)


def as_written(values: Floats) -> Floats:
    return np.array([float(f"{value:.11e}") for value in values])


@given(batch=markers())
@few
def test_ranks_are_those_of_the_values_as_written(batch: Floats) -> None:
    for row, found in zip(batch, doubled_ranks(batch), strict=True):
        here = ~np.isnan(row)
        np.testing.assert_array_equal(found[here], 2 * stats.rankdata(as_written(row[here])))
        assert not found[~here].any()


def test_readings_to_a_tenth_tie_as_on_paper() -> None:
    row = np.array([[-0.1, 0.3 - 0.2, 0.1, 1.1 - 1.0, 0.2 - 0.3, 0.0, -0.0]])
    assert len(set(row[0])) == 6
    assert doubled_ranks(row).tolist() == [[3, 12, 12, 12, 3, 7, 7]]


@given(
    k=st.integers(10**11, 10**12 - 2),
    off=st.lists(st.sampled_from([-0.4, -0.1, 0, 0.3, 0.7, 1.2]), min_size=2, max_size=6),
)
@few
def test_twelve_digits_decide(k: int, off: list[float]) -> None:
    for scale in (1e-12, -1e-12, 1e-300, 1e290):
        row = (k + np.array(off)) * scale
        np.testing.assert_array_equal(doubled_ranks(row[None, :])[0], 2 * stats.rankdata(as_written(row)))


@pytest.mark.parametrize("row", [[-1.7e308, 1.7e308, 0.0], [5e-324, 1e-323, 0.0], [1.0, 1.00000000001, 1.0]])
def test_no_value_is_out_of_range(row: list[float]) -> None:
    np.testing.assert_array_equal(doubled_ranks(np.array([row]))[0], 2 * stats.rankdata(row))


def test_of_nobody_there_are_no_ranks() -> None:
    assert doubled_ranks(np.empty((2, 0))).shape == (2, 0)
    assert doubled_ranks(np.empty((0, 3))).shape == (0, 3)
    assert lowest_tied(Measured.of(np.empty((2, 0)))).shape == (2, 0)


@given(a=st.permutations(range(12)), b=st.permutations(range(12)))
@few
def test_co_moments(a: list[int], b: list[int]) -> None:
    rows = [doubled_ranks(np.array([axis], dtype=float)) for axis in (a, b)]
    assert co_moments(*rows)[0] == 4 * np.sum((np.array(a) - 5.5) * (np.array(b) - 5.5))


cells = st.tuples(st.integers(-40, 40).map(lambda tenths: tenths / 10) | st.just(NAN), st.booleans(), st.integers(1, 9))
samples = st.lists(cells, min_size=1, max_size=15).map(
    lambda drawn: Measured.of(*(np.array(part, dtype=kind) for part, kind in zip(zip(*drawn, strict=True),
                                                                                  (float, bool, float), strict=True)))
)  # fmt: skip


@given(sample=samples)
@few
def test_all_below_a_limit_are_tied_below_all_others(sample: Measured) -> None:
    found = lowest_tied(sample)
    np.testing.assert_array_equal(np.isnan(found), ~sample.present)
    lowest = np.where(sample.below, -1000.0, sample.value)[sample.present]
    np.testing.assert_array_equal(found[sample.present], stats.rankdata(lowest))


@given(sample=samples)
@few
def test_only_the_order_of_measured_values_counts(sample: Measured) -> None:
    for turn in (lambda x: x**3 + x, np.exp, lambda x: 2 * x - 100):
        np.testing.assert_array_equal(
            lowest_tied(Measured(turn(sample.value), sample.below, turn(sample.limit))), lowest_tied(sample)
        )


@given(sample=samples, seed=st.integers(0, 9))
@few
def test_limits_and_values_under_them_do_not_count(sample: Measured, seed: int) -> None:
    rng = np.random.default_rng(seed)
    hidden = np.where(sample.below, rng.standard_normal(sample.value.shape), sample.value)
    other = Measured(hidden, sample.below, rng.standard_normal(sample.value.shape))
    np.testing.assert_array_equal(lowest_tied(other), lowest_tied(sample))


@given(sample=samples, seed=st.integers(0, 99))
@few
def test_ranks_given_early_correlate_like_any_value_below_all_others(sample: Measured, seed: int) -> None:
    """Also when the other axis then leaves subjects out."""
    rng = np.random.default_rng(seed)
    other = rng.standard_normal(sample.value.shape)
    other[rng.random(other.shape) < 0.2] = NAN
    instead = np.where(sample.below, -1000.0, sample.value)
    alike(spearman(lowest_tied(sample), other), spearman(instead, other))


def test_each_marker_has_its_own_lowest_rank() -> None:
    sample = Measured.of([[1.0, NAN, 3.0], [NAN, NAN, 2.0]], [[False, True, False], [True, True, False]], 0.5)
    assert lowest_tied(sample).tolist() == [[2.0, 1.0, 3.0], [1.5, 1.5, 3.0]]
