"""Adverse events over time: who has an ongoing one, and in which cycle new ones begin."""

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import grades, theme
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled, scale
from core.charts.time_axis import beneath, ticks
from core.formats import NOT_COLLECTED, count_percent, interval, sentence_case, within_sentence
from core.study import AdverseEvents

if TYPE_CHECKING:
    import altair as alt

ANY = "any"
HEIGHT, WIDTH = 300, theme.WIDTH + 60
CELL, CELL_HEIGHT = 58, 26
LIGHT_TEXT = 42
"""Percent from which a cell wants light text."""

STATS = ["n", "N", "percent", "conf_low", "conf_high"]


def prevalence(result: Result, coding: AdverseEvents, event: str, grading: str = "") -> "alt.LayerChart":
    """Draw the share of those under observation with an ongoing event, day by day.

    Parameters
    ----------
    result : Result
        Of the output ae_prevalence.
    coding : AdverseEvents
        Gives the grades and how they read.
    event : str
        How the events read.
    grading : str
        By which criteria events are graded, where the events are those of a grade.

    Returns
    -------
    alt.LayerChart
        Of a single column stacked by the worst grade ongoing, else a line for each. Beneath the axis stands how many were
        under observation. A click chooses a mark: the selection "chosen" on `about`, its parts joined by "~".

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Ongoing", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> prevalence(result, AdverseEvents(), "Nausea").to_dict()["params"][0]["select"]["fields"]
    ['about']
    """
    import altair as alt

    title = f"{result.title}: {event}"
    if result.ard.empty or not result.ard.stat[result.ard.stat_name == "N"].any():
        return nothing(result, title, "about", "Nobody to draw: nobody on view was under observation.")
    if result.ard.warning.str.startswith(NOT_COLLECTED).any():
        return nothing(result, title, "about", "These events were not collected.")
    table = _wide(result)
    every = list(dict.fromkeys(table.level))
    levels = [level for level in every if level != every[-1]] or every
    table = table[table.level.isin(levels) & (table.N > 0)]
    last = float(table.day.max())
    x = alt.X("day:Q", title="Study day; day 1 is that of the first dose", scale=alt.Scale(domain=[0, last + 7], nice=False), axis=alt.Axis(values=ticks(last)))  # fmt: skip
    choice = chosen("about")
    draw = _bars if len(levels) == 1 else _lines
    layers = draw(table, coding, levels, x, choice)
    step = table.day.drop_duplicates().to_numpy()
    at = sorted({float(step[np.abs(step - tick).argmin()]) for tick in ticks(last)})
    counts = table[(table.context == ANY) & table.day.isin(at)].rename(columns={"N": "n_watched"})
    beneath_ = counts.drop(columns="n").assign(n=[f"{each:.0f}" for each in counts.n_watched])[["level", "day", "n"]]
    layers += beneath(beneath_, "Under observation", x, HEIGHT)
    worst = grades.told("Stacked by the worst grade ongoing", coding) if len(levels) == 1 else grading
    text = heading(
        result, title, "Subjects with an ongoing event, percent of those under observation on the day", worst
    )
    return theme.themed(alt.LayerChart(layer=layers).properties(width=WIDTH, height=HEIGHT, title=text))


def _wide(result: Result) -> pd.DataFrame:
    """Return one row per day, column and context: counts, shares and what a click tells."""
    keys = ["group1_level", "variable_level", "context"]
    table = _by_cell(result, keys)
    table.columns = ["level", "text", "context", *STATS]
    return table.assign(
        day=table.text.astype(float),
        about="DAY~" + table.text + "~" + table.level + "|" + table.context,
        share=[count_percent(n, percent, "%") for n, percent in zip(table.n, table.percent, strict=True)],
        limits=[interval(low, high) for low, high in zip(table.conf_low, table.conf_high, strict=True)],
        watched=[f"{N:.0f}" for N in table.N],
    )


def _by_cell(result: Result, keys: list[str]) -> pd.DataFrame:
    """Return one row a cell, in the order of the results: its keys and `STATS`."""
    ard = result.ard.astype(dict.fromkeys(keys, object))
    wide = ard.set_index([*keys, "stat_name"]).stat.unstack("stat_name", sort=False).reindex(columns=STATS)
    return wide.reset_index()


def _tips(*more: tuple[str, str]) -> list["alt.Tooltip"]:
    told = (("text", "Study day"), *more, ("share", "Ongoing, n (%)"), ("limits", "Exact interval (%)"), ("watched", "Under observation"))  # fmt: skip
    return hover(dict(told))


def _bars(
    table: pd.DataFrame, coding: AdverseEvents, _: list[str], x: "alt.X", choice: "alt.Parameter"
) -> list["alt.Chart"]:
    """One bar a day, stacked by the worst grade ongoing, the worst at the bottom."""
    import altair as alt

    order = [grades.MISSING, *coding.levels]
    parts = table[table.context.isin(order)].assign(rank=table.context.map({name: at for at, name in enumerate(order)}))
    parts = parts.sort_values(["day", "rank"], ascending=[True, False], kind="stable")
    high = parts.groupby("day", sort=False).percent.cumsum()
    days = np.sort(parts.day.unique())
    width = float(np.diff(days).min()) if len(days) > 1 else 7.0
    parts = parts.assign(low=high - parts.percent, high=high, until=parts.day + 0.86 * width, grade=parts.context)
    parts = parts[parts.n > 0].assign(name=parts.context.map(grades.names(coding)))
    y = alt.Y("low:Q", title="Subjects with an ongoing event (%)", scale=alt.Scale(domain=[0, 100]))
    used = list(dict.fromkeys(parts.grade))
    return [
        alt.Chart(data(parts)).mark_rect(cursor="pointer").encode(
            x=x, x2="until:Q", y=y, y2="high:Q", fill=grades.fill(coding, used), opacity=lit(choice, theme.FADED),
            tooltip=_tips(("name", "Worst grade ongoing")),
        ).add_params(choice)
    ]  # fmt: skip


def _lines(
    table: pd.DataFrame, _: AdverseEvents, levels: list[str], x: "alt.X", choice: "alt.Parameter"
) -> list["alt.Chart"]:
    """One line a column, of any ongoing event."""
    import altair as alt

    points = table[table.context == ANY]
    # A second channel of the same field, without a legend, would quarrel with the legend of the first.
    points = points.assign(colour=points.level.map(dict(zip(levels, cycle(theme.LEVELS), strict=False))))
    legend = alt.Legend(title=None, labelLimit=0, symbolType="stroke")
    y = alt.Y("percent:Q", title="Subjects with an ongoing event (%)", scale=alt.Scale(domain=[0, 100]))
    base = alt.Chart(data(points)).encode(x=x, y=y)
    lines = base.mark_line(strokeWidth=2).encode(
        stroke=alt.Stroke("level:N", scale=scale(levels, theme.LEVELS), legend=legend),
        strokeDash=alt.StrokeDash("level:N", scale=scale(levels, ((1, 0), *theme.DASHES[2:], theme.DASHES[0])), legend=legend),
    )  # fmt: skip
    marks = base.mark_point(filled=True, size=40, cursor="pointer").encode(
        fill=alt.Fill("colour:N", scale=None), opacity=lit(choice, theme.FADED),
        tooltip=_tips(("level", "Column")),
    ).add_params(choice)  # fmt: skip
    return [lines, marks]


def cycles(result: Result, category: str, grading: str = "") -> "alt.LayerChart":
    """Draw in which cycle, or weeks, events of each term begin: percent of those who entered it.

    Parameters
    ----------
    result : Result
        Of the output ae_by_cycle.
    category : str
        How the category of events reads.
    grading : str
        By which criteria events are graded, where the category is one of grades.

    Returns
    -------
    alt.LayerChart
        A cell holds its count, and is darker the greater its share. A click chooses it: the selection "chosen" on `about`,
        its parts joined by "~".

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Onset", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> cycles(result, "All").to_dict()["params"][0]["select"]["fields"]
    ['about']
    """
    import altair as alt

    title = f"{result.title}: {within_sentence(category)}"
    ard = result.ard
    if ard.empty or not ard.stat[ard.stat_name == "N"].any() or ard.warning.str.startswith(NOT_COLLECTED).any():
        return nothing(
            result, title, "about", "No cell to draw: nobody on view was at risk, or these events were not collected."
        )
    cells = _cells(result)
    blocks, rows = (list(dict.fromkeys(cells[name])) for name in ("block", "row"))
    labels = {block: block.split(" ", 1)[1] for block in blocks}
    axis = alt.Axis(
        labelExpr=relabelled(labels), orient="top", labelAngle=0, labelPadding=20, ticks=False, domain=False
    )
    x = alt.X("block:N", title=blocks[0].split(" ")[0], sort=blocks, axis=axis, scale=alt.Scale(domain=blocks))
    entered = alt.Chart(data(cells.drop_duplicates("block"))).mark_text(
        color=theme.MUTED, fontSize=theme.SMALL_TEXT_SIZE
    )
    entered = entered.encode(x=x, y=alt.value(-11), text="header:N")
    names = dict(zip(cells.row, cells.term, strict=True))
    y = alt.Y("row:N", title=None, sort=rows, axis=alt.Axis(labelExpr=relabelled(names), ticks=False, domain=False), scale=alt.Scale(domain=rows))  # fmt: skip
    choice = chosen("about")
    told = {"term": "Term", "block": "Onset in", "share": "Subjects, n (%)", "limits": f"{confidence(result)} (%)", "of": "Who entered it"}  # fmt: skip
    colour = alt.Fill(
        "percent:Q", scale=alt.Scale(type="pow", exponent=0.5, domain=[0, 100], range=list(theme.COUNTS)),
        legend=alt.Legend(title="% of those who entered it", gradientLength=160, titleLimit=0),
    )  # fmt: skip
    rect = alt.Chart(data(cells)).mark_rect(stroke=theme.PAPER, strokeWidth=1.5, cursor="pointer").encode(
        x=x, y=y, fill=colour, opacity=lit(choice, theme.FADED), tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    texts = [
        alt.Chart(data(part)).mark_text(color=shade, fontSize=theme.TEXT_SIZE, cursor="pointer").encode(x=x, y=y, text="text:N")
        for shade, part in ((theme.PAPER, cells[cells.percent >= LIGHT_TEXT]), (theme.INK, cells[~(cells.percent >= LIGHT_TEXT)])) if len(part)
    ]  # fmt: skip
    wide = CELL if len(blocks) <= 12 else CELL * 2 // 3
    text = heading(
        result, title, "Subjects with an event that began then; percent of the subjects who entered it", grading
    )
    return theme.themed(
        alt.LayerChart(layer=[rect, *texts, entered]).properties(
            width=wide * len(blocks), height=CELL_HEIGHT * len(rows), title=text
        )
    )


def _cells(result: Result) -> pd.DataFrame:
    """Return one row per term and block: counts, shares and what a click tells."""
    keys = ["variable", "variable_level", "group2_level", "context"]
    wide = _by_cell(result, keys)
    wide = wide[wide.N > 0]
    return wide.assign(
        block=wide.context,
        term=[sentence_case(level) for level in wide.variable_level],
        row=wide.variable + "~" + wide.variable_level + "~" + wide.group2_level,
        about=wide.context + "|" + wide.variable + "~" + wide.variable_level + "~" + wide.group2_level,
        share=[count_percent(n, percent, "%") for n, percent in zip(wide.n, wide.percent, strict=True)],
        limits=[interval(low, high) for low, high in zip(wide.conf_low, wide.conf_high, strict=True)],
        of=[f"{N:.0f}" for N in wide.N],
        header=[f"N={N:.0f}" for N in wide.N],
        text=[f"{n:.0f}" if n else "" for n in wide.n],
    )
