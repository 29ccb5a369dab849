"""The words over a figure: who it is about, and what was found."""

from textwrap import wrap

from core.ard import Result
from core.formats import confidence_level

LINE = 108
"""Characters that fit over a figure."""


def subtitle(result: Result, *more: str) -> list[str]:
    """Return the lines under a title: who is on view and of which data, then each text on a line of its own.

    Parameters
    ----------
    result : Result
        Gives population, N and data cut; simulated data are called so.
    *more : str
        Further texts; an empty one is left out, one too long goes on in the next line, parted at "; " where it can be.

    Returns
    -------
    list of str
        None longer than 108 characters.

    Examples
    --------
    >>> import pandas as pd
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 30, {}, pd.DataFrame())
    >>> subtitle(result, "18 pairs", "")
    ['Safety population, N=30; data cut 2024-12-31; simulated data', '18 pairs']
    """
    who = f"{result.population} population" + (f", {result.condition}" if result.condition else "")
    who += f", N={result.N}; data cut {result.data_cut}"
    unplanned = f"Exploratory: {'; '.join(result.unplanned)}" if result.unplanned else ""
    texts = (f"{who}; simulated data" if result.simulated else who, unplanned, *more)
    return [line for text in texts if text for line in _lines(text)]


def confidence(result: Result) -> str:
    """Return what the intervals of a result are called.

    Examples
    --------
    >>> import pandas as pd
    >>> options = {"conf": 0.95}
    >>> confidence(Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 30, options, pd.DataFrame()))
    '95% CI'
    """
    return f"{confidence_level(result.options['conf'])} CI"


def _lines(text: str) -> list[str]:
    lines = [""]
    for clause in text.split("; "):
        longer = f"{lines[-1]}; {clause}" if lines[-1] else clause
        if len(longer) <= LINE:
            lines[-1] = longer
        else:
            lines[-1] += ";" * bool(lines[-1])
            lines.extend(wrap(clause, LINE))
    return [line for line in lines if line]
