"""Dots and intervals: how frequent each adverse event is in each column."""

from typing import TYPE_CHECKING

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import heading
from core.formats import count_percent, interval, sentence_case

if TYPE_CHECKING:
    import altair as alt

WIDTH = 560


def dots(result: Result, category: str) -> "alt.LayerChart":
    """Return one row a term, one dot a column of the table, whiskers from exact lower to upper limit."""
    import altair as alt

    wide = result.ard.pivot_table(
        index=["variable_level", "group1_level"], columns="stat_name", values="stat", sort=False
    ).reset_index()
    levels = [level for level in dict.fromkeys(result.ard.group1_level) if level != "Total"] or ["Total"]
    wide = (
        wide[wide.group1_level.isin(levels)] if len(wide) else wide.assign(n=[], percent=[], conf_low=[], conf_high=[])
    )
    wide["term"] = wide.variable_level.map(sentence_case)
    wide["share"] = [count_percent(n, percent) for n, percent in zip(wide.n, wide.percent, strict=True)]
    wide["limits"] = [interval(low, high) for low, high in zip(wide.conf_low, wide.conf_high, strict=True)]
    terms = list(dict.fromkeys(wide.term))
    legend = alt.Legend() if len(levels) > 1 else None
    colour = alt.Color(
        "group1_level:N", title=None, sort=levels, legend=legend,
        scale=alt.Scale(domain=levels, range=[theme.LEVELS[i % len(theme.LEVELS)] for i in range(len(levels))]),
    )  # fmt: skip
    base = alt.Chart(wide).encode(
        y=alt.Y("term:N", title=None, sort=terms),
        yOffset=alt.YOffset("group1_level:N", sort=levels),
        tooltip=[
            alt.Tooltip("term:N", title="Term"), alt.Tooltip("group1_level:N", title="Column"),
            alt.Tooltip("share:N", title="n (%)"), alt.Tooltip("limits:N", title="Exact interval (%)"),
        ],
    )  # fmt: skip
    percent = alt.X("conf_low:Q", title="Subjects with the event (%)", scale=alt.Scale(domainMin=0, nice=True))
    whiskers = base.mark_rule(strokeWidth=1.5).encode(x=percent, x2="conf_high:Q", color=colour)
    shape = alt.Shape("group1_level:N", title=None, sort=levels, legend=legend, scale=alt.Scale(domain=levels))
    points = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X("percent:Q", title="Subjects with the event (%)"), color=colour, shape=shape
    )
    height = max(1, len(terms)) * theme.ROW_HEIGHT * (1 + 0.35 * (len(levels) - 1))
    title = heading(
        result, f"{result.title}: {category[0].lower() + category[1:]}", f"Dots with exact {confidence(result)}"
    )
    return theme.themed((whiskers + points).properties(width=WIDTH, height=height, title=title))
