"""Standardised differences of two groups at baseline, beside what chance alone makes of them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled
from core.charts.wide import wide
from core.formats import confidence_level, fixed

if TYPE_CHECKING:
    import altair as alt


def differences(result: Result, labels: Mapping[str, str]) -> "alt.LayerChart":
    """Draw each standardised difference as a dot on the band in which chance alone would keep it.

    Parameters
    ----------
    result : Result
        Of the output pair_bias.
    labels : mapping
        Variable or PARAMCD -> how it reads.

    Returns
    -------
    alt.LayerChart
        A click chooses a row: the selection "chosen" on `row`.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "B", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> differences(result, {}).to_dict()["params"][0]["select"]["fields"]
    ['row']
    """
    import altair as alt

    title = "Patients with and without a pair at baseline"
    dots = _dots(result, labels)
    if dots.empty:
        return nothing(result, title, "row", "Nothing to draw: no difference can be estimated.")
    names = dict(zip(dots.row, dots.label, strict=True))
    y = alt.Y("row:N", title=None, sort=list(names), axis=alt.Axis(labelExpr=relabelled(names), ticks=False, domain=False), scale=alt.Scale(domain=list(names)))  # fmt: skip
    most = 1.08 * float(pd.concat([dots.difference.abs(), dots.by_chance]).max())
    x = alt.X(
        "difference:Q",
        title="With a pair minus without, in standard deviations",
        scale=alt.Scale(domain=[-most, most], nice=False),
    )
    choice = chosen("row")
    bands = alt.Chart(data(dots.assign(low=-dots.by_chance))).mark_bar(height=8, color=theme.RULE).encode(
        x=alt.X("low:Q"), x2="by_chance:Q", y=y
    )  # fmt: skip
    told = {"label": "At baseline", "text": "Difference", "band": "Chance alone within"}
    marks = alt.Chart(data(dots)).mark_point(filled=True, size=80, cursor="pointer").encode(
        x=x, y=y, fill=alt.value(theme.LEVELS[0]), opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    zero = alt.Chart(alt.InlineData(values=[{"difference": 0}])).mark_rule(color=theme.MUTED).encode(x=x)
    level = confidence_level(result.options["conf"])
    text = heading(
        result,
        title,
        _groups(result),
        f"Grey: within that, chance alone keeps {level} of such differences; descriptive",
    )
    size = {"width": theme.WIDTH, "height": theme.ROW_HEIGHT * len(dots)}
    return theme.themed(alt.LayerChart(layer=[bands, zero, marks]).properties(**size, title=text))


def _groups(result: Result) -> str:
    ard = result.ard[result.ard.variable == "GROUP"]
    n = dict(zip(ard.context, ard.stat, strict=True))
    return f"{fixed(n['with_pair'], 0)} patients with a pair, {fixed(n['without_pair'], 0)} without"


def _dots(result: Result, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per difference that can be estimated."""
    ard = result.ard[result.ard.context == "difference"]
    if ard.empty:
        return pd.DataFrame()
    found = wide(ard, variable="variable", level="variable_level").dropna(subset=["difference", "by_chance"])
    names = [labels.get(variable, variable) for variable in found.variable]
    return found.assign(
        row=found.variable + found.level.map(lambda level: f": {level}" if level else ""),
        label=[f"{name}: {level}" if level else name for name, level in zip(names, found.level, strict=True)],
        text=[fixed(each, 2) for each in found.difference], band=[f"±{fixed(each, 2)}" for each in found.by_chance],
    )  # fmt: skip
