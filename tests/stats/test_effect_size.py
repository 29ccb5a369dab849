"""Effect sizes: their definitions, and limits that give back the chances that they are limits of."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import nctdtr

from core.stats.effect_size import d_z, g_z, rank_biserial
from core.stats.noncentral_t import _cdf_of_large, noncentrality
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank
from tests.stats.samples import Floats, changes

chances = st.sampled_from([0.005, 0.025, 0.05, 0.5, 0.95, 0.975, 0.995])


@given(t=st.floats(-12, 12), df=st.integers(1, 300), chance=chances)
@settings(deadline=None)
def test_the_limit_has_the_chance_that_was_asked_for(t: float, df: int, chance: float) -> None:
    nc = noncentrality(np.array([t]), np.array([float(df)]), chance)[0]
    if 1e-30 < abs(t) < 4 and t**2 < df:  # Where SciPy's distribution function is right to many digits.
        assert nctdtr(df, nc, t) == pytest.approx(chance, rel=1e-9)
    assert np.isfinite(nc)


@given(df=st.integers(1, 200), nc=st.floats(-2, 6), t=st.floats(0.5, 6))
@settings(deadline=None)
def test_two_ways_to_the_distribution_function(df: int, nc: float, t: float) -> None:
    """By sums over Z, and SciPy's, where both are good."""
    if t**2 > df / 2:
        ours = _cdf_of_large(np.array([t]), np.array([float(df)]), np.array([nc]))[0]
        assert ours == pytest.approx(float(nctdtr(df, nc, t)), rel=1e-8, abs=1e-10)


@pytest.mark.parametrize("t", [1e2, 1e3, 1e5, 1e7])
@pytest.mark.parametrize("df", [1, 2, 9, 100])
@pytest.mark.parametrize("chance", [0.025, 0.975])
def test_of_a_huge_t_only_the_spread_is_uncertain(t: float, df: int, chance: float) -> None:
    """Then nc / t is a quantile of the square root of a chi-square over its degrees of freedom."""
    nc = noncentrality(np.array([t]), np.array([float(df)]), chance)[0]
    assert nc / t == pytest.approx(np.sqrt(stats.chi2.isf(chance, df) / df), rel=2000 / t**2 + 1e-9)


@pytest.mark.parametrize("t", [0.0, 1e-300, -5e-135, 3e-122, 1e-31, 1e-29])
@pytest.mark.parametrize("df", [1.0, 9.0])
def test_of_no_t_the_limits_are_those_of_a_normal_deviate(t: float, df: float) -> None:
    """Where SciPy's distribution function is at times NaN."""
    for chance in (0.005, 0.025, 0.975):
        nc = noncentrality(np.array([t]), np.array([df]), chance)[0]
        assert nc == pytest.approx(-stats.norm.ppf(chance), rel=1e-9)


def test_limits_fall_as_the_chance_rises_and_mirror_the_sign() -> None:
    t, df = np.linspace(-40, 40, 81), np.tile([1.0, 2.0, 29.0], 27)
    limits = np.stack([noncentrality(t, df, chance) for chance in (0.975, 0.9, 0.5, 0.1, 0.025)])
    assert (np.diff(limits, axis=0) > 0).all()
    np.testing.assert_allclose(limits, -noncentrality_of(-t, df), rtol=1e-9, atol=1e-9)


def noncentrality_of(t: Floats, df: Floats) -> Floats:
    return np.stack([noncentrality(t, df, chance) for chance in (0.025, 0.1, 0.5, 0.9, 0.975)])


@given(x=changes(least=2, present=True))
@settings(deadline=None)
def test_d_z_is_t_over_root_n_and_g_z_a_little_less(x: Floats) -> None:
    d, g, t = d_z(x), g_z(x), paired_t(x)
    np.testing.assert_allclose(d.estimate, t.t / np.sqrt(len(x)), rtol=1e-12, atol=1e-12)
    if np.isfinite(g.estimate):
        assert abs(g.estimate) <= abs(d.estimate)
        m = len(x) - 1
        # The usual approximation of the correction, good to a few thousandths from there on.
        if m >= 5:
            assert float(g.estimate) == pytest.approx(float(d.estimate * (1 - 3 / (4 * m - 1))), rel=3e-3)
        np.testing.assert_allclose(g.conf_low * d.conf_high, g.conf_high * d.conf_low, rtol=1e-9)


@given(x=changes(least=3, present=True))
@settings(deadline=None)
def test_the_interval_of_d_z_leaves_zero_out_when_the_t_test_says_so(x: Floats) -> None:
    d, t = d_z(x), paired_t(x)
    if np.isfinite(t.t) and abs(t.p_value - 0.05) > 1e-9:
        assert (d.conf_low <= 0 <= d.conf_high) == (t.p_value > 0.05)


@given(x=changes(least=1, present=True), zero_method=st.sampled_from(["wilcox", "pratt"]))
@settings(deadline=None)
def test_rank_biserial_is_the_difference_of_the_two_shares(x: Floats, zero_method: str) -> None:
    found, ranks = rank_biserial(x, zero_method=zero_method), signed_rank(x, zero_method)
    if not x.any():
        assert np.isnan([found.estimate, found.conf_low, found.conf_high]).all()
        return
    assert float(found.estimate) == pytest.approx(
        float((ranks.w_plus - ranks.w_minus) / (ranks.w_plus + ranks.w_minus))
    )
    if abs(found.estimate) == 1:
        assert np.isnan([found.conf_low, found.conf_high]).all()
    else:
        assert -1 <= found.conf_low < found.estimate < found.conf_high <= 1


def test_rank_biserial_interval_by_hand() -> None:
    """m = 6 and r = 13 / 21: the standard error is the root of 91, over 21."""
    found = rank_biserial([1.0, 2.0, -4.0, 3.0, 5.0, 6.0, 0.0])
    r, reach = 13 / 21, stats.norm.ppf(0.975) * np.sqrt(91) / 21
    limits = np.tanh(np.arctanh(r) + np.array([-reach, reach]))
    np.testing.assert_allclose([found.estimate, found.conf_low, found.conf_high], [r, *limits], rtol=1e-12)


@pytest.mark.parametrize("statistic", [d_z, g_z])
@pytest.mark.parametrize("x", [[3.0], [2.0, 2.0, 2.0], [0.0, 0.0], [0.3 - 0.2, 0.2 - 0.1]])
def test_without_a_spread_there_is_no_size(statistic, x: list[float]) -> None:  # type: ignore[no-untyped-def]
    found = statistic(x)
    assert np.isnan([found.estimate, found.conf_low, found.conf_high]).all()


def test_two_pairs_have_d_z_and_no_g_z() -> None:
    """The correction would be 0: the mean of d_z is infinite."""
    assert np.isfinite([d_z([1.0, 2.0]).estimate, d_z([1.0, 2.0]).conf_low, d_z([1.0, 2.0]).conf_high]).all()
    assert np.isnan(g_z([1.0, 2.0]).estimate)
