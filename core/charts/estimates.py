"""What was estimated, taken from the results as it stands there: as numbers to draw, and in sentences."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts.caption import confidence
from core.charts.pairs import Compared
from core.formats import NOT_ESTIMABLE, count_percent, counted, fixed, limits, p_text, significant

TESTS = {"paired_t": "paired t", "wilcoxon": "signed-rank"}


def stat(result: Result, context: str, name: str, level: str = "", at: str = "") -> float:
    """Return one number of the results, NaN when it is not there or not estimable.

    Parameters
    ----------
    result : Result
        Its `ard` is about one marker.
    context, name : str
        Such as "paired_t" and "p_value".
    level : str
        Of the split; "" when there is none.
    at : str
        The visit, of a summary.

    Examples
    --------
    >>> ard = pd.DataFrame({"context": ["paired_t"], "stat_name": ["t"], "group1_level": [""], "stat": [-4.5]})
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, ard)
    >>> stat(result, "paired_t", "t"), stat(result, "wilcoxon", "p_value")
    (-4.5, nan)
    """
    ard = result.ard
    wanted = (ard.context == context) & (ard.stat_name == name) & (ard.group1_level == level)
    found = ard.stat[wanted & (ard.group2_level == at)] if at else ard.stat[wanted]
    return float(found.iloc[0]) if len(found) else np.nan


def below_share(result: Result) -> str:
    """Return the share of values below the limit among all usable pairs, as every table has it.

    Examples
    --------
    >>> ard = pd.DataFrame({"context": "below_limit", "stat_name": ["n", "n_below", "n", "n_below"], "stat": [8.0, 1.0, 8.0, 2.0]})
    >>> below_share(Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, ard))
    '3 (18.8%) of 16 values below the limit'
    """
    rows = result.ard[result.ard.context == "below_limit"]
    n, n_below = (float(rows.stat[rows.stat_name == name].sum()) for name in ("n", "n_below"))
    if not n:
        return ""
    return f"{count_percent(n_below, 100 * n_below / n, '%')} of {fixed(n, 0)} values below the limit"


def medians(result: Result, groups: Sequence[str], of: Compared) -> pd.DataFrame:
    """Return the median of both visits in each group, as the results have them: by the same rule for values below a limit.

    Returns
    -------
    DataFrame
        group, before, after (in the unit), before_text, after_text. A group has no row where a median is not estimable,
        or where half of a visit's values or more are below the limit: what stands in for them is not seen.

    Examples
    --------
    >>> ard = pd.DataFrame({"context": "summary", "stat_name": "median", "group1_level": "",
    ...                     "group2_level": ["Baseline", "Week 9"], "stat": [2.0, 0.025]})
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, ard)
    >>> medians(result, [""], Compared("PSA", "ng/mL", "Baseline", "Week 9")).values.tolist()
    [['', 2.0, 0.025, '2.00', '0.0250']]
    """
    rows = []
    for group in groups:
        values = [stat(result, "summary", "median", group, visit) for visit in (of.earlier, of.later)]
        shares = [stat(result, "below_limit", "percent", group, visit) for visit in (of.earlier, of.later)]
        seen = all(np.isnan(share) or share < 50 for share in shares)
        if seen and not np.isnan(values).any() and (of.scale == "raw" or min(values) > 0):
            rows.append((group, *values, *map(significant, values)))
    return pd.DataFrame(rows, columns=["group", "before", "after", "before_text", "after_text"])


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
        context, name = ("fold_change", "estimate") if of.scale == "log2" else ("paired_t", "mean_change")
        mean = f"{of.mean_change} {with_interval(result, context, name, str(group))}"
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


def _p(result: Result, context: str, level: str) -> str:
    p = stat(result, context, "p_value", level)
    ard = result.ard[(result.ard.context == context) & (result.ard.group1_level == level)]
    reasons = [reason for reason in dict.fromkeys(ard.warning[ard.stat_name == "p_value"]) if reason]
    return f"{TESTS[context]} {p_text(p)}" + (f" ({reasons[0]})" if np.isnan(p) and reasons else "")
