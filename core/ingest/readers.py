"""Files to tables, whatever their format: every value as the file has it, every record counted.

A reader returns the records it could take apart and those it could not (`Broken`); what cannot be read at
all raises FileError with one sentence.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable
from contextlib import closing
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
XPT_RECORDS = re.compile(rb"HEADER RECORD\*{7}OBS(?:V8)?\s+HEADER RECORD!{7}(?:\s*(?P<count>\d{1,15})\s)?")
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
    names, alone = _header(path, encoding)
    if alone:
        return Table(_numbered(pa.table([pa.array([], pa.string())] * len(names), names=names)), typed=False)
    broken: list[Broken] = []

    def keep_for_later(invalid: pyarrow.csv.InvalidRow) -> str:
        count = invalid.actual_columns
        reason = f"has {count} field{'' if count == 1 else 's'} where the header has {invalid.expected_columns}"
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
        more = True
        while more:
            piece = file.read(1 << 20)
            more = bool(piece)
            if b"\x00" in piece:
                raise FileError(
                    f"{path.name} is not a text file (line {line} holds binary data); export it as CSV again."
                )
            try:
                decoder.decode(piece, final=not more)
            except UnicodeDecodeError as error:
                at = line + error.object[: error.start].count(b"\n")
                raise FileError(
                    f"{path.name} is not {encoding} text: line {at} holds the byte 0x{error.object[error.start]:02X}; "
                    'save it as UTF-8, or set csv_encoding = "latin-1" in study.toml if that is what it is.'
                ) from None
            line += piece.count(b"\n")


def _header(path: Path, encoding: str) -> tuple[list[str], bool]:
    """Return the variables' names, and whether nothing follows them."""
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(1 << 16)
    try:
        names = next(csv.reader(io.StringIO(start.removeprefix("\ufeff"), newline="")), [])
    except csv.Error as error:
        raise FileError(f"{path.name} cannot be read as CSV: {error}.") from None
    if not all(name.isprintable() for name in names):
        raise FileError(f"{path.name} is not a text file (line 1 holds binary data); export it as CSV again.")
    if not names:
        raise FileError(f"{path.name} has no header line; its first line must hold the variables' names.")
    if len(start) == 1 << 16 and not {"\n", "\r"} & set(start):
        raise FileError(f"{path.name} has no line end in its first 65,536 characters; it is not a CSV file.")
    return names, not {"\n", "\r"} & set(start)


def _read_parquet(path: Path, _: str) -> Table:
    try:
        table = pyarrow.parquet.read_table(path)
    except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
        raise FileError(f"{path.name} cannot be read as Parquet: {_first_line(error)}.") from None
    plain = []
    for read in table.columns:
        kind = read.type
        column = pc.cast(read, kind.value_type) if pa.types.is_dictionary(kind) else read
        column = pc.cast(column, pa.string()) if pa.types.is_string_view(column.type) else column
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
    if not names:
        raise FileError(f"{path.name} holds no variables; export it again.")
    count = len(columns[names[0]])
    if reader == "read_xport":
        _check_xpt_end(path, count, sum(meta.variable_storage_width.values()))
    elif count != meta.number_rows:
        raise FileError(
            f"{path.name} is cut short: {count} of {meta.number_rows} records could be read; transfer it again."
        )
    labels = {name.upper(): label for name, label in zip(meta.column_names, meta.column_labels, strict=True) if label}
    arrays = [_array(list(columns[name])) for name in names]
    return Table(_numbered(pa.table(arrays, names=names)), labels)


def _check_xpt_end(path: Path, count: int, width: int) -> None:
    """Refuse a file whose last record is not whole (blanks fill its last block), or fewer records than a v8 header says."""
    with path.open("rb") as file:
        head = file.read(1 << 24)
        found = XPT_RECORDS.search(head)
        if found is None:
            return
        file.seek(found.start() + XPT_BLOCK + count * width)
        rest = file.read(XPT_BLOCK)
    said = int(found["count"] or count)
    if len(rest) == XPT_BLOCK or rest.strip() or said != count:
        raise FileError(
            f"{path.name} is cut short: {count} whole records could be read, and what follows them is not the file's end; "
            "transfer it again."
        )


def _read_xlsx(path: Path, _: str) -> Table:
    try:
        rows = _sheet(path)
    except FileError:
        raise
    except Exception as error:  # a damaged workbook can fail anywhere inside zipfile, the XML parser and openpyxl
        raise FileError(f"{path.name} cannot be read as XLSX: {_first_line(error)}.") from None
    if not rows or not rows[0]:
        raise FileError(f"{path.name} has no header row; its first row must hold the variables' names.")
    width = max(map(len, rows))
    rows[0] += [None] * (width - len(rows[0]))
    names = ["" if cell is None else str(cell) for cell in rows[0]]
    arrays = [_array([row[i] if i < len(row) else None for row in rows[1:]]) for i in range(len(names))]
    return Table(_numbered(pa.table(arrays, names=names)))


def _sheet(path: Path) -> list[list[Any]]:
    """Return the rows of the sheet to read, each up to its last cell that holds something."""
    import openpyxl

    with path.open("rb") as file, closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
        named = [name for name in book.sheetnames if name.upper() == path.stem.upper()]
        if not named and len(book.sheetnames) > 1:
            sheets = ", ".join(book.sheetnames)
            raise FileError(f"{path.name} has several sheets ({sheets}); name the one to read {path.stem.upper()}.")
        sheet = book[named[0] if named else book.sheetnames[0]]
        sheet.reset_dimensions()  # some programs write a size that leaves out cells
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    for row in rows:
        while row and row[-1] is None:
            row.pop()
    return rows


def _array(values: list[Any]) -> pa.Array:
    """Return one column; where types are mixed, each value as its own text, so that none is lost."""
    values = [None if isinstance(value, float) and isnan(value) else value for value in values]
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
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
