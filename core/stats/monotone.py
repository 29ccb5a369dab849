"""The line that rises, or falls, everywhere and passes nearest to the points."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def monotone(x: ArrayLike, y: ArrayLike, rising: bool = True) -> Floats:
    """Return, for each point, the height of the monotone line of least squares.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        In any units; a point with NaN on either axis has no height.
    rising : bool
        Whether the line never falls, or never rises.

    Returns
    -------
    ndarray, shape (n,)
        In the unit of y. Points of the same x share one height.

    Raises
    ------
    ValueError
        The axes differ in length, or are not of one marker.

    Notes
    -----
    Isotonic regression by pooling adjacent violators, over the mean y of each x weighted by its points.

    Barlow, R. E., Bartholomew, D. J., Bremner, J. M., and Brunk, H. D. (1972). Statistical inference under order
    restrictions. Wiley.

    Examples
    --------
    >>> monotone([3, 1, 2, 4], [1.0, 0.0, 2.0, 5.0]).tolist()
    [1.5, 0.0, 1.5, 5.0]
    """
    from scipy.optimize import isotonic_regression

    across, up = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if across.ndim != 1 or across.shape != up.shape:
        raise ValueError("both axes must be of one marker and of one length, shape (n,)")
    height = np.full(across.shape, np.nan)
    known = ~(np.isnan(across) | np.isnan(up))
    if known.any():
        _, place, weight = np.unique(across[known], return_inverse=True, return_counts=True)
        means = np.bincount(place, up[known]) / weight
        height[known] = isotonic_regression(means, weights=weight, increasing=rising).x[place]
    return height
