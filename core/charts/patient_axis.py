"""The axis of days that everything of one patient stands on, and the lanes under each other beside it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.charts import theme
from core.charts.parts import data, hover

if TYPE_CHECKING:
    import altair as alt

WIDTH = 760
SMALL, DOSES, VALUES, ROW, PAUSE, LINE = 22, 28, 58, 17, 12, 14
"""Heights in pixels: of a lane of marks, of doses, of values, of an event, between groups, of a text."""

EARLIEST = -42
"""Events do not draw the axis out to before this day; those that began earlier have an arrow there."""

MILESTONES = {
    "TRTSDT": "First dose",
    "TRTEDT": "Last dose",
    "EOSDT": "End of study",
    "RFENDT": "End of participation",
    "DTHDT": "Death",
}
CUT, DAYS = "Data cut", "Study day"
NEAR = 0.5
"""The data cut is drawn when it is no further behind the last record than this share of the axis."""

TICKS = (1, 2, 7, 14, 21, 28, 56, 84, 168, 364, 728)
MOST_TICKS = 14
NAMES = theme.SMALL_TEXT_SIZE + 1
LABEL = 38
"""Characters of an event's term that fit beside the axis."""

TIP = {"what": "What", "value": "Value", "when": "When", "visit": "Visit", "note": "Note"}


CARRIED = (
    "x", "x2", "end", "y", "y2", "middle", "filled", "fill", "text", "outline", "grade_label", "item", *TIP
)  # fmt: skip
"""What a mark needs; the rest of a record stays out of the figure."""


@dataclass(frozen=True)
class Lane:
    """Whose values stand in a lane: a parameter of a dataset, how it reads, and whether on a logarithmic scale."""

    dataset: str
    code: str
    label: str
    unit: str = ""
    log: bool = False


@dataclass
class Stack:
    """Lanes under each other, from the top: how high they are so far, and what stands beside the axis."""

    height: int = 0
    labels: dict[int, list[str]] = field(default_factory=dict)
    shaded: list[tuple[int, int]] = field(default_factory=list)

    def add(self, height: int, *label: str, shaded: bool = False) -> int:
        """Return where a new lane begins, in pixels."""
        top = self.height
        self.height += height
        if label:
            self.labels[top + height // 2] = list(label)
        if shaded:
            self.shaded.append((top, top + height))
        return top


@dataclass(frozen=True)
class Axis:
    """Days on the axis: 0 is day 1. `stop` is how far events without an end are drawn."""

    low: float
    high: float
    stop: float
    cut: float | None

    @classmethod
    def of(cls, placed: pd.DataFrame, cut: float) -> "Axis":
        """Return the axis that holds all records on it, and the data cut where it is near."""
        dates = placed[placed.dataset == "ADSL"].set_index("code").x
        of_study = dates[[name for name in (*MILESTONES, "LSTALVDT") if name in dates]]
        others = placed[placed.dataset != "ADSL"]
        before = others.x.where(others.dataset != "ADAE", others.x.clip(lower=EARLIEST))
        days = pd.concat([before, others.x2, of_study]).dropna()
        low, high = min(float(days.min()), 0.0), max(float(days.max()), 1.0)
        shown = cut if cut <= high + NEAR * (high - low) else None
        high = max(high, cut) if shown is not None else high
        ends = [float(dates[name]) for name in ("DTHDT", "EOSDT") if name in dates and pd.notna(dates[name])]
        stop = min([*ends, cut, high])
        margin = 0.02 * (high - low)
        return cls(low - margin, high + margin, stop, shown)

    @property
    def per_day(self) -> float:
        """Pixels of a day."""
        return WIDTH / (self.high - self.low)

    @property
    def ticks(self) -> list[int]:
        """Positions of the ticks, of which day 1 is one."""
        step = next((each for each in TICKS if (self.high - self.low) / each <= MOST_TICKS), TICKS[-1])
        return [k * step for k in range(int(np.ceil(self.low / step)), int(self.high // step) + 1)]


def place_of(day: float) -> float:
    """Return the place of a study day, which has no day 0, on an axis where day 1 is 0.

    Examples
    --------
    >>> place_of(1.0), place_of(-1.0)
    (0.0, -1.0)
    """
    return day - 1 if day > 0 else day


def on_axis(records: pd.DataFrame) -> pd.DataFrame:
    """Return records with their place on the axis, and how their days read."""
    x, x2 = (records[name].where(records[name] < 0, records[name] - 1) for name in ("from_day", "end_day"))
    return records.assign(x=x, x2=x2, when=[_when(each) for each in records.itertuples()])


def _when(record) -> str:  # type: ignore[no-untyped-def]
    if pd.isna(record.date):
        return "day not known"
    text = f"{record.date.date()} (day {record.day:.0f})"
    if pd.notna(record.end_date) and record.end_date != record.date:
        return f"{text} to {record.end_date.date()} (day {record.end_day:.0f})"
    return f"{text}, no end recorded" if record.lasting and record.dataset == "ADAE" else text


def short(text: str) -> str:
    """Return a name that fits beside the axis.

    Examples
    --------
    >>> short("Ejection fraction decreased, as told by the patient")
    'Ejection fraction decreased, as told …'
    """
    return text if len(text) <= LABEL else text[: LABEL - 1] + "…"


def y_of(field_: str = "y:Q") -> "alt.Y":
    """Return a height in pixels, from the top, which no axis shows."""
    import altair as alt

    return alt.Y(field_, axis=None)


def carried(frame: pd.DataFrame) -> "alt.InlineData":
    """Return of a frame what its marks need.

    Examples
    --------
    >>> carried(pd.DataFrame({"x": [1.0], "family": ["mg"]})).to_dict()["values"]
    [{'x': 1.0}]
    """
    return data(frame[[name for name in CARRIED if name in frame]])


def x_of() -> "alt.X":
    """Return a day's place on the axis."""
    import altair as alt

    return alt.X("x:Q", title=DAYS)


def tips(fields: Iterable[str] = TIP) -> "list[alt.Tooltip]":
    """Return what a mark tells of its record.

    Examples
    --------
    >>> [tip.to_dict()["title"] for tip in tips(("what", "when"))]
    ['What', 'When']
    """
    return hover({name: TIP[name] for name in fields})
