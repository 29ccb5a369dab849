"""Kendall's tau-b: do two subjects stand in the same order on both axes?"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.correlation import complete
from core.stats.value_ranks import doubled_ranks

Ints = NDArray[np.int64]

# Up to that many pairs p is exact: with ties, and without.
TIED_EXACT_UP_TO = 9
EXACT_UP_TO = 33


@dataclass(frozen=True)
class Kendall:
    """Complete pairs, tau-b and its two-sided p, and whether all pairings were counted."""

    n: int
    tau_b: float
    p_value: float
    exact: bool


def kendall(x: ArrayLike, y: ArrayLike) -> Kendall:
    """Correlate the order of every two subjects on two measures.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        In any units; a subject with NaN on either axis is left out.

    Returns
    -------
    Kendall
        Values equal to twelve significant digits are tied. p is exact up to 33 pairs without ties and up to 9 with;
        otherwise it is that of the normal curve, its variance corrected for ties. Where all values of an axis are
        tied, or there are fewer than two pairs, tau-b and p are NaN.

    Raises
    ------
    ValueError
        An axis is not of one marker, a value is infinite, or the axes differ in length.

    Notes
    -----
    SciPy's kendalltau, but where it has no exact answer: of few pairs with ties all pairings are gone through.

    Kendall, M. G. (1945). The treatment of ties in ranking problems. Biometrika, 33, 239-251. Best, D. J., and Gipps,
    P. G. (1974). Algorithm AS 71: the upper tail probabilities of Kendall's tau. Applied Statistics, 23, 98-100.

    Examples
    --------
    >>> found = kendall([1, 2, 3, 4, 5], [5, 6, 7, 8, 7])
    >>> f"{found.tau_b:.4f}", f"{found.p_value:.4f}", found.exact
    ('0.7379', '0.1333', True)
    """
    from scipy.stats import kendalltau

    rows, shape = complete(x, y)
    if shape:
        raise ValueError("both axes must be of one marker, shape (n,)")
    a, b = (ranks[0, ranks[0] > 0] for ranks in map(doubled_ranks, rows))
    n = len(a)
    distinct = [len(np.unique(ranks)) for ranks in (a, b)]
    tied = min(distinct) < n
    exact = n <= (TIED_EXACT_UP_TO if tied else EXACT_UP_TO)
    if n < 2 or min(distinct) < 2:
        return Kendall(n, float("nan"), float("nan"), exact)
    found = kendalltau(a, b, method="exact" if exact and not tied else "asymptotic")
    p = _permutation_p(a, b) if exact and tied else float(found.pvalue)
    return Kendall(n, float(found.statistic), p, exact)


def _permutation_p(a: Ints, b: Ints) -> float:
    values, times = zip(*Counter(b.tolist()).items(), strict=True)
    # A row is the beginning of an arrangement of b: what stands in it, what is left, concordant less discordant.
    placed, left, score = np.empty((1, 0), dtype=np.int64), np.array([times]), np.zeros(1, dtype=np.int64)
    for i in range(len(a)):
        row, which = np.nonzero(left)
        value = np.array(values)[which]
        order = np.sign(value[:, None] - placed[row]) * np.sign(a[i] - a[:i])
        score = score[row] + order.sum(axis=1)
        placed = np.column_stack([placed[row], value])
        left = left[row]
        left[np.arange(len(row)), which] -= 1
    found = np.sum(np.sign(a[:, None] - a) * np.sign(b[:, None] - b)) // 2
    return float(np.mean(np.abs(score) >= abs(found)))
