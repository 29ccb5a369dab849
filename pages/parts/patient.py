"""Which patient is on the page: chosen here, or named by the address; the next and the one before among those on view."""

from bisect import bisect_left, bisect_right

import streamlit as st

from pages.parts import cache
from pages.parts.trial import Trial

KEY = "USUBJID"


def on_view(trial: Trial) -> list[str]:
    """Return the identifiers of the patients on view, in order."""
    return [str(name) for name in cache.asked(trial.data, "subjects", trial.population)[KEY]]


def choose(trial: Trial) -> str | None:
    """Draw the choice of a patient between two steps; None while nobody is chosen.

    A patient of the study whom the filters leave out can be named by the address, and is then among the choices.
    """
    there = on_view(trial)
    asked = st.session_state.get(KEY) or st.query_params.get(KEY)
    outside = [asked] if asked in trial.data.subject_ids and asked not in there else []
    options = [*there, *outside]
    trial.link.check(KEY, "Patient", options)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        before, choice, after = st.empty(), st.empty(), st.empty()
        subject = choice.selectbox(
            "Patient", options, None, key=KEY, bind="query-params", placeholder="Choose a patient", width=340
        )
        left = there[: bisect_left(there, subject)] if subject else []
        right = there[bisect_right(there, subject) :] if subject else there
        _step(before, "Previous", "chevron_left", left[-1] if left else None)
        _step(after, "Next", "chevron_right", right[0] if right else None)
    return subject


def _step(place: st.delta_generator.DeltaGenerator, label: str, icon: str, to: str | None) -> None:
    place.button(
        label, on_click=_go, args=(to,), disabled=to is None, icon=f":material/{icon}:", key=f"patient_{label.lower()}"
    )


def _go(to: str) -> None:
    st.session_state[KEY] = to
