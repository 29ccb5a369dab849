"""Why harvests fail, the most frequent reason first, and how many are down to the reasons so far."""

from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.evaluability import TOTAL, Words, heads, slots
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled
from core.charts.wide import wide
from core.formats import fixed, percentage

if TYPE_CHECKING:
    import altair as alt


def pareto(result: Result, _: Words) -> "alt.LayerChart":
    """Draw the reasons why specimens failed, the most frequent first, and how many are down to those so far.

    Parameters
    ----------
    result : Result
        Of the output evaluability; the counts are those of all groups together.
    _ : Words
        Not used; every figure of an output is drawn from the same.

    Returns
    -------
    alt.LayerChart
        A click chooses a reason at a timepoint: the selection "chosen" on `mark`, as in the records of the result.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "E", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> pareto(result, Words({}, {})).to_dict()["title"]["subtitle"][1]
    'Nothing to draw: no specimen of anybody on view has failed.'
    """
    import altair as alt

    lost = result.options.get("reasons") == "lost"
    title = "Why patients are lost to the target" if lost else "Why specimens fail"
    bars = _bars(result)
    if bars.empty:
        return nothing(result, title, "mark", "Nothing to draw: no specimen of anybody on view has failed.")
    named = slots(bars, "reason")
    axis = alt.Axis(labelExpr=relabelled(named), ticks=False, domain=False, grid=False)
    y = alt.Y("slot:N", title=None, sort=list(named), axis=axis, scale=alt.Scale(domain=list(named), paddingInner=0.25))
    x = alt.X(
        "percent:Q", title="Of specimens that failed at the timepoint (%)", scale=alt.Scale(domain=[0, 104], nice=False)
    )
    choice = chosen("mark")
    told = {"visit": "Timepoint", "reason": "Reason", "share": "Specimens, n of N (%)", "down": "Down to here (%)"}
    drawn = alt.Chart(data(bars)).mark_bar(cursor="pointer").encode(
        x=x, y=y, fill=alt.value(theme.LEVELS[0]), opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    counts = alt.Chart(data(bars)).mark_text(align="left", color=theme.MUTED, fontSize=theme.TEXT_SIZE)
    line = alt.Chart(data(bars)).encode(x="cumulative:Q", y=y, detail="visit:N", order="order:Q")
    layers = [
        drawn, line.mark_line(color=theme.LEVELS[1], strokeWidth=1.5, order=False),
        line.mark_point(filled=True, color=theme.LEVELS[1], size=40), counts.encode(x=alt.value(theme.WIDTH + 10), y=y, text="share:N"), *heads(bars, y),
    ]  # fmt: skip
    text = heading(result, title, "Bars: the share of each reason, n of N (%); dots: the share of all down to here")
    size = {"width": theme.WIDTH, "height": theme.ROW_HEIGHT * len(named)}
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=text))


def _bars(result: Result) -> pd.DataFrame:
    """Return one row per timepoint and reason, the most frequent first."""
    ard = result.ard[(result.ard.variable == "REASON") & (result.ard.group1_level == TOTAL)]
    if ard.empty:
        return pd.DataFrame()
    bars = wide(ard, visit="group2_level", reason="variable_level")
    return bars.assign(
        order=range(len(bars)), slot=bars.visit + "|" + bars.reason, mark=bars.visit + ": " + bars.reason,
        down=[percentage(each) for each in bars.cumulative],
        share=[f"{fixed(n, 0)} of {fixed(N, 0)} ({percentage(p)})" for n, N, p in zip(bars.n, bars.N, bars.percent, strict=True)],
    )  # fmt: skip
