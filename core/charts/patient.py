"""One patient on one axis of days: periods, doses, specimens, values and adverse events, lane under lane."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.parts import chosen, heading, nothing, relabelled
from core.charts.patient_axis import (
    CUT,
    DAYS,
    LINE,
    MILESTONES,
    NAMES,
    SMALL,
    WIDTH,
    Axis,
    Lane,
    Stack,
    carried,
    on_axis,
    place_of,
    tips,
    x_of,
    y_of,
)  # fmt: skip
from core.charts.patient_events import event_layers
from core.charts.patient_lanes import dose_layers, specimen_layers, value_layers
from core.formats import counted
from core.study import Study

if TYPE_CHECKING:
    import altair as alt


def course(result: Result, study: Study, lanes: Sequence[Lane], periods: pd.DataFrame, cut: float) -> "alt.LayerChart":
    """Draw everything that has a day.

    Parameters
    ----------
    result : Result
        Of the output patient_profile.
    study : Study
        Its grades.
    lanes : sequence of Lane
        Whose values are drawn, from the top.
    periods : DataFrame
        label, first_day, last_day (NaN while it lasts): study days.
    cut : float
        Study day of the data cut.

    Returns
    -------
    alt.LayerChart
        A click chooses a record: the selection "chosen" on `item`, as in the records of the result.

    Examples
    --------
    >>> from core.ard import join
    >>> study = Study(id="s", title="S", data_cut="2024-12-31")
    >>> options = {"USUBJID": "01"}
    >>> result = Result("x", "One patient", "s", "S", True, "2024-12-31", "", "Safety", "", 0, options, join([]))
    >>> course(result, study, [], pd.DataFrame(), 1.0).to_dict()["params"][0]["select"]["fields"]
    ['item']
    """
    import altair as alt

    title = str(result.options["USUBJID"])
    records = result.records
    if records.empty or not records.from_day.notna().any():
        return nothing(result, title, "item", "Nothing to draw: this patient is not on view, or no record has a date.")
    placed = on_axis(records)
    axis = Axis.of(placed, place_of(cut))
    stack = Stack()
    marks = _milestones(placed, axis, stack)
    choice = chosen("item")
    layers: list[alt.Chart] = []
    layers += _period_layers(periods, axis, stack)
    layers += dose_layers(placed[(placed.dataset == "ADEX") & placed.x.notna()], stack, choice)
    layers += specimen_layers(placed[(placed.dataset == "ADBE") & placed.x.notna()], stack, choice)
    for lane in lanes:
        layers += value_layers(lane, placed, stack, choice)
    events = placed[(placed.dataset == "ADAE") & placed.x.notna()]
    layers += event_layers(events, axis, stack, study, choice)
    layers = [*_ground(stack), _beside(stack), *_milestone_layers(marks, stack.height), *layers]
    # The axes belong to one layer that is always there; what a click chooses, too.
    first = _frame(axis, stack).add_params(choice)
    chart = alt.LayerChart(layer=[first, *layers]).resolve_scale(fill="independent", shape="independent")
    text = heading(result, title, *_told(result, records, events, axis, cut))
    return theme.themed(chart.properties(width=WIDTH, height=max(stack.height, theme.ROW_HEIGHT), title=text))


def _frame(axis: Axis, stack: Stack) -> "alt.Chart":
    """Return an empty layer that has both axes."""
    import altair as alt

    ticks = axis.ticks
    days = alt.Axis(
        values=ticks, labelExpr=relabelled({str(at): str(at + 1 if at >= 0 else at) for at in ticks}), grid=False,
        title=DAYS, domain=True,
    )  # fmt: skip
    x = alt.X("x:Q", axis=days, scale=alt.Scale(domain=[axis.low, axis.high], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[stack.height, 0], nice=False, zero=False))
    ends = pd.DataFrame({"x": [axis.low], "y": [0.0], "item": [""]})
    return alt.Chart(carried(ends)).mark_point(opacity=0, size=1, aria=False).encode(x=x, y=y)


def _beside(stack: Stack) -> "alt.Chart":
    """Return the names of the lanes."""
    import altair as alt

    # A text of two lines stands with its first line at its place.
    names = [(at - LINE / 2 * (len(text) - 1), "\n".join(text)) for at, text in stack.labels.items()]
    frame = pd.DataFrame({"y": [at for at, _ in names], "text": [text for _, text in names], "item": ""})
    mark = alt.Chart(carried(frame)).mark_text(align="right", baseline="middle", lineBreak="\n", lineHeight=LINE, fontSize=NAMES, color=theme.INK)  # fmt: skip
    return mark.encode(x=alt.value(-8), y=y_of(), text="text:N")


def _ground(stack: Stack) -> "list[alt.Chart]":
    """Return what lanes of values stand on."""
    import altair as alt

    bands = pd.DataFrame({"y": [top + 2 for top, _ in stack.shaded], "y2": [end - 2 for _, end in stack.shaded], "item": ""})  # fmt: skip
    rect = alt.Chart(carried(bands)).mark_rect(fill=theme.SHADE, aria=False)
    return [rect.encode(x=alt.value(0), x2=alt.value(WIDTH), y=y_of(), y2="y2:Q")] if len(bands) else []


def _milestones(placed: pd.DataFrame, axis: Axis, stack: Stack) -> pd.DataFrame:
    """Return the days that rules are drawn at, those of one day together, each with a line of its own for its text."""
    dates = placed[(placed.dataset == "ADSL") & placed.code.isin(MILESTONES) & placed.x.notna()]
    dates = dates[(dates.code != "RFENDT") | ("EOSDT" not in set(dates.code))]
    days: dict[float, list[str]] = {}
    for code, x in zip(dates.code, dates.x, strict=True):
        days.setdefault(x, []).append(MILESTONES[code])
    if axis.cut is not None:
        days.setdefault(axis.cut, []).append(CUT)
    free: list[float] = []
    found = []
    for x, names in sorted(days.items()):
        text = ", ".join(names)
        width = theme.CHARACTER * len(text)
        middle = (x - axis.low) * axis.per_day
        at_end = middle + width / 2 > WIDTH
        begin = min(max(middle - width / 2, 0.0), WIDTH - width)
        line = next((at for at, until in enumerate(free) if until <= begin), len(free))
        free[line:] = [begin + width + 8, *free[line + 1 :]]
        side = "right" if at_end else "left" if middle - width / 2 < 0 else "center"
        found.append({"x": x, "text": text, "line": line, "side": side, "firm": "Death" in names, "item": ""})
    if found:
        stack.add(LINE * len(free) + 4)
    columns = ["x", "text", "line", "side", "firm", "item"]
    return pd.DataFrame(found, columns=columns)


def _milestone_layers(marks: pd.DataFrame, height: int) -> "list[alt.Chart]":
    import altair as alt

    layers = []
    for firm, dash in ((True, [1, 0]), (False, [3, 3])):
        part = marks[marks.firm.astype(bool) == firm].assign(y=LINE * marks.line + LINE, y2=height)
        if len(part):
            rule = alt.Chart(carried(part)).mark_rule(
                color=theme.INK if firm else theme.MUTED, strokeDash=dash, aria=False
            )
            layers.append(rule.encode(x=x_of(), y=y_of(), y2="y2:Q"))
    for side in ("left", "center", "right"):
        part = marks[marks.side == side].assign(y=LINE * marks.line + LINE / 2)
        if len(part):
            text = alt.Chart(carried(part)).mark_text(align=side, fontSize=theme.SMALL_TEXT_SIZE, color=theme.INK)
            layers.append(text.encode(x=x_of(), y=y_of(), text="text:N"))
    return layers


def _period_layers(periods: pd.DataFrame, axis: Axis, stack: Stack) -> "list[alt.Chart]":
    """Draw the treatment periods that the patient entered, in turn light and dark."""
    import altair as alt

    if periods.empty:
        return []
    top = stack.add(SMALL, "Periods")
    first = periods.first_day.where(periods.first_day < 0, periods.first_day - 1)
    last = periods.last_day.where(periods.last_day < 0, periods.last_day - 1) + 1
    bars = periods.assign(
        x=first.clip(axis.low, axis.high), x2=last.fillna(axis.stop).clip(axis.low, axis.high), y=top + 2,
        y2=top + SMALL - 2, middle=top + SMALL / 2, item="", what=periods.label,
        when=[f"day {a:.0f} to {f'day {b:.0f}' if pd.notna(b) else 'the end'}" for a, b in zip(periods.first_day, periods.last_day, strict=True)],
        fill=[theme.RULE if at % 2 else theme.SHADE for at in range(len(periods))],
    )  # fmt: skip
    bars = bars[bars.x2 > bars.x]
    wide = (bars.x2 - bars.x) * axis.per_day
    room = bars[wide > theme.CHARACTER * bars.what.str.len()]
    rect = alt.Chart(carried(bars)).mark_rect(stroke=theme.RULE).encode(
        x=x_of(), x2="x2:Q", y=y_of(), y2="y2:Q", fill=alt.Fill("fill:N", scale=None), tooltip=tips(("what", "when"))
    )  # fmt: skip
    text = alt.Chart(carried(room.assign(x=(room.x + room.x2) / 2))).mark_text(fontSize=theme.SMALL_TEXT_SIZE, color=theme.INK)  # fmt: skip
    return [rect, text.encode(x=x_of(), y=y_of("middle:Q"), text="what:N")]


def _told(result: Result, records: pd.DataFrame, events: pd.DataFrame, axis: Axis, cut: float) -> list[str]:
    """Return what stands below the title."""
    undated = records[records.from_day.isna() & (records.dataset == "ADAE")]
    planned = records[records.from_day.isna() & (records.dataset == "ADBE")]
    days = [next((note.rstrip(".") for note in result.notes if note.startswith("Days count")), "")]
    days += [f"data cut on day {cut:.0f}, beyond this axis"] if axis.cut is None else []
    marks = ["events: bold outline is serious, arrow without end, ? onset not known to the day"] if len(events) else []
    marks += (
        ["outlined: specimen not evaluable, value below the limit"] if {"ADBE", "ADBM"} & set(records.dataset) else []
    )
    undrawn = [f"{counted(len(undated), 'event')} without any onset"] if len(undated) else []
    undrawn += [f"{counted(len(planned), 'specimen')} without a date"] if len(planned) else []
    told = ["; ".join(each) for each in (days, marks, [f"not drawn: {' and '.join(undrawn)}"] if undrawn else [])]
    return [text[:1].upper() + text[1:] for text in told]
