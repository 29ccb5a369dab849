"""What a mark of adverse events is about, in the one text that a click tells."""

from core.charts import grades
from core.formats import sentence_case
from core.study import AdverseEvents

ANY, DAY, PATIENT = "any", "DAY", "USUBJID"
STEPS = {"event": "First event", "death": "Died first", "window": "Window ended first"}
"""The curves of a first event, and what a step of each is."""


def parts(mark: str) -> tuple[str, str, str]:
    """Return the three parts of a mark: (variable, level, class) and what stands in their place elsewhere.

    Examples
    --------
    >>> parts("PT~Nausea~Gastrointestinal disorders")
    ('PT', 'Nausea', 'Gastrointestinal disorders')
    """
    variable, level, rest = mark.split("~", 2)
    return variable, level, rest


def of_column(about: tuple[str, str, str]) -> bool:
    """Return whether the parts of a mark are about one column: a part of a row, a day of it, or a step of its curve.

    Examples
    --------
    >>> of_column(("DAY", "8", "Total|3")), of_column(("PT", "Nausea", "Gastrointestinal disorders"))
    (True, False)
    """
    first, _, rest = about
    return first in STEPS or "|" in first or (first == DAY and bool(rest))


def reads(mark: str, coding: AdverseEvents) -> str:
    """Return how a mark reads: its term and cycle or column and grade, its day and grade, its step, or its patient.

    Parameters
    ----------
    mark : str
        As the figures of adverse events tell it.
    coding : AdverseEvents
        Gives the grades and how they read.

    Examples
    --------
    >>> coding = AdverseEvents()
    >>> reads("PT~NAUSEA~Gastrointestinal disorders", coding), reads("Cycle 2|PT~NAUSEA~", coding)
    ('Nausea', 'Nausea, Cycle 2')
    >>> reads("Total|3|PT~NAUSEA~", coding), reads("Total|any|PT~NAUSEA~", coding)
    ('Nausea, Total, Grade 3', 'Nausea, Total')
    >>> reads("DAY~8~Total|3", coding), reads("event~Total~57", coding), reads("USUBJID~01-001~", coding)
    ('Day 8, Total, Grade 3', 'First event on day 57, Total', '01-001')
    """
    first, level, rest = parts(mark)
    if first == DAY:
        column, _, grade = rest.rpartition("|")
        return ", ".join(filter(None, (f"Day {level}", column, grades.names(coding).get(grade, ""))))
    if first in STEPS:
        return f"{STEPS[first]} on day {rest}, {level}"
    named = grades.names(coding) | {ANY: ""}
    of = [named.get(each, each) for each in first.split("|")[:-1]]
    return ", ".join(filter(None, (level if first == PATIENT else sentence_case(level), *of)))
