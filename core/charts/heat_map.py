"""Every subject's change of every marker, as a map of colours."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.estimates import below_share
from core.charts.markers import first_of, names
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled
from core.formats import NOT_ESTIMABLE, significant

if TYPE_CHECKING:
    import altair as alt

CLIP = 3
"""Beyond so many standard deviations the colour of a heat map stays the same."""

WIDEST, LONGEST = 900, 320
"""Of a heat map with the names beside it, and the names, in pixels."""

CELL_WIDTH, CELL_HEIGHT, NARROWEST_NAMED_CELL = 26, 20, 11


def heat_map(result: Result, labels: Mapping[str, str]) -> "alt.LayerChart":
    """Draw every subject's change of every marker, in standard deviations of that marker's changes.

    Parameters
    ----------
    result : Result
        Its `records` have PARAMCD, USUBJID, z (a change divided by the standard deviation of its marker's changes;
        NaN when missing) and reason (why it is missing). A marker and a subject without a record are missing, too.
        Markers stand in the order of its `ard`.
    labels : mapping
        PARAMCD to what a reader calls it.

    Returns
    -------
    alt.LayerChart
        Subjects from the largest mean rise to the largest mean fall. Colours are symmetric around 0 and stay the same
        beyond 3; a missing pair is grey with a cross. A click chooses a marker: the selection "chosen" on PARAMCD.

    Examples
    --------
    >>> from core.ard import join
    >>> records = pd.DataFrame({"PARAMCD": ["PSA"], "USUBJID": ["01"], "z": [-4.0], "reason": [""]})
    >>> result = Result("x", "Panel", "s", "S", True, "2024-12-31", "", "Safety", "", 1, {}, join([]), records=records)
    >>> next(iter(heat_map(result, {}).to_dict()["datasets"].values()))[0]["shown"]
    -3.0
    """
    import altair as alt

    cells = _cells(result, labels)
    if cells.z.isna().all():
        return nothing(
            result, result.title, "PARAMCD", "No pairs to draw: no marker has a standardised change on view."
        )
    rows, subjects = dict(zip(cells.PARAMCD, cells.label, strict=True)), list(dict.fromkeys(cells.USUBJID))
    beside = min(LONGEST, theme.CHARACTER * max(map(len, rows.values())))
    wide = min(CELL_WIDTH, (WIDEST - beside) / len(subjects))
    names_below = alt.Axis(
        labels=wide >= NARROWEST_NAMED_CELL, labelAngle=-90, labelLimit=120, ticks=False, domain=False
    )
    axis = alt.Axis(labelExpr=relabelled(rows), labelLimit=LONGEST, ticks=False, domain=False)
    x = alt.X(
        "USUBJID:N", title="Subject, by mean change", axis=names_below, sort=subjects, scale=alt.Scale(domain=subjects)
    )
    y = alt.Y("PARAMCD:N", title=None, axis=axis, sort=list(rows), scale=alt.Scale(domain=list(rows)))
    choice = chosen("PARAMCD")
    told = {"label": "Marker", "USUBJID": "Subject", "z_text": "Change / SD of changes", "reason": "Missing because"}
    rect = alt.Chart(data(cells)).mark_rect(stroke=theme.PAPER, strokeWidth=1, cursor="pointer", invalid=None).encode(
        x=x, y=y, color=alt.condition(alt.datum.missing, alt.value(theme.ABSENT), _diverging()),
        opacity=lit(choice, theme.FADED), tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    cross = alt.Chart(data(cells[cells.missing])).mark_text(text="×", color=theme.INK, fontSize=min(14, wide))
    counts = f"{int((~cells.missing).sum())} changes of {len(rows)} markers in {len(subjects)} subjects"
    notes = [
        f"{counts}; colours stay the same beyond ±{CLIP}; grey with a cross: nothing to show",
        first_of(len(rows), result.ard.variable.nunique()),
        below_share(result),
    ]
    title = heading(result, result.title, *notes)
    chart = alt.LayerChart(layer=[rect, cross.encode(x=x, y=y)])
    return theme.themed(chart.properties(width=wide * len(subjects), height=CELL_HEIGHT * len(rows), title=title))


def _cells(result: Result, labels: Mapping[str, str]) -> pd.DataFrame:
    """Return every marker of every subject, markers in the order of the results, subjects by their mean change."""
    records = result.records if len(result.records) else pd.DataFrame(columns=["PARAMCD", "USUBJID", "z", "reason"])
    mean = (
        records.groupby("USUBJID", sort=True).z.mean().sort_values(ascending=False, kind="stable", na_position="last")
    )
    present = set(records.PARAMCD)
    codes = [code for code in dict.fromkeys(result.ard.variable) if code in present]
    codes += [code for code in dict.fromkeys(records.PARAMCD) if code not in set(codes)]
    cells = pd.MultiIndex.from_product([codes, list(mean.index)], names=["PARAMCD", "USUBJID"])
    frame = records.set_index(["PARAMCD", "USUBJID"])[["z", "reason"]].reindex(cells).reset_index()
    z = frame.z.to_numpy(dtype=float)
    missing = np.isnan(z)
    return frame.assign(
        label=frame.PARAMCD.map(dict(zip(codes, names(codes, labels), strict=True))),
        z=z, shown=np.clip(z, -CLIP, CLIP), missing=missing,
        z_text=[NOT_ESTIMABLE if gone else significant(value) for gone, value in zip(missing, z, strict=True)],
        reason=np.where(missing, frame.reason.fillna("no record").replace("", NOT_ESTIMABLE), ""),
    )  # fmt: skip


def _diverging() -> "alt.Color":
    import altair as alt

    stops = list(np.linspace(-CLIP, CLIP, len(theme.DIVERGING)).tolist())
    ends = {f"{-CLIP}": f"≤ -{CLIP}", f"{CLIP}": f"≥ {CLIP}"} | {str(at): str(at) for at in range(1 - CLIP, CLIP)}
    legend = alt.Legend(
        title="Change / SD of changes", values=list(range(-CLIP, CLIP + 1)), labelExpr=relabelled(ends), gradientLength=260,
        titleOrient="left",
    )  # fmt: skip
    return alt.Color(
        "shown:Q", scale=alt.Scale(domain=stops, range=list(theme.DIVERGING), interpolate="rgb"), legend=legend
    )
