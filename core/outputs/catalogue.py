"""What an output is: its options, how it is computed from data, and how its result is shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import pandas as pd

from core.ard import Result, join
from core.data import Data
from core.errors import OptionError
from core.formats import named
from core.study import Population
from core.tables.layout import Layout

if TYPE_CHECKING:
    import altair as alt

Value = str | float | bool
Options = Mapping[str, Value]
YES = ("yes", "true", "1")
NO = ("no", "false", "0")
MOST_NAMED = 60


@dataclass(frozen=True)
class Option:
    """One thing a reader can choose.

    `choices` returns value -> label for one study; `accepts` tells of further values that are valid but not
    worth a place in a menu; `of_study` gives the default where the study decides it, and `page` the one a page starts
    from, where that differs; `rare` keeps the control out of the first row, and `on_page` off the page where the page
    shows nothing of it; `wide` gives it room, `slide` the ends of a slider for a number, and `control` names its control
    where another page has one of its name; `of_people` says that the choices are patients, whom no refusal lists.
    A number whose default is the empty text may be left out.
    """

    name: str
    label: str
    default: Value
    kind: Literal["choice", "number", "flag"] = "choice"
    choices: Callable[[Data], Mapping[str, str]] = lambda _: {}
    accepts: Callable[[Data, str], bool] = lambda _, __: False
    of_study: Callable[[Data], Value] | None = None
    page: Callable[[Data], Value] | None = None
    minimum: float = 0
    maximum: float = 100
    step: float = 1
    help: str = ""
    rare: bool = False
    whole: bool = False
    on_page: bool = True
    wide: bool = False
    slide: Callable[[Data], tuple[float, float]] | None = None
    control: str = ""
    of_people: bool = False

    def start(self, data: Data) -> Value:
        """Return the value that holds when none is given."""
        return self.of_study(data) if self.of_study else self.default

    @property
    def key(self) -> str:
        """Its control's name, which the address of a page carries."""
        return self.control or self.name

    def read(self, value: object, data: Data) -> Value:
        """Return a value as this option takes it; raises OptionError with what would do."""
        if self.kind == "number":
            return "" if value == self.default == "" else self._number(value)
        if self.kind == "flag":
            if str(value).lower() not in (*YES, *NO):
                raise OptionError(f"{self.name}={value} is not understood; write {self.name}=yes or {self.name}=no.")
            return str(value).lower() in YES
        choices = self.choices(data)
        if value not in choices and not self.accepts(data, str(value)):
            if self.of_people:
                raise OptionError(f"{self.name}={value} is not known; there is no such subject in this study.")
            raise OptionError(f"{self.name}={value} is not known; use one of {_some(choices)}.")
        return str(value)

    def _number(self, value: object) -> float:
        try:
            number = float(str(value))
        except ValueError:
            number = float("nan")
        if not self.minimum <= number <= self.maximum or (self.whole and number != int(number)):
            raise OptionError(
                f"{self.name}={value} does not fit; write a {'whole ' if self.whole else ''}number from {self.minimum:g} to {self.maximum:g}, "
                f"such as {float(self.default or self.minimum):g}."
            )
        return number


class Answer(NamedTuple):
    """What an output computes: analysis results and notes; of some, the records behind both, and how it was done."""

    ard: pd.DataFrame
    notes: list[str]
    records: pd.DataFrame = pd.DataFrame()
    methods: str = ""
    unplanned: Sequence[str] = ()


@dataclass(frozen=True)
class Figure:
    """One way to draw a result; `selects` is the variable of the mark that a click chooses.

    `brushes` names the selection of all marks in a rectangle, where a figure has one.
    """

    title: str
    draw: "Callable[[Result, Data], alt.LayerChart]"
    selects: str
    brushes: str = ""


@dataclass(frozen=True)
class Output:
    """One table or figure of the catalogue.

    `show` draws what `compute` found, and `answer` says it in a sentence; `figures` are further views of the same
    numbers, by name; `records` returns those behind the result as a reader wants them in a file; `behind` those behind
    one row of the table (variable, level, SOC), all columns together, and `listed` what each of these is called; `whom`
    gives the people it is about, where those are not the population asked for. Without the dataset that it `needs` there is
    nothing to show; without the one that it `wants` it can only say so, and a report leaves it out.
    """

    id: str
    title: str
    options: tuple[Option, ...]
    compute: Callable[[Data, Population, Options], Answer]
    show: Callable[[Result, Data], "Layout | alt.LayerChart"]
    needs: str = "ADSL"
    wants: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    records: Callable[[Result], pd.DataFrame] | None = None
    answer: Callable[[Result, Data], str] = lambda _, __: ""
    behind: Callable[[Data, Population, Options, tuple[str, str, str]], pd.DataFrame] | None = None
    listed: str = "event"
    whom: Callable[[Data, Population], Population] = lambda _, population: population

    def read(self, given: Mapping[str, object], data: Data) -> dict[str, Value]:
        """Return all options, given or default; raises OptionError for one that is unknown or unfit."""
        known = {option.name: option for option in self.options}
        for name in given:
            if name not in known:
                raise OptionError(f"{self.id} has no option {name}; it has {', '.join(known)}.")
        return {
            name: option.read(given[name], data) if name in given else option.start(data)
            for name, option in known.items()
        }

    def run(self, data: Data, population: Population, given: Mapping[str, object] | None = None) -> Result:
        """Compute the output for one population.

        Parameters
        ----------
        given : mapping, optional
            Option name -> value, as text or typed; the rest take their defaults.

        Returns
        -------
        Result
            When the study lacks the dataset, or nobody is on view, it says so in its notes.
        """
        options = self.read(given or {}, data)
        study, population = data.study, self.whom(data, population)
        N = int(data.ask("subject_count", population).N[0])
        if self.needs in data.schema:
            found = self.compute(data, population, options)
        else:
            found = Answer(join([]), [f"This study has no dataset {self.needs}, so there is nothing to show here."])
        notes = ["No subject meets the population and filters; every count is 0 of 0."] * (N == 0) + found.notes
        result = Result(
            self.id, self.title, study.id, study.title, study.simulated, study.data_cut.isoformat(), data.snapshot,
            population.label, population.condition, N, options, found.ard, tuple(notes), found.records, found.methods,
            unplanned=tuple(found.unplanned), computed=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        )  # fmt: skip
        return replace(result, answer=self.answer(result, data))


CONF = Option(
    "conf", "Confidence level", 0.95, "number", minimum=0.5, maximum=0.999, step=0.01,
    help="Of every interval, between 0.5 and 0.999.", rare=True,
)  # fmt: skip


def _some(choices: Mapping[str, str]) -> str:
    return named(choices, MOST_NAMED) or "none, as the study has nothing to choose from"


def group_name(options: Options) -> str:
    """Return the column variable as `group1` carries it: empty when there is none."""
    return "" if options["columns"] == "none" else str(options["columns"])


def _column_choices(data: Data) -> dict[str, str]:
    study = data.study
    variables = [study.arm] if study.arm else []
    variables += [f.variable for f in study.filters if f.variable not in variables]
    choices = {"none": "None (total only)"}
    choices |= {name: study.subgroup_label(name) for name in variables if name in data.groupings}
    return choices | ({"APERIODC": "Treatment period"} if study.periods else {})


COLUMNS = Option(
    "columns", "Columns", "none", choices=_column_choices, accepts=lambda data, value: value in data.groupings,
    page=lambda data: data.study.arm if data.study.arm in data.groupings else "none",
    help="An arm or subgroup variable of ADSL, or the treatment period; each column has its own N.",
)  # fmt: skip
