"""Stacked bars: subjects of each term by their worst grade."""

from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import grades, theme
from core.charts.parts import chosen, data, heading, lit, nothing, relabelled
from core.formats import NOT_COLLECTED, count_percent, counted, sentence_case
from core.study import AdverseEvents

if TYPE_CHECKING:
    import altair as alt

MOST, MOST_BY_COLUMN = 18, 8
"""Terms that are drawn, the most frequent: of one column, and of several."""

HEADED = "length(split(datum.value, '~')) == 3"
"""Whether a row only heads the columns of its term."""

STATS = ["n", "N", "percent"]
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
        Percent of the column's N, the worst grade at the left. A click on a part of a bar chooses its term: the selection
        "chosen" on `about`, its parts joined by "~".

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Worst grade", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> worst_grades(result, AdverseEvents(), "All").to_dict()["params"][0]["select"]["fields"]
    ['about']
    """
    import altair as alt

    title = f"{result.title}: {category[0].lower() + category[1:]}"
    ard = result.ard
    if ard.empty or not result.N:
        return nothing(result, title, "about", "No bar to draw: nobody is on view.")
    if ard.warning.str.startswith(NOT_COLLECTED).any():
        return nothing(result, title, "about", "These events, or their grades, were not collected.")
    parts, left_out = _parts(result, coding)
    drawn = parts[parts.n > 0]
    slots = dict(zip(parts.slot, parts.label, strict=True))
    choice = chosen("about")
    bold = (
        alt.condition(HEADED, alt.value("bold"), alt.value("normal")) if len(slots) > drawn.slot.nunique() else "normal"
    )
    axis = alt.Axis(labelExpr=relabelled(slots), ticks=False, domain=False, labelLimit=300, labelFontWeight=bold)
    y = alt.Y("slot:N", title=None, sort=list(slots), axis=axis, scale=alt.Scale(domain=list(slots), paddingInner=0.25))
    x = alt.X("low:Q", title="Subjects (%)", scale=alt.Scale(domain=[0, 100], nice=False))
    told = {"term": "Term", "column": "Column", "name": "Worst grade", "share": "n (%)"}
    used = list(dict.fromkeys(drawn.grade))
    bars = alt.Chart(data(drawn)).mark_bar(cursor="pointer", stroke=theme.PAPER, strokeWidth=0.6).encode(
        x=x, x2="high:Q", y=y, fill=grades.fill(coding, used), opacity=lit(choice, 0.35),
        tooltip=[alt.Tooltip(f"{field}:N", title=head) for field, head in told.items()],
    ).add_params(choice)  # fmt: skip
    room = drawn[(drawn.high - drawn.low) / 100 * theme.WIDTH >= DIGIT * drawn.text.str.len() + 4]
    shades = room.grade.map({level: grades.shown_on(level, coding) for level in grades.names(coding)})
    texts = [
        alt.Chart(data(room[shades == shade])).mark_text(color=shade, fontSize=theme.SMALL_TEXT_SIZE, cursor="pointer").encode(
            x="middle:Q", y=y, text="text:N"
        )
        for shade in (theme.INK, theme.PAPER) if (shades == shade).any()
    ]  # fmt: skip
    whole = drawn.drop_duplicates("slot")
    totals = alt.Chart(data(whole)).mark_text(align="left", dx=5, color=theme.MUTED, fontSize=theme.SMALL_TEXT_SIZE)
    layers = [bars, *texts, totals.encode(x="whole:Q", y=y, text="any:N")]
    line = grades.told("Each subject once a bar, at the worst grade; percent of the column's N", coding)
    more = f"{counted(left_out, 'less frequent term')} not drawn" if left_out else ""
    text = heading(result, title, line, more)
    height = theme.ROW_HEIGHT * len(slots)
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDTH, height=height, title=text))


def _parts(result: Result, coding: AdverseEvents) -> tuple[pd.DataFrame, int]:
    """Return one row per bar and grade, a heading row for each term where there are several columns, and how many terms are left out."""
    ard = result.ard[result.ard.variable != "SOC"]
    keys = ["variable", "variable_level", "group2_level", "group1_level", "context"]
    wide = ard.astype(dict.fromkeys(keys, object)).set_index([*keys, "stat_name"]).stat.unstack("stat_name", sort=False)
    wide = wide.reindex(columns=STATS).reset_index()
    wide.columns = ["variable", "level", "soc", "column", "grade", *STATS]
    columns = list(dict.fromkeys(wide.column))
    total = wide[(wide.column == columns[-1]) & (wide.grade == "any")]
    terms = total[total.variable == "PT"].sort_values(["n", "level"], ascending=[False, True], kind="stable")
    bars = [column for column in columns if column != columns[-1]] or columns
    most = MOST if len(bars) == 1 else MOST_BY_COLUMN
    shown = pd.concat([total[total.variable == "ANY"], terms.head(most)])
    order = [*reversed(coding.levels), grades.MISSING]
    names = grades.names(coding)
    frames = []
    for _, row in shown.iterrows():
        about = "~".join((row.variable, row.level, row.soc))
        term = sentence_case(row.level)
        if len(bars) > 1:
            frames.append(pd.DataFrame({"slot": [about], "label": [term], "n": [0.0]}))
        for column in bars:
            here = wide[(wide.variable == row.variable) & (wide.level == row.level) & (wide.soc == row.soc) & (wide.column == column)].set_index("grade")  # fmt: skip
            any_ = here.loc["any"]
            part = here.loc[order].reset_index()
            part["high"] = part.percent.fillna(0).cumsum()
            part["slot"] = f"{about}~{column}"
            part["label"] = f"{column} (N={any_.N:.0f})" if len(bars) > 1 else term
            frames.append(
                part.assign(about=about, term=term, whole=any_.percent, any=count_percent(any_.n, any_.percent, "%"))
            )
    parts = pd.concat(frames, ignore_index=True)
    parts["low"] = parts.high - parts.percent
    parts["middle"] = (parts.low + parts.high) / 2
    parts["name"] = parts.grade.map(names)
    parts["text"] = [f"{n:.0f}" for n in parts.n]
    parts["share"] = [
        count_percent(n, percent, "%") for n, percent in zip(parts.n, parts.percent.fillna(0), strict=True)
    ]
    return parts, max(0, len(terms) - most)
