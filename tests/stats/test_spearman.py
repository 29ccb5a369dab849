"""Spearman's rank correlation: against all pairings, one by one, against the t distribution, and in the corners."""

from collections import Counter
from itertools import permutations
from math import factorial, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.influence import leave_one_out
from core.stats.spearman import spearman
from core.stats.spearman_influence import each_left_out
from core.stats.spearman_null import pairings
from tests.stats.samples import Floats

NAN = np.nan
few = settings(deadline=None, max_examples=60)
sides = st.sampled_from(["two-sided", "less", "greater"])


def pairs(least: int, most: int, top: int = 1000) -> st.SearchStrategy[tuple[Floats, Floats]]:
    """Two measures; `top` is small where ties are wanted."""
    value = st.integers(0, top).map(lambda tenths: tenths / 10)
    return st.lists(st.tuples(value, value), min_size=least, max_size=most).map(
        lambda drawn: tuple(np.array(drawn, dtype=float).T)  # type: ignore[return-value]
    )


def varied(x: Floats) -> bool:
    return len(set(x)) > 1


def doubled(x: Floats) -> list[int]:
    return [int(2 * rank) for rank in stats.rankdata(x)]


@given(xy=pairs(2, 7) | pairs(2, 7, top=3), alternative=sides)
@few
def test_exact_p_is_the_share_of_all_pairings(xy: tuple[Floats, Floats], alternative: str) -> None:
    x, y = xy
    if not (varied(x) and varied(y)):
        return
    a, b = np.array(doubled(x)) - len(x) - 1, np.array(doubled(y)) - len(y) - 1
    sums, found = np.array(list(permutations(b))) @ a, a @ b
    reached = {
        "two-sided": np.abs(sums) >= abs(found),
        "less": sums <= found,
        "greater": sums >= found,
    }[alternative]
    ours = spearman(x, y, "exact", alternative=alternative)
    assert float(ours.p_value) == np.mean(reached)
    assert ours.exact


@pytest.mark.parametrize("n", [8, 9, 10])
@pytest.mark.parametrize("top", [2, 5, 1000])
def test_pairings_of_more_subjects(n: int, top: int) -> None:
    """The first few places one by one, the others as the smaller problem that they are."""
    rng = np.random.default_rng(n + top)
    a, b = (tuple(value - n - 1 for value in doubled(rng.integers(0, top, n))) for _ in range(2))
    expected: Counter[int] = Counter()
    for first in permutations(range(n), 3):
        rest = tuple(b[i] for i in range(n) if i not in first)
        ways = pairings(a[3:], rest)
        start = sum(a[i] * b[j] for i, j in enumerate(first))
        times = prod(factorial(count) for count in Counter(rest).values())
        for step, count in enumerate(ways.tolist()):
            expected[start + step - len(ways) // 2] += count * times
    found = pairings(a, b)
    times = prod(factorial(count) for count in Counter(b).values())
    assert found.sum() * times == factorial(n)
    ours = {i - len(found) // 2: count * times for i, count in enumerate(found.tolist()) if count}
    assert ours == {key: count for key, count in expected.items() if count}


# Tables of textbooks (Zar, 1972): the least |rho| whose two-sided p is at most 0.05, and at most 0.01.
TABLE = {6: (0.886, 1.000), 7: (0.786, 0.929), 8: (0.738, 0.881), 9: (0.700, 0.833), 10: (0.648, 0.794)}


@pytest.mark.parametrize("n", TABLE)
def test_critical_values_of_textbooks(n: int) -> None:
    ranks = tuple(range(1 - n, n, 2))
    ways = pairings(ranks, ranks)
    far = len(ways) // 2
    tail = np.cumsum(ways[::-1])[::-1][far:] * 2 / factorial(n)
    for critical, alpha in zip(TABLE[n], (0.05, 0.01), strict=True):
        least = np.flatnonzero((tail <= alpha) & (ways[far:] > 0))[0] / far
        assert f"{least:.3f}" == f"{critical:.3f}"


@given(xy=pairs(3, 40) | pairs(3, 40, top=5), alternative=sides)
@few
def test_scipy_agrees_by_the_t_distribution(xy: tuple[Floats, Floats], alternative: str) -> None:
    x, y = xy
    if not (varied(x) and varied(y)):
        return
    ours, other = spearman(x, y, "asymptotic", alternative=alternative), stats.spearmanr(x, y, alternative=alternative)
    assert float(ours.rho) == pytest.approx(float(other.statistic), rel=1e-12, abs=1e-14)
    # Where SciPy's rho is 1 but for its last bit, its p is 0 but for rounding.
    assert float(ours.p_value) == pytest.approx(float(other.pvalue), rel=1e-9, abs=1e-12)
    assert not ours.exact


def test_auto_is_exact_to_nine_pairs_and_by_t_above() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 10)), rng.standard_normal(10)
    x[0, 3] = NAN
    found, exact, by_t = (spearman(x, y, method) for method in ("auto", "exact", "asymptotic"))
    assert found.exact.tolist() == [True, False]
    assert found.p_value.tolist() == [exact.p_value[0], by_t.p_value[1]]
    assert exact.exact.all() and not by_t.exact.any()
    np.testing.assert_array_equal(exact.conf_low, by_t.conf_low)


def test_eleven_pairs_are_too_many_to_count() -> None:
    x = np.arange(12.0)
    with pytest.raises(ValueError, match="10 pairs at most, not 12"):
        spearman(x, x, "exact")
    x[:2] = NAN
    assert float(spearman(x, x, "exact").p_value) == 2 / factorial(10)


def test_sums_equal_on_paper_are_equal() -> None:
    """Mid-ranks of ties give sums whose correlations differ in their last bits: all of them count."""
    x, y = [1.0, 1, 2, 3, 3, 4, 5, 5], [0.3 - 0.2, 0.1, 0.5, 0.4, 0.1, 0.9, 0.9, 0.7]
    a, b = np.array(doubled(x)) - 9, np.array(doubled([float(f"{value:.11e}") for value in y])) - 9
    sums = np.array(list(permutations(b))) @ a
    assert float(spearman(x, y).p_value) == np.mean(np.abs(sums) >= abs(a @ b))


@pytest.mark.parametrize("n", [2, 3, 4, 9, 10, 30])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_order_has_no_limits(n: int, sign: int) -> None:
    x = np.repeat(np.arange((n + 1) // 2), 2)[:n] if n > 3 else np.arange(n)
    found = spearman(x, sign * np.exp(x))
    assert found.rho == sign
    assert np.isnan([found.conf_low, found.conf_high]).all()
    assert (found.p_value == 0) == (n > 9)


def test_fewer_than_four_pairs_have_no_limits() -> None:
    three, four = spearman([1, 2, 3], [1, 3, 2]), spearman([1, 2, 3, 4], [1, 3, 2, 4])
    assert float(three.rho) == 0.5 and float(three.p_value) == 1.0
    assert np.isnan([three.conf_low, three.conf_high]).all()
    assert four.conf_low < four.rho < four.conf_high
    assert np.isnan(spearman([1, 2], [1, 2], "asymptotic").p_value)
    assert float(spearman([1, 2], [1, 2]).p_value) == 1.0


def test_the_limits_cover_what_they_say() -> None:
    """Rank correlation of two normal variables: 6 / pi arcsin(r / 2)."""
    rng = np.random.default_rng(5)
    for r in (0.0, 0.5, 0.8):
        x = rng.standard_normal((10_000, 20))
        found = spearman(x, r * x + np.sqrt(1 - r * r) * rng.standard_normal(x.shape))
        truth = 6 / np.pi * np.arcsin(r / 2)
        covered = np.mean((found.conf_low <= truth) & (truth <= found.conf_high))
        assert 0.94 < covered < 0.965


def test_one_limit_is_that_of_an_interval_with_twice_the_error() -> None:
    x, y = np.random.default_rng(6).standard_normal((2, 20))
    both = spearman(x, y, conf=0.9)
    less, greater = (spearman(x, y, conf=0.95, alternative=side) for side in ("less", "greater"))
    np.testing.assert_allclose((greater.conf_low, less.conf_high), (both.conf_low, both.conf_high), rtol=1e-12)
    assert (less.conf_low, greater.conf_high) == (-1, 1)


@given(xy=pairs(1, 12) | pairs(1, 12, top=4), holes=st.sets(st.integers(0, 11), max_size=3))
@few
def test_each_place_is_the_answer_without_that_subject(xy: tuple[Floats, Floats], holes: set[int]) -> None:
    x, y = (axis.copy() for axis in xy)
    y[[hole for hole in holes if hole < len(y)]] = NAN
    method = "exact" if np.count_nonzero(~np.isnan(y)) <= 9 else "asymptotic"
    found = each_left_out(x, y)
    for i in range(len(x)):
        rest = spearman(np.delete(x, i), np.delete(y, i), method)
        expected = (NAN, NAN) if np.isnan(y[i]) else (rest.rho, rest.p_value)
        np.testing.assert_allclose((found.estimates[i], found.p_values[i]), expected, rtol=1e-12, atol=1e-12)
    ends = leave_one_out(found)
    for values, low, high in (
        (found.estimates, ends.estimate_low, ends.estimate_high),
        (found.p_values, ends.p_low, ends.p_high),
    ):
        known = values[~np.isnan(values)]
        np.testing.assert_equal((low, high), (known.min(), known.max()) if len(known) else (NAN, NAN))


def test_one_subject_makes_the_result() -> None:
    x = np.arange(10.0)
    y = np.array([5.0, 3, 8, 1, 7, 2, 6, 4, 0, 100])
    found = leave_one_out(each_left_out(x, y))
    assert found.estimate_low < -0.1 and found.estimate_high > 0.2
    assert float(spearman(x, y).rho) > found.estimate_low


def test_the_method_of_all_pairs_is_kept() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((2, 10))
    assert each_left_out(x, y).p_values[0] == spearman(x[1:], y[1:], "asymptotic").p_value
    assert each_left_out(x, y, "exact").p_values[0] == spearman(x[1:], y[1:]).p_value


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="must be one of"):
        spearman([1, 2], [1, 2], "approx")
    with pytest.raises(ValueError, match="must be one of"):
        spearman([1, 2], [1, 2], alternative="both")
    with pytest.raises(ValueError, match="one marker"):
        each_left_out(np.ones((2, 2)), [1, 2])
