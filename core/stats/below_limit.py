"""Values below the limit of quantification: what stands in for them, and what a change can then say."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.arguments import check_choice
from core.stats.digits import DIGITS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

RULES = ("half", "sqrt2", "lloq", "zero", "exclude", "lowest")
SCALES = ("raw", "log2")
_SHARE = {"half": 0.5, "sqrt2": 1 / np.sqrt(2), "lloq": 1.0, "zero": 0.0}


@dataclass(frozen=True)
class Measured:
    """Values at one timepoint, any shape: NaN is missing, unless `below` says that it is under its `limit`."""

    value: Floats
    below: Flags
    limit: Floats

    @classmethod
    def of(cls, value: ArrayLike, below: ArrayLike | None = None, limit: ArrayLike | None = None) -> "Measured":
        """Take arrays that broadcast to one shape; nothing is below a limit unless it is said."""
        values = np.asarray(value, dtype=np.float64)
        flags = np.zeros(values.shape, dtype=bool) if below is None else np.asarray(below, dtype=bool)
        limits = np.full(values.shape, np.nan) if limit is None else np.asarray(limit, dtype=np.float64)
        return cls(*np.broadcast_arrays(values, flags, limits))

    def pick(self, index: int | Flags | NDArray[np.intp] | None) -> "Measured":
        """Return one marker, or the subjects that are asked for; of None (numpy.newaxis), the same as one row."""
        return Measured(self.value[index], self.below[index], self.limit[index])

    @property
    def present(self) -> Flags:
        """Where there is a value, or it is known to be below a limit."""
        return np.asarray(self.below | ~np.isnan(self.value))


@dataclass(frozen=True)
class Change:
    """Later minus earlier, pair by pair, and of each marker whether its changes have a magnitude.

    change and sign are of the shape of the values: NaN where there is no pair. sign is -1, 0 or 1 and holds where the
    order alone is known, too. sized has the shape without the last axis: where it is False, some change of the marker
    has an order at most, and only the sign test can be made.
    """

    change: Floats
    sign: Floats
    sized: Flags


@dataclass(frozen=True)
class PairStates:
    """One value a marker: how many pairs were measured or below the limit at the two timepoints."""

    both_measured: Ints
    fell_below: Ints
    rose_above: Ints
    both_below: Ints


def on_scale(sample: Measured, rule: str = "half", scale: str = "raw") -> Floats:
    """Return values with what stands in for those below the limit, on the scale of analysis.

    Parameters
    ----------
    sample : Measured
        Any shape and unit.
    rule : {"half", "sqrt2", "lloq", "zero", "exclude", "lowest"}
        Half the limit, the limit over the square root of 2, the limit, zero, nothing, or a place below all others.
    scale : {"raw", "log2"}
        As measured, or its binary logarithm.

    Returns
    -------
    ndarray
        NaN where a value is missing, where it is below a limit and the rule gives it no magnitude or the limit is
        unknown, and on log2 where it is not positive.

    Raises
    ------
    ValueError
        `rule` or `scale` is none of these.

    Examples
    --------
    >>> sample = Measured.of([0.4, np.nan, np.nan], [False, True, False], 0.1)
    >>> on_scale(sample).tolist(), on_scale(sample, "zero").tolist()
    ([0.4, 0.05, nan], [0.4, 0.0, nan])
    """
    check_choice("rule", rule, RULES)
    check_choice("scale", scale, SCALES)
    stand_in = np.zeros(sample.value.shape) if rule == "zero" else sample.limit * _SHARE.get(rule, np.nan)
    values = np.where(sample.below, stand_in, sample.value)
    if scale == "raw":
        return values
    return np.log2(values, out=np.full(values.shape, np.nan), where=values > 0)


def change(earlier: Measured, later: Measured, rule: str = "half", scale: str = "raw") -> Change:
    """Subtract pair by pair, with one rule for values below the limit.

    Parameters
    ----------
    earlier, later : Measured, shape (..., n)
        Pairs along the last axis.
    rule, scale : str
        As in `on_scale`.

    Returns
    -------
    Change
        On the raw scale a difference has twelve significant digits of the larger value: 1234.1 - 1234.0 is 0.1.
        Two values below the limit differ by 0, whatever the limits are; with "exclude" they are no pair. "lowest" and,
        on log2, "zero" give no magnitude to a pair of which one value is below the limit.

    Raises
    ------
    ValueError
        `rule` or `scale` is none of these.

    Examples
    --------
    >>> first = Measured.of([0.4, np.nan, 0.2], [False, True, False], 0.1)
    >>> found = change(first, Measured.of([np.nan, np.nan, 0.5], [True, True, False], 0.1))
    >>> found.change.tolist(), change(first, first, "lowest").sized.tolist()
    ([-0.35, 0.0, 0.3], True)
    """
    before, after = on_scale(earlier, rule, scale), on_scale(later, rule, scale)
    difference = after - before
    if scale == "raw":
        difference = _as_recorded(difference, np.fmax(np.abs(before), np.abs(after)))
    one_below, both_below = earlier.below ^ later.below, earlier.below & later.below
    if rule != "exclude":
        difference = np.where(both_below, 0.0, difference)
    sign = np.sign(difference)
    ordered_only = np.zeros(difference.shape, dtype=bool)
    if rule == "lowest" or (rule == "zero" and scale == "log2"):
        measured = np.where(earlier.below, on_scale(later, "exclude", scale), on_scale(earlier, "exclude", scale))
        ordered_only = one_below & ~np.isnan(measured)
        sign = np.where(ordered_only, np.where(earlier.below, 1.0, -1.0), sign)
    return Change(difference, sign, np.asarray(~ordered_only.any(axis=-1)))


def _as_recorded(difference: Floats, size: Floats) -> Floats:
    """Take off what the binary form of the values has left in their difference."""
    # A division by a power of ten gives the float nearest to the decimal; a multiplication by its inverse does not.
    scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0))))
    with np.errstate(over="ignore", invalid="ignore"):
        exact = np.rint(difference * scale) / scale
    return np.where(np.isfinite(exact), exact, difference)


def pair_states(earlier: Measured, later: Measured) -> PairStates:
    """Count pairs by which of their values are below the limit.

    Parameters
    ----------
    earlier, later : Measured, shape (..., n)
        Pairs along the last axis; where one value is missing there is no pair.

    Returns
    -------
    PairStates
        Fields of the shape without the last axis; their sum is the number of pairs.

    Examples
    --------
    >>> states = pair_states(Measured.of([0.4, np.nan], [False, True], 0.1), Measured.of([np.nan, 0.3], [True, False], 0.1))
    >>> int(states.fell_below), int(states.rose_above)
    (1, 1)
    """
    pair = earlier.present & later.present
    wanted = ((False, False), (False, True), (True, False), (True, True))
    counts = (pair & (earlier.below == first) & (later.below == second) for first, second in wanted)
    return PairStates(*(np.count_nonzero(each, axis=-1) for each in counts))
