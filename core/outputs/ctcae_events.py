"""Adverse events against the terms of CTCAE: term, class and grade of each record, its overlaps, and deaths."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.dictionaries import ctcae
from core.formats import NOT_COLLECTED
from core.ingest.events import NOT_CODED
from core.study import EVENT_FLAGS, Population

FATAL = 1 << EVENT_FLAGS.index("fatal")
RESOLVED = ("RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE", "FATAL")
"""Outcomes of an event that has ended, with or without the day."""

LAST = pd.Timestamp.max.normalize()


@dataclass(frozen=True)
class Found:
    """What one check found.

    Attributes
    ----------
    checked : float
        How many records it could judge; NaN when none, with the reason in `why`.
    findings : Series
        A sentence for each finding, by the place of its record among the events.
    """

    checked: float
    findings: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    why: str = ""


def read(data: Data, population: Population) -> pd.DataFrame:
    """Return the events on view as recorded, with what the checks need of each.

    Returns
    -------
    DataFrame
        One row per event, all of ADAE and: term, soc; ctcae, its name there or empty; exact, whether that is the term
        as coded; grade, 0 when missing; start and end, NaT when not known to the day; earliest and latest, between which
        it lasted at most; stop, the last day on which it lasted for certain.
    """
    events = data.ask("dated_events", population)
    named = {text: ctcae().find(text) for text in events.event_term.unique()}
    name = events.event_term.map(named).astype(object).fillna("")
    onset = pd.to_datetime(events.first_onset)
    start = onset.where(onset == pd.to_datetime(events.last_onset))
    end = _day(events, "AENDT").where(_text(events, "AENDTF") == "")
    end = end.where(~(end < start), start)
    lasting = end.isna() & ~_text(events, "AEOUT").str.upper().isin(RESOLVED)
    latest = end.fillna(LAST)
    stop = latest.where(end.notna() | lasting, start)
    return events.assign(
        term=events.event_term, soc=events.event_soc, ctcae=name,
        exact=events.event_term.str.strip().str.lower().isin(list(ctcae().terms)),
        grade=events.event_grade.astype(int), start=start, end=end, earliest=onset, latest=latest, stop=stop,
    )  # fmt: skip


def unknown_terms(events: pd.DataFrame) -> Found:
    """Return the events whose term CTCAE does not list, under this name or a synonym."""
    coded = events[events.term != NOT_CODED]
    unknown = coded[coded.ctcae == ""]
    return Found(len(coded), pd.Series("CTCAE v4.03 has no such term", unknown.index, dtype=object))


def other_classes(events: pd.DataFrame) -> Found:
    """Return the events with a term exactly of CTCAE in another class than there."""
    coded = events[events.exact & (events.soc != NOT_CODED)]
    own = coded.ctcae.map({term.name: term.soc for term in ctcae().terms.values()}).astype(object)
    wrong = coded[own.str.lower() != coded.soc.str.strip().str.lower()]
    return Found(len(coded), "CTCAE has this term in " + own[wrong.index])


def impossible_grades(events: pd.DataFrame) -> Found:
    """Return the events with a grade that CTCAE does not describe for their term."""
    graded = events[(events.ctcae != "") & (events.grade > 0)]
    of = {term.name: term.grades for term in ctcae().terms.values()}
    lacks = [grade not in of[name] for grade, name in zip(graded.grade, graded.ctcae, strict=True)]
    wrong = graded[np.array(lacks, dtype=bool)]
    told = [
        f"Grade {grade}, but {name} has only Grade {_listed(of[name])}"
        for grade, name in zip(wrong.grade, wrong.ctcae, strict=True)
    ]
    return Found(len(graded), pd.Series(told, wrong.index, dtype=object))


def grade5_alive(events: pd.DataFrame, subjects: pd.DataFrame) -> Found:
    """Return the events of Grade 5 of subjects whose death ADSL does not record."""
    if not {"DTHFL", "DTHDT"} & set(subjects):
        return Found(np.nan, why=f"{NOT_COLLECTED}: ADSL has neither DTHFL nor DTHDT")
    fatal = events[events.grade == 5]
    alive = fatal[~fatal.subject_code.isin(subjects.subject_code[died(subjects)])]
    return Found(len(fatal), pd.Series("Grade 5, but ADSL records no death", alive.index, dtype=object))


def deaths_without_grade5(data: Data, events: pd.DataFrame, subjects: pd.DataFrame) -> tuple[Found, pd.Series]:
    """Return the fatal events, and the deaths that ADSL puts down to an adverse event, of subjects without a Grade 5.

    Returns
    -------
    Found
        A finding for each fatal event.
    Series
        A sentence for each further death, by the place of the subject in `subjects`.
    """
    rule = data.study.adverse_events.death_by_event
    stated = subjects.get(rule.variable, pd.Series(None, subjects.index, dtype=object)).astype("string").str.upper()
    by_event = died(subjects) & stated.isin([value.upper() for value in rule.values]).fillna(False).astype(bool)
    fatal = events[(events.event_flags & FATAL) > 0]
    if rule.variable not in subjects and not data.collected["fatal"][0]:
        why = f"{NOT_COLLECTED}: ADSL has no {rule.variable}, and {data.collected['fatal'][1]}"
        return Found(np.nan, why=why), pd.Series(dtype=object)
    judged = set(subjects.subject_code[by_event]) | set(fatal.subject_code)
    lacking = judged - set(events.subject_code[events.grade == 5])
    wrong = fatal[fatal.subject_code.isin(lacking)]
    told = [
        f"Fatal, but {f'Grade {grade}' if grade else 'without a grade'}; no event of Grade 5" for grade in wrong.grade
    ]
    rest = subjects[by_event & subjects.subject_code.isin(lacking - set(wrong.subject_code))]
    cause = f"Died, {rule.variable} = " + rest.get(rule.variable, pd.Series(dtype=object)).astype(object)
    return Found(len(judged), pd.Series(told, wrong.index, dtype=object)), cause + "; no event of Grade 5"


def died(subjects: pd.DataFrame) -> pd.Series:
    """Return whose death ADSL records."""
    nothing = pd.Series(None, subjects.index, dtype=object)
    return (subjects.get("DTHFL", nothing) == "Y") | subjects.get("DTHDT", nothing).notna()


def overlaps(events: pd.DataFrame) -> Found:
    """Return the events that began while an event of the same subject and term lasted.

    A record that begins on the day on which another ends goes on from it; two that begin on one day overlap.
    """
    dated = events[events.start.notna() & (events.term != NOT_CODED)]
    dated = dated.sort_values(["subject_code", "term", "start", "source_row"], kind="stable")
    if dated.empty:
        return Found(0)
    group = dated.groupby(["subject_code", "term"], sort=False).ngroup().to_numpy()
    start, stop = (dated[name].to_numpy().astype("datetime64[D]").astype(np.int64) for name in ("start", "stop"))
    # Groups stand in ascending order, so a running maximum never reaches from one into the next.
    reach = group * (int(max(stop.max(), start.max())) + 1) + stop
    longest = np.maximum.accumulate(reach)
    at = np.arange(len(dated))
    holder = np.maximum.accumulate(np.where(reach == longest, at, 0))
    before = np.maximum(at - 1, 0)
    same = (group == group[before]) & (at > 0)
    during, together = same & (start < stop[holder[before]]), same & (start == start[before])
    other = np.where(during, holder[before], before)
    wrong = np.flatnonzero(during | together)
    called, until = _called(dated, other[wrong]), _until(dated.iloc[other[wrong]])
    first, since = (_iso(dated.start.iloc[of]) for of in (wrong, other[wrong]))
    told = [
        f"Began {begun} while {name} of the same term lasted: from {start_} {end_}"
        for begun, name, start_, end_ in zip(first, called, since, until, strict=True)
    ]
    return Found(len(dated), pd.Series(told, dated.index[wrong], dtype=object).sort_index())


def _called(events: pd.DataFrame, at: NDArray[np.intp]) -> list[str]:
    if "AESEQ" in events:
        return [f"AESEQ {number:g}" for number in events.AESEQ.to_numpy()[at]]
    return [f"row {number}" for number in events.source_row.to_numpy()[at]]


def _until(events: pd.DataFrame) -> list[str]:
    lasts = (events.stop == LAST).to_numpy()
    known = events.end.notna().to_numpy()
    return [
        f"to {end}" if there else "on, without an end" if on else "on, ended on a day that is not recorded"
        for end, there, on in zip(_iso(events.end), known, lasts, strict=True)
    ]


def _iso(days: pd.Series) -> list[str]:
    return list(np.datetime_as_string(days.to_numpy(dtype="datetime64[D]")))


def _listed(grades: tuple[int, ...]) -> str:
    *first, last = map(str, grades)
    return f"{', '.join(first)} and {last}" if first else last


def _day(events: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_datetime(events[name] if name in events else pd.Series(pd.NaT, events.index))


def _text(events: pd.DataFrame, name: str) -> pd.Series:
    return (events[name] if name in events else pd.Series("", events.index)).astype(object).fillna("").astype(str)
