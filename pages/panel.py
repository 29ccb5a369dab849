"""Which markers changed?"""

import streamlit as st

from core.outputs import OUTPUTS
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

NAME, VALUES = "panel", "biomarker_summary"
VIEWS = {
    NAME: "Table",
    **{name: figure.title for name, figure in OUTPUTS[NAME].figures.items()},
    VALUES: "Values by timepoint",
}
MARKER, *_ = OUTPUTS["paired_change"].options
SAME = {option.name for option in OUTPUTS["paired_change"].options} & {option.name for option in OUTPUTS[NAME].options}
OPEN = "open it on the page Change"


def show(trial: Trial) -> None:
    """Draw the view that the reader chose; a click on a marker opens it on its own page."""
    st.title("Panel of markers")
    draw.about(trial)
    trial.data.require("ADBM")
    view = choose.tab("panel_view", "View", VIEWS, trial.link)
    if view == VALUES:
        draw.output(trial, VALUES)
        return
    given = choose.options(OUTPUTS[NAME], trial.data, trial.link)
    shown = cache.shown(trial.data, NAME, trial.population, given)
    if shown.result.answer:
        st.markdown(f"**{literal(shown.result.answer)}**")
    st.caption(f"Click a marker to {OPEN}.")
    if view == NAME:
        row = draw.clicked(NAME, shown, OPEN)
        marker = row.about[1] if row else None
        save.result(trial, NAME, given)
    else:
        marker = draw.figure(trial, NAME, given, view)
        save.figure(trial, NAME, given, view)
        draw.notes(shown)
    draw.how(trial, shown)
    if marker:
        go("change", trial.shared | SAME, **choose.asked(trial.data, {MARKER: marker}))
