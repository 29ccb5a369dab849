"""An axis of days: where it is marked, and the numbers that stand beneath it."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.charts import theme
from core.charts.parts import data
from core.charts.places import Align

if TYPE_CHECKING:
    import altair as alt

BELOW, LINE, ASIDE = 58, 18, 14
"""Pixels from the axis to the first line beneath it, from line to line, and from the axis to the names at its left."""

TICKS = 9
STEPS = (1, 2, 7, 14, 28, 56, 84, 182, 364)
"""Days that may lie between two ticks."""


def ticks(last: float) -> list[float]:
    """Return the days at which an axis is marked: 0, then few enough to read.

    Examples
    --------
    >>> ticks(100)
    [0.0, 14.0, 28.0, 42.0, 56.0, 70.0, 84.0, 98.0]
    """
    step = next((each for each in STEPS if last / each < TICKS), 364 * np.ceil(last / 364 / TICKS))
    return np.arange(0, last + 1e-9, step).tolist()


def beneath(counts: pd.DataFrame, head: str, x: "alt.X", height: float) -> list["alt.Chart"]:
    """Return numbers beneath the axis, a line for each level; the name of a level stands at its left where there are several.

    Parameters
    ----------
    counts : DataFrame
        One row per level and day: `level`, `day`, `n`.
    head : str
        What the numbers are.
    x : alt.X
        The axis, of the field `day`.
    height : float
        Of the plot, in pixels.

    Examples
    --------
    >>> import altair as alt
    >>> counts = pd.DataFrame({"level": ["Total", "Total"], "day": [0, 28], "n": [45, 40]})
    >>> len(beneath(counts, "At risk", alt.X("day:Q"), 300))
    2
    """
    import altair as alt

    levels = list(dict.fromkeys(counts.level))
    layers = []
    heads: list[tuple[str, float, float, Align]] = [(head, 0, height + BELOW, "left")]
    for row, level in enumerate(levels, 1):
        down = height + BELOW + LINE * row
        base = alt.Chart(data(counts[counts.level == level])).mark_text(fontSize=theme.SMALL_TEXT_SIZE, color=theme.INK)
        layers.append(base.encode(x=x, y=alt.value(down), text="n:N"))
        if len(levels) > 1:
            heads.append((level, -ASIDE, down, "right"))
    for text, across, down, align in heads:
        mark = alt.Chart(data(pd.DataFrame({"text": [text]}))).mark_text(
            align=align, fontSize=theme.SMALL_TEXT_SIZE, color=theme.MUTED, limit=0 if align == "left" else 170,
            fontWeight="bold" if align == "left" else "normal",
        )  # fmt: skip
        layers.append(mark.encode(x=alt.value(across), y=alt.value(down), text="text:N"))
    return layers
