"""The study as it stood at an earlier data cut: fewer subjects, shorter courses, and what was not known yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from core.simulate.course import Course, known
from core.simulate.days import date_of, day_of
from core.simulate.dice import Dice
from core.simulate.events import as_seen
from core.simulate.mistakes import with_mistakes
from core.simulate.panel import Levels
from core.simulate.recipe import MOST_GRADE, EarlierCut, Recipe, Specimens
from core.simulate.records import NOT_RECOVERED, adex, adsl
from core.simulate.specimens import Row
from core.simulate.subjects import Subject
from core.study import Study


@dataclass(frozen=True)
class Known:
    """A subject who was registered by the earlier cut: the course as known now, and as known then."""

    subject: Subject
    now: Course
    then: Course


def as_it_was(
    dice: Dice, recipe: Recipe, plan: EarlierCut, study: Study, both: Sequence[tuple[Subject, Course]],
    tables: Mapping[str, pa.Table], levels: Mapping[str, Levels],
) -> dict[str, pa.Table]:  # fmt: skip
    """Return the datasets as they stood at the earlier cut: of what stands in them now, all that was known then.

    Parameters
    ----------
    dice : Dice
        The stream to draw from: days of last contact, and what was recorded wrongly then.
    recipe : Recipe
        How often and how much.
    plan : EarlierCut
        Its day, and how many mistakes of each kind were corrected since.
    study : Study
        What is planned.
    both : sequence of (Subject, Course)
        Who is registered now, and what became of them.
    tables : mapping of pyarrow.Table
        The datasets as they stand now.
    levels : mapping of Levels
        The values of the markers whose baseline ADSL repeats.

    Returns
    -------
    dict of pyarrow.Table
        Those of now with their columns, even where no record was there yet.
    """
    cut = day_of(plan.data_cut)
    people: dict[str, Known] = {}
    for subject, course in both:
        contact = max(cut - dice.whole(0, recipe.follow_up.contact_days), subject.enrolled)
        if subject.enrolled <= cut:
            people[subject.USUBJID] = Known(subject, course, known(course, cut, min(contact, course.seen)))
    described = study.model_copy(update={"data_cut": plan.data_cut})
    rows = {
        "ADSL": [adsl(recipe, described, one.subject, one.then, levels if one.then.doses else {}) for one in people.values()],
        "ADEX": [row for one in people.values() for row in adex(recipe, one.subject, one.then)],
        "ADAE": [_event(row, one) for row, one in _theirs(tables, "ADAE", people) if row["AESEQ"] <= len(one.then.happenings)],
        "ADBE": [_specimen(recipe.specimens, row, one, cut) for row, one in _theirs(tables, "ADBE", people)
                 if _planned_then(recipe.specimens, row, one)],
    }  # fmt: skip
    judged = {row["BEREFID"] for row in rows["ADBE"] if row["EVALFL"] == "Y"}
    then = {name: pa.Table.from_pylist(each, tables[name].schema) for name, each in rows.items() if name in tables}
    then |= {name: _found(tables[name], people, judged) for name in ("ADLB", "ADQS", "ADBM") if name in tables}
    return with_mistakes(dice, recipe, plan, then, {name for name, one in people.items() if _all_known(one)})


def _theirs(tables: Mapping[str, pa.Table], name: str, people: Mapping[str, Known]) -> list[tuple[Row, Known]]:
    """Return the records of a dataset that are about subjects of then, and whose they are."""
    rows = tables[name].to_pylist() if name in tables else []
    return [(row, people[row["USUBJID"]]) for row in rows if row["USUBJID"] in people]


def _all_known(one: Known) -> bool:
    return bool(one.then.happenings) and len(one.then.happenings) == len(one.now.happenings)


def _event(row: Row, one: Known) -> Row:
    """Return an event as it stood then: it may have gone on still, and what killed in the end was severe."""
    place = row["AESEQ"] - 1
    then = as_seen(one.now.happenings[place], one.then.seen)
    if then.end == one.now.happenings[place].end:
        return row | {"AEACN": then.action}
    fatal = then.grade == MOST_GRADE
    milder = {"AETOXGR": str(MOST_GRADE - 1), "AESDTH": "N"} if fatal else {}
    return row | {"AEACN": then.action, "AENDT": None, "AEOUT": NOT_RECOVERED} | milder


def _planned_then(plan: Specimens, row: Row, one: Known) -> bool:
    """Return whether a specimen was taken by then, or it was known by then that it never would be."""
    if row["ADT"] is not None:
        return day_of(row["ADT"]) <= one.then.seen
    if row["EVALREAS"] == plan.refused:
        return one.now.marrow is not None and one.now.marrow <= one.then.seen
    return (one.then.stopped if one.then.doses else one.then.left) is not None


def _specimen(plan: Specimens, row: Row, one: Known, cut: int) -> Row:
    """Return a specimen as it stood then: what was taken shortly before the cut was not judged yet."""
    if row["ADT"] is None:
        return row
    day = day_of(row["ADT"])
    pending = {"EVALFL": None, "EVALREAS": None} if day > cut - plan.pending_days else {}
    return row | {"ADY": one.then.study_day(day)} | pending


def _found(table: pa.Table, people: Mapping[str, Known], judged: set[str]) -> pa.Table:
    """Return what was found by then: in marrow that was judged evaluable, and at visits from the first dose on."""
    until = {name: date_of(one.then.seen) or date.min for name, one in people.items() if one.then.doses}
    names, days = table["USUBJID"].to_pylist(), table["ADT"].to_pylist()
    specimens = table["BEREFID"].to_pylist() if "BEREFID" in table.column_names else [None] * len(names)
    there = [
        day <= until.get(name, date.min) if specimen is None else specimen in judged
        for name, day, specimen in zip(names, days, specimens, strict=True)
    ]
    found = table.filter(pa.array(there, pa.bool_()))
    study_days = [
        day if name in until else None
        for name, day in zip(found["USUBJID"].to_pylist(), found["ADY"].to_pylist(), strict=True)
    ]
    return found.set_column(found.column_names.index("ADY"), "ADY", pa.array(study_days, table["ADY"].type))
