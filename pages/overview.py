"""How is the study doing today?"""

import streamlit as st

from core.formats import NOT_COLLECTED, count_percent
from core.outputs.categories import category_labels
from pages.parts import cache
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

HEADLINES = ("teae", "serious", "grade34", "fatal")


def show(trial: Trial) -> None:
    """Draw where accrual stands, the safety headline, and who ended how."""
    study = trial.study
    st.title(literal(study.title))
    draw.about(trial, titled=False)
    _accrual(trial)
    if "ADAE" in trial.data.schema:
        _safety(trial)
    draw.output(trial, "disposition")


def _accrual(trial: Trial) -> None:
    target = trial.study.targets.accrual
    everybody = cache.shown(trial.data, "disposition", trial.data.everybody, ()).result.ard
    registered = everybody.stat[(everybody.variable_level == "Registered") & (everybody.stat_name == "n")].iloc[0]
    with st.container(horizontal=True):
        st.metric("Registered" + (f" of {target}" if target else ""), int(registered), border=True)
        st.metric(f"{trial.population.label} population, on view", trial.N, border=True)
        st.metric("Data cut", trial.study.data_cut.isoformat(), border=True)


def _safety(trial: Trial) -> None:
    """Print subjects with each kind of event; what was not collected says so."""
    result = cache.shown(trial.data, "ae_overview", trial.population, ()).result
    found = result.ard[result.ard.variable == "CATEGORY"].set_index(["variable_level", "stat_name"])
    labels = category_labels(trial.data)
    st.subheader("Subjects with adverse events")
    with st.container(horizontal=True):
        for category in HEADLINES:
            n, percent = found.stat[category, "n"], found.stat[category, "percent"]
            st.metric(
                labels[category],
                NOT_COLLECTED if found.warning[category, "n"] else count_percent(n, percent, "%"),
                border=True,
                help=f"Subjects with at least one such event and percent of N={result.N}.",
            )
