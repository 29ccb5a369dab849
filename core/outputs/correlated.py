"""Two measures side by side: rank correlations of many pairs of them at once, and why of one is missing what is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.formats import percentage
from core.stats.spearman import spearman

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]
NO_PAIR = "no subject has both values"
LEFT_OUT = "every usable pair is left out by the rule for values below the limit, or has no logarithm"
FEW = "fewer than two pairs"
TIED = "all values of one axis are tied"
WARNED_ABOVE = 30.0
"""Percent of values below the limit from which on a rank correlation is read with care."""


@dataclass(frozen=True)
class Ranked:
    """Measures to be ranked, shape (rows, subjects).

    values are NaN where a value is missing, or left out by rule or scale; present says who has a usable value whatever
    the rule makes of it, below whose is below its limit. reason, of shape (rows,), tells of a measure without ranks why.
    """

    values: Floats
    present: Flags
    below: Flags
    reason: Texts


@dataclass(frozen=True)
class Correlated:
    """One value a row: Spearman's correlation, the shares below the limit on both axes, and why something is missing.

    n counts the subjects ranked on both axes, n_usable those with a usable value on both, of whom the rule may leave out
    some. allowed is where the shares permit a correlation; share_x and share_y are in percent of the usable.
    """

    n: NDArray[np.int64]
    n_usable: NDArray[np.int64]
    rho: Floats
    p_value: Floats
    conf_low: Floats
    conf_high: Floats
    exact: Floats
    n_below_x: NDArray[np.int64]
    n_below_y: NDArray[np.int64]
    share_x: Floats
    share_y: Floats
    allowed: Flags
    reason: Texts

    @property
    def spearman(self) -> dict[str, Floats]:
        """The statistics as results carry them."""
        names = ("n", "rho", "p_value", "conf_low", "conf_high", "exact")
        return {name: np.asarray(getattr(self, name), dtype=np.float64) for name in names}


def correlate(x: Ranked, y: Ranked, most_below: float, conf: float, method: str = "auto") -> Correlated:
    """Correlate each row of one with the same row of the other.

    Parameters
    ----------
    x, y : Ranked, shape (rows, subjects)
        The same subjects in the same order.
    most_below : float
        Percent of the usable pairs: where more values of an axis are below the limit there is no correlation.
    conf : float
        Confidence level.
    method : str
        As in `core.stats.spearman.spearman`.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0, 3.0, np.nan]])
    >>> axis = Ranked(values, ~np.isnan(values), np.zeros((1, 4), dtype=bool), np.array([""], dtype=object))
    >>> found = correlate(axis, axis, 50, 0.95)
    >>> found.n.tolist(), found.rho.tolist(), found.reason.tolist()
    ([3], [1.0], ['fewer than four pairs'])
    """
    pairs = ~np.isnan(x.values) & ~np.isnan(y.values)
    usable = x.present & y.present
    n, n_usable = (np.count_nonzero(each, axis=1) for each in (pairs, usable))
    below = [np.count_nonzero(axis.below & usable, axis=1) for axis in (x, y)]
    share_x, share_y = (np.where(n_usable > 0, 100 * count / np.maximum(n_usable, 1), np.nan) for count in below)
    allowed = ~((share_x > most_below) | (share_y > most_below))
    found = spearman(np.where(allowed[:, None], x.values, np.nan), y.values, method, conf)
    exact = np.where(np.isnan(found.p_value), np.nan, found.exact)
    most = f"more than the {most_below:g} % that the study allows"
    refused = [
        f"{percentage(max(shares))}% of the values of one axis are below the limit, {most}"
        for shares in zip(np.nan_to_num(share_x), np.nan_to_num(share_y), strict=True)
    ]
    reason = np.select(
        [n_usable == 0, ~allowed, x.reason != "", y.reason != "", n == 0, n < 2, np.isnan(found.rho), n < 4],
        [NO_PAIR, np.array(refused, dtype=object), x.reason, y.reason, LEFT_OUT, FEW, TIED, "fewer than four pairs"],
        "no interval of a rho of 1 or -1",
    )
    return Correlated(
        n, n_usable, found.rho, found.p_value, found.conf_low, found.conf_high, exact, below[0], below[1], share_x, share_y, allowed,
        reason.astype(object),
    )  # fmt: skip
