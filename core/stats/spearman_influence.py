"""What Spearman's rank correlation would be without each patient in turn."""

import numpy as np
from numpy.typing import ArrayLike

from core.stats.correlation import complete
from core.stats.influence import Left
from core.stats.spearman import EXACT_UP_TO, spearman


def each_left_out(x: ArrayLike, y: ArrayLike, method: str = "auto") -> Left:
    """Correlate anew without each subject in turn; `core.stats.influence.leave_one_out` tells the ends.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        In any units; a subject with NaN on either axis is in no pair.
    method : {"auto", "exact", "asymptotic"}
        As in `spearman`. With "auto" the method is that of all pairs: what moves a p is then the subject alone.

    Returns
    -------
    Left
        Fields of shape (n,), in the order of the subjects; the estimates are rho. NaN where a subject is in no pair, and
        where the others are not estimable.

    Raises
    ------
    ValueError
        An axis is not of one marker, or `spearman` refuses it.

    Examples
    --------
    >>> each_left_out([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 0.0]).estimates.tolist()
    [-0.5, -0.5, -0.5, 1.0]
    """
    (first, second), shape = complete(x, y)
    if shape:
        raise ValueError("both axes must be of one marker, shape (n,)")
    if method == "auto" and np.count_nonzero(~np.isnan(first)) > EXACT_UP_TO:
        method = "asymptotic"
    without = np.repeat(first, first.shape[1], axis=0)
    np.fill_diagonal(without, np.nan)
    found = spearman(without, second, method)
    return Left(*(np.where(np.isnan(first[0]), np.nan, field) for field in (found.rho, found.p_value)))
