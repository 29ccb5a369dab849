"""A panel of markers: how much each changed, how surely, and in whom."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.axes import reach
from core.charts.caption import confidence
from core.charts.estimates import below_share
from core.charts.markers import FAMILY, first_of, markers, outcome
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled, scale
from core.charts.places import labels as free_labels
from core.formats import NOT_ESTIMABLE, named

if TYPE_CHECKING:
    import altair as alt

FOREST_WIDTH = 270
COLUMNS = {"n_text": ("n", 40), "below_text": ("< limit", 105), "p_text": ("p", 165), "q_text": ("q", 225)}
"""Right of the forest: field -> its head and its right end, in pixels from the plot."""

FARTHEST = 2.5
"""Intervals are drawn up to that many times the largest effect, then an arrow says that they go on."""

HEIGHT = 380
MOST_LABELS, FEWEST_LABELS, MOST_POINTS = 12, 3, 2_000
"""Names and points of a volcano plot; a browser draws no more points with ease."""


def forest(result: Result, labels: Mapping[str, str], test: str, alpha: float, most: int = 60) -> "alt.LayerChart":
    """Draw each marker's standardised change with its interval; n, share below the limit, p and q stand beside it.

    Parameters
    ----------
    result : Result
        Its `ard` as `core.charts.markers.markers` tells.
    labels : mapping
        PARAMCD to what a reader calls it.
    test : str
        The pre-specified test, "paired_t" or "wilcoxon": p and n are its.
    alpha : float
        A marker is filled when its q is below it.
    most : int
        Markers drawn, the first of the results; how many there are besides is told.

    Returns
    -------
    alt.LayerChart
        Markers in the order of the results, below the name of their family; one that is not estimable keeps its row,
        with "n.e.". A click chooses a marker: the selection "chosen" on PARAMCD.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Panel", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> forest(result, {}, "paired_t", 0.05).to_dict()["title"]["subtitle"][1]
    'No pairs to draw: no marker is on view.'
    """
    import altair as alt

    every = markers(result, labels, test, alpha)
    if every.empty:
        return nothing(result, result.title, "PARAMCD", "No pairs to draw: no marker is on view.")
    frame = every[every.PARAMCD.isin(list(dict.fromkeys(result.ard.variable))[:most])]
    slots = _slots(frame)
    low, high = _bounds(frame)
    shown = frame.assign(low=frame.low.clip(low, high), high=frame.high.clip(low, high))
    axis = alt.Axis(labelExpr=relabelled(slots), ticks=False, domain=False)
    y = alt.Y("PARAMCD:N", title=None, sort=list(slots), axis=axis, scale=alt.Scale(domain=list(slots)))
    sized = alt.Scale(domain=[low, high], nice=False, zero=False)
    choice, dress = chosen("PARAMCD"), _family_marks(frame, None)
    told = {"opacity": lit(choice), "tooltip": _tooltip(result)}
    estimable = shown[shown.d_z.notna()]
    dots = alt.Chart(data(estimable)).mark_point(size=70, strokeWidth=1.5, cursor="pointer").encode(
        x=alt.X("d_z:Q", title=f"Mean change / SD of changes, d_z ({confidence(result)})", scale=sized), y=y, **told, **dress
    ).add_params(choice)  # fmt: skip
    whiskers = alt.Chart(data(estimable[estimable.low.notna() & estimable.high.notna()])).mark_rule(
        strokeWidth=2, cursor="pointer"
    ).encode(x=alt.X("low:Q", scale=sized), x2="high:Q", y=y, stroke=dress["stroke"], **told)  # fmt: skip
    zero = (
        alt.Chart(alt.InlineData(values=[{"zero": 0}]))
        .mark_rule(color=theme.INK)
        .encode(x=alt.X("zero:Q", scale=sized))
    )
    layers = [
        *_guides(frame, y, told),
        zero,
        whiskers,
        *_arrows(frame, low, high, y, sized),
        dots,
        *_texts(frame, y, told),
    ]
    notes = [
        outcome(every, test, alpha),
        first_of(len(frame), len(every)),
        below_share(result),
        _cut(frame, low, high),
        _not_estimable(frame),
    ]
    title = heading(result, result.title, *notes)
    height = len(slots) * theme.ROW_HEIGHT
    return theme.themed(alt.LayerChart(layer=layers).properties(width=FOREST_WIDTH, height=height, title=title))


def volcano(result: Result, labels: Mapping[str, str], test: str, alpha: float) -> "alt.LayerChart":
    """Draw each marker's standardised change against the p of the pre-specified test.

    Parameters
    ----------
    result, labels, test, alpha
        As for `forest`; a dashed line stands at p = alpha.

    Returns
    -------
    alt.LayerChart
        A marker is filled when its q is below alpha. At most twelve names are written, those of the smallest p, and
        only where they cover nothing. A marker without p or size, or whose p is 0, is named in the subtitle. A click
        chooses a marker: the selection "chosen" on PARAMCD.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Panel", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> volcano(result, {}, "paired_t", 0.05).to_dict()["params"][0]["select"]
    {'type': 'point', 'fields': ['PARAMCD'], 'toggle': False}
    """
    import altair as alt

    every = markers(result, labels, test, alpha)
    frame = every[every.d_z.notna() & (every.p > 0)]
    if frame.empty:
        why = "no marker is on view" if every.empty else "no marker has a size and a p above 0"
        return nothing(result, result.title, "PARAMCD", f"No pairs to draw: {why}.")
    more = len(frame) - MOST_POINTS
    frame = frame.assign(height=-np.log10(frame.p)).nsmallest(MOST_POINTS, "p", keep="first").sort_index()
    low, high = reach(pd.Series([0.0, *frame.d_z]))
    line = float(-np.log10(alpha))
    top = 1.1 * max(line, float(frame.height.max()))
    x = alt.X(
        "d_z:Q", title="Mean change / SD of changes, d_z", scale=alt.Scale(domain=[low, high], nice=False, zero=False)
    )
    y = alt.Y("height:Q", title="-log10 p", scale=alt.Scale(domain=[0, top], nice=False))
    choice = chosen("PARAMCD")
    dots = alt.Chart(data(frame)).mark_point(size=75, strokeWidth=1.5, cursor="pointer").encode(
        x=x, y=y, opacity=lit(choice), tooltip=_tooltip(result), **_family_marks(frame, _family_legend(frame))
    ).add_params(choice)  # fmt: skip
    threshold = alt.Chart(data(pd.DataFrame({"height": [line], "text": [f"p = {alpha:g}"]}))).encode(y="height:Q")
    dashed = threshold.mark_rule(strokeDash=[6, 4], color=theme.MUTED)
    beside = threshold.mark_text(align="left", color=theme.MUTED).encode(x=alt.value(theme.WIDTH + 5), text="text:N")
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=theme.RULE).encode(x="zero:Q")
    left_out = every[every.d_z.isna() | ~(every.p > 0)]
    notes = [
        outcome(every, test, alpha),
        below_share(result),
        _not_estimable(left_out[~(left_out.p == 0)]),
        _zero_p(left_out[left_out.p == 0]),
        f"{more:,} markers with a larger p are not drawn" if more > 0 else "",
    ]
    title = heading(result, result.title, *notes)
    layers = [zero, dashed, beside, dots, *_labels(frame, alpha, (low, high), top)]
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDTH, height=HEIGHT, title=title))


def _slots(frame: pd.DataFrame) -> dict[str, str]:
    """The rows of a forest and how each reads: the heads of the columns, then each family's name above its markers."""
    slots = {" ": ""}
    for at, (family, part) in enumerate(frame.groupby(FAMILY, sort=False)):
        if family:
            slots[f" {at}"] = ""
        slots |= dict(zip(part.PARAMCD, part.label, strict=True))
    return slots


def _bounds(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis: all limits, but none farther than a few times the largest effect."""
    farthest = FARTHEST * max(1.0, float(frame.d_z.abs().max()) if frame.d_z.notna().any() else 1.0)
    ends = pd.concat([frame.d_z, frame.low, frame.high, pd.Series([0.0])])
    low, high = reach(ends)
    return max(low, -farthest), min(high, farthest)


def _family_marks(frame: pd.DataFrame, legend: "alt.Legend | None") -> dict[str, Any]:
    """Colour and shape by family; filled when found, else outlined."""
    import altair as alt

    families = list(dict.fromkeys(frame[FAMILY]))
    colour = scale(families, theme.LEVELS)
    return {
        "fill": alt.Fill(f"{FAMILY}:N", scale=colour, legend=legend),
        "stroke": alt.Stroke(f"{FAMILY}:N", scale=colour, legend=legend),
        "shape": alt.Shape(f"{FAMILY}:N", scale=scale(families, theme.SHAPES), legend=legend),
        "fillOpacity": alt.FillOpacity("found:O", scale=alt.Scale(domain=[True, False], range=[1, 0]), legend=None),
    }


def _family_legend(frame: pd.DataFrame) -> "alt.Legend | None":
    import altair as alt

    families = list(dict.fromkeys(frame[FAMILY]))
    if families == [""]:
        return None
    columns = max(1, int(theme.WIDTH / (theme.CHARACTER * max(map(len, families)) + 30)))
    return alt.Legend(title=None, columns=columns, labelLimit=0)


def _tooltip(result: Result) -> list["alt.Tooltip"]:
    told = {"label": "Marker", FAMILY: "Family", "n_text": "Pairs", "size_text": f"d_z ({confidence(result)})",
            "p_text": "p", "q_text": "q", "below_text": "Below the limit", "reason": "Not estimable because"}  # fmt: skip
    return hover(told)


def _guides(frame: pd.DataFrame, y: "alt.Y", told: Mapping[str, Any]) -> list["alt.Chart"]:
    """A line from each marker to its numbers, and around it the whole row, to be clicked."""
    import altair as alt

    farthest = FOREST_WIDTH + max(at for _, at in COLUMNS.values())
    rows = alt.Chart(data(frame)).encode(y=y, x=alt.value(0), x2=alt.value(farthest))
    whole = rows.mark_rule(color="transparent", strokeWidth=theme.ROW_HEIGHT, cursor="pointer")
    return [rows.mark_rule(color=theme.SHADE), whole.encode(tooltip=told["tooltip"])]


def _arrows(frame: pd.DataFrame, low: float, high: float, y: "alt.Y", sized: "alt.Scale") -> list["alt.Chart"]:
    """A tip where an interval goes on beyond the axis."""
    import altair as alt

    beyond = (
        (frame[frame.low < low].assign(end=low), "triangle-left"),
        (frame[frame.high > high].assign(end=high), "triangle-right"),
    )
    return [
        alt.Chart(data(part)).mark_point(shape=shape, filled=True, size=60, opacity=1, color=theme.INK).encode(
            x=alt.X("end:Q", scale=sized), y=y
        )
        for part, shape in beyond if len(part)
    ]  # fmt: skip


def _texts(frame: pd.DataFrame, y: "alt.Y", told: Mapping[str, Any]) -> list["alt.Chart"]:
    """The names of the families, the columns of numbers with their heads, and n.e. in place of a missing size."""
    import altair as alt

    charts = []
    for field, (head, right) in COLUMNS.items():
        column = pd.concat([pd.DataFrame({"PARAMCD": [" "], field: [head]}), frame[["PARAMCD", field]]])
        text = alt.Chart(data(column)).mark_text(align="right", fontSize=theme.TEXT_SIZE, color=theme.INK)
        charts.append(text.encode(x=alt.value(FOREST_WIDTH + right), y=y, text=f"{field}:N"))
    families = list(dict.fromkeys(frame[FAMILY]))
    heads = pd.DataFrame({"PARAMCD": [f" {at}" for at in range(len(families))], FAMILY: families})
    named_ = alt.Chart(data(heads[heads[FAMILY] != ""])).mark_text(
        align="right", fontWeight="bold", fontSize=theme.TEXT_SIZE
    )
    colour = alt.Color(f"{FAMILY}:N", scale=scale(families, theme.LEVELS), legend=None)
    charts.append(named_.encode(x=alt.value(-7), y=y, text=f"{FAMILY}:N", color=colour))
    missing = alt.Chart(data(frame[frame.d_z.isna()])).mark_text(
        text=NOT_ESTIMABLE, color=theme.MUTED, fontSize=theme.TEXT_SIZE, cursor="pointer"
    )
    return [*charts, missing.encode(x=alt.value(FOREST_WIDTH / 2), y=y, **told)]


def _cut(frame: pd.DataFrame, low: float, high: float) -> str:
    return "Arrow: the interval goes on" if ((frame.low < low) | (frame.high > high)).any() else ""


def _not_estimable(frame: pd.DataFrame) -> str:
    missing = frame[frame.d_z.isna() | frame.p.isna()]
    return f"Not estimable ({len(missing)}): {named(missing.label)}" if len(missing) else ""


def _zero_p(frame: pd.DataFrame) -> str:
    return f"Not drawn, p is 0 ({len(frame)}): {named(frame.label)}" if len(frame) else ""


def _labels(frame: pd.DataFrame, alpha: float, ends: tuple[float, float], top: float) -> list["alt.Chart"]:
    """Names of the markers with the smallest p, where there is room for them."""
    import altair as alt

    low, high = ends
    x = ((frame.d_z - low) / (high - low) * theme.WIDTH).to_numpy()
    y = ((1 - frame.height / top) * HEIGHT).to_numpy()
    texts = list(frame.label)
    order = np.lexsort((frame.PARAMCD.to_numpy(dtype=str), frame.p.to_numpy()))
    wanted = order[: max(FEWEST_LABELS, int((frame.p < alpha).sum()))].tolist()
    found = free_labels(x, y, texts, wanted, MOST_LABELS, theme.WIDTH, HEIGHT)
    charts = []
    for align in dict.fromkeys(label.align for label in found):
        rows = [(texts[each.point], each.x, each.y) for each in found if each.align == align]
        text = alt.Chart(data(pd.DataFrame(rows, columns=["text", "x", "y"]))).mark_text(
            align=align, baseline="middle", color=theme.INK, fontSize=theme.SMALL_TEXT_SIZE
        )
        charts.append(text.encode(x=alt.X("x:Q", scale=None), y=alt.Y("y:Q", scale=None), text="text:N"))
    return charts
