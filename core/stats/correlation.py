"""What all correlations share: complete cases, a p by the t distribution, limits by Fisher's z."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def complete(*axes: ArrayLike) -> tuple[list[Floats], tuple[int, ...]]:
    """Return one row a marker of each axis, without the subjects that are missing on another, and the markers' shape.

    Parameters
    ----------
    *axes : array_like, shape (n,) or (..., n)
        Subjects along the last axis, the same ones in all; NaN is a missing value. The other axes broadcast.

    Returns
    -------
    tuple of list of ndarray, shape (markers, n), and of int
        A subject that is NaN on one axis of a row is NaN on all of them.

    Raises
    ------
    ValueError
        There is no axis of subjects, their number differs, a value is infinite, or the shapes do not broadcast.

    Examples
    --------
    >>> complete([1.0, 2.0], [np.nan, 4.0])
    ([array([[nan,  2.]]), array([[nan,  4.]])], ())
    """
    values = [np.asarray(axis, dtype=np.float64) for axis in axes]
    if not all(axis.ndim for axis in values):
        raise ValueError("every measure needs an axis of subjects")
    if len({axis.shape[-1] for axis in values}) > 1:
        raise ValueError(f"as many subjects on every axis, not {', '.join(str(axis.shape[-1]) for axis in values)}")
    if any(np.isinf(axis).any() for axis in values):
        raise ValueError("every value must be finite, or NaN where it is missing")
    together = np.broadcast_arrays(*values)
    shape, subjects = together[0].shape[:-1], together[0].shape[-1]
    missing = np.logical_or.reduce([np.isnan(axis) for axis in together])
    rows = int(np.prod(shape))
    return [np.where(missing, np.nan, axis).reshape(rows, subjects) for axis in together], shape


def settled(r: Floats) -> Floats:
    """Return correlations with those that are 1 or -1 but for rounding, in the twelfth digit, set to it.

    Examples
    --------
    >>> settled(np.array([1 + 2e-16, 0.5, -1 + 1e-15])).tolist()
    [1.0, 0.5, -1.0]
    """
    return np.where(np.abs(r) > 1 - 5e-13, np.sign(r), r)


def t_p(r: Floats, df: Floats, alternative: str = "two-sided") -> Floats:
    """Return the p of a correlation by the t distribution.

    Parameters
    ----------
    r : ndarray
        Correlations.
    df : ndarray
        Degrees of freedom: pairs less two, and one fewer for each covariate.
    alternative : {"two-sided", "less", "greater"}
        Which correlations speak against the null: both, negative ones or positive ones.

    Returns
    -------
    ndarray
        0 where r is 1 or -1; NaN where r is NaN or no degree of freedom is left.

    Notes
    -----
    t is r sqrt(df / (1 - r^2)), and its two tails are the incomplete beta function of 1 - r^2, which needs no division.

    Examples
    --------
    >>> f"{t_p(np.array([0.6]), np.array([7.0]))[0]:.6f}"
    '0.087623'
    """
    from scipy.special import betainc

    both = betainc(np.where(df > 0, df, np.nan) / 2, 0.5, (1 - r) * (1 + r))
    if alternative == "two-sided":
        return both
    against = r < 0 if alternative == "less" else r > 0
    return np.where(against, both / 2, 1 - both / 2)


def fisher_limits(
    r: Floats, error: Floats, conf: float = 0.95, alternative: str = "two-sided"
) -> tuple[Floats, Floats]:
    """Return limits of a correlation from the standard error of its hyperbolic arctangent.

    Parameters
    ----------
    r, error : ndarray
        Correlations, and the standard errors on the scale of z; NaN where there is none.
    conf : float
        Confidence level, between 0 and 1.
    alternative : {"two-sided", "less", "greater"}
        A one-sided interval has its other limit at -1 or 1.

    Returns
    -------
    tuple of ndarray
        NaN where r is 1, -1 or NaN, or error is NaN.

    Notes
    -----
    Fisher, R. A. (1921). On the probable error of a coefficient of correlation deduced from a small sample. Metron, 1,
    3-32.

    Examples
    --------
    >>> low, high = fisher_limits(np.array([0.6]), np.array([1 / np.sqrt(6)]))
    >>> f"{low[0]:.3f} to {high[0]:.3f}"
    '-0.107 to 0.904'
    """
    from scipy.special import ndtri

    centre = np.arctanh(np.where(np.abs(r) < 1, r, np.nan))
    reach = error * ndtri((1 + conf) / 2 if alternative == "two-sided" else conf)
    low, high = np.tanh(centre - reach), np.tanh(centre + reach)
    none = np.isnan(low)
    if alternative == "less":
        low = np.where(none, np.nan, -1.0)
    if alternative == "greater":
        high = np.where(none, np.nan, 1.0)
    return low, high
