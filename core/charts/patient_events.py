"""Adverse events of one patient: a bar each, from onset to end."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.charts import theme
from core.charts.grades import colours
from core.charts.parts import lit, scale
from core.charts.patient_axis import PAUSE, ROW, Axis, Stack, carried, short, tips, x_of, y_of
from core.study import Study

if TYPE_CHECKING:
    import altair as alt


LEAST = 5
"""A bar is at least as many pixels wide, so that a day is seen."""

DIGIT = 9
NO_GRADE = "No grade"


def event_layers(
    events: pd.DataFrame, axis: Axis, stack: Stack, study: Study, choice: "alt.Parameter"
) -> "list[alt.Chart]":
    """Draw a bar from onset to end for each event, coloured by grade; the grade stands in it where there is room."""
    import altair as alt

    if events.empty:
        return []
    stack.add(PAUSE)
    drawn = _rows(events.sort_values(["x", "row"]), axis, stack)
    labels = {0: NO_GRADE} | {rank: study.adverse_events.grade_label(level) for rank, level in enumerate(study.adverse_events.levels, 1)}  # fmt: skip
    drawn["grade_label"] = drawn.grade.map(labels)
    of = colours(len(labels) - 1)
    shades = dict(enumerate([of[-1], *of[:-1]]))
    there = [rank for rank in labels if rank and (drawn.grade == rank).any()] + [0] * bool((drawn.grade == 0).any())
    legend = alt.Legend(title=None, symbolType="square", columns=len(labels), labelLimit=0)
    fill = alt.Fill("grade_label:N", legend=legend, scale=scale([labels[rank] for rank in there], [shades[rank] for rank in there]))  # fmt: skip
    bars = alt.Chart(carried(drawn)).mark_rect(stroke=theme.INK, cursor="pointer").encode(
        x=x_of(), x2="end:Q", y=y_of(), y2="y2:Q", fill=fill, opacity=lit(choice, theme.FADED),
        strokeWidth=alt.StrokeWidth("outline:Q", scale=None), tooltip=tips(),
    )  # fmt: skip
    layers = [bars]
    graded = study.adverse_events.graded
    drawn["text"] = [study.adverse_events.levels[rank - 1] if graded else labels[rank] for rank in drawn.grade]
    room = drawn[((drawn.end - drawn.x) * axis.per_day > DIGIT * drawn.text.str.len()) & (drawn.grade > 0)]
    room = room.assign(x=(room.x + room.end) / 2)
    for dark in (True, False):
        part = room[(room.grade.map(lambda rank: shades[rank] in theme.GRADES[2:])) == dark]
        if len(part):
            text = alt.Chart(carried(part)).mark_text(color=theme.PAPER if dark else theme.INK, fontSize=theme.SMALL_TEXT_SIZE, cursor="pointer", aria=False)  # fmt: skip
            layers.append(text.encode(x=x_of(), y=y_of("middle:Q"), text="text:N"))
    arrows = {"triangle-right": drawn[drawn.lasting].assign(x=drawn.end), "triangle-left": drawn[drawn.earlier]}
    for shape, part in arrows.items():
        if len(part):
            arrow = alt.Chart(carried(part)).mark_point(shape=shape, filled=True, size=60, color=theme.INK, opacity=1, aria=False)  # fmt: skip
            layers.append(arrow.encode(x=x_of(), y=y_of("middle:Q")))
    vague = drawn[drawn.vague & ~drawn.earlier]
    if len(vague):
        ask = alt.Chart(carried(vague)).mark_text(text="?", align="right", dx=-3, fontWeight="bold", fontSize=theme.TEXT_SIZE, color=theme.INK, aria=False)  # fmt: skip
        layers.append(ask.encode(x=x_of(), y=y_of("middle:Q")))
    return layers


def _rows(events: pd.DataFrame, axis: Axis, stack: Stack) -> pd.DataFrame:
    """Give every event a row: those of one term share one as long as they do not meet."""
    events = events.assign(earlier=events.x < axis.low, x=events.x.clip(lower=axis.low))
    end = events.x2.where(events.x2.notna(), max(axis.stop, axis.low)).clip(lower=events.x) + 1
    end = np.maximum(end, events.x + LEAST / axis.per_day)
    top = pd.Series(0, events.index)
    for term, of in events.groupby("what", sort=False):
        free: list[tuple[float, int]] = []
        for at, x in of.x.items():
            row = next((n for n, (until, _) in enumerate(free) if until <= x + 1e-9), len(free))
            place = free[row][1] if row < len(free) else stack.add(ROW, short(str(term)) if not row else "")
            free[row:] = [(float(end[at]), place), *free[row + 1 :]]
            top[at] = place
    serious = np.where(events.serious, 2.0, 0.5)
    return events.assign(end=end, y=top + 2, y2=top + ROW - 2, middle=top + ROW / 2, outline=serious)
