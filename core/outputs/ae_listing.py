"""Adverse events one by one: all, or those of a kind, with dose at onset, study day, duration and outcome."""

import numpy as np
import pandas as pd

from core.ard import Result, grid
from core.data import Data
from core.formats import NOT_COLLECTED, counted
from core.outputs import categories
from core.outputs.catalogue import CONF, Answer, Option, Options, Output
from core.outputs.categories import category_labels, not_collected
from core.outputs.incidence import EMPTY_COLUMN, shares
from core.outputs.listing import INTERNAL, listed, not_supplied
from core.study import Population
from core.tables.layout import Layout

WORSE = "grade3up"
"""The choice of all events from the least grade that counts as Grade 3 or 4."""

SHOWN = 200
"""How many events the table itself shows; the records hold all."""


def kinds(data: Data) -> dict[str, str]:
    """Return what may be listed and how it reads: the categories of the tables, and the worse grades together.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> kinds(data)["grade3up"]
    'Grade 3 or worse'
    """
    labels = category_labels(data)
    coding = data.study.adverse_events
    if coding.levels[_least(data) - 1 :] == coding.grade34:
        return labels
    worse = {WORSE: f"{coding.grade_label(coding.levels[_least(data) - 1])} or worse"}
    before = list(labels)[: list(labels).index("fatal")]
    return {name: labels[name] for name in before} | worse | labels


def _least(data: Data) -> int:
    """The place, from 1, of the least grade that counts as Grade 3 or 4."""
    coding = data.study.adverse_events
    return min(coding.levels.index(level) for level in coding.grade34) + 1


CATEGORY = Option(
    "category", "Events listed", "all", choices=kinds, control="listed",
    help="All events, or only serious ones, those leading to death or discontinuation, of the worse grades ...",
)  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """List the events of a kind and count them."""
    kind = str(options["category"])
    base = "all" if kind == WORSE else kind
    reason = not_collected(data, "grade34" if kind == WORSE else kind)
    found = listed(data, population, base, least=_least(data) if kind == WORSE else 0)
    N = np.array([float(data.ask("subject_count", population).N[0])])
    counts = [np.array([[[float(count)]]]) for count in (found.USUBJID.nunique(), len(found))]
    n, events = (np.where(bool(reason), np.nan, count) for count in counts)
    rows = pd.DataFrame({"variable": ["ANY"], "variable_level": [kinds(data)[kind]], "group2": "", "group2_level": ""})
    ard = grid(rows, "", ["Total"], [""], shares(n, N, events, float(options["conf"])), reason or EMPTY_COLUMN)
    told = categories.notes(data, population, {"category": base}, graded=True)
    shown = found.iloc[:0] if reason else found
    return Answer(ard, [*told, *_notes(data, shown)], shown.drop(columns=[*INTERNAL]))


def _notes(data: Data, found: pd.DataFrame) -> list[str]:
    notes = [
        "Days count from the first dose, which is day 1; the day before it is -1. Duration in days, first and last included. "
        "A day, a duration and a dose at onset stand only where the onset is known to the day."
    ]
    if "ADEX" in data.schema:
        notes.append("Dose at onset: the last one on or before the day of onset.")
    else:
        notes.append("This study has no dataset ADEX, so doses at onset are not collected.")
    # AREL stands in for AEREL: one of the two is enough.
    absent = not_supplied(data)
    absent = [name for name in absent if name != "AREL" and (name != "AEREL" or "AREL" in absent)]
    if absent:
        notes.append(f"{', '.join(absent)}: {NOT_COLLECTED}.")
    vague = int(found.onset_day.isna().sum())
    if vague:
        notes.append(
            f"{vague} of {counted(len(found), 'event')} without a day of onset: partial, unknown, or of a subject never dosed."
        )
    return notes


def show(result: Result, data: Data) -> Layout:
    """Draw one row an event under its subject."""
    from core.tables.listing import listing_table

    return listing_table(result, data.study, kinds(data)[str(result.options["category"])], SHOWN)


def answer(result: Result, data: Data) -> str:
    """Return how many events of how many subjects are listed."""
    if result.ard.empty or (result.ard.stat.isna().any() and result.N):
        return ""
    subjects = result.records.USUBJID.nunique() if len(result.records) else 0
    label = kinds(data)[str(result.options["category"])]
    return f"{label}: {counted(len(result.records), 'event')} of {subjects} of {counted(result.N, 'subject')}."


def behind(data: Data, population: Population, options: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return all events of the subject of a row, those of the kind listed."""
    records = compute(data, population, OUTPUT.read(options, data)).records
    return records[about[1] == records.USUBJID].reset_index(drop=True)


OUTPUT = Output(
    "ae_listing",
    "Listing of adverse events",
    (CATEGORY, CONF),
    compute,
    show,
    needs="ADAE",
    records=lambda result: result.records,
    answer=answer,
    behind=behind,
)
