"""What the checks against CTCAE found, told beside tables of adverse events."""

import streamlit as st

from core.tables.ctcae import CHECK, INFORMATION
from pages.parts import cache
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

NAME = "ctcae_checks"


def badge(trial: Trial) -> None:
    """Say how many records on view have a finding, and lead to them."""
    shown = cache.shown(trial.data, NAME, trial.population, ())
    findings = shown.result.ard[shown.result.ard.stat_name == "events"].set_index("variable_level").stat
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(literal(shown.result.answer), width="content")
        told = [check for check, n in findings.items() if n > 0 and check not in INFORMATION]
        if told and st.button("List the findings", icon=":material/rule:", type="tertiary", key="ctcae_findings"):
            go("study-data", trial.shared, row=f"{CHECK}~{told[0]}~")
