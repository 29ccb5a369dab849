"""Stacked bars: subjects of each term by their worst grade."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from core.ard import Result
from core.charts import grades, theme
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled
from core.formats import NOT_COLLECTED, count_percent, counted, sentence_case, within_sentence
from core.study import AdverseEvents

if TYPE_CHECKING:
    import altair as alt

MOST, MOST_BY_COLUMN = 18, 8
"""Terms that are drawn, the most frequent: of one column, and of several."""

HEADED = "length(split(datum.value, '~')) == 3"
"""Whether a row only heads the columns of its term."""

ANY, STATS = "any", ["n", "N", "percent"]
DIGIT = 8


def worst_grades(result: Result, coding: AdverseEvents, category: str) -> "alt.LayerChart":
    """Draw how many subjects had each term, by their worst grade, one bar a term and column.

    Parameters
    ----------
    result : Result
        Of the output ae_by_grade.
    coding : AdverseEvents
        Gives the grades and how they read.
    category : str
        How the category of events reads.

    Returns
    -------
    alt.LayerChart
        Percent of the column's N, the worst grade at the left. A click on a part of a bar chooses it: the selection "chosen" on
        `about`, column, grade and row, as `core.charts.marks` reads it.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Worst grade", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> worst_grades(result, AdverseEvents(), "All").to_dict()["params"][0]["select"]["fields"]
    ['about']
    """
    import altair as alt

    title = f"{result.title}: {within_sentence(category)}"
    ard = result.ard
    if ard.empty or not result.N:
        return nothing(result, title, "about", "No bar to draw: nobody is on view.")
    if ard.warning.str.startswith(NOT_COLLECTED).any():
        return nothing(result, title, "about", "These events, or their grades, were not collected.")
    table = _table(result)
    bars, left_out = _bars(table)
    parts = _parts(table, bars, coding)
    if parts.empty:
        return nothing(result, title, "about", "No bar to draw: nobody on view has such an event.")
    slots = _slots(bars)
    headed = len(slots) > len(bars)
    bold: Any = alt.condition(HEADED, alt.value("bold"), alt.value("normal")) if headed else "normal"
    axis = alt.Axis(labelExpr=relabelled(slots), ticks=False, domain=False, labelLimit=300, labelFontWeight=bold)
    y = alt.Y("slot:N", title=None, sort=list(slots), axis=axis, scale=alt.Scale(domain=list(slots), paddingInner=0.25))
    x = alt.X("low:Q", title="Subjects (%)", scale=alt.Scale(domain=[0, 100], nice=False))
    beyond = alt.Chart(data(bars)).mark_text(align="left", dx=5, color=theme.MUTED, fontSize=theme.SMALL_TEXT_SIZE)
    layers = [
        _stacks(parts, coding, x, y),
        *_counts(parts, coding, y),
        beyond.encode(x="percent:Q", y=y, text="share:N"),
    ]
    line = grades.told("Each subject once a bar, at the worst grade; percent of the column's N", coding)
    more = f"{counted(left_out, 'less frequent term')} not drawn" if left_out else ""
    text = heading(result, title, line, more)
    height = theme.ROW_HEIGHT * len(slots)
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDTH, height=height, title=text))


def _table(result: Result) -> pd.DataFrame:
    """Return one row per term, column and grade, in the order of the results, with the bar it belongs to: its slot."""
    ard = result.ard[result.ard.variable != "SOC"]
    keys = ["variable", "variable_level", "group2_level", "group1_level", "context"]
    wide = ard.astype(dict.fromkeys(keys, object)).set_index([*keys, "stat_name"]).stat.unstack("stat_name", sort=False)
    wide = wide.reindex(columns=STATS).reset_index()
    wide.columns = ["variable", "level", "soc", "column", "grade", *STATS]
    about = wide.variable + "~" + wide.level + "~" + wide.soc
    return wide.assign(
        about=about,
        slot=about + "~" + wide.column,
        term=wide.level.map(sentence_case),
        share=[count_percent(n, percent, "%") for n, percent in zip(wide.n, wide.percent, strict=True)],
    )


def _bars(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return one row a bar, any event first, then the terms most frequent in the last column; and how many are left out."""
    whole = table[table.grade == ANY]
    columns = list(dict.fromkeys(whole.column))
    drawn = columns[:-1] or columns
    last = whole[whole.column == columns[-1]]
    terms = last[last.variable == "PT"].sort_values(["n", "level"], ascending=[False, True], kind="stable")
    most = MOST if len(drawn) == 1 else MOST_BY_COLUMN
    order = [*last.about[last.variable == "ANY"], *terms.about.head(most)]
    bars = whole[whole.about.isin(order) & whole.column.isin(drawn)]
    place = bars.about.map({about: at for at, about in enumerate(order)})
    return bars.iloc[place.argsort(kind="stable")].reset_index(drop=True), max(0, len(terms) - most)


def _slots(bars: pd.DataFrame) -> dict[str, str]:
    """Return the slots from top to bottom and how each reads: of several columns, a term heads those of its own."""
    if bars.column.nunique() == 1:
        return dict(zip(bars.slot, bars.term, strict=True))
    slots: dict[str, str] = {}
    for bar in bars.itertuples():
        slots |= {str(bar.about): str(bar.term), str(bar.slot): f"{bar.column} (N={bar.N:.0f})"}
    return slots


def _parts(table: pd.DataFrame, bars: pd.DataFrame, coding: AdverseEvents) -> pd.DataFrame:
    """Return one row per bar and grade of which there is anybody, the worst first, with where it begins and ends."""
    order = {grade: at for at, grade in enumerate([*reversed(coding.levels), grades.MISSING])}
    place = {slot: at for at, slot in enumerate(bars.slot)}
    parts = table[table.slot.isin(place) & table.grade.isin(order) & (table.n > 0)]
    rank = parts.slot.map(place) * len(order) + parts.grade.map(order)
    parts = parts.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
    high = parts.groupby("slot", sort=False).percent.cumsum()
    low = high - parts.percent
    return parts.assign(
        about=parts.column + "|" + parts.grade + "|" + parts.about,
        low=low,
        high=high,
        middle=(low + high) / 2,
        name=parts.grade.map(grades.names(coding)),
        text=[f"{n:.0f}" for n in parts.n],
    )


def _stacks(parts: pd.DataFrame, coding: AdverseEvents, x: "alt.X", y: "alt.Y") -> "alt.Chart":
    """The parts of all bars; a click on one tells its column, grade and term."""
    import altair as alt

    choice = chosen("about")
    told = {
        "term": "Term",
        "column": "Column",
        "name": "Worst grade" if coding.graded else "Worst severity",
        "share": "n (%)",
    }
    return alt.Chart(data(parts)).mark_bar(cursor="pointer", stroke=theme.PAPER, strokeWidth=0.6).encode(
        x=x, x2="high:Q", y=y, fill=grades.fill(coding, list(dict.fromkeys(parts.grade))), opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip


def _counts(parts: pd.DataFrame, coding: AdverseEvents, y: "alt.Y") -> list["alt.Chart"]:
    """The counts that find room in their parts, each in the text that can be read there."""
    import altair as alt

    room = parts[(parts.high - parts.low) / 100 * theme.WIDTH >= DIGIT * parts.text.str.len() + 4]
    shades = room.grade.map({level: grades.shown_on(level, coding) for level in grades.names(coding)})
    return [
        alt.Chart(data(part)).mark_text(color=shade, fontSize=theme.SMALL_TEXT_SIZE, cursor="pointer").encode(
            x="middle:Q", y=y, text="text:N"
        )
        for shade, part in room.groupby(shades)
    ]  # fmt: skip
