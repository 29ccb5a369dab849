"""The most frequent adverse events as a dot plot: percent of each column with its exact interval."""

from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.data import Data
from core.outputs.catalogue import COLUMNS, CONF, Answer, Figure, Option, Options, Output, group_name
from core.outputs.categories import CATEGORY, category_labels, graded_by, not_collected, notes
from core.outputs.cells import behind
from core.outputs.incidence import incidence
from core.study import Population

if TYPE_CHECKING:
    import altair as alt

TERMS = Option(
    "terms", "Terms shown", 12.0, "number", minimum=1, maximum=60, help="The most frequent preferred terms.", whole=True
)


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count subjects of the most frequent preferred terms."""
    table = incidence(data, population, {**options, "sort": "frequency"})
    terms = table.rows.index[table.rows.variable == "PT"]
    first = sorted(terms, key=lambda row: (-table.n[row, -1, 0], table.rows.variable_level[row]))
    chosen = table.pick(pd.Index(first[: int(options["terms"])]).to_numpy(dtype=int))
    reason = not_collected(data, str(options["category"]))
    frame = chosen.ard(group_name(options), float(options["conf"]), reason, contexts=("any",))
    left_out = len(terms) - len(chosen.rows)
    told = [f"{left_out} less frequent terms are not drawn."] if left_out else []
    return Answer(frame, [*notes(data, population, options), *told])


def show(result: Result, data: Data) -> "alt.LayerChart":
    """Draw the dots and their intervals."""
    from core.charts.incidence import dots

    return dots(result, *_named(result, data))


def _butterfly(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.incidence import butterfly

    return butterfly(result, *_named(result, data))


def _named(result: Result, data: Data) -> tuple[str, str]:
    category = str(result.options["category"])
    return category_labels(data)[category], graded_by(data, category)


OUTPUT = Output(
    "ae_incidence",
    "Most frequent adverse events",
    (CATEGORY, COLUMNS, TERMS, CONF),
    compute,
    show,
    needs="ADAE",
    figures={
        "dots": Figure("Dots with intervals", show, "about"),
        "butterfly": Figure("Two columns back to back", _butterfly, "about"),
    },
    behind=behind,
)
