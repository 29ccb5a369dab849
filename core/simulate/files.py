"""A drawn study as a study folder: CSV, Parquet where that would be large, and the study.toml that goes with it."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import OptionError, RequestError
from core.simulate.drawn import DATASETS, Drawn, draw
from core.simulate.recipe import RECIPE, read
from core.study import load

MOST_ROWS_OF_CSV = 200_000


def simulate(
    folder: Path,
    subjects: int | None = None,
    markers: int | None = None,
    seed: int | None = None,
    to: Path | None = None,
) -> str:
    """Draw the study of a folder's recipe, write it, and return what was written, in a sentence for each folder.

    The cut before, where the recipe has one, goes to the folder that study.toml names as previous_cut. A study of another size or seed than the recipe's never takes the place of the one that the recipe stands beside.

    Parameters
    ----------
    folder : Path
        Holds the recipe.
    subjects, markers, seed : int, optional
        As the recipe says where they are not given.
    to : Path, optional
        The folder to write; without it that of the recipe, or one beside it for another size or seed.

    Raises
    ------
    StudyError
        The folder has no recipe, or the recipe is wrong.
    RequestError
        The size asked for cannot be drawn, or what is there would be lost.

    Examples
    --------
    >>> from pathlib import Path
    >>> simulate(Path("data/cabazitaxel"), subjects=0)
    Traceback (most recent call last):
    core.errors.OptionError: subjects is 0; it must be at least 1.
    """
    source, recipe = read(folder)
    usual = (recipe.subjects, len(recipe.markers), recipe.seed)
    given = (subjects, markers, seed)
    count, panel, start = (own if asked is None else asked for own, asked in zip(usual, given, strict=True))
    for name, number, least in (("subjects", count, 1), ("markers", panel, 1), ("seed", start, 0)):
        if number < least:
            raise OptionError(f"{name} is {number}; it must be at least {least}.")
    scaled = (count, panel, start) != usual
    identity = f"{source.study.id}-{count}-{panel}-{start}" if scaled else source.study.id
    target = to or (folder.parent / identity if scaled else folder)
    before = target / str(source.study.previous_cut)
    _check_target(target, folder, scaled)
    if recipe.earlier_cut:
        _check_target(before, folder / str(source.study.previous_cut), scaled)
    named = replace(source, study=source.study.model_copy(update={"id": identity}))
    drawn = draw(named, recipe, count, panel, start)
    described = _renamed((folder / "study.toml").read_text(encoding="utf-8-sig"), identity, drawn)
    write(drawn.tables, target, None if target.resolve() == folder.resolve() else described, drawn.truth)
    told = f"{target}: {count:,} subjects, {panel:,} markers, seed {start} ({_counts(drawn.tables)})."
    if recipe.earlier_cut is None or drawn.earlier is None:
        return told
    write(drawn.earlier, before, _as_of(described, recipe.earlier_cut.data_cut))
    return f"{told}\n{before}: the same as of {recipe.earlier_cut.data_cut} ({_counts(drawn.earlier)})."


def _counts(tables: Mapping[str, pa.Table]) -> str:
    return ", ".join(f"{name} {table.num_rows:,}" for name, table in tables.items())


def _check_target(target: Path, folder: Path, scaled: bool) -> None:
    with _reachable(target):
        if scaled and (target / RECIPE).exists():
            raise RequestError(f"{target} holds a recipe, whose own study would be lost; name another folder with -o.")
        if target.exists() and not target.is_dir():
            raise RequestError(f"{target} is not a folder; name another with -o.")
        described = (target / "study.toml").exists()
        if not described and (target / "adam").is_dir() and any((target / "adam").iterdir()):
            raise RequestError(
                f"{target / 'adam'} holds files but no study.toml says whose; name another folder with -o."
            )
        if described and target.resolve() != folder.resolve() and not load(target).study.simulated:
            raise RequestError(f"{target} holds a study that was not drawn; name another folder with -o.")


@contextmanager
def _reachable(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RequestError(f"{target} cannot be written: {error.strerror}; name another folder with -o.") from None


def write(
    tables: Mapping[str, pa.Table], target: Path, description: str | None = None, truth: pa.Table | None = None
) -> None:
    """Write a study folder; a file that is there already with the same content is left as it is.

    Of the datasets that can be drawn, a file of an earlier draw goes when this one has none of that name.

    Parameters
    ----------
    tables : mapping of pyarrow.Table
        The datasets.
    target : Path
        The folder, made if it is not there.
    description : str, optional
        Its study.toml; without one that of the folder stays.
    truth : pyarrow.Table, optional
        The truth behind the markers.

    Raises
    ------
    RequestError
        The folder cannot be written.
    """
    files = {} if truth is None else {target / "truth.csv": _csv(truth)}
    files |= {} if description is None else {target / "study.toml": description.encode()}
    for name, table in tables.items():
        large = table.num_rows > MOST_ROWS_OF_CSV
        kind = "parquet" if large else "csv"
        files[target / "adam" / f"{name.lower()}.{kind}"] = _parquet(table) if large else _csv(table)
    possible = [target / "adam" / f"{name.lower()}.{kind}" for name in DATASETS for kind in ("csv", "parquet")]
    with _reachable(target):
        (target / "adam").mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            if not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
        for path in possible:
            if path not in files:
                path.unlink(missing_ok=True)


def _csv(table: pa.Table) -> bytes:
    """Return a table as text: each number the shortest that reads back as itself, each day as YYYY-MM-DD."""
    columns = [table[name].cast(pa.string()).to_pylist() for name in table.column_names]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue().encode()


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _renamed(text: str, identity: str, drawn: Drawn) -> str:
    """Return study.toml with another id, and the parameters that were drawn."""
    parts = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    head = re.sub(r"^id\s*=.*$", f"id = {json.dumps(identity)}", parts[0], count=1, flags=re.MULTILINE)
    kept = [part for part in parts[1:] if not part.startswith("[[parameters]]")]
    described = [
        "[[parameters]]\n"
        + "".join(f"{key} = {json.dumps(value)}\n" for key, value in one.model_dump(exclude_defaults=True).items())
        for one in drawn.parameters
    ]
    return head + "".join(kept).rstrip("\n") + "\n\n" + "\n".join(described)


def _as_of(text: str, cut: date) -> str:
    """Return study.toml as that of an earlier cut, which names none before it."""
    lines = [line for line in text.splitlines() if not re.match(r"previous_cut\s*=", line)]
    return "\n".join(re.sub(r"^data_cut\s*=.*$", f"data_cut = {cut}", line) for line in lines) + "\n"
