"""Adverse events as a reader lists them: as recorded, with study days, duration and the dose before."""

import numpy as np
import pandas as pd

from core.data import Data
from core.outputs.categories import mask
from core.study import EVENT_FLAGS, Population

RECORDED = ("AETERM", "AESER", "AEREL", "AREL", "AEACN", "AEOUT")
"""Variables of ADAE shown beside subject, class, term and grade, where the study has them."""

RECOVERED = ("RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE", "RECOVERED", "RESOLVED", "FATAL")
"""Outcomes after which an event without an end date is not going on."""

ONGOING, UNKNOWN = "ongoing", "unknown"
INTERNAL = ("row", "number")
"""What a listing carries for the code alone: the row of the file, and what tells the events of a subject apart."""

WHOLE = ("onset_day", "end_day", "duration", "cycle", "days_since_dose")
TOLD = ("treatment_emergent", "serious", "related", "fatal", "discontinued")
"""The categories that a listing tells of each event, as the tables count it."""


def listed(
    data: Data, population: Population, category: str, soc: str | None = None, pt: str | None = None, least: int = 0
) -> pd.DataFrame:
    """Return the events of a category, in the order of subject and onset, one row each.

    Parameters
    ----------
    soc, pt : str, optional
        Only those of a class or term.
    least : int
        Only those of this grade or worse, as its place among the study's levels; 0 is all, those without a grade too.

    Returns
    -------
    DataFrame
        As recorded: USUBJID, class, term, grade and those of `RECORDED` that the study supplies. Computed: the categories of `TOLD` that the study collected,
        as Y or N, `period`, `onset` (the day, or what is known of it), `onset_day` and `end_day` (the first dose is day 1,
        the day before it -1), `end`, `duration` in days (both included); where the study has doses also `cycle`,
        `dose_at_onset` and `days_since_dose`, of the last dose on or before the onset; `row`, that of the file, and `number`,
        which tells the events of a subject apart and does not depend on the order of rows: AESEQ, else the rank by onset. What
        rests on the day of onset is blank unless it is known to the day.
    """
    found = data.ask("listed_events", population, wanted=mask(category), least=least, soc=soc, pt=pt)
    coding = data.study.adverse_events
    absent = not_supplied(data)
    recorded = ["USUBJID", coding.soc, coding.term, *(name for name in (coding.grade, *RECORDED) if name not in absent)]
    frame = found[recorded].copy()
    exact = ~found.day_vague
    begun, ended = found.day_begun.where(exact), found.day_ended
    for flag in TOLD:
        bit = 1 << EVENT_FLAGS.index(flag)
        if data.collected[flag][0]:
            frame[flag] = np.where(found.flag_bits.to_numpy() & bit > 0, "Y", "N").astype(object)
    frame["period"] = found.in_period
    frame["onset"] = _onset(found, begun)
    frame["onset_day"] = study_day(begun, found.day_one)
    frame["end"] = _end(found)
    frame["end_day"] = study_day(ended, found.day_one)
    frame["duration"] = ((ended - begun).dt.days + 1).where(ended >= begun)
    if "ADEX" in data.schema:
        frame["cycle"] = found.dose_cycle.astype(float).where(exact)
        frame["dose_at_onset"] = found.dose_given.where(exact)
        frame["days_since_dose"] = (begun - found.dose_day).dt.days
    whole = [name for name in WHOLE if name in frame]
    frame[whole] = frame[whole].astype("Int64")
    return frame.assign(row=found.of_row, number=found.of_number).reset_index(drop=True)


def not_supplied(data: Data) -> list[str]:
    """Return which of the variables that a listing shows the study lacks, or left blank in every record.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> not_supplied(data)
    ['AREL']
    """
    known = data.ask("variables", data.everybody)
    there = set(known.variable[(known.dataset == "ADAE") & (known.present > 0)])
    return [name for name in (data.study.adverse_events.grade, *RECORDED) if name not in there]


def study_day(day: pd.Series, one: pd.Series | pd.Timestamp) -> pd.Series:
    """Return days counted from day 1, which is each one's own or that of all; there is no day 0, and a missing date has none.

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2024-01-31", "2024-02-01", None]))
    >>> study_day(days, pd.to_datetime(pd.Series(["2024-02-01"] * 3))).tolist()
    [-1.0, 1.0, nan]
    """
    after = (pd.to_datetime(day) - pd.to_datetime(one)).dt.days.astype(float)
    return after.where(after < 0, after + 1)


def _onset(found: pd.DataFrame, begun: pd.Series) -> pd.Series:
    """The day of onset; else what was recorded of it; else that it is unknown."""
    day = begun.dt.strftime("%Y-%m-%d").astype(object)
    partial = found.AESTDTC.astype(object) if "AESTDTC" in found else pd.Series(None, found.index, dtype=object)
    if {"ASTDT", "ASTDTF"} <= set(found):
        known = {"D": "%Y-%m", "M": "%Y"}
        for flag, form in known.items():
            imputed = found.ASTDT.dt.strftime(form).where(found.ASTDTF.eq(flag)).astype(object)
            partial = partial.where(partial.notna(), imputed)
    told = day.where(day.notna(), partial)
    return told.where(told.notna(), UNKNOWN).astype(object)


def _end(found: pd.DataFrame) -> pd.Series:
    """The day of the end; without one, whether the event is going on."""
    day = found.day_ended.dt.strftime("%Y-%m-%d").astype(object)
    over = found.AEOUT.isin(RECOVERED) if "AEOUT" in found else pd.Series(False, found.index)
    blank = found.AEOUT.isna() if "AEOUT" in found else pd.Series(True, found.index)
    open_ended = pd.Series(np.where(over | blank, UNKNOWN, ONGOING), found.index, dtype=object)
    return day.where(day.notna(), open_ended).astype(object)
