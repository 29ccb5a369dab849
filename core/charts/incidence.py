"""How frequent each adverse event is in each column: dots with intervals, and two columns back to back."""

from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled, scale
from core.formats import count_percent, interval, sentence_case, within_sentence

if TYPE_CHECKING:
    import altair as alt

WIDTH, HALF, BETWEEN = 560, 260, 250
"""Pixels of the dots, of one wing, and of the names between two wings."""

STATS = ["n", "N", "percent", "conf_low", "conf_high"]


def dots(result: Result, category: str, grading: str = "") -> "alt.LayerChart":
    """Return one row a term, one dot a column of the table, whiskers from exact lower to upper limit.

    Parameters
    ----------
    result : Result
        Of the output ae_incidence.
    category : str
        How the category of events reads.
    grading : str
        By which criteria events are graded, where the category is one of grades.

    Returns
    -------
    alt.LayerChart
        A click on a dot chooses it: the selection "chosen" on `about`, column and term, as `core.charts.marks` reads it.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"conf": 0.95}
    >>> result = Result("x", "Frequent", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> dots(result, "All").to_dict()["title"]["subtitle"][1]
    'No event to draw.'
    """
    import altair as alt

    title = f"{result.title}: {within_sentence(category)}"
    wide = _wide(result)
    if wide.empty:
        return nothing(result, title, "about", "No event to draw.")
    levels = _levels(wide)
    wide = wide[wide.group1_level.isin(levels)]
    names = dict(zip(wide.row, wide.term, strict=True))
    legend = alt.Legend(labelLimit=0) if len(levels) > 1 else None
    colour = alt.Color(
        "group1_level:N", title=None, sort=levels, legend=legend,
        scale=scale(levels, theme.LEVELS),
    )  # fmt: skip
    choice = chosen("about")
    base = alt.Chart(data(wide)).encode(
        y=alt.Y("row:N", title=None, sort=list(names), axis=alt.Axis(labelExpr=relabelled(names))),
        yOffset=alt.YOffset("group1_level:N", sort=levels),
        opacity=lit(choice, theme.FADED), tooltip=_tips(result),
    )  # fmt: skip
    percent = alt.X("conf_low:Q", title="Subjects with the event (%)", scale=alt.Scale(domainMin=0, nice=True))
    whiskers = base.mark_rule(strokeWidth=1.5).encode(x=percent, x2="conf_high:Q", color=colour)
    shape = alt.Shape("group1_level:N", title=None, sort=levels, legend=legend, scale=alt.Scale(domain=levels))
    points = base.mark_point(filled=True, size=70, cursor="pointer").encode(
        x=alt.X("percent:Q", title="Subjects with the event (%)"), color=colour, shape=shape
    ).add_params(choice)  # fmt: skip
    height = max(1, len(names)) * theme.ROW_HEIGHT * (1 + 0.35 * (len(levels) - 1))
    text = heading(result, title, f"Dots with exact {confidence(result)}", grading)
    return theme.themed((whiskers + points).properties(width=WIDTH, height=height, title=text))


def butterfly(result: Result, category: str, grading: str = "") -> "alt.LayerChart":
    """Return two columns back to back: bars to the left and to the right, with exact intervals, and the terms between.

    Parameters
    ----------
    result : Result
        Of the output ae_incidence, with two columns beside the total.
    category : str
        How the category of events reads.
    grading : str
        By which criteria events are graded, where the category is one of grades.

    Returns
    -------
    alt.LayerChart
        Of any other number of columns it says so. A click on a bar chooses it: the selection "chosen" on `about`,
        column and term, as `core.charts.marks` reads it.

    Examples
    --------
    >>> from core.ard import join
    >>> options = {"conf": 0.95}
    >>> result = Result("x", "Frequent", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> butterfly(result, "All").to_dict()["title"]["subtitle"][1]
    'No event to draw.'
    """
    import altair as alt

    title = f"{result.title}: {within_sentence(category)}"
    wide = _wide(result)
    if wide.empty:
        return nothing(result, title, "about", "No event to draw.")
    levels = _levels(wide)
    if len(levels) != 2:
        found = f"there {'is' if len(levels) == 1 else 'are'} {len(levels)}"
        return nothing(
            result, title, "about", f"Two columns stand back to back; {found}. Choose columns with two levels."
        )
    bars = wide[wide.group1_level.isin(levels)]
    top = float(min(100, 10 * -(-max(bars.conf_high.max(), bars.percent.max()) // 10))) or 10.0
    bars = bars.assign(**{name: _across(bars, levels, bars[name], top) for name in ("percent", "conf_low", "conf_high")}, zero=_across(bars, levels, 0 * bars.percent, top))  # fmt: skip
    rows = list(dict.fromkeys(bars.row))
    choice = chosen("about")
    x = alt.X("percent:Q", title=None, axis=None, scale=alt.Scale(domain=[0, 2 * HALF + BETWEEN], nice=False))
    y = alt.Y("row:N", title=None, sort=rows, axis=None, scale=alt.Scale(domain=rows, paddingInner=0.3))
    base = alt.Chart(data(bars)).encode(y=y, opacity=lit(choice, theme.FADED), tooltip=_tips(result))
    fill = alt.Fill("group1_level:N", legend=None, scale=alt.Scale(domain=levels, range=list(theme.LEVELS[:2])))
    wings = base.mark_bar(fillOpacity=0.75, cursor="pointer").encode(x=x, x2="zero:Q", fill=fill).add_params(choice)
    whiskers = base.mark_rule(color=theme.INK, strokeWidth=1.2).encode(x="conf_low:Q", x2="conf_high:Q")
    names = bars.drop_duplicates("row").assign(middle=HALF + BETWEEN / 2)
    terms = alt.Chart(data(names)).mark_text(color=theme.INK, fontSize=theme.TEXT_SIZE, limit=BETWEEN - 10)
    layers = [wings, whiskers, terms.encode(x="middle:Q", y=y, text="term:N"), *_scales(bars, levels, top, rows)]
    text = heading(result, title, f"Percent of the column's N, with exact {confidence(result)}", grading)
    height = theme.ROW_HEIGHT * len(rows)
    return theme.themed(alt.LayerChart(layer=layers).properties(width=2 * HALF + BETWEEN, height=height, title=text))


def _across(bars: pd.DataFrame, levels: list[str], percent: pd.Series, top: float) -> pd.Series:
    """Where a percentage stands, in pixels: the first column grows to the left, the second to the right."""
    reach = HALF * percent / top
    return (HALF - reach).where(bars.group1_level == levels[0], HALF + BETWEEN + reach)


def _scales(bars: pd.DataFrame, levels: list[str], top: float, rows: list[str]) -> list["alt.Chart"]:
    """The names of both columns above, and percentages beneath them."""
    import altair as alt

    height = theme.ROW_HEIGHT * len(rows)
    N = dict(zip(bars.group1_level, bars.N, strict=True))
    heads = pd.DataFrame(
        {"at": [HALF / 2, 1.5 * HALF + BETWEEN], "text": [f"{level} (N={N[level]:.0f})" for level in levels]}
    )
    steps = [0.0, top / 2, top]
    marks = pd.DataFrame(
        {
            "at": [HALF - HALF * each / top for each in steps] + [HALF + BETWEEN + HALF * each / top for each in steps],
            "text": [f"{each:g}%" for each in steps] * 2,
        }
    )
    above = alt.Chart(data(heads)).mark_text(fontSize=theme.TEXT_SIZE, fontWeight="bold", color=theme.INK)
    below = alt.Chart(data(marks)).mark_text(fontSize=theme.TEXT_SIZE, color=theme.MUTED)
    return [
        above.encode(x="at:Q", y=alt.value(-10), text="text:N"),
        below.encode(x="at:Q", y=alt.value(height + 12), text="text:N"),
    ]


def _wide(result: Result) -> pd.DataFrame:
    """Return one row per term and column that can be drawn."""
    keys = ["variable", "variable_level", "group2_level", "group1_level"]
    ard = result.ard.astype(dict.fromkeys(keys, object))
    if ard.empty:
        return pd.DataFrame()
    wide = (
        ard.set_index([*keys, "stat_name"]).stat.unstack("stat_name", sort=False).reindex(columns=STATS).reset_index()
    )
    wide.columns = [*keys, *STATS]
    row = wide.variable + "~" + wide.variable_level + "~" + wide.group2_level
    return wide.assign(
        term=wide.variable_level.map(sentence_case),
        row=row,
        about=wide.group1_level + "|any|" + row,
        share=[count_percent(n, percent) for n, percent in zip(wide.n, wide.percent, strict=True)],
        limits=[interval(low, high) for low, high in zip(wide.conf_low, wide.conf_high, strict=True)],
    )


def _levels(wide: pd.DataFrame) -> list[str]:
    """The columns drawn: all but the total, or the total where there is no other."""
    every = list(dict.fromkeys(wide.group1_level))
    return [level for level in every if level != every[-1]] or every


def _tips(result: Result) -> list["alt.Tooltip"]:

    told = {"term": "Term", "group1_level": "Column", "share": "n (%)", "limits": f"Exact {confidence(result)} (%)"}
    return hover(told)
