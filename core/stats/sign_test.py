"""The sign test: do more values rise than fall?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import Alternatives, as_before, as_rows, check_choice

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class SignTest:
    """One value a marker: how many differences are positive, how many negative, and the exact p."""

    n_positive: Ints
    n_negative: Ints
    p_value: Floats


def sign_test(change: ArrayLike, alternative: str = "two-sided") -> SignTest:
    """Test paired differences by their signs alone.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit, or only its sign; NaN, where there is no pair, is left out, and so is zero.
    alternative : {"two-sided", "less", "greater"}
        Which changes speak against the null: both, negative ones or positive ones.

    Returns
    -------
    SignTest
        Fields of shape change.shape[:-1]. p is binomial and exact, two-sided twice the smaller tail; 1 without a
        difference other than zero, NaN without pairs.

    Raises
    ------
    ValueError
        `alternative` is none of these, or a change is infinite.

    Notes
    -----
    Dixon, W. J., and Mood, A. M. (1946). The statistical sign test. Journal of the American Statistical Association,
    41, 557-566.

    Examples
    --------
    >>> test = sign_test([1.0, 2.0, 0.0, -1.0, 4.0, 0.5, 2.0])
    >>> int(test.n_positive), int(test.n_negative), f"{test.p_value:.5f}"
    (5, 1, '0.21875')
    """
    check_choice("alternative", alternative, Alternatives)
    rows, shape = as_rows(change)
    positive, negative = np.count_nonzero(rows > 0, axis=1), np.count_nonzero(rows < 0, axis=1)
    if alternative == "two-sided":
        p = np.minimum(1.0, 2 * _at_most(np.minimum(positive, negative), positive + negative))
    else:
        p = _at_most(positive if alternative == "less" else negative, positive + negative)
    p = np.where(np.isnan(rows).all(axis=1), np.nan, p)
    return SignTest(*(as_before(field, shape) for field in (positive, negative, p)))


def _at_most(k: Ints, n: Ints) -> Floats:
    """Return the chance of at most k heads in n throws of a fair coin."""
    from scipy.special import betainc

    return np.where(k < n, betainc(np.maximum(n - k, 1), k + 1.0, 0.5), 1.0)
