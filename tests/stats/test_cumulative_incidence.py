"""Aalen and Johansen: as printed and by hand, a loop that does it plainly, statsmodels, and what mathematics promises."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stats.cumulative_incidence import cumulative_incidence, of_counts

GOLDEN = Path(__file__).parents[1] / "golden" / "cumulative_incidence"
INPUT, EXPECTED = pd.read_csv(GOLDEN / "input.csv"), pd.read_csv(GOLDEN / "expected.csv", dtype={"value": str})
Sample = list[tuple[int, int]]
samples = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3)), min_size=1, max_size=40)


def estimate(sample: Sample, conf: float = 0.95):
    """Three causes, whether or not all of them occur."""
    time, cause = zip(*sample, strict=True)
    return cumulative_incidence(time, cause, 3, conf)


def plainly(sample: Sample) -> dict[int, tuple[Fraction, dict[int, Fraction], dict[int, Fraction]]]:
    """Time -> share to whom nothing has happened, incidence and variance of each cause, subject by subject in fractions."""
    nothing, incidence = Fraction(1), {cause: Fraction(0) for cause in (1, 2, 3)}
    steps, found = [], {}
    for time in sorted({time for time, cause in sample if cause}):
        at_risk = sum(1 for other, _ in sample if other >= time)
        happened = {one: sum(1 for pair in sample if pair == (time, one)) for one in (1, 2, 3)}
        for one, count in happened.items():
            incidence[one] += nothing * Fraction(count, at_risk)
        steps.append((at_risk, happened, nothing, dict(incidence)))
        nothing *= 1 - Fraction(sum(happened.values()), at_risk)
        variance = {}
        for one in (1, 2, 3):
            total = Fraction(0)
            for n, d, before, then in steps:
                later, every = incidence[one] - then[one], sum(d.values())
                total += later**2 * Fraction(every, n * (n - every)) if n > every else 0
                total += before**2 * Fraction(d[one] * (n - d[one]), n**3) - 2 * later * before * Fraction(d[one], n**2)
            variance[one] = total
        found[time] = (nothing, dict(incidence), variance)
    return found


@pytest.mark.parametrize(
    "row", list(EXPECTED.itertuples()), ids=lambda row: f"{row.case}-{row.quantity}-{row.cause}-{row.time}"
)
def test_published_and_worked_by_hand(row) -> None:  # type: ignore[no-untyped-def]
    people = INPUT[INPUT.case == row.case]
    found = cumulative_incidence(np.repeat(people.time, people.subjects), np.repeat(people.cause, people.subjects), 3)
    at = found.time.tolist().index(row.time)
    ours = found.survival[at] if row.quantity == "survival" else found.incidence[row.cause - 1, at]
    if row.quantity == "variance":
        ours = found.se[row.cause - 1, at] ** 2
    elif row.quantity == "step":
        ours = np.diff(found.incidence[row.cause - 1], prepend=0)[at]
    if np.isnan(row.digits):
        assert ours == pytest.approx(float(Fraction(row.value)), rel=1e-12)
    else:
        assert round(100 * ours, int(row.digits)) == float(row.value)


@given(samples)
def test_a_plain_loop_agrees(sample: Sample) -> None:
    found, expected = estimate(sample), plainly(sample)
    assert found.time.tolist() == list(expected)
    for at, (nothing, incidence, variance) in enumerate(expected.values()):
        assert found.survival[at] == pytest.approx(float(nothing), abs=1e-12)
        for cause in (1, 2, 3):
            assert found.incidence[cause - 1, at] == pytest.approx(float(incidence[cause]), abs=1e-12)
            assert found.se[cause - 1, at] ** 2 == pytest.approx(float(variance[cause]), abs=1e-12)


@given(samples)
def test_incidences_and_survival_sum_to_one(sample: Sample) -> None:
    found = estimate(sample)
    np.testing.assert_allclose(found.incidence.sum(axis=0) + found.survival, 1, atol=1e-12)


@given(samples)
def test_without_competing_causes_it_is_one_minus_kaplan_meier_with_greenwoods_error(sample: Sample) -> None:
    alone = [(time, min(cause, 1)) for time, cause in sample]
    found = estimate(alone)
    survival, hazard = 1.0, 0.0
    for at, time in enumerate(found.time):
        n = sum(1 for other, _ in alone if other >= time)
        d = sum(1 for pair in alone if pair == (time, 1))
        survival *= 1 - d / n
        hazard += d / (n * (n - d)) if n > d else 0
        assert found.incidence[0, at] == pytest.approx(1 - survival, abs=1e-12)
        if n > d:
            assert found.se[0, at] ** 2 == pytest.approx(survival**2 * hazard, abs=1e-12)


@given(samples)
def test_it_never_exceeds_one_minus_kaplan_meier(sample: Sample) -> None:
    found = estimate(sample)
    naive = cumulative_incidence(*zip(*((time, int(cause == 1)) for time, cause in sample), strict=True), 1)
    for time, share in zip(naive.time, naive.incidence[0], strict=True):
        assert found.at(time)[0] <= share + 1e-12


@given(samples, st.randoms())
def test_the_order_of_subjects_does_not_matter(sample: Sample, chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(sample)
    chance.shuffle(shuffled)
    for name in ("time", "at_risk", "survival", "incidence", "se", "conf_low", "conf_high"):
        np.testing.assert_array_equal(getattr(estimate(sample), name), getattr(estimate(shuffled), name))


@given(samples, st.floats(0.5, 0.999))
def test_limits_hold_the_estimate_and_stay_within_0_and_1(sample: Sample, conf: float) -> None:
    found = estimate(sample, conf)
    there = ~np.isnan(found.conf_low)
    assert (there == ((found.incidence > 0) & (found.incidence < 1 - 1e-12))).all()
    low, share, high = found.conf_low[there], found.incidence[there], found.conf_high[there]
    assert ((low >= 0) & (low <= share + 1e-12) & (share <= high + 1e-12) & (high <= 1)).all()


@given(samples)
def test_it_never_falls(sample: Sample) -> None:
    found = estimate(sample)
    assert (np.diff(found.incidence, axis=-1) >= 0).all()
    assert (np.diff(found.survival) <= 1e-15).all()


@given(samples)
def test_without_censoring_it_is_a_share(sample: Sample) -> None:
    whole = [(time, cause or 1) for time, cause in sample]
    found = estimate(whole)
    for at, time in enumerate(found.time):
        share = sum(1 for other, cause in whole if cause == 1 and other <= time) / len(whole)
        assert found.incidence[0, at] == pytest.approx(share, abs=1e-12)
        assert found.se[0, at] ** 2 == pytest.approx(share * (1 - share) / len(whole), abs=1e-12)


@given(st.lists(samples, min_size=1, max_size=4))
def test_many_samples_at_once_are_each_alone(many: list[Sample]) -> None:
    times = np.arange(13)
    at_risk = np.array([[sum(1 for t, _ in one if t >= time) for time in times] for one in many])
    happened = np.array([[[one.count((int(t), c)) for t in times] for c in (1, 2, 3)] for one in many])
    together = of_counts(times, at_risk, happened)
    for row, sample in enumerate(many):
        alone = estimate(sample)
        for time in times:
            expected = alone.at(float(time))[0]
            assert together.incidence[row, 0, time] == pytest.approx(expected, abs=1e-12)


def test_statsmodels_agrees() -> None:
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    rng = np.random.default_rng(20240628)
    time, cause = rng.integers(1, 60, 300).astype(float), rng.integers(0, 3, 300)
    time[-1], cause[-1] = 99.0, 0  # where the last subject is not censored, statsmodels divides by zero
    ours, other = cumulative_incidence(time, cause), survfunc.CumIncidenceRight(time, cause)
    at = np.isin(other.times, ours.time)
    for row in (0, 1):
        np.testing.assert_allclose(ours.incidence[row], other.cinc[row][at], rtol=1e-12)
        np.testing.assert_allclose(ours.se[row], other.cinc_se[row][at], rtol=1e-9)


def test_a_cause_comes_before_censoring_of_the_same_time() -> None:
    assert cumulative_incidence([5, 5], [1, 0]).incidence.tolist() == [[0.5]]


def test_nobody_and_nothing_have_no_times() -> None:
    assert cumulative_incidence([], [], 1).incidence.shape == (1, 0)
    found = cumulative_incidence([3.0, 4.0], [0, 0], 2)
    assert found.incidence.shape == (2, 0)
    assert found.at(10) == pytest.approx((0.0, np.nan, np.nan), nan_ok=True)


def test_by_a_time_is_what_had_happened_until_then() -> None:
    found = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0])
    assert [found.at(when)[0] for when in (0.5, 1, 2.9, 3, 99)] == [0, 0.25, 0.25, 0.5, 0.5]
    assert found.at(2, cause=2)[0] == 0.25


@pytest.mark.parametrize(
    ("time", "cause", "causes", "conf"),
    [([-1.0], [1], None, 0.95), ([np.nan], [1], None, 0.95), ([1.0], [2], 1, 0.95), ([1.0], [-1], 1, 0.95),
     ([1.0], [1], None, 1.0), ([1.0, 2.0], [1], None, 0.95)],
)  # fmt: skip
def test_impossible_input_is_refused(time: list[float], cause: list[int], causes: int | None, conf: float) -> None:
    with pytest.raises(ValueError, match=r"time|cause|conf"):
        cumulative_incidence(time, cause, causes, conf)


def test_more_events_than_subjects_are_refused() -> None:
    with pytest.raises(ValueError, match="no more can happen"):
        of_counts([1], [1], [[2]])
