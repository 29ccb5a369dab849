"""Adverse events by system organ class and preferred term: subjects, events, percent, exact limits."""

from core.ard import Result
from core.data import Data
from core.outputs.catalogue import COLUMNS, CONF, Answer, Options, Output
from core.outputs.categories import CATEGORY, behind, category_labels
from core.outputs.incidence import INTERVAL, MIN_PERCENT, SORT, tabulate
from core.study import Population
from core.tables.adverse_events import by_term
from core.tables.layout import Layout


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count subjects and events of one category, by SOC and PT."""
    return tabulate(data, population, options, contexts=("any",))


def show(result: Result, data: Data) -> Layout:
    """Draw n (%) and events, column by column."""
    return by_term(result, category_labels(data)[str(result.options["category"])])


OUTPUT = Output(
    "ae_by_term",
    "Adverse events by system organ class and preferred term",
    (CATEGORY, COLUMNS, SORT, MIN_PERCENT, INTERVAL, CONF),
    compute,
    show,
    needs="ADAE",
    behind=behind,
)
