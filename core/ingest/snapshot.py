"""One immutable DuckDB file per state of a study folder, named by the hash of what went in.

It is written beside its place and moved there in one step, so that a reader finds either nothing or all of
it, and two processes that start at once both succeed.
"""

import hashlib
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb

import core.ingest as package
from core.errors import ConditionError, FileError, StudyError
from core.ingest import checks, contract, derive, events, measurements, observation, queries, readers
from core.study import Source, Study
from core.where import Sql, quoted

FOLDER = ".snapshots"
CONDITIONS = Path(package.__file__).parents[1] / "sql" / "conditions.sql"
KEPT = 2
MEMORY = os.environ.get("MARROWSCOPE_MEMORY", "512MB")
"""What DuckDB may hold of one study, while it is built and while it is asked; a build writes the rest to disk meanwhile."""


@dataclass(frozen=True)
class Loaded:
    """What became of one file; kept + refused = read."""

    dataset: str
    label: str
    file: str
    read: int
    kept: int
    refused: int
    trimmed: int


def ensure(source: Source) -> Path:
    """Return the snapshot of a study folder as it is now, building it only if it is not there yet.

    Raises
    ------
    StudyError
        The folder cannot be used; earlier snapshots stay where they are.
    """
    try:
        target = place(source)
        if not target.exists():
            build(source, target)
    except OSError as error:
        named = Path(str(error.filename or source.folder)).name
        raise StudyError(
            f"{source.name}: {named} cannot be used: {error.strerror or 'unreadable'}; mend or remove it."
        ) from None
    except (duckdb.Error, ValueError) as error:
        # Its text may hold a value of a patient.
        raise StudyError(
            f"{source.name} cannot be made a snapshot ({type(error).__name__}); check the variables that study.toml names."
        ) from None
    return target


def place(source: Source) -> Path:
    """Return where the snapshot of the folder's present state belongs."""
    digest = hashlib.sha256()
    code = [
        *sorted(Path(package.__file__).parent.glob("*.py")),
        *(Path(package.__file__).parents[1] / name for name in ("study.py", "where.py")),
    ]
    for path in [*code, source.folder / "study.toml", *sorted(files(source).values()), *_before(source)]:
        digest.update(f"{path.name}:{path.stat().st_size}:".encode())
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    return source.folder / FOLDER / f"{digest.hexdigest()[:16]}.duckdb"


def _before(source: Source) -> list[Path]:
    """Return the files of the cut before: what is told of changes since then depends on them too."""
    if source.before is None:
        return []
    described = source.before / "study.toml"
    return [path for path in (described, *sorted((source.before / "adam").glob("*"))) if path.is_file()]


def latest(folder: Path) -> Path | None:
    """Return the newest snapshot of a folder, for when its present state cannot be used."""
    return next(reversed(_by_age(folder / FOLDER)), None)


def files(source: Source) -> dict[str, Path]:
    """Return dataset name -> file for every declared dataset that the folder has.

    Raises
    ------
    StudyError
        ADSL is missing, a file that study.toml names is missing, or two files claim one dataset.
    """
    found: dict[str, Path] = {}
    there = sorted(source.datasets.iterdir()) if source.datasets.is_dir() else []
    for table, names in (("files", source.study.files), ("variables", source.study.variables)):
        for name in names:
            if name not in contract.DATASETS:
                raise StudyError(
                    f"study.toml: {table}.{name} is not a dataset; the datasets are {', '.join(contract.DATASETS)}."
                )
    for name, file in source.study.files.items():
        found[name] = source.datasets / file
        if found[name] not in there or found[name].suffix.lower() not in readers.READERS:
            raise StudyError(
                f"study.toml: files.{name} = {file!r} is not a file of {source.name}/adam that can be read."
            )
    for path in there:
        name = path.stem.upper()
        if name not in contract.DATASETS or path.suffix.lower() not in readers.READERS or name in source.study.files:
            continue
        if name in found:
            raise StudyError(
                f"{source.name}/adam has both {found[name].name} and {path.name}; keep one, or name it under [files]."
            )
        found[name] = path
    if "ADSL" not in found:
        raise StudyError(
            f"{source.name}/adam has no ADSL file; add adsl with one of the endings {', '.join(readers.READERS)}."
        )
    return {name: found[name] for name in contract.DATASETS if name in found}


def build(source: Source, target: Path) -> None:
    """Read, check and code a study folder into `target`."""
    try:
        shared = _shared(source)
        target.parent.mkdir(0o700 | shared | shared >> 2, exist_ok=True)
    except FileExistsError:
        raise StudyError(f"{source.name}/{FOLDER} is a file; move it, to make room for a folder.") from None
    except OSError as error:
        raise StudyError(
            f"{source.name}/{FOLDER} cannot be made: {error.strerror}; make {source.name} writable."
        ) from None
    partial = target.with_name(f".{uuid.uuid4().hex}.partial")
    try:
        with duckdb.connect(str(partial), config={"memory_limit": MEMORY}) as connection:
            _fill(connection, source, target.stem)
        partial.chmod(0o400 | _shared(source))
        partial.replace(target)
    except duckdb.IOException:
        raise StudyError(
            f"{source.name}: no snapshot can be written in {FOLDER}; make it writable, with room on its disk, "
            "and no backslash in the name of a folder above it."
        ) from None
    finally:
        for leftover in target.parent.glob(f"{partial.name}*"):
            leftover.unlink()
    for old in _by_age(target.parent)[:-KEPT]:
        old.unlink(missing_ok=True)


def _shared(source: Source) -> int:
    """Return who besides the owner may read all of the datasets, as bits of a file's mode: nobody else reads their copy."""
    shared = 0o044
    for path in files(source).values():
        shared &= path.stat().st_mode
    return shared


def _by_age(folder: Path) -> list[Path]:
    """Return the snapshots of a folder, oldest first; another process may be tidying it meanwhile."""
    aged = []
    for path in folder.glob("*.duckdb"):
        with suppress(FileNotFoundError):
            aged.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(aged)]


def _fill(connection: duckdb.DuckDBPyConnection, source: Source, identity: str) -> None:
    study = source.study
    checks.prepare(connection)
    present = files(source)
    loaded = [
        _load(connection, source, contract.for_study(contract.DATASETS[name], study), path)
        for name, path in present.items()
    ]
    derive.registrations(connection)
    derive.periods(connection, study, set(present))
    observation.observe(connection, study, set(present))
    if "ADAE" in present:
        events.code(connection, study)
    measurements.specimens(connection, study, set(present))
    measurements.code(connection, study, set(present))
    derive.membership(connection)
    queries.of_whom(connection, list(present))
    _describe(connection, study, identity, loaded)
    _check_study(connection, study)
    connection.execute("CHECKPOINT")


def _load(connection: duckdb.DuckDBPyConnection, source: Source, dataset: contract.Dataset, path: Path) -> Loaded:
    mapped = source.study.variables.get(dataset.name, {})
    table = readers.read(path, source.study.csv_encoding)
    trimmed = checks.stage(connection, dataset, table, mapped, path.name)
    if dataset.name == "ADBM":
        measurements.move_limits(connection)
    checks.refuse(connection, dataset, table, has_subjects=dataset.name != "ADSL")
    checks.keep(connection, dataset, table, mapped, order="USUBJID, source_row")
    if dataset.name == "ADSL":
        derive.subjects(connection)
        queries.of_subjects(connection)
    queries.of_records(connection, dataset, source.study)
    read, kept, refused = connection.execute(
        f"SELECT (SELECT count(*) FROM staged) + $broken, (SELECT count(*) FROM {quoted(dataset.name)}),"
        " (SELECT count(DISTINCT source_row) FROM rejected WHERE dataset = $dataset)",
        {"dataset": dataset.name, "broken": len(table.broken)},
    ).fetchall()[0]
    connection.execute("DROP TABLE staged")
    if kept + refused != read:
        raise FileError(
            f"{path.name}: {read} records were read but {kept} kept and {refused} refused; nothing was loaded."
        )
    labels = {variable.name: variable.label for variable in dataset.variables} | table.labels
    _list_variables(connection, dataset.name, labels)
    return Loaded(dataset.name, dataset.label, path.name, read, kept, refused, trimmed)


def _list_variables(connection: duckdb.DuckDBPyConnection, dataset: str, labels: dict[str, str]) -> None:
    """Add every variable of a dataset, with its label, type and number of missing values, to ``variable``."""
    connection.execute(
        "CREATE TABLE IF NOT EXISTS variable"
        " (dataset VARCHAR, position INTEGER, variable VARCHAR, label VARCHAR, type VARCHAR, present BIGINT, missing BIGINT)"
    )
    described = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE {quoted(dataset)})").fetchall()
    kinds = [(name, kind) for name, kind in described if name not in ("source_row", "subject_code")]
    (counts,) = connection.execute(
        "SELECT count(*), " + ", ".join(f"count({quoted(name)})" for name, _ in kinds) + f" FROM {quoted(dataset)}"
    ).fetchall()
    rows = [
        [dataset, position, name, labels.get(name, ""), kind, count, counts[0] - count]
        for position, ((name, kind), count) in enumerate(zip(kinds, counts[1:], strict=True), 1)
    ]
    connection.executemany("INSERT INTO variable VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _describe(connection: duckdb.DuckDBPyConnection, study: Study, identity: str, loaded: list[Loaded]) -> None:
    connection.execute("CREATE TABLE study (snapshot VARCHAR, description VARCHAR)")
    connection.execute("INSERT INTO study VALUES (?, ?)", [identity, study.model_dump_json()])
    connection.execute(
        "CREATE TABLE dataset (dataset VARCHAR, label VARCHAR, file VARCHAR, read BIGINT, kept BIGINT, refused BIGINT,"
        " trimmed BIGINT)"
    )
    connection.executemany(
        "INSERT INTO dataset VALUES (?, ?, ?, ?, ?, ?, ?)", [list(vars(one).values()) for one in loaded]
    )


def _check_study(connection: duckdb.DuckDBPyConnection, study: Study) -> None:
    """Make sure that what study.toml names is there to be asked for."""
    schema: dict[str, dict[str, str]] = {}
    for dataset, variable, kind in connection.execute(CONDITIONS.read_text(encoding="utf-8")).fetchall():
        schema.setdefault(dataset, {})[variable] = kind
    for population in study.populations:
        try:
            Sql(schema).holds(population.where)
        except ConditionError as error:
            remedy = " Add SAFFL or TRTSDT to ADSL, or name other [[populations]]." if "SAFFL" in str(error) else ""
            raise StudyError(f"study.toml: population {population.label!r}: {error}{remedy}") from None
    named = {"arm": study.arm, **{f"filters {f.label!r}": f.variable for f in study.filters}}
    named |= {
        f"disposition.exposure {label!r}": name
        for name, label in study.disposition.exposure.items()
        if name != "TRTDURD"
    }
    for what, name in named.items():
        if name is not None and name not in schema["ADSL"]:
            raise StudyError(f"study.toml: {what} names {name}, which ADSL does not have.")
    biomarkers = {code for (code,) in connection.execute("SELECT PARAMCD FROM parameter").fetchall()}
    for name in study.association.covariates:
        if (
            schema["ADSL"].get(name) != "DOUBLE"
            and name not in biomarkers
            and not _without_value(connection, schema, name)
        ):
            raise StudyError(
                f"study.toml: association.covariates names {name}, which is neither a numeric variable of ADSL nor a biomarker."
            )
    names = [name for (name,) in connection.execute("SELECT AVISIT FROM timepoint ORDER BY timepoint").fetchall()]
    for earlier, later in combinations(names, 2):
        if f"{later}-{earlier}" in names:
            raise StudyError(
                f"ADBM: the timepoint {later}-{earlier} reads like the change between two others; rename it (AVISIT)."
            )


def _without_value(connection: duckdb.DuckDBPyConnection, schema: dict[str, dict[str, str]], name: str) -> bool:
    """Return whether a variable of ADSL has no value yet, so that nothing says of what kind it will be."""
    if name not in schema["ADSL"]:
        return False
    (count,) = connection.execute(f"SELECT count({quoted(name)}) FROM ADSL").fetchall()[0]
    return int(count) == 0
