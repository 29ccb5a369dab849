"""Pieces that figures share: their data, what a click does, a legend that counts, and the figure with nothing to draw."""

import json
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.ard import Result
from core.charts import theme
from core.charts.caption import subtitle

if TYPE_CHECKING:
    import altair as alt

CHOSEN = "chosen"
"""The selection that pages listen to."""

TITLE = 76
"""Characters of a title that fit over a figure."""

LEGEND_POINT, LEGEND_LINE, LEGEND_HEIGHT = 100, 280, 16


def data(frame: pd.DataFrame) -> "alt.InlineData":
    """Return a frame as a figure carries it: every row, whatever their number; a missing value is null.

    Examples
    --------
    >>> data(pd.DataFrame({"a": [1.5, float("nan")]})).to_dict()["values"]
    [{'a': 1.5}, {'a': None}]
    """
    import altair as alt

    plain = frame.astype(object).where(frame.notna(), None)
    return alt.InlineData(values=plain.to_dict("records"))


def chosen(field: str) -> "alt.Parameter":
    """Return the selection "chosen": a click on a mark tells the page this field of it.

    Examples
    --------
    >>> chosen("USUBJID").name
    'chosen'
    """
    import altair as alt

    return alt.selection_point(name=CHOSEN, fields=[field], toggle=False)


def lit(choice: "alt.Parameter", dimmed: float = theme.DIMMED) -> Any:
    """Return an opacity: full when nothing is chosen or this is it, else as dimmed as that.

    Examples
    --------
    >>> lit(chosen("USUBJID"))
    {'condition': {'param': 'chosen', 'value': 1}, 'value': 0.15}
    """
    import altair as alt

    return alt.condition(choice, alt.value(1), alt.value(dimmed))


def hover(told: Mapping[str, str]) -> "list[alt.Tooltip]":
    """Return what a mark tells under the pointer: each field by its heading; one without a heading is left out.

    Examples
    --------
    >>> [tip.to_dict() for tip in hover({"n": "Subjects", "about": ""})]
    [{'field': 'n', 'title': 'Subjects', 'type': 'nominal'}]
    """
    import altair as alt

    return [alt.Tooltip(f"{field}:N", title=heading) for field, heading in told.items() if heading]


def scale(domain: Sequence[str], range_: Sequence[Any]) -> "alt.Scale":
    """Return which value is drawn how; the range begins anew when it is the shorter.

    Examples
    --------
    >>> scale(["a", "b", "c"], ["circle", "square"]).to_dict()
    {'domain': ['a', 'b', 'c'], 'range': ['circle', 'square', 'circle']}
    """
    import altair as alt

    return alt.Scale(domain=list(domain), range=[range_[at % len(range_)] for at in range(len(domain))])


def relabelled(texts: Mapping[str, str | Sequence[str]]) -> str:
    r"""Return the expression by which an axis or a legend shows each value as its text; a list is shown in lines.

    Parameters
    ----------
    texts : mapping
        Value, as text, to what is shown for it. They may come from data: they are quoted, never run.

    Examples
    --------
    >>> relabelled({"A": "it's"})
    '{"A": "it\'s"}[datum.value]'
    """
    return f"{json.dumps(dict(texts))}[datum.value]"


def counting(values: pd.Series, domain: Sequence[str], symbol: str = "circle") -> "alt.Legend":
    """Return a legend without title in which each entry tells how many there are.

    Examples
    --------
    >>> counting(pd.Series(["rose", "fell", "rose"]), ["rose", "fell"]).to_dict()["labelExpr"]
    '{"rose": "rose (2)", "fell": "fell (1)"}[datum.value]'
    """
    import altair as alt

    texts = {name: f"{name} ({int((values == name).sum())})" for name in domain}
    return alt.Legend(
        title=None,
        labelExpr=relabelled(texts),
        labelLimit=0,
        symbolType=symbol,
        symbolSize=LEGEND_LINE if symbol == "stroke" else LEGEND_POINT,
        clipHeight=LEGEND_HEIGHT,
    )


def outlined(values: Sequence[str], symbol: str = "circle") -> "alt.Legend":
    """Return a legend of these values alone, their symbols only outlined, of no level's colour.

    Examples
    --------
    >>> outlined(["a value below the limit"]).to_dict()["values"]
    ['a value below the limit']
    """
    import altair as alt

    return alt.Legend(
        title=None, values=list(values), symbolFillColor="transparent", symbolStrokeColor=theme.MUTED,
        symbolStrokeWidth=1.75, labelLimit=0, symbolType=symbol, clipHeight=LEGEND_HEIGHT,
    )  # fmt: skip


def heading(result: Result, title: str, *more: str) -> "alt.TitleParams":
    """Return a title, in several lines when it is long, with what stands below it.

    Parameters
    ----------
    result : Result
        Gives who is on view.
    title : str
        The title of the figure.
    *more : str
        What `core.charts.caption.subtitle` adds.

    Examples
    --------
    >>> result = Result("x", "X", "s", "S", False, "2024-12-31", "", "Safety", "", 0, {}, pd.DataFrame())
    >>> heading(result, "PSA, Baseline to Week 9", "18 pairs").to_dict()
    {'text': ['PSA, Baseline to Week 9'], 'subtitle': ['Safety population, N=0; data cut 2024-12-31', '18 pairs']}
    """
    import altair as alt

    return alt.TitleParams(wrap(title, TITLE) or [""], subtitle=subtitle(result, *more))


def nothing(result: Result, title: str, field: str, sentence: str) -> "alt.LayerChart":
    """Return a figure without marks that says why; what a page listens to is in it all the same.

    Parameters
    ----------
    result : Result
        Gives who is on view.
    title : str
        The title of the figure.
    field : str
        The column that a click would have told.
    sentence : str
        Why there is nothing to draw.

    Examples
    --------
    >>> result = Result("x", "X", "s", "S", False, "2024-12-31", "", "Safety", "", 0, {}, pd.DataFrame())
    >>> nothing(result, "Marker", "USUBJID", "No pairs to draw: nobody is on view.").to_dict()["title"]["subtitle"][1]
    'No pairs to draw: nobody is on view.'
    """
    import altair as alt

    blank = alt.Chart(alt.InlineData(values=[])).mark_point().add_params(chosen(field))
    text = heading(result, title, sentence)
    return theme.themed(
        alt.LayerChart(layer=[blank]).properties(width=theme.WIDTH, height=theme.ROW_HEIGHT, title=text)
    )
