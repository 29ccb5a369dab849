"""``simulation.toml``: how often and how much, checked when it is read."""

import tomllib
from collections.abc import Sequence
from datetime import date
from math import exp, sqrt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from core.errors import StudyError
from core.study import Part, Source, Study, load, sentence_of

RECIPE = "simulation.toml"
MOST_GRADE = 5
DEATH, ADVERSE_EVENT, WITHDRAWAL, LOST = "Death", "Adverse event", "Withdrawal by subject", "Lost to follow-up"

Percent = Annotated[float, Field(ge=0, le=100)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]
NotNegative = Annotated[int, Field(ge=0)]
Correlation = Annotated[float, Field(gt=-1, lt=1)]
Weights = Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=1)]
Method = Literal["BIOPSY", "ASPIRATE"]
METHODS: tuple[Method, ...] = ("BIOPSY", "ASPIRATE")
Shares = Annotated[dict[str, Positive], Field(min_length=1)]


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

    @model_validator(mode="after")
    def _reasons_that_mean_something(self) -> "Treatment":
        if lacking := [reason for reason in (ADVERSE_EVENT, WITHDRAWAL, DEATH) if reason not in self.reasons]:
            raise ValueError(f"reasons lacks {', '.join(lacking)}; add it with its weight")
        if next(iter(self.reasons)) == ADVERSE_EVENT:
            raise ValueError(
                f"reasons begins with {ADVERSE_EVENT}; put another first, for those without an event that could be it"
            )
        return self


class FollowUp(Part):
    """What happens after treatment, and how recent the last contact is at the data cut."""

    days: Annotated[int, Field(gt=20)]
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
    correlation: Correlation
    step: Positive


class AdverseEvents(Part):
    """What all adverse events share; the terms themselves are `Event`."""

    serious_percent: tuple[Percent, Percent, Percent, Percent, Percent]
    partial_percent: Percent
    undated_percent: Percent
    ungraded_percent: Percent
    relation_missing_percent: Percent
    before_percent: Percent
    before: Annotated[tuple[str, ...], Field(min_length=1)]
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
    correlation: Correlation = 0.5
    step: Positive
    skew: Annotated[float, Field(ge=0, le=1.5)] = 0
    least: float = 0
    most: float | None = None
    visits: Literal["paired", "cycles"] = "paired"
    drift: float = 0
    limits: tuple[Positive, ...] = ()
    missing_percent: Percent | None = None
    shares: str = ""

    @model_validator(mode="after")
    def _correlation_that_the_skew_allows(self) -> "Marker":
        if self.correlation <= (least := -exp(-(self.skew**2))):
            raise ValueError(
                f"correlation is {self.correlation:g}; with a skew of {self.skew:g} it must be above {least:.3f}"
            )
        return self

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


class EarlierCut(Part):
    """The data cut before: its day, and how much was recorded otherwise then."""

    data_cut: date
    mistyped_results: NotNegative = 0
    milder_events: NotNegative = 0
    events_entered_twice: NotNegative = 0


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
    earlier_cut: EarlierCut | None = None

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

    @model_validator(mode="after")
    def _events_fit_their_uses(self) -> "Recipe":
        terms = [event.term for event in self.events]
        for event in self.events:
            if event.companion and event.companion not in terms[: terms.index(event.term)]:
                raise ValueError(f"events: {event.companion}, the companion of {event.term}, must stand before it")
        without = {event.term for event in self.events if not event.grades}
        for what, names in (
            ("adverse_events.before", self.adverse_events.before),
            ("companion", [event.companion for event in self.events]),
        ):
            if odd := [name for name in names if name in without]:
                raise ValueError(f"{what} names {odd[0]}, whose percentages are all 0; give one of its grades some")
        measured = {test.event for test in self.laboratory}
        if fatal := [event.term for event in self.events if event.term in measured and MOST_GRADE in event.grades]:
            raise ValueError(
                f"{fatal[0]} reaches grade {MOST_GRADE}, but laboratory limits end at grade {MOST_GRADE - 1}; "
                f"set its percentage of grade {MOST_GRADE} to 0"
            )
        return self


def recipes(root: Path) -> list[Path]:
    """Return the study folders below `root` that have a recipe.

    Examples
    --------
    >>> Path("data/cabazitaxel") in recipes(Path("data"))
    True
    """
    return sorted(path.parent for path in root.glob(f"*/{RECIPE}"))


def read(folder: Path | str) -> tuple[Source, Recipe]:
    """Read a study folder and its recipe.

    Parameters
    ----------
    folder : Path or str
        Holds study.toml and simulation.toml.

    Returns
    -------
    Source, Recipe
        Of both files; the markers of the recipe are the parameters of the study, in that order.

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
        raise StudyError(f"{path}: {sentence_of(error)}") from None
    _check_against(source.study, recipe, path)
    return source, recipe


def _check_against(study: Study, recipe: Recipe, path: Path) -> None:
    known, described = [p.PARAMCD for p in study.parameters], [m.PARAMCD for m in recipe.markers]
    if known != described:
        odd = sorted(set(known) ^ set(described)) or ["their order"]
        raise StudyError(f"{path}: its markers and the parameters of study.toml differ: {', '.join(odd)}.")
    if study.timepoints.follow_up is None:
        raise StudyError(f"{path.parent / 'study.toml'}: timepoints.follow_up is missing; a drawn study needs it.")
    for number, site in enumerate(recipe.sites, 1):
        if site.opened > study.data_cut:
            raise StudyError(
                f"{path}: sites.{number}.opened: found {site.opened}; "
                f"by the data_cut of study.toml, {study.data_cut}, a site must be open."
            )
    if (recipe.earlier_cut is None) != (study.previous_cut is None):
        raise StudyError(f"{path}: earlier_cut and the previous_cut of study.toml go together; write both or neither.")
    if recipe.earlier_cut and recipe.earlier_cut.data_cut >= study.data_cut:
        raise StudyError(
            f"{path}: earlier_cut.data_cut: found {recipe.earlier_cut.data_cut}; "
            f"it must be before the data_cut of study.toml, {study.data_cut}."
        )


def _same_length(what: str, first: Sequence[object], second: Sequence[object]) -> None:
    if len(first) != len(second):
        raise ValueError(f"{what} must be equally many, not {len(first)} and {len(second)}")
