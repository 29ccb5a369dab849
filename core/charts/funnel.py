"""From accrual to evaluable pairs: how many patients reached each step, and the targets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled, scale
from core.formats import count_percent, fixed, percentage

if TYPE_CHECKING:
    import altair as alt

TOTAL = "Total"
TARGETS = ("accrued", "pair")
OPEN_STEP = "waiting"
BAR, PAUSE = 30, 14
NOBODY = "No patient to draw: nobody on view is registered."


@dataclass(frozen=True)
class Words:
    """How the steps read, by what patients are parted (empty when they are not), and which day stands for each."""

    steps: Mapping[str, str]
    by: str = ""
    day: str = "registration"


def funnel(result: Result, words: Words) -> "alt.LayerChart":
    """Draw how many patients reached each step, and the targets.

    Parameters
    ----------
    result : Result
        Of the output accrual.
    words : Words
        How the steps read.

    Returns
    -------
    alt.LayerChart
        One bar a step, of all groups together. A click chooses a step: the selection "chosen" on `step`.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "Accrual", "s", "S", True, "2024-12-31", "", "All", "", 0, {}, join([]))
    >>> funnel(result, Words({})).to_dict()["params"][0]["select"]["fields"]
    ['step']
    """
    import altair as alt

    title = "From accrual to evaluable pairs"
    steps = _steps(result, words)
    if steps.empty or not result.N:
        return nothing(result, title, "step", NOBODY)
    missing = [words.steps[step] for step in words.steps if step not in set(steps.step)]
    aims = steps[steps.step.isin(TARGETS) & steps.target.notna()]
    most = float(max(steps.n.max(), aims.target.max() if len(aims) else 0, 1))
    domain = list(steps.step)
    axis = alt.Axis(labelExpr=relabelled(dict(zip(steps.step, steps.label, strict=True))), ticks=False, domain=False)
    y = alt.Y("step:N", title=None, sort=domain, axis=axis, scale=alt.Scale(domain=domain, paddingInner=PAUSE / (BAR + PAUSE)))  # fmt: skip
    x = alt.X(
        "n:Q", title="Patients", scale=alt.Scale(domain=[0, most * 1.22], nice=False), axis=alt.Axis(tickMinStep=1)
    )
    choice = chosen("step")
    told = {"label": "Step", "share": "Patients, n (% of accrued)", "aim": "Target"}
    bars = alt.Chart(data(steps)).mark_bar(cursor="pointer").encode(
        x=x, y=y, fill=alt.Fill("kind:N", scale=scale(["so far", "open"], (theme.LEVELS[0], theme.DIVERGING[2])), legend=None),
        opacity=lit(choice, theme.FADED), tooltip=hover(told),
    ).add_params(choice)  # fmt: skip
    texts = alt.Chart(data(steps)).mark_text(
        align="left", dx=7, color=theme.INK, fontSize=theme.TEXT_SIZE, cursor="pointer"
    )
    layers = [bars, texts.encode(x=x, y=y, text="text:N")]
    if len(aims):
        mark = alt.Chart(data(aims)).mark_tick(color=theme.LEVELS[1], thickness=3, size=BAR + 8, orient="vertical")
        layers.append(mark.encode(x="target:Q", y=y, tooltip=[alt.Tooltip("aim:N", title="Target")]))
    size = {"width": theme.WIDTH, "height": len(steps) * (BAR + PAUSE)}
    notes = ["Upright marks are the targets of the study" if len(aims) else ""]
    notes.append(f"Not collected: {', '.join(missing)}" if missing else "")
    return theme.themed(alt.LayerChart(layer=layers).properties(**size, title=heading(result, title, result.answer.rstrip("."), *notes)))  # fmt: skip


def _steps(result: Result, words: Words) -> pd.DataFrame:
    """Return one row per step that is known: its count, how it reads, and its target."""
    ard = result.ard[(result.ard.variable == "STEP") & (result.ard.group1_level == TOTAL)]
    rows = []
    for step, label in words.steps.items():
        stats = {(row.context, row.stat_name): row.stat for row in ard[ard.variable_level == step].itertuples()}
        n, target = stats.get(("", "n"), np.nan), stats.get(("target", "target"), np.nan)
        reached = stats.get(("target", "percent"), np.nan)
        aim = "" if np.isnan(target) else fixed(target, 0) + ("" if np.isnan(reached) else f", {percentage(reached)}% reached")  # fmt: skip
        text = fixed(n, 0) if np.isnan(target) else f"{fixed(n, 0)} of {fixed(target, 0)}"
        rows.append({"step": step, "label": label, "n": n, "target": target, "aim": aim or "none", "text": text,
                     "share": count_percent(n, stats.get(("", "percent"), np.nan)),
                     "kind": "open" if step == OPEN_STEP else "so far"})  # fmt: skip
    frame = pd.DataFrame(rows, columns=["step", "label", "n", "target", "aim", "text", "share", "kind"])
    return frame[frame.n.notna()]
