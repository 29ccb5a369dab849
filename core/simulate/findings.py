"""Rows of ADQS and ADLB: what is found at the visits of a subject, in agreement with the adverse events."""

from fractions import Fraction
from math import ceil, exp, floor

import numpy as np

from core.simulate.course import Course
from core.simulate.days import date_of
from core.simulate.dice import Dice
from core.simulate.panel import Levels
from core.simulate.recipe import LaboratoryTest, Recipe
from core.simulate.specimens import Row, Sample
from core.simulate.subjects import Subject

TINY = 1e-6


def adqs(dice: Dice, recipe: Recipe, subject: Subject, visits: list[Sample]) -> list[Row]:
    """Return a row for each visit: performance status takes a step up or down from one to the next."""
    plan, score, rows = recipe.performance, subject.performance, list[Row]()
    for visit in visits:
        if visit.time:
            u = dice.uniform() * 100
            worse = plan.worsens_percent * exp(recipe.frailty * subject.frailty)
            score += 1 if u < worse and score < plan.most else -1 if u > 100 - plan.improves_percent and score else 0
        rows.append(
            _row(visit, plan.PARAMCD, plan.PARAM)
            | {"AVAL": score, "BASE": subject.performance, "CHG": score - subject.performance}
        )
    return rows


def adlb(
    dice: Dice, recipe: Recipe, subject: Subject, course: Course, visits: list[Sample], levels: dict[str, Levels]
) -> list[Row]:
    """Return values that agree with the grades of the events they define: such an event is found at the nadir of its cycle.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        The laboratory tests and the limits of their grades.
    subject : Subject
        Who was registered.
    course : Course
        The doses, each with its nadir, and the adverse events.
    visits : list of Sample
        When blood is drawn besides.
    levels : dict of Levels
        The values of markers that a test takes over at visits.
    """
    grades = {(each.event.term, each.start): each.grade for each in course.happenings}
    nadirs = [
        Sample(subject, course.study_day(dose.nadir), f"Cycle {dose.cycle} nadir", dose.cycle + 0.5, -1, dose.nadir)
        for dose in course.doses
        if dose.nadir <= course.seen
    ]
    rows: list[Row] = []
    for test in recipe.laboratory:
        known, step = levels.get(test.marker, {}), Fraction(str(test.step))
        base = last = None
        for visit in sorted([*visits, *nadirs], key=lambda each: each.day):
            level = known.get((subject.USUBJID, visit.AVISIT))
            if level is not None:
                count = int(np.rint(level / test.step))
            elif visit.time >= 0:
                count = _near(dice, test, base)
            else:
                count = _at_nadir(dice, test, last, grades.get((test.event, visit.day)))
            base = count if base is None else base
            last = count if visit.time >= 0 else last
            rows.append(_row(visit, test.PARAMCD, test.PARAM) | _against_range(test, step, count, base))
    return rows


def _near(dice: Dice, test: LaboratoryTest, before: int | None) -> int:
    """Draw a value, in whole steps: at baseline, or near an earlier one and beyond no limit that this kept."""
    middle, spread = (test.baseline / test.step, test.sd) if before is None else (before, test.sd / 3)
    count = int(np.rint(middle * exp(spread * dice.normal())))
    if before is None:
        return count
    for limit in test.limits:
        bound = ceil(limit / test.step - TINY) if test.falls else floor(limit / test.step + TINY)
        if (before >= bound) if test.falls else (before <= bound):
            return max(count, bound) if test.falls else min(count, bound)
    return count


def _at_nadir(dice: Dice, test: LaboratoryTest, before: int | None, grade: int | None) -> int:
    """Draw a value within the limits of the grade of its event, unless the one before was worse already."""
    if not grade:
        return _near(dice, test, before)
    near, far = test.limits[grade - 1] / test.step, test.limits[grade] / test.step
    if test.falls:
        first, last = ceil(far - TINY), ceil(near - TINY) - 1
        return dice.whole(first, last) if before is None or before >= first else before
    first, last = floor(near + TINY) + 1, floor(far + TINY)
    return dice.whole(first, last) if before is None or before <= last else before


def _against_range(test: LaboratoryTest, step: Fraction, count: int, base: int) -> Row:
    value, before = float(count * step), float(base * step)
    inside = ["LOW" if each < test.A1LO else "HIGH" if each > test.A1HI else "NORMAL" for each in (value, before)]
    return {
        "AVAL": value, "BASE": before, "CHG": float((count - base) * step), "A1LO": test.A1LO, "A1HI": test.A1HI,
        "ANRIND": inside[0], "BNRIND": inside[1],
    }  # fmt: skip


def _row(visit: Sample, code: str, name: str) -> Row:
    return {
        "USUBJID": visit.subject.USUBJID, "PARAMCD": code, "PARAM": name, "AVISIT": visit.AVISIT,
        "AVISITN": float(visit.AVISITN), "ADT": date_of(visit.day), "ADY": visit.ADY,
        "ABLFL": "Y" if visit.AVISITN == 1 else None,
    }  # fmt: skip
