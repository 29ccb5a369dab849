"""Flipped signs and drawn samples: exact where all are counted, the same again from the same seed."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.stats.paired_t import paired_t
from core.stats.resampling import BootstrapMedian, bootstrap_median, permutation
from tests.stats.samples import Floats, changes

tenths = st.lists(st.integers(-30, 30), min_size=1, max_size=9)


@given(tenths)
@settings(deadline=None)
def test_every_pattern_of_signs_is_counted_and_ties_with_what_was_found_count(drawn: list[int]) -> None:
    """In tenths as floats, against whole numbers."""
    sums = [abs(sum(s * k for s, k in zip(signs, drawn, strict=True))) for signs in product([1, -1], repeat=len(drawn))]
    found = permutation(np.array(drawn) / 10)
    assert found.p_value == np.mean([s >= abs(sum(drawn)) for s in sums])
    assert found.draws == 2 ** len(drawn)


def test_beyond_eighteen_pairs_signs_are_drawn() -> None:
    x = np.random.default_rng(3).standard_normal(25) + 0.4
    found = permutation(x, draws=20_000)
    assert found == permutation(x, draws=20_000)
    assert found != permutation(x, seed=1, draws=20_000)
    assert found.draws == 20_000
    assert found.p_value == pytest.approx(float(paired_t(x).p_value), abs=0.01)
    assert permutation(np.full(25, 2.0), draws=999).p_value == 1 / 1000
    assert permutation(np.zeros(25), draws=999).p_value == 1


def test_drawn_and_counted_agree() -> None:
    x = np.random.default_rng(5).standard_normal(18) + 0.5
    counted = permutation(x)
    drawn = permutation(np.append(x, 0.0), draws=200_000)  # A zero more has the same sums.
    assert counted.draws == 2**18 and drawn.draws == 200_000
    assert drawn.p_value == pytest.approx(counted.p_value, abs=0.003)


@given(x=changes(most=22), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=30)
def test_order_sign_and_missing_pairs_say_nothing(x: Floats, seed: int) -> None:
    other = -np.random.default_rng(seed).permutation(np.append(x, np.nan))
    found, expected = permutation(other, draws=500), permutation(x, draws=500)
    np.testing.assert_equal([found.p_value, found.draws], [expected.p_value, expected.draws])
    found, expected = bootstrap_median(-other, draws=99), bootstrap_median(x, draws=99)
    np.testing.assert_equal([found.estimate, found.conf_low, found.conf_high],
                            [expected.estimate, expected.conf_low, expected.conf_high])  # fmt: skip


def test_the_interval_of_the_median_holds_it() -> None:
    x = np.random.default_rng(7).standard_normal(30) + 1
    found = bootstrap_median(x)
    assert found == bootstrap_median(x)
    assert found.conf_low < found.estimate == np.median(x) < found.conf_high
    wide = bootstrap_median(x, 0.99)
    assert wide.conf_low <= found.conf_low and found.conf_high <= wide.conf_high


def test_medians_of_drawn_samples_cover_the_median_as_often_as_said() -> None:
    rng = np.random.default_rng(11)
    hits = 0
    for _ in range(100):
        found = bootstrap_median(rng.standard_normal(25), 0.9, draws=299)
        hits += found.conf_low <= 0 <= found.conf_high
    assert 80 <= hits <= 98


@pytest.mark.parametrize(
    ("x", "median"), [([], np.nan), ([3.0, np.nan], 3.0), ([2.0] * 9, 2.0), ([0.0] * 20 + [1.0], 0.0)]
)
def test_where_the_median_cannot_move_there_is_no_interval(x: list[float], median: float) -> None:
    found = bootstrap_median(x, draws=199)
    assert isinstance(found, BootstrapMedian)
    np.testing.assert_equal([found.estimate, found.conf_low, found.conf_high], [median, np.nan, np.nan])


def test_nobody_is_nobody() -> None:
    assert np.isnan(permutation([np.nan]).p_value)


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="draws"):
        permutation([1.0], draws=0)
    with pytest.raises(ValueError, match="conf"):
        bootstrap_median([1.0, 2.0], conf=95)
    with pytest.raises(ValueError, match="one marker"):
        permutation(np.ones((2, 2)))
