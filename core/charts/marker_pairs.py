"""Of how many patients each marker has a pair, against the target."""

from typing import TYPE_CHECKING

from core.ard import Result
from core.charts import theme
from core.charts.evaluability import TOTAL, Words
from core.charts.parts import chosen, data, heading, hover, lit, nothing, relabelled
from core.charts.wide import wide
from core.formats import fixed

if TYPE_CHECKING:
    import altair as alt


MOST = 60
SHORT = 0.08
"""A bar shorter than this share of the longest has its count beside it, not in it."""


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
    bars = every.head(MOST)
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
        x=x, y=y, fill=alt.value(theme.LEVELS[0]), opacity=lit(choice, theme.FADED),
        tooltip=hover(told),
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
