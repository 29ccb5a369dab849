"""Ranks of absolute differences, with their signs: what a signed-rank test looks at."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.stats.digits import magnitude
from core.stats.value_ranks import ends

ZERO_METHODS = ("wilcox", "pratt")
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SignedRanks:
    """Each row in the order of its ranks; ranks are doubled, which makes mid-ranks whole numbers.

    n, n_zero and n_tied are of shape (markers,): pairs, differences of zero, and other differences that share their
    absolute value. doubled and positive are of shape (markers, n): a difference without a rank has 0 and False.
    """

    n: Ints
    n_zero: Ints
    n_tied: Ints
    doubled: Ints
    positive: NDArray[np.bool_]


def signed_ranks(rows: NDArray[np.float64], zero_method: str) -> SignedRanks:
    """Rank the absolute differences of each row.

    Parameters
    ----------
    rows : ndarray, shape (markers, n)
        Differences in any unit; NaN is left out.
    zero_method : {"wilcox", "pratt"}
        Differences of zero have no rank. By Wilcoxon they go before ranks are given, by Pratt after.

    Notes
    -----
    Ties are of the differences as recorded, to twelve significant digits, and share the mean of their ranks.

    Pratt, J. W. (1959). Remarks on zeros and ties in the Wilcoxon signed rank procedures. Journal of the American
    Statistical Association, 54, 655-667.

    Examples
    --------
    >>> ranks = signed_ranks(np.array([[0.3 - 0.2, -0.1, 0.0, 7.0]]), "wilcox")
    >>> ranks.doubled.tolist(), ranks.positive.tolist()
    ([[0, 3, 3, 6]], [[False, False, True, True]])
    """
    # The sign travels as the lowest bit: then a plain sort orders both, zeros first and missing pairs last.
    key = 2 * magnitude(rows) + (rows > 0)
    missing = np.isnan(rows)
    key[missing] = np.iinfo(np.int64).max
    key.sort(axis=1)
    n, n_zero = rows.shape[1] - np.count_nonzero(missing, axis=1), np.count_nonzero(rows == 0, axis=1)
    first, last = _ends(key >> 1)
    column = np.arange(rows.shape[1])
    ranked = (column >= n_zero[:, None]) & (column < n[:, None])
    before = n_zero if zero_method == "wilcox" else np.zeros_like(n_zero)
    doubled = np.where(ranked, first + last + 2 - 2 * before[:, None], 0)
    return SignedRanks(n, n_zero, np.count_nonzero(ranked & (first < last), axis=1), doubled, ranked & (key & 1 > 0))


def _ends(ordered: Ints) -> tuple[Ints, Ints]:
    """Return the first and the last column of the equal values that each value of a row stands among."""
    begins = np.ones(ordered.shape, dtype=bool)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    return ends(begins)
