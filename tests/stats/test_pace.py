"""How fast patients come: second opinions, simulation, and what holds for every pace; and the days that follow from it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.discrete import tail
from core.stats.forecast import Stages, pairs_distribution
from core.stats.pace import MONTH, Gamma, Steady, arrivals, months_until
from core.stats.shares import Fixed, Learned
from core.stats.timeline import Timeline

SEED = 20260802
STAGES = Stages(Learned(36, 12), Learned(20, 11))


def test_numbers_are_negative_binomial_or_poisson_as_scipy_has_them() -> None:
    from scipy.stats import nbinom, poisson

    k = np.arange(60)
    for months in (0.5, 6.0, 40.0):
        learned = Gamma(47.5, 19.8).arrivals(months, 59)
        assert np.allclose(learned, nbinom.pmf(k, 47.5, 19.8 / (19.8 + months)), rtol=1e-9)
        assert np.allclose(Steady(3.0).arrivals(months, 59), poisson.pmf(k, 3.0 * months), rtol=1e-9, atol=1e-300)


def test_the_closed_form_of_a_time_is_where_the_numbers_cross() -> None:
    pace = Gamma(47.5, 19.8)
    for chance in (0.025, 0.1, 0.5, 0.9, 0.975):
        months = months_until([pace], 13, chance)
        assert float(arrivals([pace], months, 13)[-1]) == pytest.approx(chance, abs=1e-9)
        # The same rate told as two sites is found by searching.
        sites = [Steady(1.0), Steady(2.0)]
        assert months_until(sites, 13, chance) == pytest.approx(months_until([Steady(3.0)], 13, chance), rel=1e-9)


def test_sites_together_as_they_are_drawn() -> None:
    """Three sites with rates of their own: their sum is a convolution."""
    rng, draws = np.random.default_rng(SEED), 200_000
    sites = [Gamma(27.5, 19.6), Gamma(8.5, 15.8), Gamma(12.5, 13.1)]
    drawn = sum(rng.poisson(rng.gamma(site.shape, 1 / site.months, draws) * 3.0) for site in sites)
    for n, chance in enumerate(arrivals(sites, 3.0, 13)[:13]):
        assert abs((drawn == n).mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / draws) + 1e-12
    months = months_until(sites, 13, 0.5)
    drawn = sum(rng.poisson(rng.gamma(site.shape, 1 / site.months, draws) * months) for site in sites)
    assert abs((drawn >= 13).mean() - 0.5) < 4 * 0.5 / np.sqrt(draws)


def test_without_time_there_is_no_rate() -> None:
    assert np.isnan(Gamma(0.5, 0).mean)
    assert np.isnan(Gamma(0.5, 0).limits()).all()
    with pytest.raises(ValueError, match="no time"):
        Gamma(0.5, 0).arrivals(1.0, 3)
    assert months_until([Steady(0.0), Steady(0.0)], 1, 0.5) == float("inf")


@given(
    st.lists(st.builds(Gamma, st.floats(0.5, 50), st.floats(0.1, 40)), min_size=1, max_size=4),
    st.floats(0, 60),
    st.integers(0, 40),
)
def test_arrivals_sum_to_one_and_rise_with_time(sites: list[Gamma], months: float, most: int) -> None:
    found = arrivals(sites, months, most)
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert (found >= 0).all()
    assert float(arrivals(sites, months + 1, most)[-1]) >= float(found[-1]) - 1e-9


def timeline(future: int = 13, **other: object) -> Timeline:
    given = {"pairs": 19, "first_due": [110.0], "second_due": [5.0, 20.0, 40.0, 40.0, 61.0, 68.0], "future": future,
             "lag": 97.0, "stages": STAGES, "paces": [Gamma(47.5, 19.8)]}  # fmt: skip
    return Timeline(**(given | other))  # type: ignore[arg-type]


def test_on_the_day_of_the_cut_nothing_is_added_and_in_the_end_everything_is() -> None:
    line = timeline()
    assert line.pairs_by(0)[19] == 1
    assert line.accrued_by(0)[0] == 1
    final = pairs_distribution(line.undecided, STAGES)
    assert line.pairs_by(7000) == pytest.approx(final, abs=1e-6)
    assert line.chance_by(7000, 30) == pytest.approx(tail(final, 30), abs=1e-6)


def test_a_pair_is_counted_on_the_day_that_it_is_due() -> None:
    line = timeline(future=0)
    assert [line.pairs_by(day).nonzero()[0].max() for day in (4, 5, 39, 40, 68, 109, 110)] == [
        19,
        20,
        21,
        23,
        25,
        25,
        26,
    ]


def test_days_are_those_at_which_the_chance_is_reached() -> None:
    line = timeline()
    for chance in (0.1, 0.4, 0.5):
        day = line.day_of(30, chance)
        assert line.chance_by(day, 30) >= chance > line.chance_by(day - 1, 30)
    assert line.day_of(19, 0.99) == 0
    assert line.day_of(30, 0.9) == float("inf"), "60 accrued do not reach it so surely"


def test_pairs_over_time_as_they_are_drawn() -> None:
    """Whole courses drawn patient by patient: rates, days of registration, both stages."""
    rng, draws, line = np.random.default_rng(SEED), 100_000, timeline()
    rate = rng.gamma(47.5, 1 / 19.8, draws)
    came = np.cumsum(rng.exponential(1, (draws, 13)), axis=1) / rate[:, None] * MONTH
    first, second = rng.beta(36, 12, draws), rng.beta(20, 11, draws)
    due = np.concatenate([came + 97.0, np.full((draws, 1), 110.0)], axis=1)
    one = rng.random(due.shape) < (first * second)[:, None]
    two = rng.random((draws, 6)) < second[:, None]
    for day in (30.0, 100.0, 200.0, 300.0):
        pairs = 19 + (one & (due <= day)).sum(axis=1) + (two & (np.array(line.second_due) <= day)).sum(axis=1)
        chances = line.pairs_by(day)
        for wanted in (21, 25, 28, 30):
            p = tail(chances, wanted)
            assert abs((pairs >= wanted).mean() - p) < 4 * np.sqrt(p * (1 - p) / draws) + 1e-12


@given(
    st.integers(0, 8),
    st.lists(st.floats(1, 300), max_size=4),
    st.lists(st.floats(1, 300), max_size=4),
    st.integers(0, 6),
)
def test_the_chance_never_falls_with_time(pairs: int, first: list[float], second: list[float], future: int) -> None:
    line = Timeline(pairs, first, second, future, 90.0, Stages(Learned(2, 1), Fixed(0.6)), [Gamma(3.0, 2.0)])
    for wanted in (pairs, pairs + 1, pairs + 3):
        chances = [line.chance_by(day, wanted) for day in (0, 30, 100, 200, 400, 4000)]
        assert all(later >= earlier - 1e-9 for earlier, later in pairwise(chances))
    assert line.pairs_by(150).sum() == pytest.approx(1, abs=1e-9)
