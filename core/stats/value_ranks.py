"""Mid-ranks of values, and of values of which some are known only to be below a limit."""

import numpy as np
from numpy.typing import NDArray

from core.stats.below_limit import Measured
from core.stats.digits import magnitude

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def doubled_ranks(rows: Floats) -> Ints:
    """Rank the values of each row; ranks are doubled, which makes mid-ranks whole numbers.

    Parameters
    ----------
    rows : ndarray, shape (markers, n)
        In any unit, finite; NaN is left out.

    Returns
    -------
    ndarray of integers, shape (markers, n)
        0 where a value is missing. Values whose first twelve significant digits are equal share the mean of their
        ranks, as they do where they are recorded.

    Examples
    --------
    >>> doubled_ranks(np.array([[7.0, 0.3 - 0.2, np.nan, 0.1]])).tolist()
    [[6, 3, 0, 3]]
    """
    order = rows.argsort(axis=1)
    first, last = ends(_begins(np.take_along_axis(rows, order, axis=1)))
    doubled = np.empty(rows.shape, dtype=np.int64)
    np.put_along_axis(doubled, order, first + last + 2, axis=1)
    doubled[np.isnan(rows)] = 0
    return doubled


def ends(begins: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the first and the last column of the run that each column is in, given where runs begin.

    Examples
    --------
    >>> first, last = ends(np.array([[True, False, True]]))
    >>> first.tolist(), last.tolist()
    ([[0, 0, 2]], [[1, 1, 2]])
    """
    columns = begins.shape[1]
    column = np.arange(columns)
    if begins.all():
        alone = np.broadcast_to(column, begins.shape)
        return alone, alone
    finishes = np.ones_like(begins)
    finishes[:, :-1] = begins[:, 1:]
    first = np.maximum.accumulate(np.where(begins, column, 0), axis=1)
    last = np.minimum.accumulate(np.where(finishes, column, columns)[:, ::-1], axis=1)[:, ::-1]
    return first, last


def co_moments(a: Ints, b: Ints) -> Floats:
    """Return the sums of products of doubled ranks around their means; the ranks of both are of the same subjects.

    Parameters
    ----------
    a, b : ndarray of integers, shape (markers, n)
        As `doubled_ranks` gives them: 0 where a subject is missing.

    Returns
    -------
    ndarray, shape (markers,)
        Whole numbers, exact up to 100,000 subjects: four times the co-moment of the ranks.

    Examples
    --------
    >>> co_moments(np.array([[2, 4, 6]]), np.array([[2, 6, 4]])).tolist()
    [4.0]
    """
    n = np.count_nonzero(a, axis=1)
    return (np.einsum("ij,ij->i", a, b) - n * (n + 1) ** 2).astype(np.float64)


def lowest_tied(sample: Measured) -> Floats:
    """Return mid-ranks in which all values below a limit share the lowest one, whatever their limits.

    Parameters
    ----------
    sample : Measured, shape (..., n)
        Subjects along the last axis, at one timepoint.

    Returns
    -------
    ndarray
        NaN where a value is missing. Only the order has a meaning: where further subjects are left out, the values
        returned are ranked anew.

    Examples
    --------
    >>> lowest_tied(Measured.of([0.4, np.nan, 0.2, np.nan, np.nan], [False, True, False, True, False])).tolist()
    [4.0, 1.5, 3.0, 1.5, nan]
    """
    shape = sample.value.shape
    rows = np.where(sample.below, np.nan, sample.value).reshape(int(np.prod(shape[:-1])), shape[-1])
    present = sample.present.reshape(rows.shape)
    # A doubled rank is above 0, which those below a limit have here.
    order = np.where(present, doubled_ranks(rows), np.nan)
    return np.where(present, doubled_ranks(order) / 2, np.nan).reshape(shape)


def _begins(ordered: Floats) -> NDArray[np.bool_]:
    """Say of each value of an ascending row whether it differs from the one before."""
    begins = np.ones(ordered.shape, dtype=bool)
    before, after = ordered[:, :-1], ordered[:, 1:]
    with np.errstate(over="ignore"):
        near = ~(after - before > 1e-10 * np.maximum(np.abs(before), np.abs(after))) & ~np.isnan(after)
    # Digits are looked at only where they can be the same: few values are so close.
    pairs = np.stack([before[near], after[near]])
    signed = np.sign(pairs) * magnitude(pairs)
    begins[:, 1:][near] = signed[0] != signed[1]
    return begins
