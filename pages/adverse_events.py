"""What harm, to how many, how bad?"""

import streamlit as st

from pages.parts import checks, choose
from pages.parts import show as draw
from pages.parts.trial import Trial

VIEWS = {
    "ae_overview": "At a glance",
    "ae_by_term": "By term",
    "ae_by_grade": "By worst grade",
    "ae_incidence": "Figure",
}


def show(trial: Trial) -> None:
    """Draw the view that the reader chose, with its options."""
    st.title("Adverse events")
    draw.about(trial)
    trial.data.require("ADAE")
    view = choose.tab("view", "View", VIEWS, trial.link)
    draw.output(trial, view)
    checks.badge(trial)
