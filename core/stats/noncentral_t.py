"""The noncentral t: its distribution function, and which noncentralities a t statistic is compatible with."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Steps of the search: five do for common t, and halving alone would do with fewer than these.
STEPS = 100
CLOSE = 1e-12
# A t below this is 0 to the last digit of any limit; SciPy's function is at times NaN there.
NOTHING = 1e-30
# Places at which the chances of a normal deviate are added up, and how far from 0 there are any.
NODES = 96
FAR = 9.0


def cdf(t: Floats, df: Floats, nc: Floats) -> Floats:
    """Return the chance of a noncentral t at or below the one given.

    Parameters
    ----------
    t, df, nc : ndarray of one shape
        t is 0 or more, df above 0, the noncentrality nc of any sign. NaN in any gives NaN.

    Returns
    -------
    ndarray of the same shape
        Exact to about twelve digits after the point.

    Notes
    -----
    SciPy's function where it can be trusted. For a t that is large against its degrees of freedom it loses digits: there
    the chances are added up anew. Elsewhere it is at times NaN more than seven standard deviations out, where the
    chance is 0 or 1 to the last of those digits: there the normal approximation says which.

    Examples
    --------
    >>> [f"{chance:.6f}" for chance in cdf(np.array([2.0, 2.26]), np.array([9.0, 9.0]), np.array([1.0, 38.0]))]
    ['0.804144', '0.000000']
    """
    from scipy.special import nctdtr, ndtr

    chance = np.full(t.shape, np.nan)
    large = t**2 > 2 * df
    chance[~large] = nctdtr(df[~large], nc[~large], t[~large])
    lost = np.isnan(chance) & ~large
    chance[lost] = ndtr((t[lost] * (1 - 1 / (4 * df[lost])) - nc[lost]) / np.sqrt(1 + t[lost] ** 2 / (2 * df[lost])))
    if large.any():
        chance[large] = _cdf_of_large(t[large], df[large], nc[large])
    return chance


def noncentrality(t: Floats, df: Floats, chance: float) -> Floats:
    """Return the noncentrality under which a t statistic at or below the one found has this chance.

    Parameters
    ----------
    t, df : ndarray of one shape
        NaN in either gives NaN.
    chance : float
        Between 0 and 1; 0.025 gives an upper limit of 95 %, 0.975 a lower one.

    Returns
    -------
    ndarray of the same shape

    Notes
    -----
    A secant search on the scale of normal quantiles, where the distribution function is nearly a straight line. It
    begins at the normal approximation, and halves the bracket where a step would leave it.

    Johnson, N. L., and Welch, B. L. (1940). Applications of the non-central t-distribution. Biometrika, 31, 362-389.

    Examples
    --------
    >>> f"{noncentrality(np.array([2.0]), np.array([9.0]), 0.5)[0]:.4f}"
    '1.9418'
    """
    from scipy.special import ndtri

    # One side does for both: the chance of at most -t under -nc is that of more than t under nc.
    size, sign = np.where(np.abs(t) < NOTHING, 0.0, np.abs(t)), np.where(t < 0, -1.0, 1.0)
    goal = sign * ndtri(chance)
    low, high = _bracket(size, df, goal)
    spread = np.sqrt(1 + size**2 / (2 * df))
    here = np.clip(size * (1 - 1 / (4 * df)) - goal * spread, low, high)
    there = np.where(here + 0.05 * spread < high, here + 0.05 * spread, (low + here) / 2)
    miss_here, miss_there = _miss(here, size, df, goal), _miss(there, size, df, goal)
    for _ in range(STEPS):
        moving = np.flatnonzero((np.abs(miss_there) > CLOSE) & (np.abs(there - here) > 1e-15 * np.abs(there)))
        if not len(moving):
            break
        a, b, fa, fb = here[moving], there[moving], miss_here[moving], miss_there[moving]
        # The function falls: below the goal is beyond the root.
        low[moving] = np.where(fb > 0, b, low[moving])
        high[moving] = np.where(fb > 0, high[moving], b)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            step = b - fb * (b - a) / (fb - fa)
        inside = (step > low[moving]) & (step < high[moving])
        here[moving], miss_here[moving] = b, fb
        there[moving] = np.where(inside, step, (low[moving] + high[moving]) / 2)
        miss_there[moving] = _miss(there[moving], size[moving], df[moving], goal[moving])
    return sign * there


def _bracket(t: Floats, df: Floats, goal: Floats) -> tuple[Floats, Floats]:
    """Return noncentralities on either side of the root.

    t = (Z + nc) / S is at most the one found if Z + nc <= 0, which bounds nc from below; and if it is, then either
    S is large or Z is small: half the chance for each bounds nc from above. The bound of S is that of Laurent, B.,
    and Massart, P. (2000), Annals of Statistics, 28, 1302-1338, lemma 1: no inverse function is needed.
    """
    from scipy.special import ndtr, ndtri

    half = ndtr(goal) / 2
    x = -np.log(half)
    return -goal, t * np.sqrt((df + 2 * np.sqrt(df * x) + 2 * x) / df) - ndtri(half)


def _miss(nc: Floats, t: Floats, df: Floats, goal: Floats) -> Floats:
    """Return by how much the normal quantile of the distribution function lies above the goal."""
    from scipy.special import ndtri

    return ndtri(cdf(t, df, nc)) - goal


def _cdf_of_large(t: Floats, df: Floats, nc: Floats) -> Floats:
    """Return the distribution function: over all Z above -nc, the chance that S is at least (Z + nc) / t."""
    from scipy.special import gammaincc, ndtr

    node, weight = _nodes()
    begin = np.clip(-nc, -FAR, FAR)
    reach = (FAR - begin) / 2
    above = np.zeros_like(nc)
    # Place by place: a hundred arrays of the markers' length, none of a hundred times that.
    for place, share in zip(node.tolist(), weight.tolist(), strict=True):
        z = begin + reach * (place + 1)
        least = np.maximum(z + nc, 0) / t
        above += share * np.exp(-(z**2) / 2) * gammaincc(df / 2, df / 2 * least**2)
    return ndtr(-nc) + reach * above / np.sqrt(2 * np.pi)


@cache
def _nodes() -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(NODES)
