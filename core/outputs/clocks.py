"""How many patients came in how many months: what the pace of accrual is learned from."""

from dataclasses import dataclass

import pandas as pd

from core.data import Data
from core.outputs.harvests import TOTAL, Harvests
from core.stats.pace import MONTH, Gamma

NO_DATES = "no date of registration is supplied"
BY_DOSE = "The study supplies no date of enrolment or consent; over time, the day of the first dose (TRTSDT) stands in for it."
NO_TIME = "no time has passed in which patients could be counted"


@dataclass(frozen=True)
class Clock:
    """Patients counted and months observed since a day; `from_first` when the first patient only starts the clock."""

    patients: int
    months: float
    since: pd.Timestamp
    from_first: bool


def clocks(data: Data, harvests: Harvests, recent: float = 0) -> dict[str, Clock]:
    """Return how many patients came in how many months, group by group or all together.

    Parameters
    ----------
    data : Data
        The study: when its accrual was planned to start, and its data cut.
    harvests : Harvests
        Everybody registered.
    recent : float
        Months before the data cut that count; 0 for all.

    Returns
    -------
    dict of str to Clock
        "Total", or one a group with a patient. All together the clock starts with the plan of accrual; else, and for
        each group, with the first patient, who then is not counted: a clock started by an event has not waited for it.
        Empty where no patient has a date.

    Examples
    --------
    >>> from core.outputs.harvests import read
    >>> data = Data.of("data/cabazitaxel")
    >>> (clock,) = clocks(data, read(data, data.everybody), recent=12).values()
    >>> clock.patients, clock.months
    (29, 12.0)
    """
    cut, start = pd.Timestamp(data.study.data_cut), data.study.accrual_plan.start
    days = harvests.patients.registered
    days = days[days.notna() & (days <= cut)]
    if harvests.levels:
        groups = {level: days[harvests.patients.group == level] for level in harvests.levels}
        return {level: _clock(of, None, cut, recent) for level, of in groups.items() if len(of)}
    return {TOTAL: _clock(days, start and pd.Timestamp(start), cut, recent)} if len(days) else {}


def paces(data: Data, found: dict[str, Clock]) -> dict[str, Gamma]:
    """Return what is known of each rate, starting from the prior of study.toml; a clock that has not run tells nothing."""
    prior = Gamma(*data.study.forecast.accrual)
    learned = {level: prior.after(clock.patients, clock.months) for level, clock in found.items()}
    return {level: pace for level, pace in learned.items() if pace.months}


def _clock(days: pd.Series, start: pd.Timestamp | None, cut: pd.Timestamp, recent: float) -> Clock:
    first = days.min()
    planned = start is not None and start <= first
    since = start if planned else first
    begin = cut - pd.Timedelta(days=MONTH * recent)
    if recent and since < begin:
        return Clock(int((days > begin).sum()), float(recent), begin.normalize(), False)
    # The planned day itself could bring a patient; of a clock started by one, the time runs from that day's end.
    return Clock(len(days) - (not planned), (cut - since).days / MONTH + planned / MONTH, since, not planned)
