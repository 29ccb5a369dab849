"""The subjects behind rates and curves: how long each was at risk until the first event, and what came of it."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.outputs import at_risk, event_choice
from core.outputs.at_risk import ENDED, EVENT, AtRisk, Onsets
from core.outputs.catalogue import Options
from core.outputs.listing import INTERNAL, listed
from core.study import Population

CURVES = {"event": ("event",), "death": ("death",), "window": ("window",)}
"""What a mark of each curve stands for: keys of `ENDED`."""


def ended(here: AtRisk, found: Onsets) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return how many days each subject of a column was at risk until the first of some events, and what ended them."""
    days, cause = here.days.astype(float), here.cause
    place, first = np.unique(found.place, return_index=True)
    days[place], cause[place] = found.day[first], EVENT
    return days, cause


def first(data: Data, here: AtRisk, found: Onsets) -> pd.DataFrame:
    """Return one row a subject at risk: the first day at risk, the days until the first event or the end, and what it was.

    Where the event came, `term`, `class` and `grade` are its own (of several on one day the worst, then the first by name).
    """
    days, _ = ended(here, found)
    everybody = data.ask("observations", data.everybody).set_index("subject_code").USUBJID
    place, at = np.unique(found.place, return_index=True)
    what = pd.Series(here.ended, dtype=object)
    what.iloc[place] = "event"
    terms = data.terms.set_index("term").reindex(found.term[at])
    frame = pd.DataFrame(
        {
            "USUBJID": everybody.reindex(here.subject).to_numpy(dtype=object),
            "begins": pd.to_datetime(here.begins),
            "days": days,
            "ended": what.map(ENDED),
            "term": pd.Series(None, range(len(days)), dtype=object),
            "class": pd.Series(None, range(len(days)), dtype=object),
            "grade": pd.Series(None, range(len(days)), dtype=object),
        }
    )
    levels = np.array([None, *data.study.adverse_events.levels], dtype=object)
    frame.loc[place, "term"], frame.loc[place, "class"] = terms.pt.to_numpy(), terms.soc.to_numpy()
    frame.loc[place, "grade"] = levels[found.grade[at]]
    return frame


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events behind a row (variable, level, SOC), or the subjects behind a step (curve, column, day)."""
    by = str(options["columns"])
    variable, level, rest = about
    columns = data.ask("columns", population, by)
    of_curve = variable in CURVES
    position = int(columns.position[columns.level == level].iloc[0]) if of_curve else 0
    here = at_risk.windows(data, population, by)[position]
    category = str(options["category"])
    found = at_risk.onsets(data, at_risk.event_days(data, population, category), here)
    if of_curve:
        chosen = np.isin(found.term, event_choice.codes(data, str(options["event"])))
        records = first(data, here, found.pick(chosen))
        names = [ENDED[each] for each in CURVES[variable]]
        return records[records.ended.isin(names) & (records.days == float(rest))].reset_index(drop=True)
    soc, pt = (level, None) if variable == "SOC" else (rest or None, level if variable == "PT" else None)
    events = listed(data, population, category, soc, pt)
    return events[events.row.isin(found.row)].drop(columns=[*INTERNAL]).reset_index(drop=True)
