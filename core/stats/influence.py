"""What the answer would be without each patient in turn."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import as_rows, check_choice
from core.stats.hodges_lehmann import hodges_lehmann
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank

Floats = NDArray[np.float64]

TESTS = ("paired_t", "wilcoxon")


@dataclass(frozen=True)
class Left:
    """One value a pair, without that pair; estimates are in the unit of the change."""

    estimates: Floats
    p_values: Floats


@dataclass(frozen=True)
class LeaveOneOut:
    """The least and the greatest estimate and p that the leaving out of one pair gives."""

    estimate_low: float
    estimate_high: float
    p_low: float
    p_high: float


def estimate_and_p(
    change: ArrayLike, test: str = "paired_t", zero_method: str = "wilcox", method: str = "auto"
) -> tuple[Floats, Floats]:
    """Return what a test estimates and its p: the mean, or Hodges and Lehmann's estimate.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    test : {"paired_t", "wilcoxon"}
        Which of the two.
    zero_method, method : str
        Of the signed-rank test, as in `core.stats.signed_rank.signed_rank`.

    Returns
    -------
    tuple of ndarray, shape change.shape[:-1]
        NaN where not estimable.

    Raises
    ------
    ValueError
        A choice is none of the above, or a change is infinite.

    Examples
    --------
    >>> estimate, p = estimate_and_p([1.0, 2.0, 4.0, 5.0], "wilcoxon")
    >>> float(estimate), float(p)
    (3.0, 0.125)
    """
    check_choice("test", test, TESTS)
    if test == "paired_t":
        mean = paired_t(change)
        return mean.mean_change, mean.p_value
    return hodges_lehmann(change).estimate, signed_rank(change, zero_method, method).p_value


def each_left_out(change: ArrayLike, test: str = "paired_t", zero_method: str = "wilcox", method: str = "auto") -> Left:
    """Compute estimate and p anew without each pair in turn.

    Parameters
    ----------
    change : array_like, shape (n,)
        Later minus earlier in any unit; NaN where there is no pair.
    test, zero_method, method : str
        As in `estimate_and_p`.

    Returns
    -------
    Left
        Fields of shape (n,), in the order of `change`; NaN where that is NaN, and where too few pairs are left.

    Raises
    ------
    ValueError
        `change` is not of one marker or is infinite somewhere, or a choice is impossible.

    Examples
    --------
    >>> each_left_out([1.0, 2.0, 4.0, 5.0]).estimates.tolist()
    [3.6666666666666665, 3.3333333333333335, 2.6666666666666665, 2.3333333333333335]
    """
    rows, shape = as_rows(change)
    if shape:
        raise ValueError("change must be of one marker, shape (n,)")
    without = np.repeat(rows, rows.shape[1], axis=0)
    np.fill_diagonal(without, np.nan)
    found = estimate_and_p(without, test, zero_method, method)
    return Left(*(np.where(np.isnan(rows[0]), np.nan, field) for field in found))


def leave_one_out(left: Left) -> LeaveOneOut:
    """Return how far the leaving out of one pair moves estimate and p.

    Returns
    -------
    LeaveOneOut
        NaN where no pair can be left out.

    Examples
    --------
    >>> found = leave_one_out(each_left_out([1.0, 2.0, 4.0, 5.0], "wilcoxon"))
    >>> found.estimate_low, found.estimate_high
    (2.25, 3.75)
    """
    ends = (reduce(values, initial=np.nan) for values in (left.estimates, left.p_values)
            for reduce in (np.fmin.reduce, np.fmax.reduce))  # fmt: skip
    return LeaveOneOut(*(float(end) for end in ends))
