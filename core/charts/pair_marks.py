"""How a pair is marked in every figure of change: what it tells, its colour by direction, filled or only outlined."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.pairs import BOTH_MEASURED, ONE_BELOW, Compared, directions
from core.charts.parts import counting, heading, hover, outlined, scale

if TYPE_CHECKING:
    import altair as alt


def dressed(chart: "alt.LayerChart", result: Result, of: Compared, notes: Iterable[str]) -> "alt.LayerChart":
    """Return a chart in the project's dress, with its title and what stands below that.

    Examples
    --------
    >>> import altair as alt
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, pd.DataFrame())
    >>> chart = dressed(alt.LayerChart(layer=[]), result, Compared("PSA", "ng/mL", "Baseline", "Week 9"), ["2 pairs"])
    >>> chart.to_dict()["title"]["text"]
    ['PSA, Baseline to Week 9']
    """
    return theme.themed(chart.properties(title=heading(result, of.title, *notes)))


def tooltip(of: Compared) -> list["alt.Tooltip"]:
    """Return what a mark tells of its pair: subject, both values as recorded, change, days between, group.

    Examples
    --------
    >>> [each.to_dict()["title"] for each in tooltip(Compared("PSA", "ng/mL", "Baseline", "Week 9"))]
    ['Subject', 'Baseline', 'Week 9', 'Change (ng/mL)', 'Days between']
    """
    told = {"USUBJID": "Subject", "before_text": of.earlier, "after_text": of.later, "change_text": of.change,
            "days": "Days between"} | ({"group": of.group_label} if of.group_label else {})  # fmt: skip
    return hover(told)


def direction(pairs: pd.DataFrame, symbol: str, outline: float = 1.5) -> dict[str, Any]:
    """Return the channels of a mark: its colour by direction; filled when both values were measured, else outlined.

    Parameters
    ----------
    pairs : DataFrame
        What `core.charts.pairs.drawn` returned; the legend counts it.
    symbol : str
        Of the legend.
    outline : float
        Width of a mark's outline, in pixels.

    Examples
    --------
    >>> pairs = pd.DataFrame({"direction": ["fell"], "measured": ["a value below the limit"]})
    >>> direction(pairs, "circle")["fillOpacity"].to_dict()["scale"]
    {'domain': ['both values measured', 'a value below the limit'], 'range': [1, 0]}
    """
    import altair as alt

    colour = scale(directions(pairs), theme.DIRECTIONS)
    legend = counting(pairs.direction, directions(pairs), symbol)
    known = (BOTH_MEASURED, ONE_BELOW)
    told = outlined([ONE_BELOW], symbol) if (pairs.measured == ONE_BELOW).any() else None
    return {
        "fill": alt.Fill("direction:N", scale=colour, legend=legend),
        "stroke": alt.Stroke("direction:N", scale=colour, legend=legend),
        "fillOpacity": alt.FillOpacity("measured:O", scale=scale(known, (1, 0))),
        "strokeWidth": alt.StrokeWidth("measured:O", scale=scale(known, (outline, outline)), legend=told),
    }
