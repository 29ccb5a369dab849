"""Measures to be correlated: a biomarker at one timepoint, or its change between two, read for every subject on view."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.outputs.catalogue import Option, Options
from core.outputs.concordance import rungs
from core.outputs.correlated import Ranked
from core.outputs.markers import BLQ, NEED_A_LIMIT, PARAMCD
from core.stats import below_limit
from core.stats.below_limit import Measured
from core.stats.value_ranks import lowest_tied
from core.study import Population

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
UNSIZED = "changes with a value below the limit have an order but no magnitude"


def moments(data: Data) -> dict[str, tuple[str, ...]]:
    """Return how a measure is dated -> its timepoints: one, or the earlier and the later of a change."""
    changes = {f"{later}-{earlier}": (earlier, later) for earlier, later in combinations(data.timepoints, 2)}
    return changes | {name: (name,) for name in data.timepoints}


def _usual(data: Data) -> dict[str, str]:
    """Return the moments that a menu has room for: every timepoint, and its change from the first."""
    names = list(data.timepoints)
    changes = {f"{later}-{names[0]}": f"Change, {names[0]} to {later}" for later in names[1:]}
    planned = f"{data.study.timepoints.follow_up}-{data.study.timepoints.baseline}"
    first = {planned: changes[planned]} if planned in changes else {}
    return {name: name for name in names} | first | changes


def _baseline(data: Data) -> str:
    planned = data.study.timepoints.baseline
    return planned if planned in data.timepoints else next(iter(data.timepoints), "")


def at(name: str, label: str) -> Option:
    """Return the option of when a measure is taken."""
    return Option(
        name, label, "", choices=_usual, accepts=lambda data, value: value in moments(data), of_study=_baseline,
        help="A timepoint, or the change between two, later minus earlier.",
    )  # fmt: skip


X = replace(PARAMCD, name="x", label="Horizontal axis", of_study=lambda data: _first(data)[0])
Y = replace(PARAMCD, name="y", label="Vertical axis", of_study=lambda data: _first(data)[1])
X_AT, Y_AT = at("x_at", "Horizontal axis at"), at("y_at", "Vertical axis at")
BLQ_OF_CHANGES = replace(
    BLQ, rare=True,
    help="What stands in for a value below its limit of quantification in a change, and in Pearson's correlation; at one "
    "timepoint such values share the lowest rank.",
)  # fmt: skip


def _first(data: Data) -> tuple[str, str]:
    """Return the first two measures that the study sets against each other, else its first two biomarkers."""
    planned = rungs(data)
    if planned:
        return planned[0].x, planned[0].y
    codes = [*data.parameters.PARAMCD, "", ""]
    return codes[0], codes[1] or codes[0]


@dataclass(frozen=True)
class Measure:
    """One axis: what it is, and of every subject on view its value, or why there is none; arrays of shape (subjects,).

    ranked holds the values as they are ranked: those below a limit lowest and tied. analysed has what stands in for
    them, in the unit, or of a change on the marker's scale. matched is where a record of another day stands in.
    """

    PARAMCD: str
    at: str
    label: str
    unit: str
    scale: str
    ends: tuple[Measured, ...]
    ADT: tuple[pd.Series, ...]
    missing: NDArray[np.object_]
    matched: Flags
    rule: str

    @property
    def is_change(self) -> bool:
        """Whether it is the change between two timepoints."""
        return len(self.ends) > 1

    @property
    def present(self) -> Flags:
        """Who has a usable value, at both timepoints of a change."""
        return np.asarray(np.logical_and.reduce([end.present for end in self.ends]))

    @property
    def below(self) -> Flags:
        """Whose value is below its limit; of a change, either of the two."""
        return np.asarray(np.logical_or.reduce([end.below for end in self.ends]) & self.present)

    @property
    def change(self) -> below_limit.Change:
        """Later minus earlier."""
        return below_limit.change(self.ends[0], self.ends[-1], self.rule, self.scale)

    @property
    def ranks(self) -> Ranked:
        """The values as they are ranked, as the one row of a `Ranked`."""
        return rank([end.pick(np.newaxis) for end in self.ends], self.rule, self.scale)

    @property
    def ranked(self) -> Floats:
        """The same as an array; NaN where there is none."""
        return np.asarray(self.ranks.values[0])

    @property
    def left_out(self) -> NDArray[np.str_]:
        """Why a usable value has no rank; empty where it has one."""
        without = self.present & np.isnan(self.ranked)
        if not self.is_change or not without.any():
            return np.full(without.shape, "")
        unstated = np.logical_or.reduce([end.below & np.isnan(end.limit) for end in self.ends])
        unstated &= self.rule in NEED_A_LIMIT
        unsigned = np.logical_or.reduce([~end.below & (end.value <= 0) for end in self.ends]) & (self.scale == "log2")
        causes = [~without, not self.change.sized, self.below & (self.rule == "exclude"), unstated, unsigned]
        reasons = ["", "An order but no magnitude", "Below the limit, excluded", "Below a limit that nobody states"]
        return np.select([np.broadcast_to(cause, without.shape) for cause in causes],
                         [*reasons, "Not positive, so without logarithm"], "")  # fmt: skip

    @property
    def analysed(self) -> Floats:
        """The values as they are drawn and computed with; NaN where there is none."""
        return self.change.change if self.is_change else below_limit.on_scale(self.ends[0], self.rule)


def rank(ends: Sequence[Measured], rule: str, scale: str) -> Ranked:
    """Return values as they are ranked: at one timepoint those below a limit lowest and tied, of a change its size.

    A marker some of whose changes have no magnitude has no ranks.

    Parameters
    ----------
    ends : sequence of Measured, shape (markers, subjects)
        At one timepoint, or at the earlier and the later.
    rule, scale : str
        Of a change, as in `core.stats.below_limit.change`.

    Examples
    --------
    >>> low = Measured.of([[np.nan, 3.0]], [[True, False]], 0.5)
    >>> rank([low], "half", "raw").values.tolist(), rank([low, low], "half", "raw").values.tolist()
    ([[1.0, 2.0]], [[0.0, 0.0]])
    """
    present = np.logical_and.reduce([end.present for end in ends])
    below = np.logical_or.reduce([end.below for end in ends]) & present
    if len(ends) == 1:
        return Ranked(lowest_tied(ends[0]), present, below, np.full(len(present), "", dtype=object))
    found = below_limit.change(ends[0], ends[-1], rule, scale)
    values = np.where(found.sized[:, None], found.change, np.nan)
    return Ranked(values, present, below, np.where(found.sized, "", UNSIZED).astype(object))


def read(data: Data, population: Population, options: Options, axis: str) -> Measure:
    """Return the measure of one axis, "x" or "y"."""
    code, when = str(options[axis]), str(options[f"{axis}_at"])
    names = moments(data)[when]
    rows = data.ask("values_at", population, parameter=code, timepoints=list(names))
    known = data.parameters.set_index("PARAMCD").loc[code]
    at_each = [rows[place :: len(names)].reset_index(drop=True) for place in range(len(names))]
    ends = tuple(Measured.of(each.AVAL, each.below, each.lloq) for each in at_each)
    missing = np.full(len(at_each[0]), "", dtype=object)
    for name, each in zip(names, at_each, strict=True):
        told = each.missing.fillna("").to_numpy(dtype=object)
        told = np.where(told == "", "", f"{name}: " + told) if len(names) > 1 else told
        missing = np.where((missing != "") & (told != ""), missing + "; " + told, missing + told)
    label = dict(PARAMCD.choices(data))[code]
    return Measure(
        code, when, label, str(known.unit), str(known.scale), ends, tuple(each.ADT for each in at_each),
        missing, np.zeros(len(missing), dtype=bool), str(options["blq"]),
    )  # fmt: skip


def matched(data: Data, population: Population, one: Measure, other: Measure, window: float) -> Measure:
    """Return a measure with, where it is missing, the record nearest in time to the other measure's.

    Parameters
    ----------
    window : float
        Days that the two may be apart at most. Of two records equally near the earlier one is taken; where several
        records of that day differ, none is.

    Notes
    -----
    Only measures of a stated specimen that is no tissue are matched, at one timepoint, and only where the other is known, and dated.
    """
    if window <= 0 or one.is_change or other.is_change:
        return one
    records = data.ask("dated_values", population, parameter=one.PARAMCD)
    subjects = data.ask("subject_records", population).subject_code
    wanted = pd.DataFrame({"subject_code": subjects, "place": np.arange(len(subjects)), "other": other.ADT[0]})
    wanted = wanted[~one.present & other.present & other.ADT[0].notna()]
    near = wanted.merge(records, on="subject_code")
    near["gap"] = (near.ADT - near.other).dt.days.astype(float)
    near = near[near.gap.abs() <= window]
    near = near.assign(apart=near.gap.abs()).sort_values(["place", "apart", "gap"], kind="stable")
    nearest = near[near.groupby("place").ADT.transform("first").eq(near.ADT)]
    readings = nearest.drop_duplicates(["place", "AVAL", "below", "lloq"])
    clashing = readings.place[readings.place.duplicated()].unique()
    return _filled(one, readings[~readings.place.isin(clashing)], clashing)


def _filled(one: Measure, chosen: pd.DataFrame, clashing: NDArray[np.intp]) -> Measure:
    """Put records of other days where the measure is missing."""
    at_place = chosen.place.to_numpy(dtype=int)
    value, below, limit = (array.copy() for array in vars(one.ends[0]).values())
    value[at_place] = np.where(chosen.below, np.nan, chosen.AVAL)
    below[at_place], limit[at_place] = chosen.below, chosen.lloq
    day = one.ADT[0].copy()
    day.iloc[at_place] = chosen.ADT
    missing, flags = one.missing.copy(), one.matched.copy()
    missing[at_place], flags[at_place] = "", True
    for place in clashing:
        missing[place] = f"{missing[place]}; several records of the nearest day differ"
    return replace(one, ends=(Measured(value, below, limit),), ADT=(day,), missing=missing, matched=flags)
