"""When did adverse events happen, and to whom?"""

import streamlit as st

from pages.parts import checks, choose, events
from pages.parts import show as draw
from pages.parts.trial import Trial

VIEWS = {"ae_prevalence": "Ongoing over time", "ae_by_cycle": "Onset over time", "ae_timeline": "Patients"}


def show(trial: Trial) -> None:
    """Draw the view that the reader chose: its figure, and its table below it."""
    st.title("Safety timeline")
    draw.about(trial)
    trial.data.require("ADAE")
    events.view(trial, choose.tab("timeline_view", "View", VIEWS, trial.link))
    checks.badge(trial)
