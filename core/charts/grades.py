"""Grades and severities as they are drawn: their colours, shapes and names, from the mildest to the worst."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.charts import theme
from core.charts.parts import relabelled, scale
from core.study import AdverseEvents

if TYPE_CHECKING:
    import altair as alt

MISSING = "missing"


def colours(levels: int) -> list[str]:
    """Return the colour of each of so many levels, then that of a missing grade.

    Examples
    --------
    >>> colours(3) == [theme.GRADES[0], theme.GRADES[2], theme.GRADES[3], theme.ABSENT]
    True
    """
    last = len(theme.GRADES) - 1
    at = (0, 2, 3) if levels == 3 else [place * last // max(1, levels - 1) for place in range(levels)]
    return [*(theme.GRADES[place] for place in at), theme.ABSENT]


def names(coding: AdverseEvents) -> dict[str, str]:
    """Return each level and how it reads, a missing grade last.

    Examples
    --------
    >>> list(names(AdverseEvents()).values())[-2:]
    ['Grade 5', 'Missing']
    """
    return {level: coding.grade_label(level) for level in coding.levels} | {MISSING: "Missing"}


def fill(coding: AdverseEvents, used: Sequence[str], symbol: str = "square") -> "alt.Fill":
    """Return the fill of marks by grade, with a legend of those used.

    Examples
    --------
    >>> fill(AdverseEvents(), ["1", "5"]).to_dict()["scale"]["domain"]
    ['1', '5']
    """
    import altair as alt

    labels = names(coding)
    of = dict(zip(labels, colours(len(coding.levels)), strict=True))
    shown = [level for level in labels if level in set(used)]
    legend = alt.Legend(
        title=None, labelExpr=relabelled({level: labels[level] for level in shown}), symbolType=symbol, labelLimit=0,
        columns=len(labels),
    )  # fmt: skip
    return alt.Fill("grade:N", scale=scale(shown, [of[level] for level in shown]), legend=legend)


def shown_on(level: str, coding: AdverseEvents) -> str:
    """Return the colour of text that can be read on the fill of a level.

    Examples
    --------
    >>> shown_on("1", AdverseEvents()) == theme.INK, shown_on("5", AdverseEvents()) == theme.PAPER
    (True, True)
    """
    of = dict(zip(names(coding), colours(len(coding.levels)), strict=True))
    return theme.PAPER if of[level] in theme.GRADES[2:] else theme.INK


def told(text: str, coding: AdverseEvents) -> str:
    """Return a line under a title with by which criteria events are graded, where study.toml says it.

    Examples
    --------
    >>> told("By worst grade", AdverseEvents(ctcae_version="4.03")), told("By worst grade", AdverseEvents())
    ('By worst grade; NCI CTCAE, version 4.03', 'By worst grade')
    """
    return f"{text}; {coding.grading}" if coding.grading else text
