"""Cumulative incidence of a first adverse event: steps, limits, and how many were still at risk."""

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, hover, lit, nothing, scale
from core.charts.time_axis import beneath, ticks
from core.formats import interval, percentage, within_sentence

if TYPE_CHECKING:
    import altair as alt

EVENT, RIVALS = "curve_event", {"curve_death": "Died first", "curve_window": "Window ended first"}
FIRST = "First event"
STATS = ["group2_level", "n_at_risk", "estimate", "conf_low", "conf_high"]
HEIGHT = 300


def curves(result: Result, event: str, category: str, grading: str = "") -> "alt.LayerChart":
    """Draw the cumulative incidence of the first event, one curve a column.

    Parameters
    ----------
    result : Result
        Of the output ae_rates.
    event, category : str
        How the chosen event and the category read.
    grading : str
        By which criteria events are graded, where the category is one of grades.

    Returns
    -------
    alt.LayerChart
        Of a single column with its limits, and with what competes. Below the axis stands how many were at risk. A click
        on a step chooses it: the selection "chosen" on `about` (curve, column and day, parted by "~").

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Rates", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> curves(result, "Nausea", "All").to_dict()["params"][0]["select"]["fields"]
    ['about']
    """
    import altair as alt

    title = f"Time to first event: {event} ({within_sentence(category)})"
    records = result.records
    if records.empty:
        return nothing(result, title, "about", "No curve to draw: nobody on view was at risk.")
    every = list(dict.fromkeys(records.group))
    levels = [level for level in every if level != every[-1]] or every
    alone, by_dose = len(levels) == 1, result.options["columns"] != "APERIODC"
    last = float(records.days.max())
    x = alt.X(
        "day:Q",
        title="Day at risk; day 1 is that of the first dose" if by_dose else "Day of the period",
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(values=ticks(last)),
    )
    layers = [
        *_layers(result, _steps(result, levels, alone), alone, x),
        *beneath(_at_risk(records, levels, last), "At risk at the start of the day", x, HEIGHT),
    ]
    had = [(level, records.ended[records.group == level] == "Event") for level in levels]
    counts = "; ".join(
        f"{'' if alone else level + ': '}{one.sum()} of {len(one)} subjects at risk with the event"
        for level, one in had
    )
    text = heading(
        result, title, counts, "Death and the window's end compete; the data cut censors (Aalen-Johansen)", grading
    )
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDTH + 60, height=HEIGHT, title=text))


def _layers(result: Result, steps: pd.DataFrame, alone: bool, x: "alt.X") -> "list[alt.Chart]":
    """Return the curves and their marks, below them the limits of a single one."""
    import altair as alt

    names = list(dict.fromkeys(steps.curve))
    y = alt.Y("estimate:Q", title="Subjects with the event by then (%)", scale=alt.Scale(domain=[0, 100]))
    colours = (theme.LEVELS[0], theme.INK, theme.MUTED) if alone else theme.LEVELS
    legend = alt.Legend(title=None, symbolType="stroke", labelLimit=0, columns=3)
    stroke = alt.Stroke("curve:N", scale=scale(names, colours), legend=legend)
    dash = alt.StrokeDash("curve:N", scale=scale(names, ((1, 0), *theme.DASHES[2:], theme.DASHES[0])), legend=legend)
    choice = chosen("about")
    told = {
        "curve": "Curve",
        "day": "Day at risk",
        "share": "By then (%)",
        "limits": confidence(result),
        "n_at_risk": "At risk",
    }
    base = alt.Chart(data(steps)).encode(x=x, y=y)
    band = base.mark_area(opacity=0.16, interpolate="step-after", color=theme.LEVELS[0]).encode(
        y="conf_low:Q", y2="conf_high:Q"
    )
    lines = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        stroke=stroke, strokeDash=dash, order=alt.Order("place:Q")
    )
    # A second channel of the same field, without a legend, would quarrel with the legend of the first.
    steps = steps.assign(colour=steps.curve.map(dict(zip(names, cycle(colours), strict=False))))
    marks = alt.Chart(data(steps[steps.about != ""])).mark_point(filled=True, size=46, cursor="pointer").encode(
        x=x, y=y, fill=alt.Fill("colour:N", scale=None),
        opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    return [*([band.transform_filter("datum.conf_low != null")] if alone else []), lines, marks]


def _steps(result: Result, levels: list[str], alone: bool) -> pd.DataFrame:
    """Return one row per curve and day at which it may step, each curve from 0 on and to the last day watched."""
    ard = result.ard[(result.ard.group2 == "DAY") & result.ard.group1_level.isin(levels)]
    curves = [EVENT, *RIVALS] if alone else [EVENT]
    wide = ard[ard.context.isin(curves)].astype({"context": object, "group1_level": object, "group2_level": object})
    table = wide.pivot_table(
        index=["group1_level", "context", "group2_level"], columns="stat_name", values="stat", sort=False
    ).reset_index()
    frames = []
    for level in levels:
        days = result.records.days[result.records.group == level]
        for context in curves:
            part = table[(table.group1_level == level) & (table.context == context)] if len(table) else table
            frames.append(_curve(part.reindex(columns=STATS), level, context, days, alone))
    return pd.concat(frames, ignore_index=True)


def _curve(part: pd.DataFrame, level: str, context: str, days: pd.Series, alone: bool) -> pd.DataFrame:
    last, n = float(days.max()) if len(days) else 0.0, len(days)
    part = part.iloc[np.argsort(part.group2_level.astype(float).to_numpy(), kind="stable")].reset_index(drop=True)
    day = part.group2_level.astype(float)
    percent = {name: 100 * part[name].astype(float) for name in ("estimate", "conf_low", "conf_high")}
    frame = pd.DataFrame({"day": day, **percent, "n_at_risk": part.n_at_risk.astype(float)})
    stepped = frame.estimate > frame.estimate.shift(fill_value=0.0)
    key = context.removeprefix("curve_")
    frame["about"] = [
        f"{key}~{level}~{text}" if step else "" for text, step in zip(part.group2_level, stepped, strict=True)
    ]
    ends = {
        "day": [0.0],
        "estimate": [0.0],
        "conf_low": [np.nan],
        "conf_high": [np.nan],
        "n_at_risk": [float(n)],
        "about": [""],
    }
    final = frame.iloc[-1:].assign(day=last, about="") if len(frame) else pd.DataFrame({**ends, "day": [last]})
    frame = pd.concat([pd.DataFrame(ends), frame, final], ignore_index=True)
    # Limits only where they are: an area of missing limits would reach down to 0.
    return frame.assign(
        place=range(len(frame)), curve=(FIRST if context == EVENT else RIVALS[context]) if alone else level,
        share=[percentage(each) for each in frame.estimate],
        limits=["none" if np.isnan(low) else interval(low, high) for low, high in zip(frame.conf_low, frame.conf_high, strict=True)],
        conf_low=frame.conf_low if context == EVENT else np.nan, conf_high=frame.conf_high if context == EVENT else np.nan,
    )  # fmt: skip


def _at_risk(records: pd.DataFrame, levels: list[str], last: float) -> pd.DataFrame:
    """How many are still at risk on each day that the axis marks; on the day that ends it a subject still is."""
    return pd.DataFrame(
        [
            (level, day, int((records.days[records.group == level] >= max(day, 1)).sum()))
            for level in levels
            for day in ticks(last)
        ],
        columns=["level", "day", "n"],
    )
