"""What harm, to how many, how bad?"""

import streamlit as st

from pages.parts import checks, choose, events
from pages.parts import show as draw
from pages.parts.trial import Trial

SHEETS = "sae_narratives"
LISTING = "ae_listing"
VIEWS = {
    "ae_overview": "At a glance",
    "ae_by_term": "By term",
    "ae_by_grade": "By worst grade",
    "ae_incidence": "Most frequent",
    "ae_rates": "Rates",
    LISTING: "Listing",
    SHEETS: "Serious events",
}
OTHERWISE = {SHEETS: events.sheets, LISTING: events.listing}


def show(trial: Trial) -> None:
    """Draw the view that the reader chose, with its options."""
    st.title("Adverse events")
    draw.about(trial)
    trial.data.require("ADAE")
    view = choose.tab("view", "View", VIEWS, trial.link)
    OTHERWISE.get(view, events.view)(trial, view)
    checks.badge(trial)
