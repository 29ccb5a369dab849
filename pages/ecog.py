"""How did performance status change?"""

import streamlit as st

from pages.parts import choose, explore
from pages.parts import show as draw
from pages.parts.trial import Trial

CHANGE, SHIFT = "ordinal_change", "shift"


def show(trial: Trial) -> None:
    """Draw the answer, a figure of it, its table, and the patients behind what was clicked."""
    st.title("Performance status")
    draw.about(trial)
    trial.data.require("ADQS")
    name, figure = choose.view("ecog_view", (CHANGE, SHIFT), trial.link)
    explore.view(trial, name, figure=figure)
    st.caption(
        "The file of patients has a row for each patient and period: baseline, value, change and what became of the patient."
    )
