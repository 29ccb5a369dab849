"""A share of successes, learned from the patients decided or held fixed: how many of n more succeed."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_conf

Floats = NDArray[np.float64]


class Share(Protocol):
    """What forecasts ask of a share: all of them share it, whether it is known or not."""

    @property
    def mean(self) -> float:
        """Its expected value, 0 to 1."""
        ...

    def chances(self, n: ArrayLike, k: ArrayLike) -> Floats:
        """Return the probability of exactly k successes of n."""
        ...


@dataclass(frozen=True)
class Fixed:
    """A share held to be exactly `share`, 0 to 1: successes are binomial.

    Examples
    --------
    >>> Fixed(0.5).chances(2, [0, 1, 2]).tolist()
    [0.25, 0.5, 0.25]
    """

    share: float

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"share must be from 0 to 1, not {self.share}")

    @property
    def mean(self) -> float:
        """The share itself."""
        return self.share

    def chances(self, n: ArrayLike, k: ArrayLike) -> Floats:
        """Return the probability of exactly k successes of n.

        Parameters
        ----------
        n, k : array_like of int
            Tries and successes, broadcast against each other.

        Returns
        -------
        ndarray
            0 where k is not from 0 to n.

        Examples
        --------
        >>> Fixed(0.25).chances(1, [0, 1, 2]).tolist()
        [0.75, 0.25, 0.0]
        """
        from scipy.special import xlog1py, xlogy

        tries, wins = _counts(n, k)
        with np.errstate(invalid="ignore"):
            log = _log_choose(tries, wins) + xlogy(wins, self.share) + xlog1py(tries - wins, -self.share)
        return _where_possible(tries, wins, log)


@dataclass(frozen=True)
class Learned:
    """A share known as a Beta(a, b): successes are beta-binomial, since all tries have the one unknown share.

    Notes
    -----
    Skellam, J. G. (1948). A probability distribution derived from the binomial distribution by regarding the
    probability of success as variable between the sets of trials. Journal of the Royal Statistical Society B, 10,
    257-261.

    Examples
    --------
    >>> Learned(1, 1).chances(2, [0, 1, 2]).round(4).tolist()
    [0.3333, 0.3333, 0.3333]
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        if not (self.a > 0 and self.b > 0):
            raise ValueError(f"both parameters of a Beta must be above 0, not {self.a} and {self.b}")

    def after(self, successes: int, failures: int) -> "Learned":
        """Return what is known of the share once these are decided.

        Examples
        --------
        >>> Learned(1, 1).after(15, 5)
        Learned(a=16, b=6)
        """
        if successes < 0 or failures < 0:
            raise ValueError("successes and failures must not be negative")
        return Learned(self.a + successes, self.b + failures)

    @property
    def mean(self) -> float:
        """Its expected value."""
        return self.a / (self.a + self.b)

    def limits(self, conf: float = 0.95) -> tuple[float, float]:
        """Return the equal-tailed credible interval of the share, 0 to 1.

        Examples
        --------
        >>> [float(round(limit, 4)) for limit in Learned(1, 1).limits()]
        [0.025, 0.975]
        """
        from scipy.special import betaincinv

        check_conf(conf)
        low, high = betaincinv(self.a, self.b, [(1 - conf) / 2, (1 + conf) / 2])
        return float(low), float(high)

    def chances(self, n: ArrayLike, k: ArrayLike) -> Floats:
        """Return the probability of exactly k successes of n.

        Parameters
        ----------
        n, k : array_like of int
            Tries and successes, broadcast against each other.

        Returns
        -------
        ndarray
            0 where k is not from 0 to n.

        Examples
        --------
        >>> Learned(2, 1).chances(1, [0, 1, 2]).round(4).tolist()
        [0.3333, 0.6667, 0.0]
        """
        from scipy.special import betaln

        tries, wins = _counts(n, k)
        with np.errstate(invalid="ignore"):
            log = _log_choose(tries, wins) + betaln(wins + self.a, tries - wins + self.b) - betaln(self.a, self.b)
        return _where_possible(tries, wins, log)


def at_least(share: Share, n: ArrayLike, wanted: int) -> Floats:
    """Return the probability of `wanted` successes or more, for each number of tries.

    Parameters
    ----------
    share : Share
        The share of successes.
    n : array_like of int, shape (m,)
        Tries.
    wanted : int
        1 where it is 0 or less.

    Examples
    --------
    >>> at_least(Fixed(0.5), [1, 2], 1).tolist()
    [0.5, 0.75]
    """
    tries = np.asarray(n, dtype=float)
    if wanted <= 0:
        return np.ones(tries.shape)
    below = share.chances(tries[:, None], np.arange(wanted)[None, :]).sum(axis=1)
    return np.where(tries < wanted, 0.0, np.clip(1 - below, 0, 1))


def _counts(n: ArrayLike, k: ArrayLike) -> tuple[Floats, Floats]:
    tries, wins = np.broadcast_arrays(np.asarray(n, dtype=float), np.asarray(k, dtype=float))
    return tries, wins


def _log_choose(n: Floats, k: Floats) -> Floats:
    from scipy.special import gammaln

    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))


def _where_possible(n: Floats, k: Floats, log: Floats) -> Floats:
    possible = (k >= 0) & (k <= n)
    return np.where(possible, np.exp(np.where(possible, log, -np.inf)), 0.0)
