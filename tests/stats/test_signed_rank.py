"""The signed-rank test: against all patterns of signs, one by one, and in the corners where others differ."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.stats.digits import is_constant, magnitude
from core.stats.mid_ranks import signed_ranks
from core.stats.signed_rank import signed_rank
from core.stats.signed_rank_null import lower_tail, untied_cdf
from tests.stats.samples import Floats, changes

zero_methods = st.sampled_from(["wilcox", "pratt"])
sides = st.sampled_from(["two-sided", "less", "greater"])
tenths = st.lists(st.integers(-30, 30), min_size=1, max_size=10).map(lambda drawn: np.array(drawn) / 10)


def by_hand(x: Floats, zero_method: str) -> tuple[Floats, Floats]:
    """Ranks and signs of the differences that are not zero, as a textbook tells it."""
    x = np.array([float(f"{value:.11e}") for value in x])
    kept = x[x != 0] if zero_method == "wilcox" else x
    ranks = stats.rankdata(np.abs(kept))
    return ranks[kept != 0], np.sign(kept[kept != 0])


@given(x=tenths | changes(least=1, most=10, present=True), zero_method=zero_methods, alternative=sides)
@settings(deadline=None)
def test_exact_p_is_the_share_of_all_patterns_of_signs(x: Floats, zero_method: str, alternative: str) -> None:
    ranks, signs = by_hand(x, zero_method)
    patterns = np.array(list(product([0, 1], repeat=len(ranks))), dtype=float).reshape(2 ** len(ranks), -1)
    sums, found = patterns @ ranks, ranks[signs > 0].sum()
    less, greater = np.mean(sums <= found), np.mean(sums >= found)
    expected = {"less": less, "greater": greater, "two-sided": min(1.0, 2 * min(less, greater))}[alternative]
    ours = signed_rank(x, zero_method, "exact", alternative=alternative)
    assert float(ours.p_value) == expected
    assert (ours.w_plus, ours.w_minus) == (found, ranks.sum() - found)


@given(x=changes(least=1, present=True), zero_method=zero_methods)
@settings(deadline=None)
def test_counts_and_sums(x: Floats, zero_method: str) -> None:
    ranks, _ = by_hand(x, zero_method)
    found = signed_rank(x, zero_method)
    written = [f"{abs(value):.11e}" for value in x if value]
    assert found.n == len(x) and found.n_zero == len(x) - len(ranks)
    assert found.n_tied == sum(written.count(text) > 1 for text in written)
    assert found.w_plus + found.w_minus == ranks.sum()


@given(x=changes(least=1, present=True), zero_method=zero_methods)
@settings(deadline=None)
def test_no_p_is_below_the_attainable_one(x: Floats, zero_method: str) -> None:
    for method in ("auto", "exact"):
        found = signed_rank(x, zero_method, method)
        assert found.p_attainable * (1 - 1e-12) <= found.p_value <= 1


@pytest.mark.parametrize("n", range(1, 12))
def test_the_attainable_p_is_that_of_all_rising(n: int) -> None:
    found = signed_rank(np.arange(1.0, n + 1))
    assert found.p_value == found.p_attainable == min(1, 2.0 ** (1 - n))
    assert (found.p_attainable < 0.05) == (n >= 6)


def counted(doubled: list[int]) -> list[int]:
    """In whole numbers of any size, how many patterns of signs give each sum."""
    ways = [1]
    for value in doubled:
        ways = [a + b for a, b in zip(ways + [0] * value, [0] * value + ways, strict=True)]
    return ways


@pytest.mark.parametrize("n", [5, 31, 32, 45, 60])
@pytest.mark.parametrize("grid", [2, 7, 1000])
def test_every_tail_is_counted_in_whole_numbers(n: int, grid: int) -> None:
    x = np.random.default_rng(n + grid).integers(1, grid + 1, n).astype(float)
    doubled = signed_ranks(x[None, :], "wilcox").doubled
    ways = counted(doubled[0].tolist())
    upto = np.arange(-1, len(ways))
    below = np.cumsum([0, *ways], dtype=object)
    expected = [float(Fraction(count, 2**n)) for count in below]
    found = lower_tail(np.repeat(doubled, len(upto), axis=0), upto)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found[: len(upto) // 2], expected[: len(upto) // 2], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("n", "above"), [(1, 0), (4, 0), (7, 3), (52, 0), (52, 5)])
def test_without_ties_every_probability_is_exact(n: int, above: int) -> None:
    ways = np.cumsum(counted(list(range(above + 1, above + n + 1))), dtype=object)
    found = untied_cdf(n, above)
    assert found.tolist() == [count / 2**n for count in ways[: len(found)]]


@given(n=st.integers(1, 30), zeros=st.integers(0, 3), seed=st.integers(0, 99))
@settings(deadline=None)
def test_scipy_agrees_where_it_is_exact(n: int, zeros: int, seed: int) -> None:
    x = np.random.default_rng(seed).standard_normal(n) + 0.3
    found = signed_rank(np.append(x, np.zeros(zeros)))
    assert float(found.p_value) == pytest.approx(float(stats.wilcoxon(x, method="exact").pvalue), rel=1e-9)


@given(x=changes(least=5, most=80, present=True), zero_method=zero_methods, correction=st.booleans(), alternative=sides)
@settings(deadline=None)
def test_scipy_agrees_where_it_is_normal(x: Floats, zero_method: str, correction: bool, alternative: str) -> None:
    x = np.array([float(f"{value:.11e}") for value in x])  # SciPy sees no ties through rounding noise.
    if not x.any():
        return
    found = signed_rank(x, zero_method, "asymptotic", correction, alternative)
    other = stats.wilcoxon(x, zero_method=zero_method, correction=correction, alternative=alternative, method="approx")
    # Where the sum is its own expectation there is nothing to correct; ours says 1, and so does R.
    if alternative != "two-sided" or not correction or found.p_value < 1:
        assert float(found.p_value) == pytest.approx(float(other.pvalue), rel=1e-9)


def test_auto_is_exact_to_fifty_pairs_and_normal_above() -> None:
    rng = np.random.default_rng(1)
    fifty = signed_rank(rng.standard_normal(50))
    more = signed_rank(rng.standard_normal((2, 51)))
    assert fifty.exact and not more.exact.any()
    together = signed_rank(np.vstack([np.append(rng.standard_normal(50), np.nan), rng.standard_normal(51)]))
    assert together.exact.tolist() == [True, False]


@pytest.mark.parametrize("method", ["auto", "exact", "asymptotic"])
def test_zeros_alone_speak_against_nothing(method: str) -> None:
    found = signed_rank([0.0, 0.0, np.nan], method=method)
    assert (found.n, found.n_zero, found.p_value, found.p_attainable, found.exact) == (2, 2, 1, 1, True)
    assert (found.w_plus, found.w_minus) == (0, 0)


def test_readings_to_a_tenth_tie_as_on_paper() -> None:
    """0.3 - 0.2, 0.2 - 0.1 and 1.1 - 1.0 are three different floats."""
    x = [0.3 - 0.2, 0.2 - 0.1, 1.0 - 1.1, 5.0]
    assert len(set(np.abs(x))) == 4
    found = signed_rank(x)
    assert found.n_tied == 3
    assert (found.w_plus, found.w_minus) == (8, 2)


@given(k=st.integers(1, 10**12 - 1), power=st.integers(-20, 20), noise=st.integers(-40, 40))
def test_noise_in_the_last_bits_is_not_seen(k: int, power: int, noise: int) -> None:
    value = float(f"{k}e{power}")
    disturbed = value * (1 + noise * np.finfo(float).eps)
    assert magnitude(np.array([value]))[0] == magnitude(np.array([-disturbed]))[0]


@given(a=st.integers(1, 10**12 - 1), b=st.integers(1, 10**12 - 1), power=st.integers(-300, 290))
def test_the_order_is_that_of_the_decimals(a: int, b: int, power: int) -> None:
    small, large = magnitude(np.array([float(f"{min(a, b)}e{power}"), float(f"{max(a, b)}e{power}")]))
    assert (small < large) == (a != b)


@pytest.mark.parametrize("value", [5e-324, 1e-310, 2.2e-308, 1e-12, 1.0, 999999999999.9, 1e22, 1.7e308])
def test_no_float_is_out_of_range(value: float) -> None:
    below, here, above = magnitude(np.array([0.0, value, min(2 * value, 1.79e308)]))
    assert 0 == below < here < above


def test_constant_to_twelve_digits() -> None:
    rows = np.array(
        [[0.3 - 0.2, 0.1, np.nan], [1.0, -1.0, np.nan], [0.0, 0.0, 0.0], [np.nan] * 3, [1.0, 1.00000000001, 1]]
    )
    assert is_constant(rows).tolist() == [True, False, True, True, False]
    assert is_constant(np.empty((2, 0))).all()


def test_many_zeros_do_not_make_a_p_below_the_least_there_is() -> None:
    """Fifty-five pairs, five of which change: exact, since zeros carry no sign."""
    found = signed_rank(np.append(np.zeros(50), np.ones(5)))
    assert bool(found.exact)
    assert found.p_value == found.p_attainable == 0.0625
