"""What happens to a subject: dose after dose, why treatment and study end, and when marrow is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

from core.simulate.dice import Dice, quantile
from core.simulate.events import (
    INTERRUPTED,
    NONE_POSSIBLE,
    REDUCED,
    WITHDRAWN,
    ByCycle,
    Happening,
    after_treatment,
    as_seen,
    before_treatment,
    by_cycle,
    in_order,
    worst_grades,
)
from core.simulate.recipe import ADVERSE_EVENT, DEATH, LOST, MOST_GRADE, WITHDRAWAL, Event, Recipe, Specimens
from core.simulate.subjects import Subject


@dataclass(frozen=True)
class Dose:
    """One dose, and the day on which counts are lowest after it."""

    cycle: int
    day: int
    amount: float
    nadir: int


@dataclass(frozen=True)
class Course:
    """What became of a subject by the last day seen; days that are not known by then are None.

    `marrow` is the day planned for the sample of follow-up; `reason` says why treatment `stopped`, `why` that the
    subject `left` the study before all of follow-up was done, and `cause` of what the subject died.
    """

    seen: int
    doses: tuple[Dose, ...] = ()
    happenings: tuple[Happening, ...] = ()
    marrow: int | None = None
    stopped: int | None = None
    reason: str = ""
    left: int | None = None
    why: str = ""
    cause: str = ""

    @property
    def start(self) -> int | None:
        """The day of the first dose."""
        return self.doses[0].day if self.doses else None

    def study_day(self, day: int) -> int | None:
        """Return the day counted from the first dose, which is day 1; there is no day 0, and none without a dose.

        Examples
        --------
        >>> course = Course(seen=30, doses=(Dose(cycle=1, day=10, amount=25, nadir=18),))
        >>> course.study_day(9), course.study_day(10), Course(seen=30).study_day(10)
        (-1, 1, None)
        """
        return None if self.start is None else day - self.start + (day >= self.start)


def course_of(dice: Dice, recipe: Recipe, subject: Subject, cut: int) -> Course:
    """Draw all that happens to a subject, and forget what lies after the last day seen.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        Treatment, adverse events, specimens and follow-up.
    subject : Subject
        Who was registered.
    cut : int
        The day of the data cut; the last contact is on it or a few days before.
    """
    contact = max(cut - dice.whole(0, recipe.follow_up.contact_days), subject.enrolled)
    if dice.chance(recipe.treatment.never_percent):
        leaves = subject.due + dice.whole(0, 9)
        course = Course(leaves, left=leaves, why=WITHDRAWAL, happenings=(before_treatment(dice, recipe, subject),))
    else:
        course = _treated(dice, recipe, subject)
    return known(course, cut, contact)


def known(course: Course, cut: int, contact: int) -> Course:
    """Forget what lies after the last day seen by a data cut: the day the subject left, else that of the last contact.

    Parameters
    ----------
    course : Course
        All that happens, or what is known of it by a later cut.
    cut, contact : int
        The days of the data cut and of the last contact before it.

    Examples
    --------
    >>> whole = Course(seen=90, doses=(Dose(1, 10, 25, 18), Dose(2, 31, 25, 39)), stopped=60, reason="Death", left=60)
    >>> half = known(whole, cut=45, contact=40)
    >>> half.seen, len(half.doses), half.stopped, half.left
    (40, 2, None, None)
    >>> known(half, cut=30, contact=25) == known(whole, cut=30, contact=25)
    True
    """
    left = None if course.left is None or course.left > cut else course.left
    seen = contact if left is None else left
    ended = course.stopped is not None and course.stopped <= seen
    return replace(
        course,
        seen=seen,
        doses=tuple(dose for dose in course.doses if dose.day <= seen),
        happenings=tuple(as_seen(each, seen) for each in in_order(course.happenings) if each.start <= seen),
        stopped=course.stopped if ended else None,
        reason=course.reason if ended else "",
        left=left,
        why="" if left is None else course.why,
        cause="" if left is None else course.cause,
    )


def _treated(dice: Dice, recipe: Recipe, subject: Subject) -> Course:
    """Draw treatment from the first dose to the end of study, as if there were no data cut."""
    grades = worst_grades(dice, recipe, subject)
    cycles, reason, culprit = _end(dice, recipe, subject, grades)
    doses, happenings = _cycles(dice, recipe, subject, by_cycle(dice, recipe, grades, cycles, culprit), cycles, culprit)
    fatal = any(each.grade == MOST_GRADE for each in happenings)
    stopped = _stopped(dice, doses[-1], happenings, reason)
    happenings += [before_treatment(dice, recipe, subject)] if dice.chance(recipe.adverse_events.before_percent) else []
    happenings += after_treatment(dice, recipe, grades, stopped)
    marrow = _marrow(dice, recipe.specimens, doses, stopped)
    left, why = _leaving(dice, recipe, stopped, reason)
    marrow = marrow if marrow is not None and marrow < left else None
    cause = (ADVERSE_EVENT if fatal else recipe.follow_up.cause_of_death) if why == DEATH else ""
    shown = tuple(replace(each, action=NONE_POSSIBLE) if each.start > stopped else each for each in happenings)
    return Course(left, tuple(doses), shown, marrow, stopped, reason, left, why, cause)


def _end(dice: Dice, recipe: Recipe, subject: Subject, grades: dict[str, int]) -> tuple[int, str, Event | None]:
    """Draw how many cycles a subject receives in the end, why no more, and the event that was the reason."""
    weights = recipe.treatment.cycles_weights
    cycles = 1 + quantile(dice.tied(-subject.frailty, recipe.frailty), weights)
    reason = "" if cycles == len(weights) else dice.of(recipe.treatment.reasons)
    fatal = [event for event in recipe.events if grades.get(event.term) == MOST_GRADE]
    if fatal:
        onset = recipe.adverse_events.onset[fatal[0].onset]
        return 1 + quantile(dice.uniform(), onset[:cycles]), DEATH, fatal[0]
    if reason != ADVERSE_EVENT:
        return cycles, reason, None
    able = [event for event in recipe.events if grades.get(event.term, 0) >= 2 and event.reduces_percent]
    if not able:
        return cycles, next(iter(recipe.treatment.reasons)), None
    return cycles, reason, dice.pick(able, [event.reduces_percent for event in able])


def _cycles(
    dice: Dice, recipe: Recipe, subject: Subject, hits: ByCycle, cycles: int, culprit: Event | None
) -> tuple[list[Dose], list[Happening]]:
    """Give dose after dose: a severe event can lower the next dose or put it off."""
    treatment, measured = recipe.treatment, {test.event for test in recipe.laboratory}
    day, level = subject.due, 0
    doses: list[Dose] = []
    happenings: list[Happening] = []
    for cycle in range(1, cycles + 1):
        dose = Dose(cycle, day, treatment.doses[level], day + dice.whole(7, 11))
        doses.append(dose)
        todays = [_placed(dice, dose, event, grade, event.term in measured) for event, grade in hits[cycle]]
        severe = [i for i, each in enumerate(todays) if each.grade >= 3]
        lowers = next((i for i in severe if dice.chance(todays[i].event.reduces_percent)), None)
        holds = next((i for i in severe if dice.chance(treatment.held_percent / len(severe))), None)
        wait = 7 * dice.whole(1, 2) if holds is not None or dice.chance(treatment.delayed_percent) else 0
        day += treatment.cycle_days + dice.whole(-1, 2) + wait
        if cycle < cycles:
            if holds is not None:
                todays[holds] = replace(todays[holds], action=INTERRUPTED, acted=dose.day + treatment.cycle_days)
            if lowers is not None and level + 1 < len(treatment.doses):
                level += 1
                todays[lowers] = replace(todays[lowers], action=REDUCED, acted=day)
        elif culprit:
            at = next(i for i, each in enumerate(todays) if each.event == culprit)
            action = NONE_POSSIBLE if todays[at].grade == MOST_GRADE else WITHDRAWN
            todays[at] = replace(todays[at], action=action, acted=todays[at].start + dice.whole(2, 10))
        happenings += todays
    return doses, happenings


def _placed(dice: Dice, dose: Dose, event: Event, grade: int, at_nadir: bool) -> Happening:
    """Draw when an event of a cycle starts and ends."""
    start = dose.nadir if at_nadir or event.companion else dose.day + dice.whole(1, 18)
    lasts = dice.whole(2, 12) if grade == MOST_GRADE else 1 + int(event.days * exp(0.6 * dice.normal()))
    return Happening(event, grade, start, start + lasts)


def _stopped(dice: Dice, last: Dose, happenings: Sequence[Happening], reason: str) -> int:
    """Return the day treatment stops: with the event that kills or ends it, else some time after the last dose."""
    fatal = next((each for each in happenings if each.grade == MOST_GRADE), None)
    withdrawn = next((each for each in happenings if each.action == WITHDRAWN), None)
    if fatal:
        return fatal.end or fatal.start
    if withdrawn:
        return withdrawn.acted
    return last.day + (dice.whole(19, 30) if reason != DEATH else dice.whole(12, 28))


def _marrow(dice: Dice, plan: Specimens, doses: Sequence[Dose], stopped: int) -> int | None:
    """Draw the day of marrow at follow-up: near the dose of its cycle, or after treatment that ended one cycle short."""
    if len(doses) >= plan.cycle:
        return max(doses[plan.cycle - 1].day + dice.whole(-9, 8), doses[plan.cycle - 2].nadir + 1)
    if len(doses) == plan.cycle - 1 and dice.chance(plan.after_treatment_percent):
        return max(stopped, doses[-1].nadir) + dice.whole(1, 6)
    return None


def _leaving(dice: Dice, recipe: Recipe, stopped: int, reason: str) -> tuple[int, str]:
    """Draw the day a subject leaves the study and why; nothing when all of follow-up is done."""
    follow_up = recipe.follow_up
    if reason == DEATH:
        return stopped, DEATH
    left, why = stopped + follow_up.days, ""
    if reason == WITHDRAWAL and dice.chance(60):
        left, why = stopped + dice.whole(0, 6), WITHDRAWAL
    elif dice.chance(follow_up.lost_percent):
        left, why = stopped + dice.whole(20, follow_up.days - 1), LOST
    death = stopped + 4 + int(-log(dice.uniform()) * follow_up.mean_days_to_death)
    return (death, DEATH) if death <= left else (left, why)
