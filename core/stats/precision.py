"""How closely a mean change is known: the half-width of its interval, and the pairs that a wanted one needs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_conf
from core.stats.power import FEWEST
from core.stats.roots import least_whole, rising_root

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """The least whole number of pairs, the root that it was rounded up from, and the half-width they were asked for."""

    half_width: Floats
    n: Floats
    n_exact: Floats


def half_width(n: ArrayLike, sd: ArrayLike, conf: float = 0.95) -> Floats:
    """Return half the width of Student's interval of a mean change.

    Parameters
    ----------
    n : array_like
        Pairs, not necessarily a whole number.
    sd : array_like
        Standard deviation of the changes, in any unit.
    conf : float
        Confidence level, between 0 and 1.

    Returns
    -------
    ndarray of the shape that they broadcast to
        In the unit of sd. NaN below two pairs, and where sd is missing or not above 0: equal changes have no interval.

    Raises
    ------
    ValueError
        `conf` is not between 0 and 1.

    Notes
    -----
    Student (1908). The probable error of a mean. Biometrika, 6, 1-25.

    Examples
    --------
    >>> f"{half_width(16, 10.0):.3f}"
    '5.329'
    """
    check_conf(conf)
    pairs, spread = np.broadcast_arrays(np.asarray(n, dtype=np.float64), np.asarray(sd, dtype=np.float64))
    return np.asarray(_half_width(np.where(pairs < 2, np.nan, pairs), np.where(spread > 0, spread, np.nan), conf))[()]


def pairs_for(wanted: ArrayLike, sd: ArrayLike, conf: float = 0.95) -> Pairs:
    """Return how many pairs an interval of that half-width needs, should the changes vary as much as that.

    Parameters
    ----------
    wanted : array_like
        The half-width, above 0, in the unit of sd.
    sd, conf
        As in `half_width`.

    Returns
    -------
    Pairs
        n is 2 or more. NaN where sd is missing or not above 0.

    Raises
    ------
    ValueError
        `wanted` is not above 0, or `conf` not between 0 and 1.

    Notes
    -----
    The quantile of t is that of n - 1 degrees of freedom, so n is found as a root. It is the half-width at the sd given:
    the interval of the study to come is wider or narrower as its changes vary.

    Examples
    --------
    >>> needed = pairs_for(5.0, 10.0)
    >>> float(needed.n), f"{needed.n_exact:.2f}"
    (18.0, '17.83')
    """
    check_conf(conf)
    width, spread = np.broadcast_arrays(np.asarray(wanted, dtype=np.float64), np.asarray(sd, dtype=np.float64))
    if np.any(width <= 0):
        raise ValueError("the half-width wanted must be above 0")
    ratio = width / np.where(spread > 0, spread, np.nan)
    root = rising_root(lambda n, of: of - _half_width(n, 1.0, conf), FEWEST, (ratio,))
    n = least_whole(root, lambda n: _half_width(n, 1.0, conf) <= ratio, FEWEST)
    return Pairs(width[()], n[()], root[()])


def _half_width(n: Floats, sd: Floats | float, conf: float) -> Floats:
    from scipy.special import stdtrit

    return -stdtrit(n - 1, (1 - conf) / 2) * sd / np.sqrt(n)
