"""Will we reach the evaluable target, and when?"""

import streamlit as st

from pages.parts import cache, choose, explore
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

AHEAD, SO_FAR = "forecast", "accrual"
VIEWS = {
    AHEAD: "Forecast",
    "what_if": "What if",
    "design_check": "Design check",
    SO_FAR: "So far",
    "evaluability": "Evaluability",
    "pair_bias": "With and without a pair",
}


def show(trial: Trial) -> None:
    """Draw the answer in a sentence or two, then the view that the reader chose."""
    st.title("Accrual and evaluable pairs")
    draw.about(trial)
    so_far, ahead = (cache.shown(trial.data, name, trial.population, ()).result for name in (SO_FAR, AHEAD))
    within = ", within the filters" if so_far.condition else ""
    st.caption(
        literal(
            "The targets are the study's, so everybody registered counts on this page, whatever population is chosen"
            f"{within}: {so_far.population}, N={so_far.N}."
        )
    )
    answer = st.empty()
    st.markdown(literal(so_far.answer))
    # Where nothing can be forecast, a reader sees first what there is.
    views = VIEWS if ahead.methods else {SO_FAR: VIEWS[SO_FAR]} | VIEWS
    name = choose.tab("accrual_view", "View", views, trial.link)
    shown = explore.view(trial, name, answered=name not in (AHEAD, SO_FAR))
    first, _, more = (shown.result.answer if name == AHEAD else ahead.answer).partition(". ")
    answer.markdown(f"**{literal(first)}{literal('.') if more else ''}** {literal(more)}")
