"""The events behind a part of a figure: of a row one column, and of it those of one worst grade."""

import pandas as pd

from core.data import Data
from core.outputs import categories
from core.outputs.catalogue import Options
from core.study import AdverseEvents, Population

ANY = "any"


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events behind a row (variable, level, class), or behind a part of it (column|grade|variable, level, class).

    The events of a grade are all those of the subjects whose worst it is, within the row and the column.
    """
    first, level, soc = about
    part, _, variable = first.rpartition("|")
    if not part:
        return categories.behind(data, population, options, about)
    column, _, grade = part.rpartition("|")
    by = str(options.get("columns", "none"))
    columns = data.ask("columns", population, by)
    events = data.ask(
        "adverse_events",
        population,
        by,
        wanted=categories.mask(str(options.get("category", "all"))),
        position=int(columns.position[columns.level == column].iloc[0]),
        soc=soc or None,
        pt=level if variable == "PT" else None,
    )
    return events if grade == ANY else of_worst(events, data.study.adverse_events, grade)


def of_worst(events: pd.DataFrame, coding: AdverseEvents, grade: str) -> pd.DataFrame:
    """Return the events of the subjects whose worst grade it is; any other text stands for a missing one.

    Examples
    --------
    >>> events = pd.DataFrame({"USUBJID": ["01", "01", "02"], "AETOXGR": ["1", "3", "3"]})
    >>> coding = AdverseEvents()
    >>> len(of_worst(events, coding, "3")), len(of_worst(events, coding, "1"))
    (3, 0)
    """
    ranks = {level: rank for rank, level in enumerate(coding.levels, 1)}
    rank = events[coding.grade].map(ranks).fillna(0) if coding.grade in events else pd.Series(0, events.index)
    return events[rank.groupby(events.USUBJID).transform("max") == ranks.get(grade, 0)]
