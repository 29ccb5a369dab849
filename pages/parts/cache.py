"""The only place that caches: by snapshot, population and options, never by a frame.

A result of a large study takes some megabytes, and all readers share one process: little is kept, and not for long.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.ard import Result
from core.data import Data
from core.errors import StudyError
from core.export import export, records, table
from core.export import figure as export_figure
from core.how import How
from core.how import how as made
from core.ingest import snapshot
from core.outputs import OUTPUTS
from core.outputs.catalogue import Option, Value
from core.study import Population, load
from core.tables.layout import Layout

Given = tuple[tuple[str, Value], ...]
State = tuple[tuple[str, int, int], ...]
"""Name, size and time of files."""

Asked = tuple[str, str, tuple[str, ...], str]
"""Snapshot, population, entries and form of a report."""

HOUR = 3600.0
RESULTS, FILES, REPORTS = 64, 8, 8
"""How many are kept of the results and what is drawn of them, of each kind of file, and of the reports."""


@dataclass(frozen=True)
class Opened:
    """A study's data, and what a reader must know when they are not those of the folder as it is now."""

    data: Data
    notice: str = ""


@dataclass(frozen=True)
class Shown:
    """A result with its drawing: a layout and its HTML, or a chart."""

    result: Result
    layout: Layout | None
    drawing: Any


def opened(folder: Path) -> Opened:
    """Open a study folder; when its files have changed since, build anew.

    Raises
    ------
    StudyError
        The folder cannot be used and no earlier snapshot exists.
    """
    before = _before(str(folder), _state(folder / "study.toml"))
    folders = [folder, *([before] if before else [])]
    files = [path for each in folders for path in (each / "study.toml", *sorted((each / "adam").glob("*")))]
    return _opened(str(folder), _state(*files))


def _state(*files: Path) -> State:
    return tuple((path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files if path.exists())


@st.cache_data(max_entries=64, show_spinner=False)
def _before(folder: str, state: State) -> Path | None:
    """Return the folder of the earlier cut, whose files are part of what is shown."""
    try:
        return load(Path(folder)).before
    except StudyError:
        return None


@st.cache_resource(max_entries=4, show_spinner="Reading the study …")
def _opened(folder: str, state: State) -> Opened:
    try:
        return Opened(Data.of(folder))
    except StudyError as error:
        last = snapshot.latest(Path(folder))
        if last is None:
            raise
        return Opened(
            Data(last), f"The study's files cannot be used as they are now; the last good state is shown. {error}"
        )


def shown(data: Data, output: str, population: Population, given: Given) -> Shown:
    """Compute and draw an output, once for each state of the data and choice of the reader."""
    return _shown(data, data.snapshot, output, population.model_dump_json(), given)


@st.cache_resource(max_entries=RESULTS, ttl=HOUR, show_spinner="Counting …")
def _shown(_data: Data, snapshot: str, output: str, population: str, given: Given) -> Shown:
    return _drawn(OUTPUTS[output].run(_data, Population.model_validate_json(population), dict(given)), _data)


def _drawn(result: Result, data: Data) -> Shown:
    drawn = OUTPUTS[result.output].show(result, data)
    if not isinstance(drawn, Layout):
        return Shown(result, None, drawn)
    from core.tables.render import gt

    return Shown(result, drawn, gt(drawn, result.output).as_raw_html())


def of_record(data: Data, output: str, population: Population, given: Given, at: int) -> Shown:
    """Draw what an output shows of one of its records, by its place among them."""
    return _of_record(data, data.snapshot, output, population.model_dump_json(), given, at)


@st.cache_resource(max_entries=RESULTS, ttl=HOUR, show_spinner=False)
def _of_record(_data: Data, snapshot: str, output: str, population: str, given: Given, at: int) -> Shown:
    result = _shown(_data, snapshot, output, population, given).result
    return _drawn(replace(result, records=result.records.iloc[[at]]), _data)


def drawn(data: Data, snapshot: str, output: str, population: str, given: Given) -> bool:
    """Return whether an output shows a figure instead of a table."""
    return _shown(data, snapshot, output, population, given).layout is None


def figure(data: Data, output: str, population: Population, given: Given, name: str) -> Any:
    """Draw one figure of an output."""
    return _figure(data, data.snapshot, output, population.model_dump_json(), given, name)


@st.cache_resource(max_entries=RESULTS, ttl=HOUR, show_spinner="Drawing …")
def _figure(_data: Data, snapshot: str, output: str, population: str, given: Given, name: str) -> Any:
    return OUTPUTS[output].figures[name].draw(_shown(_data, snapshot, output, population, given).result, _data)


@st.cache_data(max_entries=FILES, ttl=HOUR, show_spinner=False)
def exported_figure(
    _data: Data, snapshot: str, output: str, population: str, given: Given, name: str, form: str
) -> bytes:
    """Return a figure of a result as a file."""
    return export_figure(_shown(_data, snapshot, output, population, given).result, _data, name, form)


@st.cache_data(max_entries=FILES, ttl=HOUR, show_spinner=False)
def exported_records(_data: Data, snapshot: str, output: str, population: str, given: Given, form: str) -> bytes:
    """Return the records behind a result as a file."""
    return records(_shown(_data, snapshot, output, population, given).result, form)


@st.cache_data(max_entries=FILES, ttl=HOUR, show_spinner=False)
def exported(_data: Data, snapshot: str, output: str, population: str, given: Given, form: str) -> bytes:
    """Return a result as a file."""
    return export(_shown(_data, snapshot, output, population, given).result, _data, form)


def how(data: Data, output: str, population: Population, given: Given) -> How:
    """Return the script and the SQL behind an output."""
    return _how(data, data.snapshot, output, population.model_dump_json(), given)


@st.cache_resource(max_entries=RESULTS, ttl=HOUR, show_spinner="Writing it down …")
def _how(_data: Data, snapshot: str, output: str, population: str, given: Given) -> How:
    return made(_data, output, Population.model_validate_json(population), dict(given))


@st.cache_data(max_entries=FILES, ttl=HOUR, show_spinner=False)
def exported_table(_data: Data, snapshot: str, output: str, population: str, given: Given, form: str) -> bytes:
    """Return the table of a result, as it reads, as a file."""
    return table(_shown(_data, snapshot, output, population, given).result, _data, form)


def finished(asked: Asked) -> bytes | None:
    """Return a report that was made before, for whomever; None where it was not, or newer ones took its place."""
    return _shelf().get(asked)


def keep(asked: Asked, report: bytes) -> None:
    """Keep a report that is finished, and of all of them the newest; what makes one tells how far it is, so it is not cached itself."""
    shelf = _shelf()
    shelf.pop(asked, None)
    shelf[asked] = report
    for older in list(shelf)[:-REPORTS]:
        shelf.pop(older, None)


@st.cache_resource(max_entries=1, show_spinner=False)
def _shelf() -> dict[Asked, bytes]:
    return {}


@st.cache_data(max_entries=RESULTS, ttl=HOUR, show_spinner=False)
def _asked(_data: Data, snapshot: str, question: str, population: str, values: Given) -> pd.DataFrame:
    bound: dict[str, Any] = dict(values)
    return _data.ask(question, Population.model_validate_json(population), **bound)


def asked(data: Data, question: str, population: Population, **values: Value) -> pd.DataFrame:
    """Ask a question that binds the population and single values."""
    return _asked(data, data.snapshot, question, population.model_dump_json(), tuple(values.items()))


def sliding(data: Data, option: Option) -> tuple[float, float, float]:
    """Return where the slider of an option rests, and its ends."""
    return _sliding(data, option, data.snapshot, option.key)


@st.cache_data(max_entries=RESULTS, ttl=HOUR, show_spinner=False)
def _sliding(_data: Data, _option: Option, snapshot: str, key: str) -> tuple[float, float, float]:
    assert _option.slide is not None
    low, high = _option.slide(_data)
    return min(max(float(_option.start(_data)), low), high), low, high


@st.cache_data(max_entries=RESULTS, ttl=HOUR, show_spinner=False)
def _behind(
    _data: Data, snapshot: str, output: str, population: str, given: Given, about: tuple[str, str, str]
) -> pd.DataFrame:
    behind = OUTPUTS[output].behind
    assert behind is not None
    return behind(_data, Population.model_validate_json(population), dict(given), about)


def behind(data: Data, output: str, population: Population, given: Given, about: tuple[str, str, str]) -> pd.DataFrame:
    """Return the records behind one row of an output."""
    return _behind(data, data.snapshot, output, population.model_dump_json(), given, about)
