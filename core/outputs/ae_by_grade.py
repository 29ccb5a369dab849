"""Adverse events by system organ class, preferred term and worst grade or severity."""

import pandas as pd

from core.ard import Result
from core.data import Data
from core.outputs.catalogue import COLUMNS, CONF, Options, Output, group_name
from core.outputs.incidence import (
    CATEGORY,
    INTERVAL,
    MIN_PERCENT,
    SORT,
    behind,
    category_labels,
    frequent,
    incidence,
    not_collected,
    notes,
)
from core.study import Population
from core.tables.adverse_events import by_grade
from core.tables.layout import Layout


def compute(data: Data, population: Population, options: Options) -> tuple[pd.DataFrame, list[str]]:
    """Count each subject once per row, at the worst grade."""
    table, hidden = frequent(incidence(data, population, options), float(options["min_percent"]))
    reason = not_collected(data, str(options["category"]))
    frame = table.ard(group_name(options), float(options["conf"]), reason)
    coding = data.study.adverse_events
    graded = ["A subject counts once per row, at the worst grade; a missing grade beats none."]
    if coding.grade not in data.schema["ADAE"]:
        graded = [f"{coding.grade} is absent, so every grade is missing."]
    return frame, [*graded, *notes(data, population, options), *([hidden] if hidden else [])]


def show(result: Result, data: Data) -> Layout:
    """Draw n (%) by worst grade, column by column."""
    return by_grade(result, category_labels(data)[str(result.options["category"])], data.study)


OUTPUT = Output(
    "ae_by_grade",
    "Adverse events by worst grade",
    (CATEGORY, COLUMNS, SORT, MIN_PERCENT, INTERVAL, CONF),
    compute,
    show,
    needs="ADAE",
    behind=behind,
)
