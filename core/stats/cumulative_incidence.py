"""The share to whom something has happened by each time, while other things can happen first: Aalen and Johansen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_conf

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CumulativeIncidence:
    """Shares of all who were watched, from 0 to 1, at each time.

    Attributes
    ----------
    time, at_risk, survival : ndarray, shape (..., times)
        The times at which something happened, in order; how many were watched until then; to what share nothing has
        happened by then.
    incidence, se, conf_low, conf_high : ndarray, shape (..., causes, times)
        The share to whom each cause has happened by each time, its standard error and its limits. There are no limits
        (NaN) while nobody has had it, nor where all have.
    """

    time: Floats
    at_risk: Floats
    survival: Floats
    incidence: Floats
    se: Floats
    conf_low: Floats
    conf_high: Floats

    def at(self, when: float, cause: int = 1) -> tuple[float, float, float]:
        """Return the incidence of a cause, 1, 2, ..., by a time, and its limits; 0 before anything happened.

        Only of a single sample, shape (times,). Whether anybody was still watched by then, the caller must know.
        """
        place = int(np.searchsorted(self.time, when, side="right")) - 1
        if place < 0:
            return 0.0, float("nan"), float("nan")
        row = cause - 1
        return (
            float(self.incidence[row, place]),
            float(self.conf_low[row, place]),
            float(self.conf_high[row, place]),
        )


def cumulative_incidence(
    time: ArrayLike, cause: ArrayLike, causes: int | None = None, conf: float = 0.95
) -> CumulativeIncidence:
    """Estimate the cumulative incidence of every cause of one sample.

    Parameters
    ----------
    time : array_like, shape (n,)
        How long each subject was watched, 0 or more; none missing.
    cause : array_like of int, shape (n,)
        What ended it: 0 nothing (censored), else 1, 2, ... Of what falls on one time, causes come before censoring.
    causes : int, optional
        How many causes there are; the greatest number in `cause` when not given.
    conf : float
        Confidence level of the limits, between 0 and 1.

    Returns
    -------
    CumulativeIncidence
        At the different times at which some cause ended it; without any, at none.

    Raises
    ------
    ValueError
        A time is missing or negative, a cause is not among those there are, or `conf` is not between 0 and 1.

    Notes
    -----
    Aalen, O. O., and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov chains based on
    censored observations. Scandinavian Journal of Statistics, 5, 141-150. Standard error: the delta method of Marubini,
    E., and Valsecchi, M. G. (1995), Analysing survival data from clinical trials and observational studies, chapter 10;
    without competing causes it is Greenwood's. Limits: on the scale log(-log), as by Kalbfleisch and Prentice. One minus
    Kaplan and Meier's estimate, with other causes as censoring, is another and greater number: it answers what would be
    if the other causes did not exist.

    Examples
    --------
    >>> found = cumulative_incidence([1, 2, 3, 4], [1, 2, 1, 0])
    >>> found.incidence.tolist(), found.survival.tolist()
    ([[0.25, 0.25, 0.5], [0.0, 0.25, 0.25]], [0.75, 0.5, 0.25])
    """
    spent, ended = np.asarray(time, dtype=float), np.asarray(cause, dtype=np.int64)
    most = int(ended.max(initial=0)) if causes is None else causes
    if spent.shape != ended.shape or spent.ndim != 1:
        raise ValueError("time and cause must be of one sample, shape (n,)")
    if np.any(np.isnan(spent)) or np.any(spent < 0):
        raise ValueError("every time must be known and 0 or more")
    if np.any((ended < 0) | (ended > most)):
        raise ValueError(f"every cause must be between 0 and {most}")
    times = np.unique(spent[ended > 0])
    place = np.searchsorted(times, spent)
    happened = np.stack(
        [np.bincount(place[ended == one], minlength=len(times)) for one in range(1, most + 1)]
        or [np.zeros(len(times), dtype=np.int64)]
    ).astype(float)
    at_risk = len(spent) - np.searchsorted(np.sort(spent), times, side="left")
    return of_counts(times, at_risk.astype(float), happened, conf)


def of_counts(time: ArrayLike, at_risk: ArrayLike, happened: ArrayLike, conf: float = 0.95) -> CumulativeIncidence:
    """Estimate cumulative incidences from counts, of many samples at once.

    Parameters
    ----------
    time : array_like, shape (times,)
        In order.
    at_risk : array_like, shape (..., times)
        How many were watched until each time; where nobody was, nothing may have happened.
    happened : array_like, shape (..., causes, times)
        To how many of them each cause happened then.
    conf : float
        Confidence level of the limits, between 0 and 1.

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    ValueError
        More happened at a time than were at risk, or `conf` is not between 0 and 1.

    Examples
    --------
    >>> of_counts([1, 2], [4, 3], [[1, 0], [0, 1]]).incidence.tolist()
    [[0.25, 0.25], [0.0, 0.25]]
    """
    from scipy.special import ndtri

    check_conf(conf)
    n, d = np.asarray(at_risk, dtype=float), np.asarray(happened, dtype=float)
    every = d.sum(axis=-2)
    if np.any(every > n):
        raise ValueError("no more can happen than there are subjects at risk")
    watched = np.where(n > 0, n, 1.0)
    survival = np.cumprod(1 - every / watched, axis=-1)
    before = np.concatenate([np.ones((*survival.shape[:-1], 1)), survival[..., :-1]], axis=-1)
    incidence = np.cumsum((before / watched)[..., None, :] * d, axis=-1)
    se = np.sqrt(_variance(watched, every, d, before, incidence))
    z = float(ndtri((1 + conf) / 2))
    # Where it has happened to nobody or to all there are no limits; rounding can leave "all" a little beside 1.
    inside = (incidence > 0) & (incidence < 1 - 1e-12)
    share = np.where(inside, incidence, 0.5)
    with np.errstate(over="ignore"):
        width = np.exp(z * se / (share * -np.log(share)))
    low, high = share**width, share ** (1 / width)
    return CumulativeIncidence(
        np.asarray(time, dtype=float), n, survival, incidence, se,
        np.where(inside, low, np.nan), np.where(inside, high, np.nan),
    )  # fmt: skip


def _variance(n: Floats, every: Floats, d: Floats, before: Floats, incidence: Floats) -> Floats:
    """The delta method; its sums over all earlier times are taken at once, and a last time that empties the sample adds none."""
    left = n - every
    hazard = np.divide(every, n * left, out=np.zeros_like(n), where=left > 0)[..., None, :]
    step = before[..., None, :] * d / (n * n)[..., None, :]
    spread = before[..., None, :] * step * (1 - d / n[..., None, :])
    constant = np.cumsum(incidence**2 * hazard + 2 * incidence * step + spread, axis=-1)
    linear = np.cumsum(incidence * hazard + step, axis=-1)
    found = incidence**2 * np.cumsum(hazard, axis=-1) - 2 * incidence * linear + constant
    return np.maximum(found, 0.0)
