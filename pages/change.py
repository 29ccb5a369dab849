"""Did this marker change between two timepoints?"""

import streamlit as st

from core.outputs import OUTPUTS
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

NAME = "paired_change"
VIEWS = {name: figure.title for name, figure in OUTPUTS[NAME].figures.items()}


def show(trial: Trial) -> None:
    """Draw the answer, a figure of it, every test, and who is missing."""
    st.title("Change of a marker")
    draw.about(trial)
    trial.data.require("ADBM")
    given = choose.options(OUTPUTS[NAME], trial.data, trial.link)
    shown = cache.shown(trial.data, NAME, trial.population, given)
    st.markdown(f"**{literal(shown.result.answer)}**")
    draw.notes(shown)
    view = choose.tab("figure", "Figure", VIEWS, trial.link)
    told = st.empty()
    subject = draw.figure(trial, NAME, given, view)
    told.caption(literal(f"{subject}: records below the figure." if subject else "Click a mark to see who it is."))
    if subject:
        _subject(trial, str(dict(given)["PARAMCD"]), subject)
    save.figure(trial, NAME, given, view)
    draw.clicked(NAME, shown, "")
    save.result(trial, NAME, given)
    draw.how(trial, shown)
    _without_pair(trial, given, shown)


def _subject(trial: Trial, code: str, subject: str) -> None:
    """List one subject's records of the marker, used or not."""
    found = cache.asked(trial.data, "measurement_records", trial.population, parameter=code)
    st.subheader(literal(f"{subject}: every record of this marker"), anchor="subject")
    draw.frame(found[subject == found.USUBJID], "subject", f"{trial.study.id}_{subject}_{code}.csv")


def _without_pair(trial: Trial, given: cache.Given, shown: cache.Shown) -> None:
    """List the subjects on view who form no pair, with the reason at each timepoint; offer all pairs as a file."""
    st.subheader("Pairs")
    st.caption("One row a patient: both values, their change, flags, dates and days between, ready for Prism or Excel.")
    save.records(trial, NAME, given, "Pairs")
    records, options = shown.result.records, dict(given)
    lost = records[~records.paired] if len(records) else records
    if lost.empty:
        st.success("Every subject on view forms a pair.")
        return
    with st.expander(f"{len(lost)} of {len(records)} subjects on view form no pair, and why", expanded=True):
        names = {"earlier_missing": f"At {options['from']}", "later_missing": f"At {options['to']}"}
        told = lost[["USUBJID", *names]].rename(columns=names).replace("", "usable")
        draw.frame(told, "without_pair", f"{trial.study.id}_{options['PARAMCD']}_without_pair.csv")
