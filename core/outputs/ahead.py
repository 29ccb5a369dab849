"""What lies ahead of a study under given rates: pairs in the end, pairs and patients by each day, and how many to accrue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.ard import grid, join, rows
from core.data import Data
from core.outputs import harvests
from core.outputs.harvests import OF_THE_WHOLE, TOTAL, Harvests
from core.stats.assurance import MOST, Assurance, assurance
from core.stats.discrete import limits, mean_of, median, tail
from core.stats.forecast import Stages, Target, pairs_distribution, target
from core.stats.pace import MONTH, Pace, arrivals, months_until
from core.stats.timeline import LAST_DAY, Timeline
from core.study import Population

PAIRS, ACCRUED, DATE = "PAIRS", "ACCRUED", "date"
MOST_AHEAD = 2_000
"""Patients still to come, or undecided, that are followed day by day."""

STEPS = 40
"""Days that a figure of what lies ahead is drawn by, at most."""

NO_PACE = "the pace of accrual cannot be estimated: no patient has a date, or no time has passed"
NO_WINDOW = "study.toml has no window of the follow-up timepoint, so nobody knows when a pair is due"
TOO_MANY = f"more than {MOST_AHEAD:,} patients are to come or undecided, too many to follow day by day"
NEVER = "nothing that is to be accrued reaches it"
TOO_LATE = "beyond 20 years"
TOO_FEW = f"{MOST:,} patients more would not do"


@dataclass(frozen=True)
class Limits:
    """Between how many pairs the study will end, both among them."""

    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Days:
    """Chance (0 to 1) that a target is reached by the accrual planned, and if so after how many days from the data cut."""

    p_reached: float
    days_median: float
    days_low: float
    days_high: float


@dataclass(frozen=True)
class Ahead:
    """A study at its data cut, the rates ahead of it, and why something cannot be foreseen; empty where it can."""

    accrued: int
    found: Harvests
    stages: Stages
    paces: Sequence[Pace]
    accrual: int | None
    pairs: int | None
    lag: float
    first_due: tuple[float, ...]
    second_due: tuple[float, ...]
    whole: bool

    @property
    def future(self) -> int:
        """Patients still to be accrued."""
        return max(0, (self.accrual or 0) - self.accrued)

    @property
    def why_no_accrual(self) -> str:
        """Why nothing can be said of the target of accrual."""
        return (
            ""
            if self.accrual and self.whole
            else OF_THE_WHOLE
            if self.accrual
            else "the study names no target of accrual"
        )

    @property
    def why_no_pairs(self) -> str:
        """Why nothing can be said of the target of pairs."""
        if self.found.missing or self.pairs is None:
            return self.found.missing or "the study names no target of evaluable pairs"
        return "" if self.whole else OF_THE_WHOLE

    @property
    def why_no_days(self) -> str:
        """Why it cannot be said when patients come."""
        if self.why_no_accrual:
            return self.why_no_accrual
        if self.future + len(self.first_due) + len(self.second_due) > MOST_AHEAD:
            return TOO_MANY
        return NO_PACE if self.future and not self.paces else ""

    @property
    def why_no_pair_days(self) -> str:
        """Why it cannot be said when pairs come."""
        return self.why_no_pairs or self.why_no_days or (NO_WINDOW if np.isnan(self.lag) else "")

    @property
    def timeline(self) -> Timeline:
        """The days ahead; only where nothing stands against it."""
        pairs, lag = self.found.undecided.pairs, 0.0 if np.isnan(self.lag) else self.lag
        return Timeline(pairs, self.first_due, self.second_due, self.future, lag, self.stages, self.paces)


def ahead(data: Data, found: Harvests, population: Population, stages: Stages, paces: Sequence[Pace]) -> Ahead:
    """Return what a study looks out on.

    Parameters
    ----------
    data : Data
        The study: its targets, its data cut and the window of its follow-up.
    found : Harvests
        Everybody registered.
    population : Population
        Who is on view; of a part of the study no target is foreseen.
    stages, paces
        Both rates, and how fast patients come.
    """
    targets, patients, cut = data.study.targets, found.patients, pd.Timestamp(data.study.data_cut)
    window = None if found.missing else harvests.window(data, str(data.study.timepoints.follow_up))
    first_due: tuple[float, ...] = ()
    second_due: tuple[float, ...] = ()
    lag = float("nan")
    if window is not None and found.dosing:
        to_dose = (patients.dosed - patients.registered).dt.days
        wait = float(np.floor(to_dose.median())) if to_dose.notna().any() else 0.0
        lag = wait + window.last_day - 1
        # Who has no dose yet is taken to have it as soon as others had, but not before the data cut.
        dosed = patients.dosed.fillna((patients.registered + pd.Timedelta(days=wait)).clip(lower=cut).fillna(cut))
        due = (harvests.closing(dosed, window.last_day) - cut).dt.days.clip(lower=1)
        first_due = tuple(map(float, due[found.waiting_first]))
        second_due = tuple(map(float, due[found.waiting_second]))
    elif not found.missing:
        of = found.undecided
        first_due, second_due = (1.0,) * of.first, (1.0,) * of.second
    return Ahead(
        len(patients), found, stages, paces, targets.accrual, targets.evaluable, lag, first_due, second_due,
        not harvests.narrowed(population),
    )  # fmt: skip


def told(of: Ahead, cut: pd.Timestamp, conf: float, prefix: str = "") -> pd.DataFrame:
    """Return what lies ahead as analysis results; `prefix` marks contexts that are no forecast.

    Returns
    -------
    DataFrame
        Contexts target, predictive_80, predictive_95, assurance, dates and by_date. Where nothing can be foreseen the
        statistics are there without a number, with the reason; by_date is left out.
    """
    return join([*_ends(of, conf, prefix), *_dates(of, conf, prefix), *_by_date(of, cut, prefix)])


def _ends(of: Ahead, conf: float, prefix: str) -> Iterator[pd.DataFrame]:
    why = of.why_no_pairs or of.why_no_accrual
    key = {"group1_level": TOTAL, "variable": PAIRS}
    found, intervals = Target(*[float("nan")] * 4), {level: Limits(float("nan"), float("nan")) for level in (80, 95)}
    if not why and of.pairs is not None:
        chances = pairs_distribution(of.found.undecided.with_more(of.future), of.stages)
        found = target(chances, of.pairs, conf)
        intervals = {level: Limits(*map(float, limits(chances, level / 100))) for level in intervals}
    yield rows(found, why, context=f"{prefix}target", **key)
    for level, interval in intervals.items():
        yield rows(interval, why, context=f"{prefix}predictive_{level}", **key)
    sure = Assurance(*[float("nan")] * 3)
    if not of.why_no_pairs and of.pairs is not None:
        sure = assurance(of.accrued, of.found.undecided, of.stages, of.pairs)
    yield rows(sure, of.why_no_pairs or TOO_FEW, context=f"{prefix}assurance", **key)


def _dates(of: Ahead, conf: float, prefix: str) -> Iterator[pd.DataFrame]:
    """Yield when both targets are reached, if they are."""
    chances = (0.5, (1 - conf) / 2, (1 + conf) / 2)
    nothing = Days(*[float("nan")] * 4)
    found = nothing
    if not of.why_no_days:
        days = [np.ceil(MONTH * months_until(of.paces, of.future, chance)) if of.future else 0.0 for chance in chances]
        # Under any pace that is known all come in the end; where nobody ever comes, no target is reached.
        found = _seen(float(not of.future or _somebody_comes(of.paces)), *days)
    yield rows(found, of.why_no_days or TOO_LATE, group1_level=TOTAL, variable=ACCRUED, context=f"{prefix}dates")
    found, why = nothing, of.why_no_pair_days
    if not why and of.pairs is not None:
        line = of.timeline
        p = tail(pairs_distribution(line.undecided, of.stages), of.pairs)
        why = TOO_LATE if p else NEVER
        found = (
            _seen(p, *(line.day_of(of.pairs, p * chance) for chance in chances))
            if p
            else Days(0.0, *[float("nan")] * 3)
        )
    yield rows(found, why, group1_level=TOTAL, variable=PAIRS, context=f"{prefix}dates")


def _somebody_comes(paces: Sequence[Pace]) -> bool:
    return bool(arrivals(paces, 1.0, 1)[-1] > 0)


def _seen(p: float, *days: float) -> Days:
    return Days(p, *(day if day <= LAST_DAY else float("nan") for day in days))


def _by_date(of: Ahead, cut: pd.Timestamp, prefix: str) -> Iterator[pd.DataFrame]:
    """Yield patients and pairs by each of some days: expected, median, and between how many."""
    if of.why_no_days:
        return
    with_pairs = not of.why_no_pair_days
    line, days = of.timeline, _days(of, with_pairs)
    dates = [f"{cut + pd.Timedelta(days=int(day)):%Y-%m-%d}" for day in days]
    if of.accrual is not None:
        yield _fan(
            ACCRUED,
            dates,
            [np.concatenate([np.zeros(of.accrued), line.accrued_by(day)]) for day in days],
            of.accrual,
            prefix,
        )
    if with_pairs and of.pairs is not None:
        yield _fan(PAIRS, dates, [line.pairs_by(day) for day in days], of.pairs, prefix)


def _days(of: Ahead, with_pairs: bool) -> np.ndarray:
    """Return some days until everything is decided in all but a few cases."""
    accrual = MONTH * months_until(of.paces, of.future, 0.975) if of.future else 0.0
    last = accrual + of.lag * (of.future > 0) if with_pairs else accrual
    due = max([*of.first_due, *of.second_due], default=0.0) if with_pairs else 0.0
    end = int(min(LAST_DAY, max(last, due, 30.0)))
    step = -(-end // STEPS)
    return np.arange(0, end + step, step)


def _fan(variable: str, dates: list[str], chances: list[np.ndarray], wanted: int, prefix: str) -> pd.DataFrame:
    ends = {level: np.array([limits(each, level / 100) for each in chances], dtype=float) for level in (80, 95)}
    stats = {
        "expected": np.array([mean_of(each) for each in chances]),
        "median": np.array([median(each) for each in chances], dtype=float),
        **{f"{end}_{level}": ends[level][:, at] for level in ends for at, end in enumerate(("low", "high"))},
        "p_target": np.array([tail(each, wanted) for each in chances]),
    }
    named = pd.DataFrame({"variable": variable, "variable_level": "", "group2": DATE, "group2_level": dates})
    return grid(named, "", [TOTAL], [f"{prefix}by_date"], {name: value[:, None, None] for name, value in stats.items()})
