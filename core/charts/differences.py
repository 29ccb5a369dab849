"""The differences of paired values: every one as a dot, their quartiles, and the estimates of their centre."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.axes import reach
from core.charts.caption import confidence
from core.charts.estimates import below_share, estimated, stat, with_interval
from core.charts.pair_marks import direction, dressed, tooltip
from core.charts.pairs import Compared, drawn, no_magnitude, no_pairs, remarks, with_change
from core.charts.parts import chosen, data, lit, nothing, relabelled
from core.charts.places import swarm
from core.formats import NOT_ESTIMABLE, counted, limits, significant

if TYPE_CHECKING:
    import altair as alt

WIDTH = theme.WIDTH - 80
"""The names of the rows need more room than numbers do."""

DOT, ROOM, ROW = 10, 80, 44
"""In pixels: a dot, how far one stands aside at most, and the height of a row."""

QUARTILES, MEAN, HODGES_LEHMANN = "quartiles", "mean", "hodges_lehmann"


def distribution(result: Result, of: Compared) -> "alt.LayerChart":
    """Draw every difference as a dot, their quartiles, and below them the estimates with their intervals.

    Parameters
    ----------
    result : Result
        Its `records` as `core.charts.pairs.drawn` tells; the mean (paired_t) and the Hodges-Lehmann estimate
        (hodges_lehmann) with their limits are drawn as they stand in its `ard`.
    of : Compared
        What is compared; on the scale "log2" differences are log2 fold changes.

    Returns
    -------
    alt.LayerChart
        A dot is only outlined when a value is below its limit. Quartiles are those of SAS (QNTLDEF=5). A pair whose
        change has no magnitude is named in the subtitle. A click chooses a subject: the selection "chosen" on USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> distribution(result, Compared("PSA", "ng/mL", "Baseline", "Week 9")).to_dict()["params"][0]["name"]
    'chosen'
    """
    import altair as alt

    every = drawn(result, of)
    pairs = with_change(every, result)
    if pairs.empty:
        return nothing(result, of.title, "USUBJID", no_pairs(every, of, "no change has a magnitude"))
    rows = _rows(result, pairs, every)
    low, high = reach(pd.concat([pairs.change, rows.low, rows.high, pd.Series([0.0])]))
    dots, rows, height = _stacked(pairs, rows, low, high)
    names = {f"{row.y:g}": row.text for row in rows.itertuples()}
    axis = alt.Axis(values=list(rows.y), labelExpr=relabelled(names), ticks=False, grid=False, domain=False,
                    labelPadding=8, labelOffset=-8)  # fmt: skip
    x = alt.X(
        "change:Q",
        title=of.change,
        axis=alt.Axis(tickCount=8),
        scale=alt.Scale(domain=[low, high], nice=False, zero=False),
    )
    y = alt.Y(
        "y:Q", title=of.group_label or None, axis=axis, scale=alt.Scale(domain=[height, 0], nice=False, zero=False)
    )
    choice = chosen("USUBJID")
    swarmed = alt.Chart(data(dots)).mark_point(size=DOT**2 * 0.6, cursor="pointer").encode(
        x=x, y=y, opacity=lit(choice), tooltip=tooltip(of), **direction(pairs, "circle")
    ).add_params(choice)  # fmt: skip
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=theme.INK).encode(x="zero:Q")
    notes = (*estimated(result, every, of), *remarks(every), below_share(result), no_magnitude(every))
    chart = alt.LayerChart(layer=[zero, *_estimates(rows), swarmed])
    return dressed(chart, result, of, notes).properties(width=WIDTH, height=height)


def _rows(result: Result, pairs: pd.DataFrame, every: pd.DataFrame) -> pd.DataFrame:
    """Four rows a group: the dots, their quartiles, the mean and the Hodges-Lehmann estimate with their limits."""
    rows = []
    for group, part in pairs.groupby("group", sort=False):
        level, called = str(group), confidence(result)
        count = counted(len(part), "difference", "differences")
        rows.append((level, "", np.nan, np.nan, np.nan, [level or "Each pair", count]))
        low, middle, high = _quartiles(part, every[every.group == group])
        quartiles = [
            "Median (quartiles)",
            NOT_ESTIMABLE if np.isnan(middle) else f"{significant(middle)} ({limits(low, high)})",
        ]
        rows.append((level, QUARTILES, low, middle, high, quartiles))
        for kind, name, context, statistic in (
            (MEAN, "Mean", "paired_t", "mean_change"),
            (HODGES_LEHMANN, "Hodges-Lehmann", "hodges_lehmann", "estimate"),
        ):
            low, middle, high = (stat(result, context, each, level) for each in ("conf_low", statistic, "conf_high"))
            text = [f"{name} ({called})", with_interval(result, context, statistic, level, called=False)]
            rows.append((level, kind, low, middle, high, text))
    return pd.DataFrame(rows, columns=["group", "kind", "low", "value", "high", "text"])


def _quartiles(part: pd.DataFrame, every: pd.DataFrame) -> tuple[float, float, float]:
    """Return the quartiles; none where some change has no magnitude, for it would lie somewhere among these."""
    if len(part) < len(every):
        return np.nan, np.nan, np.nan
    low, middle, high = np.quantile(part.change, [0.25, 0.5, 0.75], method="averaged_inverted_cdf")
    return float(low), float(middle), float(high)


def _stacked(
    pairs: pd.DataFrame, rows: pd.DataFrame, low: float, high: float
) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Give every row and every dot its place from the top, in pixels; the rows of dots as high as their dots need."""
    top, middles, dots = 0.0, [], []
    for row in rows.itertuples():
        half = ROW / 2
        if not row.kind:
            part = pairs[pairs.group == row.group]
            aside = swarm((part.change - low) / (high - low) * WIDTH, DOT, ROOM)
            half = max(half, float(np.ceil(np.abs(aside).max())) + DOT)
            dots.append(part.assign(y=top + half + aside))
        middles.append(top + half)
        top += 2 * half
    return pd.concat(dots), rows.assign(y=middles), top


def _estimates(rows: pd.DataFrame) -> list["alt.Chart"]:
    """A box for the quartiles, a diamond with its interval for the mean, a square with its own for Hodges-Lehmann."""
    import altair as alt

    found = rows[rows.kind != ""].drop(columns="text")
    box, mean, centre = (
        found[(found.kind == kind) & found.value.notna()] for kind in (QUARTILES, MEAN, HODGES_LEHMANN)
    )
    charts = [
        _ranges(box).mark_rule(strokeWidth=18, color=theme.RULE),
        _points(box).mark_tick(orient="vertical", size=18, thickness=3, color=theme.INK),
    ]
    for part, shape in ((mean, "diamond"), (centre, "square")):
        limited = part[part.low.notna() & part.high.notna()]
        charts.append(_ranges(limited).mark_rule(strokeWidth=2.5, color=theme.INK))
        charts.append(_points(part).mark_point(shape=shape, filled=True, size=110, color=theme.INK, opacity=1))
    return [chart.encode(y=alt.Y("y:Q")) for chart in charts]


def _ranges(rows: pd.DataFrame) -> "alt.Chart":
    import altair as alt

    return alt.Chart(data(rows)).encode(x="low:Q", x2="high:Q")


def _points(rows: pd.DataFrame) -> "alt.Chart":
    import altair as alt

    return alt.Chart(data(rows)).encode(x="value:Q")
