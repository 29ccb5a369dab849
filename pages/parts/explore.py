"""One output as a view: its answer, a figure, its table, and the patients behind what was clicked in either."""

from typing import Any

import streamlit as st

from core.formats import counted
from core.outputs import OUTPUTS
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

MARKER = "PARAMCD"
CODE, *_ = OUTPUTS["paired_change"].options
HELPERS = ("mark", "month", "bar", "cell")
LIST = "list the patients behind it"


def view(trial: Trial, name: str, answered: bool = True, figure: str = "") -> cache.Shown:
    """Draw an output with its options and its files.

    `answered` says whether its sentence stands above the figure; `figure` names the one to draw, where it is not chosen here.
    """
    given = choose.options(OUTPUTS[name], trial.data, trial.link)
    shown = cache.shown(trial.data, name, trial.population, given)
    if answered and shown.result.answer:
        st.markdown(f"**{literal(shown.result.answer)}**")
    figures = {key: figure.title for key, figure in OUTPUTS[name].figures.items()}
    if figures:
        several = len(figures) > 1 and not figure
        chosen = (
            choose.tab(f"{name}_figure", "Figure", figures, trial.link) if several else figure or next(iter(figures))
        )
        _figure(trial, name, given, shown, chosen)
    _table(trial, name, given, shown)
    draw.how(trial, shown)
    return shown


def _figure(trial: Trial, name: str, given: cache.Given, shown: cache.Shown, chosen: str) -> None:
    """Draw one figure, and list the patients behind the mark that was clicked, or open its marker."""
    figure, records = OUTPUTS[name].figures[chosen], shown.result.records
    st.caption("Click a mark to open the marker." if figure.selects == MARKER else f"Click a mark to {LIST}.")
    mark = draw.figure(trial, name, given, chosen)
    if mark and figure.selects == MARKER:
        _open(trial, mark)
    elif mark and figure.selects in records:
        _patients(trial, name, mark, records[records[figure.selects] == mark])
    elif mark and OUTPUTS[name].behind is not None:
        (row,) = [row for row in shown.layout.rows if row.about[1] == mark] if shown.layout else []
        _patients(trial, name, row.label, cache.behind(trial.data, name, trial.population, given, row.about))
    elif mark:
        _patients(trial, name, "Everybody compared", records)
    save.figure(trial, name, given, chosen)


def _table(trial: Trial, name: str, given: cache.Given, shown: cache.Shown) -> None:
    """Draw the table, and list the patients behind the row that was clicked, or open its marker."""
    leads = OUTPUTS[name].behind is not None and len(shown.result.records) > 0
    if leads:
        st.caption(f"Click a row of the table to {LIST}.")
    row = draw.clicked(name, shown, LIST if leads else "")
    if row and row.about[0] == MARKER:
        _open(trial, row.about[1])
    elif row:
        found = cache.behind(trial.data, name, trial.population, given, row.about)
        _patients(trial, f"{name}_row", ", ".join(filter(None, (row.about[2], row.label))), found)
    save.result(trial, name, given)
    if OUTPUTS[name].records and len(shown.result.records):
        save.records(trial, name, given, "Patients")


def _open(trial: Trial, code: str) -> None:
    """Open a marker on the page Change."""
    asked = {} if code == CODE.start(trial.data) else {MARKER: CODE.choices(trial.data)[code]}
    go("change", trial.shared, **asked)


def _patients(trial: Trial, key: str, what: str, found: Any) -> None:
    """List the patients behind a mark or a row; a column in which nobody has a value is left out."""
    listed = found.drop(columns=list(HELPERS), errors="ignore").dropna(axis=1, how="all")
    st.subheader(literal(f"{what}: {counted(found.USUBJID.nunique(), 'patient')}"), anchor=f"{key}_patients")
    draw.frame(listed, f"{key}_patients", f"{trial.study.id}_{key}.csv")
