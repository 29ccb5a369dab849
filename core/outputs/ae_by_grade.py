"""Adverse events by system organ class, preferred term and worst grade or severity."""

from typing import TYPE_CHECKING

from core.ard import Result
from core.data import Data
from core.outputs.catalogue import COLUMNS, CONF, Answer, Figure, Options, Output
from core.outputs.categories import CATEGORY, category_labels, not_collected
from core.outputs.cells import behind
from core.outputs.incidence import INTERVAL, MIN_PERCENT, SORT, tabulate
from core.study import Population
from core.tables.adverse_events import by_grade
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count each subject once per row, at the worst grade."""
    table = tabulate(data, population, options)
    ungraded = not_collected(data, "grade34")
    graded = "A subject counts once per row, at the worst grade; a missing grade never beats a known one."
    return table._replace(notes=[f"Grade or severity: {ungraded}." if ungraded else graded, *table.notes])


def show(result: Result, data: Data) -> Layout:
    """Draw n (%) by worst grade, column by column."""
    return by_grade(result, category_labels(data)[str(result.options["category"])], data.study)


def _bars(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.worst_grades import worst_grades

    category = category_labels(data)[str(result.options["category"])]
    return worst_grades(result, data.study.adverse_events, category)


OUTPUT = Output(
    "ae_by_grade",
    "Adverse events by worst grade",
    (CATEGORY, COLUMNS, SORT, MIN_PERCENT, INTERVAL, CONF),
    compute,
    show,
    needs="ADAE",
    figures={"bars": Figure("Worst grades", _bars, "about")},
    behind=behind,
)
