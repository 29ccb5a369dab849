"""How often an attempt to harvest marrow succeeds, with its exact interval."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled, scale
from core.charts.wide import wide
from core.formats import fixed, interval, percentage, within_sentence

if TYPE_CHECKING:
    import altair as alt

TOTAL = "Total"
MOST_GROUPS = 12
DOT, SMALL_DOT = 90, 55
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
    named = slots(points, "label")
    axis = alt.Axis(labelExpr=relabelled(named), ticks=False, domain=False, grid=False)
    y = alt.Y("slot:N", title=None, sort=list(named), axis=axis, scale=alt.Scale(domain=list(named)))
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
    tips = hover(told)
    base = alt.Chart(data(drawn)).encode(y=y, opacity=lit(choice, theme.FADED))
    whiskers = base.mark_rule(strokeWidth=1.75).encode(x=alt.X("conf_low:Q", title="Evaluable (%)"), x2="conf_high:Q", stroke=alt.Stroke("group:N", scale=colour, legend=None))  # fmt: skip
    dots = base.mark_point(filled=True, cursor="pointer").encode(
        x=x, fill=alt.Fill("group:N", scale=colour, legend=None), size=alt.Size("size:Q", scale=None, legend=None),
        shape=alt.Shape("group:N", scale=scale(groups, theme.SHAPES), legend=None), tooltip=tips,
    ).add_params(choice)  # fmt: skip
    counts = alt.Chart(data(points)).mark_text(align="left", color=theme.MUTED, fontSize=theme.TEXT_SIZE)
    layers = [whiskers, dots, counts.encode(x=alt.value(theme.WIDTH + 10), y=y, text="n_text:N"), *heads(points, y)]
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
    size = {"width": theme.WIDTH, "height": theme.ROW_HEIGHT * len(named)}
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=text))


def _by(words: Words) -> str:
    return f", by {within_sentence(words.by)}" if words.by else ""


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


def slots(rows: pd.DataFrame, label: str) -> dict[str, str]:
    """Return the rows of a figure and how each reads, with an empty one above each timepoint.

    Examples
    --------
    >>> rows = pd.DataFrame({"visit": ["Baseline"], "slot": ["Baseline|BIOPSY"], "label": ["Biopsy"]})
    >>> slots(rows, "label")
    {' 0': '', 'Baseline|BIOPSY': 'Biopsy'}
    """
    found: dict[str, str] = {}
    for at, (_, part) in enumerate(rows.groupby("visit", sort=False)):
        found[f" {at}"] = ""
        found |= dict(zip(part.slot, part[label], strict=True))
    return found


def heads(rows: pd.DataFrame, y: "alt.Y") -> list["alt.Chart"]:
    """Return the names of the timepoints, each above its rows.

    Examples
    --------
    >>> import altair as alt
    >>> len(heads(pd.DataFrame({"visit": ["Baseline", "Week 9"]}), alt.Y("slot:N")))
    1
    """
    import altair as alt

    visits = list(dict.fromkeys(rows.visit))
    heads = pd.DataFrame({"slot": [f" {at}" for at in range(len(visits))], "visit": visits})
    text = alt.Chart(data(heads)).mark_text(color=theme.INK, align="left", fontWeight="bold", fontSize=theme.TEXT_SIZE)
    return [text.encode(x=alt.value(0), y=y, text="visit:N")]
