"""Power of the paired t-test: second opinions, the plan that it was built for, and what mathematics promises."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats
from statsmodels.stats.power import TTestPower

from core.stats.multiplicity import alpha_each
from core.stats.noncentral_t import cdf
from core.stats.power import paired_power, solve

pairs = st.integers(2, 400)
effects = st.floats(0.01, 3)
alphas = st.floats(-6, -0.3).map(lambda power: 10**power)
powers = st.floats(0.02, 0.9999)


def over_spread(t: float, df: float, nc: float) -> float:
    """The chance of a noncentral t above the one given, added up over the standard deviation: by no noncentral t."""
    middle, wide = 1.0, 1 / np.sqrt(2 * df)
    ends = sorted({max(0.0, middle + k * wide) for k in (-9, -4, -2, 0, 2, 4, 9)} | {0.0, middle + 40 * wide})

    def piece(s: float) -> float:
        return stats.norm.sf(t * s - nc) * stats.chi.pdf(s * np.sqrt(df), df) * np.sqrt(df)

    return sum(integrate.quad(piece, a, b, epsabs=1e-13, epsrel=1e-11, limit=200)[0] for a, b in pairwise(ends))


@pytest.mark.parametrize("n", [2, 3, 6, 14, 30, 60, 200])
@pytest.mark.parametrize("alpha", [0.05, 0.00125])
@pytest.mark.parametrize("effect", [0.0, 0.2, 0.82, 2.0])
def test_power_added_up_anew(n: int, alpha: float, effect: float) -> None:
    t, nc = stats.t.isf(alpha / 2, n - 1), effect * np.sqrt(n)
    other = over_spread(t, n - 1, nc) + over_spread(t, n - 1, -nc)
    assert float(paired_power(n, effect, alpha)) == pytest.approx(other, abs=1e-9)


@given(pairs, effects, alphas)
def test_statsmodels_agrees(n: int, effect: float, alpha: float) -> None:
    for ours, theirs in (("two-sided", "two-sided"), ("greater", "larger")):
        other = TTestPower().power(effect, n, alpha, alternative=theirs)
        assume(not np.isnan(other))  # SciPy's noncentral t, which it uses, is at times.
        assert float(paired_power(n, effect, alpha, ours)) == pytest.approx(other, abs=1e-8)


def test_where_scipy_has_no_number_there_is_one() -> None:
    """SciPy's noncentral t is NaN at these; the chance is 0 or 1 to the last digit that is asked for."""
    t = np.array([2.2621571627982053, 6.170056101418831, 0.7648923284043444])
    df, nc = np.array([9.0, 29.0, 3.0]), np.array([38.0, -5.0, 38.0])
    assert np.isnan(stats.nct.cdf(t, df, nc)).any()
    expected = [1 - over_spread(*each) for each in zip(t, df, nc, strict=True)]
    np.testing.assert_allclose(cdf(t, df, nc), expected, atol=1e-11)
    n, alpha = np.meshgrid(np.arange(2, 300), [0.5, 0.05, 1e-3, 1e-6, 1e-9])
    for effect in (0.01, 0.5, 1.0, 3.0, 12.0, 40.0):
        found = paired_power(n, effect, alpha)
        assert np.all((found >= alpha - 1e-12) & (found <= 1))
        assert np.all(np.diff(found, axis=1) >= -1e-12)


def test_the_plan_it_was_built_for() -> None:
    """The readings of 30 pairs, d_z 0.82 and 80 percent power at a two-sided 0.05."""
    needed = solve(effect_size=0.82, alpha=0.05, power=0.8)
    assert f"{solve(n=30, alpha=0.05, power=0.8).effect_size:.3f}" == "0.529"
    assert (float(needed.n), f"{needed.power_reached:.4f}") == (14.0, "0.8093")
    assert f"{paired_power(30, 0.82, 0.05):.3f}" == "0.991"
    assert f"{solve(n=30, alpha=alpha_each(0.05, 40), power=0.8).effect_size:.3f}" == "0.817"
    assert f"{solve(n=15, alpha=0.05, power=0.8).effect_size:.3f}" == "0.778"


def test_two_sided_power_counts_both_tails() -> None:
    assert float(paired_power(10, 0.0, 0.05)) == pytest.approx(0.05, abs=1e-14)
    one_tail = float(paired_power(5, 0.1, 0.05, "two-sided")) - float(paired_power(5, 0.1, 0.025, "greater"))
    assert one_tail == pytest.approx(float(paired_power(5, -0.1, 0.025, "greater")), abs=1e-14)
    assert one_tail > 0.01
    assert float(paired_power(12, -0.6, 0.05)) == float(paired_power(12, 0.6, 0.05))


@given(pairs, effects, alphas, st.floats(1.01, 2))
def test_more_of_anything_is_more_power(n: int, effect: float, alpha: float, more: float) -> None:
    least = float(paired_power(n, effect, alpha))
    assert alpha - 1e-12 <= least <= 1
    for raised in ((n + 1, effect, alpha), (n, effect * more, alpha), (n, effect, min(alpha * more, 0.9))):
        assert float(paired_power(*raised)) >= least - 1e-12


@given(pairs, effects, alphas)
def test_each_number_comes_back_from_the_other_three(n: int, effect: float, alpha: float) -> None:
    power = float(paired_power(n, effect, alpha))
    assume(alpha * 1.01 < power < 0.999999)
    back = solve(n=n, alpha=alpha, power=power)
    assert float(back.effect_size) == pytest.approx(effect, rel=1e-6)
    assert float(solve(n=n, effect_size=effect, power=power).alpha) == pytest.approx(alpha, rel=1e-6)
    needed = solve(effect_size=effect, alpha=alpha, power=power)
    assert float(needed.n) == n
    assert float(needed.n_exact) == pytest.approx(n, rel=1e-6)


@given(effects, alphas, powers)
def test_a_solved_n_is_the_least_whole_number_that_reaches_the_power(effect: float, alpha: float, power: float) -> None:
    assume(power > alpha)
    found = solve(effect_size=effect, alpha=alpha, power=power)
    n = float(found.n)
    assert n >= 2
    assert n == int(n)
    assert float(found.power_reached) == float(paired_power(n, effect, alpha)) >= power
    assert float(found.power) == power
    assert n - 1 - 1e-6 <= float(found.n_exact) <= n + 1e-6
    if n > 2:
        assert float(paired_power(n - 1, effect, alpha)) < power
        assert float(paired_power(float(found.n_exact), effect, alpha)) == pytest.approx(power, abs=1e-9)


def test_many_at_once_are_the_same_as_one_by_one() -> None:
    n, alpha = np.array([[5, 14, 30]]), np.array([[0.05], [0.001], [np.nan]])
    found = solve(n=n, alpha=alpha, power=0.8)
    assert found.effect_size.shape == found.n.shape == (3, 3)
    assert np.isnan(found.effect_size[2]).all()
    for row, column in np.ndindex(2, 3):
        alone = solve(n=n[0, column], alpha=alpha[row, 0], power=0.8)
        assert float(alone.effect_size) == pytest.approx(found.effect_size[row, column], rel=1e-12)


def test_two_pairs_may_be_enough_and_no_fewer_are_a_test() -> None:
    found = solve(effect_size=50.0, alpha=0.05, power=0.8)
    assert (float(found.n), float(found.n_exact)) == (2.0, 2.0)


def test_an_alpha_that_no_number_can_be_is_missing() -> None:
    assert np.isnan(solve(n=1000, effect_size=5.0, power=0.8).alpha)


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ({"n": 30, "effect_size": 0.5}, "leave out exactly one"),
        ({"n": 30, "effect_size": 0.5, "alpha": 0.05, "power": 0.8}, "leave out exactly one"),
        ({"n": 1, "effect_size": 0.5, "alpha": 0.05}, "n must be 2 or more"),
        ({"n": 30, "effect_size": 0.5, "alpha": 1.0}, "between 0 and 1"),
        ({"n": 30, "alpha": 0.05, "power": 0.05}, "power must be above alpha"),
        ({"effect_size": 0.0, "alpha": 0.05, "power": 0.8}, "never reaches"),
        ({"effect_size": -0.5, "alpha": 0.05, "power": 0.8, "alternative": "greater"}, "never reaches"),
        ({"n": 30, "effect_size": 0.5, "alpha": 0.05, "alternative": "less"}, "alternative must be one of"),
    ],
)
def test_what_cannot_be_is_refused(numbers: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        solve(**numbers)


@given(alphas, st.integers(1, 5000), st.floats(0.01, 1))
def test_what_each_marker_gets_adds_up_to_what_the_family_has(alpha: float, markers: int, share: float) -> None:
    assert float(alpha_each(alpha, markers, share)) * markers == pytest.approx(alpha * share, rel=1e-12)
    rest = alpha_each(alpha, 1, 1 - share) if share < 1 else 0.0
    assert float(alpha_each(alpha, markers, share)) * markers + float(rest) == pytest.approx(alpha, rel=1e-9)


@pytest.mark.parametrize("numbers", [(0.0, 1, 1.0), (0.05, 0, 1.0), (0.05, 1, 0.0), (0.05, 1, 1.5)])
def test_an_impossible_split_is_refused(numbers: tuple[float, int, float]) -> None:
    with pytest.raises(ValueError, match="share above 0"):
        alpha_each(*numbers)
