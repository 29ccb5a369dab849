"""Every record of a file against its contract: kept, or refused with the cell, the rule and what would do.

Values are held as text while they are checked, so that one bad cell hides no other. Two findings exist:
a *refused* record does not enter the study; a *query* is kept and listed for somebody to look at.
"""

import re
from collections.abc import Iterable

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import FileError
from core.ingest.contract import Dataset, Variable
from core.ingest.readers import Table
from core.where import quoted

NUMBER = r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?"
PLAIN_NUMBER = r"[-+]?[0-9]+(\.[0-9]+)?"
EXACT_DIGITS = 15
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00(\.0+)?)?Z?)?"
BLANKS = " \t\r\n\u00a0"
TEXT = ("string", "large_string")
FINDING = "dataset VARCHAR, source_row INTEGER, variable VARCHAR, value VARCHAR, rule VARCHAR, remedy VARCHAR"
LONGEST_VALUE_SHOWN = 200
VARIABLE_NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,31}")
MOST_NAMED = 20

Connection = duckdb.DuckDBPyConnection


def prepare(connection: Connection) -> None:
    """Create the tables that findings go to."""
    connection.execute(f"CREATE TABLE rejected ({FINDING}); CREATE TABLE query ({FINDING})")


def stage(connection: Connection, dataset: Dataset, table: Table, mapped: dict[str, str], file: str) -> int:
    """Load a file as text into ``staged``, trimmed, blank as NULL; return how many values were trimmed.

    Parameters
    ----------
    mapped : dict
        Contract name -> the file's own name, from study.toml.

    Raises
    ------
    FileError
        A required variable, or one that study.toml names, is not in the file.
    """
    records = table.records
    columns = {name: name for name in records.column_names[1:]}
    for ours, theirs in mapped.items():
        if theirs.upper() not in columns:
            raise FileError(
                f"{file} has no variable {theirs}, which study.toml maps to {ours}; it has {_some(columns)}."
            )
        if ours in columns and ours != theirs.upper():
            raise FileError(f"{file} has a variable {ours} already, and study.toml maps {theirs} to it; keep one.")
        columns[theirs.upper()] = ours
    for variable in dataset.variables:
        if variable.required and variable.name not in columns.values():
            raise FileError(
                f"{file} has no variable {variable.name}; add it, or map its name under [variables.{dataset.name}] in "
                f"study.toml. The file has {_some(columns)}."
            )
    records, trimmed = _trim(records)
    terms = {variable.name: variable.terms for variable in dataset.variables if variable.terms}
    values = [
        f"{_as_term(_as_text(theirs, str(records.schema.field(theirs).type)), terms.get(ours, ()))} AS {quoted(ours)}"
        for theirs, ours in columns.items()
    ]
    some_value = "coalesce(" + ", ".join(map(quoted, columns.values())) + ") IS NOT NULL"
    connection.register("file", records)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE staged AS FROM (SELECT source_row, {', '.join(values)} FROM file) WHERE {some_value}"
    )
    connection.unregister("file")
    return trimmed


def refuse(connection: Connection, dataset: Dataset, table: Table, has_subjects: bool) -> None:
    """Write every breach of the contract by ``staged`` to ``rejected``."""
    names = present(connection)
    for broken in table.broken:
        _add(
            connection,
            dataset,
            broken.row,
            None,
            broken.text,
            f"the record {broken.reason}",
            "quote values that hold commas",
        )
    for variable in dataset.variables:
        if variable.name in names:
            _refuse_values(connection, dataset, variable)
    for name in dataset.identifiers:
        if name in names:
            _refuse_where(
                connection, dataset, f"{quoted(name)} IS NULL", name, "must not be blank", f"give the record its {name}"
            )
    if {"AVISIT", "ADT"} <= set(names) and dataset.timepoint:
        _refuse_where(
            connection,
            dataset,
            "AVISIT IS NULL AND ADT IS NULL",
            "AVISIT",
            "AVISIT and ADT must not both be blank",
            "say when the record was made",
        )
    _refuse_repeats(connection, dataset, names)
    if has_subjects:
        _refuse_where(
            connection,
            dataset,
            "USUBJID IS NOT NULL AND USUBJID NOT IN (SELECT USUBJID FROM ADSL)",
            "USUBJID",
            "must be a subject of ADSL",
            "correct the identifier, or add the subject to ADSL",
        )


def keep(connection: Connection, dataset: Dataset, table: Table, mapped: dict[str, str], order: str) -> None:
    """Make the dataset's table from the records of ``staged`` that were not refused, in their own types."""
    text = {f.name for f in table.records.schema if table.typed and str(f.type) in TEXT}
    text |= {ours for ours, theirs in mapped.items() if theirs.upper() in text}
    floats = {f.name for f in table.records.schema if pa.types.is_floating(f.type) or pa.types.is_decimal(f.type)}
    floats |= {ours for ours, theirs in mapped.items() if theirs.upper() in floats}
    kinds = {
        name: "number"
        if name in floats and name not in dataset.by_name
        else "text"
        if name in text and name not in dataset.by_name
        else _kind(connection, dataset, name)
        for name in present(connection)
    }
    casts = ", ".join(f"{_cast(name, kind)} AS {quoted(name)}" for name, kind in kinds.items())
    connection.execute(
        f"CREATE TABLE {quoted(dataset.name)} AS SELECT source_row, {casts} FROM staged "
        "WHERE source_row NOT IN (SELECT source_row FROM rejected WHERE dataset = $dataset) "
        f"ORDER BY {order}",
        {"dataset": dataset.name},
    )


def present(connection: Connection, table: str = "staged") -> list[str]:
    """Return the variables of a table, in the file's order."""
    rows = connection.execute(
        "SELECT column_name FROM (DESCRIBE FROM query_table($table))", {"table": table}
    ).fetchall()
    return [name for (name,) in rows if name not in ("source_row", "subject_code")]


def literals(values: Iterable[str]) -> str:
    """Return texts as an SQL list."""
    return "[" + ", ".join("'" + value.replace("'", "''") + "'" for value in values) + "]"


def _trim(records: pa.Table) -> tuple[pa.Table, int]:
    """Take outer blanks off every text, blank becoming NULL, and count the texts that had some."""
    count = 0
    for index, kind in enumerate(records.schema.types):
        if str(kind) in TEXT:
            before = records.column(index)
            after = pc.utf8_trim(before, BLANKS)
            count += pc.sum(pc.not_equal(before, after)).as_py() or 0
            after = pc.if_else(pc.equal(after, ""), None, after)
            records = records.set_column(index, records.column_names[index], after)
    return records, count


def _as_text(name: str, kind: str) -> str:
    column = quoted(name)
    if kind in ("double", "float"):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    return f"CAST({column} AS VARCHAR)"


def _as_term(text: str, terms: tuple[str, ...]) -> str:
    """Let 2.0, as programs write a grade that was once a number, be the term 2."""
    if not any(term.isdigit() for term in terms):
        return text
    short = f"regexp_replace({text}, '\\.0+$', '')"
    return f"CASE WHEN list_contains({literals(terms)}, {short}) THEN {short} ELSE {text} END"


def _refuse_values(connection: Connection, dataset: Dataset, variable: Variable) -> None:
    column = quoted(variable.name)
    if variable.kind == "number":
        bad = f"NOT regexp_full_match({column}, '{NUMBER}') OR NOT isfinite(TRY_CAST({column} AS DOUBLE))"
        rule, remedy = "must be a number", "write a plain number such as 12.5, or leave it blank"
    elif variable.kind == "date":
        bad = f"NOT regexp_full_match({column}, '{DATE}') OR TRY_CAST(left({column}, 10) AS DATE) IS NULL"
        rule, remedy = "must be a date", "write a day that exists as YYYY-MM-DD, or leave it blank"
    elif variable.terms:
        terms = ", ".join(variable.terms)
        bad = f"NOT list_contains({literals(variable.terms)}, {column})"
        rule, remedy = f"must be one of {terms}", "use one of these terms, or leave it blank"
    else:
        return
    _refuse_where(connection, dataset, f"{column} IS NOT NULL AND ({bad})", variable.name, rule, remedy)


def _refuse_repeats(connection: Connection, dataset: Dataset, names: list[str]) -> None:
    """Refuse records that share a key: all of them, but for the first of several that are equal in every value."""
    key = [name for name in dataset.key if name in names]
    if not set(dataset.identifiers) <= set(key):
        return
    values = ", ".join(map(quoted, names))
    written = ", ".join(map(quoted, key))
    shared = ", ".join(_cast(name, dataset.by_name[name].kind) for name in key)
    complete = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in dataset.identifiers)
    connection.execute(
        f"""
        INSERT INTO rejected
        WITH repeated AS (
            SELECT source_row FROM staged
            WHERE {complete} AND source_row NOT IN (SELECT source_row FROM rejected WHERE dataset = $dataset)
            QUALIFY count(*) OVER (PARTITION BY {shared}) > 1
        ), clash AS (
            SELECT source_row, concat_ws(' ', {written}) AS shared_key,
                   row_number() OVER (PARTITION BY {values} ORDER BY source_row) AS copy,
                   count(*) OVER (PARTITION BY {values}) = count(*) OVER (PARTITION BY {shared}) AS all_equal
            FROM staged SEMI JOIN repeated USING (source_row)
        )
        SELECT $dataset, source_row, $key, left(shared_key, {LONGEST_VALUE_SHOWN}),
               CASE WHEN all_equal THEN 'is the same record again' ELSE 'shares its key with another record' END,
               CASE WHEN all_equal THEN 'remove the copy' ELSE 'keep the right record, or give each its own key' END
        FROM clash WHERE NOT all_equal OR copy > 1
        """,
        {"dataset": dataset.name, "key": ", ".join(key)},
    )


def _refuse_where(connection: Connection, dataset: Dataset, bad: str, variable: str, rule: str, remedy: str) -> None:
    find(connection, "rejected", "staged", dataset.name, bad, variable, rule, remedy)


def find(
    connection: Connection, into: str, table: str, dataset: str, bad: str, variable: str, rule: str, remedy: str
) -> None:
    """Write one finding for each record of `table` for which the SQL condition `bad` holds."""
    value = f"left(CAST({quoted(variable)} AS VARCHAR), {LONGEST_VALUE_SHOWN})"
    connection.execute(
        f"INSERT INTO {into} SELECT $dataset, source_row, $variable, {value}, $rule, $remedy FROM {quoted(table)} WHERE {bad}",
        {"dataset": dataset, "variable": variable, "rule": rule, "remedy": remedy},
    )


def _add(
    connection: Connection, dataset: Dataset, row: int, variable: str | None, value: str, rule: str, remedy: str
) -> None:
    connection.execute(
        "INSERT INTO rejected VALUES (?, ?, ?, ?, ?, ?)",
        [dataset.name, row, variable, value[:LONGEST_VALUE_SHOWN], rule, remedy],
    )


def _kind(connection: Connection, dataset: Dataset, name: str) -> str:
    """The contract's type; for other variables the one that every value of the column can take unchanged."""
    if name in dataset.by_name:
        return dataset.by_name[name].kind
    column = quoted(name)
    numeric, dates, some = connection.execute(
        f"SELECT bool_and(regexp_full_match({column}, '{PLAIN_NUMBER}') AND NOT regexp_matches({column}, '^[-+]?0[0-9]')"
        f" AND length(regexp_replace({column}, '[^0-9]', '', 'g')) <= {EXACT_DIGITS}),"
        f" bool_and(regexp_full_match({column}, '{DATE}') AND TRY_CAST(left({column}, 10) AS DATE) IS NOT NULL),"
        f" count(*) > 0 FROM staged WHERE {column} IS NOT NULL"
    ).fetchall()[0]
    return "number" if some and numeric else "date" if some and dates else "text"


def _cast(name: str, kind: str) -> str:
    column = quoted(name)
    return {
        "text": column,
        "number": f"TRY_CAST({column} AS DOUBLE)",
        "date": f"TRY_CAST(left({column}, 10) AS DATE)",
    }[kind]


def _some(names: Iterable[str]) -> str:
    # What does not look like a variable's name may be a patient's data in a file without a header.
    given = list(names)
    names = [name for name in given if VARIABLE_NAME.fullmatch(name)]
    if len(names) < len(given) / 2:
        return "a first line that does not look like variables' names"
    return ", ".join(names[:MOST_NAMED]) + (f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else "")
