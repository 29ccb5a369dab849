"""Where a function that rises reaches 0, and the least whole number that is enough: for many arguments at once."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rising_root(miss: Callable[..., Floats], low: float, args: tuple[Floats, ...]) -> Floats:
    """Return where a function that rises with its first argument is 0.

    Parameters
    ----------
    miss : callable
        miss(x, *args), element by element; it rises above 0 somewhere.
    low : float
        Where the search begins.
    args : tuple of ndarray of one shape
        NaN in one gives NaN.

    Returns
    -------
    ndarray of that shape
        `low` where the function is 0 or more there already.

    Notes
    -----
    The bracket is doubled until it holds the root, which SciPy then finds. Chandrupatla, T. R. (1997). A new hybrid
    quadratic/bisection algorithm for finding the zero of a nonlinear function. Advances in Engineering Software, 28,
    145-149.

    Examples
    --------
    >>> rising_root(lambda x, of: x**2 - of, 1.0, (np.array([0.25, 2.25, np.nan]),)).tolist()
    [1.0, 1.5, nan]
    """
    from scipy.optimize.elementwise import find_root

    bottom = np.full(args[0].shape, low)
    top = bottom + 1
    while (short := miss(top, *args) < 0).any():
        top = np.where(short, 2 * top, top)
    found = find_root(miss, (bottom, top), args=args)
    return np.where(miss(bottom, *args) >= 0, low, np.where(found.success, found.x, np.nan))


def least_whole(root: Floats, enough: Callable[[Floats], NDArray[np.bool_]], fewest: int) -> Floats:
    """Return the least whole number that is enough.

    Parameters
    ----------
    root : ndarray
        Where enough begins, but for the last digits. NaN stays NaN.
    enough : callable
        Says of whole numbers, element by element, whether they are enough: it is asked anew, so that rounding of the
        root costs no number and spares none.
    fewest : int
        No number below it is returned.

    Examples
    --------
    >>> least_whole(np.array([3.0000000001, 4.2]), lambda n: n >= np.array([3.0, 4.2]), 2).tolist()
    [3.0, 5.0]
    """
    whole = np.ceil(root)
    whole = np.where(np.isnan(whole) | enough(whole), whole, whole + 1)
    fewer = np.maximum(whole - 1, fewest)
    return np.where(enough(fewer), fewer, whole)
