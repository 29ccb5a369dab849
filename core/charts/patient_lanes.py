"""Doses, specimens and values of one patient: a lane each."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.charts import theme
from core.charts.parts import lit
from core.charts.patient_axis import DOSES, LABEL, SMALL, VALUES, Lane, Stack, carried, short, tips, x_of, y_of
from core.formats import recorded

if TYPE_CHECKING:
    import altair as alt


def dose_layers(doses: pd.DataFrame, stack: Stack, choice: "alt.Parameter") -> "list[alt.Chart]":
    """Draw each dose, and its amount where it differs from the one before."""
    import altair as alt

    if doses.empty:
        return []
    top = stack.add(DOSES, "Doses", *sorted(set(doses.family) - {""})[:1])
    drawn = doses.sort_values("x").assign(y=top + DOSES / 2)
    base = alt.Chart(carried(drawn)).encode(x=x_of(), y=y_of(), opacity=lit(choice, theme.FADED), tooltip=tips())
    points = base.mark_point(shape="triangle-down", filled=True, size=70, color=theme.LEVELS[0], cursor="pointer")
    changed = drawn[drawn.number.ne(drawn.number.shift()) & drawn.number.notna()]
    amounts = changed.assign(text=[recorded(x) for x in changed.number])
    text = alt.Chart(carried(amounts)).mark_text(fontSize=theme.SMALL_TEXT_SIZE, color=theme.INK, align="left", dx=6, aria=False)  # fmt: skip
    return [points, text.encode(x=x_of(), y=y_of(), text="text:N")]


def specimen_layers(specimens: pd.DataFrame, stack: Stack, choice: "alt.Parameter") -> "list[alt.Chart]":
    """Draw each specimen: filled when it is evaluable, else outlined; those of one day beside each other."""
    import altair as alt

    if specimens.empty:
        return []
    top = stack.add(SMALL, "Specimens")
    place = specimens.groupby("x").cumcount()
    many = specimens.groupby("x").x.transform("size")
    drawn = specimens.assign(y=top + SMALL / 2 + 10 * (place - (many - 1) / 2), filled=(specimens.unused == "").astype(float))  # fmt: skip
    mark = alt.Chart(carried(drawn)).mark_point(size=40, strokeWidth=1.75, cursor="pointer", color=theme.LEVELS[2], fill=theme.LEVELS[2], shape="square")  # fmt: skip
    return [mark.encode(x=x_of(), y=y_of(), opacity=lit(choice, theme.FADED), fillOpacity=alt.FillOpacity("filled:Q", scale=None), tooltip=tips())]  # fmt: skip


def value_layers(lane: Lane, placed: pd.DataFrame, stack: Stack, choice: "alt.Parameter") -> "list[alt.Chart]":
    """Draw the values of one parameter as a line; those below a limit are outlined, at the limit."""
    import altair as alt

    of = placed[
        (placed.dataset == lane.dataset) & (placed.code == lane.code) & placed.x.notna() & placed.number.notna()
    ]
    unit = f" ({lane.unit})" if lane.unit else ""
    name = lane.label if len(lane.label + unit) > LABEL else lane.label + unit
    if of.empty:
        stack.add(SMALL, short(name), "no dated value")
        return []
    low, high = float(of.number.min()), float(of.number.max())
    below = {number: "<" * bool(of.below[of.number == number].any()) for number in (low, high)}
    ends = " to ".join(dict.fromkeys(below[number] + recorded(number) for number in (low, high)))
    top = stack.add(VALUES, short(name), ends, shaded=True)
    log = lane.log and low > 0
    level = np.log(of.number) if log else of.number
    reach = float(level.max() - level.min())
    share = (level - level.min()) / reach if reach > 0 else pd.Series(0.5, of.index)
    drawn = of.assign(
        y=top + VALUES - 12 - share * (VALUES - 24), filled=(~of.below).astype(float), text=[recorded(x) for x in of.number]
    ).sort_values(["x", "row"])  # fmt: skip
    base = alt.Chart(carried(drawn)).encode(x=x_of(), y=y_of(), opacity=lit(choice, theme.FADED))
    colour = theme.LEVELS[len(stack.shaded) % 2]
    line = base.mark_line(stroke=colour, strokeWidth=1.5, interpolate="linear" if lane.dataset != "ADQS" else "step-after", aria=False).encode(order="x:Q")  # fmt: skip
    points = base.mark_point(size=44, strokeWidth=1.75, color=colour, fill=colour, cursor="pointer").encode(
        fillOpacity=alt.FillOpacity("filled:Q", scale=None), tooltip=tips()
    )
    texts = base.mark_text(dy=-9, fontSize=theme.SMALL_TEXT_SIZE, color=theme.INK, aria=False).encode(text="text:N")
    return [line, points, *([texts] if lane.dataset == "ADQS" else [])]
