"""How an output's numbers were made: the SQL asked, and a script that makes them again.

Both hold what the reader chose and nothing else of any patient.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from core.ard import Result
from core.data import Data, Question, Statement
from core.errors import OptionError
from core.outputs import find
from core.outputs.catalogue import Output
from core.study import Population
from core.where import Where

ROOT = Path(__file__).parents[1]
MOST_VALUES = 100
"""Up to how many values of a list are written out beside the SQL; the script needs none of them."""

SCRIPT = """\
# {title}, of study {study}.
# {who}
# Save this file in the folder of Marrowscope and run it there: .venv/bin/python FILE [STUDY FOLDER]
# It prints the analysis results as CSV, at full precision.
import sys

from core.data import Data
from core.outputs import find
{imports}
STUDY = {folder!r}
SNAPSHOT = {snapshot!r}

data = Data.of(sys.argv[1] if len(sys.argv) > 1 else STUDY)
if data.snapshot != SNAPSHOT:
    print("The study folder, or the code that reads it, is not as it was; numbers may differ.", file=sys.stderr)
population = {population}
{filters}options = {{
{options}}}
result = find({output!r}).run(data, population, options)
print(result.ard.to_csv(index=False), end="")
for note in result.notes:
    print(note, file=sys.stderr)
"""


@dataclass(frozen=True)
class How:
    """How a result was made: a script that makes it again, and the questions asked, in order."""

    script: str
    questions: tuple[Question, ...]

    @property
    def sql(self) -> str:
        """The questions as text: each file of core/sql as it is, the tables it starts from, and the values bound."""
        return "\n\n".join(_told(self.questions)) + "\n"


class Recorder(Data):
    """The data of another, which remembers every question; the other is shared by many readers and stays as it is."""

    def __init__(self, data: Data) -> None:
        self._connection, self.folder, self.snapshot = data._connection, data.folder, data.snapshot
        self.study, self.schema = data.study, data.schema
        self.asked: list[Question] = []
        self._of = data

    @property
    def earlier(self) -> Data | None:
        """The other's earlier cut, of which the same questions are asked; they are told once."""
        return self._of.earlier

    def ask(
        self,
        question: str,
        population: Population,
        columns: str = "none",
        events: Where | None = None,
        **values: object,
    ) -> pd.DataFrame:
        """Return the rows of a question, and remember it once."""
        whole = self.question(question, population, columns, events, **values)
        if whole not in self.asked:
            self.asked.append(whole)
        return super().ask(question, population, columns, events, **values)


def how(data: Data, output: str, population: Population, given: Mapping[str, object]) -> How:
    """Compute an output once more, and return how.

    Parameters
    ----------
    output : str
        Its id in the catalogue.
    population, given
        Who and which options it was asked for, as `Output.run` takes them.

    Raises
    ------
    OptionError
        The output or an option is unknown or unfit.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> made = how(data, "ae_overview", data.study.populations[0], {"conf": 0.9})
    >>> [line for line in made.script.splitlines() if line.startswith(("population", "    'conf"))]
    ["population = data.study.population('Safety')", "    'conf': 0.9,"]
    >>> made.questions[0].name
    'subject_count'
    """
    recorder, asked = Recorder(data), find(output)
    result = asked.run(recorder, population, _stated(asked, data, given))
    return How(_script(data, population, result, _stated(asked, data, result.options)), tuple(recorder.asked))


def _stated(output: Output, data: Data, given: Mapping[str, object]) -> dict[str, object]:
    """Leave out the options that stand where they start and could not be asked for, as a study may lack what they are about."""
    stated = dict(given)
    for option in output.options:
        if option.name in stated and stated[option.name] == option.start(data):
            try:
                option.read(stated[option.name], data)
            except OptionError:
                del stated[option.name]
    return stated


def _script(data: Data, population: Population, result: Result, options: Mapping[str, object]) -> str:
    chosen = _chosen(data, population)
    filters = "".join(f"population = population.filtered(Where.parse({str(each)!r}))\n" for each in population.filters)
    lines = {
        "from core.study import Population\n": chosen.startswith("Population("),
        "from core.where import Where\n": bool(filters) or chosen.startswith("Population("),
    }
    filtered = f", {result.condition}" if result.condition else ""
    return SCRIPT.format(
        title=_line(result.title),
        study=_line(result.study),
        who=_line(f"{result.population} population{filtered}: N={result.N}. Data cut {result.data_cut}."),
        imports="".join(line for line, used in lines.items() if used),
        folder=_folder(data.folder),
        snapshot=data.snapshot,
        population=chosen,
        filters=filters,
        options="".join(f"    {name!r}: {value!r},\n" for name, value in options.items()),
        output=result.output,
    )


def _chosen(data: Data, population: Population) -> str:
    """Return the Python for a population without its filters: by its name where the study has it."""
    bare = population.model_copy(update={"filters": ()})
    if bare in data.study.populations:
        return f"data.study.population({bare.label!r})"
    if bare == data.everybody:
        return "data.everybody"
    return f"Population(label={bare.label!r}, where=Where.parse({str(bare.where)!r}))"


def _folder(folder: Path) -> str:
    """Return a study folder as the script names it: from the folder of the project where it lies there."""
    whole = folder.resolve()
    return whole.relative_to(ROOT).as_posix() if whole.is_relative_to(ROOT) else str(whole)


def _line(text: str) -> str:
    """Return a text as part of one comment, which nothing in it can end."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def _told(questions: Iterable[Question]) -> Iterator[str]:
    """Yield the questions in order; a table is written out where it is not as the question before left it."""
    there: list[Statement] = []
    for question in questions:
        for at, statement in enumerate(question.tables):
            if statement not in there:
                # All that follow were made of the subjects, and are made anew with them.
                there = [*there, statement] if at else [statement]
                yield _written(statement)
        yield f"-- {question.name}.sql\n{_written(question.asked)}"


def _written(statement: Statement) -> str:
    bound = [f"-- ${name} = {_value(value)}" for name, value in statement.values.items()]
    return "\n".join([f"{statement.text.rstrip().rstrip(';')};", *bound])


def _value(value: object) -> str:
    if isinstance(value, list) and len(value) > MOST_VALUES:
        return f"{value[:MOST_VALUES]!r} and {len(value) - MOST_VALUES:,} more"
    if isinstance(value, date):
        return repr(value.isoformat())
    return "NULL" if value is None else repr(value)
