"""What a report can hold: tables and figures of the catalogue with their options, and those that a protocol asks for."""

import shlex
from dataclasses import dataclass

from core.data import Data
from core.errors import OptionError
from core.formats import within_sentence
from core.outputs import OUTPUTS
from core.outputs.catalogue import Option, Output

ACCRUAL, CHANGE, ASSOCIATION = "Accrual and evaluable pairs", "Change of markers", "Association of markers"
STATUS, SAFETY, OTHER = "Performance status", "Adverse events", "Further tables and figures"
ALWAYS_ONE = ("patient_profile",)
"""Outputs about one patient: in a report only where asked for by name."""


@dataclass(frozen=True)
class Entry:
    """A table of the catalogue, or a figure of it, with its options as the command line has them."""

    section: str
    output: str
    options: tuple[tuple[str, str], ...] = ()
    figure: str = ""

    @classmethod
    def read(cls, text: str) -> "Entry":
        """Return an entry from its words, which are those of `python -m core run`.

        Raises
        ------
        OptionError
            There is no such output, option or figure, or a word is not understood.

        Examples
        --------
        >>> Entry.read("paired_change PARAMCD=AR --figure slope").figure
        'slope'
        """
        try:
            name, *words = shlex.split(text) or [""]
        except ValueError:
            raise OptionError(f"A quotation mark in {text!r} is never closed; close it.") from None
        if name not in OUTPUTS:
            raise OptionError(f"There is no output {name}; the outputs are {', '.join(OUTPUTS)}.")
        figure = ""
        if "--figure" in words:
            at = words.index("--figure")
            figure = "".join(words[at + 1 : at + 2])
            words = words[:at] + words[at + 2 :]
            if not figure:
                raise OptionError(f"--figure in {text!r} names no figure of {name}.")
        unread = [word for word in words if "=" not in word]
        if unread:
            raise OptionError(f"{unread[0]!r} in {text!r} is not an option; write key=value, such as columns=none.")
        options = tuple((key, value) for key, _, value in (word.partition("=") for word in words))
        output = OUTPUTS[name]
        if figure not in ("", name, *output.figures):
            raise OptionError(f"{name} has no figure {figure}; it has {', '.join(output.figures) or 'none'}.")
        known = [option.name for option in output.options]
        for key, _ in options:
            if key not in known:
                raise OptionError(f"{name} has no option {key}; it has {', '.join(known)}.")
            if [each for each, _ in options].count(key) > 1:
                raise OptionError(f"{key} is given twice in {text!r}; give it once.")
        return cls(_section(name), name, options, figure)

    def check(self, data: Data) -> None:
        """Raise OptionError for a value that does not fit; of a dataset that the study lacks, no value is known."""
        output = OUTPUTS[self.output]
        if output.needs in data.schema:
            output.read(dict(self.options), data)

    @property
    def words(self) -> str:
        """The entry as text that `read` understands."""
        options = [shlex.quote(f"{name}={value}") for name, value in self.options]
        return " ".join([self.output, *options, *(["--figure", self.figure] if self.figure else [])])

    def label(self, data: Data) -> str:
        """Return how a reader knows it: its title, and the options that are not left at their start."""
        output = OUTPUTS[self.output]
        known = {option.name: option for option in output.options}
        told = [_told(known[name], value, data) if name in known else value for name, value in self.options]
        figure = output.figures.get(self.figure)
        what = output.title + (f": {within_sentence(figure.title)}" if figure else "")
        return what + (f" ({', '.join(told)})" if told else "")

    def title(self, about: str) -> str:
        """Return what a figure is called in a report: what its output is about, and what is drawn of it."""
        figure = OUTPUTS[self.output].figures.get(self.figure)
        return f"{about}{', ' if ':' in about else ': '}{within_sentence(figure.title)}" if figure else about


def _told(option: Option, value: str, data: Data) -> str:
    """Return a value as a reader knows it: one of a list by its own words, which can be the study's, another with its option."""
    choices = option.choices(data)
    return choices.get(value, value) if choices else f"{option.label}: {value}"


PROTOCOL = (
    Entry(ACCRUAL, "accrual"),
    Entry(ACCRUAL, "accrual", figure="cumulative"),
    Entry(ACCRUAL, "evaluability"),
    Entry(ACCRUAL, "forecast"),
    Entry(ACCRUAL, "disposition"),
    Entry(CHANGE, "paired_change"),
    Entry(CHANGE, "paired_change", figure="slope"),
    Entry(CHANGE, "panel"),
    Entry(CHANGE, "panel", figure="forest"),
    Entry(ASSOCIATION, "concordance_ladder"),
    Entry(ASSOCIATION, "concordance_ladder", figure="ladder"),
    Entry(ASSOCIATION, "association"),
    Entry(ASSOCIATION, "association", figure="scatter"),
    Entry(STATUS, "ordinal_change"),
    Entry(STATUS, "ordinal_change", figure="bars"),
    Entry(SAFETY, "ae_overview", (("columns", "APERIODC"),)),
    Entry(SAFETY, "ae_incidence", figure="dots"),
    Entry(SAFETY, "ae_by_grade"),
    *(Entry(SAFETY, "ae_by_term", (("category", category),))
      for category in ("teae", "related", "serious", "grade34", "fatal", "discontinued")),
)  # fmt: skip
"""What a protocol with paired samples asks for, in its order."""


def protocol(data: Data) -> list[Entry]:
    """Return the entries that a protocol asks for; those of columns by period where the study has periods.

    Examples
    --------
    >>> protocol(Data.of("data/cdiscpilot01"))[0].words
    'accrual'
    """
    return [_without_periods(entry, data) for entry in PROTOCOL if entry.output in OUTPUTS]


def every(data: Data) -> list[Entry]:
    """Return everything that can be chosen: what the protocol asks for, then the rest of the catalogue as it stands.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> {each.output for each in every(data)} >= {"power", "shift"}
    True
    """
    asked = protocol(data)
    rest = [
        Entry(_section(output.id), output.id, figure=figure)
        for output in OUTPUTS.values()
        if output.id not in ALWAYS_ONE
        for figure in ("", *output.figures)
    ]
    return asked + [entry for entry in rest if entry not in asked and not _shown_already(entry)]


def _shown_already(entry: Entry) -> bool:
    """Whether it is what an output shows instead of a table, which stands among its figures too."""
    output = OUTPUTS[entry.output]
    return not entry.figure and any(figure.draw is output.show for figure in output.figures.values())


def _without_periods(entry: Entry, data: Data) -> Entry:
    by_period = ("columns", "APERIODC")
    if by_period not in entry.options or data.study.periods:
        return entry
    return Entry(entry.section, entry.output, tuple(pair for pair in entry.options if pair != by_period), entry.figure)


def _section(name: str) -> str:
    return next((entry.section for entry in PROTOCOL if entry.output == name), _by_need(OUTPUTS[name]))


def _by_need(output: Output) -> str:
    return SAFETY if output.needs == "ADAE" else CHANGE if output.needs == "ADBM" else OTHER
