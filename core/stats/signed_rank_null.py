"""How likely a sum of signed ranks is when each sign is a fair coin: exactly, with ties as they are."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# The sums of that many ranks can be counted in 32 bits.
COUNTABLE = 31
# Values of a chunk of markers, few enough to stay in a processor's cache while all ranks are added.
IN_CACHE = 100_000


@lru_cache(maxsize=64)
def untied_cdf(n: int, above: int = 0) -> Floats:
    """Return P(T <= t) for t = 0, 1, ... up to half of the largest sum, and a little beyond.

    Parameters
    ----------
    n : int
        How many ranks: above + 1, above + 2, ... above + n.
    above : int
        Ranks that zeros took, by Pratt's method.

    Notes
    -----
    Each rank is in the sum or not, so the distribution of n ranks is the mean of that of n - 1 and the same moved
    by the new rank. Halves are exact in binary: up to n = 52 every probability is, too.

    Examples
    --------
    >>> untied_cdf(3).tolist()
    [0.125, 0.25, 0.375, 0.625]
    """
    half = (n * (n + 1) // 2 + n * above) // 2
    chance = np.zeros(half + 1)
    chance[0] = 1.0
    for rank in range(above + 1, above + n + 1):
        chance[rank:] += chance[: max(half + 1 - rank, 0)].copy()
        chance *= 0.5
    cdf = np.cumsum(chance)
    cdf.flags.writeable = False
    return cdf


def lower_tail(doubled: Ints, upto: Ints) -> Floats:
    """Return the chance that the sum of the doubled ranks with a positive sign is at most `upto`.

    Parameters
    ----------
    doubled : ndarray of integers, shape (markers, n)
        Doubled mid-ranks of a row in ascending order; 0 for none.
    upto : ndarray of integers, shape (markers,)
        In the unit of `doubled`.

    Returns
    -------
    ndarray, shape (markers,)
        Exact to the last digits of a float, given the ranks: the signs alone are left to chance.

    Examples
    --------
    >>> lower_tail(np.array([[3, 3, 6], [2, 4, 6]]), np.array([3, 3])).tolist()
    [0.375, 0.25]
    """
    # The distribution is symmetric: the shorter side is counted, the longer one is what it leaves.
    beyond = doubled.sum(axis=1) - upto - 1
    longer = beyond < upto
    short = np.where(longer, beyond, upto)
    ranks = np.count_nonzero(doubled, axis=1)
    above = np.min(doubled, axis=1, where=doubled > 0, initial=np.iinfo(np.int64).max) // 2 - 1
    tied = ((doubled[:, 1:] == doubled[:, :-1]) & (doubled[:, 1:] > 0)).any(axis=1)
    chance = np.zeros(len(doubled))
    counted = (short >= 0) & (ranks > 0)
    for n, first in {*zip(ranks[counted & ~tied].tolist(), above[counted & ~tied].tolist(), strict=True)}:
        same = counted & ~tied & (ranks == n) & (above == first)
        chance[same] = untied_cdf(n, first)[short[same] // 2]
    for chunk in _chunks(np.flatnonzero(counted & tied), short, ranks):
        chance[chunk] = _tied(doubled[chunk], short[chunk], ranks[chunk])
    chance[~ranks.astype(bool) & (short >= 0)] = 1.0
    return np.where(longer, 1 - chance, chance)


def _chunks(rows: Ints, upto: Ints, ranks: Ints) -> list[Ints]:
    """Split rows into chunks of like length, the countable ones apart."""
    chunks = []
    for part in (rows[ranks[rows] <= COUNTABLE], rows[ranks[rows] > COUNTABLE]):
        ordered = part[np.argsort(upto[part], kind="stable")]
        while len(ordered):
            size = max(1, IN_CACHE // int(upto[ordered[-1]] + 1))
            chunks.append(ordered[-size:])
            ordered = ordered[:-size]
    return chunks


def _tied(doubled: Ints, upto: Ints, ranks: Ints) -> Floats:
    """Count sums up to `upto` for a chunk of rows: a step is one doubled rank, added to all rows that hold it."""
    length = int(upto.max()) + 1
    countable = ranks.max() <= COUNTABLE
    ways = np.zeros((len(doubled), length), dtype=np.uint32 if countable else np.float64)
    ways[:, 0] = 1
    values = int(doubled.max()) + 1
    index = np.arange(len(doubled))[:, None] * values + doubled
    times = np.bincount(index.ravel(), minlength=len(doubled) * values).reshape(len(doubled), values)
    times[:, 0] = 0
    reached = np.cumsum(times * np.arange(values), axis=1).max(axis=0)
    for value in np.flatnonzero(times.any(axis=0)).tolist():
        for time in range(1, int(times[:, value].max()) + 1):
            rows = np.flatnonzero(times[:, value] >= time)
            width = min(length, int(reached[value]) + 1)
            old = ways[:, :width].take(rows, axis=0)
            new = old.copy()
            new[:, value:] += old[:, : max(width - value, 0)]
            ways[rows, :width] = new if countable else 0.5 * new
    total = np.cumsum(ways, axis=1, dtype=np.float64)[np.arange(len(doubled)), upto]
    return np.ldexp(total, -ranks) if countable else total
