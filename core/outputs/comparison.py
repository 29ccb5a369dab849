"""One marker at two timepoints in one group of subjects: every statistic of its change, as analysis results."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import rows
from core.formats import confidence_level
from core.stats import below_limit
from core.stats.below_limit import RULES, Measured
from core.stats.effect_size import d_z, g_z, rank_biserial
from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.influence import Left, each_left_out, estimate_and_p, leave_one_out
from core.stats.location import location
from core.stats.normality import shapiro, skewness
from core.stats.paired_t import paired_t
from core.stats.resampling import bootstrap_median, permutation
from core.stats.sign_test import sign_test
from core.stats.signed_rank import signed_rank

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Found = dict[str, tuple[Any, str]]
"""Context -> a statistic, and why of it is missing what is."""
RESAMPLED_FROM = 6
NO_PAIR, FEW, SAME = "no pair", "fewer than two pairs", "all differences are the same"
NO_LOGARITHM = "zero has no logarithm"
UNSIZED = "values below the limit have an order but no magnitude"


@dataclass(frozen=True)
class Fold:
    """A ratio of later to earlier with its limits."""

    estimate: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class Share:
    """How many of n values are below the limit."""

    n: int
    n_below: int
    percent: float


@dataclass(frozen=True)
class Count:
    """Subjects on view, and those of them who form a pair."""

    N: int
    n_pairs: int
    n_missing: int


@dataclass(frozen=True)
class UnderRule:
    """The pre-specified test under one rule for values below the limit."""

    n: int
    estimate: float
    p_value: float


@dataclass(frozen=True)
class Skew:
    """Fisher and Pearson's adjusted coefficient."""

    estimate: float


@dataclass(frozen=True)
class Comparison:
    """One marker in one group of subjects: values of shape (subjects,), and what is asked of them."""

    earlier: Measured
    later: Measured
    rule: str
    scale: str
    primary: str
    conf: float
    zeros: str
    method: str

    @cached_property
    def change(self) -> below_limit.Change:
        """Later minus earlier."""
        return below_limit.change(self.earlier, self.later, self.rule, self.scale)

    @cached_property
    def usable(self) -> Flags:
        """Who has a usable value at both timepoints, whatever the rule makes of it."""
        return np.asarray(self.earlier.present & self.later.present)

    @cached_property
    def pairs(self) -> Flags:
        """Who forms a pair under the rule."""
        return np.asarray(~np.isnan(self.change.sign))

    @cached_property
    def sized(self) -> Floats:
        """The changes for methods that need magnitudes: nothing when some have none."""
        found = self.change
        return found.change if found.sized else np.full_like(found.change, np.nan)

    @cached_property
    def tested(self) -> tuple[float, float]:
        """The estimate and the p of the pre-specified test."""
        estimate, p = estimate_and_p(self.sized, self.primary, self.zeros, self.method)
        return float(estimate), float(p)

    @cached_property
    def left_out(self) -> Left:
        """The same without each subject in turn."""
        return each_left_out(self.sized, self.primary, self.zeros, self.method)

    def of(self, members: Flags) -> "Comparison":
        """Return the comparison among some of the subjects."""
        return replace(self, earlier=self.earlier.pick(members), later=self.later.pick(members))


def statistics(group: Comparison, key: dict[str, str], first: str, second: str) -> Iterator[pd.DataFrame]:
    """Yield the rows of every statistic.

    Parameters
    ----------
    group : Comparison
        The values and what is asked of them.
    key : dict
        What the rows are about: variable, group1, group1_level.
    first, second : str
        The two timepoints.
    """
    n = int(group.pairs.sum())
    yield rows(Count(len(group.pairs), n, len(group.pairs) - n), context="pairs", **key)
    yield from _summaries(group, key, first, second)
    for context, (statistic, reason) in {**_tests(group, n), **_sizes(group, n), **_checks(group, n)}.items():
        yield rows(statistic, reason, context=context, **key)
    yield rows(below_limit.pair_states(group.earlier, group.later), context="pair_states", **key)
    for rule in RULES:
        yield rows(*_under(replace(group, rule=rule)), context=f"blq_{rule}", **key)


def _summaries(group: Comparison, key: dict[str, str], first: str, second: str) -> Iterator[pd.DataFrame]:
    """Yield the location of both timepoints and of the change, among pairs."""
    pairs = group.pairs
    for name, sample in ((first, group.earlier), (second, group.later)):
        at = {"group2": "AVISIT", "group2_level": name, **key}
        values = np.where(pairs, below_limit.on_scale(sample, group.rule), np.nan)
        yield _location(values, pairs, group.conf, at)
        n, n_below = int(group.usable.sum()), int(np.count_nonzero(sample.below & group.usable))
        yield rows(Share(n, n_below, 100 * n_below / n if n else np.nan), "no pair", context="below_limit", **at)
    at = {"group2": "AVISIT", "group2_level": f"{second}-{first}", **key}
    yield _location(group.change.change, pairs, group.conf, at)


def _location(values: Floats, pairs: Flags, conf: float, at: dict[str, str]) -> pd.DataFrame:
    """Summarise the values of pairs; where some have an order but no size, only their number is known."""
    n = int(pairs.sum())
    unknown = bool(np.isnan(values[pairs]).any())
    found = location(np.full_like(values, np.nan) if unknown else values, conf)
    reason = UNSIZED if unknown else "no pair" if not n else "too few values, or not all are positive"
    return rows(replace(found, n=n, n_missing=len(values) - n), reason, context="summary", **at)


def _tests(group: Comparison, n: int) -> Found:
    change, why = group.sized, unsized(group)
    few = why or (NO_PAIR if not n else FEW if n == 1 else SAME)
    short = why or ("no pair" if not n else f"with {n} pairs no interval reaches {confidence_level(group.conf)}")
    t, shift = paired_t(change, group.conf), hodges_lehmann(change, group.conf)
    ranks, signs = signed_rank(change, group.zeros, group.method), sign_test(group.change.sign)
    found: Found = {
        "paired_t": (replace(t, n=n), few),  # type: ignore[arg-type]
        "wilcoxon": (_only_n(ranks, n) if why or not n else ranks, why or NO_PAIR),
        "hodges_lehmann": (shift, short),
        "sign_test": (_only_n(signs, n) if why == NO_LOGARITHM else signs, why or "no pair"),
        "permutation": (_only_n(permutation(change), n) if why else permutation(change), why or "no pair"),
        "bootstrap_median": _median(change, group.conf, n, few),
    }
    if group.scale == "log2":
        found["fold_change"] = Fold(*np.exp2([t.mean_change, t.conf_low, t.conf_high])), few
        found["fold_shift"] = Fold(*np.exp2([shift.estimate, shift.conf_low, shift.conf_high])), short
    return found


def _median(change: Floats, conf: float, n: int, few: str) -> tuple[Any, str]:
    """Return the bootstrap interval; so few values as have no exact interval of a median have none by resampling."""
    found = bootstrap_median(change, conf)
    if 0 < n < RESAMPLED_FROM:
        return replace(found, conf_low=np.nan, conf_high=np.nan), f"fewer than {RESAMPLED_FROM} pairs to draw from"
    return found, few if np.isnan(found.estimate) else "leaving any one out moves no median"


def _sizes(group: Comparison, n: int) -> Found:
    change, why = group.sized, unsized(group)
    sided = rank_biserial(change, group.conf, group.zeros)
    one_side = "no difference other than zero" if np.isnan(sided.estimate) else "all differences have one sign"
    return {
        "d_z": (d_z(change, group.conf), why or (NO_PAIR if not n else FEW if n == 1 else SAME)),
        "g_z": (g_z(change, group.conf), why or ("fewer than three pairs" if n < 3 else SAME)),
        "rank_biserial": (sided, why or (one_side if n else NO_PAIR)),
    }


def _checks(group: Comparison, n: int) -> Found:
    change, why = group.sized, unsized(group)
    few = why or ("fewer than three pairs" if n < 3 else SAME)
    return {
        "shapiro": (shapiro(change), few),
        "skewness": (Skew(skewness(change)), few),
        "leave_one_out": (leave_one_out(group.left_out), why or "too few pairs"),
    }


def _under(group: Comparison) -> tuple[UnderRule, str]:
    """Return the pre-specified test under the group's rule; where only the order is known, the sign test."""
    n, reason = int(group.pairs.sum()), unsized(group)
    if reason == NO_LOGARITHM:
        return UnderRule(n, np.nan, np.nan), reason
    if reason:
        return UnderRule(n, np.nan, float(sign_test(group.change.sign).p_value)), f"{reason}; p is the sign test's"
    return UnderRule(n, *group.tested), NO_PAIR if not n else FEW if n == 1 else SAME


def unsized(group: Comparison) -> str:
    """Return why changes have no magnitude; empty when they have."""
    if group.change.sized:
        return ""
    return NO_LOGARITHM if group.rule == "zero" else UNSIZED


def _only_n(statistic: Any, n: int) -> Any:
    """Leave of a test that cannot be made only the number of pairs."""
    return type(statistic)(**{name: n if name == "n" else np.nan for name in vars(statistic)})
