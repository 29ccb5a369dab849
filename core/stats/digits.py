"""Numbers as people record them: twelve significant digits, so that equal readings are equal numbers."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIGITS = 12
# A power of ten is taken in two halves, so that neither leaves the range of a float.
LOWEST = -170
POWERS = np.array([float(f"1e{power}") for power in range(LOWEST, -LOWEST + 1)])
# From one power of ten to the next there are this many mantissas.
STEPS = 9 * 10 ** (DIGITS - 1)
# Above this power of ten there is no float; below minus this, none but zero.
FURTHEST = 330


def magnitude(values: Floats) -> NDArray[np.int64]:
    """Return an integer for the size of each value, equal where twelve significant digits are.

    Parameters
    ----------
    values : ndarray of float
        Finite; NaN gets the integer of 1.

    Returns
    -------
    ndarray of int64
        0 for 0, and greater for a greater absolute value.

    Notes
    -----
    A float is a whole number of steps of its power of ten: the mantissa. 0.3 - 0.2 is 0.1 less 3e-17 and its
    mantissa, 999999999999.9997 of a lower power, becomes the first one of the next. The exponents are told apart
    by as many integers as there are mantissas, so this carry needs no case of its own.

    Examples
    --------
    >>> a, b = magnitude(np.array([0.3 - 0.2, -0.1]))
    >>> bool(a == b)
    True
    """
    size = np.abs(values)
    size = np.where(size > 0, size, 1.0)
    exponent = np.floor(np.log10(size)).astype(np.int64)
    power = DIGITS - 1 - exponent
    half = power >> 1
    mantissa = np.rint(size * POWERS[half - LOWEST] * POWERS[power - half - LOWEST]).astype(np.int64)
    return np.where(values == 0, 0, (exponent + FURTHEST) * STEPS + mantissa)


def is_constant(rows: Floats) -> NDArray[np.bool_]:
    """Say of each row whether all that it holds is one value.

    Parameters
    ----------
    rows : ndarray, shape (markers, n)
        NaN is left out; a row without any value is constant.

    Examples
    --------
    >>> is_constant(np.array([[0.3 - 0.2, 0.1], [0.1, 0.2]])).tolist()
    [True, False]
    """
    if not rows.shape[1]:
        return np.ones(len(rows), dtype=bool)
    low, high = np.fmin.reduce(rows, axis=1), np.fmax.reduce(rows, axis=1)
    near = np.flatnonzero(~(high - low > 1e-10 * np.fmax(np.abs(low), np.abs(high))))
    constant = np.zeros(len(rows), dtype=bool)
    ends = np.stack([low[near], high[near]])
    signed = np.where(np.isnan(ends), 0, np.sign(ends) * magnitude(ends))
    constant[near] = signed[0] == signed[1]
    return constant
