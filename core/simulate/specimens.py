"""Visits and specimens of a subject: when blood is drawn and marrow is taken, and which of it is measured."""

from dataclasses import dataclass
from typing import Any

from core.simulate.course import Course
from core.simulate.days import date_of
from core.simulate.dice import Dice
from core.simulate.recipe import METHODS, Method, Recipe, Specimens
from core.simulate.subjects import Subject
from core.study import Study

Row = dict[str, Any]
"""What a dataset says of one record, by variable."""

Taken = tuple[int | None, Method, str | None, str]
"""Day, method, evaluable or not (None while nobody has judged), and why not."""


@dataclass(frozen=True)
class Sample:
    """One visit or specimen that is measured; a specimen has its name in `BEREFID`.

    `time` is 0 at baseline and 1 at follow-up, at other visits in proportion to their cycle, and -1 at a nadir; `again`
    says that a specimen repeats one of the same timepoint.
    """

    subject: Subject
    ADY: int | None
    AVISIT: str
    AVISITN: float
    time: float
    day: int
    BEREFID: str | None = None
    again: bool = False


def visits_of(dice: Dice, recipe: Recipe, study: Study, subject: Subject, course: Course) -> list[Sample]:
    """Return the visits at which blood is drawn: at every dose, and at follow-up after treatment has ended.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        The cycle of follow-up.
    study : Study
        The names of both timepoints.
    subject : Subject
        Who was registered.
    course : Course
        What became of the subject; without a dose there is no visit.
    """
    if course.start is None:
        return []
    cycle = recipe.specimens.cycle
    days = {dose.cycle: dose.day for dose in course.doses}
    days[1] -= dice.whole(0, 3)
    if cycle not in days and course.stopped is not None and course.marrow is not None and course.marrow <= course.seen:
        days[cycle] = course.marrow
    named = {1: study.timepoints.baseline, cycle: str(study.timepoints.follow_up)}
    return [
        Sample(subject, course.study_day(day), named.get(n, f"Cycle {n}"), n, (n - 1) / (cycle - 1), day)
        for n, day in sorted(days.items())
    ]


def specimens_of(
    dice: Dice, recipe: Recipe, study: Study, subject: Subject, course: Course, cut: int
) -> tuple[list[Row], list[Sample]]:
    """Return the rows of ADBE, and which of the specimens are assayed: one a timepoint, or two when repeated.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        What is planned at both timepoints and why it fails.
    study : Study
        The names of both timepoints.
    subject : Subject
        Who was registered.
    course : Course
        What became of the subject.
    cut : int
        The day of the data cut; what was taken shortly before it is not judged yet.
    """
    plan, rows, samples = recipe.specimens, list[Row](), list[Sample]()
    places = ((study.timepoints.baseline, 1, "BL"), (str(study.timepoints.follow_up), plan.cycle, "FU"))
    for time, (visit, number, short) in enumerate(places):
        day, missed = _planned(dice, recipe, subject, course, time)
        taken: list[Taken] = [(None, METHODS[0], "N", missed)] if missed else []
        if day is not None:
            taken += _taken(dice, plan, subject, day, time, course.seen, pending=day > cut - plan.pending_days)
        used = False
        for i, (when, method, flag, why) in enumerate(taken, 1):
            name, study_day = f"{subject.USUBJID}-{short}-{i}", None if when is None else course.study_day(when)
            rows.append({
                "USUBJID": subject.USUBJID, "BEREFID": name, "AVISIT": visit, "AVISITN": number, "ADT": date_of(when),
                "ADY": study_day, "BEMETHOD": method, "EVALFL": flag, "EVALREAS": why or None,
            })  # fmt: skip
            if when is not None and flag == "Y" and (when != day or not used):
                used = True
                samples.append(Sample(subject, study_day, visit, number, time, when, name, again=when != day))
    return rows, samples


def _planned(dice: Dice, recipe: Recipe, subject: Subject, course: Course, time: int) -> tuple[int | None, str]:
    """Return the day a timepoint's marrow is taken, or why it never will be; neither while that is open."""
    if time == 0:
        day = dice.whole(subject.enrolled + 1, subject.due - 1)
        return (day, "") if day <= course.seen else (None, "")
    refuses = dice.chance(recipe.specimens.refused_percent)
    if course.doses and course.marrow is not None:
        if course.marrow > course.seen:
            return None, ""
        return (None, recipe.specimens.refused) if refuses else (course.marrow, "")
    known = course.stopped if course.doses else course.left
    return None, recipe.specimens.off_study if known is not None else ""


def _taken(dice: Dice, plan: Specimens, subject: Subject, day: int, time: int, seen: int, pending: bool) -> list[Taken]:
    """Draw the specimens of one timepoint: by one method or both, and perhaps one more some days later."""
    evaluable = dice.chance(subject.site.evaluable_percent[time])
    methods = METHODS if dice.chance(plan.aspirate_percent) else METHODS[:1]
    good = [evaluable and dice.chance(plan.evaluable_percent[method]) for method in methods]
    good[0] = good[0] or (evaluable and not any(good))
    taken: list[Taken] = []
    for method, flag in zip(methods, good, strict=True):
        why = "" if flag or pending else dice.of(plan.reasons[method])
        taken.append((day, method, None if pending else "Y" if flag else "N", why))
    again = day + dice.whole(2, 6)
    if evaluable and time and not pending and again <= seen and dice.chance(plan.repeated_percent):
        taken.append((again, METHODS[-1], "Y", ""))
    return taken
