"""The power of Wilcoxon's signed-rank test under normal differences, by its asymptotic relative efficiency."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.power import Solved, solve

Floats = NDArray[np.float64]

EFFICIENCY = 3 / np.pi
"""Of the signed-rank test beside the t-test: as many pairs of a t-test one pair counts, in large samples."""


def fewest_pairs(alpha: ArrayLike) -> Floats:
    """Return the pairs below which the exact two-sided test cannot reach p at or below alpha.

    Parameters
    ----------
    alpha : array_like
        Above 0; NaN gives NaN.

    Notes
    -----
    The least p of n differences other than zero is 2 to the power 1 - n.

    Examples
    --------
    >>> fewest_pairs([0.05, 0.0625]).tolist()
    [6.0, 5.0]
    """
    return np.maximum(1 - np.floor(np.log2(np.asarray(alpha, dtype=np.float64))), 1)[()]


def solve_signed_rank(
    n: ArrayLike | None = None,
    effect_size: ArrayLike | None = None,
    alpha: ArrayLike | None = None,
    power: ArrayLike | None = None,
) -> Solved:
    """Return all four of pairs, effect size, alpha and power; exactly one is left out and solved for.

    Parameters
    ----------
    n, effect_size, alpha, power : array_like, optional
        As in `core.stats.power.solve`; the test is two-sided.

    Returns
    -------
    Solved
        What a t-test has with 3/pi as many pairs. With fewer pairs than the exact test needs to reach alpha at all, what
        is solved for is NaN; a solved n is never fewer than these.

    Raises
    ------
    ValueError
        As `core.stats.power.solve`.

    Notes
    -----
    The factor is that of large samples and normal differences: an approximation in small ones, and too little where
    tails are heavy. Hodges, J. L., and Lehmann, E. L. (1956). The efficiency of some nonparametric competitors of the
    t-test. Annals of Mathematical Statistics, 27, 324-335.

    Examples
    --------
    >>> float(solve_signed_rank(effect_size=0.82, alpha=0.05, power=0.8).n)
    15.0
    >>> float(solve_signed_rank(n=5, effect_size=0.82, alpha=0.05).power)
    nan
    """
    found = solve(n, effect_size, alpha, power, efficiency=EFFICIENCY)
    least = fewest_pairs(found.alpha)
    if n is None:
        enough = np.fmax(found.n, least)
        reached = solve(enough, effect_size, alpha, efficiency=EFFICIENCY).power
        return replace(found, n=enough, power_reached=reached)
    given = {"effect_size": effect_size, "alpha": alpha, "power": power}
    solved = [name for name, value in given.items() if value is None]
    lost = {
        name: np.where(found.n < least, np.nan, getattr(found, name))[()] for name in dict.fromkeys([*solved, "power_reached"])
    }  # fmt: skip
    return replace(found, **lost)
