"""Files to tables, whatever their format: every value as the file has it, every record counted.

A reader returns the records it could take apart and those it could not (`Broken`); what cannot be read at
all raises FileError with one sentence.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import isnan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from core.errors import FileError

XPT_BLOCK = 80
RESERVED = ("SOURCE_ROW", "SUBJECT_CODE")


@dataclass(frozen=True)
class Broken:
    """A record that could not be taken apart into the file's columns."""

    row: int
    text: str
    reason: str


@dataclass(frozen=True)
class Table:
    """What a file holds: a column ``source_row`` (the first record below the header is 1) and its own columns.

    `typed` says whether the format itself tells numbers from text, as all but CSV do.
    """

    records: pa.Table
    labels: dict[str, str] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    typed: bool = True

    @property
    def read(self) -> int:
        """How many records the file holds, whether or not they could be taken apart."""
        return self.records.num_rows + len(self.broken)


def read(path: Path, encoding: str = "utf-8") -> Table:
    """Read one file by its extension.

    Parameters
    ----------
    path : Path
        A file ending in csv, parquet, xpt, sas7bdat or xlsx.
    encoding : str
        Of CSV files.

    Raises
    ------
    FileError
        The file is empty, truncated, of another format than its name says, or not in `encoding`.
    """
    reader = READERS[path.suffix.lower()]
    if path.stat().st_size == 0:
        raise FileError(f"{path.name} is empty; it needs at least a header with the variables' names.")
    table = reader(path, encoding)
    names = [name.strip().upper() for name in table.records.column_names[1:]]
    for name in names:
        if not name:
            raise FileError(f"{path.name} has a column without a name; give every column one.")
        if names.count(name) > 1:
            raise FileError(f"{path.name} has two columns named {name}; rename or remove one.")
        if name in RESERVED:
            raise FileError(f"{path.name} has a column {name}, a name this application uses itself; rename it.")
    return replace(table, records=table.records.rename_columns(["source_row", *names]))


def _numbered(table: pa.Table, rows: pa.Array | None = None) -> pa.Table:
    return table.add_column(
        0, "source_row", pa.array(range(1, table.num_rows + 1), pa.int32()) if rows is None else rows
    )


def _read_csv(path: Path, encoding: str) -> Table:
    _check_text(path, encoding)
    names = _header(path, encoding)
    broken: list[Broken] = []

    def keep_for_later(invalid: pyarrow.csv.InvalidRow) -> str:
        reason = f"has {invalid.actual_columns} fields where the header has {invalid.expected_columns}"
        broken.append(Broken(invalid.number - 1, invalid.text, reason))
        return "skip"

    try:
        table = pyarrow.csv.read_csv(
            path,
            pyarrow.csv.ReadOptions(use_threads=False, encoding=encoding, block_size=1 << 24),
            pyarrow.csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=keep_for_later, ignore_empty_lines=False
            ),
            pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        )
    except (pa.ArrowInvalid, UnicodeError, LookupError) as error:
        raise FileError(f"{path.name} cannot be read as CSV: {_first_line(error)}.") from None
    taken = {row.row for row in broken}
    rows = [n for n in range(1, table.num_rows + len(broken) + 1) if n not in taken] if taken else None
    table = table.cast(pa.schema([(name, pa.string()) for name in table.column_names]))
    return Table(
        _numbered(table, rows if rows is None else pa.array(rows, pa.int32())), broken=tuple(broken), typed=False
    )


def _check_text(path: Path, encoding: str) -> None:
    """Refuse what is not text in `encoding`, naming the line; reads in pieces so that size does not matter."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise FileError(f"study.toml: csv_encoding = {encoding!r} is not known; use utf-8 or latin-1.") from None
    line = 1
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            if b"\x00" in piece:
                raise FileError(
                    f"{path.name} is not a text file (line {line} holds binary data); export it as CSV again."
                )
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                at = line + error.object[: error.start].count(b"\n")
                raise FileError(
                    f"{path.name} is not {encoding} text: line {at} holds the byte 0x{error.object[error.start]:02X}; "
                    'save it as UTF-8, or set csv_encoding = "latin-1" in study.toml if that is what it is.'
                ) from None
            line += piece.count(b"\n")


def _header(path: Path, encoding: str) -> list[str]:
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(1 << 16)
    try:
        names = next(csv.reader(io.StringIO(start)), [])
    except csv.Error as error:
        raise FileError(f"{path.name} cannot be read as CSV: {error}.") from None
    if not names:
        raise FileError(f"{path.name} has no header line; its first line must hold the variables' names.")
    if len(start) == 1 << 16 and "\n" not in start:
        raise FileError(f"{path.name} has no line end in its first 65,536 characters; it is not a CSV file.")
    return [name.removeprefix("\ufeff") for name in names]


def _read_parquet(path: Path, _: str) -> Table:
    try:
        table = pyarrow.parquet.read_table(path)
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise FileError(f"{path.name} cannot be read as Parquet: {_first_line(error)}.") from None
    plain = []
    for read in table.columns:
        kind = read.type
        column = pc.cast(read, kind.value_type) if pa.types.is_dictionary(kind) else read
        if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
            raise FileError(f"{path.name} has a column of type {kind}; use text, numbers and dates only.")
        plain.append(column)
    return Table(_numbered(pa.table(plain, names=table.column_names)))


def _read_xpt(path: Path, _: str) -> Table:
    if path.stat().st_size % XPT_BLOCK:
        raise FileError(
            f"{path.name} is cut short: a SAS transport file is a whole number of {XPT_BLOCK}-byte records; transfer it again."
        )
    return _read_sas(path, "SAS transport", "read_xport")


def _read_sas7bdat(path: Path, _: str) -> Table:
    return _read_sas(path, "SAS7BDAT", "read_sas7bdat")


def _read_sas(path: Path, what: str, reader: str) -> Table:
    import pyreadstat

    try:
        columns, meta = getattr(pyreadstat, reader)(str(path), output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError) as error:
        raise FileError(f"{path.name} cannot be read as {what}: {_first_line(error)}.") from None
    names = list(columns)
    count = len(columns[names[0]]) if names else 0
    if not names or (meta.number_rows is not None and count != meta.number_rows):
        raise FileError(
            f"{path.name} is cut short: {count} of {meta.number_rows} records could be read; transfer it again."
        )
    labels = {name.upper(): label for name, label in zip(meta.column_names, meta.column_labels, strict=True) if label}
    arrays = [_array(list(columns[name])) for name in names]
    return Table(_numbered(pa.table(arrays, names=names)), labels)


def _read_xlsx(path: Path, _: str) -> Table:
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise FileError(f"{path.name} cannot be read as XLSX: {_first_line(error)}.") from None
    with book:
        named = [sheet for sheet in book.sheetnames if sheet.upper() == path.stem.upper()]
        if not named and len(book.sheetnames) > 1:
            sheets = ", ".join(book.sheetnames)
            raise FileError(f"{path.name} has several sheets ({sheets}); name the one to read {path.stem.upper()}.")
        rows = [list(row) for row in book[named[0] if named else book.sheetnames[0]].iter_rows(values_only=True)]
    if not rows or all(cell is None for cell in rows[0]):
        raise FileError(f"{path.name} has no header row; its first row must hold the variables' names.")
    while rows[0] and rows[0][-1] is None and all(len(row) < len(rows[0]) or row[-1] is None for row in rows):
        rows = [row[: len(rows[0]) - 1] for row in rows]
    names = ["" if cell is None else str(cell) for cell in rows[0]]
    arrays = [_array([row[i] if i < len(row) else None for row in rows[1:]]) for i in range(len(names))]
    return Table(_numbered(pa.table(arrays, names=names)))


def _array(values: list[Any]) -> pa.Array:
    """Return one column; where types are mixed, each value as its own text, so that none is lost."""
    values = [None if isinstance(value, float) and isnan(value) else value for value in values]
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else _own_text(value) for value in values], pa.string())


def _own_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")[:200]


READERS: dict[str, Callable[[Path, str], Table]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".xpt": _read_xpt,
    ".sas7bdat": _read_sas7bdat,
    ".xlsx": _read_xlsx,
}
