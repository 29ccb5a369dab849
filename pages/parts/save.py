"""Files to take away: a result, a figure or records, each made when it is asked for."""

from collections.abc import Callable, Mapping
from functools import partial

import streamlit as st

from core.export import FIGURE_FORMS, FORMS, MIME, RECORD_FORMS
from pages.parts import cache
from pages.parts.trial import Trial


def result(trial: Trial, name: str, given: cache.Given) -> None:
    """Offer the output in every form; a file is made when it is asked for."""
    population = trial.population.model_dump_json()
    _buttons(
        {
            form.upper(): (
                partial(cache.exported, trial.data, trial.data.snapshot, name, population, given, form),
                f"{_about(trial, name, given)}.{form}",
                MIME[form],
            )
            for form in FORMS
        },
        name,
    )


def figure(trial: Trial, name: str, given: cache.Given, view: str) -> None:
    """Offer a figure as a file."""
    population = trial.population.model_dump_json()
    _buttons(
        {
            form.upper(): (
                partial(cache.exported_figure, trial.data, trial.data.snapshot, name, population, given, view, form),
                f"{_about(trial, name, given)}_{view}.{form}",
                MIME[form],
            )
            for form in FIGURE_FORMS
        },
        f"{name}_{view}",
    )


def records(trial: Trial, name: str, given: cache.Given, label: str) -> None:
    """Offer the records behind an output, one row a subject."""
    population = trial.population.model_dump_json()
    _buttons(
        {
            f"{label} ({form.upper()})": (
                partial(cache.exported_records, trial.data, trial.data.snapshot, name, population, given, form),
                f"{_about(trial, name, given)}_{label.lower()}.{form}",
                MIME[form],
            )
            for form in RECORD_FORMS
        },
        f"{name}_records",
    )


def _about(trial: Trial, name: str, given: cache.Given) -> str:
    """Return how a file is called: the study, the output, and the marker where it is about one."""
    marker = dict(given).get("PARAMCD", "")
    return "_".join(filter(None, (trial.study.id, name, str(marker))))


def _buttons(files: Mapping[str, tuple[Callable[[], bytes], str, str]], key: str) -> None:
    with st.container(horizontal=True):
        for label, (content, file_name, mime) in files.items():
            st.download_button(
                label, content, file_name, mime, key=f"{key}_{label}", on_click="ignore", icon=":material/download:"
            )
