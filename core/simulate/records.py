"""Rows of ADSL, ADEX and ADAE: what a study records of its subjects, their doses and their adverse events."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from core.simulate.course import Course
from core.simulate.days import date_of, day_of
from core.simulate.dice import Dice
from core.simulate.events import Happening
from core.simulate.panel import Levels, recorded
from core.simulate.recipe import DEATH, MOST_GRADE, AdverseEvents, Recipe, Treatment
from core.simulate.specimens import Row
from core.simulate.subjects import Subject
from core.study import Study

NOT_RECOVERED = "NOT RECOVERED/NOT RESOLVED"


def adsl(recipe: Recipe, study: Study, subject: Subject, course: Course, levels: Mapping[str, Levels]) -> Row:
    """Return the one row of a subject; `levels` has the markers whose baseline ADSL repeats."""
    group = bisect_right(recipe.age.groups, subject.age)
    treated, label = bool(course.doses), recipe.treatment.label
    ended = course.stopped is not None
    status = ("DISCONTINUED" if course.reason else "COMPLETED") if ended else "ONGOING"
    return {
        "STUDYID": study.id.upper(),
        "USUBJID": subject.USUBJID,
        "SUBJID": subject.USUBJID.removeprefix(f"{recipe.prefix}-"),
        "SITEID": subject.site.SITEID,
        "AGE": subject.age,
        "AGEGR1": _age_groups(recipe.age.groups)[group],
        **subject.others,
        recipe.performance.variable: subject.performance,
        recipe.performance.group_variable: recipe.performance.groups[subject.performance],
        **{
            variable: levels.get(code, {}).get((subject.USUBJID, study.timepoints.baseline))
            for variable, code in recipe.baseline_variables.items()
        },
        "TRT01P": label,
        "TRT01A": label if treated else None,
        "RFICDT": date_of(subject.consent),
        "ENRLDT": date_of(subject.enrolled),
        "TRTSDT": date_of(course.start),
        "TRTEDT": date_of(course.doses[-1].day) if treated and ended else None,
        **_exposure(recipe.treatment, course, day_of(study.data_cut)),
        "EOTSTT": status if treated else None,
        "DCTREAS": course.reason or None,
        "EOSSTT": "ONGOING" if course.left is None else "DISCONTINUED" if course.why else "COMPLETED",
        "DCSREAS": course.why or None,
        "EOSDT": date_of(course.left),
        "DTHFL": "Y" if course.why == DEATH else "N",
        "DTHDT": date_of(course.left) if course.why == DEATH else None,
        "DTHCAUS": course.cause or None,
        "LSTALVDT": date_of(course.seen),
        "SAFFL": "Y" if treated else "N",
    }


def _age_groups(begins: Sequence[int]) -> list[str]:
    """Return the labels of groups that begin at these ages.

    Examples
    --------
    >>> _age_groups([65, 75])
    ['<65', '65-74', '>=75']
    """
    return [f"<{begins[0]}", *(f"{a}-{b - 1}" for a, b in pairwise(begins)), f">={begins[-1]}"] if begins else [""]


def _exposure(treatment: Treatment, course: Course, cut: int) -> Row:
    """Days on treatment (to the data cut while it lasts), cycles, and dose received over dose planned per time."""
    if not course.doses:
        return {"TRTDURD": None, "NCYCLE": None, "RDI": None}
    first, last = course.doses[0], course.doses[-1]
    planned = treatment.doses[0] * (last.day - first.day + treatment.cycle_days) / treatment.cycle_days
    share = 100 * sum(dose.amount for dose in course.doses) / planned
    return {
        "TRTDURD": (last.day if course.stopped is not None else cut) - first.day + 1,
        "NCYCLE": len(course.doses),
        "RDI": float(recorded(np.array(share), 0.1)),
    }


def adex(recipe: Recipe, subject: Subject, course: Course) -> list[Row]:
    """Return a row for each dose of a subject."""
    return [
        {
            "USUBJID": subject.USUBJID, "EXSEQ": dose.cycle, "EXTRT": recipe.treatment.name, "EXDOSE": dose.amount,
            "EXDOSU": recipe.treatment.unit, "AVISIT": f"Cycle {dose.cycle}", "AVISITN": dose.cycle,
            "ASTDT": date_of(dose.day), "AENDT": date_of(dose.day), "ASTDY": course.study_day(dose.day),
        }
        for dose in course.doses
    ]  # fmt: skip


def adae(dice: Dice, recipe: Recipe, subject: Subject, course: Course) -> list[Row]:
    """Return a row for each adverse event of a subject; a few of them lack a grade, a relation or a date."""
    return [
        {"USUBJID": subject.USUBJID, "AESEQ": number, **_event_row(dice, recipe.adverse_events, course, happening)}
        for number, happening in enumerate(course.happenings, 1)
    ]


def _event_row(dice: Dice, coding: AdverseEvents, course: Course, happening: Happening) -> Row:
    event, grade, fatal = happening.event, happening.grade, happening.grade == MOST_GRADE
    on_treatment = course.start is not None and happening.start >= course.start
    related = dice.of(coding.related if on_treatment and dice.chance(event.related_percent) else coding.not_related)
    percent = coding.serious_percent[grade - 1] if event.serious_percent is None else event.serious_percent
    open_end = "RECOVERING/RESOLVING" if dice.chance(25) and course.why != DEATH else NOT_RECOVERED
    return {
        "AETERM": dice.pick(event.reported),
        "AEDECOD": event.term,
        "AEBODSYS": event.soc,
        "AETOXGR": None if grade <= 2 and dice.chance(coding.ungraded_percent) else str(grade),
        "AESER": "Y" if fatal or dice.chance(percent) else "N",
        "AEREL": None if dice.chance(coding.relation_missing_percent) else related,
        "AEACN": happening.action,
        "AEOUT": "FATAL" if fatal else open_end if happening.end is None else "RECOVERED/RESOLVED",
        "AESDTH": "Y" if fatal else "N",
        **_onset(dice, coding, course, happening, vague=on_treatment and grade <= 2),
        "AENDT": date_of(happening.end),
    }


def _onset(dice: Dice, coding: AdverseEvents, course: Course, happening: Happening, vague: bool) -> Row:
    """Return the onset as collected and as analysed: of a few mild events only the month is known, or nothing."""
    day = date_of(happening.start)
    u = dice.uniform() * 100
    if vague and day is not None and u < coding.undated_percent:
        return {"AESTDTC": None, "ASTDT": None, "ASTDTF": None}
    if vague and day is not None and u < coding.undated_percent + coding.partial_percent:
        first = date_of(course.start)
        imputed = day.replace(day=1) if first is None else max(day.replace(day=1), first)
        return {"AESTDTC": f"{day:%Y-%m}", "ASTDT": imputed, "ASTDTF": "D"}
    return {"AESTDTC": str(day), "ASTDT": day, "ASTDTF": None}
