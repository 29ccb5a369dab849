"""Courses of patients: one lane each, with treatment, doses, adverse events by grade, and how it ended."""

from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import grades, theme
from core.charts.parts import chosen, data, heading, hover, lit, nothing, scale
from core.charts.time_axis import ticks
from core.formats import counted, sentence_case, within_sentence
from core.study import AdverseEvents

if TYPE_CHECKING:
    import altair as alt

LANE, THICK, POINT = 20, 11, 62
EARLIEST = -28
"""Days since the first dose from which events are drawn."""

ENDS = {"Died": "cross", "On treatment": "triangle-right", "Off study": "square", "After treatment": "diamond"}
"""How the end of a lane is marked."""


def swimmer(result: Result, coding: AdverseEvents, category: str) -> "alt.LayerChart":
    """Draw the course of each patient shown, in the order of the result.

    Parameters
    ----------
    result : Result
        Of the output ae_timeline.
    coding : AdverseEvents
        Gives the grades and how they read.
    category : str
        How the category of events reads.

    Returns
    -------
    alt.LayerChart
        A click on an event or a lane chooses its patient: the selection "chosen" on `about`, its parts joined by "~".

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Courses", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> swimmer(result, AdverseEvents(), "All").to_dict()["params"][0]["select"]["fields"]
    ['about']
    """
    import altair as alt

    title = f"{result.title}: {within_sentence(category)}"
    marks = result.records
    if marks.empty:
        return nothing(result, title, "about", "No course to draw: nobody on view was dosed.")
    marks = marks.assign(about="USUBJID~" + marks.USUBJID + "~")
    subjects = list(dict.fromkeys(marks.USUBJID))
    kinds = {kind: marks[marks.kind == kind] for kind in ("treatment", "observed", "dose", "event", "end")}
    drawn, early = _events(kinds["event"], kinds["end"], coding)
    last = float(marks.day.max())
    first = min(0.0, float(drawn.day.min())) if len(drawn) else 0.0
    axis = alt.Axis(values=[tick for tick in ticks(last) if tick <= last])
    x = alt.X("day:Q", title="Days since the first dose", scale=alt.Scale(domain=[first - 2, last + 6], nice=False), axis=axis)  # fmt: skip
    y = alt.Y("USUBJID:N", title=None, sort=subjects, scale=alt.Scale(domain=subjects), axis=alt.Axis(ticks=False, domain=False, labelFontSize=theme.SMALL_TEXT_SIZE))  # fmt: skip
    choice = chosen("about")
    shade = lit(choice, 0.3)
    lanes = [
        alt.Chart(data(kinds["observed"])).mark_rule(color=theme.RULE, strokeWidth=2).encode(x=x, x2="until:Q", y=y),
        alt.Chart(data(kinds["treatment"])).mark_bar(color=theme.COUNTS[0], stroke=theme.RULE, strokeWidth=0.7, height=THICK, cursor="pointer")
        .encode(x=x, x2="until:Q", y=y, opacity=shade, tooltip=[alt.Tooltip("USUBJID:N", title="Patient")]),
    ]  # fmt: skip
    doses = alt.Chart(data(kinds["dose"])).mark_tick(color=theme.LEVELS[0], thickness=2, height=THICK).encode(
        x=x, y=y, opacity=shade, tooltip=hover({"USUBJID": "Patient", "text": "Dose", "day": "Days since the first dose"}),
    )  # fmt: skip
    layers = [
        *lanes,
        *([doses] if len(kinds["dose"]) else []),
        *_points(drawn, coding, x, y, choice),
        _ends(kinds["end"], x, y),
    ]
    who = f"{counted(len(subjects), 'patient')}; bar: treatment, line: observed; {'tick: dose, ' if len(kinds['dose']) else ''}point: onset of an event"
    lines = [grades.told(who, coding), f"{counted(early, 'event')} before day {EARLIEST} not drawn" if early else ""]
    text = heading(result, title, *lines)
    return theme.themed(
        alt.LayerChart(layer=layers).properties(width=theme.WIDTH + 120, height=LANE * len(subjects), title=text)
    )


def _events(events: pd.DataFrame, ends: pd.DataFrame, coding: AdverseEvents) -> tuple[pd.DataFrame, int]:
    """Return the events that are drawn, the mildest first so that the worst lie on top, and how many lie too early."""
    drawn = events[events.day >= EARLIEST]
    stop = ends.set_index("USUBJID").day.reindex(drawn.USUBJID).to_numpy()
    order = {name: at for at, name in enumerate((grades.MISSING, *coding.levels))}
    frame = drawn.assign(
        rank=drawn.grade.map(order),
        term=[sentence_case(str(text)) for text in drawn.text],
        name=drawn.grade.map(grades.names(coding)),
        colour=drawn.grade.map(dict(zip(grades.names(coding), grades.colours(len(coding.levels)), strict=True))),
        until=drawn.until.fillna(pd.Series(stop, drawn.index)).clip(lower=drawn.day),
        lasts=[
            "no end date" if pd.isna(until) else counted(int(until - day) + 1, "day")
            for day, until in zip(drawn.day, drawn.until, strict=True)
        ],
        exact=["first possible day" if vague else "known to the day" for vague in drawn.vague],
    )
    return frame.sort_values("rank", kind="stable"), len(events) - len(drawn)


def _ends(ends: pd.DataFrame, x: "alt.X", y: "alt.Y") -> "alt.Chart":
    """The mark at the end of each lane: died, off study, still watched."""
    import altair as alt

    there = [name for name in ENDS if name in set(ends.text)]
    legend = alt.Legend(title=None, orient="bottom", symbolFillColor=theme.INK, symbolStrokeColor=theme.INK)
    return alt.Chart(data(ends)).mark_point(filled=True, size=70, opacity=1, color=theme.INK).encode(
        x=x, y=y, shape=alt.Shape("text:N", scale=scale(there, [ENDS[name] for name in there]), legend=legend),
        tooltip=[alt.Tooltip("USUBJID:N", title="Patient"), alt.Tooltip("text:N", title="Now"), alt.Tooltip("day:Q", title="Days since the first dose")],
    )  # fmt: skip


def _points(
    events: pd.DataFrame, coding: AdverseEvents, x: "alt.X", y: "alt.Y", choice: "alt.Parameter"
) -> list["alt.Chart"]:
    """A point at each onset, and a thin line while the event lasts."""
    import altair as alt

    used = list(dict.fromkeys(events.grade))
    told = {"USUBJID": "Patient", "term": "Event", "name": "Grade" if coding.graded else "Severity", "day": "Days since the first dose", "lasts": "Lasted", "exact": "Onset"}  # fmt: skip
    fill = grades.fill(coding, used, symbol="circle")
    # A second channel of the same field, without a legend, would take the legend of the first away.
    stroke = alt.Stroke("colour:N", scale=None)
    base = alt.Chart(data(events)).encode(x=x, y=y, opacity=lit(choice, 0.3))
    lines = base.mark_rule(strokeWidth=2.5, strokeOpacity=0.55).encode(x2="until:Q", stroke=stroke)
    points = base.mark_point(filled=True, size=POINT, stroke=theme.MUTED, strokeWidth=0.8, cursor="pointer").encode(
        fill=fill, tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    return [lines, points]
