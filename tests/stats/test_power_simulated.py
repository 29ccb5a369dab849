"""Simulated power beside what is known exactly, and the signed-rank test's power by its efficiency."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from core.stats.power import paired_power, solve
from core.stats.power_simulated import LOG_SD, MOST_PAIRS, SHAPES, Simulated, simulate
from core.stats.signed_rank import signed_rank
from core.stats.signed_rank_null import untied_cdf
from core.stats.signed_rank_power import EFFICIENCY, fewest_pairs, solve_signed_rank

alphas = st.floats(-5, -0.4).map(lambda power: 10**power)


def exact_size(n: int, alpha: float) -> float:
    """The size that the exact two-sided test has: the largest p at or below alpha that it can give."""
    p = 2 * untied_cdf(n)
    return float(np.max(p, where=p <= alpha, initial=0.0))


def close(share: float, error: float, exact: float) -> bool:
    """Whether a simulated share is within four standard errors of what it should be."""
    return abs(share - exact) <= 4 * error


@pytest.mark.parametrize("n", [6, 14, 30, 50])
@pytest.mark.parametrize("effect", [0.0, 0.3, 0.82])
def test_the_simulated_t_test_is_the_exact_one(n: int, effect: float) -> None:
    for alpha in (0.05, 0.01):
        found = simulate("normal", n, effect, alpha)["paired_t"]
        assert close(found.size, found.size_error, alpha)
        assert close(found.power, found.power_error, float(paired_power(n, effect, alpha)))
        assert (found.draws, found.n, found.effect_size, found.alpha) == (10_000, n, effect, alpha)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [5, 6, 10, 20, 40])
def test_the_signed_rank_test_keeps_its_exact_size_whatever_the_shape(shape: str, n: int) -> None:
    """Exchangeable measurements have symmetric differences: its size depends on n alone."""
    for alpha in (0.05, 0.01):
        found = simulate(shape, n, 0.5, alpha)["wilcoxon"]
        assert close(found.size, found.size_error, exact_size(n, alpha))


def chance_of_a_rise(shape: str, effect: float) -> float:
    """P(later > earlier) by integration over the earlier measurement."""
    one = {"normal": stats.norm(), "heavy_tails": stats.t(3), "log_normal": stats.lognorm(s=LOG_SD)}[shape]
    moved = effect * np.sqrt(2 * one.var())
    low, high = one.ppf(1e-13), one.isf(1e-13)
    ends = [low, *one.ppf([0.01, 0.2, 0.5, 0.8, 0.99]), high]
    return sum(integrate.quad(lambda x: one.pdf(x) * one.sf(x - moved), a, b, limit=200)[0] for a, b in pairwise(ends))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("effect", [0.3, 0.82, 1.5])
def test_six_pairs_reject_when_all_signs_are_one(shape: str, effect: float) -> None:
    """With six pairs p is at most 0.05 for one sign only: its power is known in closed form for every shape."""
    rises = chance_of_a_rise(shape, effect)
    found = simulate(shape, 6, effect, 0.05)["wilcoxon"]
    assert close(found.power, found.power_error, rises**6 + (1 - rises) ** 6)


@pytest.mark.parametrize("shape", ["heavy_tails", "log_normal"])
def test_ranks_have_more_power_where_measurements_are_not_normal(shape: str) -> None:
    found = simulate(shape, 20, 0.6, 0.05)
    assert found["wilcoxon"].power > found["paired_t"].power + 0.03


@pytest.mark.parametrize(("n", "effect"), [(15, 0.82), (30, 0.53), (40, 0.5)])
def test_the_efficiency_is_near_what_is_simulated(n: int, effect: float) -> None:
    """An approximation, not a closed form: within two percentage points beyond chance."""
    found = simulate("normal", n, effect, 0.05)["wilcoxon"]
    near = float(solve_signed_rank(n=n, effect_size=effect, alpha=0.05).power)
    assert abs(found.power - near) <= 0.02 + 4 * found.power_error


def test_the_same_seed_gives_the_same_numbers_and_another_does_not() -> None:
    assert simulate("normal", 12, 0.5, 0.05) == simulate("normal", 12, 0.5, 0.05)
    assert simulate("normal", 12, 0.5, 0.05) != simulate("normal", 12, 0.5, 0.05, seed=1)


def test_many_pairs_are_drawn_less_often_and_very_many_not_at_all() -> None:
    assert simulate("normal", 100, 0.2, 0.05, draws=20_000)["paired_t"].draws == 5_000
    none = simulate("normal", MOST_PAIRS + 1, 0.2, 0.05)["wilcoxon"]
    assert none.draws == 0
    assert np.isnan([none.size, none.size_error, none.power, none.power_error]).all()


def test_no_share_is_without_error() -> None:
    """All of 10,000 draws reject: the error is small, not 0."""
    found: Simulated = simulate("normal", 30, 5.0, 0.05)["paired_t"]
    assert found.power == 1
    assert 0 < found.power_error < 0.001


@pytest.mark.parametrize(("given", "says"), [(("cauchy", 10, 0.5, 0.05), "shape must be"), (("normal", 1, 0.5, 0.05), "n must be 2")])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(given: tuple, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        simulate(*given)


@given(st.integers(1, 50), alphas)
def test_the_size_is_the_largest_p_at_or_below_alpha(n: int, alpha: float) -> None:
    size = exact_size(n, alpha)
    assert 0 <= size <= alpha
    assert (size > 0) == (n >= fewest_pairs(alpha)) == (2.0 ** (1 - n) <= alpha)


@pytest.mark.parametrize("n", [4, 7, 9])
def test_the_size_counted_over_all_signs(n: int) -> None:
    signs = 1 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    p = signed_rank(signs * np.arange(1, n + 1)).p_value
    for alpha in (0.05, 0.125, 0.3):
        assert exact_size(n, alpha) == np.mean(p <= alpha)
    assert p.min() == 2.0 ** (1 - n)


def test_the_efficiency_scales_the_pairs() -> None:
    t, ranks = (of(effect_size=0.5, alpha=0.05, power=0.8) for of in (solve, solve_signed_rank))
    assert float(ranks.n_exact) * EFFICIENCY == pytest.approx(float(t.n_exact), rel=1e-9)
    assert float(ranks.n) == 35
    power = float(solve_signed_rank(n=30, effect_size=0.5, alpha=0.05).power)
    assert power == pytest.approx(float(paired_power(30 * 3 / np.pi, 0.5, 0.05)), rel=1e-12)


@given(st.floats(0.1, 5), alphas)
def test_a_solved_n_can_reach_alpha_at_all(effect: float, alpha: float) -> None:
    found = solve_signed_rank(effect_size=effect, alpha=alpha, power=0.9)
    assert found.n >= max(2, fewest_pairs(alpha))
    assert found.power_reached >= 0.9


def test_too_few_pairs_are_not_estimable() -> None:
    assert np.isnan(solve_signed_rank(n=5, effect_size=1.0, alpha=0.05).power)
    assert np.isnan(solve_signed_rank(n=5, alpha=0.05, power=0.8).effect_size)
    assert np.isnan(solve_signed_rank(n=5, effect_size=9.0, power=0.99).alpha)
    several = solve_signed_rank(n=[5, 6], effect_size=1.0, alpha=0.05)
    assert np.isnan(several.power).tolist() == [True, False]
    assert several.n.tolist() == [5.0, 6.0]
