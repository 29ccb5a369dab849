"""A study: what its ``study.toml`` says, checked when it is read.

Every part but ``id``, ``title`` and ``data_cut`` has a default, so a folder with an ADSL file and three lines
of TOML is a study. Keys in upper case are ADaM variables; a key that is not known is an error, never ignored.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from core.dictionaries import VERSION
from core.errors import ConditionError, RequestError, StudyError
from core.where import Compound, Where

EVENT_FLAGS = ("treatment_emergent", "serious", "related", "grade34", "fatal", "discontinued")
"""The categories decided for every adverse event, in the order of their bits in ``event.flags``."""

RESERVED_LABELS = {"populations": {"Registered"}, "periods": {"Total"}}

CTCAE_GRADES = ("1", "2", "3", "4", "5")
SEVERITIES = ("MILD", "MODERATE", "SEVERE")
RELATED = (
    "Y", "YES", "RELATED", "POSSIBLE", "POSSIBLY RELATED", "PROBABLE", "PROBABLY RELATED", "LIKELY", "LIKELY RELATED",
    "DEFINITE", "DEFINITELY RELATED", "CERTAIN",
)  # fmt: skip
NOT_RELATED = ("N", "NO", "NONE", "NOT RELATED", "UNRELATED", "REMOTE", "UNLIKELY", "UNLIKELY RELATED")


def _read_where(value: object) -> Where:
    if isinstance(value, Where):
        return value
    try:
        return Where.parse(str(value))
    except ConditionError as error:
        raise ValueError(str(error)) from None


def _text_encoding(name: str) -> str:
    try:
        b"A".decode(name)
    except (LookupError, ValueError):
        raise ValueError("is not an encoding of text; use utf-8 or latin-1") from None
    return name


Clause = Annotated[Where, BeforeValidator(_read_where), PlainSerializer(str)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Part(BaseModel):
    """A table of study.toml: frozen, and without room for keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, str_strip_whitespace=True)


class Targets(Part):
    """How many subjects the protocol wants."""

    accrual: Annotated[int, Field(gt=0)] | None = None
    evaluable: Annotated[int, Field(gt=0)] | None = None
    anticipated_evaluable_rate: Share | None = None


class AccrualPlan(Part):
    """When accrual starts, at which pace and where."""

    start: date | None = None
    planned_per_month: Annotated[float, Field(gt=0)] | None = None
    sites: tuple[Name, ...] = ()


class Forecast(Part):
    """What is believed before any patient: a Beta for each stage, and a Gamma for the patients a month (shape, months)."""

    baseline: tuple[Positive, Positive] = (1, 1)
    follow_up: tuple[Positive, Positive] = (1, 1)
    accrual: tuple[Positive, Annotated[float, Field(ge=0)]] = (0.5, 0)


class Design(Part):
    """The pre-specified comparison: its test, those that the protocol adds, the rule for values below a limit, the plan."""

    alpha: Share = 0.05
    power: Share = 0.8
    effect_size: Annotated[float, Field(gt=0)] | None = None
    test: Literal["paired_t", "wilcoxon"] = "paired_t"
    supporting: tuple[Literal["paired_t", "wilcoxon"], ...] = ()
    below_limit: Literal["half", "sqrt2", "lloq", "zero", "exclude", "lowest"] = "half"

    @model_validator(mode="after")
    def _more_power_than_alpha(self) -> "Design":
        if self.power <= self.alpha:
            raise ValueError(f"power = {self.power:g} must be above alpha = {self.alpha:g}")
        return self


class Dosing(Part):
    """The dose that the protocol plans, and how many days from one to the next."""

    dose: Annotated[float, Field(gt=0)]
    unit: Name
    every_days: Annotated[int, Field(gt=0)]


class Timepoints(Part):
    """The AVISIT values that the paired comparison sets against each other."""

    baseline: Name = "Baseline"
    follow_up: Name | None = None


class Population(Part):
    """Subjects that a clause of ADSL (and other datasets) picks, narrowed by a reader's filters.

    Each clause stands for itself: a population with a serious event, filtered to subjects with nausea, has
    subjects with both, not those whose nausea was serious.

    Examples
    --------
    >>> safety = Population(label="Safety", where="SAFFL EQ Y")
    >>> safety.filtered(Where.parse("SEX EQ F OR AGE GT 80")).filtered(Where.parse("AE.PT EQ NAUSEA")).condition
    '(SEX EQ F OR AGE GT 80) AND AE.PT EQ NAUSEA'
    """

    label: Name
    where: Clause = Where()
    filters: tuple[Clause, ...] = ()

    @property
    def clauses(self) -> tuple[Where, ...]:
        """The population's own condition and the reader's filters, all of which must hold."""
        return (self.where, *self.filters)

    @property
    def condition(self) -> str:
        """The reader's filters as text; empty when there is none."""
        alone = len(self.filters) == 1
        texts = [
            (str(each), isinstance(each.expression, Compound) and each.expression.operator == "OR")
            for each in self.filters
        ]
        return " AND ".join(f"({text})" if loose and not alone else text for text, loose in texts)

    def filtered(self, clause: Where) -> "Population":
        """Return the population narrowed by one more condition; the empty one narrows nothing."""
        return self.model_copy(update={"filters": (*self.filters, clause)}) if clause else self


class Period(Part):
    """One treatment period, in the order of study.toml."""

    label: Name
    kind: Literal["before", "treatment", "follow_up"] = "treatment"
    cycles: tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]] | None = None
    offset_days: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _cycles_of_treatment(self) -> "Period":
        if self.cycles and (self.kind != "treatment" or self.cycles[0] > self.cycles[1]):
            raise ValueError("cycles = [first, last] belongs to a treatment period, first not after last")
        return self


class Rule(Part):
    """A variable of ADAE and the values (in any case) that make the answer yes."""

    variable: Name
    values: tuple[Name, ...]


class Relatedness(Part):
    """How a relation to treatment is coded; a value in neither list counts as related and is queried."""

    variables: tuple[Name, ...] = ("AREL", "AEREL")
    values: tuple[Name, ...] = RELATED
    not_values: tuple[Name, ...] = NOT_RELATED
    missing_is_related: bool = True


class TreatmentEmergent(Part):
    """The supplied flag, and the window used where there is none."""

    variable: Name = "TRTEMFL"
    values: tuple[Name, ...] = ("Y",)
    window_days: Annotated[int, Field(ge=0)] = 30
    worsening_date: Name | None = None


FATAL = (Rule(variable="AEOUT", values=("FATAL",)), Rule(variable="AESDTH", values=("Y",)))


DEATH_BY_EVENT = Rule(variable="DTHCAUS", values=("ADVERSE EVENT",))


class AdverseEvents(Part):
    """How the study codes its adverse events; `death_by_event` is a variable of ADSL, `ctcae_version` as the protocol names it."""

    soc: Name = "AEBODSYS"
    term: Name = "AEDECOD"
    grade: Name = "AETOXGR"
    levels: tuple[Name, ...] = ()
    grade34: tuple[Name, ...] = ()
    serious: Rule = Rule(variable="AESER", values=("Y",))
    related: Relatedness = Relatedness()
    fatal: tuple[Rule, ...] = ()
    discontinued: Rule = Rule(variable="AEACN", values=("DRUG WITHDRAWN",))
    treatment_emergent: TreatmentEmergent = TreatmentEmergent()
    death_by_event: Rule = DEATH_BY_EVENT
    ctcae_version: Name | None = None

    @model_validator(mode="before")
    @classmethod
    def _default_levels(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        severity = given.get("grade") == "AESEV"
        levels = given.get("levels", SEVERITIES if severity else CTCAE_GRADES)
        if not isinstance(levels, list | tuple):
            return given
        graded = tuple(levels) == CTCAE_GRADES
        default34 = ("3", "4") if graded else ("MODERATE", "SEVERE") if tuple(levels) == SEVERITIES else ()
        fatal = [*FATAL, *([Rule(variable=given.get("grade", "AETOXGR"), values=("5",))] if graded else [])]
        return {"levels": levels, "grade34": default34, "fatal": fatal} | given

    @model_validator(mode="after")
    def _grade34_among_levels(self) -> "AdverseEvents":
        if not set(self.grade34) <= set(self.levels):
            raise ValueError(f"grade34 holds {', '.join(self.grade34)}; choose from levels: {', '.join(self.levels)}")
        if not self.grade34:
            raise ValueError(f"grade34 must name which of the levels {', '.join(self.levels)} are Grade 3 or 4 in rank")
        return self

    @property
    def grading(self) -> str:
        """By which criteria and version events are graded; empty when the study names none."""
        named = self.ctcae_version
        if named is None or named == VERSION:
            return f"NCI CTCAE, version {named}" if named else ""
        return f"NCI CTCAE, version {named} according to the study, version {VERSION} as published"

    @property
    def graded(self) -> bool:
        """Whether the levels are the CTCAE grades."""
        return self.levels == CTCAE_GRADES

    @property
    def grade_groups(self) -> dict[str, tuple[str, ...]]:
        """Groups of the worst grade shown beside the grades themselves."""
        return {"1-2": ("1", "2"), "3-4": ("3", "4"), "3-5": ("3", "4", "5")} if self.graded else {}

    def grade_label(self, level: str) -> str:
        """Return how a level reads in a table: Grade 3, Moderate."""
        return f"Grade {level}" if self.graded else level.capitalize()

    @property
    def grade34_label(self) -> str:
        """How the category of a Grade 3 or 4 event reads in this study."""
        return "Grade 3 or 4" if self.graded else " or ".join(self.grade34).capitalize()


class Disposition(Part):
    """How the end of treatment or study is coded, and which numeric variables of ADSL describe exposure."""

    completed: tuple[Name, ...] = ("COMPLETED",)
    ongoing: tuple[Name, ...] = ("ONGOING",)
    exposure: dict[str, Name] = {"TRTDURD": "Duration of treatment (days)"}


class Visit(Part):
    """The window of days, from first dose, in which a record counts for a timepoint."""

    AVISIT: Name
    target_day: int
    first_day: int
    last_day: int

    @model_validator(mode="after")
    def _in_order(self) -> "Visit":
        if not self.first_day <= self.target_day <= self.last_day:
            raise ValueError("days must be in order: first_day, target_day, last_day")
        return self


class Parameter(Part):
    """What is known of one PARAMCD beyond its records."""

    PARAMCD: Name
    label: Name
    unit: str = ""
    analyte: str = ""
    role: str = ""
    family: str = ""
    specimen: str = ""
    scale: Literal["raw", "log2"] = "raw"
    LLOQ: Annotated[float, Field(gt=0)] | None = None


class AssociationSet(Part):
    """One family of correlations that the protocol asks for: two measures, or all of a role, at the same time.

    `x` and `y` each name a PARAMCD or a role. `by` = "analyte" sets only those against each other that share one.
    """

    label: Name
    x: Name
    y: Name
    by: Literal["analyte"] | None = None


class Association(Part):
    """What is planned of correlations, and from which share of values below a limit on there is none."""

    most_below_percent: Annotated[float, Field(ge=0, le=100)] = 100
    covariates: tuple[Name, ...] = ()
    sets: tuple[AssociationSet, ...] = ()


class Subgroup(Part):
    """A variable of ADSL that readers may filter and split by."""

    variable: Name
    label: Name


class Study(Part):
    """Everything particular to one study.

    Examples
    --------
    >>> study = Study(id="demo", title="A demonstration", data_cut="2024-06-30")
    >>> study.populations[0].label, str(study.populations[0].where)
    ('Safety', 'SAFFL EQ Y')
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,60}$")]
    title: Name
    data_cut: date
    previous_cut: Name | None = None
    simulated: bool = False
    source: str = ""
    csv_encoding: Annotated[str, AfterValidator(_text_encoding)] = "utf-8"
    arm: Name | None = None
    records_per_timepoint: Literal["ANL01FL", "first", "last", "closest"] | None = None
    targets: Targets = Targets()
    accrual_plan: AccrualPlan = AccrualPlan()
    forecast: Forecast = Forecast()
    design: Design = Design()
    dosing: Dosing | None = None
    timepoints: Timepoints = Timepoints()
    populations: Annotated[tuple[Population, ...], Field(min_length=1)] = (
        Population(label="Safety", where=Where.parse("SAFFL EQ Y")),
        Population(label="All subjects"),
    )
    periods: tuple[Period, ...] = ()
    adverse_events: AdverseEvents = AdverseEvents()
    disposition: Disposition = Disposition()
    visits: tuple[Visit, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    association: Association = Association()
    filters: tuple[Subgroup, ...] = ()
    variables: dict[str, dict[str, Name]] = {}
    files: dict[str, Name] = {}

    @model_validator(mode="after")
    def _names_once(self) -> "Study":
        for what, names in (
            ("populations", [p.label for p in self.populations]),
            ("periods", [p.label for p in self.periods]),
            ("parameters", [p.PARAMCD for p in self.parameters]),
            ("filters", [f.variable for f in self.filters]),
            ("adverse_events.levels", list(self.adverse_events.levels)),
            ("association.sets", [each.label for each in self.association.sets]),
            *((f"variables.{dataset}", list(names.values())) for dataset, names in self.variables.items()),
        ):
            if len(set(names)) < len(names):
                raise ValueError(f"{what} name the same thing twice: {', '.join(names)}")
            if taken := RESERVED_LABELS.get(what, set()) & set(names):
                raise ValueError(f"{what}: the label {', '.join(taken)} is taken by the tables; choose another")
        return self

    def population(self, label: str) -> Population:
        """Return the population of that label; raises RequestError with the labels there are."""
        for population in self.populations:
            if population.label == label:
                return population
        labels = ", ".join(repr(p.label) for p in self.populations)
        raise RequestError(f"Study {self.id} has no population {label!r}; it has {labels}.")

    def subgroup_label(self, variable: str) -> str:
        """Return the reader's word for a variable of ADSL."""
        return next((f.label for f in self.filters if f.variable == variable), variable)


@dataclass(frozen=True)
class Source:
    """A study folder: its description and the folder the datasets stand in."""

    study: Study
    folder: Path

    @property
    def name(self) -> str:
        """The folder as a sentence calls it: where it stands on the server is nobody's business on a page."""
        return self.folder.absolute().name

    @property
    def datasets(self) -> Path:
        """The folder of the dataset files."""
        return self.folder / "adam"

    @property
    def before(self) -> Path | None:
        """The folder of the cut before, where study.toml names one; it is named from the study folder on."""
        return None if self.study.previous_cut is None else self.folder / self.study.previous_cut


def load(folder: Path | str) -> Source:
    """Read ``study.toml`` of a study folder.

    Raises
    ------
    StudyError
        In one sentence: the file, the key, what was found and what would do.
    """
    folder = Path(folder)
    path = folder / "study.toml"
    if not path.is_file():
        raise StudyError(f"{folder.absolute().name} is not a study folder: it has no study.toml.")
    named = f"{folder.absolute().name}/{path.name}"
    try:
        return Source(Study.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig"))), folder)
    except UnicodeDecodeError:
        raise StudyError(f"{named} is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise StudyError(f"{named} cannot be read: {error.strerror}.") from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError(f"{named} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise StudyError(f"{named}: {sentence_of(error)}") from None


def find(root: Path) -> list[Path]:
    """Return the study folders below `root`, in alphabetical order."""
    return sorted(path.parent for path in root.glob("*/study.toml"))


def sentence_of(error: ValidationError) -> str:
    """Return the first mistake in one sentence: the key, what was found or is missing, and how many more there are."""
    first, *others = error.errors()
    others = [other for other in others if other["loc"] != first["loc"][: len(other["loc"])]]
    place = ".".join(str(step + 1) if isinstance(step, int) else step for step in first["loc"]) or "the study"
    what = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        what = "no such key is known here; check its spelling"
    elif first["type"] == "missing":
        what = "is missing; add it"
    elif not isinstance(first["input"], dict | list | tuple):
        what = f"found {first['input']!r}: {what}"
    more = f" (and {len(others)} more)" if others else ""
    return f"{place}: {what.removesuffix('.')}{more}."
