"""Did performance status get better or worse? Every subject with a baseline in one state a period."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.ard import Result, grid, join, rows
from core.data import Data
from core.formats import confidence_level, counted, named, p_value
from core.outputs import ordered
from core.outputs.catalogue import CONF, Answer, Figure, Option, Options, Output
from core.outputs.left import gone
from core.outputs.ordered import BETTER, DATASET, Ordered, Standing
from core.stats.location import location
from core.stats.ordinal import STATES, WORSENED, states
from core.stats.proportion import proportion
from core.stats.signed_rank import signed_rank
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

PERIOD = "APERIODC"
AMONG_MEASURED = "worsened_measured"
NO_BASELINE = "no_baseline"
NOBODY, NO_VALUE, FEW = (
    "no subject with a baseline value", "no subject with a value in the period", "too few values",
)  # fmt: skip
GEOMETRIC = ("geometric_mean", "geometric_cv")
REACHABLE = 6
PARAMCD = Option(
    "PARAMCD", "Parameter", ordered.CODE, choices=lambda data: ordered.parameters(data, DATASET),
    of_study=lambda data: ordered.usual_parameter(data, DATASET) or ordered.CODE,
    help="A numeric score of ADQS, such as performance status.", wide=True, control="score",
)  # fmt: skip
VALUE = Option(
    "value", "Within a period", "last", choices=lambda _: {"last": "Last value", "worst": "Worst value", "best": "Best value"},
    help="Which of several values within a period counts.",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Put every subject with a baseline value into one state, period by period, and test the change of those measured."""
    found = ordered.read(data, population, _source(options))
    spans = data.ask("subject_periods", population)
    frames, standings, records = [], {}, []
    for number, label in ordered.blocks(data).items():
        standings[label] = _stands(found, number, options)
        ends = spans[spans.period == number].set_index("subject_code").last_day.reindex(found.subjects.index)
        records.append(_records(data, found, standings[label], pd.to_datetime(ends), label, options))
        frames.append(_numbers(records[-1], options, label))
    every = pd.concat(records, ignore_index=True)
    return Answer(join(frames), _notes(found, standings, every, options), every, _methods(found, options))


def _source(options: Options) -> dict[str, str]:
    return {"dataset": DATASET, "PARAMCD": str(options["PARAMCD"]), "variable": "AVAL", "baseline": "BASE"}


def _stands(found: Ordered, period: int, options: Options) -> Standing:
    values = found.values[found.values.period == period] if period else found.values
    if options["value"] == "last":
        return ordered.last(values)
    return (ordered.worst if options["value"] == "worst" else ordered.best)(values, str(options["better"]))


def _records(
    data: Data, found: Ordered, standing: Standing, ends: pd.Series, label: str, options: Options
) -> pd.DataFrame:
    """Return one row per subject on view: both values, their change, and the state."""
    before = found.subjects.baseline.astype(float)
    after = standing.value.reindex(before.index).astype(float)
    died, off = gone(data, found.subjects, ends)
    state = pd.Series(states(after - before, died, off, str(options["better"])), before.index)
    state = state.where(before.notna(), NO_BASELINE)
    return pd.DataFrame(
        {
            "USUBJID": found.subjects.USUBJID,
            "period": label,
            "baseline": before,
            "value": after,
            "change": after - before,
            "state": state,
            "bar": (label + ": " + state).astype(object),
        }
    )


def _numbers(records: pd.DataFrame, options: Options, label: str) -> pd.DataFrame:
    """Return the analysis results of one period."""
    key = {"variable": str(options["PARAMCD"]), "group2": PERIOD, "group2_level": label}
    conf = float(options["conf"])
    inside = records[records.state != NO_BASELINE]
    change = inside.change.to_numpy(dtype=float)
    measured = int(np.count_nonzero(~np.isnan(change)))
    n = np.array([np.count_nonzero(inside.state == state) for state in (*STATES, WORSENED)], dtype=float)
    N = np.array([len(inside)] * len(STATES) + [measured], dtype=float)
    shares = proportion(n, N, conf)
    stats = {name: getattr(shares, name)[None, None] for name in ("n", "N", "percent", "conf_low", "conf_high")}
    named_ = pd.DataFrame([{**key, "variable_level": ""}])
    why = np.array([NOBODY] * len(STATES) + [NO_VALUE], dtype=object)[None, None]
    counts = grid(named_, "", [""], [*STATES, AMONG_MEASURED], stats, why)
    size = rows(location(change, conf), FEW if measured else NO_VALUE, context="change", **key)
    test = rows(signed_rank(change), NO_VALUE, context="wilcoxon", **key)
    return join([counts, size[~size.stat_name.isin(GEOMETRIC)], test])


def _notes(found: Ordered, standings: Mapping[str, Standing], every: pd.DataFrame, options: Options) -> list[str]:
    lost = found.subjects.USUBJID[found.subjects.baseline.isna()]
    notes = [
        "N: subjects on view with a baseline value. Each is in one state a period: improved, stable or worsened by the "
        f"{options['value']} value within it; without a value died by its end, off study by its end, or missing. For a "
        "subject who never entered the period, its end is the data cut.",
        "The signed-rank test is exploratory.",
    ]
    if len(lost):
        notes.append(f"{counted(len(lost), 'subject', 'subjects')} on view without a baseline value: {named(lost)}.")
    least = (
        every[every.change.notna()].groupby("period", sort=False).change.agg(lambda change: int((change != 0).sum()))
    )
    for period, differing in least.items():
        if differing < REACHABLE:
            reached = p_value(min(1.0, 2.0 ** (1 - differing)))
            notes.append(
                f"{period}: with {counted(differing, 'change', 'changes')} other than zero the signed-rank test cannot "
                f"reach p < 0.05; the least it can reach is {reached}."
            )
    undated = ordered.undated(found) if len(standings) > 1 else []
    return [*notes, *undated, *ordered.told(found, standings), *found.notes]


def _methods(found: Ordered, options: Options) -> str:
    """Return how it was done, in sentences."""
    return (
        f"{found.label} was compared with its baseline. Values after the first dose count in the period of their date; "
        f"within a period the {options['value']} value counts, and {options['better']} is better. Every subject with a "
        "baseline value is counted as improved, stable or worsened, or without a value as died by the end of the period, "
        f"off study by then, or missing. Intervals are exact ({confidence_level(options['conf'])}, Clopper and Pearson). "
        "Changes were tested by Wilcoxon's signed-rank test (zeros dropped; exact up to 50 changes other than zero), exploratory."
    )


def show(result: Result, _: Data) -> Layout:
    """Draw the states, period under period."""
    from core.tables.shift import change_table

    return change_table(result)


def answer(result: Result, _: Data) -> str:
    """Return how many worsened, in one sentence a period."""
    from core.tables.shift import change_answer

    return change_answer(result)


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the subjects behind one row of the table (parameter, state, period)."""
    _, state, period = about
    records = compute(data, population, OUTPUT.read(options, data)).records
    here = records[records.period == period]
    wanted = here.change.notna() if state == "measured" else here.state == state
    return here[wanted].drop(columns="bar").reset_index(drop=True)


def wide(result: Result) -> pd.DataFrame:
    """Return one row a subject on view and period, as a reader wants it in a file."""
    if result.records.empty:
        return result.records
    frame = result.records.drop(columns="bar")
    frame.insert(1, "PARAMCD", result.options["PARAMCD"])
    return frame


def _bars(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.shift import bars

    return bars(result, _label(result, data))


def _lines(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.shift import lines

    return lines(result, _label(result, data), _courses(result, data))


def _label(result: Result, data: Data) -> str:
    return ordered.parameters(data, DATASET).get(str(result.options["PARAMCD"]), "")


def _courses(result: Result, data: Data) -> pd.DataFrame:
    """Return one row per visit and subject of the result: the value at baseline and after it."""
    columns = ["USUBJID", "visit", "value"]
    if result.records.empty:
        return pd.DataFrame(columns=columns)
    found = ordered.read(data, data.everybody, _source(result.options))
    baseline = found.subjects.assign(value=found.subjects.baseline, visit=data.study.timepoints.baseline)
    frames = [baseline[columns]]
    for visit in ordered.visits(data, DATASET):
        value = ordered.at_visit(data, found.values, visit).value
        frames.append(found.subjects.loc[value.index, ["USUBJID"]].assign(visit=visit, value=value))
    every = pd.concat(frames)
    return every[every.USUBJID.isin(result.records.USUBJID) & every.value.notna()].reset_index(drop=True)


OUTPUT = Output(
    "ordinal_change",
    "Change from baseline by period",
    (PARAMCD, VALUE, BETTER, CONF),
    compute,
    show,
    needs=DATASET,
    figures={
        "bars": Figure("States by period", _bars, "bar"),
        "lines": Figure("One line a patient", _lines, "USUBJID"),
    },
    records=wide,
    answer=answer,
    behind=behind,
)
