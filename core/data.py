"""One snapshot, ready to be asked: every question is a file of ``sql/`` about the subjects on view."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import RequestError, StudyError
from core.ingest import snapshot
from core.study import Population, Source, Study, load
from core.where import Schema, Sql, Where

Codes = NDArray[np.integer]
QUESTIONS = Path(__file__).parent / "sql"
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": snapshot.MEMORY,
    "enable_external_access": "false",
    "max_execution_time": 60_000,
    "lock_configuration": "true",
}


@dataclass(frozen=True)
class Events:
    """Adverse events as parallel arrays of integer codes; grade 0 is missing, period 0 is none."""

    subject_code: Codes
    term: Codes
    grade: Codes
    flags: Codes
    period: Codes


class Statement(NamedTuple):
    """One statement as the database gets it, and the values that it binds."""

    text: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Question:
    """One question as it is asked: the tables made for it alone, of whom the first are the subjects, and its own text."""

    name: str
    tables: tuple[Statement, ...]
    asked: Statement


class Data:
    """A study's snapshot, opened read-only with external access off and the configuration locked.

    Examples
    --------
    >>> data = Data.of("data/cdiscpilot01")
    >>> int(data.ask("subject_count", data.study.populations[0]).N[0])
    254
    """

    def __init__(self, path: Path, before: Path | str | None = None) -> None:
        self.folder, self.before = path.parent.parent, before
        self._connection = duckdb.connect(str(path), read_only=True, config=SETTINGS)
        with self._connection.cursor() as cursor:
            (self.snapshot, description), *_ = cursor.execute("SELECT snapshot, description FROM study").fetchall()
            variables = cursor.execute(_text("conditions")).fetchall()
        self.study = Study.model_validate_json(description)
        schema: dict[str, dict[str, str]] = {}
        for dataset, variable, kind in variables:
            schema.setdefault(dataset, {})[variable] = kind
        self.schema: Schema = schema

    @classmethod
    def of(cls, folder: Path | str, before: Path | str | None = None) -> "Data":
        """Open a study folder, building its snapshot if its present state has none.

        Parameters
        ----------
        before : Path or str, optional
            The folder of an earlier cut, instead of the one that study.toml names.
        """
        return cls(snapshot.ensure(load(folder)), before)

    def close(self) -> None:
        """Give the file back; no question can be asked after."""
        self._connection.close()

    @cached_property
    def earlier(self) -> "Data | None":
        """The data of an earlier cut of the same study; None where none is named.

        Raises
        ------
        RequestError
            The folder named is no earlier cut of this study, or cannot be used.
        """
        before = self.before or Source(self.study, self.folder).before
        if before is None:
            return None
        try:
            found = Data.of(before)
        except StudyError as error:
            raise RequestError(f"The earlier cut cannot be used: {error}") from None
        if found.study.id != self.study.id:
            raise RequestError(f"The earlier cut is of study {found.study.id}, not of {self.study.id}; name one of the same id.")  # fmt: skip
        return found

    def ask(
        self,
        question: str,
        population: Population,
        columns: str = "none",
        events: Where | None = None,
        **values: object,
    ) -> pd.DataFrame:
        """Return the rows of one question about the subjects of a population.

        Parameters
        ----------
        question : str
            The name of a file in core/sql, without its ending.
        population : Population
            Who is on view; decided once, in the table ``subjects`` that every question starts from.
        columns : str
            The grouping variable of the table ``column_member``: "none", "APERIODC" or a variable of ADSL.
        events : Where, optional
            What each adverse event of the table ``chosen_event`` meets.
        **values
            What the question's file binds beside `columns`; one too many or too few is an error.

        Returns
        -------
        DataFrame
            Variables of the data in upper case, computed columns in lower case.

        Raises
        ------
        ConditionError
            The population names a dataset, variable or value that the study does not have.
        """
        whole = self.question(question, population, columns, events, **values)
        with self._connection.cursor() as cursor:
            for statement in (*whole.tables, whole.asked):
                cursor.execute(statement.text, statement.values)
            return cursor.df()

    def question(
        self, name: str, population: Population, columns: str = "none", events: Where | None = None, **values: object
    ) -> Question:
        """Return a question as `ask` puts it to the database, without asking it."""
        text, wanted = _text(name), _wanted(name)
        given = values | ({"columns": columns} if "columns" in wanted else {})
        if set(given) != wanted:
            raise TypeError(f"{name}.sql binds {sorted(wanted)}, not {sorted(given)}")
        sql, chosen = Sql(self.schema), Sql(self.schema)
        subjects = sql.subjects(population.clauses)
        tables = [Statement(f"CREATE OR REPLACE TEMP TABLE subjects AS {subjects}", sql.values)]
        if events is not None:
            query = chosen.events(events)
            tables.append(Statement(f"CREATE OR REPLACE TEMP TABLE chosen_event AS {query}", chosen.values))
        if "column_member" in text:
            member = f"CREATE OR REPLACE TEMP TABLE column_member AS\n{_text('column_member')}"
            tables.append(Statement(member, {"columns": columns}))
        return Question(name, tuple(tables), Statement(text, given))

    @cached_property
    def everybody(self) -> Population:
        """All registered subjects."""
        return Population(label="All subjects")

    @cached_property
    def groupings(self) -> dict[str, tuple[str, ...]]:
        """Variables that may head the columns of a table, each with the values recorded of it, in order."""
        rows = self.ask("grouping_variables", self.everybody)
        return {str(name): tuple(group["value"].dropna()) for name, group in rows.groupby("variable", sort=False)}

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """Dataset -> variable -> its label; empty where neither the file nor the contract has one."""
        rows = self.ask("variables", self.everybody)
        texts = rows.label.fillna("")
        return {
            str(name): dict(zip(group.variable, texts[group.index], strict=True))
            for name, group in rows.groupby("dataset", sort=False)
        }

    @cached_property
    def subject_ids(self) -> tuple[str, ...]:
        """USUBJID of every subject, in order."""
        return tuple(self.ask("subjects", self.everybody).USUBJID)

    @cached_property
    def subjects(self) -> int:
        """How many subjects the study has; their codes run from 1 to this."""
        return int(self.ask("subject_count", self.everybody).N[0])

    @cached_property
    def events(self) -> Events:
        """All adverse events as arrays, in the order of subject and term, so that tables are counted at array speed."""
        frame = self.ask("events", self.everybody)
        order = frame.subject_code.to_numpy(dtype=np.int64) * (len(self.terms) + 1) + frame.term.to_numpy()
        if np.any(order[1:] < order[:-1]):
            frame = frame.iloc[np.argsort(order, kind="stable")]
        return Events(**{name: frame[name].to_numpy() for name in frame})

    @cached_property
    def terms(self) -> pd.DataFrame:
        """The study's adverse-event terms: columns term (code), soc_code, soc, pt."""
        return self.ask("terms", self.everybody)

    @cached_property
    def parameters(self) -> pd.DataFrame:
        """The study's biomarkers in the order of study.toml: columns parameter (code), PARAMCD, label, unit, scale ..."""
        return self.ask("parameters", self.everybody)

    @cached_property
    def timepoints(self) -> dict[str, int]:
        """Timepoint of biomarkers -> its code, in the order of visits."""
        rows = self.ask("timepoints", self.everybody)
        return dict(zip(rows.AVISIT, rows.timepoint.tolist(), strict=True))

    @cached_property
    def collected(self) -> dict[str, tuple[bool, str]]:
        """Category of adverse events -> whether the study collected it, and the rule in words."""
        rows = self.ask("collected", self.everybody)
        return {row.category: (bool(row.collected), row.rule) for row in rows.itertuples()}

    def require(self, dataset: str) -> None:
        """Raise RequestError, in a sentence, when the study has no such dataset."""
        if dataset not in self.schema:
            raise RequestError(f"Study {self.study.id} has no dataset {dataset}, so there is nothing to show here.")


@cache
def _text(question: str) -> str:
    return (QUESTIONS / f"{question}.sql").read_text(encoding="utf-8")


@cache
def _wanted(question: str) -> set[str]:
    with duckdb.connect() as connection:
        statement: Any = connection.extract_statements(_text(question))[0]
    return set(statement.named_parameters)
