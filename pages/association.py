"""Do two measures move together?"""

import streamlit as st

from core.outputs import OUTPUTS
from core.outputs.association import wide
from core.outputs.measures import X_AT, Y_AT, X, Y
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

PAIR = "association"
MANY = ("concordance_ladder", "association_matrix")
OPEN = "open its scatter plot"
MISSING = {"x missing": "Horizontal axis", "y missing": "Vertical axis"}
SAME = {"blq", "conf"}


def show(trial: Trial) -> None:
    """Draw the view that the reader chose; a correlation among many opens its scatter plot."""
    st.title("Association of measures")
    draw.about(trial)
    trial.data.require("ADBM")
    name, view = choose.view("association_view", (PAIR, *MANY), trial.link)
    given = choose.options(OUTPUTS[name], trial.data, trial.link)
    shown = cache.shown(trial.data, name, trial.population, given)
    if shown.result.answer:
        st.markdown(f"**{literal(shown.result.answer)}**")
    (_pair if name == PAIR else _many)(trial, name, view, given, shown)


def _pair(trial: Trial, name: str, view: str, given: cache.Given, shown: cache.Shown) -> None:
    """Draw the scatter plot of two measures, list the patients of what was marked in it, and give every number."""
    draw.notes(shown)
    st.caption("Click a point to see who it is, or draw a rectangle around several to list them below the figure.")
    marked = draw.brushed(trial, name, given, view, shown.result.records)
    if len(marked):
        st.subheader(f"Patients marked: {len(marked)}", anchor="marked")
        every = wide(shown.result)
        draw.frame(every[every.USUBJID.isin(marked.USUBJID)], "marked", f"{trial.study.id}_{name}_marked.csv")
    save.figure(trial, name, given, view)
    draw.clicked(name, shown, "")
    save.result(trial, name, given)
    draw.how(trial, shown)
    _subjects(trial, given, shown)


def _many(trial: Trial, name: str, view: str, given: cache.Given, shown: cache.Shown) -> None:
    """Draw many correlations; a click on one opens its scatter plot."""
    st.caption(f"Click a mark or a row to {OPEN}.")
    cell = draw.figure(trial, name, given, view)
    save.figure(trial, name, given, view)
    row = draw.clicked(name, shown, OPEN)
    save.result(trial, name, given)
    draw.how(trial, shown)
    chosen = row.about[1] if row else cell
    if not chosen:
        return
    of = shown.result.records.set_index("cell").loc[chosen]
    asked = choose.asked(trial.data, {X: of.x, X_AT: of.x_at, Y: of.y, Y_AT: of.y_at})
    go("association", trial.shared | SAME, **asked)


def _subjects(trial: Trial, given: cache.Given, shown: cache.Shown) -> None:
    """Offer all subjects as a file, and list those without a value on either axis, with the reason."""
    every = wide(shown.result)
    if every.empty:
        return
    st.subheader("Subjects")
    st.caption("One row a patient: both values as analysed and as recorded, flags, dates and days between.")
    save.records(trial, PAIR, given, "Subjects")
    lost = every[every["in analysis"] == "N"]
    with st.expander(
        f"{len(lost)} of {len(every)} subjects on view are not in the correlation, and why", expanded=len(lost) > 0
    ):
        why = lost[["USUBJID", *MISSING]].rename(columns=MISSING).replace("", "usable")
        draw.frame(why, "without_both", f"{trial.study.id}_{PAIR}_missing.csv")
