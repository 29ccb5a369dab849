"""A study drawn from a seed: the same recipe and seed give the same files, byte for byte.

How often and how much stands in ``simulation.toml`` of a study folder; what is planned, and how markers are called, in
its ``study.toml``. A subject's latent frailty ties adverse events to cycles received; a marker's change is known
exactly and written to ``truth.csv``, so that what the application estimates can be held against it.
"""

import csv
import io
import json
import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil, exp, floor, log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Annotated, Any, Literal, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator
from scipy.special import ndtri

from core.errors import OptionError, RequestError, StudyError
from core.study import Parameter, Part, Source, Study, _sentence, load

RECIPE = "simulation.toml"
DEATH, ADVERSE_EVENT, WITHDRAWAL, LOST = "Death", "Adverse event", "Withdrawal by subject", "Lost to follow-up"
SERUM = "serum"
MOST_ROWS_OF_CSV = 200_000
MOST_GRADE = 5
TINY = 1e-6
UNCHANGED, REDUCED, INTERRUPTED = "DOSE NOT CHANGED", "DOSE REDUCED", "DRUG INTERRUPTED"
WITHDRAWN, NONE_POSSIBLE = "DRUG WITHDRAWN", "NOT APPLICABLE"
EPOCH = date(1970, 1, 1).toordinal()

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Row = dict[str, Any]
Percent = Annotated[float, Field(ge=0, le=100)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
Weights = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)]
Method = Literal["BIOPSY", "ASPIRATE"]
METHODS: tuple[Method, ...] = ("BIOPSY", "ASPIRATE")
Shares = Annotated[dict[str, Positive], Field(min_length=1)]
T = TypeVar("T")


class Site(Part):
    """A centre: when it opens, how much it registers, and how many of its samples can be evaluated."""

    SITEID: str
    weight: Positive
    opened: date
    evaluable_percent: tuple[Percent, Percent]
    below: str = ""


class Age(Part):
    """Age in years, and where its groups begin."""

    mean: float
    sd: Positive
    least: int
    most: int
    groups: tuple[int, ...] = ()


class Characteristic(Part):
    """A variable of ADSL that is drawn for itself."""

    variable: str
    values: tuple[str, ...]
    weights: Weights

    @model_validator(mode="after")
    def _weight_for_each(self) -> "Characteristic":
        _same_length("values and weights", self.values, self.weights)
        return self


class Performance(Part):
    """Performance status 0, 1, ... at baseline, and how it moves from visit to visit."""

    PARAMCD: str
    PARAM: str
    weights: Weights
    most: int
    worsens_percent: Percent
    improves_percent: Percent
    variable: str
    group_variable: str
    groups: tuple[str, ...]

    @model_validator(mode="after")
    def _group_for_each(self) -> "Performance":
        _same_length("weights and groups", self.weights, self.groups)
        return self


class Treatment(Part):
    """Doses, cycles, and why treatment ends before the last cycle."""

    name: str
    label: str
    doses: Annotated[tuple[float, ...], Field(min_length=1)]
    unit: str
    cycle_days: Annotated[int, Field(ge=14)]
    cycles_weights: Weights
    never_percent: Percent
    delayed_percent: Percent
    held_percent: Percent
    reasons: Shares


class FollowUp(Part):
    """What happens after treatment, and how recent the last contact is at the data cut."""

    days: Count
    mean_days_to_death: Positive
    lost_percent: Percent
    contact_days: Count
    cause_of_death: str


class Specimens(Part):
    """Marrow samples: what is planned at both timepoints and why it fails."""

    cycle: Annotated[int, Field(ge=3)]
    refused_percent: Percent
    after_treatment_percent: Percent
    aspirate_percent: Percent
    evaluable_percent: dict[Method, Percent]
    repeated_percent: Percent
    pending_days: int
    refused: str
    off_study: str
    reasons: dict[Method, Shares]


class Assay(Part):
    """What measuring adds to a marker: batches, gaps, outliers, and noise between visits."""

    shared_percent: Percent
    subjects_per_batch: Count
    batch_effect: float
    next_batch_percent: Percent
    missing_percent: Percent
    outlier_percent: Percent
    wobble: float


class Discovery(Part):
    """Markers beyond those of the recipe."""

    role: str
    specimen: str
    unit: str
    changed_percent: Percent
    d_z: float
    missing_percent: Percent
    baselines: tuple[Positive, Positive]
    sd: Positive
    correlation: float
    step: Positive


class AdverseEvents(Part):
    """What all adverse events share; the terms themselves are `Event`."""

    serious_percent: tuple[Percent, Percent, Percent, Percent, Percent]
    partial_percent: Percent
    undated_percent: Percent
    ungraded_percent: Percent
    relation_missing_percent: Percent
    before_percent: Percent
    before: tuple[str, ...]
    after_treatment_percent: Percent
    related: Shares
    not_related: Shares
    onset: dict[str, Weights]


class Event(Part):
    """A term: percent of subjects whose worst grade is 1, 2, ..., when it happens and what follows from it.

    An event with a `companion` happens while that is at its worst, such as fever while neutrophils are low.
    """

    term: str
    soc: str
    percent: Annotated[tuple[Percent, ...], Field(min_length=1, max_length=MOST_GRADE)]
    reported: Annotated[tuple[str, ...], Field(min_length=1)]
    related_percent: Percent
    onset: str
    recurs_percent: Percent = 0
    days: Positive
    serious_percent: Percent | None = None
    companion: str = ""
    reduces_percent: Percent = 10

    @property
    def grades(self) -> tuple[int, ...]:
        """The grades that the term can have."""
        return tuple(grade for grade, percent in enumerate(self.percent, 1) if percent)


class Marker(Part):
    """Level, spread and change of one PARAMCD, on the scale that study.toml gives it."""

    PARAMCD: str
    baseline: float
    sd: Positive
    d_z: float = 0
    correlation: Annotated[float, Field(gt=-1, lt=1)] = 0.5
    step: Positive
    skew: Annotated[float, Field(ge=0, le=1.5)] = 0
    least: float = 0
    most: float | None = None
    visits: Literal["paired", "cycles"] = "paired"
    drift: float = 0
    limits: tuple[Positive, ...] = ()
    missing_percent: Percent | None = None
    shares: str = ""

    @property
    def sd_change(self) -> float:
        """The standard deviation of the change within subjects."""
        return self.sd * sqrt(2 * (1 - self.correlation))


class LaboratoryTest(Part):
    """A laboratory value, and the event whose grades its limits define; `marker` lends it its values at visits."""

    PARAMCD: str
    PARAM: str
    A1LO: float
    A1HI: float
    baseline: Positive
    sd: Positive
    step: Positive
    event: str
    limits: tuple[float, float, float, float, float]
    marker: str = ""

    @property
    def falls(self) -> bool:
        """Whether low values are the bad ones."""
        return self.limits[0] > self.limits[-1]


class Recipe(Part):
    """All of ``simulation.toml``."""

    seed: Annotated[int, Field(ge=0)]
    subjects: Count
    prefix: str
    frailty: Annotated[float, Field(ge=0, lt=1)]
    sites: Annotated[tuple[Site, ...], Field(min_length=1)]
    age: Age
    performance: Performance
    characteristics: tuple[Characteristic, ...] = ()
    treatment: Treatment
    follow_up: FollowUp
    specimens: Specimens
    assay: Assay
    baseline_variables: dict[str, str] = Field(default_factory=dict)
    discovery: Discovery
    adverse_events: AdverseEvents
    events: tuple[Event, ...]
    laboratory: tuple[LaboratoryTest, ...]
    markers: tuple[Marker, ...]

    @model_validator(mode="after")
    def _names_known(self) -> "Recipe":
        terms = {event.term for event in self.events}
        codes = {marker.PARAMCD for marker in self.markers}
        for what, names, known in (
            ("adverse_events.before", self.adverse_events.before, terms),
            ("companion", [e.companion for e in self.events if e.companion], terms),
            ("onset", [e.onset for e in self.events], set(self.adverse_events.onset)),
            ("laboratory event", [test.event for test in self.laboratory], terms),
            ("baseline_variables", self.baseline_variables.values(), codes),
            ("laboratory marker", [test.marker for test in self.laboratory if test.marker], codes),
        ):
            if unknown := sorted(set(names) - known):
                raise ValueError(f"{what} names {', '.join(unknown)}, which the recipe does not describe")
        for name, weights in self.adverse_events.onset.items():
            _same_length(f"onset.{name} and cycles_weights", weights, self.treatment.cycles_weights)
        return self


def read(folder: Path | str) -> tuple[Source, Recipe]:
    """Read a study folder and its recipe.

    Raises
    ------
    StudyError
        The folder has no recipe, or the recipe is wrong: one sentence with the key and what was found.

    Examples
    --------
    >>> read("data/cdiscpilot01")
    Traceback (most recent call last):
    core.errors.StudyError: data/cdiscpilot01 has no simulation.toml; only a study that has one can be drawn.
    """
    source = load(folder)
    path = source.folder / RECIPE
    if not path.is_file():
        raise StudyError(f"{folder} has no {RECIPE}; only a study that has one can be drawn.")
    try:
        recipe = Recipe.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError:
        raise StudyError(f"{path} is not UTF-8 text; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise StudyError(f"{path}: {_sentence(error)}") from None
    _check_against(source.study, recipe, path)
    return source, recipe


def _check_against(study: Study, recipe: Recipe, path: Path) -> None:
    known, described = [p.PARAMCD for p in study.parameters], [m.PARAMCD for m in recipe.markers]
    if known != described:
        odd = sorted(set(known) ^ set(described)) or ["their order"]
        raise StudyError(f"{path}: its markers and the parameters of study.toml differ: {', '.join(odd)}.")
    if study.timepoints.follow_up is None:
        raise StudyError(f"{path.parent / 'study.toml'}: timepoints.follow_up is missing; a drawn study needs it.")


def _same_length(what: str, first: Sequence[object], second: Sequence[object]) -> None:
    if len(first) != len(second):
        raise ValueError(f"{what} must be equally many, not {len(first)} and {len(second)}")


class Dice:
    """Draws for one part of a study, each from an integer of 52 bits, so that no other part's draws move them.

    Examples
    --------
    >>> Dice(1, "age").whole(1, 6) == Dice(1, "age").whole(1, 6)
    True
    """

    def __init__(self, seed: int, part: str) -> None:
        self._generator = np.random.Generator(np.random.PCG64([seed, *part.encode()]))
        self._drawn: list[float] = []

    def uniforms(self, *shape: int) -> Floats:
        """Draw numbers between 0 and 1, neither of them included."""
        return np.asarray((self._generator.integers(0, 1 << 52, shape) + 0.5) / (1 << 52))

    def normals(self, *shape: int) -> Floats:
        """Draw standard normal numbers, as quantiles of uniform ones."""
        return np.asarray(ndtri(self.uniforms(*shape)))

    def uniform(self) -> float:
        """Draw one number between 0 and 1."""
        if not self._drawn:
            self._drawn = self.uniforms(256).tolist()
        return self._drawn.pop()

    def normal(self) -> float:
        """Draw one standard normal number."""
        return NormalDist().inv_cdf(self.uniform())

    def chance(self, percent: float) -> bool:
        """Draw yes with that percentage."""
        return self.uniform() * 100 < percent

    def whole(self, first: int, last: int) -> int:
        """Draw a whole number from `first` to `last`, both included."""
        return first + int(self.uniform() * (last - first + 1))

    def pick(self, values: Sequence[T], weights: Iterable[float] | None = None) -> T:
        """Draw one of `values`."""
        return values[_quantile(self.uniform(), weights if weights is not None else [1.0] * len(values))]

    def tied(self, other: float, correlation: float) -> float:
        """Draw a number between 0 and 1 that goes with a normal number drawn before."""
        return NormalDist().cdf(correlation * other + sqrt(1 - correlation**2) * self.normal())

    def of(self, shares: dict[str, float]) -> str:
        """Draw one of the keys, by the weights that are their values."""
        return self.pick(list(shares), shares.values())


def _quantile(u: float, weights: Iterable[float]) -> int:
    """Return the place of quantile `u` among the weights."""
    steps = list(accumulate(weights))
    return min(bisect_right(steps, u * steps[-1]), len(steps) - 1)


@dataclass(frozen=True)
class Subject:
    """Who is registered; days are counted from 1970-01-01."""

    USUBJID: str
    number: int
    site: Site
    consent: int
    enrolled: int
    due: int
    frailty: float
    age: int
    performance: int
    others: dict[str, str]


@dataclass(frozen=True)
class Dose:
    """One dose, and the day on which counts are lowest after it."""

    cycle: int
    day: int
    amount: float
    nadir: int


@dataclass(frozen=True)
class Happening:
    """One adverse event; `acted` is the day from which the action can be seen."""

    event: Event
    grade: int
    start: int
    end: int | None
    action: str = UNCHANGED
    acted: int = 0


@dataclass(frozen=True)
class Course:
    """What became of a subject by the last day seen; `marrow` is the day planned for the sample of follow-up."""

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
        """Return the day counted from the first dose, which is day 1; there is no day 0."""
        return None if self.start is None else day - self.start + (day >= self.start)


@dataclass(frozen=True)
class Sample:
    """One visit or specimen that is measured; `time` is 0 at baseline and 1 at follow-up."""

    subject: Subject
    ADY: int | None
    AVISIT: str
    AVISITN: float
    time: float
    day: int
    BEREFID: str | None = None
    again: bool = False


@dataclass(frozen=True)
class Measured:
    """One marker in the samples where it has a result; where `below`, the value is not known."""

    samples: Ints
    value: Floats
    below: Flags
    limit: Floats


@dataclass(frozen=True)
class Drawn:
    """A study as drawn: its markers, its datasets, and the truth behind the markers."""

    parameters: tuple[Parameter, ...]
    tables: dict[str, pa.Table]
    truth: pa.Table


def draw(source: Source, recipe: Recipe, subjects: int, markers: int, seed: int) -> Drawn:
    """Draw a study of that many registered subjects and markers.

    Parameters
    ----------
    source : Source
        The study folder, for what its study.toml plans.
    recipe : Recipe
        How often and how much.
    subjects, markers : int
        How many; markers beyond those of the recipe are generic, fewer are its first.
    seed : int
        Each part of the study has its own stream of this seed: more markers leave all else as it is.

    Examples
    --------
    >>> drawn = draw(*read(recipes(Path("data"))[0]), subjects=5, markers=2, seed=1)
    >>> drawn.tables["ADSL"].num_rows, len(set(drawn.tables["ADBM"]["PARAMCD"].to_pylist()))
    (5, 2)
    """
    study, cut = source.study, _day(source.study.data_cut)
    people = _people(Dice(seed, "subjects"), recipe, subjects, cut)
    dice = {name: Dice(seed, name) for name in ("courses", "specimens", "visits", "ADAE", "ADQS", "ADLB")}
    both = [(subject, _course(dice["courses"], recipe, subject, cut)) for subject in people]
    taken = [_specimens(dice["specimens"], recipe, study, *pair, cut) for pair in both]
    visits = [_visits(dice["visits"], recipe, study, *pair) for pair in both]
    panel = _Panel(seed, recipe.assay, [s for _, each in taken for s in each], [s for each in visits for s in each])
    described = _described(study, recipe, markers, seed)
    kept, spare = described[:markers], described[markers:]
    needed = {test.marker for test in recipe.laboratory} | set(recipe.baseline_variables.values())
    measured = [panel.measure(*pair) for pair in kept]
    levels = {
        marker.PARAMCD: panel.levels(panel.measure(marker, parameter))
        for marker, parameter in (*kept, *spare)
        if marker.PARAMCD in needed
    }
    tables = {
        "ADSL": [_adsl(recipe, study, *pair, levels) for pair in both],
        "ADAE": [row for pair in both for row in _adae(dice["ADAE"], recipe, *pair)],
        "ADBE": [row for rows, _ in taken for row in rows],
        "ADEX": [row for pair in both for row in _adex(recipe, *pair)],
        "ADLB": [row for pair, each in zip(both, visits, strict=True)
                 for row in _adlb(dice["ADLB"], recipe, *pair, each, levels)],
        "ADQS": [row for subject, each in zip(people, visits, strict=True)
                 for row in _adqs(dice["ADQS"], recipe, subject, each)],
    }  # fmt: skip
    whole = {name: _table(rows) for name, rows in tables.items() if rows} | {"ADBM": panel.records(kept, measured)}
    truth = _table([_truth(marker, parameter) for marker, parameter in kept])
    return Drawn(tuple(parameter for _, parameter in kept), whole, truth)


def _people(dice: Dice, recipe: Recipe, count: int, cut: int) -> list[Subject]:
    """Register subjects between the opening of their site and the data cut, numbered in that order."""
    sites = [dice.pick(recipe.sites, [site.weight for site in recipe.sites]) for _ in range(count)]
    days = [dice.whole(_day(site.opened), cut) for site in sites]
    width = max(3, len(str(count)))
    people = []
    for number, (day, site) in enumerate(sorted(zip(days, sites, strict=True), key=lambda pair: pair[0]), 1):
        frailty = dice.normal()
        people.append(
            Subject(
                USUBJID=f"{recipe.prefix}-{site.SITEID}-{number:0{width}}",
                number=number,
                site=site,
                consent=day - dice.whole(1, 12),
                enrolled=day,
                due=day + dice.whole(5, 18),
                frailty=frailty,
                age=min(max(int(recipe.age.mean + recipe.age.sd * dice.normal()), recipe.age.least), recipe.age.most),
                performance=_quantile(dice.tied(frailty, recipe.frailty), recipe.performance.weights),
                others={each.variable: dice.pick(each.values, each.weights) for each in recipe.characteristics},
            )
        )
    return people


def _course(dice: Dice, recipe: Recipe, subject: Subject, cut: int) -> Course:
    """Draw all that happens to a subject, and forget what lies after the last day seen."""
    contact = max(cut - dice.whole(0, recipe.follow_up.contact_days), subject.enrolled)
    if dice.chance(recipe.treatment.never_percent):
        leaves = subject.due + dice.whole(0, 9)
        course = Course(leaves, left=leaves, why=WITHDRAWAL, happenings=(_earlier(dice, recipe, subject),))
    else:
        course = _treated(dice, recipe, subject)
    left = None if course.left is None or course.left > cut else course.left
    seen = contact if left is None else left
    ended = course.stopped is not None and course.stopped <= seen
    return replace(
        course,
        seen=seen,
        doses=tuple(dose for dose in course.doses if dose.day <= seen),
        happenings=tuple(_known(each, seen) for each in _in_order(course.happenings) if each.start <= seen),
        stopped=course.stopped if ended else None,
        reason=course.reason if ended else "",
        left=left,
        why="" if left is None else course.why,
        cause="" if left is None else course.cause,
    )


def _treated(dice: Dice, recipe: Recipe, subject: Subject) -> Course:
    """Draw treatment from the first dose to the end of study, as if there were no data cut."""
    grades = _worst_grades(dice, recipe, subject)
    cycles, reason, culprit = _end(dice, recipe, subject, grades)
    doses, happenings = _cycles(dice, recipe, subject, _hits(dice, recipe, grades, cycles, culprit), cycles, culprit)
    last, fatal = doses[-1], next((each for each in happenings if each.grade == MOST_GRADE), None)
    withdrawn = next((each for each in happenings if each.action == WITHDRAWN), None)
    if fatal:
        stopped = fatal.end or fatal.start
    elif withdrawn:
        stopped = withdrawn.acted
    else:
        stopped = last.day + (dice.whole(19, 30) if reason != DEATH else dice.whole(12, 28))
    happenings += [_earlier(dice, recipe, subject)] if dice.chance(recipe.adverse_events.before_percent) else []
    happenings += _afterwards(dice, recipe, grades, stopped)
    planned = recipe.specimens.cycle
    marrow = None
    if cycles >= planned:
        marrow = max(doses[planned - 1].day + dice.whole(-9, 8), doses[planned - 2].nadir + 1)
    elif cycles == planned - 1 and dice.chance(recipe.specimens.after_treatment_percent):
        marrow = max(stopped, last.nadir) + dice.whole(1, 6)
    left, why = _leaving(dice, recipe, stopped, reason)
    marrow = marrow if marrow is not None and marrow < left else None
    cause = (ADVERSE_EVENT if fatal else recipe.follow_up.cause_of_death) if why == DEATH else ""
    shown = tuple(replace(each, action=NONE_POSSIBLE) if each.start > stopped else each for each in happenings)
    return Course(left, tuple(doses), shown, marrow, stopped, reason, left, why, cause)


def _worst_grades(dice: Dice, recipe: Recipe, subject: Subject) -> dict[str, int]:
    """Draw each term's worst grade; the frail have more terms and higher grades, but the percentages stay those of the recipe."""
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


def _end(dice: Dice, recipe: Recipe, subject: Subject, grades: dict[str, int]) -> tuple[int, str, Event | None]:
    """Draw how many cycles a subject receives in the end, why no more, and the event that was the reason."""
    weights = recipe.treatment.cycles_weights
    cycles = 1 + _quantile(dice.tied(-subject.frailty, recipe.frailty), weights)
    reason = "" if cycles == len(weights) else dice.of(recipe.treatment.reasons)
    fatal = [event for event in recipe.events if grades.get(event.term) == MOST_GRADE]
    if fatal:
        onset = recipe.adverse_events.onset[fatal[0].onset]
        return 1 + _quantile(dice.uniform(), onset[:cycles]), DEATH, fatal[0]
    if reason != ADVERSE_EVENT:
        return cycles, reason, None
    able = [event for event in recipe.events if grades.get(event.term, 0) >= 2 and event.reduces_percent]
    if not able:
        return cycles, next(iter(recipe.treatment.reasons)), None
    return cycles, reason, dice.pick(able, [event.reduces_percent for event in able])


def _hits(
    dice: Dice, recipe: Recipe, grades: dict[str, int], cycles: int, culprit: Event | None
) -> dict[int, list[tuple[Event, int]]]:
    """Draw the cycle in which each term is at its worst, and those in which it comes again, no worse."""
    last = {culprit.term, culprit.companion} if culprit else set()
    worst: dict[str, int] = {}
    hits: dict[int, list[tuple[Event, int]]] = {cycle: [] for cycle in range(1, cycles + 1)}
    for event in recipe.events:
        if event.term not in grades:
            continue
        grade = grades[event.term]
        onset = 1 + _quantile(dice.uniform(), recipe.adverse_events.onset[event.onset][:cycles])
        worst[event.term] = cycles if event.term in last else worst.get(event.companion, onset)
        for cycle, todays in hits.items():
            if cycle == worst[event.term]:
                todays.append((event, grade))
            elif dice.chance(event.recurs_percent):
                todays.append((event, dice.pick([g for g in event.grades if g <= min(grade, 4)] or [grade])))
    return hits


def _cycles(
    dice: Dice,
    recipe: Recipe,
    subject: Subject,
    hits: dict[int, list[tuple[Event, int]]],
    cycles: int,
    culprit: Event | None,
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
    start = dose.nadir if at_nadir or event.companion else dose.day + dice.whole(1, 18)
    lasts = dice.whole(2, 12) if grade == MOST_GRADE else 1 + int(event.days * exp(0.6 * dice.normal()))
    return Happening(event, grade, start, start + lasts)


def _earlier(dice: Dice, recipe: Recipe, subject: Subject) -> Happening:
    """Draw an event between consent and the first dose."""
    term = dice.pick(recipe.adverse_events.before)
    event = next(each for each in recipe.events if each.term == term)
    start = dice.whole(subject.consent, subject.due - 2)
    return Happening(event, event.grades[0], start, start + dice.whole(2, 30), NONE_POSSIBLE)


def _afterwards(dice: Dice, recipe: Recipe, grades: dict[str, int], stopped: int) -> list[Happening]:
    """Draw what comes again, mildly, in the weeks after treatment."""
    measured = {test.event for test in recipe.laboratory}
    able = [e for e in recipe.events if e.term in grades and e.grades[0] <= 2 and e.term not in measured]
    if not able or not dice.chance(recipe.adverse_events.after_treatment_percent):
        return []
    event, start = dice.pick(able), stopped + dice.whole(3, 60)
    return [Happening(event, event.grades[0], start, start + dice.whole(2, 40))]


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


def _in_order(happenings: Iterable[Happening]) -> list[Happening]:
    """Sort by onset; a term ends before it comes again."""
    shown = sorted(happenings, key=lambda each: (each.event.term, each.start))
    for i, (one, following) in enumerate(pairwise(shown)):
        if one.event == following.event and one.end is not None and one.end >= following.start:
            shown[i] = replace(one, end=max(one.start, following.start - 1))
    return sorted(shown, key=lambda each: (each.start, each.event.term))


def _known(happening: Happening, seen: int) -> Happening:
    """Return the event as it stands on the last day seen."""
    ended = happening.end is not None and happening.end <= seen
    action = happening.action if happening.acted <= seen else UNCHANGED
    return replace(happening, end=happening.end if ended else None, action=action)


def _visits(dice: Dice, recipe: Recipe, study: Study, subject: Subject, course: Course) -> list[Sample]:
    """Return the visits at which blood is drawn: at every dose, and at follow-up after treatment has ended."""
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


def _specimens(
    dice: Dice, recipe: Recipe, study: Study, subject: Subject, course: Course, cut: int
) -> tuple[list[Row], list[Sample]]:
    """Return the rows of ADBE, and which of the specimens are assayed: one a timepoint, or two when repeated."""
    plan, rows, samples = recipe.specimens, list[Row](), list[Sample]()
    places = ((study.timepoints.baseline, 1, "BL"), (str(study.timepoints.follow_up), plan.cycle, "FU"))
    for time, (visit, number, short) in enumerate(places):
        day, missed = _planned(dice, recipe, subject, course, time)
        taken: list[tuple[int | None, Method, str | None, str]] = [(None, METHODS[0], "N", missed)] if missed else []
        if day is not None:
            taken += _taken(dice, plan, subject, day, time, course.seen, pending=day > cut - plan.pending_days)
        used = False
        for i, (when, method, flag, why) in enumerate(taken, 1):
            name, study_day = f"{subject.USUBJID}-{short}-{i}", None if when is None else course.study_day(when)
            rows.append({
                "USUBJID": subject.USUBJID, "BEREFID": name, "AVISIT": visit, "AVISITN": number, "ADT": _date(when),
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


def _taken(
    dice: Dice, plan: Specimens, subject: Subject, day: int, time: int, seen: int, pending: bool
) -> list[tuple[int, Method, str | None, str]]:
    """Draw the specimens of one timepoint: day, method, evaluable or not (or not yet known), and why not."""
    evaluable = dice.chance(subject.site.evaluable_percent[time])
    methods = METHODS if dice.chance(plan.aspirate_percent) else METHODS[:1]
    good = [evaluable and dice.chance(plan.evaluable_percent[method]) for method in methods]
    good[0] = good[0] or (evaluable and not any(good))
    taken: list[tuple[int, Method, str | None, str]] = []
    for method, flag in zip(methods, good, strict=True):
        why = "" if flag or pending else dice.of(plan.reasons[method])
        taken.append((day, method, None if pending else "Y" if flag else "N", why))
    again = day + dice.whole(2, 6)
    if evaluable and time and not pending and again <= seen and dice.chance(plan.repeated_percent):
        taken.append((again, METHODS[-1], "Y", ""))
    return taken


class _Panel:
    """All markers in all samples: each marker has a stream of its own, and shares part of its level with others."""

    def __init__(self, seed: int, assay: Assay, marrow: list[Sample], serum: list[Sample]) -> None:
        self.seed, self.assay, self.samples = seed, assay, [*marrow, *serum]
        self.subject = np.array([sample.subject.number - 1 for sample in self.samples], dtype=np.int64)
        self.time = np.array([sample.time for sample in self.samples])
        self.noisy = np.array([sample.again or sample.time not in (0, 1) for sample in self.samples], dtype=bool)
        self.subjects = int(self.subject.max()) + 1 if self.samples else 1
        moved = Dice(seed, "batches").uniforms(self.subjects) * 100 < assay.next_batch_percent
        self.batch = self.subject // assay.subjects_per_batch + (moved[self.subject] & (self.time >= 1))
        place = np.arange(len(self.samples))
        drawn = place >= len(marrow)
        self.chosen = {"marrow": place[~drawn], "paired": place[drawn & ~self.noisy], "cycles": place[drawn]}
        self.shared: dict[str, Floats] = {}

    def measure(self, marker: Marker, parameter: Parameter) -> Measured:
        """Draw one marker: what is truly there, then what a laboratory makes of it."""
        dice, assay = Dice(self.seed, f"marker {marker.PARAMCD}"), self.assay
        chosen = self.chosen["marrow" if parameter.specimen != SERUM else marker.visits]
        one, other = self._latent(dice, marker, marker.shares or parameter.family)
        subject, time = self.subject[chosen], self.time[chosen]
        level = one[subject] + (other - one)[subject] * np.minimum(time, 1) + marker.drift * np.maximum(time - 1, 0)
        level += marker.sd * assay.wobble * np.where(self.noisy[chosen], dice.normals(len(chosen)), 0)
        shift = marker.sd * assay.batch_effect * dice.normals(int(self.batch.max(initial=0)) + 1)
        level += np.where(marker.visits == "paired", shift[self.batch[chosen]], 0)
        odd = dice.uniforms(len(chosen)) * 100 < assay.outlier_percent
        level += np.where(
            odd & (marker.visits == "paired"), 4 * marker.sd * np.where(dice.uniforms(len(chosen)) < 0.5, -1, 1), 0
        )
        logs = parameter.scale == "log2"
        least = marker.step if logs else marker.least
        true = np.exp2(level) if logs else level
        value = _recorded(np.clip(true, least, marker.most), marker.step)
        limits = np.array(marker.limits or (parameter.LLOQ or np.nan,))
        limit = limits[self.batch[chosen] % len(limits)]
        missing = assay.missing_percent if marker.missing_percent is None else marker.missing_percent
        kept = dice.uniforms(len(chosen)) * 100 >= missing
        return Measured(chosen[kept], value[kept], (true < limit)[kept], limit[kept])

    def _latent(self, dice: Dice, marker: Marker, shares: str) -> tuple[Floats, Floats]:
        """Every subject's true level at baseline and follow-up, with mean, spread and correlation as the recipe says."""
        if shares not in self.shared:
            self.shared[shares] = Dice(self.seed, f"shared {shares}").normals(self.subjects, 2)
        own = dice.normals(self.subjects, 2)
        part = self.assay.shared_percent / 100
        z = sqrt(part) * self.shared[shares] + sqrt(1 - part) * own
        r = _latent_correlation(marker)
        first, second = z[:, 0], r * z[:, 0] + sqrt(1 - r * r) * z[:, 1]
        middle = marker.baseline
        return (
            middle + marker.sd * _skewed(first, marker.skew),
            middle + marker.d_z * marker.sd_change + marker.sd * _skewed(second, marker.skew),
        )

    def levels(self, measured: Measured) -> dict[tuple[str, str], float]:
        """Return the values of one marker by subject and visit."""
        found = zip(measured.samples, measured.value, measured.below, strict=True)
        known = [(self.samples[i], float(value)) for i, value, below in found if not below]
        return {(sample.subject.USUBJID, sample.AVISIT): value for sample, value in known}

    def records(self, kept: list[tuple[Marker, Parameter]], measured: list[Measured]) -> pa.Table:
        """Return ADBM, in the order of subject, marker and visit."""
        joined = {
            name: np.concatenate([getattr(each, name) for each in measured])
            for name in ("samples", "value", "below", "limit")
        }
        marker = np.repeat(np.arange(len(kept)), [len(each.samples) for each in measured])
        day = np.array([sample.day for sample in self.samples])
        order = np.lexsort((day[joined["samples"]], marker, self.subject[joined["samples"]]))
        sample, value, below, limit = (column[order] for column in joined.values())
        place, subject = np.stack([self.subject[sample], marker[order], self.time[sample]]), self.subject[sample]
        again = np.concatenate([[False], (np.diff(place) == 0).all(axis=0)])[: len(sample)]
        assayed = np.array([each.visits == "paired" for each, _ in kept])[marker[order]]
        of_marker = pa.array(marker[order])
        number = pa.array(value, mask=below)
        return pa.table(
            {
                "USUBJID": self._column(sample, [each.subject.USUBJID for each in self.samples]),
                "PARAMCD": pa.array([each.PARAMCD for each, _ in kept]).take(of_marker),
                "PARAM": pa.array([f"{each.label} ({each.unit})" for _, each in kept]).take(of_marker),
                "AVISIT": self._column(sample, [each.AVISIT for each in self.samples]),
                "AVISITN": np.array([each.AVISITN for each in self.samples])[sample],
                "ADT": self._column(sample, [_date(each.day) for each in self.samples]),
                "ADY": self._column(sample, [each.ADY for each in self.samples]),
                "AVAL": number,
                "AVALC": pc.if_else(pa.array(below), self._too_low(sample, limit), number.cast(pa.string())),
                "LLOQ": pa.array(limit, mask=np.isnan(limit)),
                "BEREFID": self._column(sample, [each.BEREFID for each in self.samples]),
                "BATCH": pc.if_else(
                    pa.array(assayed), self._column(sample, [f"B{n + 1:02}" for n in self.batch]), None
                ),
                "ABLFL": pc.if_else(pa.array((self.time[sample] == 0) & ~again), "Y", None),
                "BMSEQ": np.arange(len(sample)) - np.searchsorted(subject, subject) + 1,
            }
        )

    def _column(self, sample: Ints, values: list[Any]) -> pa.Array:
        """Return what is known of each sample, for every record."""
        return pa.array(values).take(pa.array(sample))

    def _too_low(self, sample: Ints, limit: Floats) -> pa.Array:
        """Return how each site writes a value below the limit."""
        words = pa.array([each.subject.site.below or None for each in self.samples], pa.string())
        below = pc.binary_join_element_wise("<", pa.array(limit).cast(pa.string()), "")
        return pc.coalesce(words.take(pa.array(sample)), below)


def _skewed(z: Floats, skew: float) -> Floats:
    """Turn standard normal numbers into log-normal ones of mean 0 and standard deviation 1."""
    if not skew:
        return z
    spread = exp(skew**2)
    return np.asarray((np.exp(skew * z) - sqrt(spread)) / sqrt((spread - 1) * spread))


def _latent_correlation(marker: Marker) -> float:
    """Return the correlation of the normal numbers that gives the marker's own after `_skewed`."""
    if not marker.skew:
        return marker.correlation
    return log(1 + marker.correlation * (exp(marker.skew**2) - 1)) / marker.skew**2


def _recorded(value: Floats, step: float) -> Floats:
    """Return values as a laboratory writes them, in whole steps."""
    exact = Fraction(str(step))
    return np.asarray(np.rint(value / step) * exact.numerator / exact.denominator)


def _described(study: Study, recipe: Recipe, count: int, seed: int) -> list[tuple[Marker, Parameter]]:
    """Return the recipe's markers, their baseline on the scale they are analysed on, and as many generic ones as wanted."""
    own = []
    for marker, parameter in zip(recipe.markers, study.parameters, strict=True):
        logs = {"baseline": log(marker.baseline, 2)} if parameter.scale == "log2" else {}
        own.append((marker.model_copy(update=logs), parameter))
    return own + _generic(Dice(seed, "discovery"), recipe.discovery, max(count - len(own), 0))


def _generic(dice: Dice, plan: Discovery, count: int) -> list[tuple[Marker, Parameter]]:
    """Return markers M00001, ... of which a few change, up or down."""
    changed = dice.uniforms(count) * 100 < plan.changed_percent
    d_z = np.where(changed, np.where(dice.uniforms(count) < 0.5, -plan.d_z, plan.d_z), 0.0)
    first, last = np.log2(plan.baselines)
    markers = [
        Marker(
            PARAMCD=f"M{number:05}", baseline=baseline, sd=plan.sd, d_z=change, correlation=plan.correlation,
            step=plan.step, missing_percent=plan.missing_percent,
        )
        for number, (baseline, change) in enumerate(zip(first + (last - first) * dice.uniforms(count), d_z, strict=True), 1)
    ]  # fmt: skip
    return [
        (marker, Parameter(
            PARAMCD=marker.PARAMCD, label=f"Marker {number:05}", unit=plan.unit, role=plan.role, family=plan.role,
            specimen=plan.specimen, scale="log2",
        ))
        for number, marker in enumerate(markers, 1)
    ]  # fmt: skip


def _truth(marker: Marker, parameter: Parameter) -> Row:
    middle = marker.baseline + marker.sd * float(_skewed(np.zeros(1), marker.skew)[0])
    change = marker.d_z * marker.sd_change
    return {
        "PARAMCD": marker.PARAMCD,
        "scale": parameter.scale,
        "true_change": f"{change:.4f}",
        "sd_change": f"{marker.sd_change:.4f}",
        "d_z": f"{marker.d_z:.4f}",
        "changed": "Y" if change else "N",
        "correlation": f"{marker.correlation:.4f}",
        "median_baseline": f"{2**middle if parameter.scale == 'log2' else middle:.4f}",
    }


def _adsl(
    recipe: Recipe, study: Study, subject: Subject, course: Course, levels: dict[str, dict[tuple[str, str], float]]
) -> Row:
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
            variable: levels[code].get((subject.USUBJID, study.timepoints.baseline))
            for variable, code in recipe.baseline_variables.items()
        },
        "TRT01P": label,
        "TRT01A": label if treated else None,
        "RFICDT": _date(subject.consent),
        "ENRLDT": _date(subject.enrolled),
        "TRTSDT": _date(course.start),
        "TRTEDT": _date(course.doses[-1].day) if treated and ended else None,
        **_exposure(recipe.treatment, course, _day(study.data_cut)),
        "EOTSTT": status if treated else None,
        "DCTREAS": course.reason or None,
        "EOSSTT": "ONGOING" if course.left is None else "DISCONTINUED" if course.why else "COMPLETED",
        "DCSREAS": course.why or None,
        "EOSDT": _date(course.left),
        "DTHFL": "Y" if course.why == DEATH else "N",
        "DTHDT": _date(course.left) if course.why == DEATH else None,
        "DTHCAUS": course.cause or None,
        "LSTALVDT": _date(course.seen),
        "SAFFL": "Y" if treated else "N",
    }


def _age_groups(begins: Sequence[int]) -> list[str]:
    """Return the labels of groups that begin at these ages.

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
        "RDI": float(_recorded(np.array(share), 0.1)),
    }


def _adex(recipe: Recipe, subject: Subject, course: Course) -> list[Row]:
    return [
        {
            "USUBJID": subject.USUBJID, "EXSEQ": dose.cycle, "EXTRT": recipe.treatment.name, "EXDOSE": dose.amount,
            "EXDOSU": recipe.treatment.unit, "AVISIT": f"Cycle {dose.cycle}", "AVISITN": dose.cycle,
            "ASTDT": _date(dose.day), "AENDT": _date(dose.day), "ASTDY": course.study_day(dose.day),
        }
        for dose in course.doses
    ]  # fmt: skip


def _adae(dice: Dice, recipe: Recipe, subject: Subject, course: Course) -> list[Row]:
    return [
        {"USUBJID": subject.USUBJID, "AESEQ": number, **_event_row(dice, recipe.adverse_events, course, happening)}
        for number, happening in enumerate(course.happenings, 1)
    ]


def _event_row(dice: Dice, coding: AdverseEvents, course: Course, happening: Happening) -> Row:
    event, grade, fatal = happening.event, happening.grade, happening.grade == MOST_GRADE
    on_treatment = course.start is not None and happening.start >= course.start
    related = dice.of(coding.related if on_treatment and dice.chance(event.related_percent) else coding.not_related)
    percent = coding.serious_percent[grade - 1] if event.serious_percent is None else event.serious_percent
    open_end = "RECOVERING/RESOLVING" if dice.chance(25) and course.why != DEATH else "NOT RECOVERED/NOT RESOLVED"
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
        "AENDT": _date(happening.end),
    }


def _onset(dice: Dice, coding: AdverseEvents, course: Course, happening: Happening, vague: bool) -> Row:
    """Return the onset as collected and as analysed: of a few mild events only the month is known, or nothing."""
    day = _date(happening.start)
    u = dice.uniform() * 100
    if vague and day is not None and u < coding.undated_percent:
        return {"AESTDTC": None, "ASTDT": None, "ASTDTF": None}
    if vague and day is not None and u < coding.undated_percent + coding.partial_percent:
        first = _date(course.start)
        imputed = day.replace(day=1) if first is None else max(day.replace(day=1), first)
        return {"AESTDTC": f"{day:%Y-%m}", "ASTDT": imputed, "ASTDTF": "D"}
    return {"AESTDTC": str(day), "ASTDT": day, "ASTDTF": None}


def _adqs(dice: Dice, recipe: Recipe, subject: Subject, visits: list[Sample]) -> list[Row]:
    """Let performance status take a step up or down from visit to visit."""
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


def _adlb(
    dice: Dice, recipe: Recipe, subject: Subject, course: Course, visits: list[Sample],
    levels: dict[str, dict[tuple[str, str], float]],
) -> list[Row]:  # fmt: skip
    """Draw values that agree with the grades of the events they define: such an event is found at the nadir of its cycle."""
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
        "AVISITN": float(visit.AVISITN), "ADT": _date(visit.day), "ADY": visit.ADY,
        "ABLFL": "Y" if visit.AVISITN == 1 else None,
    }  # fmt: skip


def _table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows)


def _day(day: date) -> int:
    return day.toordinal() - EPOCH


def _date(day: int | None) -> date | None:
    return None if day is None else date.fromordinal(day + EPOCH)


def recipes(root: Path) -> list[Path]:
    """Return the study folders below `root` that have a recipe.

    Examples
    --------
    >>> len(recipes(Path("data")))
    1
    """
    return sorted(path.parent for path in root.glob(f"*/{RECIPE}"))


def simulate(
    folder: Path,
    subjects: int | None = None,
    markers: int | None = None,
    seed: int | None = None,
    to: Path | None = None,
) -> str:
    """Draw the study of a folder's recipe, write it, and return what was written, in a sentence.

    A study of another size or seed than the recipe's never takes the place of the one that the recipe stands beside.

    Raises
    ------
    StudyError
        The folder has no recipe, or the recipe is wrong.
    RequestError
        The size asked for cannot be drawn, or what is there would be lost.

    Examples
    --------
    >>> simulate(recipes(Path("data"))[0], subjects=0)
    Traceback (most recent call last):
    core.errors.OptionError: subjects is 0; it must be at least 1.
    """
    source, recipe = read(folder)
    usual = (recipe.subjects, len(recipe.markers), recipe.seed)
    given = (subjects, markers, seed)
    count, panel, start = (own if asked is None else asked for own, asked in zip(usual, given, strict=True))
    for name, number, least in (("subjects", count, 1), ("markers", panel, 1), ("seed", start, 0)):
        if number < least:
            raise OptionError(f"{name} is {number}; it must be at least {least}.")
    scaled = (count, panel, start) != usual
    identity = f"{source.study.id}-{count}-{panel}-{start}" if scaled else source.study.id
    target = to or (folder.parent / identity if scaled else folder)
    _check_target(target, folder, scaled)
    drawn = draw(source, recipe, count, panel, start)
    described = _renamed((folder / "study.toml").read_text(encoding="utf-8-sig"), identity, drawn)
    write(drawn, target, None if target.resolve() == folder.resolve() else described)
    rows = ", ".join(f"{name} {table.num_rows:,}" for name, table in drawn.tables.items())
    return f"{target}: {count:,} subjects, {panel:,} markers, seed {start} ({rows})."


def _check_target(target: Path, folder: Path, scaled: bool) -> None:
    if scaled and (target / RECIPE).exists():
        raise RequestError(f"{target} holds a recipe, whose own study would be lost; name another folder with -o.")
    if target.exists() and not target.is_dir():
        raise RequestError(f"{target} is not a folder; name another with -o.")
    if target.resolve() != folder.resolve() and (target / "study.toml").exists() and not load(target).study.simulated:
        raise RequestError(f"{target} holds a study that was not drawn; name another folder with -o.")


def write(drawn: Drawn, target: Path, description: str | None = None) -> None:
    """Write a study folder; a file that is there already with the same content is left as it is.

    Parameters
    ----------
    drawn : Drawn
        The study.
    target : Path
        Its folder, made if it is not there.
    description : str, optional
        Its study.toml; without one that of the folder stays.

    Raises
    ------
    RequestError
        The folder cannot be written.
    """
    files = {target / "truth.csv": _csv(drawn.truth)}
    files |= {} if description is None else {target / "study.toml": description.encode()}
    stale = []
    for name, table in drawn.tables.items():
        large = table.num_rows > MOST_ROWS_OF_CSV
        kind, other = ("parquet", "csv") if large else ("csv", "parquet")
        files[target / "adam" / f"{name.lower()}.{kind}"] = _parquet(table) if large else _csv(table)
        stale.append(target / "adam" / f"{name.lower()}.{other}")
    try:
        (target / "adam").mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
        for path in stale:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RequestError(f"{target} cannot be written: {error.strerror}; name another folder with -o.") from None


def _csv(table: pa.Table) -> bytes:
    """Return a table as text: each number the shortest that reads back as itself, each day as YYYY-MM-DD."""
    columns = [table[name].cast(pa.string()).to_pylist() for name in table.column_names]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _renamed(text: str, identity: str, drawn: Drawn) -> str:
    """Return study.toml with another id, and the parameters that were drawn."""
    parts = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    head = re.sub(r"^id\s*=.*$", f"id = {json.dumps(identity)}", parts[0], count=1, flags=re.MULTILINE)
    kept = [part for part in parts[1:] if not part.startswith("[[parameters]]")]
    described = [
        "[[parameters]]\n"
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in one.model_dump(exclude_defaults=True).items())
        for one in drawn.parameters
    ]
    return head + "".join(kept).rstrip("\n") + "\n\n" + "\n".join(described)
