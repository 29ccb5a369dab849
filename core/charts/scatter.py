"""Two measures of every subject, one against the other."""

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.axes import value_axis
from core.charts.caption import confidence
from core.charts.pairs import BELOW, MEASURED, UNKNOWN, left_out
from core.charts.parts import chosen, counting, data, heading, hover, lit, nothing, outlined, scale
from core.formats import NOT_ESTIMABLE, counted, fixed, limits, p_text, significant

if TYPE_CHECKING:
    import altair as alt

HEIGHT = 420
BRUSHED = "brushed"
"""The selection of all points in a rectangle."""

DRAWN = [
    "USUBJID", "group", "x", "y", "line", *(f"{axis}_{each}" for axis in "xy" for each in ("text", "below", "limit", "matched")),
]  # fmt: skip
ONE_BELOW = "a value of the change below the limit"


@dataclass(frozen=True)
class Axis:
    """How one measure reads: a biomarker with its unit, when, on which scale, its timepoints, and how its axis is."""

    label: str
    unit: str
    at: str
    scale: str
    ends: tuple[str, ...]
    log: bool

    @property
    def is_change(self) -> bool:
        """Whether it is the change between two timepoints."""
        return len(self.ends) > 1

    @property
    def name(self) -> str:
        """The measure in words."""
        return (
            f"{self.label}, change from {self.ends[0]} to {self.ends[1]}"
            if self.is_change
            else f"{self.label}, {self.at}"
        )

    @property
    def title(self) -> str:
        """The same with its unit, as an axis has it."""
        unit = "log2 fold change" if self.is_change and self.scale == "log2" else self.unit
        return f"{self.name} ({unit})" if unit else self.name


def scatter(result: Result, x: Axis, y: Axis, group_label: str = "") -> "alt.LayerChart":
    """Draw a point a subject, the limits of quantification, and the monotone line nearest to the points.

    Parameters
    ----------
    result : Result
        Its `records` hold one row a subject: USUBJID, group, paired, line, and of either axis the value as drawn (one
        below its limit at the limit), how it was recorded, whether it is below its limit, which, and whether the record
        is of another day; only those that are `paired` are drawn. The numbers of the subtitle are taken from its `ard`.
    x, y : Axis
        How the two measures read.
    group_label : str
        What colours the points; "" when nothing does.

    Returns
    -------
    alt.LayerChart
        A value below its limit is an open triangle at the limit, in a shaded band. A pair without a place on an axis is
        named in the subtitle. A click chooses a subject: the selection "chosen" on USUBJID; a rectangle drawn with the
        mouse is the selection "brushed".

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {"conf": 0.95}, join([]))
    >>> axis = Axis("PSA", "ng/mL", "Baseline", "log2", ("Baseline",), True)
    >>> scatter(result, axis, axis).to_dict()["title"]["subtitle"][1]
    'No points to draw: no subject on view is in the correlation.'
    """
    import altair as alt

    title = f"{y.name} against {x.name}"
    every = _drawn(result, x, y)
    placed = every[["x", "y"]].notna().all(axis=1)
    points = every[placed]
    if points.empty:
        why = "no pair has a place on both axes" if len(every) else "no subject on view is in the correlation"
        if result.records.empty and result.notes:
            return nothing(result, title, "USUBJID", result.notes[-1])
        return nothing(result, title, "USUBJID", f"No points to draw: {why}.")
    plane = _Plane(points, x, y)
    notes = [*correlations(result), _how_to_read(points), left_out(every[~placed], "without a place on an axis")]
    layers = [
        *_bands(points, plane),
        *_line(points, plane),
        _points(points, plane, group_label),
        *_counts(points, plane),
    ]
    drawn = alt.LayerChart(layer=layers).properties(
        width=theme.WIDTH, height=HEIGHT, title=heading(result, title, *notes)
    )
    return theme.themed(drawn)


def correlations(result: Result) -> list[str]:
    """Return what was found, as it stands over the figure: rho with its interval, its p and n; and what adjusting gives.

    Examples
    --------
    >>> from core.stats.spearman import spearman
    >>> from core.ard import rows
    >>> ard = rows(spearman([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 3.0, 5.0, 4.0]), context="spearman")
    >>> correlations(Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 5, {"conf": 0.95}, ard))
    ['Spearman rho = 0.800 (95% CI -0.457 to 0.991), p = 0.1333 (exact), n = 5']
    """
    told = []
    for context, name, estimate in (
        ("spearman", "Spearman rho", "rho"),
        ("partial_spearman", f"Adjusted for {result.options.get('adjust')}: rho", "rho"),
        ("pearson_log", "Pearson r of logarithms", "r"),
    ):
        part = result.ard[result.ard.context == context]
        stats = dict(zip(part.stat_name, part.stat, strict=True))
        if not stats:
            continue
        n = fixed(stats["n"], 0)
        if np.isnan(stats[estimate]):
            (reason,) = set(part.warning[part.stat_name == estimate])
            told.append(f"{name} {NOT_ESTIMABLE}: {reason}, n = {n}")
            continue
        way = {1.0: " (exact)", 0.0: " (t approximation)"}.get(stats.get("exact", -1.0), "")
        low, high = stats["conf_low"], stats["conf_high"]
        interval = f"no {confidence(result)}" if np.isnan(low) else f"{confidence(result)} {limits(low, high)}"
        told.append(f"{name} = {significant(stats[estimate])} ({interval}), {p_text(stats['p_value'])}{way}, n = {n}")
    return told


def _drawn(result: Result, x: Axis, y: Axis) -> pd.DataFrame:
    """Return the pairs as they are drawn; what has no place on its axis is missing there."""
    records = result.records
    if records.empty:
        return pd.DataFrame(columns=["USUBJID", "group", "x", "y", "line"])
    pairs = records[records.paired].reset_index(drop=True)
    below = (pairs.x_below & (not x.is_change)) | (pairs.y_below & (not y.is_change))
    of_change = (pairs.x_below & x.is_change) | (pairs.y_below & y.is_change)
    places = {
        name: pairs[name].where(pairs[name] > 0) if axis.log else pairs[name] for name, axis in (("x", x), ("y", y))
    }
    return pairs[DRAWN].assign(
        **places,
        state=np.select([below, of_change], [BELOW, ONE_BELOW], MEASURED),
        days=[UNKNOWN if np.isnan(day) else f"{day:g}" for day in pairs.days_between],
    )


class _Plane:
    """Both axes of the points, so that every layer stands on the same."""

    def __init__(self, points: pd.DataFrame, x: Axis, y: Axis) -> None:
        self.x, self.y = x, y
        self._across = value_axis(points.x, x.log)
        self._up = value_axis(pd.concat([points.y, points.line]), y.log)

    def across(self, field: str = "x") -> "alt.X":
        """A field on the horizontal axis."""
        import altair as alt

        shown, axis = self._across
        return alt.X(f"{field}:Q", title=wrap(self.x.title, theme.WIDTH // 8), scale=shown, axis=alt.Axis(**axis))

    def up(self, field: str = "y") -> "alt.Y":
        """A field on the vertical axis."""
        import altair as alt

        shown, axis = self._up
        return alt.Y(f"{field}:Q", title=wrap(self.y.title, HEIGHT // 8), scale=shown, axis=alt.Axis(**axis))

    @property
    def corner(self) -> tuple[float, float]:
        """Where both axes begin."""
        return float(self._across[0].domain[0]), float(self._up[0].domain[0])


def _bands(points: pd.DataFrame, plane: _Plane) -> "list[alt.Chart]":
    """Shade, on either axis, what is below the highest limit that a value is below."""
    import altair as alt

    bands = []
    for name, axis, first in zip(("x", "y"), (plane.x, plane.y), plane.corner, strict=True):
        under = points[f"{name}_limit"][points[f"{name}_below"]].dropna()
        if axis.is_change or under.empty:
            continue
        band = alt.Chart(data(pd.DataFrame({"first": [first], "last": [float(under.max())]})))
        band = band.mark_rect(color=theme.RULE, opacity=0.35)
        bands.append(band.encode(x=plane.across("first"), x2="last:Q") if name == "x" else band.encode(y=plane.up("first"), y2="last:Q"))  # fmt: skip
    return bands


def _line(points: pd.DataFrame, plane: _Plane) -> "list[alt.Chart]":
    import altair as alt

    line = points[points.line.notna()].sort_values("x", kind="stable").drop_duplicates("x")
    if len(line) < 2:
        return []
    drawn = alt.Chart(data(line[["x", "line"]])).mark_line(color=theme.MUTED, strokeWidth=2)
    return [drawn.encode(x=plane.across(), y=plane.up("line"))]


def _points(points: pd.DataFrame, plane: _Plane, group_label: str) -> "alt.Chart":
    import altair as alt

    choice, brush = chosen("USUBJID"), alt.selection_interval(name=BRUSHED, encodings=["x", "y"])
    states = (MEASURED, BELOW, ONE_BELOW)
    open_ = [state for state in states[1:] if (points.state == state).any()]
    told = {"USUBJID": "Subject", "x_text": plane.x.name, "y_text": plane.y.name}
    told |= {"group": group_label} if group_label else {}
    told |= {} if plane.x.is_change or plane.y.is_change else {"days": "Days between (x - y)"}
    return alt.Chart(data(points)).mark_point(size=75, strokeWidth=1.75, cursor="pointer").encode(
        x=plane.across(), y=plane.up(), **_colours(points, group_label), opacity=lit(choice),
        shape=alt.Shape(
            "state:N", scale=scale(states, ("circle", "triangle-down", "diamond")),
            legend=outlined(open_, "triangle-down" if open_ == [BELOW] else "diamond") if open_ else None,
        ),
        fillOpacity=alt.FillOpacity("state:O", scale=scale(states, (0.75, 0, 0)), legend=None),
        tooltip=hover(told),
    ).add_params(choice, brush)  # fmt: skip


def _counts(points: pd.DataFrame, plane: _Plane) -> "list[alt.Chart]":
    """Tell beside a mark how many points stand there, where it is not one."""
    import altair as alt

    places = points.groupby(["x", "y"], as_index=False).size()
    several = places[places["size"] > 1]
    if several.empty:
        return []
    text = alt.Chart(data(several.assign(text=[f"×{n}" for n in several["size"]])))
    text = text.mark_text(align="left", dx=8, dy=-7, color=theme.INK, fontSize=theme.SMALL_TEXT_SIZE)
    return [text.encode(x=plane.across(), y=plane.up(), text="text:N")]


def _colours(points: pd.DataFrame, group_label: str) -> dict[str, Any]:
    """One colour, or one a group, counted in the legend."""
    import altair as alt

    if not group_label:
        return {name: alt.value(theme.LEVELS[0]) for name in ("fill", "stroke")}
    levels = sorted(points.group.unique())
    shown: dict[str, Any] = {"scale": scale(levels, theme.LEVELS), "legend": counting(points.group, levels)}
    return {"fill": alt.Fill("group:N", **shown), "stroke": alt.Stroke("group:N", **shown)}


def _how_to_read(points: pd.DataFrame) -> str:
    told = ["line: monotone, by least squares"] if points.line.notna().sum() > 1 else []
    told += ["shaded: below the limit"] if (points.state == BELOW).any() else []
    matched = int((points.x_matched | points.y_matched).sum())
    told += [f"{counted(matched, 'point is', 'points are')} of another day than the timepoint"] if matched else []
    return "; ".join(told)
