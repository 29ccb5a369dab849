"""Wilcoxon's signed-rank test: do the differences lie symmetrically around zero?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import Alternatives, as_before, as_rows, check_choice
from core.stats.mid_ranks import ZERO_METHODS, SignedRanks, signed_ranks
from core.stats.signed_rank_null import lower_tail

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

METHODS = ("auto", "exact", "asymptotic")
# Up to that many differences other than zero the exact null is the rule: zeros carry no sign, and a normal curve laid
# over few signs among many zeros would give a p below the least that there is. Above, the curve is as good.
EXACT_UP_TO = 50


@dataclass(frozen=True)
class SignedRank:
    """One value a marker: how many pairs, zeros and ties, the two sums of ranks, and where the p comes from."""

    n: Ints
    n_zero: Ints
    n_tied: Ints
    w_plus: Floats
    w_minus: Floats
    exact: NDArray[np.bool_]
    p_value: Floats
    p_attainable: Floats


def signed_rank(
    change: ArrayLike,
    zero_method: str = "wilcox",
    method: str = "auto",
    correction: bool = True,
    alternative: str = "two-sided",
) -> SignedRank:
    """Test paired differences by the ranks of their absolute values.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    zero_method : {"wilcox", "pratt"}
        Differences of zero are dropped before ranks are given, or after.
    method : {"auto", "exact", "asymptotic"}
        "auto" is exact up to 50 differences other than zero.
    correction : bool
        Of an asymptotic p: half a rank towards the middle.
    alternative : {"two-sided", "less", "greater"}
        Which changes speak against the null: both, negative ones or positive ones.

    Returns
    -------
    SignedRank
        Fields of shape change.shape[:-1]. n counts all pairs, n_zero the differences dropped, n_tied the others that
        share their absolute value with one more, to twelve significant digits. p_attainable is the least two-sided p
        that so many differences can have. Without a difference other than zero p is 1; without pairs, NaN.

    Raises
    ------
    ValueError
        A choice is none of the above, or a change is infinite.

    Notes
    -----
    The exact null is that of the mid-ranks at hand, ties or not: every sign is a fair coin.

    Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin, 1, 80-83. Lehmann, E. L.
    (1975). Nonparametrics: statistical methods based on ranks, chapter 3.

    Examples
    --------
    >>> test = signed_rank([1.1, 2.4, 0.0, -0.3, 1.1, 3.0])
    >>> int(test.n), int(test.n_zero), int(test.n_tied), float(test.w_plus), float(test.p_value)
    (6, 1, 2, 14.0, 0.125)
    """
    check_choice("zero_method", zero_method, ZERO_METHODS)
    check_choice("method", method, METHODS)
    check_choice("alternative", alternative, Alternatives)
    rows, shape = as_rows(change)
    ranks = signed_ranks(rows, zero_method)
    plus, minus = rank_sums(ranks)
    differing = ranks.n - ranks.n_zero
    exact = (method == "exact") | ((method == "auto") & (differing <= EXACT_UP_TO)) | (differing == 0)
    p = np.ones(len(rows))
    if exact.any():
        p[exact] = _exact_p(ranks.doubled[exact], plus[exact], minus[exact], alternative)
    if not exact.all():
        p[~exact] = _normal_p(ranks.doubled[~exact], plus[~exact], minus[~exact], correction, alternative)
    known = np.where(ranks.n > 0, 1.0, np.nan)
    attainable = np.minimum(1.0, np.exp2(1.0 - differing))
    numbers = (plus / 2 * known, minus / 2 * known, exact, p * known, attainable * known)
    return SignedRank(*(as_before(field, shape) for field in (ranks.n, ranks.n_zero, ranks.n_tied, *numbers)))


def rank_sums(ranks: SignedRanks) -> tuple[Ints, Ints]:
    """Return the doubled sums of the ranks of positive and of negative differences, each of shape (markers,).

    Examples
    --------
    >>> [side.tolist() for side in rank_sums(signed_ranks(np.array([[2.0, -1.0, 3.0]]), "wilcox"))]
    [[10], [2]]
    """
    plus = np.sum(ranks.doubled, axis=1, where=ranks.positive)
    return plus, ranks.doubled.sum(axis=1) - plus


def _exact_p(doubled: Ints, plus: Ints, minus: Ints, alternative: str) -> Floats:
    # Both sums have one distribution, so "as many positive ranks or more" is "as many negative ranks or fewer".
    if alternative == "two-sided":
        return np.minimum(1.0, 2 * lower_tail(doubled, np.minimum(plus, minus)))
    return lower_tail(doubled, plus if alternative == "less" else minus)


def _normal_p(doubled: Ints, plus: Ints, minus: Ints, correction: bool, alternative: str) -> Floats:
    from scipy.special import ndtr

    away = (plus - minus) / 4
    sd = np.sqrt(np.einsum("ij,ij->i", doubled, doubled)) / 4
    step = 0.5 if correction else 0.0
    if alternative == "two-sided":
        return 2 * ndtr(-np.maximum(np.abs(away) - step, 0) / sd)
    return ndtr(((away if alternative == "less" else -away) + step) / sd)
