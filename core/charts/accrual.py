"""Accrual over time against the plan, and month by month."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.funnel import NOBODY, TOTAL, Words
from core.charts.parts import chosen, data, heading, hover, lit, nothing, scale
from core.charts.wide import wide
from core.formats import counted, fixed, within_sentence

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 300
LABELS = 24
"""Months that are named under a figure at most."""

NO_DATES = "No day of registration is supplied, so there is nothing to draw over time."


def cumulative(result: Result, words: Words) -> "alt.LayerChart":
    """Draw accrual over time, all together and group by group, against plan and target.

    Parameters
    ----------
    result : Result
        Of the output accrual.
    words : Words
        By what patients are parted.

    Returns
    -------
    alt.LayerChart
        A dot is a patient; a click chooses one: the selection "chosen" on USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Accrual", "s", "S", True, "2024-12-31", "", "All", "", 0, {}, join([]))
    >>> cumulative(result, Words({})).to_dict()["title"]["subtitle"][1]
    'No patient to draw: nobody on view is registered.'
    """
    import altair as alt

    title = "Accrual over time" + (f", by {within_sentence(words.by)}" if words.by else "")
    if result.records.empty:
        return nothing(result, title, "USUBJID", NOBODY)
    lines = _lines(result)
    if lines.empty:
        return nothing(result, title, "USUBJID", NO_DATES)
    groups = list(dict.fromkeys(lines.line))
    plan, target = _plan(result), _target(result)
    choice = chosen("USUBJID")
    most = float(np.nanmax([lines.n.max(), target])) * 1.07
    y = alt.Y(
        "n:Q", title="Patients accrued", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(domain=[0, most], nice=False)
    )
    colours = scale(groups, (theme.INK, *theme.LEVELS))
    legend = alt.Legend(title=None, symbolType="stroke", symbolSize=280, labelLimit=0) if len(groups) > 1 else None
    strokes = alt.Chart(data(lines)).mark_line(interpolate="step-after", strokeWidth=2).encode(
        x=days("day"), y=y, stroke=alt.Stroke("line:N", scale=colours, sort=groups, legend=legend),
        strokeDash=alt.StrokeDash("line:N", scale=scale(groups, ([1, 0], *theme.DASHES)), sort=groups, legend=legend),
    )  # fmt: skip
    told = {
        "USUBJID": "Patient",
        "day": "Registered",
        "n": "Accrued by then",
        "group": words.by or "",
        "state": "Stands",
    }
    dots = alt.Chart(data(lines[(lines.line == TOTAL) & (lines.USUBJID != "")])).mark_point(filled=True, size=34, cursor="pointer").encode(
        x=days("day"), y=y, fill=alt.value(theme.INK), opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    layers = [strokes, dots]
    known = int(((lines.line == TOTAL) & (lines.USUBJID != "")).sum())
    notes = [f"{counted(known, 'patient', 'patients')} by day of {words.day}"]
    if len(plan):
        layers.insert(
            0, alt.Chart(data(plan)).mark_line(color=theme.MUTED, strokeDash=[6, 4]).encode(x=days("day"), y=y)
        )
        notes.append("straight broken line: the plan of accrual")
    if not np.isnan(target):
        layers = [*target_line(target, f"Target {fixed(target, 0)}", lines.day.min(), y), *layers]
    text = heading(result, title, "; ".join(notes))
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDEST, height=HEIGHT, title=text))


def monthly(result: Result, words: Words) -> "alt.LayerChart":
    """Draw how many patients were registered in each month.

    Parameters
    ----------
    result : Result
        Of the output accrual.
    words : Words
        By what patients are parted.

    Returns
    -------
    alt.LayerChart
        A click chooses a month: the selection "chosen" on `month`.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Accrual", "s", "S", True, "2024-12-31", "", "All", "", 0, {}, join([]))
    >>> monthly(result, Words({})).to_dict()["params"][0]["select"]["fields"]
    ['month']
    """
    import altair as alt

    title = "Registered month by month" + (f", by {within_sentence(words.by)}" if words.by else "")
    if result.records.empty:
        return nothing(result, title, "month", NOBODY)
    bars = _bars(result)
    if bars.empty:
        return nothing(result, title, "month", NO_DATES)
    months, groups = (list(dict.fromkeys(bars[name])) for name in ("month", "group"))
    every = -(-len(months) // LABELS)
    axis = alt.Axis(values=months[::every], labelAngle=-45, ticks=False)
    x = alt.X("month:N", title=None, sort=months, axis=axis, scale=alt.Scale(domain=months, paddingInner=0.25))
    most = max(1.0, float(bars.high.max()))
    y = alt.Y(
        "low:Q", title="Patients registered", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(domain=[0, most * 1.1])
    )
    legend = alt.Legend(title=None, symbolType="square", labelLimit=0) if len(groups) > 1 else None
    choice = chosen("month")
    told = {"month": "Month", "group": words.by, "n": "Registered", "cumulative": "By its end, all together"}
    drawn = alt.Chart(data(bars[bars.n > 0])).mark_bar(stroke=theme.PAPER, strokeWidth=1, cursor="pointer").encode(
        x=x, y=y, y2="high:Q", fill=alt.Fill("group:N", scale=scale(groups, theme.LEVELS), sort=groups, legend=legend),
        opacity=lit(choice, theme.FADED), tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    layers = [drawn]
    pace = _one(result, "MONTH", "planned_per_month", "plan")
    if not np.isnan(pace):
        rule = alt.Chart(alt.InlineData(values=[{"low": pace}])).mark_rule(color=theme.MUTED, strokeDash=[6, 4])
        layers.append(rule.encode(y=y))
    rest = "" if np.isnan(pace) else f"; broken line: {fixed(pace, 1)} a month, as planned"
    text = heading(result, title, f"By day of {words.day}; the last month is counted up to {result.data_cut}{rest}")
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDEST, height=HEIGHT - 60, title=text))


def target_line(target: float, label: str, day: str, y: "alt.Y") -> list["alt.Chart"]:
    """Return a level line across a figure of days, and its name at its beginning.

    Examples
    --------
    >>> import altair as alt
    >>> [layer.to_dict()["mark"]["type"] for layer in target_line(60, "Target 60", "2024-01-01", alt.Y("n:Q"))]
    ['rule', 'text']
    """
    import altair as alt

    values = alt.InlineData(values=[{"n": target, "day": day, "label": label}])
    rule = alt.Chart(values).mark_rule(color=theme.MUTED, strokeWidth=2).encode(y=y)
    name = alt.Chart(values).mark_text(align="left", baseline="bottom", dx=4, dy=-3, color=theme.MUTED, fontSize=theme.TEXT_SIZE)  # fmt: skip
    return [rule, name.encode(x=days("day"), y=y, text="label:N")]


def days(field: str) -> "alt.X":
    """Return an axis of days; in universal time, so that no reader's clock moves a day.

    Examples
    --------
    >>> days("day").to_dict()["scale"]
    {'type': 'utc'}
    """
    import altair as alt

    return alt.X(
        f"{field}:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%b %Y", labelOverlap=True)
    )


def _one(result: Result, variable: str, name: str, context: str) -> float:
    ard = result.ard
    found = ard.stat[(ard.variable == variable) & (ard.stat_name == name) & (ard.context == context)]
    return float(found.iloc[0]) if len(found) else float("nan")


def _target(result: Result) -> float:
    ard = result.ard
    found = ard.stat[(ard.context == "target") & (ard.variable_level == "accrued") & (ard.stat_name == "target")]
    return float(found.iloc[0]) if len(found) else float("nan")


def _lines(result: Result) -> pd.DataFrame:
    """Return one row per line and registration, and where each line begins and ends."""
    dated = result.records[result.records.registered.notna()].sort_values(["registered", "USUBJID"], kind="stable")
    if dated.empty:
        return pd.DataFrame(columns=["line", "USUBJID", "day", "n", "group", "state"])
    groups = [level for level in dict.fromkeys(result.ard.group1_level) if level != TOTAL]
    parts = {TOTAL: dated} | {level: dated[dated.group == level] for level in groups}
    last = max(result.data_cut, f"{dated.registered.max():%Y-%m-%d}")
    frames = []
    for line, part in parts.items():
        days = part.registered.dt.strftime("%Y-%m-%d")
        steps = pd.DataFrame({"line": line, "USUBJID": part.USUBJID, "day": days, "n": np.arange(1, len(part) + 1),
                              "group": part.group, "state": part.state})  # fmt: skip
        end = pd.DataFrame({"line": [line], "USUBJID": "", "day": [last], "n": [len(part)], "group": "", "state": ""})
        frames += [steps, end]
    return pd.concat(frames, ignore_index=True)


def _plan(result: Result) -> pd.DataFrame:
    """Return the plan at the end of each month; nothing before it starts."""
    ard = result.ard[(result.ard.context == "plan") & (result.ard.stat_name == "planned")]
    ends = pd.PeriodIndex(ard.variable_level.astype(str), freq="M").to_timestamp(how="end")
    return pd.DataFrame({"day": ends.strftime("%Y-%m-%d"), "n": ard.stat.to_numpy()})


def _bars(result: Result) -> pd.DataFrame:
    """Return one row per month and group: its count, and from where to where its part of the bar goes."""
    ard = result.ard[(result.ard.variable == "MONTH") & (result.ard.context == "")]
    if ard.empty:
        return pd.DataFrame(columns=["month", "group", "n", "cumulative", "low", "high"])
    bars = wide(ard, month="variable_level", group="group1_level")
    whole = bars[bars.group == TOTAL].set_index("month").cumulative
    parts = bars[bars.group != TOTAL] if bars.group.nunique() > 1 else bars
    high = parts.groupby("month", sort=False).n.cumsum()
    return parts.assign(cumulative=parts.month.map(whole), low=high - parts.n, high=high)
