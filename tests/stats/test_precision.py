"""The half-width of an interval, and the pairs it needs: beside the interval itself, and what mathematics promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from core.stats.paired_t import paired_t
from core.stats.precision import half_width, pairs_for

spreads = st.floats(0.01, 1000)
levels = st.floats(0.5, 0.999)


@given(st.lists(st.integers(-500, 500).map(float), min_size=2, max_size=40, unique=True), levels)
def test_it_is_half_of_the_interval_of_the_paired_t(change: list[float], conf: float) -> None:
    found = paired_t(change, conf)
    half = float(half_width(len(change), found.sd_change, conf))
    assert half == pytest.approx(float(found.conf_high - found.conf_low) / 2, rel=1e-9)
    low, high = DescrStatsW(change).tconfint_mean(alpha=1 - conf)
    assert half == pytest.approx((high - low) / 2, rel=1e-9)


@given(st.floats(0.02, 50), spreads, levels)
def test_the_pairs_are_the_fewest_that_will_do(ratio: float, sd: float, conf: float) -> None:
    wanted = ratio * sd
    found = pairs_for(wanted, sd, conf)
    n = float(found.n)
    assert n >= 2
    assert n == int(n)
    assert float(half_width(n, sd, conf)) <= wanted * (1 + 1e-12)
    if n > 2:
        assert float(half_width(n - 1, sd, conf)) > wanted * (1 - 1e-12)
        assert float(half_width(float(found.n_exact), sd, conf)) == pytest.approx(wanted, rel=1e-9)


@given(st.integers(2, 300), spreads, levels)
def test_pairs_come_back_from_their_half_width(n: int, sd: float, conf: float) -> None:
    found = pairs_for(float(half_width(n, sd, conf)) * (1 + 1e-9), sd, conf)
    assert float(found.n) == n


@given(st.integers(2, 300), spreads, levels)
def test_more_pairs_are_narrower_and_more_confidence_is_wider(n: int, sd: float, conf: float) -> None:
    here = float(half_width(n, sd, conf))
    assert float(half_width(n + 1, sd, conf)) < here
    assert float(half_width(n, 2 * sd, conf)) == pytest.approx(2 * here, rel=1e-12)
    assert float(half_width(n, sd, (1 + conf) / 2)) > here


def test_without_spread_or_a_second_pair_there_is_no_interval() -> None:
    assert np.isnan(half_width([0, 1, 5, 5], [1.0, 1.0, 0.0, np.nan])).all()
    assert np.isnan(pairs_for(1.0, [0.0, np.nan]).n).all()
    assert not np.isnan(pairs_for(1.0, [1.0]).n).any()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="half-width wanted"):
        pairs_for(0.0, 1.0)
    with pytest.raises(ValueError, match="conf must be"):
        half_width(5, 1.0, 1.0)
