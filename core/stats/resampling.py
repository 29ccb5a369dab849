"""Answers by drawing again: signs of the differences for a p, differences for the interval of a median."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import as_sample, check_conf
from core.stats.digits import is_constant

Floats = NDArray[np.float64]

SEED = 20240601
# Up to that many pairs all patterns of signs are gone through: 262,144 of them.
ALL_UP_TO = 18
# Numbers held at once while drawing.
AT_ONCE = 5_000_000


@dataclass(frozen=True)
class Permutation:
    """Two-sided p, and how many patterns of signs it rests on: all of them, or as many as were drawn."""

    p_value: float
    draws: int


@dataclass(frozen=True)
class BootstrapMedian:
    """Median change and its limits, in the unit of the change; NaN where not estimable."""

    estimate: float
    conf_low: float
    conf_high: float


def permutation(change: ArrayLike, seed: int = SEED, draws: int = 100_000) -> Permutation:
    """Test the mean change by flipping signs: under the null each pair's order in time is a fair coin.

    Parameters
    ----------
    change : array_like, shape (n,)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    seed, draws : int
        Of patterns drawn at random, above 18 pairs; up to there all 2^n are counted.

    Returns
    -------
    Permutation
        p is the share of patterns whose sum is as far from zero as the one found. Of drawn patterns it is
        (b + 1) / (draws + 1), the one found among them, so it is never 0. NaN without pairs.

    Raises
    ------
    ValueError
        `change` is not of one marker or is infinite somewhere, or `draws` is below 1.

    Notes
    -----
    Fisher, R. A. (1935). The design of experiments, section 21. Phipson, B., and Smyth, G. K. (2010). Permutation
    p-values should never be zero. Statistical Applications in Genetics and Molecular Biology, 9, 39.

    Examples
    --------
    >>> permutation([1.0, 2.0, 4.0, 5.0])
    Permutation(p_value=0.125, draws=16)
    """
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    sample = as_sample(change)
    if not len(sample):
        return Permutation(float("nan"), 0)
    # Sums that are equal on paper differ in their last bits; they count as reached.
    reached = np.abs(sample.sum()) - 1e-12 * np.abs(sample).sum()
    if len(sample) <= ALL_UP_TO:
        sums = np.zeros(1)
        for value in sample:
            sums = np.concatenate([sums + value, sums - value])
        return Permutation(float(np.mean(np.abs(sums) >= reached)), len(sums))
    # In one order, so that shuffled pairs draw the same p.
    beyond = _drawn_beyond(np.sort(np.abs(sample)), reached, seed, draws)
    return Permutation((beyond + 1) / (draws + 1), draws)


def _drawn_beyond(size: Floats, reached: float, seed: int, draws: int) -> int:
    rng = np.random.default_rng(seed)
    beyond, step = 0, max(1, AT_ONCE // len(size))
    for begin in range(0, draws, step):
        kept = rng.integers(0, 2, (min(step, draws - begin), len(size)), dtype=np.int8)
        beyond += int(np.count_nonzero(np.abs(2 * (kept @ size) - size.sum()) >= reached))
    return beyond


def bootstrap_median(change: ArrayLike, conf: float = 0.95, seed: int = SEED, draws: int = 9_999) -> BootstrapMedian:
    """Return the median change with its bootstrap interval, corrected for bias and acceleration.

    Parameters
    ----------
    change : array_like, shape (n,)
        Later minus earlier in any unit; NaN, where there is no pair, is left out.
    conf : float
        Confidence level, between 0 and 1.
    seed, draws : int
        Of the samples drawn.

    Returns
    -------
    BootstrapMedian
        Limits are NaN where the sample gives none: below two pairs, and where leaving any one out moves no median.

    Raises
    ------
    ValueError
        `change` is not of one marker or is infinite somewhere, or `conf` is not between 0 and 1.

    Notes
    -----
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical Association, 82,
    171-185.

    Examples
    --------
    >>> found = bootstrap_median([1.0, 2.0, 4.0, 5.0, 9.0, 11.0, 12.0])
    >>> found.estimate, found.conf_low <= 5.0 <= found.conf_high
    (5.0, True)
    """
    from scipy.stats import bootstrap

    check_conf(conf)
    sample = np.sort(as_sample(change))
    if len(sample) < 2 or is_constant(sample[None, :])[0]:
        return BootstrapMedian(float(np.median(sample)) if len(sample) else float("nan"), *[float("nan")] * 2)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # What cannot be had comes back as NaN.
        limits = bootstrap(
            (sample,), np.median, vectorized=True, confidence_level=conf, n_resamples=draws, method="BCa",
            batch=max(1, AT_ONCE // len(sample)), rng=np.random.default_rng(seed),
        ).confidence_interval  # fmt: skip
    return BootstrapMedian(float(np.median(sample)), float(limits.low), float(limits.high))
