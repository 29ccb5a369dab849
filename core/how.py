"""How an output's numbers were made: the SQL asked, and a script that makes them again.

Both hold what the reader chose and nothing else of any patient.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from core.ard import Result
from core.data import Data, Question, Statement
from core.errors import OptionError
from core.ingest.snapshot import FOLDER
from core.outputs import find
from core.outputs.catalogue import Output
from core.study import Population
from core.where import Where

ROOT = Path(__file__).parents[1]
BOUND = re.compile(r"""--[^\n]*|"(?:[^"]|"")*"|'(?:[^']|'')*'|\$(\w+)""")
"""A value to bind, or what only looks like one: a comment, a name or a text."""

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

data = Data.of(sys.argv[1] if len(sys.argv) > 1 else STUDY{before})
if data.snapshot != SNAPSHOT:
    print("The study folder, or the code that reads it, is not as it was; numbers may differ.", file=sys.stderr)
{unlike}population = {population}
{filters}options = {{
{options}}}
result = find({output!r}).run(data, population, options)
sys.stdout.buffer.write(result.ard.to_csv(index=False).encode())
for note in result.notes:
    print(note, file=sys.stderr)
"""
UNLIKE = """\
if data.earlier is None or data.earlier.snapshot != {snapshot!r}:
    print("The folder of the earlier cut is not as it was; numbers may differ.", file=sys.stderr)
"""


@dataclass(frozen=True)
class Asked:
    """The questions asked of one data cut, in order, and the file that it is in."""

    cut: str
    file: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class How:
    """How a result was made: a script that makes it again, and what was asked of each data cut."""

    script: str
    asked: tuple[Asked, ...]

    @property
    def sql(self) -> str:
        """All of it as text that DuckDB runs: the files of core/sql with the values in them, after the tables they start from."""
        return "\n\n".join(piece for cut in self.asked for piece in (_opened(cut), *_told(cut.questions))) + "\n"


class Recorder(Data):
    """The data of another, which remembers every question; the other is shared by many readers and stays as it is."""

    def __init__(self, data: Data) -> None:
        self._connection, self.folder, self.snapshot = data._connection, data.folder, data.snapshot
        self.study, self.schema, self.before = data.study, data.schema, data.before
        self.asked: list[Question] = []
        self._of = data

    @cached_property
    def earlier(self) -> "Recorder | None":
        """The other's earlier cut, of which questions are remembered too."""
        earlier = self._of.earlier
        return None if earlier is None else Recorder(earlier)

    def told(self) -> Asked:
        """Return what was asked of this cut."""
        file = f"{_folder(self.folder)}/{FOLDER}/{self.snapshot}.duckdb"
        return Asked(self.study.data_cut.isoformat(), file, tuple(self.asked))

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
    >>> made.asked[0].questions[0].name
    'subject_count'
    """
    recorder, asked = Recorder(data), find(output)
    result = asked.run(recorder, population, _stated(asked, data, given))
    cuts = [recorder, vars(recorder).get("earlier")]
    told = tuple(cut.told() for cut in cuts if cut is not None)
    return How(_script(data, population, result, _stated(asked, data, result.options)), told)


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
        before="" if data.before is None else f", {_folder(Path(data.before))!r}",
        unlike="" if data.before is None or data.earlier is None else UNLIKE.format(snapshot=data.earlier.snapshot),
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
    there: dict[str, Statement] = {}
    for question in questions:
        for at, statement in enumerate(question.tables):
            table = statement.text.partition(" AS")[0]
            if there.get(table) != statement:
                # All that follow were made of the subjects, and are made anew with them.
                there = {**(there if at else {}), table: statement}
                yield _written(statement)
        yield f"-- {question.name}.sql\n{_written(question.asked)}"


def _opened(cut: Asked) -> str:
    """Return how to open a cut: as a database of its own name, so that none is taken for another."""
    name = Path(cut.file).stem
    return (
        f"-- The data cut of {cut.cut}. Run all of this with DuckDB in the folder of Marrowscope.\n"
        f'ATTACH IF NOT EXISTS {_literal(cut.file)} AS "{name}" (READ_ONLY);\nUSE "{name}";'
    )


def _written(statement: Statement) -> str:
    """Return a statement with its values in place."""

    def value(found: re.Match[str]) -> str:
        return _literal(statement.values[found[1]]) if found[1] else found[0]

    return f"{BOUND.sub(value, statement.text).rstrip().rstrip(';')};"


def _literal(value: object) -> str:
    """Return a value as SQL reads it.

    Examples
    --------
    >>> _literal(["O'Brien", None]), _literal(0.1), _literal(date(2024, 1, 31)), _literal(3)
    ("['O''Brien', NULL]", '0.1e0', "DATE '2024-01-31'", '3')
    """
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    if isinstance(value, float):
        # Without an exponent it would be a decimal, and not the number that was bound.
        return repr(value) if "e" in repr(value) else f"{value!r}e0"
    return "NULL" if value is None else str(value)
