"""Two stages and nothing else: by going through every outcome, by drawing them, and by drawing whole trials."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.assurance import assurance, least
from core.stats.design_check import design_check
from core.stats.discrete import limits, mean_of, tail
from core.stats.forecast import Stages, Undecided, pairs_distribution, target
from core.stats.harvest import harvest
from core.stats.shares import Fixed, Learned, at_least

SEED = 20260801
WORKED = Stages(Learned(1, 1).after(28, 12), Learned(1, 1).after(15, 5))
LEFT = Undecided(15, 7, 8)


def rising(a: int, n: int) -> Fraction:
    """a (a + 1) ... (a + n - 1)."""
    value = Fraction(1)
    for each in range(n):
        value *= a + each
    return value


def sequence(a: int, b: int, wins: int, losses: int) -> Fraction:
    """The chance of one sequence of so many wins and losses when the share is Beta(a, b)."""
    return rising(a, wins) * rising(b, losses) / rising(a + b, wins + losses)


def enumerated(of: Undecided, first: tuple[int, int], second: tuple[int, int]) -> list[Fraction]:
    """Go through every outcome of every patient: at the first stage good or bad, at the second stage good or bad."""
    found = [Fraction(0)] * (of.pairs + of.first + of.second + 1)
    for start in product([0, 1], repeat=of.first):
        good = sum(start)
        for end in product([0, 1], repeat=good + of.second):
            wins = sum(end)
            chance = sequence(*first, good, of.first - good) * sequence(*second, wins, len(end) - wins)
            found[of.pairs + wins] += chance
    return found


@pytest.mark.parametrize("first", [(1, 1), (3, 2)])
@pytest.mark.parametrize("second", [(1, 1), (2, 5)])
@pytest.mark.parametrize(
    "of", [Undecided(0, 0, 0), Undecided(2, 1, 0), Undecided(0, 0, 3), Undecided(1, 4, 2), Undecided(3, 3, 3)]
)
def test_every_outcome_gone_through(first: tuple[int, int], second: tuple[int, int], of: Undecided) -> None:
    exact = enumerated(of, first, second)
    assert sum(exact) == 1
    found = pairs_distribution(of, Stages(Learned(*first), Learned(*second)))
    assert found == pytest.approx([float(chance) for chance in exact], abs=1e-14)


def test_patients_share_the_unknown_rate() -> None:
    """Independent patients at the mean rate would lie closer together than patients who share an unknown one."""
    learned = pairs_distribution(LEFT.with_more(13), WORKED)
    apart = pairs_distribution(LEFT.with_more(13), Stages(Fixed(WORKED.first.mean), Fixed(WORKED.second.mean)))
    assert mean_of(learned) == pytest.approx(mean_of(apart), abs=1e-9)
    variance = [float((np.arange(len(p)) ** 2) @ p - mean_of(p) ** 2) for p in (learned, apart)]
    assert variance[0] > 1.5 * variance[1]


def test_a_simulation_agrees_within_four_standard_errors() -> None:
    rng, draws = np.random.default_rng(SEED), 200_000
    first, second = rng.beta(29, 13, draws), rng.beta(16, 6, draws)
    pairs = 15 + rng.binomial(rng.binomial(20, first) + 8, second)
    found = target(pairs_distribution(LEFT.with_more(13), WORKED), 30)
    error = np.sqrt(found.p_target_pairs * (1 - found.p_target_pairs) / draws)
    assert abs((pairs >= 30).mean() - found.p_target_pairs) < 4 * error
    assert abs(pairs.mean() - found.expected_pairs) < 4 * pairs.std() / np.sqrt(draws)
    assert found.expected_pairs == pytest.approx(15 + (20 * 29 / 42 + 8) * 16 / 22)
    assert (found.conf_low, found.conf_high) == tuple(np.quantile(pairs, [0.025, 0.975]))


class Trials:
    """Trials half-way through accrual, as a monitor sees them; rates drawn from their priors, so that truth is known.

    Patients come evenly over 600 days and the study is looked at on day 400. Baseline is read after 14 days; the window
    of week 9 closes on day 100 after that, a third of those who fail drop out within it, and successes are seen on its
    last day.
    """

    def __init__(self, trials: int, accrual: int, rates: np.ndarray, rng: np.random.Generator) -> None:
        self.naive, self.staged, self.actual, self.inside, self.reached, self.p = [], [], [], [], [], []
        for p1, p2 in rates[:trials]:
            days = 400 - rng.uniform(0, 600, accrual)
            here = days >= 0
            good = rng.random(accrual) < p1
            pair = good & (rng.random(accrual) < p2)
            read, closed = days >= 14, days >= 100
            dropped = good & ~pair & (rng.random(accrual) < 1 / 3) & (days >= rng.uniform(14, 100, accrual))
            none = np.zeros(accrual, dtype=bool)
            one = harvest(good & read, none, read, none, none)
            two = harvest(pair & closed, none, closed, dropped, none)
            seen = here & good & read
            first = Learned(1, 1).after(one.decided(here, "evaluable"), one.decided(here, "failed"))
            second = Learned(1, 1).after(two.decided(seen, "evaluable"), two.decided(seen, "failed"))
            left = Undecided(two.among(seen, "evaluable"), one.among(here, "waiting"), two.among(seen, "waiting"))
            more = int((~here).sum())
            chances = pairs_distribution(left.with_more(more), Stages(first, second))
            failures = one.among(here, "failed") + two.among(seen, "failed")
            mean = Learned(1, 1).after(left.pairs, failures).mean
            self.naive.append(left.pairs + mean * (left.first + left.second + more))
            self.staged.append(mean_of(chances))
            self.actual.append(int(pair.sum()))
            low, high = limits(chances, 0.8)
            self.inside.append(low <= self.actual[-1] <= high)
            self.p.append(tail(chances, 30))
            self.reached.append(self.actual[-1] >= 30)

    def error(self, expected: list[float]) -> tuple[float, float]:
        """Mean of what came less what was expected, and its standard error."""
        off = np.array(self.actual) - np.array(expected)
        return float(off.mean()), float(off.std() / np.sqrt(len(off)))


@pytest.fixture(scope="module")
def trials() -> Trials:
    rng = np.random.default_rng(SEED)
    return Trials(1_500, 60, rng.beta(1, 1, (1_500, 2)), rng)


def test_the_interval_covers_what_it_says_and_the_forecast_is_not_bent(trials: Trials) -> None:
    share = np.mean(trials.inside)
    assert share > 0.8 - 4 * np.sqrt(0.8 * 0.2 / len(trials.inside))
    assert share < 0.92, "whole numbers cover more than they must, but not everything"
    off, error = trials.error(trials.staged)
    assert abs(off) < 4 * error


def test_one_rate_of_all_decided_would_be_bent(trials: Trials) -> None:
    off, error = trials.error(trials.naive)
    assert off > 10 * error
    assert off > 0.5, "more pairs come than one rate expects"


def test_of_trials_given_a_chance_so_many_reach_the_target(trials: Trials) -> None:
    p, reached = np.array(trials.p), np.array(trials.reached)
    error = np.sqrt((p * (1 - p)).sum()) / len(p)
    assert abs(reached.mean() - p.mean()) < 4 * error
    likely = p > 0.5
    assert reached[likely].mean() > 0.75
    assert reached[~likely].mean() < 0.25


def test_a_rate_of_those_seen_early_would_be_bent_too() -> None:
    """Dropouts are known before their window closes; counting them at once would tell a rate that is too low."""
    rng = np.random.default_rng(SEED)
    days, pair = rng.uniform(0, 200, 40_000), rng.random(40_000) < 0.6
    closed = days >= 100
    dropped = ~pair & (rng.random(40_000) < 0.5) & (days >= 20)
    none, every = np.zeros(40_000, dtype=bool), np.ones(40_000, dtype=bool)
    found = harvest(pair & closed, none, closed, dropped, none)
    rate = found.decided(every, "evaluable") / (found.decided(every, "evaluable") + found.decided(every, "failed"))
    early = found.among(every, "evaluable") / (found.among(every, "evaluable") + found.among(every, "failed"))
    assert rate == pytest.approx(0.6, abs=4 * np.sqrt(0.24 / 20_000))
    assert early < 0.53


def test_how_many_to_accrue_is_the_least_that_does() -> None:
    found = assurance(47, LEFT, WORKED, 30)
    for level, total in ((0.8, found.accrue_for_80), (0.9, found.accrue_for_90), (0.95, found.accrue_for_95)):
        for more, enough in ((int(total) - 47, True), (int(total) - 48, False)):
            assert (tail(pairs_distribution(LEFT.with_more(more), WORKED), 30) >= level) is enough
    assert assurance(47, LEFT, WORKED, 15) == assurance(47, Undecided(15, 0, 0), WORKED, 15)
    assert assurance(47, LEFT, WORKED, 15).accrue_for_95 == 47
    never = Stages(Fixed(0.0), Fixed(1.0))
    assert np.isnan(assurance(47, Undecided(0, 0, 0), never, 1).accrue_for_80)


def test_least_finds_the_edge() -> None:
    for edge in range(40):
        assert least(lambda n: float(n >= edge), 0.5, 39) == edge  # noqa: B023
    assert np.isnan(least(lambda n: float(n >= 40), 0.5, 39))


def test_the_design_holds_its_rate_and_says_what_it_is_the_rate_of() -> None:
    patient, biopsy = (design_check(60, 30, 0.5, reading) for reading in ("per_patient", "per_biopsy"))
    assert (patient.expected_pairs, biopsy.expected_pairs) == (30, 15)
    fixed = pairs_distribution(Undecided(0, 60, 0), Stages(Fixed(0.5), Fixed(0.5)))
    assert biopsy.p_target_pairs == pytest.approx(tail(fixed, 30), rel=1e-9)
    assert biopsy == design_check(60, 30, 0.25)
    assert design_check(29, 30, 0.5).p_target_pairs == 0
    assert np.isnan(design_check(60, 30, 0.001).accrue_for_80)
    for wrong in ((0, 30, 0.5), (60, 0, 0.5), (60, 30, 1.0)):
        with pytest.raises(ValueError, match="above 0"):
            design_check(*wrong)
    with pytest.raises(ValueError, match="reading must be one of"):
        design_check(60, 30, 0.5, "per_needle")


COUNTS = st.integers(0, 25)
UNDECIDED = st.builds(Undecided, COUNTS, COUNTS, COUNTS)
SHARES = st.one_of(
    st.builds(Learned, st.floats(0.2, 40), st.floats(0.2, 40)), st.builds(Fixed, st.floats(0, 1))
)  # fmt: skip
STAGES = st.builds(Stages, SHARES, SHARES)


@given(UNDECIDED, STAGES)
def test_chances_are_chances(of: Undecided, stages: Stages) -> None:
    chances = pairs_distribution(of, stages)
    assert chances.sum() == pytest.approx(1, abs=1e-9)
    assert (chances >= 0).all()
    assert (chances[: of.pairs] == 0).all()
    expected = of.pairs + (of.first * stages.first.mean + of.second) * stages.second.mean
    assert mean_of(chances) == pytest.approx(expected, abs=1e-6)


@given(UNDECIDED, STAGES, st.integers(0, 60))
def test_more_pairs_are_less_probable_and_more_patients_make_them_more_so(
    of: Undecided, stages: Stages, wanted: int
) -> None:
    chances = pairs_distribution(of, stages)
    assert tail(chances, wanted + 1) <= tail(chances, wanted) + 1e-9
    assert tail(pairs_distribution(of.with_more(1), stages), wanted) >= tail(chances, wanted) - 1e-9
    assert tail(chances, of.pairs) == pytest.approx(1)


@given(st.integers(0, 40), STAGES, st.integers(0, 50))
def test_with_nobody_waiting_and_nobody_to_come_it_is_certain(pairs: int, stages: Stages, wanted: int) -> None:
    found = target(pairs_distribution(Undecided(pairs, 0, 0), stages), wanted)
    assert found.p_target_pairs == pytest.approx(float(pairs >= wanted))
    assert found.expected_pairs == pytest.approx(pairs)
    assert (found.conf_low, found.conf_high) == (pairs, pairs)


@given(UNDECIDED, STAGES, st.floats(0.5, 0.99))
def test_an_interval_holds_at_least_its_level_and_cuts_off_no_more_than_half_of_the_rest(of: Undecided, stages: Stages, conf: float) -> None:  # fmt: skip
    chances = pairs_distribution(of, stages)
    low, high = limits(chances, conf)
    assert chances[low : high + 1].sum() >= conf - 1e-9
    assert chances[:low].sum() <= (1 - conf) / 2 + 1e-9
    assert chances[high + 1 :].sum() <= (1 - conf) / 2 + 1e-9
    assert chances[: low + 1].sum() > (1 - conf) / 2 - 1e-9, "no wider than it must be"
    wider = limits(chances, (1 + conf) / 2)
    assert wider[0] <= low and wider[1] >= high


@given(SHARES, st.integers(0, 40), st.integers(-2, 45))
def test_at_least_is_the_tail_of_the_chances(share, n: int, wanted: int) -> None:  # type: ignore[no-untyped-def]
    assert float(at_least(share, [n], wanted)[0]) == pytest.approx(tail(share.chances(n, np.arange(n + 1)), wanted), abs=1e-9)  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Learned(0, 1), lambda: Fixed(1.5), lambda: Undecided(-1, 0, 0), lambda: Learned(1, 1).after(-1, 0),
        lambda: limits([1.0], 1.0),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(wrong) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError):
        wrong()
