"""What was estimated, taken from the results as it stands there: as numbers to draw, and in sentences."""

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts.caption import confidence, counted
from core.charts.pairs import Compared
from core.formats import NOT_ESTIMABLE, limits, p_value, significant

TESTS = {"paired_t": "paired t", "wilcoxon": "signed-rank"}


def stat(result: Result, context: str, name: str, level: str = "") -> float:
    """Return one number of the results, NaN when it is not there or not estimable.

    Parameters
    ----------
    result : Result
        Its `ard` is about one marker.
    context, name : str
        Such as "paired_t" and "p_value".
    level : str
        Of the split; "" when there is none.

    Examples
    --------
    >>> ard = pd.DataFrame({"context": ["paired_t"], "stat_name": ["t"], "group1_level": [""], "stat": [-4.5]})
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, ard)
    >>> stat(result, "paired_t", "t"), stat(result, "wilcoxon", "p_value")
    (-4.5, nan)
    """
    ard = result.ard
    found = ard.stat[(ard.context == context) & (ard.stat_name == name) & (ard.group1_level == level)]
    return float(found.iloc[0]) if len(found) else np.nan


def estimated(result: Result, pairs: pd.DataFrame, of: Compared) -> list[str]:
    """Return a sentence a group: its pairs, the mean change with its interval, and the p of both tests.

    Parameters
    ----------
    result : Result
        Its `ard` has the contexts paired_t and wilcoxon.
    pairs : DataFrame
        What `core.charts.pairs.drawn` returned: counted, not used to estimate anything. A group without results is
        only counted.
    of : Compared
        What is compared.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {"conf": 0.95}, join([]))
    >>> estimated(result, pd.DataFrame({"group": ["", ""]}), Compared("PSA", "ng/mL", "Baseline", "Week 9"))
    ['2 pairs']
    """
    sentences = []
    for group, part in pairs.groupby("group", sort=False):
        count = (f"{group}: " if group else "") + counted(len(part), "pair", "pairs")
        if group not in set(result.ard.group1_level):
            sentences.append(count)
            continue
        t, w = (_p(result, context, str(group)) for context in TESTS)
        mean = f"{of.mean_change} {with_interval(result, 'paired_t', 'mean_change', str(group))}"
        sentences.append(f"{count}; {mean}, {t}; {w}")
    return sentences


def with_interval(result: Result, context: str, name: str, level: str = "", called: bool = True) -> str:
    """Return an estimate with its interval: ``-37.9 (95% CI -55.2 to -20.5)``, or n.e.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {"conf": 0.95}, join([]))
    >>> with_interval(result, "hodges_lehmann", "estimate")
    'n.e.'
    """
    value, low, high = (stat(result, context, each, level) for each in (name, "conf_low", "conf_high"))
    if np.isnan(value):
        return NOT_ESTIMABLE
    return f"{significant(value)} ({f'{confidence(result)} ' if called else ''}{limits(low, high)})"


def p_text(p: float) -> str:
    """Return a p-value as a sentence has it.

    Examples
    --------
    >>> p_text(0.0123), p_text(0.000001), p_text(float("nan"))
    ('p = 0.0123', 'p <0.0001', 'p n.e.')
    """
    text = p_value(p)
    return f"p = {text}" if text[0].isdigit() else f"p {text}"


def _p(result: Result, context: str, level: str) -> str:
    p = stat(result, context, "p_value", level)
    ard = result.ard[(result.ard.context == context) & (result.ard.group1_level == level)]
    reasons = [reason for reason in dict.fromkeys(ard.warning[ard.stat_name == "p_value"]) if reason]
    return f"{TESTS[context]} {p_text(p)}" + (f" ({reasons[0]})" if np.isnan(p) and reasons else "")
