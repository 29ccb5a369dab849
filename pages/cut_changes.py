"""What changed since the last cut?"""

import streamlit as st

from pages.parts import cache, save
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

NAME = "cut_changes"


def show(trial: Trial) -> None:
    """Draw what changed in a sentence, then number by number and record by record."""
    st.title("What changed since the last cut")
    draw.about(trial)
    if trial.data.earlier is None:
        st.info(literal(cache.shown(trial.data, NAME, trial.population, ()).result.notes[-1]))
        return
    answer = st.empty()
    shown = draw.output(trial, NAME)
    answer.markdown(f"**{literal(shown.result.answer)}**")
    st.subheader("Every change")
    st.caption("One row for every record added or gone and for every value changed.")
    save.records(trial, NAME, tuple(shown.result.options.items()), "Changes")
    draw.frame(shown.result.records, "changes", f"{trial.study.id}_{NAME}.csv", saved=False)
