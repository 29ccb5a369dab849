"""Results for figures, drawn by hand; and what can be read off a figure."""

import io
from collections.abc import Iterator
from dataclasses import make_dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.ard import Result, join, rows
from tests.drawing import records

UNITED = Result("drawn", "Drawn by hand", "drawn", "A study", True, "2024-12-31", "", "Evaluable", "", 30, {"conf": 0.95}, join([]))  # fmt: skip


def stats(context: str, warning: str = "", key: dict[str, str] | None = None, **numbers: float) -> pd.DataFrame:
    """Rows of analysis results with made-up numbers, which no figure could compute itself."""
    return rows(make_dataclass("Made", list(numbers))(**numbers), warning, context=context, **(key or {}))


def estimates(level: str = "", **other: float) -> pd.DataFrame:
    key = {"variable": "M", "group1": "SPLIT" if level else "", "group1_level": level}
    t = {
        "n": 6,
        "mean_change": -37.9,
        "sd_change": 9.0,
        "t": -4.0,
        "df": 5,
        "p_value": 0.0003,
        "conf_low": -55.2,
        "conf_high": -20.5,
    }
    w = {
        "n": 6,
        "n_zero": 1,
        "n_tied": 0,
        "w_plus": 1,
        "w_minus": 14,
        "exact": 1,
        "p_value": 0.0006,
        "p_attainable": 0.03,
    }
    h = {"estimate": -36.5, "conf_low": -54.0, "conf_high": -19.5, "coverage": 0.96}
    middle = [
        stats("summary", "", key | {"group2": "AVISIT", "group2_level": visit}, median=median)
        for visit, median in (("Baseline", 5.25), ("Week 9", 3.75))
    ]
    shares = [
        stats("below_limit", "", key | {"group2": "AVISIT", "group2_level": visit}, n=6, n_below=2, percent=100 / 3)
        for visit in ("Baseline", "Week 9")
    ]
    return join(
        [
            *middle,
            *shares,
            stats("paired_t", "", key, **t | other),
            stats("wilcoxon", "", key, **w),
            stats("hodges_lehmann", "", key, **h),
        ]
    )


def pairs(drawing: str, scale: str = "raw", rule: str = "half", ard: pd.DataFrame | None = None) -> Result:
    """A result of drawn pairs: `<0.2` is below that limit, a blank is missing."""
    table = pd.read_csv(io.StringIO(records(drawing)), dtype=str, keep_default_na=False)
    frame = pd.DataFrame({"USUBJID": table.USUBJID, "group": table.get("group", pd.Series("", index=table.index))})
    for side in ("earlier", "later"):
        text = table[side]
        below = text.str.startswith("<")
        limit = pd.to_numeric(text.str[1:].where(below))
        stand_in = limit / 2 if rule == "half" else limit * np.nan
        frame[side] = pd.to_numeric(text.where(~below)).fillna(stand_in)
        frame[f"{side}_below"], frame[f"{side}_limit"] = below, limit
    both_below = frame.earlier_below & frame.later_below
    change = np.log2(frame.later / frame.earlier) if scale == "log2" else frame.later - frame.earlier
    there = [frame[side].notna() | frame[f"{side}_below"] for side in ("earlier", "later")]
    frame["change"] = change.where(~both_below, 0.0)
    frame["paired"] = there[0] & there[1]
    frame["days_between"] = 63.0
    found = estimates() if ard is None else ard
    return Result(**{**vars(UNITED), "ard": found, "records": frame})


def rows_of(chart: Any) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Each layer of a figure with the rows that it draws."""
    written = chart.to_dict()
    for layer in written["layer"]:
        name = layer.get("data", written.get("data", {})).get("name", "")
        yield layer, written["datasets"].get(name, [])


def layer(chart: Any, mark: str, **told: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The one layer with this mark whose channels are of these fields."""
    wanted = [
        (each, data) for each, data in rows_of(chart)
        if each["mark"]["type"] == mark
        and all(each["encoding"].get(channel, {}).get("field") == field for channel, field in told.items())
    ]  # fmt: skip
    assert len(wanted) == 1, f"{len(wanted)} layers of {mark} with {told}"
    return wanted[0]


def told(chart: Any) -> str:
    """What stands below the title, as one text."""
    return " ".join(chart.to_dict()["title"]["subtitle"])
