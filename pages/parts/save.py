"""Files to take away: a result, a figure or records, each made when it is asked for."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial

import streamlit as st

from core.data import Data
from core.export import FIGURE_FORMS, MIME, RECORD_FORMS, TABLE_FORMS
from pages.parts import cache
from pages.parts.trial import Trial

EVERY_NUMBER = ("csv", "json")
"""Forms that hold a row for each number, as programs read them."""

Files = Mapping[str, tuple[Callable[[], bytes], str, str]]


def result(trial: Trial, name: str, given: cache.Given) -> None:
    """Offer what an output shows, and its numbers, in every form."""
    asked, called = _asked(trial, name, given), _called(trial, name, given)
    if cache.drawn(*asked):
        shown = {"Figure": _figure(trial, name, given, name)}
    else:
        shown = {"Table, as shown": _files(partial(cache.exported_table, *asked), TABLE_FORMS, called)}
    numbers = _files(partial(cache.exported, *asked), EVERY_NUMBER, f"{called}_results")
    _menu("Save", shown | {"Every number, at full precision": numbers}, name)


def figure(trial: Trial, name: str, given: cache.Given, view: str) -> None:
    """Offer a figure as a file, and the data in it."""
    _menu("Save figure", {"Figure": _figure(trial, name, given, view)}, f"{name}_{view}")


def records(trial: Trial, name: str, given: cache.Given, label: str) -> None:
    """Offer the records behind an output, in the rows that it keeps."""
    made = partial(cache.exported_records, *_asked(trial, name, given))
    files = _files(made, RECORD_FORMS, f"{_called(trial, name, given)}_{label.lower()}")
    _buttons({f"{label} ({form})": file for form, file in files.items()}, f"{name}_records")


def _figure(trial: Trial, name: str, given: cache.Given, view: str) -> Files:
    called = _called(trial, name, given) + (f"_{view}" if view != name else "")
    files = _files(partial(cache.exported_figure, *_asked(trial, name, given), view), FIGURE_FORMS, called)
    return {"Data (CSV)" if form == "CSV" else form: file for form, file in files.items()}


def _asked(trial: Trial, name: str, given: cache.Given) -> tuple[Data, str, str, str, cache.Given]:
    return trial.data, trial.data.snapshot, name, trial.population.model_dump_json(), given


def _called(trial: Trial, name: str, given: cache.Given) -> str:
    """Return how a file is called: the study, the output, and the marker where it is about one."""
    marker = dict(given).get("PARAMCD", "")
    return "_".join(filter(None, (trial.study.id, name, str(marker))))


def _files(made: Callable[[str], bytes], forms: Iterable[str], called: str) -> Files:
    return {form.upper(): (partial(made, form), f"{called}.{form}", MIME[form]) for form in forms}


def _menu(label: str, offered: Mapping[str, Files], key: str) -> None:
    """Draw a button that opens what is offered, so that many forms take little room."""
    with st.popover(label, icon=":material/download:"):
        for title, files in offered.items():
            st.caption(title)
            _buttons(files, f"{key}_{title}")


def _buttons(files: Files, key: str) -> None:
    with st.container(horizontal=True):
        for label, (content, file_name, mime) in files.items():
            st.download_button(
                label, content, file_name, mime, key=f"{key}_{label}", on_click="ignore", icon=":material/download:"
            )
