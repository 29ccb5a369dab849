"""Who was suffering when: the share of those under observation with an ongoing adverse event, by day or week."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, grid
from core.data import Data
from core.formats import counted, within_sentence
from core.outputs import at_risk, event_choice
from core.outputs.at_risk import AtRisk
from core.outputs.catalogue import COLUMNS, CONF, Answer, Figure, Option, Options, Output, group_name
from core.outputs.categories import CATEGORY, category_labels, graded_by, not_collected, notes
from core.outputs.incidence import MISSING, shares
from core.outputs.listing import INTERNAL, listed
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

ANY, DAY = "any", "DAY"
NOBODY = "nobody under observation on that day"
STEPS = {"week": 7, "day": 1}
STEP = Option(
    "step", "Counted", "week", choices=lambda _: {"week": "Once a week", "day": "Every day"},
    help="On the first day of each week, or every day; day 1 is that of the first dose.",
)  # fmt: skip


@dataclass(frozen=True)
class Ongoing:
    """Of one column: who was under observation on which of the days looked at, and the worst grade then ongoing.

    Attributes
    ----------
    subject : ndarray of int, shape (subjects,)
        Codes of those at risk.
    watched : ndarray of bool, shape (subjects, days)
        Whether the subject was under observation.
    worst : ndarray of int, shape (subjects, days)
        0 without an ongoing event, else 1 plus the place of the worst grade; a missing grade is 1.
    rows : ndarray of int
        The rows of the file of all events that were ongoing on some of the days.
    """

    subject: NDArray[np.int64]
    watched: NDArray[np.bool_]
    worst: NDArray[np.int8]
    rows: NDArray[np.int64]


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count, day by day, those under observation and those of them with an ongoing event, by its worst grade."""
    by, levels = str(options["columns"]), data.study.adverse_events.levels
    columns = data.ask("columns", population, by)
    windows = at_risk.windows(data, population, by)
    events = _events(data, population, options)
    days = _days(windows, options)
    found = [ongoing(windows[at], events, days, data.subjects) for at in columns.position]
    reason = not_collected(data, str(options["category"]))
    worst = np.arange(len(levels) + 2)[1:]
    N = np.stack([each.watched.sum(axis=0) for each in found], axis=1).astype(float)
    n = np.stack([np.stack([(each.worst == one).sum(axis=0) for one in worst]) for each in found], axis=2).astype(float)
    graded = {MISSING: n[0]} | {level: n[place] for place, level in enumerate(levels, 1)}
    contexts = {ANY: n.sum(axis=0), **{name: graded[name] for name in (*levels, MISSING)}}
    count = np.where(bool(reason), np.nan, np.stack(list(contexts.values()), axis=-1))
    stats = _shares(count, N, float(options["conf"]))
    rows = pd.DataFrame({"variable": DAY, "variable_level": [str(day) for day in days], "group2": "EVENT",
                         "group2_level": str(options["event"])})  # fmt: skip
    ard = grid(rows, group_name(options), list(columns.level), list(contexts), stats, reason or NOBODY)
    told = [] if reason else _notes(data, events, windows[0])
    return Answer(ard, [*notes(data, population, options, graded=True), *told])


def _shares(n: NDArray[np.float64], N: NDArray[np.float64], conf: float) -> dict[str, NDArray[np.float64]]:
    """Shares of counts of shape (days, columns, contexts), with a denominator for each day and column."""
    days, columns, contexts = n.shape
    flat = shares(n.reshape(1, days * columns, contexts), N.ravel(), n.reshape(1, days * columns, contexts), conf)
    return {name: values.reshape(n.shape) for name, values in flat.items() if name != "events"}


def _events(data: Data, population: Population, options: Options) -> pd.DataFrame:
    events = at_risk.event_days(data, population, str(options["category"]))
    return events[np.isin(events.term, event_choice.codes(data, str(options["event"])))]


def _days(windows: dict[int, AtRisk], options: Options) -> NDArray[np.int64]:
    """The days looked at, from the first to the last on which anybody was under observation; day 1 always."""
    last = max((int(here.days.max(initial=1)) for here in windows.values()), default=1)
    return np.arange(1, last + 1, STEPS[str(options["step"])])


def ongoing(here: AtRisk, events: pd.DataFrame, days: NDArray[np.int64], subjects: int) -> Ongoing:
    """Return who had an ongoing event on each day looked at.

    An event goes on from the first day it can have begun to its last, both included, and to the end of observation when it
    has no end. One that began before the first day under observation counts from then on.

    Parameters
    ----------
    events : DataFrame
        Those that count, as `core.outputs.at_risk.event_days` returns them.
    days : ndarray of int, shape (days,)
        Counted from 1, in order.
    subjects : int
        How many subjects the study has.
    """
    place = np.full(subjects + 1, -1, dtype=np.int64)
    place[here.subject] = np.arange(len(here.subject))
    of_subject = place[events.subject_code.to_numpy()]
    kept = (of_subject >= 0) & events.begins.notna().to_numpy()
    chosen, of_subject = events[kept], of_subject[kept]
    start = here.begins[of_subject]
    first = (chosen.begins.to_numpy(dtype="datetime64[D]") - start).astype(np.int64) + 1
    ends = (chosen.ends.to_numpy(dtype="datetime64[D]") - start).astype(float) + 1
    last = np.fmin(np.where(chosen.ends.isna(), np.inf, ends), here.days[of_subject]).astype(np.int64)
    low, high = np.searchsorted(days, first), np.searchsorted(days, last, side="right")
    length = np.maximum(high - low, 0)
    event = np.repeat(np.arange(len(chosen)), length)
    day = np.arange(len(event)) - np.repeat(np.cumsum(length) - length, length) + low[event]
    worst = np.zeros((len(here.subject), len(days)), dtype=np.int8)
    np.maximum.at(worst, (of_subject[event], day), (chosen.grade.to_numpy(dtype=np.int8) + 1)[event])
    watched = here.days[:, None] >= days[None, :]
    return Ongoing(here.subject, watched, worst, chosen.source_row.to_numpy(dtype=np.int64)[length > 0])


def _notes(data: Data, events: pd.DataFrame, here: AtRisk) -> list[str]:
    told = [
        "Under observation: from the first dose to the end of the days at risk; in a column of a period, its own days. N is "
        "counted on each day. An ongoing event counts whenever it began; a subject counts once, at the worst grade then "
        "ongoing.",
        *at_risk.window_notes(data),
    ]
    mine = events[events.subject_code.isin(here.subject)]
    endless = int((mine.ends.isna() & mine.begins.notna()).sum())
    if endless:
        told.append(f"{endless} of {counted(len(mine), 'event')} have no end date and go on to the end of observation.")
    vague = int((mine.vague & mine.begins.notna()).sum())
    if vague:
        told.append(
            f"{vague} of {counted(len(mine), 'event')} have a partial or missing onset; they go on from the first day it can have been."
        )
    lost = int(mine.begins.isna().sum())
    if lost:
        told.append(
            f"{lost} of {counted(len(mine), 'event')} have no day on which they can have begun and do not count."
        )
    return told


def show(result: Result, data: Data) -> Layout:
    """Draw one row a day."""
    from core.tables.over_time import prevalence_table

    return prevalence_table(result, data.study, _label(result, data))


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events ongoing on a day (DAY, day, column|context) of the subjects whose worst ongoing grade it is."""
    options = OUTPUT.read(options, data)
    _, day, part = about
    level, _, context = part.rpartition("|")
    by = str(options["columns"])
    columns = data.ask("columns", population, by).set_index("level").position
    here = at_risk.windows(data, population, by)[int(columns.get(level, 0))]
    events = _events(data, population, options)
    found = ongoing(here, events, np.array([int(day)]), data.subjects)
    ranks = {ANY: None, MISSING: 1} | {name: place for place, name in enumerate(data.study.adverse_events.levels, 2)}
    rank = ranks.get(context)
    whose = found.subject[(found.worst[:, 0] > 0) if rank is None else (found.worst[:, 0] == rank)]
    rows = events.source_row[events.source_row.isin(found.rows) & events.subject_code.isin(whose)]
    every = listed(data, population, str(options["category"]))
    return every[every.row.isin(rows)].drop(columns=[*INTERNAL]).reset_index(drop=True)


def _label(result: Result, data: Data) -> str:
    category = category_labels(data)[str(result.options["category"])]
    return f"{event_choice.choices(data)[str(result.options['event'])]} ({within_sentence(category)})"


def _prevalence(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.over_time import prevalence

    grading = graded_by(data, str(result.options["category"]))
    return prevalence(result, data.study.adverse_events, _label(result, data), grading)


OUTPUT = Output(
    "ae_prevalence",
    "Ongoing adverse events over time",
    (CATEGORY, event_choice.EVENT, COLUMNS, STEP, CONF),
    compute,
    show,
    needs="ADAE",
    figures={"prevalence": Figure("Prevalence", _prevalence, "about")},
    behind=behind,
)
