"""Evaluability: how often an attempt succeeds, why others fail, and of how many patients each marker has a pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, lit, nothing, relabelled, scale
from core.charts.wide import wide
from core.formats import fixed, interval, percentage

if TYPE_CHECKING:
    import altair as alt

TOTAL = "Total"
MOST_GROUPS, MOST_MARKERS = 12, 60
DOT, SMALL_DOT = 90, 55
SHORT = 0.08
"""A bar shorter than this share of the longest has its count beside it, not in it."""

NOBODY = "Nothing to draw: no specimen of anybody on view is recorded."


@dataclass(frozen=True)
class Words:
    """How attempts and markers read, by what patients are parted (empty when they are not), and the target of pairs."""

    kinds: Mapping[str, str]
    markers: Mapping[str, str]
    by: str = ""
    target: int | None = None


def success(result: Result, words: Words) -> "alt.LayerChart":
    """Draw how often each kind of attempt succeeded, with its exact interval, all together and group by group.

    Parameters
    ----------
    result : Result
        Of the output evaluability.
    words : Words
        How attempts read.

    Returns
    -------
    alt.LayerChart
        A click chooses attempts of one kind and group: the selection "chosen" on `mark`, as in the records of the result.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "E", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> success(result, Words({}, {})).to_dict()["params"][0]["select"]["fields"]
    ['mark']
    """
    import altair as alt

    title = "How often a harvest succeeds" + _by(words)
    points, more = _points(result, words)
    if points.empty or not points.N.any():
        return nothing(result, title, "mark", NOBODY)
    slots = _slots(points, "label")
    axis = alt.Axis(labelExpr=relabelled(slots), ticks=False, domain=False, grid=False)
    y = alt.Y("slot:N", title=None, sort=list(slots), axis=axis, scale=alt.Scale(domain=list(slots)))
    x = alt.X("percent:Q", title="Evaluable (%)", scale=alt.Scale(domain=[0, 100], nice=False))
    groups = list(dict.fromkeys(points.group))
    colour = scale(groups, (theme.INK, *theme.LEVELS))
    choice = chosen("mark")
    drawn = points[points.N > 0]
    told = {
        "visit": "Timepoint",
        "kind": "Attempts",
        "group": words.by,
        "share": "Evaluable, n of N (%)",
        "limits": confidence(result),
    }
    tips = [alt.Tooltip(f"{field}:N", title=head) for field, head in told.items() if head]
    base = alt.Chart(data(drawn)).encode(y=y, opacity=lit(choice, 0.35))
    whiskers = base.mark_rule(strokeWidth=1.75).encode(x=alt.X("conf_low:Q", title="Evaluable (%)"), x2="conf_high:Q", stroke=alt.Stroke("group:N", scale=colour, legend=None))  # fmt: skip
    dots = base.mark_point(filled=True, cursor="pointer").encode(
        x=x, fill=alt.Fill("group:N", scale=colour, legend=None), size=alt.Size("size:Q", scale=None, legend=None),
        shape=alt.Shape("group:N", scale=scale(groups, theme.SHAPES), legend=None), tooltip=tips,
    ).add_params(choice)  # fmt: skip
    counts = alt.Chart(data(points)).mark_text(align="left", color=theme.MUTED, fontSize=theme.TEXT_SIZE)
    layers = [whiskers, dots, counts.encode(x=alt.value(theme.WIDTH + 10), y=y, text="n_text:N"), *_heads(points, y)]
    aims = points[points.anticipated.notna() & (points.group == TOTAL)]
    if len(aims):
        mark = alt.Chart(data(aims)).mark_tick(
            color=theme.LEVELS[1], thickness=3, size=theme.ROW_HEIGHT, orient="vertical"
        )
        layers.append(mark.encode(x="anticipated:Q", y=y))
    notes = [f"Dots with exact {confidence(result)}"]
    notes += [f"upright mark: {percentage(aims.anticipated.iloc[0])}% anticipated"] if len(aims) else []
    notes += [f"{more} groups are too many to draw; the table has them"] if more else []
    text = heading(result, title, result.answer.rstrip("."), "; ".join(notes))
    size = {"width": theme.WIDTH, "height": theme.ROW_HEIGHT * len(slots)}
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=text))


def pareto(result: Result, _: Words) -> "alt.LayerChart":
    """Draw the reasons why specimens failed, the most frequent first, and how many are down to those so far.

    Parameters
    ----------
    result : Result
        Of the output evaluability; the counts are those of all groups together.
    _ : Words
        Not used; every figure of an output is drawn from the same.

    Returns
    -------
    alt.LayerChart
        A click chooses a reason at a timepoint: the selection "chosen" on `mark`, as in the records of the result.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "E", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> pareto(result, Words({}, {})).to_dict()["title"]["subtitle"][1]
    'Nothing to draw: no specimen of anybody on view has failed.'
    """
    import altair as alt

    lost = result.options.get("reasons") == "lost"
    title = "Why patients are lost to the target" if lost else "Why specimens fail"
    bars = _bars(result)
    if bars.empty:
        return nothing(result, title, "mark", "Nothing to draw: no specimen of anybody on view has failed.")
    slots = _slots(bars, "reason")
    axis = alt.Axis(labelExpr=relabelled(slots), ticks=False, domain=False, grid=False)
    y = alt.Y("slot:N", title=None, sort=list(slots), axis=axis, scale=alt.Scale(domain=list(slots), paddingInner=0.25))
    x = alt.X(
        "percent:Q", title="Of specimens that failed at the timepoint (%)", scale=alt.Scale(domain=[0, 104], nice=False)
    )
    choice = chosen("mark")
    told = {"visit": "Timepoint", "reason": "Reason", "share": "Specimens, n of N (%)", "down": "Down to here (%)"}
    drawn = alt.Chart(data(bars)).mark_bar(cursor="pointer").encode(
        x=x, y=y, fill=alt.value(theme.LEVELS[0]), opacity=lit(choice, 0.35),
        tooltip=[alt.Tooltip(f"{field}:N", title=head) for field, head in told.items()],
    ).add_params(choice)  # fmt: skip
    counts = alt.Chart(data(bars)).mark_text(align="left", color=theme.MUTED, fontSize=theme.TEXT_SIZE)
    line = alt.Chart(data(bars)).encode(x="cumulative:Q", y=y, detail="visit:N", order="order:Q")
    layers = [
        drawn, line.mark_line(color=theme.LEVELS[1], strokeWidth=1.5, order=False),
        line.mark_point(filled=True, color=theme.LEVELS[1], size=40), counts.encode(x=alt.value(theme.WIDTH + 10), y=y, text="share:N"), *_heads(bars, y),
    ]  # fmt: skip
    text = heading(result, title, "Bars: the share of each reason, n of N (%); dots: the share of all down to here")
    size = {"width": theme.WIDTH, "height": theme.ROW_HEIGHT * len(slots)}
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=text))


def by_marker(result: Result, words: Words) -> "alt.LayerChart":
    """Draw of how many patients each marker has a pair, against the target.

    Parameters
    ----------
    result : Result
        Of the output evaluability; the counts are those of all groups together.
    words : Words
        How markers read, and the target of pairs.

    Returns
    -------
    alt.LayerChart
        A click chooses a marker: the selection "chosen" on PARAMCD.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "E", "s", "S", True, "2024-12-31", "", "All", "", 0, {"conf": 0.95}, join([]))
    >>> by_marker(result, Words({}, {})).to_dict()["params"][0]["select"]["fields"]
    ['PARAMCD']
    """
    import altair as alt

    title = "Patients with a pair, marker by marker"
    ard = result.ard[(result.ard.context == "marker") & (result.ard.group1_level == TOTAL)]
    if ard.empty:
        return nothing(result, title, "PARAMCD", "Nothing to draw: no marker was measured at both timepoints.")
    every = wide(ard, PARAMCD="variable_level")
    bars = every.head(MOST_MARKERS)
    bars = bars.assign(
        label=[words.markers.get(code, code) for code in bars.PARAMCD],
        values=[f"{fixed(a, 0)} and {fixed(b, 0)}" for a, b in zip(bars.n_earlier, bars.n_later, strict=True)],
    )
    domain = list(bars.PARAMCD)
    axis = alt.Axis(labelExpr=relabelled(dict(zip(domain, bars.label, strict=True))), ticks=False, domain=False)
    y = alt.Y("PARAMCD:N", title=None, sort=domain, axis=axis, scale=alt.Scale(domain=domain, paddingInner=0.3))
    most = max(float(bars.n_pairs.max()), float(words.target or 0), 1.0)
    x = alt.X(
        "n_pairs:Q",
        title="Patients with a pair",
        scale=alt.Scale(domain=[0, 1.1 * most], nice=False),
        axis=alt.Axis(tickMinStep=1),
    )
    choice = chosen("PARAMCD")
    told = {"label": "Marker", "n_pairs": "Patients with a pair", "values": "With a value at each timepoint"}
    drawn = alt.Chart(data(bars)).mark_bar(cursor="pointer").encode(
        x=x, y=y, fill=alt.value(theme.LEVELS[0]), opacity=lit(choice, 0.35),
        tooltip=[alt.Tooltip(f"{field}:N", title=head) for field, head in told.items()],
    ).add_params(choice)  # fmt: skip
    short = bars.n_pairs < SHORT * most
    inside = alt.Chart(data(bars[~short])).mark_text(align="left", color=theme.PAPER, fontSize=theme.TEXT_SIZE)
    beside = alt.Chart(data(bars[short])).mark_text(align="left", dx=6, color=theme.INK, fontSize=theme.TEXT_SIZE)
    layers = [
        drawn, inside.encode(x=alt.value(6), y=y, text="n_pairs:N"), beside.encode(x=x, y=y, text="n_pairs:N"),
    ]  # fmt: skip
    notes = ["A pair of one marker is not a pair of another: each needs a usable result at both timepoints"]
    if words.target:
        rule = alt.Chart(alt.InlineData(values=[{"n_pairs": words.target}])).mark_rule(
            color=theme.LEVELS[1], strokeWidth=2
        )
        layers.append(rule.encode(x=x))
        notes.append(f"upright line: the target of {words.target}")
    more = len(every) - len(bars)
    notes += [f"{more:,} more markers are not drawn; the results have them"] if more > 0 else []
    size = {"width": theme.WIDTH, "height": theme.ROW_HEIGHT * len(bars)}
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=heading(result, title, "; ".join(notes))))


def _by(words: Words) -> str:
    return f", by {words.by[0].lower()}{words.by[1:]}" if words.by else ""


def _points(result: Result, words: Words) -> tuple[pd.DataFrame, int]:
    """Return one row per dot in order, all together first, and how many groups are too many to draw."""
    ard = result.ard[result.ard.variable == "HARVEST"]
    counts = ard[ard.context == ""]
    if counts.empty:
        return pd.DataFrame(columns=["N"]), 0
    dots = wide(counts, visit="group2_level", level="variable_level", group="group1_level")
    groups = [group for group in dict.fromkeys(dots.group) if group != TOTAL]
    shown = groups if len(groups) <= MOST_GROUPS else []
    place = {group: at for at, group in enumerate([TOTAL, *shown])}
    dots = dots[dots.group.isin(place)]
    row = dots.groupby(["visit", "level"], sort=False).ngroup()
    dots = dots.assign(row=row, place=dots.group.map(place)).sort_values(["row", "place"], kind="stable")
    kinds = [words.kinds.get(level, level) for level in dots.level]
    labels = [kind if group == TOTAL else f"· {group}" for kind, group in zip(kinds, dots.group, strict=True)]
    aims = dict(
        zip(ard.variable_level[ard.context == "anticipated"], ard.stat[ard.context == "anticipated"], strict=True)
    )
    n_text = [f"{fixed(n, 0)} of {fixed(N, 0)}" for n, N in zip(dots.n, dots.N, strict=True)]
    share = [
        f"{text} ({percentage(p)})" if N else text for text, p, N in zip(n_text, dots.percent, dots.N, strict=True)
    ]
    return dots.assign(
        kind=kinds, label=labels, n_text=n_text, share=share, anticipated=dots.level.map(aims).astype(float),
        limits=[interval(low, high) for low, high in zip(dots.conf_low, dots.conf_high, strict=True)],
        size=[DOT if group == TOTAL else SMALL_DOT for group in dots.group],
        mark=[f"{visit}: {kind}: {group}" for visit, kind, group in zip(dots.visit, kinds, dots.group, strict=True)],
        slot=dots.visit + "|" + dots.level + "|" + dots.group,
    ), len(groups) - len(shown)  # fmt: skip


def _bars(result: Result) -> pd.DataFrame:
    """Return one row per timepoint and reason, the most frequent first."""
    ard = result.ard[(result.ard.variable == "REASON") & (result.ard.group1_level == TOTAL)]
    if ard.empty:
        return pd.DataFrame()
    bars = wide(ard, visit="group2_level", reason="variable_level")
    return bars.assign(
        order=range(len(bars)), slot=bars.visit + "|" + bars.reason, mark=bars.visit + ": " + bars.reason,
        down=[percentage(each) for each in bars.cumulative],
        share=[f"{fixed(n, 0)} of {fixed(N, 0)} ({percentage(p)})" for n, N, p in zip(bars.n, bars.N, bars.percent, strict=True)],
    )  # fmt: skip


def _slots(rows: pd.DataFrame, label: str) -> dict[str, str]:
    """Return the rows and how each reads, with an empty one above each timepoint."""
    slots: dict[str, str] = {}
    for at, (_, part) in enumerate(rows.groupby("visit", sort=False)):
        slots[f" {at}"] = ""
        slots |= dict(zip(part.slot, part[label], strict=True))
    return slots


def _heads(rows: pd.DataFrame, y: "alt.Y") -> list["alt.Chart"]:
    """Return the names of the timepoints, each above its rows."""
    import altair as alt

    visits = list(dict.fromkeys(rows.visit))
    heads = pd.DataFrame({"slot": [f" {at}" for at in range(len(visits))], "visit": visits})
    text = alt.Chart(data(heads)).mark_text(color=theme.INK, align="left", fontWeight="bold", fontSize=theme.TEXT_SIZE)
    return [text.encode(x=alt.value(0), y=y, text="visit:N")]
