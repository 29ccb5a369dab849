"""Biomarkers at two timepoints: the options that their outputs share, and the pairs that they are about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.errors import OptionError
from core.formats import RULES, count_percent, within_sentence
from core.outputs.catalogue import Option, Options
from core.stats import below_limit
from core.stats.below_limit import Change, Measured
from core.study import Population

Flags = NDArray[np.bool_]
OF_STUDY = "study"
ALL = "all"
NEED_A_LIMIT = ("half", "sqrt2", "lloq")
RULE_SENTENCES = {
    "half": "were replaced by half the limit",
    "sqrt2": "were replaced by the limit divided by the square root of 2",
    "lloq": "were replaced by the limit",
    "zero": "were replaced by zero",
    "exclude": "were excluded",
    "lowest": "were taken as the lowest, by order only",
}


def told_apart(codes: pd.Series, labels: pd.Series) -> dict[str, str]:
    """Return code -> how a reader knows it; two of one name are told apart by their code.

    Examples
    --------
    >>> told_apart(pd.Series(["A", "B", "C"]), pd.Series(["PSA", "PSA", "AR"]))
    {'A': 'PSA (A)', 'B': 'PSA (B)', 'C': 'AR'}
    """
    shown = labels.where(~labels.duplicated(keep=False), labels + " (" + codes + ")")
    return dict(zip(codes, shown, strict=True))


def _names(data: Data) -> dict[str, str]:
    return told_apart(data.parameters.PARAMCD, data.parameters.label)


def families(data: Data) -> dict[str, str]:
    """Return the families of study.toml -> how they read."""
    named = dict.fromkeys(data.parameters.family)
    return {name: name.replace("_", " ").capitalize() for name in named if name}


PARAMCD = Option(
    "PARAMCD", "Marker", "", choices=_names, of_study=lambda data: next(iter(data.parameters.PARAMCD), ""),
    help="A biomarker of the study.", wide=True,
)  # fmt: skip
FROM = Option(
    "from", "From", "", choices=lambda data: {name: name for name in data.timepoints},
    of_study=lambda data: _usual(data, 0), help="The earlier timepoint.",
)  # fmt: skip
TO = Option(
    "to", "To", "", choices=lambda data: {name: name for name in data.timepoints},
    of_study=lambda data: _usual(data, 1), help="The later timepoint; change is later minus earlier.",
)  # fmt: skip
SCALE = Option(
    "scale", "Scale", OF_STUDY,
    choices=lambda _: {OF_STUDY: "As planned", "raw": "As measured", "log2": "log2 (fold change)"},
    help="Whether changes are differences or ratios.",
)  # fmt: skip
BLQ = Option(
    "blq", "Below the limit", "half", choices=lambda _: RULES, of_study=lambda data: data.study.design.below_limit,
    help="What stands in for a value below its limit of quantification, in every table, test and figure.",
)  # fmt: skip
FAMILY = Option(
    "family", "Family", ALL, choices=lambda data: {ALL: "All families", **families(data)},
    help="Which markers are shown. Adjustment for many tests keeps to the families, whatever is shown.",
)  # fmt: skip


def _usual(data: Data, place: int) -> str:
    """Return the study's timepoint, or the first and the last that there are."""
    planned = (data.study.timepoints.baseline, data.study.timepoints.follow_up)[place]
    there = list(data.timepoints)
    return planned if planned in there else (there[-place] if there else "")


@dataclass(frozen=True)
class Pairs:
    """Values of markers at two timepoints; arrays are of shape (markers, subjects on view).

    markers has a row per marker (those of Data.parameters), subjects a row per subject (those of ADSL).
    """

    markers: pd.DataFrame
    subjects: pd.DataFrame
    earlier: Measured
    later: Measured

    @property
    def paired(self) -> Flags:
        """Where both values can be used."""
        return np.asarray(self.earlier.present & self.later.present)

    @property
    def n_below(self) -> int:
        """How many values of usable pairs are below their limit."""
        return int((self.earlier.below & self.paired).sum() + (self.later.below & self.paired).sum())

    @property
    def n_unstated(self) -> int:
        """How many of these have a limit that nobody states."""
        return sum(int((e.below & np.isnan(e.limit) & self.paired).sum()) for e in (self.earlier, self.later))

    def pick(self, rows: NDArray[np.intp]) -> "Pairs":
        """Return some of the markers, in the order given."""
        return Pairs(self.markers.iloc[rows], self.subjects, self.earlier.pick(rows), self.later.pick(rows))


def read(data: Data, population: Population, options: Options, marker: str | None = None) -> Pairs:
    """Return the values of one marker, or of all, at the two timepoints of `options`.

    Raises
    ------
    OptionError
        The second timepoint is not after the first.
    """
    first, second = str(options["from"]), str(options["to"])
    places = list(data.timepoints)
    if first in places and second in places and places.index(first) >= places.index(second):
        raise OptionError(f"from={first} is not before to={second}; the order is {', '.join(places)}.")
    subjects = data.ask("subject_records", population)
    markers = data.parameters if marker is None else data.parameters[marker == data.parameters.PARAMCD]
    earlier, later = values(data, population, subjects, markers, [first, second])
    return Pairs(markers.reset_index(drop=True), subjects, earlier, later)


def values(
    data: Data, population: Population, subjects: pd.DataFrame, markers: pd.DataFrame, timepoints: Sequence[str]
) -> list[Measured]:
    """Return, for each timepoint, the values of markers in the subjects on view: shape (markers, subjects).

    Parameters
    ----------
    subjects : DataFrame
        Those of ADSL on view, with their subject_code.
    markers : DataFrame
        Rows of `Data.parameters`.
    """
    at = [data.timepoints.get(name) for name in timepoints]
    some = None if len(markers) == len(data.parameters) else markers.parameter.tolist()
    rows = data.ask("measurements", population, timepoints=at, parameters=some)
    place = np.full(int(data.parameters.parameter.max()) + 1 if len(data.parameters) else 1, -1)
    place[markers.parameter] = np.arange(len(markers))
    column = np.full(data.subjects + 1, -1)
    column[subjects.subject_code] = np.arange(len(subjects))
    row, col, time = place[rows.parameter], column[rows.subject_code], rows.timepoint.to_numpy()
    found = []
    for code in at:
        here = time == code
        value, limit = (np.full((len(markers), len(subjects)), np.nan) for _ in range(2))
        below = np.zeros(value.shape, dtype=bool)
        for array, name in ((value, "AVAL"), (below, "below"), (limit, "lloq")):
            array[row[here], col[here]] = rows[name].to_numpy()[here]
        found.append(Measured(value, below, limit))
    return found


def as_recorded(sample: Measured) -> list[str]:
    """Return values as a laboratory writes them; a missing one is empty.

    Examples
    --------
    >>> as_recorded(Measured.of([0.4, np.nan, np.nan], [False, True, False], 0.05))
    ['0.4', '<0.05', '']
    """
    return [
        ("<LLOQ" if np.isnan(limit) else f"<{limit:.12g}") if below else "" if np.isnan(value) else f"{value:.12g}"
        for value, below, limit in zip(sample.value, sample.below, sample.limit, strict=True)
    ]


def nothing_to_compare(data: Data) -> str:
    """Return why the study's biomarkers allow no comparison of two timepoints; empty when they do."""
    if len(data.timepoints) > 1:
        return ""
    measured = f"at {next(iter(data.timepoints))} only" if data.timepoints else "at no timepoint"
    return (
        f"Biomarkers were measured {measured}, and a change needs two timepoints, so there is nothing to compare yet."
    )


def scale_of(markers: pd.DataFrame, options: Options) -> NDArray[np.str_]:
    """Return each marker's scale: the study's, or the one asked for."""
    asked = str(options.get("scale", OF_STUDY))
    return np.array(markers.scale if asked == OF_STUDY else [asked] * len(markers), dtype=str)


def changes(pairs: Pairs, rule: str, scale: NDArray[np.str_]) -> Change:
    """Return the changes of all markers, each on its own scale, with one rule for values below the limit."""
    shape = pairs.paired.shape
    change, sign, sized = np.full(shape, np.nan), np.full(shape, np.nan), np.ones(shape[0], dtype=bool)
    for kind in below_limit.SCALES:
        of = scale == kind
        found = below_limit.change(pairs.earlier.pick(of), pairs.later.pick(of), rule, kind)
        change[of], sign[of], sized[of] = found.change, found.sign, found.sized
    change[~sized] = np.nan
    return Change(change, sign, sized)


def unplanned(data: Data, population: Population, options: Options, shown: Pairs) -> list[str]:
    """Return in what a comparison is not the one that was planned; nothing when it is."""
    study, found = data.study, []
    if population.label != study.populations[0].label:
        found.append(f"population {population.label}")
    if population.filters:
        found.append(f"only subjects with {population.condition}")
    planned = (study.timepoints.baseline, study.timepoints.follow_up)
    asked = (str(options["from"]), str(options["to"]))
    if planned != asked:
        found.append(f"{asked[0]} to {asked[1]}")
    if not set(shown.markers.PARAMCD) <= {parameter.PARAMCD for parameter in study.parameters}:
        found.append("a marker that study.toml does not list")
    if options.get("scale", OF_STUDY) != OF_STUDY and (scale_of(shown.markers, options) != shown.markers.scale).any():
        found.append(f"scale {options['scale']}")
    if options["blq"] != study.design.below_limit and shown.n_below:
        rule = RULES[str(options["blq"])]
        found.append(f"rule for values below the limit: {within_sentence(rule)}")
    if "wilcoxon" in (study.design.test, *study.design.supporting):
        usual = {"zeros": "wilcox", "method": "auto"}
        found += [f"{name} {options[name]}" for name, own in usual.items() if options.get(name, own) != own]
    return found


def told_below(shown: Pairs, rule: str) -> str:
    """Return in a sentence how many values of usable pairs are below the limit and what became of them."""
    return below_sentence(shown.n_below, 2 * int(shown.paired.sum()), shown.n_unstated, rule, "values of usable pairs")


def below_sentence(n_below: int, n_values: int, n_unstated: int, rule: str, what: str) -> str:
    """Return the same of any values, as `what` calls them.

    Examples
    --------
    >>> below_sentence(1, 20, 0, "half", "values")
    '1 (5.0%) of 20 values is below the limit of quantification; such values were replaced by half the limit.'
    """
    if not n_below:
        return f"None of {n_values:,} {what} is below its limit of quantification."
    share = count_percent(n_below, 100 * n_below / n_values, "%")
    verb = "is" if n_below == 1 else "are"
    lost = f", but for {n_unstated} whose limit nobody states" if n_unstated and rule in NEED_A_LIMIT else ""
    told = f"{share} of {n_values:,} {what} {verb} below the limit of quantification"
    return f"{told}; such values {RULE_SENTENCES[rule]}{lost}."
