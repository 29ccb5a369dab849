"""What a reader must know with the change of one marker, group by group, in sentences."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from core.formats import TESTS, counted, p_value, within_sentence
from core.outputs.comparison import NO_LOGARITHM, Comparison, unsized
from core.outputs.markers import Flags
from core.stats.normality import skewness
from core.stats.paired_t import paired_t

SKEWED = 1.0
REACHABLE = 6
"""Differences other than zero from which on a rank test can reach a two-sided p below 0.05."""

USUAL_ALPHA = 0.05


def left_out(whole: Comparison, records: pd.DataFrame) -> list[str]:
    """Name the usable pairs that the rule or the scale leaves out, and why."""
    lost = records[whole.usable & ~whole.pairs]
    if lost.empty:
        return []
    sides = lost[["earlier_missing", "later_missing"]].to_numpy().ravel()
    why = "; ".join(dict.fromkeys(within_sentence(text) for text in sides if text))
    verb = "is" if len(lost) == 1 else "are"
    return [f"{counted(len(lost), 'usable pair')} {verb} left out: {why} ({', '.join(lost.USUBJID)})."]


def by_group(parts: Mapping[str, Comparison], groups: Mapping[str, Flags], subjects: pd.Series) -> Iterator[str]:
    """Yield what must be told of each group; of a comparison that is not split, of all."""
    for level, members in groups.items():
        for sentence in _of_one(parts[level], subjects[members].reset_index(drop=True)):
            yield f"{level}: {within_sentence(sentence)}" if level else sentence


def _of_one(group: Comparison, subjects: pd.Series) -> Iterator[str]:
    if reason := unsized(group):
        can = "Nothing can be tested" if reason == NO_LOGARITHM else "Only the sign test can be made"
        yield f"{can}: {reason}."
        yield from _order(group)
        return
    yield from _few(group)
    if abs(skewness(group.sized)) > SKEWED:
        yield (
            "The differences are skewed; set the mean beside the Hodges-Lehmann estimate. The pre-specified test stays "
            f"the {TESTS[group.primary]}."
        )
    yield from _drivers(group, subjects)


def _order(group: Comparison) -> Iterator[str]:
    """Tell pairs in which a measured value is less than the limit of the other, so that the order rests on the rule."""
    doubtful = (group.earlier.below & (group.later.value < group.earlier.limit)) | (
        group.later.below & (group.earlier.value < group.later.limit)
    )
    if doubtful.any():
        pairs = counted(int(doubtful.sum()), "pair has", "pairs have")
        yield f"{pairs} a measured value under the limit of the other; their order is the rule's, not the laboratory's."


def _few(group: Comparison) -> Iterator[str]:
    """Tell when a p below 0.05 is out of reach of the exact rank tests."""
    differing, n = int(np.count_nonzero(group.change.change[group.pairs])), int(group.pairs.sum())
    if not n or differing >= REACHABLE:
        return
    tests = "the sign test" if group.method == "asymptotic" else "the signed-rank and the sign test"
    yield (
        f"With {counted(differing, 'difference')} other than zero {tests} cannot reach p < {USUAL_ALPHA}; the least possible is "
        f"{p_value(min(1.0, 2.0 ** (1 - differing)))}."
    )
    if group.method == "asymptotic":
        yield "The normal approximation of the signed-rank test is not to be trusted with so few."
    if not np.isnan(paired_t(group.sized).p_value):
        yield "The t-test can, by leaning on normal differences."


def _drivers(group: Comparison, subjects: pd.Series) -> Iterator[str]:
    """Tell how many subjects turn the answer when left out, each alone, and name the one who moves p most."""
    p, (_, own) = group.left_out.p_values, group.tested
    if np.isnan(own):
        return
    turning = ~np.isnan(p) & ((p < USUAL_ALPHA) != (own < USUAL_ALPHA))
    if not turning.any():
        return
    at = int(np.nanargmax(p) if own < USUAL_ALPHA else np.nanargmin(p))
    many = counted(int(turning.sum()), "subject turns", "subjects, each left out alone, turn")
    yield f"{many} the answer at {USUAL_ALPHA}: without {subjects[at]}, p is {p_value(float(p[at]))}, not {p_value(own)}."
