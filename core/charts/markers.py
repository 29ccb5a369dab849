"""Markers as they are drawn: one row each in the order of their families, with every number beside how it reads."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.ard import Result
from core.charts.estimates import TESTS
from core.formats import NOT_ESTIMABLE, counted, fixed, limits, p_value, percentage, significant

FAMILY = "family"


def markers(result: Result, labels: Mapping[str, str], test: str, alpha: float) -> pd.DataFrame:
    """Return one row a marker: families in the order in which they first appear, markers in that of the results.

    Parameters
    ----------
    result : Result
        Its `ard` has PARAMCD in `variable`, the family in `group2_level`, and the contexts paired_t, wilcoxon, d_z,
        adjusted and below_limit.
    labels : mapping
        PARAMCD to what a reader calls it; the code itself where there is none. Two of one name get their code.
    test : str
        The pre-specified test, "paired_t" or "wilcoxon".
    alpha : float
        A marker is `found` when its q (Benjamini-Hochberg) is below it.

    Returns
    -------
    DataFrame
        PARAMCD, label, family; n pairs, d_z with low and high, p, q: NaN when not estimable; found; reason, why
        something is not estimable; n_text, size_text, p_text, q_text, below_text (share below the limit), as they
        read.

    Examples
    --------
    >>> from core.ard import rows
    >>> from core.stats.paired_t import paired_t
    >>> key = {"variable": "PSA", "group2": "family", "group2_level": "Blood", "context": "paired_t"}
    >>> ard = rows(paired_t([1.0, 2.0, 4.0]), **key)
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 3, {"conf": 0.95}, ard)
    >>> markers(result, {}, "paired_t", 0.05)[["label", "n_text", "p_text", "q_text", "found"]].values.tolist()
    [['PSA', '3', '0.1181', 'n.e.', False]]
    """
    ard = result.ard[result.ard.group2 == FAMILY]
    family = ard.drop_duplicates("variable").set_index("variable").group2_level
    stats = (
        ard.drop_duplicates(["variable", "context", "stat_name"]).set_index(["variable", "context", "stat_name"]).stat
    )

    def every(context: str, name: str) -> pd.Series:
        return stats.reindex([(code, context, name) for code in family.index]).to_numpy(dtype=float)

    codes = list(family.index)
    columns = {
        "n": every(test, "n"), "d_z": every("d_z", "estimate"), "low": every("d_z", "conf_low"),
        "high": every("d_z", "conf_high"), "p": every(test, "p_value"), "q": every("adjusted", "q_bh"),
    }  # fmt: skip
    frame = pd.DataFrame({"PARAMCD": codes, "label": names(codes, labels), FAMILY: list(family)}).assign(**columns)
    frame["found"] = (frame.q < alpha).to_numpy(dtype=bool)
    reasons = _reasons(ard, test)
    frame["reason"] = [reasons.get(code, "") for code in codes]
    frame["n_text"] = [fixed(n, 0) for n in frame.n]
    frame["size_text"] = [
        NOT_ESTIMABLE if np.isnan(size) else f"{significant(size)} ({limits(low, high)})"
        for size, low, high in zip(frame.d_z, frame.low, frame.high, strict=True)
    ]
    frame["p_text"], frame["q_text"] = [p_value(p) for p in frame.p], [p_value(q) for q in frame.q]
    frame["below_text"] = [
        NOT_ESTIMABLE if np.isnan(share) else f"{percentage(share)}%" for share in every("below_limit", "percent")
    ]
    place = {name: at for at, name in enumerate(dict.fromkeys(frame.family))}
    return frame.iloc[np.argsort(frame.family.map(place).to_numpy(dtype=float), kind="stable")].reset_index(drop=True)


def names(codes: list[str], labels: Mapping[str, str]) -> list[str]:
    """Return what each marker is called; where two would be called the same, their code is added.

    Examples
    --------
    >>> names(["A", "B", "C"], {"A": "PSA", "B": "PSA"})
    ['PSA (A)', 'PSA (B)', 'C']
    """
    called = [labels.get(code) or code for code in codes]
    times = Counter(called)
    return [name if times[name] == 1 else f"{name} ({code})" for code, name in zip(codes, called, strict=True)]


def outcome(frame: pd.DataFrame, test: str, alpha: float) -> str:
    """Return how many markers changed, by the pre-specified test after adjustment.

    Examples
    --------
    >>> outcome(pd.DataFrame({"found": [True, False]}), "paired_t", 0.05)
    '1 of 2 markers with q < 0.05 (filled): paired t, Benjamini-Hochberg within each family'
    """
    count = f"{int(frame.found.sum())} of {counted(len(frame), 'marker')}"
    return f"{count} with q < {alpha:g} (filled): {TESTS[test]}, Benjamini-Hochberg within each family"


def first_of(drawn: int, all_of_them: int) -> str:
    """Return how many of the markers a figure draws; empty when it draws all.

    Examples
    --------
    >>> first_of(60, 80), first_of(80, 80)
    ('The first 60 of 80 markers are drawn', '')
    """
    return f"The first {drawn:,} of {all_of_them:,} markers are drawn" if drawn < all_of_them else ""


def _reasons(ard: pd.DataFrame, test: str) -> dict[str, str]:
    """Return PARAMCD -> why the test, or else the size, is missing, where one is."""
    missing = ard[ard.stat.isna() & (ard.warning.fillna("") != "") & ard.context.isin([test, "d_z"])]
    ordered = missing.iloc[np.argsort((missing.context != test).to_numpy(), kind="stable")].drop_duplicates("variable")
    return dict(zip(ordered.variable, ordered.warning, strict=True))
