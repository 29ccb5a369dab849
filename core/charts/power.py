"""Curves over the number of pairs: the power to detect effects of several sizes, and how closely a mean change is known."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import confidence
from core.charts.parts import chosen, data, heading, lit, nothing, relabelled, scale
from core.formats import brief, chance, counted, fixed, significant

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 340
THICK, THIN = 3.5, 1.75
LINE = 16
"""Between two texts at the foot of a figure, in pixels."""


def curves(result: Result) -> "alt.LayerChart":
    """Draw power by pairs, a curve an effect size; the pairs of today, the target and the planned power are marked.

    Parameters
    ----------
    result : Result
        Of the output power: its records are the points, its `ard` has what is asked, planned and there.

    Returns
    -------
    alt.LayerChart
        The effect size that is asked for is the thick black curve, what is solved a diamond on it. A click chooses a
        curve: the selection "chosen" on `curve`.

    Examples
    --------
    >>> from core.ard import join
    >>> records = pd.DataFrame(columns=["figure", "curve", "n", "value"])
    >>> result = Result("power", "Power", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]), records=records)
    >>> curves(result).to_dict()["title"]["subtitle"][1]
    'No curve to draw: no effect size is known.'
    """
    import altair as alt

    title = "Power by number of pairs"
    points = result.records[result.records.figure == "curves"] if len(result.records) else result.records
    if points.empty:
        return nothing(result, title, "curve", "No curve to draw: no effect size is known.")
    asked = _numbers(result, "power")
    points = points.assign(
        curve=points.curve.astype(float), power=[chance(value) for value in points.value],
        name=["d_z " + brief(each) for each in points.curve],
    )  # fmt: skip
    x = _pairs_axis(points)
    y = alt.Y("value:Q", title="Power", axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1], nice=False))
    plan = _numbers(result, "plan")
    level = pd.DataFrame({"value": [plan["power"]], "text": [f"{chance(plan['power'])} power"]})
    layers = [
        *_level(level, y),
        *_marked(result, points, plan["n"]),
        *_lines(points, asked["effect_size"], x, y, {"name": "Effect size", "n": "Pairs", "power": "Power"}),
        *_diamond(asked["n"], asked["power_reached"], x, y),
    ]
    how = f"Curves: two-sided paired t-test at alpha {brief(_alpha(asked, plan))}, exact for normal changes"
    told = heading(result, title, result.answer.rstrip("."), how, _counted(result))
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDTH, height=HEIGHT, title=told))


def half_widths(result: Result, label: str, unit: str) -> "alt.LayerChart":
    """Draw the half-width of the interval of one marker's mean change by pairs.

    Parameters
    ----------
    result : Result
        Of the output power; the marker is the PARAMCD of its options.
    label, unit : str
        How the marker reads, and what its change is measured in.

    Returns
    -------
    alt.LayerChart
        The half-width wanted is a line, the pairs that it needs a diamond. A click chooses the curve: the selection
        "chosen" on `curve`.

    Examples
    --------
    >>> from core.ard import join
    >>> records = pd.DataFrame(columns=["figure", "curve", "n", "value"])
    >>> result = Result("power", "Power", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]), records=records)
    >>> half_widths(result, "", "").to_dict()["title"]["subtitle"][1]
    'No curve to draw: the study has no biomarkers at two timepoints.'
    """
    import altair as alt

    title = f"{label}: half-width by number of pairs" if label else "Half-width by number of pairs"
    code = str(result.options.get("PARAMCD", ""))
    points = result.records[result.records.figure == "half_width"] if len(result.records) else result.records
    current, needed = (_numbers(result, context, code) for context in ("current", "precision"))
    if points.empty:
        why = f" of {label}: {_why(result, code)}" if current else ": the study has no biomarkers at two timepoints"
        return nothing(result, title, "curve", f"No curve to draw{why}.")
    called = f"Half-width of the {confidence(result)}" + (f" ({unit})" if unit else "")
    target, wanted = _numbers(result, "plan")["n"], needed.get("half_width", np.nan)
    top = _top(points, [current["n"], target], wanted)
    points = points[points.value <= top]
    points = points.assign(text=[significant(value) for value in points.value], name=label)
    x = _pairs_axis(points)
    y = alt.Y("value:Q", title=called, scale=alt.Scale(domain=[0, top], nice=False))
    layers = _marked(result, points, target, current["n"])
    if wanted <= top:
        level = pd.DataFrame({"value": [wanted], "text": [f"wanted ± {brief(wanted)}"]})
        layers += [*_level(level, y), *_diamond(needed["n"], wanted, x, y)]
    layers += _lines(points, code, x, y, {"name": "Marker", "n": "Pairs", "text": called})
    lines = [
        f"{counted(int(current['n']), 'pair')} now: ± {significant(current['half_width'])}, SD of changes {significant(current['sd_change'])}",
        f"± {brief(wanted)} needs {fixed(needed['n'], 0)} pairs" if needed else "",
        "If changes go on to vary as much as they did",
    ]
    text = heading(result, title, *lines)
    return theme.themed(alt.LayerChart(layer=layers).properties(width=theme.WIDTH, height=HEIGHT, title=text))


def _numbers(result: Result, context: str, variable: str = "") -> dict[str, float]:
    ard = result.ard[(result.ard.context == context) & (result.ard.variable == variable)]
    return dict(zip(ard.stat_name, ard.stat, strict=True))


def _why(result: Result, code: str) -> str:
    ard = result.ard[(result.ard.context == "current") & (result.ard.variable == code)]
    return next((warning for warning in ard.warning if warning), "no spread")


def _alpha(asked: dict[str, float], plan: dict[str, float]) -> float:
    return plan["alpha"] if np.isnan(asked["alpha"]) else asked["alpha"]


def _counted(result: Result) -> str:
    pairs = _numbers(result, "pairs")
    return f"{counted(int(pairs['n_pairs']), 'evaluable pair')} on view" if pairs else ""


def _pairs_axis(points: pd.DataFrame) -> "alt.X":
    import altair as alt

    ends = [0, float(points.n.max())]
    return alt.X(
        "n:Q", title="Pairs", scale=alt.Scale(domain=ends, nice=False), axis=alt.Axis(tickMinStep=1, format=",d")
    )


def _top(points: pd.DataFrame, pairs: list[float], wanted: float) -> float:
    """Return where the axis of half-widths ends: above all that is marked, below what very few pairs have."""
    marked = [at for at in pairs if at >= points.n.min()]
    heights = [2 * float(points.value.min()), *np.interp(marked, points.n, points.value)]
    return min(1.05 * float(points.value.max()), 1.3 * float(np.nanmax([*heights, wanted])))


def _lines(points: pd.DataFrame, thick: float | str, x: "alt.X", y: "alt.Y", told: dict[str, str]) -> list["alt.Chart"]:
    """Draw the curves; one of them thick and black. Points that nobody sees carry what a curve says at each place."""
    import altair as alt

    names = list(dict.fromkeys(points.curve))
    others = [name for name in names if name != thick]
    domain = [*others, *([thick] if thick in names else [])]
    colours = [theme.LEVELS[at % len(theme.LEVELS)] for at in range(len(others))] + [theme.INK]
    texts = dict(zip(map(str, points.curve), points.name, strict=True))
    texts = {name: text + (" (asked for)" if name == str(thick) and others else "") for name, text in texts.items()}
    keyed = points[["curve", "value", *told]].assign(key=points.curve.map(str))
    keyed["width"] = np.where(points.curve == thick, THICK, THIN)
    keys = [str(name) for name in domain]
    legend = alt.Legend(
        title=None, labelExpr=relabelled(texts), columns=4, symbolType="stroke", symbolSize=280, labelLimit=0
    )
    drawn = legend if others else None
    stroke = alt.Stroke(
        "key:N", sort=keys, scale=scale(keys, colours[: len(keys)] if others else [theme.INK]), legend=drawn
    )
    dashes = [*[theme.DASHES[at % len(theme.DASHES)] for at in range(len(others))], (1, 0)]
    dash = alt.StrokeDash(
        "key:N", sort=keys, scale=scale(keys, dashes[: len(keys)] if others else [(1, 0)]), legend=drawn
    )
    width = alt.StrokeWidth("width:Q", scale=None, legend=None)
    choice = chosen("curve")
    base = alt.Chart(data(keyed)).encode(x=x, y=y)
    lines = base.mark_line(interpolate="monotone", clip=True).encode(
        stroke=stroke, strokeDash=dash, strokeWidth=width, detail="key:N", opacity=lit(choice)
    )
    touch = base.mark_point(size=90, filled=True, opacity=0, cursor="pointer").encode(
        detail="key:N",
        tooltip=[alt.Tooltip(f"{field}:{'Q' if field == 'n' else 'N'}", title=head) for field, head in told.items()],
    )
    return [lines, touch.add_params(choice)]


def _level(frame: pd.DataFrame, y: "alt.Y") -> list["alt.Chart"]:
    """Draw a dashed line across, its text at the right of the plot."""
    import altair as alt

    base = alt.Chart(data(frame)).encode(y=y)
    return [
        base.mark_rule(strokeDash=[6, 4], color=theme.MUTED),
        base.mark_text(align="left", color=theme.MUTED, fontSize=theme.TEXT_SIZE).encode(
            x=alt.value(theme.WIDTH + 5), text="text:N"
        ),
    ]


def _marked(result: Result, points: pd.DataFrame, target: float, now: float | None = None) -> list["alt.Chart"]:
    """Draw a line down at the pairs of today and at the target, each with its text at the foot."""
    import altair as alt

    pairs = _numbers(result, "pairs").get("n_pairs", np.nan) if now is None else now
    marks = [("now", pairs, f"{fixed(pairs, 0)} now"), ("target", target, f"target {fixed(target, 0)}")]
    frame = pd.DataFrame(marks, columns=["which", "n", "text"])
    # The texts stand one above the other, so that neighbours do not cover each other.
    frame = frame.assign(at=[HEIGHT - 10 - LINE, HEIGHT - 10])
    frame = frame[(frame.n > 0) & (frame.n <= points.n.max())]
    x = alt.X("n:Q", scale=alt.Scale(domain=[0, float(points.n.max())], nice=False))
    rules = [
        alt.Chart(data(frame[frame.which == which])).mark_rule(color=theme.MUTED, strokeWidth=1.5, strokeDash=dash).encode(x=x)
        for which, dash in (("now", [1, 0]), ("target", [6, 4]))
    ]  # fmt: skip
    texts = alt.Chart(data(frame)).mark_text(align="left", dx=5, color=theme.MUTED, fontSize=theme.TEXT_SIZE)
    return [*rules, texts.encode(x=x, y=alt.Y("at:Q", scale=None), text="text:N")]


def _diamond(n: float, value: float, x: "alt.X", y: "alt.Y") -> list["alt.Chart"]:
    """Draw what is asked for or solved; nothing where that is not known."""
    import altair as alt

    if np.isnan(n) or np.isnan(value):
        return []
    place = alt.Chart(alt.InlineData(values=[{"n": n, "value": value}]))
    return [place.mark_point(shape="diamond", size=150, filled=True, opacity=1, color=theme.INK).encode(x=x, y=y)]
