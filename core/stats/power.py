"""The power of the paired t-test, exactly: pairs, effect size, alpha and power, each from the other three."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_choice
from core.stats.noncentral_t import cdf
from core.stats.roots import least_whole, rising_root

Floats = NDArray[np.float64]
Chance = Callable[[Floats, Floats, Floats], Floats]
"""The power of n, effect size and alpha."""

ALTERNATIVES = ("two-sided", "greater")
FEWEST = 2
"""Pairs without which there is no spread, and so no test."""

# On this scale, log(alpha / (1 - alpha)), alpha runs from 1e-100, whose quantiles of t are still numbers, to almost 1.
LOGITS = (-230.0, 36.0)


@dataclass(frozen=True)
class Solved:
    """Four numbers that belong together, each an array of one shape, and what the solution for n leaves over.

    n is whole where it was solved for, and n_exact the root that it was rounded up from; where n was given both are
    that. power is the one asked for, or solved; power_reached is that of the whole n.
    """

    n: Floats
    n_exact: Floats
    effect_size: Floats
    alpha: Floats
    power: Floats
    power_reached: Floats


def paired_power(n: ArrayLike, effect_size: ArrayLike, alpha: ArrayLike, alternative: str = "two-sided") -> Floats:
    """Return the chance that a paired t-test rejects.

    Parameters
    ----------
    n : array_like
        Pairs, 2 or more; not necessarily a whole number.
    effect_size : array_like
        d_z: the true mean change over the true standard deviation of the changes, of any sign.
    alpha : array_like
        Between 0 and 1: the size of the whole test, of both sides together.
    alternative : {"two-sided", "greater"}
        Two-sided power counts both tails, also the one on the wrong side.

    Returns
    -------
    ndarray of the shape that they broadcast to
        NaN in one gives NaN.

    Raises
    ------
    ValueError
        A number is out of its range, or `alternative` is none of these.

    Notes
    -----
    For normal differences: under d_z the t statistic has a noncentral t distribution with n - 1 degrees of freedom and
    the noncentrality d_z times the square root of n. Cohen, J. (1988). Statistical power analysis for the behavioral
    sciences, section 2.3.

    Examples
    --------
    >>> f"{paired_power(30, 0.82, 0.05):.4f}"
    '0.9913'
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    known = _numbers({"n": n, "effect_size": effect_size, "alpha": alpha})
    _check(known, alternative)
    return _power(known["n"], known["effect_size"], known["alpha"], alternative)[()]


def solve(
    n: ArrayLike | None = None,
    effect_size: ArrayLike | None = None,
    alpha: ArrayLike | None = None,
    power: ArrayLike | None = None,
    alternative: str = "two-sided",
    efficiency: float = 1.0,
) -> Solved:
    """Return all four of pairs, effect size, alpha and power; exactly one is left out and solved for.

    Parameters
    ----------
    n, effect_size, alpha : array_like, optional
        As in `paired_power`. They broadcast against each other.
    power : array_like, optional
        Above alpha, which is what an effect of 0 has, and below 1.
    alternative : {"two-sided", "greater"}
        With "two-sided", a solved effect size is the positive one of two; with "greater", a given one is positive.
    efficiency : float
        As how many pairs of a t-test one pair counts: 1, unless the power is that of another test.

    Returns
    -------
    Solved
        A solved n is the least whole number that reaches the power, and never below 2. A solved alpha is NaN where it
        would be below 1e-100. NaN in one of those given gives NaN.

    Raises
    ------
    ValueError
        Not exactly one is left out, a number is out of its range, the power is not above alpha, or n is sought for an
        effect size of 0.

    Examples
    --------
    >>> needed = solve(effect_size=0.82, alpha=0.05, power=0.8)
    >>> float(needed.n), f"{needed.n_exact:.3f}", f"{needed.power_reached:.4f}"
    (14.0, '13.717', '0.8093')
    >>> f"{solve(n=30, alpha=0.05, power=0.8).effect_size:.3f}"
    '0.529'
    """
    check_choice("alternative", alternative, ALTERNATIVES)
    given = {"n": n, "effect_size": effect_size, "alpha": alpha, "power": power}
    known = _numbers({name: value for name, value in given.items() if value is not None})
    if len(known) != len(given) - 1:
        raise ValueError("leave out exactly one of n, effect_size, alpha and power")
    _check(known, alternative)
    chance = partial(_power, alternative=alternative, efficiency=efficiency)
    if "n" not in known:
        exact, known["n"] = _pairs(chance, **known)
    else:
        exact = known["n"]
    if "effect_size" not in known:
        known["effect_size"] = _effect(chance, **known)
    if "alpha" not in known:
        known["alpha"] = _alpha(chance, **known)
    reached = chance(known["n"], known["effect_size"], known["alpha"])
    fields = (known["n"], exact, known["effect_size"], known["alpha"], known.get("power", reached), reached)
    return Solved(*(field[()] for field in fields))


def _power(
    n: Floats, effect_size: Floats, alpha: Floats, alternative: str = "two-sided", efficiency: float = 1.0
) -> Floats:
    from scipy.special import stdtrit

    pairs = n * efficiency
    df, nc = pairs - 1, effect_size * np.sqrt(pairs)
    # The lower tail keeps its digits where alpha is small.
    critical = -stdtrit(df, alpha / 2 if alternative == "two-sided" else alpha)
    # The chance of less than -critical under nc is that of more than critical under -nc.
    above, below = _above(critical, df, nc), _above(critical, df, -nc)
    return np.clip(above + below if alternative == "two-sided" else above, 0.0, 1.0)


def _above(t: Floats, df: Floats, nc: Floats) -> Floats:
    """Return the chance of more than t, of any sign."""
    within = cdf(np.abs(t), df, np.where(t < 0, -nc, nc))
    return np.where(t < 0, within, 1 - within)


def _pairs(chance: Chance, effect_size: Floats, alpha: Floats, power: Floats) -> tuple[Floats, Floats]:
    """Return the root in n, and the least whole number that reaches the power."""
    root = rising_root(lambda n, d, a, p: chance(n, d, a) - p, FEWEST, (effect_size, alpha, power))
    return root, least_whole(root, lambda n: chance(n, effect_size, alpha) >= power, FEWEST)


def _effect(chance: Chance, n: Floats, alpha: Floats, power: Floats) -> Floats:
    return rising_root(lambda d, n, a, p: chance(n, d, a) - p, 0.0, (n, alpha, power))


def _alpha(chance: Chance, n: Floats, effect_size: Floats, power: Floats) -> Floats:
    from scipy.optimize.elementwise import find_root
    from scipy.special import expit

    ends = tuple(np.full(n.shape, end) for end in LOGITS)
    found = find_root(lambda x, n, d, p: chance(n, d, expit(x)) - p, ends, args=(n, effect_size, power))
    return np.where(found.success, expit(found.x), np.nan)


def _numbers(given: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in given.values()))
    return dict(zip(given, arrays, strict=True))


def _check(known: Mapping[str, Floats], alternative: str) -> None:
    """Raise ValueError where a number is out of its range."""
    if "n" in known and np.any(known["n"] < FEWEST):
        raise ValueError(f"n must be {FEWEST} or more")
    if any(np.any((known[name] <= 0) | (known[name] >= 1)) for name in ("alpha", "power") if name in known):
        raise ValueError("alpha and power must be between 0 and 1")
    if "alpha" in known and "power" in known and np.any(known["power"] <= known["alpha"]):
        raise ValueError("power must be above alpha: that much an effect of 0 has")
    if "power" in known and "effect_size" in known:
        wrong = known["effect_size"] <= 0 if alternative == "greater" else known["effect_size"] == 0
        if np.any(wrong):
            raise ValueError("an effect size of 0, or on the side that is not tested, never reaches a power")
