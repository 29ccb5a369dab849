"""Who was at risk of an adverse event and for how long, and on which of those days each event began."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data import Data
from core.formats import counted
from core.outputs.categories import mask
from core.study import Population

Codes = NDArray[np.int64]
EVENT, DEATH, WINDOW, CENSORED = 1, 2, 3, 0
"""What can end the days at risk: the event, death, the window's end (both compete), or nothing yet (censored)."""

CAUSES = {"death": DEATH, "window": WINDOW, "left": CENSORED, "unseen": CENSORED, "cut": CENSORED}
ENDED = {
    "event": "Event", "death": "Died", "window": "Window ended", "left": "Left the study", "unseen": "Last sign of life",
    "cut": "Data cut",
}  # fmt: skip
"""How the end of the days at risk reads."""


@dataclass(frozen=True)
class AtRisk:
    """The subjects of one column who were at risk.

    Attributes
    ----------
    subject, days : ndarray of int, shape (subjects,)
        Codes, and how many days each was at risk, first and last included.
    begins : ndarray of datetime64, shape (subjects,)
        The first of these days.
    ended : ndarray of str, shape (subjects,)
        What ended them: a key of `ENDED` but the event.
    period : int
        The period that the column is about; 0 when it is about none.
    """

    subject: Codes
    days: Codes
    begins: NDArray[np.datetime64]
    ended: NDArray[np.object_]
    period: int

    @property
    def cause(self) -> Codes:
        """What ended the days at risk, as `core.stats.cumulative_incidence` counts it."""
        return np.array([CAUSES[each] for each in self.ended], dtype=np.int64)


@dataclass(frozen=True)
class Onsets:
    """Adverse events that began while their subject was at risk, each with the place of the subject and the day, from 1."""

    place: Codes
    term: Codes
    grade: Codes
    day: Codes
    vague: NDArray[np.bool_]
    row: Codes

    def pick(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Onsets":
        """Return some of them."""
        return replace(self, **{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


def windows(data: Data, population: Population, columns: str = "none") -> dict[int, AtRisk]:
    """Return position of each column of the table (the total is 0) -> who of it was at risk.

    The days run from the first dose to the end of the window in which events are treatment-emergent; in the column of a
    period they are those of them in the period. Death, the end of the study and the data cut end them earlier.
    """
    found = data.ask("windows", population, columns, cut=data.study.data_cut)
    positions = data.ask("columns", population, columns).position
    at_risk = {}
    for position in positions:
        here = found[found.position == position]
        begins, ends = (here[name].to_numpy(dtype="datetime64[D]") for name in ("begins", "ends"))
        at_risk[int(position)] = AtRisk(
            here.subject_code.to_numpy(dtype=np.int64), (ends - begins).astype(np.int64) + 1, begins,
            here.ended.to_numpy(dtype=object), int(position) if columns == "APERIODC" else 0,
        )  # fmt: skip
    return at_risk


def event_days(data: Data, population: Population, category: str) -> pd.DataFrame:
    """Return the events of a category, one row each, with the days they began and ended."""
    return data.ask("event_days", population, wanted=mask(category))


def onsets(data: Data, events: pd.DataFrame, here: AtRisk) -> Onsets:
    """Return the events that began while their subject was at risk, by subject and day, of one day the worst grade first.

    Of an onset that is not known to the day, the first day it can have been counts: not before the first dose when the
    event is treatment-emergent, nor in the column of a period before that period; an event without any such day is not
    among them.
    """
    place = np.full(data.subjects + 1, -1, dtype=np.int64)
    place[here.subject] = np.arange(len(here.subject))
    of_subject = place[events.subject_code.to_numpy()]
    among = (of_subject >= 0) & events.begins.notna().to_numpy()
    if here.period:
        among &= (events.period == here.period).to_numpy()
    chosen, of_subject = events[among], of_subject[among]
    day = (chosen.begins.to_numpy(dtype="datetime64[D]") - here.begins[of_subject]).astype(np.int64) + 1
    vague = chosen.vague.to_numpy(dtype=bool)
    if here.period:
        day = np.where(vague, np.maximum(day, 1), day)
    inside = (day >= 1) & (day <= here.days[of_subject])
    found = Onsets(
        of_subject, chosen.term.to_numpy(dtype=np.int64), chosen.grade.to_numpy(dtype=np.int64), day,
        vague, chosen.source_row.to_numpy(dtype=np.int64),
    ).pick(inside)  # fmt: skip
    return found.pick(np.lexsort((found.term, -found.grade, found.day, found.place)))


def window_notes(data: Data) -> list[str]:
    """Return which days a subject is at risk, in a sentence."""
    window = data.study.adverse_events.treatment_emergent.window_days
    return [
        f"Days at risk: from the first dose to {window} days after the last, or until death, the end of the study or the "
        "data cut if earlier; first and last day included. In a column of a period: those of them in it, in follow-up to the last sign of life."
    ]


def told(data: Data, population: Population, here: AtRisk, events: pd.DataFrame, found: Onsets) -> list[str]:
    """Return what a reader must know about the days at risk of the total column."""
    everybody = data.ask("observations", population)
    notes = window_notes(data)
    never = int(everybody.first_dose.isna().sum())
    if never:
        notes.append(f"{counted(never, 'subject', 'subjects')} on view without a first dose: not at risk.")
    without = len(everybody) - never - len(here.subject)
    if without:
        notes.append(f"{counted(without, 'dosed subject', 'dosed subjects')} on view without any day at risk.")
    outside = len(events) - len(found.day)
    if outside:
        notes.append(f"{outside} of {len(events)} events began outside the days at risk and do not count here.")
    if found.vague.any():
        notes.append(
            f"{int(found.vague.sum())} of {len(found.day)} events have a partial or missing onset; the first day it can "
            "have been counts."
        )
    undated = int((everybody.died.eq(True) & everybody.death.isna()).sum())
    if undated:
        notes.append(f"{counted(undated, 'death')} without a date cannot end the days at risk.")
    return notes
