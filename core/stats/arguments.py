"""What every statistic of paired change checks on the way in, and gives back on the way out."""

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Alternatives = ("two-sided", "less", "greater")


def as_rows(change: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
    """Return one row a marker, and the shape that the markers had.

    Parameters
    ----------
    change : array_like, shape (..., n)
        Later minus earlier, pairs along the last axis; NaN is a pair that is not there.

    Raises
    ------
    ValueError
        There is no axis of pairs, or a change is infinite: no measurement is, and its logarithm was taken of zero.

    Examples
    --------
    >>> as_rows([1.0, 2.0])
    (array([[1., 2.]]), ())
    """
    values = np.asarray(change, dtype=np.float64)
    if not values.ndim:
        raise ValueError("change needs an axis of pairs")
    if np.isinf(values).any():
        raise ValueError("every change must be finite, or NaN where there is no pair")
    rows = int(np.prod(values.shape[:-1]))
    return np.ascontiguousarray(values.reshape(rows, values.shape[-1])), values.shape[:-1]


def as_sample(change: ArrayLike) -> Floats:
    """Return the changes of one marker that are there.

    Raises
    ------
    ValueError
        `change` is not one marker's, shape (n,), or is infinite somewhere.

    Examples
    --------
    >>> as_sample([1.0, float("nan"), 2.0])
    array([1., 2.])
    """
    values, shape = as_rows(change)
    if shape:
        raise ValueError("change must be of one marker, shape (n,)")
    return values[0, ~np.isnan(values[0])]


def as_before(values: NDArray[Any], shape: tuple[int, ...]) -> Any:
    """Return one value a marker in the shape that the markers had; of a single marker, a NumPy scalar.

    Examples
    --------
    >>> float(as_before(np.array([1.5]), ()))
    1.5
    """
    return values.reshape(shape)[()]


def check_conf(conf: float) -> None:
    """Raise ValueError unless `conf` can be a confidence level.

    Examples
    --------
    >>> check_conf(0.95)
    """
    if not 0 < conf < 1:
        raise ValueError(f"conf must be between 0 and 1, not {conf}")


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Raise ValueError unless `value` is one of the choices.

    Examples
    --------
    >>> check_choice("method", "exact", ("auto", "exact"))
    """
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
