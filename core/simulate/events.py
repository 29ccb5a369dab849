"""Adverse events of a subject: how bad each term becomes, in which cycle, and what is known of it in the end."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from core.simulate.dice import Dice, quantile
from core.simulate.recipe import MOST_GRADE, Event, Recipe
from core.simulate.subjects import Subject

UNCHANGED, REDUCED, INTERRUPTED = "DOSE NOT CHANGED", "DOSE REDUCED", "DRUG INTERRUPTED"
WITHDRAWN, NONE_POSSIBLE = "DRUG WITHDRAWN", "NOT APPLICABLE"

ByCycle = dict[int, list[tuple[Event, int]]]
"""The events of each cycle with their grades."""


@dataclass(frozen=True)
class Happening:
    """One adverse event: days of start and end, and the action taken with treatment, to be seen from the day `acted` on."""

    event: Event
    grade: int
    start: int
    end: int | None
    action: str = UNCHANGED
    acted: int = 0


def worst_grades(dice: Dice, recipe: Recipe, subject: Subject) -> dict[str, int]:
    """Draw the worst grade of each term that a subject has; one of them is fatal at most.

    The frail have more terms and higher grades, but the percentages of all subjects stay those of the recipe.
    """
    grades: dict[str, int] = {}
    dead = False
    for event in recipe.events:
        u = dice.tied(-subject.frailty, recipe.frailty) * 100
        grade = len(event.percent) - bisect_right(list(accumulate(reversed(event.percent))), u)
        if grade == MOST_GRADE and dead:
            grade = max((each for each in event.grades if each < MOST_GRADE), default=0)
        dead = dead or grade == MOST_GRADE
        if event.companion and grade:
            grades[event.companion] = max(grades.get(event.companion, 0), min(grade, 4))
        grades[event.term] = max(grade, grades.get(event.term, 0))
    return {term: grade for term, grade in grades.items() if grade}


def by_cycle(dice: Dice, recipe: Recipe, grades: dict[str, int], cycles: int, culprit: Event | None) -> ByCycle:
    """Draw the cycle in which each term is at its worst, and those in which it comes again, no worse.

    Parameters
    ----------
    dice : Dice
        The stream to draw from.
    recipe : Recipe
        Its events, and the weights of the cycles for each kind of onset.
    grades : dict of int
        The worst grade of each term that the subject has.
    cycles : int
        How many the subject receives.
    culprit : Event, optional
        The event that ends treatment: it is at its worst in the last cycle, together with its companion.
    """
    last = {culprit.term, culprit.companion} if culprit else set()
    worst: dict[str, int] = {}
    hits: ByCycle = {cycle: [] for cycle in range(1, cycles + 1)}
    for event in recipe.events:
        if event.term not in grades:
            continue
        grade = grades[event.term]
        onset = 1 + quantile(dice.uniform(), recipe.adverse_events.onset[event.onset][:cycles])
        worst[event.term] = cycles if event.term in last else worst.get(event.companion, onset)
        for cycle, todays in hits.items():
            if cycle == worst[event.term]:
                todays.append((event, grade))
            elif dice.chance(event.recurs_percent):
                todays.append((event, dice.pick([g for g in event.grades if g <= min(grade, 4)] or [grade])))
    return hits


def before_treatment(dice: Dice, recipe: Recipe, subject: Subject) -> Happening:
    """Draw an event between consent and the first dose."""
    term = dice.pick(recipe.adverse_events.before)
    event = next(each for each in recipe.events if each.term == term)
    start = dice.whole(subject.consent, subject.due - 2)
    return Happening(event, event.grades[0], start, start + dice.whole(2, 30), NONE_POSSIBLE)


def after_treatment(dice: Dice, recipe: Recipe, grades: dict[str, int], stopped: int) -> list[Happening]:
    """Draw what comes again, mildly, in the weeks after the day treatment stopped: one event, or none."""
    measured = {test.event for test in recipe.laboratory}
    able = [e for e in recipe.events if e.term in grades and e.grades[0] <= 2 and e.term not in measured]
    if not able or not dice.chance(recipe.adverse_events.after_treatment_percent):
        return []
    event, start = dice.pick(able), stopped + dice.whole(3, 60)
    return [Happening(event, event.grades[0], start, start + dice.whole(2, 40))]


def in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """Sort by onset; a term ends before it comes again.

    Examples
    --------
    >>> cough = Event(
    ...     term="Cough", soc="", percent=(9,), reported=("Cough",), related_percent=0, onset="early", days=4
    ... )
    >>> [(each.start, each.end) for each in in_order([Happening(cough, 1, 15, 20), Happening(cough, 1, 10, 18)])]
    [(10, 14), (15, 20)]
    """
    shown = sorted(happenings, key=lambda each: (each.event.term, each.start))
    for i, (one, following) in enumerate(pairwise(shown)):
        if one.event == following.event and one.end is not None and one.end >= following.start:
            shown[i] = replace(one, end=max(one.start, following.start - 1))
    return sorted(shown, key=lambda each: (each.start, each.event.term))


def as_seen(happening: Happening, seen: int) -> Happening:
    """Return the event as it stands on the last day seen: an end and an action of later days are not known."""
    ended = happening.end is not None and happening.end <= seen
    action = happening.action if happening.acted <= seen else UNCHANGED
    return replace(happening, end=happening.end if ended else None, action=action)
