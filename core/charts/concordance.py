"""Many correlations: a ladder of those that are planned, and a map of two families of markers."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import chosen, counting, data, heading, hover, lit, nothing, relabelled, scale
from core.formats import NOT_ESTIMABLE, fixed, limits, p_value, percentage, significant

if TYPE_CHECKING:
    import altair as alt

STEP, NAMES = 20, 330
"""A rung's height, and the room for its name, in pixels."""

CELL_WIDTH, CELL_HEIGHT, NARROWEST_NUMBERED = 46, 22, 30
FOUND, OPEN = "found", "not found"


def ladder(result: Result, alpha: float) -> "alt.LayerChart":
    """Draw rho with its interval, one rung a correlation, family under family.

    Parameters
    ----------
    result : Result
        Its `records` as `core.tables.concordance.correlation_table` tells.
    alpha : float
        A rung is filled when its q is below it.

    Returns
    -------
    alt.LayerChart
        A correlation that cannot be estimated has a cross at 0. A click chooses a rung: the selection "chosen" on cell.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> ladder(result, 0.05).to_dict()["params"][0]["name"]
    'chosen'
    """
    import altair as alt

    title = "Planned correlations"
    if result.records.empty:
        return nothing(result, title, "cell", "No correlations to draw: none is planned that the data have.")
    rungs = _told(result)
    moments = list(dict.fromkeys(rungs.y_at))
    rungs["mark"] = np.where(rungs.q < alpha, FOUND, OPEN)
    heads = rungs.drop_duplicates("family").assign(name=lambda of: of.family)
    texts = dict(zip(rungs.cell, rungs.y_label + ", " + rungs.y_at, strict=True)) | dict(
        zip(heads.name, heads.family, strict=True)
    )
    places = [place for family in heads.name for place in (family, *rungs.cell[rungs.family == family])]
    axis = alt.Axis(labelExpr=relabelled(texts), labelLimit=NAMES, ticks=False, domain=False, grid=False)
    axis["labelFontWeight"] = alt.expr(f"indexof({list(heads.name)}, datum.value) >= 0 ? 'bold' : 'normal'")
    y = alt.Y("cell:N", title=None, sort=places, scale=alt.Scale(domain=places), axis=axis)
    x = alt.X("rho:Q", title="Spearman's rho", scale=alt.Scale(domain=[-1, 1]))
    colour, shape = scale(moments, theme.LEVELS), scale(moments, theme.SHAPES)
    legend = counting(rungs.y_at, moments)
    choice = chosen("cell")
    known = rungs[rungs.rho.notna()]
    base = alt.Chart(data(known)).encode(y=y, opacity=lit(choice), tooltip=_tooltip(True))
    limits_ = base.mark_rule(strokeWidth=1.75).encode(
        x=alt.X("low:Q"), x2="high:Q", stroke=alt.Stroke("y_at:N", scale=colour, legend=legend)
    )
    marks = base.mark_point(size=70, strokeWidth=1.75, cursor="pointer").encode(
        x=x, stroke=alt.Stroke("y_at:N", scale=colour, legend=legend), fill=alt.Fill("y_at:N", scale=colour, legend=legend),
        shape=alt.Shape("y_at:N", scale=shape, legend=legend),
        fillOpacity=alt.FillOpacity("mark:O", scale=scale((FOUND, OPEN), (1, 0)), legend=None),
    )  # fmt: skip
    none = alt.Chart(data(rungs[rungs.rho.isna()].assign(rho=0.0))).mark_text(text="×", color=theme.MUTED, fontSize=14)
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=theme.MUTED).encode(x="zero:Q")
    crosses = none.encode(x=x, y=y, tooltip=_tooltip(True))
    notes = [f"{confidence(result)}; filled: q < {alpha:g} within the family; ×: not estimable"]
    chart = alt.LayerChart(layer=[zero, marks.add_params(choice), limits_, crosses])
    return theme.themed(
        chart.properties(width=theme.WIDTH - 120, height=STEP * len(places), title=heading(result, title, *notes))
    )


def matrix(result: Result, title: str) -> "alt.LayerChart":
    """Draw rho of every two markers as a map of colours.

    Parameters
    ----------
    result : Result
        Its `records` as for `ladder`.
    title : str
        The title of the figure.

    Returns
    -------
    alt.LayerChart
        Grey with a cross is not estimable. A click chooses a cell: the selection "chosen" on cell.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> matrix(result, "Map").to_dict()["params"][0]["name"]
    'chosen'
    """
    import altair as alt

    if result.records.empty or result.records.rho.isna().all():
        return nothing(result, title, "cell", "No correlations to draw: none of them can be estimated.")
    cells = _told(result)
    cells["missing"] = cells.rho.isna()
    down = list(dict.fromkeys(cells.y))
    # No marker is set against itself, so the first row alone may not tell the order of all.
    across = [code for code in dict.fromkeys([*down, *cells.x]) if code in set(cells.x)]
    wide = max(14.0, min(CELL_WIDTH, theme.WIDEST / len(across)))
    x = alt.X("x:N", title=None, sort=across, scale=alt.Scale(domain=across), axis=_names(cells, "x", -90))
    y = alt.Y("y:N", title=None, sort=down, scale=alt.Scale(domain=down), axis=_names(cells, "y", 0))
    stops = np.linspace(-1, 1, len(theme.DIVERGING)).tolist()
    colour = alt.Color(
        "rho:Q", scale=alt.Scale(domain=stops, range=list(theme.DIVERGING), interpolate="rgb"),
        legend=alt.Legend(title="Spearman's rho", values=[-1, -0.5, 0, 0.5, 1], gradientLength=220, titleOrient="left"),
    )  # fmt: skip
    choice = chosen("cell")
    rect = alt.Chart(data(cells)).mark_rect(stroke=theme.PAPER, strokeWidth=1, cursor="pointer", invalid=None).encode(
        x=x, y=y, color=alt.condition(alt.datum.missing, alt.value(theme.ABSENT), colour), opacity=lit(choice, theme.FADED),
        tooltip=_tooltip(False),
    ).add_params(choice)  # fmt: skip
    shown = cells.assign(text=np.where(cells.missing, "×", cells.short if wide >= NARROWEST_NUMBERED else ""))
    text = alt.Chart(data(shown[shown.text != ""])).mark_text(color=theme.INK, fontSize=theme.SMALL_TEXT_SIZE).encode(
        x=x, y=y, text="text:N", color=alt.condition("abs(datum.rho) > 0.75", alt.value(theme.PAPER), alt.value(theme.INK)),
        tooltip=_tooltip(False),
    )  # fmt: skip
    notes = [f"{len(cells)} correlations, none adjusted; grey with a cross: not estimable"]
    chart = alt.LayerChart(layer=[rect, text])
    return theme.themed(
        chart.properties(width=wide * len(across), height=CELL_HEIGHT * len(down), title=heading(result, title, *notes))
    )


def _told(result: Result) -> pd.DataFrame:
    """Return the correlations with how their numbers read."""
    found = result.records.drop(columns=["exact"])
    return found.assign(
        rho_text=[significant(rho) for rho in found.rho],
        short=["" if np.isnan(rho) else fixed(rho, 2) for rho in found.rho],
        limits_text=[limits(low, high) for low, high in zip(found.low, found.high, strict=True)],
        p_text=[p_value(p) for p in found.p],
        q_text=[p_value(q) for q in found.q],
        n_text=[fixed(n, 0) for n in found.n],
        below_text=[_shares(*shares) for shares in zip(found.share_y, found.share_x, strict=True)],
        why=np.where(found.rho.isna() | found.low.isna(), found.reason, ""),
    )


def _shares(of_y: float, of_x: float) -> str:
    return " and ".join(NOT_ESTIMABLE if np.isnan(share) else f"{percentage(share)}%" for share in (of_y, of_x))


def _tooltip(adjusted: bool) -> "list[alt.Tooltip]":
    told = {
        "y_label": "Vertical", "y_at": "Vertical at", "x_label": "Horizontal", "x_at": "Horizontal at", "n_text": "n", "rho_text": "rho", "limits_text": "CI", "p_text": "p",
        **({"q_text": "q"} if adjusted else {}), "below_text": "Below limit, vertical and horizontal", "why": "Not estimable because",
    }  # fmt: skip
    return hover(told)


def _names(cells: pd.DataFrame, axis: str, angle: float) -> "alt.Axis":
    import altair as alt

    texts = dict(zip(cells[axis], cells[f"{axis}_label"], strict=True))
    return alt.Axis(labelExpr=relabelled(texts), labelAngle=angle, labelLimit=280, ticks=False, domain=False)
