"""One sheet for each serious event: the patient, the event, the doses before it, the laboratory around it."""

import numpy as np
import pandas as pd

from core.ard import Result, grid, join
from core.data import Data
from core.formats import NOT_COLLECTED, counted, named, sentence_case
from core.outputs import categories, narrative
from core.outputs.at_risk import event_days
from core.outputs.catalogue import CONF, Answer, Option, Options, Output
from core.outputs.categories import mask, not_collected
from core.outputs.incidence import EMPTY_COLUMN, shares
from core.outputs.listing import INTERNAL, listed
from core.study import Population
from core.tables.layout import Layout
from core.tables.listing import numbered

SERIOUS = "serious"
SHEETS = 40
"""How many sheets the table itself shows; the records hold all."""

LABORATORY = ("ADLB", "ADLBC", "ADLBH")
ORDER = ("of_row", "PARAMCD", "ADT", "AVISITN", "AVISIT", "AVAL", "AVALC")
"""By what the values around an event are told in order, so that the order of rows in the file is none."""

DAYS = Option(
    "days", "Laboratory within (days)", 14.0, "number", minimum=0, maximum=365, whole=True,
    help="Values so many days before and after the onset are told.",
)  # fmt: skip
WHY = {
    "onset_day": "the onset is not known to the day", "end_day": "no end is recorded",
    "duration": "onset or end is not known to the day", "days_since_dose": "no dose on or before a known day of onset",
}  # fmt: skip


def compute(data: Data, population: Population, options: Options) -> Answer:
    """Tell every serious event."""
    reason = not_collected(data, SERIOUS)
    events = listed(data, population, SERIOUS)
    if reason:
        events = events.iloc[:0]
    sheets = _sheets(data, population, events, int(options["days"]))
    N = np.array([float(data.ask("subject_count", population).N[0])])
    n, count = (
        np.where(bool(reason), np.nan, np.array([[[float(value)]]]))
        for value in (events.USUBJID.nunique(), len(events))
    )
    rows = pd.DataFrame({"variable": ["ANY"], "variable_level": ["Serious event"], "group2": "", "group2_level": ""})
    total = grid(rows, "", ["Total"], [""], shares(n, N, count, float(options["conf"])), reason or EMPTY_COLUMN)
    told = categories.notes(data, population, {"category": SERIOUS}, graded=True)
    return Answer(join([total, _numbers(sheets)]), [*told, *_notes(data, sheets, int(options["days"]))], sheets)


def _sheets(data: Data, population: Population, events: pd.DataFrame, days: int) -> pd.DataFrame:
    """Return one row a serious event: the numbers of a listing, and the lines of its sheet."""
    raw = data.ask("listed_events", population, wanted=mask(SERIOUS), least=0, soc=None, pt=None).set_index("of_row")
    people = narrative.patients(data, population, events.USUBJID)
    given = dict(list(data.ask("doses", population).groupby("subject_code")))
    nothing = pd.DataFrame(columns=["cycle", "first_day", "given"])
    around = _laboratory(data, population, days)
    others = _others(data, population, raw)
    lines = []
    for _, event in events.iterrows():
        record = raw.loc[event.row]
        begun = record.day_begun
        before, count = narrative.doses(given.get(record.of_subject, nothing), begun)
        values = around.get(event.row)
        out, within = narrative.laboratory(values) if values is not None else ("", "")
        lines.append(
            narrative.story(event, record, data)
            | people[event.USUBJID]
            | {"doses_before": before if count else "None", "doses": count, "others": others[event.row],
               "laboratory": out, "laboratory_normal": within, "values": 0 if values is None else len(values)}
        )  # fmt: skip
    told = pd.DataFrame(lines, index=events.index, columns=[*narrative.FIELDS, "doses", "values"])
    if "ADEX" not in data.schema:
        told["doses_before"] = NOT_COLLECTED
    empty = f"No value within {counted(days, 'day')}" if set(LABORATORY) & set(data.schema) else NOT_COLLECTED
    told.loc[told["values"].eq(0), "laboratory"] = empty
    return pd.concat([events, told], axis=1)


def _laboratory(data: Data, population: Population, days: int) -> dict[int, pd.DataFrame]:
    """Return the row of each serious event -> the laboratory values around it, in the order of parameter and day."""
    frames = [
        data.ask("laboratory_near_events", population, wanted=mask(SERIOUS), dataset=name, days=days)
        for name in LABORATORY
        if {"ADT", "PARAMCD"} <= data.schema.get(name, {}).keys()
    ]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return {}
    values = pd.concat(frames, ignore_index=True)
    values = values.sort_values([name for name in ORDER if name in values], kind="stable")
    return {int(row): part for row, part in values.groupby("of_row", sort=False)}


def _others(data: Data, population: Population, raw: pd.DataFrame) -> dict[int, str]:
    """Return the row of each serious event -> the other events that had begun by its onset and had not ended before it."""
    events = event_days(data, population, "all")
    events = events[events.subject_code.isin(raw.of_subject)].sort_values(["begins", "number"])
    of_subject = dict(list(events.groupby("subject_code")))
    names = data.terms.set_index("term").pt
    coding = data.study.adverse_events
    levels = [None, *coding.levels]
    found = {}
    for row, event in raw.iterrows():
        every = of_subject[event.of_subject]
        going = every[(every.begins <= event.day_begun) & ~(every.ends < event.day_begun) & (every.source_row != row)]
        texts = (
            sentence_case(names[term]) + (f" ({coding.grade_label(levels[grade])})" if levels[grade] else "")
            for term, grade in zip(going.term, going.grade, strict=True)
        )
        found[int(row)] = named(texts, 12) or "None"
    return found


def _numbers(sheets: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of every sheet as analysis results."""
    names = [name for name in WHY if name in sheets]
    rows = pd.DataFrame(
        {
            "variable": "SERIOUS_EVENT",
            "variable_level": numbered(sheets),
            "group2": "USUBJID",
            "group2_level": sheets.USUBJID,
        }
    )
    stats = {name: sheets[name].astype(float).to_numpy()[:, None, None] for name in (*names, "doses", "values")}
    frames = [
        grid(rows, "", ["Total"], [""], {name: values}, WHY.get(name, ""))
        for name, values in stats.items()
        if len(rows)
    ]
    return join(frames)


def _notes(data: Data, sheets: pd.DataFrame, days: int) -> list[str]:
    notes = []
    laboratory = [name for name in LABORATORY if name in data.schema]
    if laboratory:
        notes.append(
            f"Laboratory ({', '.join(laboratory)}): values within {counted(days, 'day')} of the onset; L below and H above the "
            "reference range. Of parameters always within it only the names stand."
        )
    else:
        notes.append("This study has no laboratory dataset, so values around the event are not collected.")
    if "ADEX" not in data.schema:
        notes.append("This study has no dataset ADEX, so doses before the event are not collected.")
    vague = int(sheets.onset_day.isna().sum())
    if vague:
        notes.append(
            f"{counted(vague, 'serious event')} without a day of onset: doses, other events and values are told around the "
            "first day it can have been; without any such day there are none."
        )
    return notes


def show(result: Result, data: Data) -> Layout:
    """Draw one sheet under the other."""
    from core.tables.listing import narratives

    return narratives(result, data.study, narrative.FIELDS, SHEETS)


def answer(result: Result, _: Data) -> str:
    """Return how many serious events of how many subjects there are."""
    if result.ard.empty or result.ard.stat.isna().iloc[0]:
        return ""
    return f"{counted(len(result.records), 'serious event')} of {result.records.USUBJID.nunique()} of {counted(result.N, 'subject')}."


def behind(data: Data, population: Population, _: Options, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return all events of the subject of a sheet."""
    events = listed(data, population, "all")
    return events[about[1] == events.USUBJID].drop(columns=[*INTERNAL]).reset_index(drop=True)


def records(result: Result) -> pd.DataFrame:
    """Return one row a serious event, as a reader wants it in a file."""
    return result.records.drop(columns=[*INTERNAL, "values", "doses"], errors="ignore")


OUTPUT = Output(
    "sae_narratives",
    "Serious adverse events, one by one",
    (DAYS, CONF),
    compute,
    show,
    needs="ADAE",
    records=records,
    answer=answer,
    behind=behind,
)
