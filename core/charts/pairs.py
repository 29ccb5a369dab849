"""Pairs as they are drawn: where each value stands, how it reads, and which way the subject went."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result
from core.formats import named, significant

ROSE, FELL, UNCHANGED, BOTH_BELOW = "rose", "fell", "unchanged", "both below the limit"
MEASURED, BELOW = "measured", "below the limit, drawn at it"
BOTH_MEASURED, ONE_BELOW = "both values measured", "a value below the limit"
NO_MAGNITUDE = "no magnitude"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Compared:
    """What is compared: a marker with its unit, two visits, the scale, and the split ("" when there is none)."""

    label: str
    unit: str
    earlier: str
    later: str
    scale: str = "raw"
    group_label: str = ""

    @property
    def title(self) -> str:
        """The marker and its visits."""
        return f"{self.label}, {self.earlier} to {self.later}"

    @property
    def value(self) -> str:
        """What the axis of values is called."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def change(self) -> str:
        """What the axis of changes is called."""
        if self.scale == "log2":
            return "log2 fold change"
        return f"Change ({self.unit})" if self.unit else "Change"

    @property
    def subject(self) -> str:
        """What the axis of subjects is called."""
        return f"Subject, by {self.group_label}" if self.group_label else "Subject"

    @property
    def mean_change(self) -> str:
        """What the mean of changes is called in a sentence."""
        return "mean fold change ×" if self.scale == "log2" else "mean change"


def drawn(result: Result, of: Compared) -> pd.DataFrame:
    """Return one row a usable pair, as it is drawn.

    Parameters
    ----------
    result : Result
        Its `records` hold one row a subject: USUBJID, earlier, later, earlier_below, later_below, earlier_limit,
        later_limit, change, paired, days_between, group. Only those that are `paired` are returned.
    of : Compared
        What is compared.

    Returns
    -------
    DataFrame
        USUBJID, group; before and after, where the values stand in their unit: one below its limit at the limit, NaN
        when it has no place (no limit is known, or a logarithm has none); before_text, after_text, change_text, days,
        as they read; before_below, after_below; change, NaN when it has no magnitude; direction; measured, whether
        both values were. Ordered by group (as in the results), then USUBJID.

    Examples
    --------
    >>> from core.ard import join
    >>> records = pd.DataFrame({"USUBJID": ["01", "02"], "earlier": [3.0, 0.025], "later": [0.025, 2.0],
    ...     "earlier_below": [False, True], "later_below": [True, False], "earlier_limit": 0.05, "later_limit": 0.05,
    ...     "change": [-2.975, 1.975], "paired": True, "days_between": 63.0, "group": ""})
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, join([]), records=records)
    >>> drawn(result, Compared("PSA", "ng/mL", "Baseline", "Week 9"))[["before", "after_text", "direction"]].values
    array([[3.0, '<0.05', 'fell'],
           [0.05, '2', 'rose']], dtype=object)
    """
    records = result.records
    usable = records[records.paired.astype(bool)] if len(records) else pd.DataFrame(columns=list(_COLUMNS))
    before, after = _places(usable, "earlier", of), _places(usable, "later", of)
    change = usable.change.to_numpy(dtype=float)
    texts = {side: _texts(usable, name) for side, name in (("before", "earlier"), ("after", "later"))}
    below = [usable[name].to_numpy(dtype=bool) for name in ("earlier_below", "later_below")]
    frame = pd.DataFrame(
        {
            "USUBJID": usable.USUBJID.astype(str).to_numpy(dtype=object),
            "group": _groups(usable, of),
            "before": before, "after": after,
            "before_text": texts["before"], "after_text": texts["after"],
            "before_below": below[0], "after_below": below[1],
            "change": change,
            "change_text": [NO_MAGNITUDE if np.isnan(value) else significant(value) for value in change],
            "days": [UNKNOWN if np.isnan(day) else f"{day:g}" for day in usable.days_between.to_numpy(dtype=float)],
            "direction": _directions(change, before, after, *below),
            "measured": np.where(below[0] | below[1], ONE_BELOW, BOTH_MEASURED).astype(object),
        }
    )  # fmt: skip
    place = {level: at for at, level in enumerate(levels(result, frame))}
    order = np.lexsort((frame.USUBJID.to_numpy(dtype=str), frame.group.map(place).to_numpy(dtype=float)))
    return frame.iloc[order].reset_index(drop=True)


def levels(result: Result, pairs: pd.DataFrame) -> list[str]:
    """Return the groups that have pairs, in the order of the results.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, join([]))
    >>> levels(result, pd.DataFrame({"group": ["Yes", "No", "Yes"]}))
    ['No', 'Yes']
    """
    present = set(pairs.group)
    stated = [level for level in dict.fromkeys(result.ard.group1_level) if level in present]
    return stated + sorted(present - set(stated))


def directions(pairs: pd.DataFrame) -> tuple[str, ...]:
    """Return the directions that a figure tells apart; pairs below the limit at both visits only where there are any.

    Examples
    --------
    >>> directions(pd.DataFrame({"direction": ["fell"]}))
    ('rose', 'fell', 'unchanged')
    """
    usual = (ROSE, FELL, UNCHANGED)
    return (*usual, BOTH_BELOW) if (pairs.direction == BOTH_BELOW).any() else usual


def no_pairs(every: pd.DataFrame, of: Compared, reason: str) -> str:
    """Return why there is nothing to draw: no pair at all, or none that can be drawn, for the reason given.

    Examples
    --------
    >>> no_pairs(pd.DataFrame({"USUBJID": ["01", "02"]}), Compared("PSA", "", "Baseline", "Week 9"), "none is positive")
    'No pairs to draw: none is positive (01, 02).'
    """
    if every.empty:
        return f"No pairs to draw: no subject on view has a usable value at both {of.earlier} and {of.later}."
    return f"No pairs to draw: {reason} ({named(every.USUBJID)})."


def left_out(pairs: pd.DataFrame, reason: str) -> str:
    """Return who is not drawn, and why; "" when nobody is left out.

    Examples
    --------
    >>> left_out(pd.DataFrame({"USUBJID": ["01", "02"]}), "their change has no magnitude")
    'Not drawn, their change has no magnitude: 01, 02'
    """
    return f"Not drawn, {reason}: {named(pairs.USUBJID)}" if len(pairs) else ""


def no_magnitude(every: pd.DataFrame) -> str:
    """Return whose change cannot be drawn; "" when every change can.

    Examples
    --------
    >>> no_magnitude(pd.DataFrame({"USUBJID": ["01", "02"], "change": [float("nan"), 1.0]}))
    'Not drawn, a change without magnitude: 01'
    """
    return left_out(every[every.change.isna()], "a change without magnitude")


def with_change(every: pd.DataFrame, result: Result) -> pd.DataFrame:
    """Return the pairs whose change has a magnitude, the largest rise first within each group.

    Examples
    --------
    >>> from core.ard import join
    >>> result = Result("x", "X", "s", "S", True, "2024-12-31", "", "Safety", "", 2, {}, join([]))
    >>> every = pd.DataFrame({"USUBJID": ["01", "02", "03"], "group": "", "change": [-1.0, 2.0, float("nan")]})
    >>> with_change(every, result).USUBJID.tolist()
    ['02', '01']
    """
    pairs = every[every.change.notna()]
    place = {level: at for at, level in enumerate(levels(result, pairs))}
    groups = pairs.group.map(place).to_numpy(dtype=float)
    return pairs.iloc[np.lexsort((pairs.USUBJID.to_numpy(dtype=str), -pairs.change.to_numpy(dtype=float), groups))]


def remarks(pairs: pd.DataFrame) -> list[str]:
    """Return what a reader must know of pairs that tell little.

    Parameters
    ----------
    pairs : DataFrame
        What `drawn` returned, of at least one pair.

    Examples
    --------
    >>> remarks(pd.DataFrame({"before_below": [True, True], "after_below": [True, True], "change": [0.0, 0.0]}))
    ['Every value is below the limit: no change can be seen.']
    >>> remarks(pd.DataFrame({"before_below": [False], "after_below": [False], "change": [1.0]}))
    ['A single pair: nothing can be inferred from it.']
    """
    if (pairs.before_below & pairs.after_below).all():
        return ["Every value is below the limit: no change can be seen."]
    if len(pairs) == 1:
        return ["A single pair: nothing can be inferred from it."]
    return ["No value changed: every difference is 0."] if (pairs.change == 0).all() else []


_COLUMNS = (
    "USUBJID", "earlier", "later", "earlier_below", "later_below", "earlier_limit", "later_limit", "change", "paired",
    "days_between", "group",
)  # fmt: skip


def _groups(usable: pd.DataFrame, of: Compared) -> NDArray[np.object_]:
    if not of.group_label:
        return np.full(len(usable), "", dtype=object)
    text = usable.group.fillna("").astype(str).to_numpy(dtype=object)
    return np.where(text == "", UNKNOWN, text).astype(object)


def _places(usable: pd.DataFrame, name: str, of: Compared) -> NDArray[np.float64]:
    below = usable[f"{name}_below"].to_numpy(dtype=bool)
    place = np.where(below, usable[f"{name}_limit"].to_numpy(dtype=float), usable[name].to_numpy(dtype=float))
    return np.where(place > 0, place, np.nan) if of.scale == "log2" else np.where(np.isfinite(place), place, np.nan)


def _texts(usable: pd.DataFrame, name: str) -> list[str]:
    columns = (usable[f"{name}_below"], usable[name], usable[f"{name}_limit"])
    return [
        _recorded(value) if not below else "below the limit" if np.isnan(limit) else f"<{_recorded(limit)}"
        for below, value, limit in zip(*columns, strict=True)
    ]


def _recorded(value: float) -> str:
    return f"{value:.12g}" if abs(value) < 1e6 else significant(value)


def _directions(
    change: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    before_below: NDArray[np.bool_],
    after_below: NDArray[np.bool_],
) -> NDArray[np.object_]:
    """Tell by the change; one without magnitude by its order, in which a value below its limit is the lowest."""
    with np.errstate(invalid="ignore"):
        by_order = np.where(before_below | after_below, before_below * 1.0 - after_below, np.sign(after - before))
    sign = np.where(np.isnan(change), by_order, np.sign(change))
    both = before_below & after_below
    return np.select([both, sign > 0, sign < 0], [BOTH_BELOW, ROSE, FELL], UNCHANGED).astype(object)
