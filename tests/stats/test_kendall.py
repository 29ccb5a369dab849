"""Kendall's tau-b: against all pairings, one by one, and SciPy where it has an answer."""

from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from core.stats.kendall import kendall
from tests.stats.samples import Floats
from tests.stats.test_spearman import pairs, varied

NAN = np.nan
few = settings(deadline=None, max_examples=60)


def concordance(x: Floats, y: Floats) -> int:
    return int(sum(np.sign(x[j] - x[i]) * np.sign(y[j] - y[i]) for i, j in combinations(range(len(x)), 2)))


@given(xy=pairs(2, 6) | pairs(2, 6, top=3))
@settings(deadline=None, max_examples=40)
def test_p_is_the_share_of_all_pairings(xy: tuple[Floats, Floats]) -> None:
    x, y = xy
    if not (varied(x) and varied(y)):
        return
    found = abs(concordance(x, y))
    shares = [abs(concordance(x, np.array(order))) >= found for order in permutations(y)]
    ours = kendall(x, y)
    assert ours.p_value == pytest.approx(np.mean(shares), rel=1e-12)
    assert ours.exact


@given(xy=pairs(2, 30) | pairs(2, 30, top=5))
@few
def test_tau_b_is_concordance_over_what_could_be(xy: tuple[Floats, Floats]) -> None:
    x, y = xy
    ours = kendall(x, y)
    possible = concordance(x, x) * concordance(y, y)
    expected = concordance(x, y) / np.sqrt(possible) if possible else NAN
    np.testing.assert_allclose(ours.tau_b, expected, rtol=1e-12, atol=1e-15)
    assert np.isnan(ours.p_value) == np.isnan(ours.tau_b)
    turned, swapped = kendall(x, -y), kendall(y, x)
    np.testing.assert_allclose([turned.tau_b, turned.p_value], [-ours.tau_b, ours.p_value], rtol=1e-12)
    np.testing.assert_allclose([swapped.tau_b, swapped.p_value], [ours.tau_b, ours.p_value], rtol=1e-12)


@pytest.mark.parametrize(("n", "ties"), [(9, False), (9, True), (10, True), (33, False), (34, False), (40, True)])
def test_which_p_it_is(n: int, ties: bool) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.permutation(n) // (2 if ties else 1), rng.permutation(n)
    found = kendall(x, y)
    assert found.exact == (n <= (9 if ties else 33))
    if not (found.exact and ties):
        other = stats.kendalltau(x, y, method="exact" if found.exact else "asymptotic")
        assert found.p_value == pytest.approx(other.pvalue, rel=1e-12)
        assert found.tau_b == pytest.approx(other.statistic, rel=1e-12)


def test_nine_subjects_with_ties_are_counted() -> None:
    """Close to the normal curve, and to the answer without the tie, but neither."""
    x, y = [1, 1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 6, 5, 8, 9, 7]
    found, normal = kendall(x, y), stats.kendalltau(x, y, method="asymptotic").pvalue
    apart = kendall([0, *x[1:]], y).p_value
    assert found.exact and found.p_value not in (normal, apart)
    assert found.p_value == pytest.approx(normal, rel=0.5)
    assert found.p_value == pytest.approx(apart, rel=0.5)


def test_the_example_of_rs_manual() -> None:
    """?cor.test prints tau 0.4444444 and p 0.1194 (T = 26) for the tuna of Hollander and Wolfe; recalled."""
    x, y = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1], [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    found = kendall(x, y)
    assert f"{found.tau_b:.7f}" == "0.4444444" and f"{found.p_value:.4f}" == "0.1194"


def test_missing_subjects_and_rounding_noise() -> None:
    whole = kendall([0.1, 0.1, 0.4, 0.2, 0.5], [1, 2, 3, 4, 5])
    assert kendall([0.3 - 0.2, NAN, 0.1, 0.4, 0.2, 7.0, 0.5], [1, 9, 2, 3, 4, NAN, 5]) == whole
    assert whole.n == 5


@pytest.mark.parametrize("x", [[], [NAN], [1.0], [2.0, 2.0, NAN]])
def test_what_cannot_be_ordered(x: list[float]) -> None:
    found = kendall(x, list(range(len(x))))
    assert found.n == np.count_nonzero(~np.isnan(x))
    assert np.isnan([found.tau_b, found.p_value]).all()


def test_impossible_input_is_refused() -> None:
    with pytest.raises(ValueError, match="one marker"):
        kendall(np.ones((2, 3)), np.ones(3))
    with pytest.raises(ValueError, match="as many subjects"):
        kendall([1, 2], [1, 2, 3])
