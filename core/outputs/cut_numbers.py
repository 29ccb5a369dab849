"""What a reader looks at first after a new cut: the headline numbers, who is on view, and the pairs, in both cuts."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from core.data import Data
from core.formats import NOT_COLLECTED, within_sentence
from core.outputs import accrual, ae_overview, disposition, harvests, markers, panel
from core.outputs.categories import HEADLINE, category_labels
from core.outputs.comparison import NO_PAIR
from core.outputs.cut_records import ADDED, CHANGED, GONE
from core.study import Population
from core.tables.cut_changes import ON_VIEW

STEPS = (accrual.ACCRUED, accrual.DOSED, accrual.PAIR)
DEATHS = "deaths"
MARKER = {"marker_pairs": "n", "marker_change": "mean_change", "marker_low": "conf_low", "marker_high": "conf_high"}
"""Headline number -> the statistic of the first marker's paired t that it is."""
Times = Mapping[str, str]
"""The options "from" and "to": the timepoints compared, which are those of the later cut in both."""


@dataclass(frozen=True)
class Number:
    """One number of a cut; NaN with the reason why there is none."""

    value: float
    reason: str = ""


def labels(data: Data, population: Population) -> dict[str, str]:
    """Return the headline numbers in reading order, and how each reads."""
    steps, events = accrual.labels(data.study), category_labels(data) if "ADAE" in data.schema else {}
    found = {ON_VIEW: f"{population.label} population, on view"} | {
        name: f"{steps[name]}, of all registered" for name in STEPS
    }
    found |= {DEATHS: "Died"}
    found |= {name: f"Adverse event: {within_sentence(events[name])}" for name in HEADLINE if name in events}
    if times := timepoints(data):
        marker = data.parameters.iloc[0]
        told = {"n": "pairs", "mean_change": f"mean change, {times['from']} to {times['to']}", "conf_low": "lower limit", "conf_high": "upper limit"}  # fmt: skip
        found |= {name: f"{marker.label}: {told[statistic]}" for name, statistic in MARKER.items()}
    return found


def numbers(data: Data, population: Population, of: Data, conf: float) -> dict[str, Number]:
    """Return the headline numbers of one cut, each as the page that shows it first has it.

    Parameters
    ----------
    of : Data
        The later cut, whose first marker and timepoints are those of both.
    """
    found = {ON_VIEW: Number(float(data.ask("subject_count", population).N[0]))}
    steps = accrual.OUTPUT.run(data, population).ard
    found |= {name: _one(steps, variable="STEP", variable_level=name, group1_level="Total", stat_name="n") for name in STEPS}  # fmt: skip
    ends = disposition.OUTPUT.run(data, population).ard
    found[DEATHS] = _one(ends, variable="DTHFL", variable_level="Y", stat_name="n")
    events = ae_overview.OUTPUT.run(data, population).ard
    found |= {name: _one(events, variable="CATEGORY", variable_level=name, stat_name="n") for name in HEADLINE}
    if times := timepoints(of):
        found |= _of_first(data, population, str(of.parameters.PARAMCD.iloc[0]), times, conf)
    return found


def _of_first(data: Data, population: Population, code: str, times: Times, conf: float) -> dict[str, Number]:
    """Return the headline numbers of the first marker; no pair where a timepoint was not reached yet."""
    if not _reached(data, times):
        collected = "ADBM" in data.schema and code in set(data.parameters.PARAMCD)
        none = dict.fromkeys(MARKER, Number(math.nan, NO_PAIR if collected else NOT_COLLECTED))
        return none | ({"marker_pairs": Number(0)} if collected else {})
    changes = panel.OUTPUT.run(data, population, {"conf": conf, **times}).ard
    return {
        name: _one(changes, variable=code, context="paired_t", stat_name=statistic)
        for name, statistic in MARKER.items()
    }


def timepoints(data: Data) -> Times:
    """Return from which timepoint to which the markers of a cut are compared; nothing where none can be."""
    if "ADBM" not in data.schema or data.parameters.empty or markers.nothing_to_compare(data):
        return {}
    return {option.name: str(option.start(data)) for option in (markers.FROM, markers.TO)}


def compared(cuts: tuple[Data, Data]) -> Times:
    """Return the timepoints at which every pair of both cuts is taken: those of the later one, where it has any."""
    return timepoints(cuts[1]) or timepoints(cuts[0])


def _reached(data: Data, times: Times) -> bool:
    return bool(times) and set(times.values()) <= set(data.timepoints)


def _one(ard: pd.DataFrame, **key: str) -> Number:
    kept = pd.Series(True, index=ard.index)
    for column, value in key.items():
        kept &= ard[column] == value
    if not kept.any():
        return Number(math.nan, NOT_COLLECTED)
    row = ard[kept].iloc[0]
    return Number(float(row.stat), str(row.warning))


def pairs(cuts: tuple[Data, Data], population: Population, sought: str) -> Iterator[tuple[str, int, int, pd.DataFrame]]:
    """Yield the evaluable pairs (as `sought`) and those of each marker: what it is, how many in each cut, and what became of them.

    The frame has one row for every pair added, changed or gone: USUBJID, change, and both values in either cut.
    """
    before, after = (_evaluable(data, population) for data in cuts)
    if before is not None and after is not None:
        yield sought, len(before), len(after), _between(before, after)
    if any("ADBM" not in data.schema for data in cuts):
        return
    times = compared(cuts)
    found = [_of_markers(data, population, times) for data in cuts]
    for code in dict.fromkeys([*found[1], *found[0]]):
        before, after = (each.get(code, pd.Series(dtype=str)) for each in found)
        yield code, len(before), len(after), _between(before, after)


def _evaluable(data: Data, population: Population) -> pd.Series | None:
    times = data.study.timepoints
    if "ADBE" not in data.schema or times.follow_up is None:
        return None
    population = harvests.registered(data, population)
    flags = data.ask("evaluable_pairs", population, earlier=times.baseline, later=times.follow_up)
    subjects = data.ask("subject_records", population).set_index("subject_code").USUBJID
    return pd.Series("", index=subjects[flags.subject_code[flags.earlier & flags.later]].to_numpy())


def _of_markers(data: Data, population: Population, times: Times) -> dict[str, pd.Series]:
    """Return PARAMCD -> USUBJID -> both values of the pair, as a laboratory writes them."""
    if not _reached(data, times):
        return {}
    read = markers.read(data, population, times)
    subjects, found = read.subjects.USUBJID.to_numpy(), {}
    for row, code in enumerate(read.markers.PARAMCD):
        ends = (markers.as_recorded(end.pick(row)) for end in (read.earlier, read.later))
        texts = pd.Series([", ".join(both) for both in zip(*ends, strict=True)], index=subjects, dtype=object)
        found[str(code)] = texts[read.paired[row]]
    return found


def _between(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Return who has a pair in one cut only, or with other values."""
    joined = pd.DataFrame({"earlier": before, "later": after}).sort_index()
    change = pd.Series(CHANGED, index=joined.index)
    change[joined.earlier.isna()], change[joined.later.isna()] = ADDED, GONE
    joined = joined.assign(change=change)[joined.earlier.ne(joined.later).to_numpy()]
    return joined.fillna("").rename_axis("USUBJID").reset_index()
