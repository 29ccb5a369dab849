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
    """One value a pair, without that pair; estimates and limits are in the unit of the change."""

    estimates: Floats
    p_values: Floats
    conf_low: Floats
    conf_high: Floats


@dataclass(frozen=True)
class LeaveOneOut:
    """The least and the greatest estimate and p that the leaving out of one pair gives."""

    estimate_low: float
    estimate_high: float
    p_low: float
    p_high: float


def each_left_out(change: ArrayLike, test: str = "paired_t", conf: float = 0.95) -> Left:
    """Compute estimate, p and interval anew without each pair in turn.

    Parameters
    ----------
    change : array_like, shape (n,)
        Later minus earlier in any unit; NaN where there is no pair.
    test : {"paired_t", "wilcoxon"}
        The estimate of the first is the mean, that of the second Hodges and Lehmann's.
    conf : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Left
        Fields of shape (n,), in the order of `change`; NaN where that is NaN, and where too few pairs are left.

    Raises
    ------
    ValueError
        `change` is not of one marker or is infinite somewhere, or `test` or `conf` is impossible.

    Examples
    --------
    >>> each_left_out([1.0, 2.0, 4.0, 5.0]).estimates.tolist()
    [3.6666666666666665, 3.3333333333333335, 2.6666666666666665, 2.3333333333333335]
    """
    check_choice("test", test, TESTS)
    rows, shape = as_rows(change)
    if shape:
        raise ValueError("change must be of one marker, shape (n,)")
    without = np.repeat(rows, rows.shape[1], axis=0)
    np.fill_diagonal(without, np.nan)
    if test == "paired_t":
        mean = paired_t(without, conf)
        fields = (mean.mean_change, mean.p_value, mean.conf_low, mean.conf_high)
    else:
        middle = hodges_lehmann(without, conf)
        fields = (middle.estimate, signed_rank(without).p_value, middle.conf_low, middle.conf_high)
    return Left(*(np.where(np.isnan(rows[0]), np.nan, field) for field in fields))


def leave_one_out(change: ArrayLike, test: str = "paired_t") -> LeaveOneOut:
    """Return how far the leaving out of one pair moves estimate and p; parameters as in `each_left_out`.

    Returns
    -------
    LeaveOneOut
        NaN where no pair can be left out.

    Examples
    --------
    >>> found = leave_one_out([1.0, 2.0, 4.0, 5.0], "wilcoxon")
    >>> found.estimate_low, found.estimate_high
    (2.25, 3.75)
    """
    left = each_left_out(change, test)
    ends = (reduce(values, initial=np.nan) for values in (left.estimates, left.p_values)
            for reduce in (np.fmin.reduce, np.fmax.reduce))  # fmt: skip
    return LeaveOneOut(*(float(end) for end in ends))
