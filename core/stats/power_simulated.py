"""Size and power of both tests of a paired change, by drawing measurements: also where these are not normal."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.stats.arguments import check_choice
from core.stats.paired_t import paired_t
from core.stats.signed_rank import signed_rank

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Floats]

SEED = 20240628
DRAWS = 10_000
MOST_VALUES = 500_000
"""Differences drawn at most: with more pairs there are fewer draws."""

MOST_PAIRS = 500
HEAVY_DF = 3.0
LOG_SD = 1.0
SHAPES: dict[str, tuple[Draw, float]] = {
    "normal": (lambda rng, size: rng.standard_normal(size), 1.0),
    "heavy_tails": (lambda rng, size: rng.standard_t(HEAVY_DF, size), HEAVY_DF / (HEAVY_DF - 2)),
    "log_normal": (
        lambda rng, size: np.exp(LOG_SD * rng.standard_normal(size)),
        float(np.expm1(LOG_SD**2) * np.exp(LOG_SD**2)),
    ),
}
"""How measurements are distributed: how they are drawn, and their variance."""


@dataclass(frozen=True)
class Simulated:
    """Shares of the draws in which a test rejects, with their Monte Carlo standard errors; NaN where none was drawn.

    size is the share without any effect, power that with the effect size.
    """

    draws: int
    n: int
    effect_size: float
    alpha: float
    size: float
    size_error: float
    power: float
    power_error: float


def simulate(
    shape: str, n: int, effect_size: float, alpha: float, draws: int = DRAWS, seed: int = SEED
) -> dict[str, Simulated]:
    """Draw pairs of measurements many times, and count how often each test rejects.

    Parameters
    ----------
    shape : {"normal", "heavy_tails", "log_normal"}
        Of the measurements: normal, Student's t with 3 degrees of freedom, or the exponential of a normal deviate with
        standard deviation 1.
    n : int
        Pairs, 2 or more.
    effect_size : float
        d_z: what is added to each later measurement, over the standard deviation of the differences.
    alpha : float
        A test rejects when its two-sided p is at or below it.
    draws, seed : int
        At most so many times; fewer where n is above 50. The same seed gives the same numbers.

    Returns
    -------
    dict of Simulated
        By test, "paired_t" and "wilcoxon", both of the same draws. Above 500 pairs nothing is drawn.

    Raises
    ------
    ValueError
        `shape` is none of these, or n is below 2.

    Notes
    -----
    Both measurements of a pair are drawn alike and alone, so without an effect they can be exchanged, and their
    difference is symmetric about 0 whatever their shape: the signed-rank test keeps its size. Differences drawn from a
    skewed distribution would have another null hypothesis than the one that is tested.

    The signed-rank p is exact up to 50 pairs. The standard error of a share is that of (rejections + 2) of (draws + 4),
    so that it is not 0 where all draws agree. Agresti, A., and Coull, B. A. (1998). Approximate is better than "exact"
    for interval estimation of binomial proportions. American Statistician, 52, 119-126.

    Examples
    --------
    >>> found = simulate("normal", 6, 2.0, 0.05, draws=2000)["wilcoxon"]
    >>> 0.02 < found.size < 0.045 < 0.8 < found.power
    True
    """
    check_choice("shape", shape, SHAPES)
    if n < 2:
        raise ValueError("n must be 2 or more")
    return dict(_simulated(shape, int(n), float(effect_size), float(alpha), draws, seed))


@lru_cache(maxsize=128)
def _simulated(
    shape: str, n: int, effect_size: float, alpha: float, draws: int, seed: int
) -> tuple[tuple[str, Simulated], ...]:
    times = 0 if n > MOST_PAIRS else min(draws, MOST_VALUES // n)
    of, variance = SHAPES[shape]
    earlier, later = of(np.random.default_rng((seed, n)), (2, times, n))
    change = later - earlier
    moved = change + effect_size * np.sqrt(2 * variance)
    p_values = {
        "paired_t": (paired_t(change).p_value, paired_t(moved).p_value),
        "wilcoxon": (signed_rank(change).p_value, signed_rank(moved).p_value),
    }
    found = []
    for test, (without, under) in p_values.items():
        shares = [number for p in (without, under) for number in _share(p <= alpha)]
        found.append((test, Simulated(times, n, effect_size, alpha, *shares)))
    return tuple(found)


def _share(rejected: NDArray[np.bool_]) -> tuple[float, float]:
    draws, hits = len(rejected), int(rejected.sum())
    if not draws:
        return np.nan, np.nan
    near = (hits + 2) / (draws + 4)
    return hits / draws, float(np.sqrt(near * (1 - near) / (draws + 4)))
