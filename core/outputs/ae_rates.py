"""How often per time at risk, and to how many by when: rates of adverse events and the cumulative incidence of the first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.ard import Result, grid, join
from core.data import Data
from core.formats import confidence_level, within_sentence
from core.outputs import at_risk, event_choice, incidence, onset_records
from core.outputs.at_risk import DEATH, EVENT, WINDOW, AtRisk, Onsets
from core.outputs.catalogue import COLUMNS, CONF, Answer, Figure, Option, Options, Output, group_name
from core.outputs.categories import CATEGORY, category_labels, graded_by, not_collected, notes
from core.outputs.incidence import MIN_PERCENT, SORT
from core.stats.cumulative_incidence import cumulative_incidence, of_counts
from core.stats.rates import rates
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

Floats = NDArray[np.float64]
MONTH, PER = 30.4375, 100
"""Days of a patient-month, and the patient-months that a rate is told for."""

NOBODY, NOT_YET, ALL_HAVE, NO_LONGER = (
    "no subject at risk in this column", "nobody has had the event by then", "all have had the event by then",
    "nobody was watched for so long",
)  # fmt: skip
BY_DAY = Option(
    "by_day", "Incidence by day", 90, "number", minimum=1, maximum=3650, whole=True,
    help="Of the days at risk; day 1 is that of the first dose.",
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """One column: of every row, subjects and events, days until the first, and the share who have had it by a day."""

    n: Floats
    days: Floats
    events: Floats
    all_days: float
    share: Floats
    low: Floats
    high: Floats
    watched: bool


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Count first events and days at risk by SOC and PT, and follow the chosen event through time."""
    by, conf = str(options["columns"]), float(options["conf"])
    columns = data.ask("columns", population, by)
    windows = at_risk.windows(data, population, by)
    events = at_risk.event_days(data, population, str(options["category"]))
    found = {at: at_risk.onsets(data, events, here) for at, here in windows.items()}
    counts = [_counts(data, windows[at], found[at], int(options["by_day"]), conf) for at in columns.position]
    reason = not_collected(data, str(options["category"]))
    rows, kept, hidden = _rows(data, counts, [len(windows[at].subject) for at in columns.position], options)
    table = _table(rows, kept, counts, columns, windows, options, reason)
    shown = [] if reason else list(zip(columns.position, columns.level, strict=True))
    curves = [_curve(data, windows[at], found[at], level, options) for at, level in shown]
    records = [
        onset_records.first(data, windows[at], _chosen(data, found[at], options)).assign(group=level)
        for at, level in shown
    ]
    told = [*notes(data, population, options), *at_risk.told(data, population, windows[0], events, found[0])]
    if by == "APERIODC":
        told.append("A period of which the first day is not recorded (before treatment) has no days at risk.")
    every = pd.concat(records, ignore_index=True) if records else pd.DataFrame()
    return Answer(join([table, *curves]), [*told, *([hidden] if hidden else [])], every, _methods(data, options))


def _chosen(data: Data, found: Onsets, options: Options) -> Onsets:
    return found.pick(np.isin(found.term, event_choice.codes(data, str(options["event"]))))


def _groups(data: Data, found: Onsets) -> list[tuple[NDArray[np.int64], int]]:
    """The rows that events belong to: any event, then SOC, then PT, each with how many rows there are."""
    terms = data.terms
    soc_of = np.zeros(len(terms) + 1, dtype=np.int64)
    soc_of[terms.term] = terms.soc_code - 1
    return [
        (np.zeros_like(found.term), 1),
        (soc_of[found.term], terms.soc_code.nunique()),
        (found.term - 1, len(terms)),
    ]


def _counts(data: Data, here: AtRisk, found: Onsets, by_day: int, conf: float) -> Counts:
    """Count one column, all rows at once."""
    parts = [_count(here, found, group, size, by_day, conf) for group, size in _groups(data, found)]
    n, days, events, share, low, high = (np.concatenate(each) for each in zip(*parts, strict=True))
    watched = bool(len(here.days)) and int(here.days.max()) >= by_day
    return Counts(n, days, events, float(here.days.sum()), share, low, high, watched)


def _count(
    here: AtRisk, found: Onsets, group: NDArray[np.int64], size: int, by_day: int, conf: float
) -> tuple[Floats, ...]:
    """Count first events; the events of a subject are in the order of their days, so the first of a pair is its first."""
    pairs, first = np.unique(found.place * size + group, return_index=True)
    place, row, day = pairs // size, pairs % size, found.day[first]
    n = np.bincount(row, minlength=size).astype(float)
    spared = np.bincount(row, weights=here.days[place] - day, minlength=size)
    events = np.bincount(group, minlength=size).astype(float)
    last = min(by_day, int(here.days.max(initial=0)))
    if not last:
        nothing = np.full(size, np.nan)
        return n, here.days.sum() - spared, events, nothing, nothing, nothing
    at = (row, day - 1)
    happened, gone = (_by_day(rows, size, last) for rows in (at, (row, here.days[place] - 1)))
    competes = here.cause[place] != at_risk.CENSORED
    rival = _by_day((row[competes], here.days[place][competes] - 1), size, last)
    everybody = np.bincount(np.minimum(here.days - 1, last), minlength=last + 1)[:last]
    rivals = np.bincount(np.minimum(here.days - 1, last)[here.cause != at_risk.CENSORED], minlength=last + 1)[:last]
    leaving = everybody - gone + happened
    left = len(here.days) - (np.cumsum(leaving, axis=1) - leaving)
    done = of_counts(np.arange(1, last + 1), left, np.stack([happened, rivals - rival], axis=1), conf)
    ends = (done.incidence[:, 0, -1], done.conf_low[:, 0, -1], done.conf_high[:, 0, -1])
    emptied = done.survival[:, -1] < 1e-12
    known = (by_day <= int(here.days.max())) | emptied
    return n, here.days.sum() - spared, events, *(np.where(known, each, np.nan) for each in ends)


def _by_day(cells: tuple[NDArray[np.int64], NDArray[np.int64]], size: int, last: int) -> Floats:
    """Count cells of (row, day), leaving out days after the last."""
    row, day = cells
    inside = day < last
    return np.bincount(row[inside] * last + day[inside], minlength=size * last).reshape(size, last).astype(float)


def _rows(
    data: Data, counts: list[Counts], at_risk_n: list[int], options: Options
) -> tuple[pd.DataFrame, NDArray[np.intp], str]:
    """The rows shown, where they stand among all, and a note of what is hidden."""
    n = np.stack([each.n for each in counts], axis=1)
    every = incidence.every_row(data.terms)
    seen = np.flatnonzero((n.sum(axis=1) > 0) | (every.variable == "ANY"))
    kept, hidden = incidence.reaching(
        every.iloc[seen], n[seen], np.array(at_risk_n, dtype=float), float(options["min_percent"])
    )
    seen = seen[kept]
    seen = seen[incidence.placed(every.iloc[seen].reset_index(drop=True), n[seen, -1], str(options["sort"]))]
    return every.iloc[seen].reset_index(drop=True), seen, hidden


def _table(
    rows: pd.DataFrame, kept: NDArray[np.intp], counts: list[Counts], columns: pd.DataFrame, windows: dict[int, AtRisk],
    options: Options, reason: str,
) -> pd.DataFrame:  # fmt: skip
    """Return the analysis results of the table: first events, all events, and the cumulative incidence by a day."""

    def of(name: str) -> Floats:
        return np.stack([getattr(each, name)[kept] for each in counts], axis=1)[..., None]

    watched = np.array([len(windows[at].subject) for at in columns.position], dtype=float)[None, :, None]
    shape = of("n").shape
    N = np.broadcast_to(columns.N.to_numpy(dtype=float)[None, :, None], shape)
    blank = np.broadcast_to((watched == 0) | bool(reason), shape)
    n, events = (np.where(blank, np.nan, of(name)) for name in ("n", "events"))
    months = np.where(blank, np.nan, of("days") / MONTH)
    whole = np.where(blank, np.nan, np.array([each.all_days / MONTH for each in counts])[None, :, None])
    rate = rates(n, np.nan_to_num(months), PER, float(options["conf"]))
    empty = reason or NOBODY
    first = {"n": n, "N": N, "n_at_risk": np.broadcast_to(watched, shape), "patient_months": months, "rate": rate.rate,
             "conf_low": rate.conf_low, "conf_high": rate.conf_high}  # fmt: skip
    every = {"events": events, "patient_months": whole, "rate": PER * events / np.where(whole > 0, whole, np.nan)}
    share, low, high = (np.where(blank, np.nan, of(name)) for name in ("share", "low", "high"))
    by_day = {"day": np.full(shape, float(options["by_day"])), "estimate": share, "conf_low": low, "conf_high": high}
    why = np.where(blank, empty, np.where(np.isnan(share), NO_LONGER, np.where(share > 0, ALL_HAVE, NOT_YET)))
    group, levels = group_name(options), list(columns.level)
    return join([
        grid(rows, group, levels, ["first_event"], first, empty),
        grid(rows, group, levels, ["all_events"], every, empty),
        grid(rows, group, levels, ["cumulative_incidence"], by_day, why.astype(object)),
    ])  # fmt: skip


def _curve(data: Data, here: AtRisk, found: Onsets, level: str, options: Options) -> pd.DataFrame:
    """Return the cumulative incidence of the chosen event, of death and of the window's end before it, day by day."""
    time, cause = onset_records.ended(here, _chosen(data, found, options))
    done = cumulative_incidence(time, cause, WINDOW, float(options["conf"]))
    variable, value = event_choice.about(str(options["event"]))
    rows = pd.DataFrame({"variable": variable, "variable_level": value, "group2": "DAY",
                         "group2_level": [f"{day:.0f}" for day in done.time]})  # fmt: skip
    frames = []
    for name, one in (("event", EVENT), ("death", DEATH), ("window", WINDOW)):
        share, low, high = (each[one - 1][:, None, None] for each in (done.incidence, done.conf_low, done.conf_high))
        stats = {"n_at_risk": done.at_risk[:, None, None], "estimate": share, "conf_low": low, "conf_high": high}
        why = np.where(share > 0, ALL_HAVE, NOT_YET).astype(object)
        frames.append(grid(rows, group_name(options), [level], [f"curve_{name}"], stats, why))
    return join(frames)


def _methods(data: Data, options: Options) -> str:
    window = data.study.adverse_events.treatment_emergent.window_days
    return (
        f"Rates are subjects with a first event per {PER} patient-months ({MONTH} days each) at risk until it, with exact "
        f"Poisson limits ({confidence_level(options['conf'])}, Garwood). A subject is at risk from the first dose to {window} "
        "days after the last, death, the end of the study or the data cut, whichever comes first. Events in all, repeated "
        "ones too, are told per patient-months of the whole time at risk, without an interval, since those of one subject are "
        "not independent. The cumulative incidence of the first event is estimated by Aalen and Johansen's method: death and "
        "the end of the window compete, the end of the study and the data cut censor; limits by the delta method on the scale "
        "log(-log)."
    )


def show(result: Result, data: Data) -> Layout:
    """Draw rates and cumulative incidence, column by column."""
    from core.tables.rates import rate_table

    return rate_table(result, category_labels(data)[str(result.options["category"])])


def answer(result: Result, data: Data) -> str:
    """Return the rate and the cumulative incidence of the chosen event, in one sentence."""
    from core.tables.rates import rate_answer

    choice, category = str(result.options["event"]), category_labels(data)[str(result.options["category"])]
    label = f"{event_choice.choices(data)[choice]} ({within_sentence(category)})"
    return rate_answer(result, event_choice.about(choice), label)


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the events behind a row of the table, those within the days at risk; or the subjects behind a step of a curve."""
    return onset_records.behind(data, population, OUTPUT.read(options, data), about)


def _curves(result: Result, data: Data) -> "alt.LayerChart":
    from core.charts.onset import curves

    label = event_choice.choices(data)[str(result.options["event"])]
    category = str(result.options["category"])
    return curves(result, label, category_labels(data)[category], graded_by(data, category))


OUTPUT = Output(
    "ae_rates",
    "Adverse events per time at risk",
    (CATEGORY, COLUMNS, event_choice.EVENT, BY_DAY, SORT, MIN_PERCENT, CONF),
    compute,
    show,
    needs="ADAE",
    figures={"curves": Figure("Cumulative incidence", _curves, "about")},
    records=lambda result: result.records,
    answer=answer,
    behind=behind,
)
