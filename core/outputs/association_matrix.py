"""Which of many measures move together? The rank correlations of two families of markers, as a map."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result, join
from core.data import Data
from core.formats import counted
from core.outputs import concordance
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.correlations import Asked, as_results, cells, correlations
from core.outputs.markers import ALL, FAMILY
from core.outputs.measures import BLQ_OF_CHANGES, X_AT, Y_AT
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

DRAWN = 40
"""Markers that either side of the map has room for."""


def _family(name: str, label: str, side: str) -> Option:
    return replace(
        FAMILY, name=name, label=label, of_study=lambda data: _planned(data, side),
        help="Which markers; none of the p is adjusted, as a map looks for what nobody planned.",
    )  # fmt: skip


def _planned(data: Data, side: str) -> str:
    """Return the family of the first planned correlation's axis."""
    rungs = concordance.rungs(data)
    if not rungs:
        return ALL
    family = data.parameters.set_index("PARAMCD").family[getattr(rungs[0], side)]
    return family or ALL


X_FAMILY, Y_FAMILY = _family("x_family", "Across", "x"), _family("y_family", "Down", "y")


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Correlate every marker of one family with every one of the other."""
    sides = [_markers(data, str(options[f"{axis}_family"])) for axis in ("x", "y")]
    if not data.timepoints or not all(sides):
        return Answer(join([]), ["There is no biomarker at any timepoint, so there is nothing to correlate."])
    at = [str(options[f"{axis}_at"]) for axis in ("x", "y")]
    drawn = [side[:DRAWN] for side in sides]
    two = [(x, y) for y in drawn[1] for x in drawn[0] if (x, at[0]) != (y, at[1])]
    asked = Asked([x for x, _ in two], [at[0]] * len(two), [y for _, y in two], [at[1]] * len(two))
    found = correlations(data, population, asked, options)
    left_out = [
        f"{axis}: the first {DRAWN} of {len(side):,} markers; choose a family to see others."
        for axis, side in zip(("Across", "Down"), sides, strict=True)
        if len(side) > DRAWN
    ]
    notes = [
        f"Exploratory: {counted(len(two), 'correlation')} without adjustment; some of them are large by chance alone.",
        "Values below the limit at one timepoint share the lowest rank; where more of an axis than the study allows "
        f"({data.study.association.most_below_percent:g} %) are below the limit no correlation is given.",
        *left_out,
    ]
    frames = as_results(asked, found)
    return Answer(join(frames), notes, cells(data, asked, found, [""] * len(two)), _methods(data, options), ["a map without adjustment"])  # fmt: skip


def _markers(data: Data, family: str) -> list[str]:
    known: pd.DataFrame = data.parameters
    return known.PARAMCD[(family == known.family) | (family == ALL)].tolist()


def _methods(data: Data, options: Options) -> str:
    return (
        f"Spearman's rank correlations of markers at {options['x_at']} with markers at {options['y_at']}, paired by subject (data cut "
        f"{data.study.data_cut}), without adjustment for their number. Computed with Marrowscope from data snapshot {data.snapshot}"
        + (" of simulated data." if data.study.simulated else ".")
    )


def show(result: Result, data: Data) -> Layout:
    """Draw one row a correlation."""
    from core.tables.concordance import correlation_table

    return correlation_table(result, _title(result, data), adjusted=False)


def _title(result: Result, data: Data) -> str:
    named = FAMILY.choices(data)
    down, across = (f"{named[str(result.options[f'{axis}_family'])]}, {result.options[f'{axis}_at']}" for axis in "yx")
    return f"Correlations: {down}, with {across}"


def _matrix(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.concordance import matrix

    return matrix(result, _title(result, data))


OUTPUT = Output(
    "association_matrix",
    "Correlations of two families of markers",
    (X_FAMILY, X_AT, Y_FAMILY, Y_AT, BLQ_OF_CHANGES, CONF),
    compute,
    show,
    needs="ADBM",
    figures={"matrix": Figure("Map of correlations", _matrix, "cell")},
)
