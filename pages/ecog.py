"""How did performance status change?"""

from typing import Any

import streamlit as st

from core.outputs import OUTPUTS
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

CHANGE, SHIFT = "ordinal_change", "shift"
HELPERS = ("bar", "cell")
LIST = "list the patients behind it"


def show(trial: Trial) -> None:
    """Draw the answer, a figure of it, its table, and the patients behind what was clicked."""
    st.title("Performance status")
    draw.about(trial)
    trial.data.require("ADQS")
    name, view = choose.view("ecog_view", (CHANGE, SHIFT), trial.link)
    given = choose.options(OUTPUTS[name], trial.data, trial.link)
    shown = cache.shown(trial.data, name, trial.population, given)
    st.markdown(f"**{literal(shown.result.answer)}**")
    st.caption("Click a mark to list the patients behind it.")
    mark = draw.figure(trial, name, given, view)
    if mark:
        field = OUTPUTS[name].figures[view].selects
        _patients(trial, name, mark, shown.result.records[shown.result.records[field] == mark])
    save.figure(trial, name, given, view)
    st.caption("Click a row of the table to list the patients behind it.")
    row = draw.clicked(name, shown, LIST)
    if row:
        found = cache.behind(trial.data, name, trial.population, given, row.about)
        _patients(trial, f"{name}_row", f"{row.about[2]}, {row.label}", found)
    save.result(trial, name, given)
    draw.how(trial, shown)
    st.subheader("Patients")
    st.caption("One row a patient and period: baseline, value, change and what became of the patient.")
    save.records(trial, name, given, "Patients")


def _patients(trial: Trial, key: str, what: str, found: Any) -> None:
    """List the patients behind a mark or a row."""
    n = found.USUBJID.nunique()
    st.subheader(literal(f"{what}: {n} {'patient' if n == 1 else 'patients'}"), anchor=f"{key}_patients")
    draw.frame(found.drop(columns=list(HELPERS), errors="ignore"), f"{key}_patients", f"{trial.study.id}_{key}.csv")
