"""The courses of patients: from analysis results and marks to a layout."""

import pandas as pd

from core.ard import Result
from core.charts import grades
from core.formats import NOT_COLLECTED, NOT_ESTIMABLE, fixed, within_sentence
from core.study import Study
from core.tables.layout import Column, Layout, Row, subtitle

HEADS = {
    "days_on_treatment": "Days on treatment",
    "days_observed": "Days observed",
    "doses": "Doses",
    "events": "Events",
}


def course_table(result: Result, study: Study, category: str) -> Layout:
    """Return one row a patient: days, doses and events, the worst grade, and how the course ended so far.

    Examples
    --------
    >>> from core.ard import join
    >>> study = Study(id="s", title="S", data_cut="2024-12-31")
    >>> result = Result("x", "Courses", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> course_table(result, study, "All").title
    'Courses: all'
    """
    coding, marks = study.adverse_events, result.records
    ard = result.ard[result.ard.variable == "USUBJID"]
    stats = dict(zip(zip(ard.variable_level, ard.stat_name, strict=True), ard.stat, strict=True))
    worst = _worst(marks, coding.levels)
    ends = (
        dict(zip(*(marks[marks.kind == "end"][name] for name in ("USUBJID", "text")), strict=True))
        if len(marks)
        else {}
    )
    names = grades.names(coding)
    rows = []
    for subject in dict.fromkeys(ard.variable_level):
        numbers = (_number(stats[subject, name]) for name in HEADS)
        grade = names[worst[subject]] if subject in worst else ""
        rows.append(Row(subject, (*numbers, grade, ends.get(subject, "")), 0, ("USUBJID", subject, "")))
    heads = (*HEADS.values(), "Worst grade" if coding.graded else "Worst severity", "Now")
    columns = tuple(Column(head, align="left" if head in heads[-2:] else "right") for head in heads)
    title = f"{result.title}: {within_sentence(category)}"
    return Layout(title, subtitle(result), "Patient", columns, tuple(rows), result.notes)


def _worst(marks: pd.DataFrame, levels: tuple[str, ...]) -> dict[str, str]:
    """Return the worst grade of the events drawn of each patient who has any; a missing one beats none."""
    events = marks[marks.kind == "event"] if len(marks) else marks
    if events.empty:
        return {}
    order = [grades.MISSING, *levels]
    ranks = events.grade.map({name: at for at, name in enumerate(order)})
    return {str(subject): order[int(rank)] for subject, rank in ranks.groupby(events.USUBJID).max().items()}


def _number(value: float) -> str:
    text = fixed(value, 0)
    return NOT_COLLECTED if text == NOT_ESTIMABLE else text
