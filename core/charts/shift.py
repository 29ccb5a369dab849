"""Ordered categories: from which to which, what became of everybody, and each subject's course."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.parts import chosen, counting, data, heading, hover, lit, nothing, relabelled, scale
from core.formats import count_percent, counted

if TYPE_CHECKING:
    import altair as alt

STATES = {
    "improved": "Improved", "stable": "Stable", "worsened": "Worsened", "died": "Died", "off_study": "Off study",
    "missing": "Missing",
}  # fmt: skip
"""The states of a subject in a period, and how they read."""

FILLS = {
    "improved": theme.DIRECTIONS[1], "stable": theme.DIVERGING[2], "worsened": theme.DIRECTIONS[0], "died": theme.INK,
    "off_study": theme.MUTED, "missing": theme.RULE,
}  # fmt: skip
DARK = ("improved", "worsened", "died", "off_study")
"""States whose fill wants light text."""

COURSES = ("worsened", "improved", "stable")
"""In the order of theme.DIRECTIONS and theme.DASHES."""

MISSING = "missing"
UNCHANGED, CHANGED = "unchanged", "changed"
CELL_FILLS = {
    "improved": theme.DIRECTIONS[1], "stable": theme.DIRECTIONS[2], "worsened": theme.DIRECTIONS[0],
    UNCHANGED: theme.DIRECTIONS[2], CHANGED: theme.LEVELS[0], MISSING: theme.ABSENT,
}  # fmt: skip
CELL_LABELS = {"improved": "Improved", "stable": "Stable", "worsened": "Worsened", UNCHANGED: "Unchanged",
               CHANGED: "Changed", MISSING: "Baseline or value missing"}  # fmt: skip
CELL, NARROW_CELL, CELL_HEIGHT, MOST_WIDE = 78, 34, 32, 8
FAINTEST, LIGHT_TEXT = 0.2, 0.8
BAR, PAUSE = 34, 20
DIGIT = 8
JITTER, LANES = 0.5, 17
"""How far lines of one level are spread, in levels, and over how many lanes."""

MOST_LINES = 300


def direction(before: str, after: str, better: str = "lower") -> str:
    """Return what a step from one category to another is.

    Parameters
    ----------
    before, after : str
        Categories; numbers have an order, other text has none.
    better : str
        "lower" or "higher".

    Examples
    --------
    >>> direction("1", "2"), direction("1", "2", "higher"), direction("N", "H"), direction("N", "missing")
    ('worsened', 'improved', 'changed', 'missing')
    """
    if MISSING in (before, after):
        return MISSING
    try:
        step = float(after) - float(before)
    except ValueError:
        return UNCHANGED if before == after else CHANGED
    if step == 0:
        return "stable"
    return "worsened" if (step > 0) == (better == "lower") else "improved"


def heat_map(result: Result, label: str) -> "alt.LayerChart":
    """Draw how many subjects stand in each cell of baseline by what came after, block under block.

    Parameters
    ----------
    result : Result
        Of the output shift; the counts are those of its last column, the total.
    label : str
        How a reader knows the parameter.

    Returns
    -------
    alt.LayerChart
        A click on a cell chooses it: the selection "chosen" on `cell`, as in the records of the result.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Shift", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> heat_map(result, "ECOG").to_dict()["params"][0]["select"]["fields"]
    ['cell']
    """
    import altair as alt

    title = f"{result.title}: {label}" if label else result.title
    if result.ard.empty or not result.N:
        return nothing(result, title, "cell", "No subject to draw: nobody is on view.")
    cells = _cells(result)
    slots = _slots(cells)
    after = list(dict.fromkeys(cells.after))
    wide = CELL if len(after) <= MOST_WIDE else NARROW_CELL
    axis = alt.Axis(labelExpr=relabelled(slots), ticks=False, domain=False, labelLimit=200)
    y = alt.Y("slot:N", title="Baseline", sort=list(slots), axis=axis, scale=alt.Scale(domain=list(slots)))
    names = alt.Axis(labelExpr=relabelled({name: _reads(name) for name in after}), orient="top", labelAngle=0, ticks=False, domain=False)  # fmt: skip
    x = alt.X("after:N", title="After baseline", sort=after, axis=names, scale=alt.Scale(domain=after))
    kinds = [kind for kind in CELL_FILLS if kind in set(cells.kind)]
    legend = alt.Legend(
        title=None, labelExpr=relabelled({kind: CELL_LABELS[kind] for kind in kinds}), symbolType="square"
    )
    choice = chosen("cell")
    told = {"block": "When", "before_text": "Baseline", "after_text": "After baseline", "share": "Subjects, n (%)"}
    rect = alt.Chart(data(cells)).mark_rect(stroke=theme.RULE, strokeWidth=1, cursor="pointer").encode(
        x=x, y=y, fill=alt.Fill("kind:N", scale=scale(kinds, [CELL_FILLS[kind] for kind in kinds]), legend=legend),
        fillOpacity=alt.FillOpacity("strength:Q", scale=None, legend=None), opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    field = "share" if wide == CELL else "n"
    layers = [rect, *(
        alt.Chart(data(part)).mark_text(color=colour, fontSize=theme.TEXT_SIZE, cursor="pointer").encode(x=x, y=y, text=f"{field}:N")
        for colour, part in ((theme.INK, cells[~cells.light]), (theme.PAPER, cells[cells.light])) if len(part)
    ), *_margins(cells, y, wide * len(after))]  # fmt: skip
    sentence = f"n (% of the {result.N} subjects on view); each stands in one cell{' of each block' if cells.block.nunique() > 1 else ''}"
    several = result.options.get("columns", "none") != "none"
    text = heading(result, title, *_sentences(result), sentence + ("; all columns together" if several else ""))
    size = {"width": wide * len(after), "height": CELL_HEIGHT * len(slots)}
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=text))


def bars(result: Result, label: str) -> "alt.LayerChart":
    """Draw what became of everybody with a baseline value, one bar a period.

    Parameters
    ----------
    result : Result
        Of the output ordinal_change.
    label : str
        How a reader knows the parameter.

    Returns
    -------
    alt.LayerChart
        Every bar is 100% of its N; the counts stand in it. A click chooses a part of a bar: the selection "chosen" on
        `bar`, as in the records of the result.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Change", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> bars(result, "ECOG").to_dict()["params"][0]["select"]["fields"]
    ['bar']
    """
    import altair as alt

    title = f"{label}: change from baseline" if label else result.title
    parts = _parts(result)
    if parts.empty or not parts.N.any():
        return nothing(result, title, "bar", "No subject to draw: nobody on view has a baseline value.")
    periods = {
        str(period): [str(period), f"N={part.N.iloc[0]:.0f}, {part.measured.iloc[0]:.0f} with a value"]
        for period, part in parts.groupby("period", sort=False)
    }
    drawn = parts[parts.n > 0]
    axis = alt.Axis(labelExpr=relabelled(periods), ticks=False, domain=False, labelLimit=220)
    y = alt.Y("period:N", title=None, sort=list(periods), axis=axis, scale=alt.Scale(domain=list(periods), paddingInner=PAUSE / (BAR + PAUSE)))  # fmt: skip
    x = alt.X("low:Q", title="Subjects with a baseline value (%)", scale=alt.Scale(domain=[0, 100], nice=False))
    legend = alt.Legend(
        title=None, labelExpr=relabelled(STATES), symbolType="square", columns=len(STATES), labelLimit=0
    )
    colour = alt.Fill("state:N", scale=scale(list(STATES), [FILLS[state] for state in STATES]), legend=legend)
    choice = chosen("bar")
    told = {"period": "Period", "label": "State", "share": "Subjects, n (%)"}
    segments = alt.Chart(data(drawn)).mark_bar(stroke=theme.PAPER, strokeWidth=1, cursor="pointer").encode(
        x=x, x2="high:Q", y=y, fill=colour, opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    room = drawn[(drawn.high - drawn.low) / 100 * theme.WIDTH >= DIGIT * drawn.n_text.str.len() + 4]
    dark = room.state.isin(DARK)
    texts = [
        alt.Chart(data(part)).mark_text(color=shade, fontSize=theme.TEXT_SIZE, cursor="pointer").encode(
            x=alt.X("middle:Q"), y=y, text="n_text:N"
        )
        for shade, part in ((theme.PAPER, room[dark]), (theme.INK, room[~dark])) if len(part)
    ]  # fmt: skip
    height = len(periods) * (BAR + PAUSE)
    text = heading(result, title, *_sentences(result))
    return theme.themed(
        alt.LayerChart(layer=[segments, *texts]).properties(width=theme.WIDTH, height=height, title=text)
    )


def lines(result: Result, label: str, courses: pd.DataFrame) -> "alt.LayerChart":
    """Draw one line a subject over the visits.

    Parameters
    ----------
    result : Result
        Of the output ordinal_change.
    label : str
        How a reader knows the parameter.
    courses : DataFrame
        One row per value: USUBJID, visit (in their order of appearance, the first is baseline), value.

    Returns
    -------
    alt.LayerChart
        Lines of one level lie beside each other; dash and colour tell how the last value compares with baseline. Who has
        one value only has no line and is counted. A click chooses a subject: the selection "chosen" on USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Change", "s", "S", True, "2024-12-31", "", "Safety", "", 1, {}, join([]))
    >>> course = pd.DataFrame({"USUBJID": ["01", "01"], "visit": ["Baseline", "Week 3"], "value": [1.0, 2.0]})
    >>> lines(result, "ECOG", course).to_dict()["title"]["subtitle"][1]
    '1 subject; lines of one level lie beside each other'
    """
    import altair as alt

    title = f"{label}: course of each subject" if label else result.title
    visits = list(dict.fromkeys(courses.visit))
    frame, alone, more = _courses(courses, str(result.options.get("better", "lower")))
    if frame.empty:
        return nothing(
            result, title, "USUBJID", "No course to draw: no subject on view has a value at baseline and after it."
        )
    levels = np.arange(np.floor(frame.value.min()), np.ceil(frame.value.max()) + 1)
    ticks = levels.tolist() if len(levels) <= theme.ROW_HEIGHT else alt.Undefined
    sized = alt.Scale(domain=[levels[0] - JITTER, levels[-1] + JITTER], nice=False, zero=False)
    y = alt.Y("shown:Q", title=label, scale=sized, axis=alt.Axis(values=ticks, format="~g", grid=True))
    angle = 0 if theme.CHARACTER * sum(map(len, visits)) < theme.WIDEST * 0.7 else -45
    axis = alt.Axis(labelAngle=angle, ticks=False, domain=False)
    x = alt.X("visit:N", title=None, sort=visits, axis=axis, scale=alt.Scale(domain=visits))
    who = frame.drop_duplicates("USUBJID").state
    legend = counting(who, COURSES, "stroke")
    colour = scale(COURSES, theme.DIRECTIONS)
    choice = chosen("USUBJID")
    told = {"USUBJID": "Subject", "visit": "Visit", "value": "Value", "state": "Last value against baseline"}
    base = alt.Chart(data(frame)).encode(x=x, y=y, opacity=lit(choice))
    strokes = base.mark_line(strokeWidth=1.5, cursor="pointer").encode(
        detail="USUBJID:N", order="place:Q", stroke=alt.Stroke("state:N", scale=colour, legend=legend),
        strokeDash=alt.StrokeDash("state:N", scale=scale(COURSES, theme.DASHES), legend=legend),
    ).add_params(choice)  # fmt: skip
    points = base.mark_point(filled=True, size=34, cursor="pointer").encode(
        fill=alt.Fill("state:N", scale=colour, legend=None),
        tooltip=hover(told),
    )
    notes = [
        f"{counted(frame.USUBJID.nunique(), 'subject', 'subjects')}; lines of one level lie beside each other",
        f"{counted(alone, 'subject', 'subjects')} on view without a value at baseline or after it: not drawn"
        if alone
        else "",
        f"{more:,} more subjects are not drawn" if more else "",
    ]
    size = {
        "width": min(theme.WIDEST, max(theme.WIDTH, 72 * len(visits))),
        "height": max(180, min(420, 80 * len(levels))),
    }
    text = heading(result, title, *notes)
    return theme.themed(alt.LayerChart(layer=[strokes, points]).properties(**size, title=text))


def _sentences(result: Result) -> list[str]:
    """Return the answer in lines, without full stops as everywhere over a figure."""
    return result.answer.rstrip(".").split(". ")


def _reads(category: str) -> str:
    return "Missing" if category == MISSING else category


def _cells(result: Result) -> pd.DataFrame:
    """Return one row per cell of the total: counts, how it reads, and how it is drawn."""
    ard = result.ard[result.ard.group1_level == result.ard.group1_level.iloc[-1]]
    keys = ["group2_level", "variable_level", "context"]
    stats = ard.astype(dict.fromkeys(keys, object)).pivot_table(
        index=keys, columns="stat_name", values="stat", sort=False
    )
    cells = stats.reset_index().rename(columns=dict(zip(keys, ("block", "before", "after"), strict=True)))
    better = str(result.options.get("better", "lower"))
    kinds = [direction(before, after, better) for before, after in zip(cells.before, cells.after, strict=True)]
    most = max(1.0, float(cells.n.max()))
    strength = np.where(cells.n > 0, FAINTEST + (1 - FAINTEST) * cells.n / most, 0.0)
    return cells.assign(
        slot=cells.block + " | " + cells.before, kind=kinds, strength=strength,
        light=(strength > LIGHT_TEXT) & (np.array(kinds) != MISSING),
        cell=cells.block + ": " + cells.before + " → " + cells.after,
        before_text=cells.before.map(_reads), after_text=cells.after.map(_reads),
        share=[count_percent(n, percent) for n, percent in zip(cells.n, cells.percent, strict=True)],
        row_share=["all: " + count_percent(n, percent) for n, percent in zip(cells.n_row, cells.percent_row, strict=True)],
    )  # fmt: skip


def _slots(cells: pd.DataFrame) -> dict[str, str]:
    """Return the rows and how each reads; several blocks have their name above them."""
    slots = {}
    for at, (_, part) in enumerate(cells.groupby("block", sort=False)):
        if cells.block.nunique() > 1:
            slots[f" {at}"] = ""
        slots |= dict(zip(part.slot, part.before_text, strict=True))
    return slots


def _margins(cells: pd.DataFrame, y: "alt.Y", width: float) -> list["alt.Chart"]:
    """The total of each row at its right, and the names of the blocks."""
    import altair as alt

    rows = cells.drop_duplicates("slot")
    totals = alt.Chart(data(rows)).mark_text(color=theme.MUTED, align="left", fontSize=theme.TEXT_SIZE)
    layers = [totals.encode(x=alt.value(width + 10), y=y, text="row_share:N")]
    blocks = list(dict.fromkeys(cells.block))
    if len(blocks) > 1:
        heads = pd.DataFrame({"slot": [f" {at}" for at in range(len(blocks))], "block": blocks})
        text = alt.Chart(data(heads)).mark_text(
            color=theme.INK, align="left", fontWeight="bold", fontSize=theme.TEXT_SIZE
        )
        layers.append(text.encode(x=alt.value(0), y=y, text="block:N"))
    return layers


def _parts(result: Result) -> pd.DataFrame:
    """Return one row per period and state: counts, and from where to where its part of the bar goes."""
    ard = result.ard
    counts = ard[ard.context.isin(list(STATES)) & ard.stat_name.isin(["n", "N", "percent"])]
    keys = {"group2_level": "period", "context": "state"}
    parts = counts.astype(dict.fromkeys(keys, object)).pivot_table(
        index=list(keys), columns="stat_name", values="stat", sort=False, dropna=False
    ).reset_index().rename(columns=keys)  # fmt: skip
    if parts.empty:
        return parts.assign(n=[], N=[])
    measured = ard[(ard.context == "change") & (ard.stat_name == "n")].set_index("group2_level").stat
    high = parts.groupby("period", sort=False).percent.cumsum()
    low = high - parts.percent
    return parts.assign(
        low=low, high=high, middle=(low + high) / 2, label=parts.state.map(STATES), bar=parts.period + ": " + parts.state,
        measured=parts.period.map(measured), n_text=[f"{n:.0f}" for n in parts.n],
        share=[count_percent(n, percent) for n, percent in zip(parts.n, parts.percent, strict=True)],
    )  # fmt: skip


def _courses(courses: pd.DataFrame, better: str) -> tuple[pd.DataFrame, int, int]:
    """Return the courses that are drawn, how many subjects have one value only, and how many are too many to draw."""
    place = {visit: at for at, visit in enumerate(dict.fromkeys(courses.visit))}
    frame = courses.assign(place=courses.visit.map(place).astype(float)).sort_values(
        ["USUBJID", "place"], kind="stable"
    )
    by = frame.groupby("USUBJID")
    whole = (by.place.transform("min") == 0) & (by.place.transform("size") > 1)
    drawn = frame[whole]
    subjects = list(dict.fromkeys(drawn.USUBJID))
    lane = {subject: at % LANES for at, subject in enumerate(subjects[:MOST_LINES])}
    drawn = drawn[drawn.USUBJID.isin(lane)]
    ends: Mapping[str, Sequence[float]] = {
        str(subject): (part.value.iloc[0], part.value.iloc[-1]) for subject, part in drawn.groupby("USUBJID")
    }
    state = {
        subject: direction(str(float(first)), str(float(final)), better) for subject, (first, final) in ends.items()
    }
    offset = drawn.USUBJID.map(lane).astype(float) / (LANES - 1) - 0.5
    shown = drawn.assign(shown=drawn.value.astype(float) + JITTER * offset, state=drawn.USUBJID.map(state))
    return shown, int(frame[~whole].USUBJID.nunique()), max(0, len(subjects) - MOST_LINES)
