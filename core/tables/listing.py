"""Listings: events under their subject, and one sheet for each serious event."""

from typing import Any

import pandas as pd

from core.ard import Result
from core.formats import as_recorded, counted, sentence_case, within_sentence
from core.study import Study
from core.tables.layout import Column, Layout, Row, subtitle

HEADS = {
    "serious": "Serious", "related": "Related", "onset": "Onset", "onset_day": "Day", "end": "End", "duration": "Days",
    "dose_at_onset": "Dose at onset", "days_since_dose": "Days after dose", "AEACN": "Action taken", "AEOUT": "Outcome",
}  # fmt: skip
NUMBERS = ("onset_day", "duration", "days_since_dose")


def listing_table(result: Result, study: Study, kind: str, most: int) -> Layout:
    """Return one row an event under its subject; of more than `most` events the first, and how many there are.

    Examples
    --------
    >>> from core.ard import join
    >>> study = Study(id="s", title="S", data_cut="2024-12-31")
    >>> result = Result("x", "Listing", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> listing_table(result, study, "Serious", 200).notes
    ('No event to list.',)
    """
    coding = study.adverse_events
    records = result.records
    scale = "Grade" if coding.graded else "Severity"
    heads = {coding.soc: "Class", coding.grade: scale} | HEADS
    names = [name for name in heads if name in records]
    rows: list[Row] = []
    by_subject = records.head(most).groupby("USUBJID", sort=False) if len(records) else ()
    for subject, part in by_subject:
        rows.append(Row(str(subject), ("",) * len(names), 0, ("USUBJID", str(subject), "")))
        texts = [[sentence_case(_text(value)) for value in part[name]] for name in names]
        terms = (sentence_case(_text(term)) or "Not coded" for term in part[coding.term])
        rows += [Row(term, cells, 1) for term, cells in zip(terms, zip(*texts, strict=True), strict=True)]
    columns = tuple(Column(heads[name], align="right" if name in NUMBERS else "left") for name in names)
    shown = "No event to list." if records.empty else ""
    if len(records) > most:
        shown = f"The first {most} of {counted(len(records), 'event')} are shown here; the records to save hold all of them."
    title = f"{result.title}: {within_sentence(kind)}"
    return Layout(
        title,
        subtitle(result),
        "Subject / preferred term",
        columns,
        tuple(rows),
        (*filter(None, [shown]), *result.notes),
    )


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def sheet_names(result: Result, study: Study) -> dict[str, str]:
    """Return each serious event, as its numbers are keyed in the results, and how its sheet is called, in the order of the records.

    Examples
    --------
    >>> from core.ard import join
    >>> study = Study(id="s", title="S", data_cut="2024-12-31")
    >>> records = pd.DataFrame({"USUBJID": ["01"], "AEDECOD": ["SYNCOPE"], "onset": ["2024-03"], "number": [7.0]})
    >>> result = Result("x", "Sheets", "s", "S", True, "2024-12-31", "", "Safety", "", 1, {}, join([]), (), records)
    >>> sheet_names(result, study)
    {'01, event 7': '01, event 7: Syncope, 2024-03'}
    """
    records = result.records
    if records.empty:
        return {}
    terms = (sentence_case(_text(term)) or "Not coded" for term in records[study.adverse_events.term])
    told = zip(numbered(records), terms, records.onset, strict=True)
    return {key: f"{key}: {term}, {_text(onset)}" for key, term, onset in told}


def numbered(records: pd.DataFrame) -> pd.Series:
    """Return a name of its own for each event, which does not depend on the order of rows in the file.

    Examples
    --------
    >>> numbered(pd.DataFrame({"USUBJID": ["01"], "number": [7.0]})).tolist()
    ['01, event 7']
    """
    return records.USUBJID.astype(str) + ", event " + records.number.map(as_recorded).astype(str)


def narratives(result: Result, study: Study, fields: dict[str, str], most: int) -> Layout:
    """Return one sheet under the other, a line for each field that has something to tell; of too many the first.

    Examples
    --------
    >>> from core.ard import join
    >>> study = Study(id="s", title="S", data_cut="2024-12-31")
    >>> result = Result("x", "Sheets", "s", "S", True, "2024-12-31", "", "Safety", "", 0, {}, join([]))
    >>> narratives(result, study, {"event": "Event"}, 40).notes
    ('No serious event.',)
    """
    records = result.records
    rows: list[Row] = []
    for number, (_, event) in enumerate(records.head(most).iterrows(), 1):
        about = ("USUBJID", str(event.USUBJID), as_recorded(event.number))
        term = sentence_case(_text(event[study.adverse_events.term])) or "Not coded"
        place = f"{number}. " if len(records) > 1 else ""
        rows.append(Row(f"{place}{event.USUBJID}", (term,), 0, about))
        rows += [Row(head, (_text(event[name]),), 1) for name, head in fields.items() if _text(event[name])]
    shown = "No serious event." if records.empty else ""
    if len(records) > most:
        shown = f"The first {most} of {counted(len(records), 'serious event')} are shown here; the records to save hold all of them."
    columns = (Column("Serious adverse event", align="left"),)
    return Layout(result.title, subtitle(result), "", columns, tuple(rows), (*filter(None, [shown]), *result.notes))
