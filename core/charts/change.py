"""Paired change of one marker: each subject's line, each subject's bar, and the differences with what was estimated."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.axes import reach, value_axis
from core.charts.differences import distribution
from core.charts.estimates import below_share, estimated, medians
from core.charts.pair_marks import direction, dressed, tooltip
from core.charts.pairs import (
    BELOW,
    MEASURED,
    Compared,
    directions,
    drawn,
    left_out,
    levels,
    no_magnitude,
    no_pairs,
    remarks,
    with_change,
)
from core.charts.parts import chosen, counting, data, lit, nothing, outlined, relabelled, scale
from core.formats import named

if TYPE_CHECKING:
    import altair as alt

__all__ = ["Compared", "distribution", "slope", "waterfall"]

HEIGHT = 340
MARGIN = 75
"""Left and right of the lines, in pixels: room for the medians' values."""

STEP = 66
"""Between two visits, in pixels: room for their names."""

BAR, NARROWEST_NAMED_BAR = 20, 11
"""Widest bar, and the narrowest that still has its subject's name below, in pixels."""


def slope(result: Result, of: Compared) -> "alt.LayerChart":
    """Draw a line a subject from the earlier to the later value, and the medians.

    Parameters
    ----------
    result : Result
        Its `records` as `core.charts.pairs.drawn` tells; the statistics of the subtitle are taken from its `ard`
        (contexts paired_t and wilcoxon).
    of : Compared
        What is compared; on the scale "log2" the axis is logarithmic, in the marker's unit.

    Returns
    -------
    alt.LayerChart
        A value below its limit is an open triangle at the limit. A pair without a place on the axis is named in the
        subtitle. A click chooses a subject: the selection "chosen" on USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> slope(result, Compared("PSA", "ng/mL", "Baseline", "Week 9")).to_dict()["title"]["subtitle"][1]
    'No pairs to draw: no subject on view has a usable value at both Baseline and Week 9.'
    """
    import altair as alt

    every = drawn(result, of)
    placed = every.before.notna() & every.after.notna()
    pairs = every[placed]
    if pairs.empty:
        return nothing(result, of.title, "USUBJID", no_pairs(every, of, "no value has a place on the axis"))
    pairs = pairs.assign(x=_at_visit(pairs.group, of.earlier), x2=_at_visit(pairs.group, of.later))
    groups, choice = levels(result, pairs), chosen("USUBJID")
    middle = medians(result, groups, of).merge(pairs[["group", "x", "x2"]].drop_duplicates())
    x, y = _visit_axis(groups, of), _value_axis(pd.concat([pairs, middle]), of)
    legend = counting(pairs.direction, directions(pairs), "stroke")
    lines = alt.Chart(data(pairs)).mark_rule(strokeWidth=1.75, cursor="pointer").encode(
        x=x, x2="x2:N", y=y, y2="after:Q", opacity=lit(choice), tooltip=tooltip(of),
        stroke=alt.Stroke("direction:N", scale=scale(directions(pairs), theme.DIRECTIONS), legend=legend),
        strokeDash=alt.StrokeDash("direction:N", scale=scale(directions(pairs), theme.DASHES), legend=legend),
    ).add_params(choice)  # fmt: skip
    ends = _ends(pairs, of, x, legend).encode(opacity=lit(choice))
    unplaced = left_out(every[~placed], "without a place on the axis")
    notes = (*estimated(result, every, of), *remarks(every), _how_to_read(result, pairs, middle), unplaced)
    thick, values = _median_lines(middle, x)
    layers = [*_limit_rules(pairs), lines, *thick, ends, *values]
    return dressed(alt.LayerChart(layer=layers), result, of, notes).properties(width=_width(groups), height=HEIGHT)


def waterfall(result: Result, of: Compared) -> "alt.LayerChart":
    """Draw a bar a subject, from the largest rise to the largest fall.

    Parameters
    ----------
    result : Result
        As for `slope`.
    of : Compared
        What is compared; on the scale "log2" changes are log2 fold changes.

    Returns
    -------
    alt.LayerChart
        A bar is only outlined when a value is below its limit; no change is a diamond on 0. Groups stand side by
        side. A pair whose change has no magnitude is named in the subtitle. A click chooses a subject: the selection
        "chosen" on USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> waterfall(result, Compared("PSA", "ng/mL", "Baseline", "Week 9")).to_dict()["params"][0]["name"]
    'chosen'
    """
    import altair as alt

    every = drawn(result, of)
    pairs = with_change(every, result)
    if pairs.empty:
        return nothing(result, of.title, "USUBJID", no_pairs(every, of, "no change has a magnitude"))
    slots = _slots(pairs)
    width = min(theme.WIDEST, max(theme.WIDTH, len(slots) * BAR))
    step = width / len(slots)
    axis = alt.Axis(labels=step >= NARROWEST_NAMED_BAR, ticks=False, labelAngle=-90, labelLimit=120, domain=False)
    x = alt.X("USUBJID:N", title=of.subject, sort=slots, axis=axis, scale=alt.Scale(domain=slots))
    low, high = reach(pd.Series([0.0, *pairs.change]))
    domain = [low, high + 0.06 * (high - low)] if of.group_label else [low, high]
    y = alt.Y("change:Q", title=of.change, scale=alt.Scale(domain=domain, nice=False, zero=False))
    choice = chosen("USUBJID")
    dress = {
        "x": x,
        "y": y,
        "opacity": lit(choice),
        "tooltip": tooltip(of),
        **direction(pairs, "square", min(1.5, step / 10)),
    }
    bars = alt.Chart(data(pairs)).mark_bar(size=min(BAR, 0.8 * step), cursor="pointer").encode(**dress)
    same = alt.Chart(data(pairs[pairs.change == 0])).mark_point(shape="diamond", size=55, cursor="pointer")
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=theme.INK).encode(y="zero:Q")
    names = _group_names(pairs, x, step) if of.group_label else []
    notes = (*estimated(result, every, of), *remarks(every), below_share(result), no_magnitude(every))
    chart = alt.LayerChart(layer=[bars.add_params(choice), zero, same.encode(**dress), *names])
    return dressed(chart, result, of, notes).properties(width=width, height=HEIGHT)


def _visit(group: str, visit: str) -> str:
    return f"{group}: {visit}" if group else visit


def _at_visit(groups: pd.Series, visit: str) -> list[str]:
    return [_visit(group, visit) for group in groups]


def _width(groups: list[str]) -> float:
    """Wide enough for the names of the visits of each group below one another's."""
    return min(theme.WIDEST, max(theme.WIDTH, 2 * MARGIN + STEP * (3 * len(groups) - 2)))


def _visit_axis(groups: list[str], of: Compared) -> "alt.X":
    """Both visits of each group, an empty place between two groups."""
    import altair as alt

    texts: dict[str, list[str]] = {}
    for at, group in enumerate(groups):
        if at:
            texts[" " * at] = [""]
        texts |= {_visit(group, visit): [group, visit] if group else [visit] for visit in (of.earlier, of.later)}
    steps = len(texts) - 1
    step = (_width(groups) - 2 * MARGIN) / steps
    upright = {"labelAngle": 0, "labelExpr": relabelled(texts), "labelLimit": step - 4}
    text = upright if step >= STEP - 6 else {"labelAngle": -90, "labelLimit": 200}
    axis = alt.Axis(**text, ticks=False, labelPadding=8, grid=False)
    shown = alt.Scale(domain=list(texts), padding=MARGIN / step)
    return alt.X("x:N", title=of.group_label or None, sort=list(texts), axis=axis, scale=shown)


def _value_axis(pairs: pd.DataFrame, of: Compared) -> "alt.Y":
    import altair as alt

    shown, axis = value_axis(pd.concat([pairs.before, pairs.after]), of.scale == "log2")
    return alt.Y("before:Q", title=wrap(of.value, HEIGHT // 8), axis=alt.Axis(**axis), scale=shown)


def _ends(pairs: pd.DataFrame, of: Compared, x: "alt.X", legend: "alt.Legend") -> "alt.Chart":
    """A point for each of the two values."""
    import altair as alt

    sides = [("before", "x"), ("after", "x2")]
    told = ["USUBJID", "group", "direction", "before_text", "after_text", "change_text", "days"]
    ends = pd.concat([
        pairs[told].assign(x=pairs[place], y=pairs[side], state=np.where(pairs[f"{side}_below"], BELOW, MEASURED))
        for side, place in sides
    ])  # fmt: skip
    states, colour = (MEASURED, BELOW), scale(directions(pairs), theme.DIRECTIONS)
    open_ = outlined([BELOW], "triangle-down") if (ends.state == BELOW).any() else None
    return alt.Chart(data(ends)).mark_point(size=50, strokeWidth=1.75, cursor="pointer").encode(
        x=x, y="y:Q", tooltip=tooltip(of),
        stroke=alt.Stroke("direction:N", scale=colour, legend=legend),
        fill=alt.Fill("direction:N", scale=colour, legend=legend),
        shape=alt.Shape("state:N", scale=scale(states, ("circle", "triangle-down")), legend=open_),
        fillOpacity=alt.FillOpacity("state:O", scale=scale(states, (1, 0)), legend=None),
    )  # fmt: skip


def _limits(pairs: pd.DataFrame) -> list[float]:
    return sorted({*pairs.before[pairs.before_below], *pairs.after[pairs.after_below]})


def _limit_rules(pairs: pd.DataFrame) -> list["alt.Chart"]:
    """A dotted line at each limit that a value was below."""
    import altair as alt

    rules = alt.Chart(data(pd.DataFrame({"limit": _limits(pairs)})))
    return [rules.mark_rule(color=theme.MUTED, strokeDash=[2, 3]).encode(y="limit:Q")] if _limits(pairs) else []


def _median_lines(middle: pd.DataFrame, x: "alt.X") -> tuple[list["alt.Chart"], list["alt.Chart"]]:
    """A thick line a group; and its two values beside it, legible over whatever they cover."""
    import altair as alt

    if middle.empty:
        return [], []
    base = alt.Chart(data(middle))
    thick = base.mark_rule(strokeWidth=4.5, color=theme.INK, strokeCap="round")
    texts = []
    for at, side, place in (
        ("x", "before", {"align": "right", "dx": -10}),
        ("x2", "after", {"align": "left", "dx": 10}),
    ):
        for paint in ({"stroke": theme.PAPER, "strokeWidth": 4}, {"color": theme.INK}):
            text = base.mark_text(**{**_bold(), **place, **paint})
            texts.append(text.encode(x=alt.X(f"{at}:N"), y=f"{side}:Q", text=f"{side}_text:N"))
    return [thick.encode(x=x, x2="x2:N", y="before:Q", y2="after:Q")], texts


def _bold() -> dict[str, Any]:
    return {"fontWeight": "bold", "fontSize": theme.TEXT_SIZE}


def _how_to_read(result: Result, pairs: pd.DataFrame, middle: pd.DataFrame) -> str:
    thick = "Median below the limit or not estimable" if middle.empty else "Thick line: median, as analysed"
    at = _limits(pairs)
    dotted = f" (dotted, {named(f'{limit:g}' for limit in at)})" if at else ""
    return "; ".join(filter(None, (thick, below_share(result) + dotted)))


def _slots(pairs: pd.DataFrame) -> list[str]:
    """The places of the bars, an empty one between two groups."""
    slots: list[str] = []
    for at, (_, part) in enumerate(pairs.groupby("group", sort=False)):
        slots += [*([" " * at] if at else []), *part.USUBJID]
    return slots


def _group_names(pairs: pd.DataFrame, x: "alt.X", step: float) -> list["alt.Chart"]:
    """The name of each group over its first bar, as long as the group is wide."""
    import altair as alt

    first = pairs.groupby("group", sort=False).first().reset_index()
    room = pairs.groupby("group", sort=False).size().to_numpy() * step / theme.CHARACTER
    names = [
        name if len(name) <= most else f"{name[: int(most)]}…" for name, most in zip(first.group, room, strict=True)
    ]
    text = alt.Chart(data(first[["USUBJID"]].assign(name=names))).mark_text(
        **_bold(), align="left", dx=-step / 2, color=theme.INK
    )
    return [text.encode(x=x, y=alt.value(8), text="name:N")]
