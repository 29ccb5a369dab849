"""How likely a rank correlation is when every pairing is as likely as every other: exactly, ties or not."""

from collections import Counter
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Above that many pairs the ways are no longer counted: those of ten take a few hundredths of a second.
AT_MOST = 10


def permutation_p(a: Ints, b: Ints, alternative: str) -> Floats:
    """Return the share of pairings whose rank correlation is as far from zero as the one found.

    Parameters
    ----------
    a, b : ndarray of integers, shape (markers, n)
        Doubled mid-ranks of the same subjects; 0 for none. Ten subjects a row at most.
    alternative : {"two-sided", "less", "greater"}
        As far in either direction, as low, or as high.

    Returns
    -------
    ndarray, shape (markers,)
        Rows with the same ties have one distribution. Sums of products are whole numbers, so equal ones are equal.

    Examples
    --------
    >>> permutation_p(np.array([[2, 4, 6, 8]]), np.array([[2, 4, 6, 8]]), "two-sided").tolist()
    [0.08333333333333333]
    """
    first, second = centred(a), centred(b)
    found = np.einsum("ij,ij->i", first, second)
    # Ranks are in order here, and what is missing stands before them.
    ties = np.hstack([np.sort(ranks, axis=1)[:, -AT_MOST:] for ranks in (a, b)])
    patterns, which = np.unique(ties, axis=0, return_inverse=True)
    half = patterns.shape[1] // 2
    p = np.empty(len(a))
    for i, pattern in enumerate(patterns):
        n = np.count_nonzero(pattern[:half])
        sides = (tuple((side[half - n :] - (n + 1)).tolist()) for side in (pattern[:half], pattern[half:]))
        # Either side may take from the other: the one with more ties leaves fewer states to keep apart.
        ways = pairings(*sorted(sides, key=lambda side: len(set(side)), reverse=True))
        far = len(ways) // 2
        sums = np.arange(-far, far + 1)
        same = which == i
        reach = {"two-sided": np.abs, "less": np.negative, "greater": np.positive}[alternative]
        reached, each = np.unique(reach(found[same]), return_inverse=True)
        p[same] = ((reach(sums) >= reached[:, None]) @ ways / ways.sum())[each]
    return p


def centred(doubled: Ints) -> Ints:
    """Return doubled ranks less their mean, n + 1; 0 stays where a subject is missing.

    Examples
    --------
    >>> centred(np.array([[0, 2, 4, 6]])).tolist()
    [[0, -2, 0, 2]]
    """
    n = np.count_nonzero(doubled, axis=1)
    return np.where(doubled > 0, doubled - (n + 1)[:, None], 0)


@lru_cache(maxsize=2048)
def pairings(a: tuple[int, ...], b: tuple[int, ...]) -> Ints:
    """Count the pairings of `a` and `b` by their sum of products.

    Parameters
    ----------
    a, b : tuple of int
        Of the same length. Pairings are told apart by the values of `b` alone; each is as likely as every other.

    Returns
    -------
    ndarray of integers
        In how many ways the sum is -far, ... 0, ... far, of which no sum is further from zero.

    Notes
    -----
    One value of `a` after the other takes a value of `b`; how the sums spread depends only on which are left.

    Examples
    --------
    >>> pairings((-1, 1), (-1, 1)).tolist()
    [1, 0, 0, 0, 1]
    """
    values, times = zip(*Counter(b).items(), strict=True)
    far = sum(abs(p * q) for p, q in zip(sorted(a, key=abs), sorted(b, key=abs), strict=True))
    nothing = np.zeros(2 * far + 1, dtype=np.int64)
    nothing[far] = 1
    reached: dict[tuple[int, ...], Ints] = {times: nothing}
    for taker in a:
        after: dict[tuple[int, ...], Ints] = {}
        for left, ways in reached.items():
            for place, value in enumerate(values):
                if left[place]:
                    rest = (*left[:place], left[place] - 1, *left[place + 1 :])
                    # No sum on the way is further than `far`, so nothing is rolled over the end.
                    moved = np.roll(ways, taker * value)
                    after[rest] = after[rest] + moved if rest in after else moved
        reached = after
    (ways,) = reached.values()
    ways.flags.writeable = False
    return ways
