"""One patient, everything, on one time axis."""

from typing import Any

import streamlit as st

from core.outputs import OUTPUTS
from core.outputs.patient_profile import wide
from pages.parts import cache, choose, patient, save
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

NAME, VIEW = "patient_profile", "course"
LISTED = ("USUBJID", "SITEID", "AGE", "SEX", "ARM", "TRT01A", "TRTSDT", "TRTEDT", "EOTSTT", "EOSSTT", "DTHDT")


def show(trial: Trial) -> None:
    """Draw the patient's card, the course, and every record; without a choice, the patients on view."""
    st.title("Patient")
    draw.about(trial)
    subject = patient.choose(trial)
    if subject is None:
        _everybody(trial)
        return
    seen = _seen(trial, subject)
    given = (("USUBJID", subject), *choose.options(OUTPUTS[NAME], trial.data, trial.link))
    shown = cache.shown(trial.data, NAME, seen.population, given)
    records = wide(shown.result)
    st.markdown(f"**{literal(shown.result.answer)}**")
    mark = draw.figure(seen, NAME, given, VIEW)
    if mark:
        st.subheader("The record of this mark", anchor="mark")
        _table(records[shown.result.records.item == mark], "patient_mark")
    save.figure(seen, NAME, given, VIEW)
    draw.clicked(NAME, shown, "")
    save.result(seen, NAME, given)
    draw.how(seen, shown)
    st.subheader("Everything recorded")
    st.caption(
        "Every record of this patient, by date; days count as in the figure. Row 1 is the first record of its file."
    )
    _table(records, "patient_records")
    save.records(seen, NAME, given, "Records")


def _seen(trial: Trial, subject: str) -> Trial:
    """Return the trial as the patient is seen in: everybody, with a warning, where the filters leave the patient out."""
    if subject in patient.on_view(trial):
        return trial
    population, filters = trial.population, trial.population.condition
    where = f" with {filters}" if filters else ""
    st.warning(
        literal(
            f"{subject} is not among the {trial.N} subjects on view ({population.label} population{where}). The patient is shown "
            "all the same. Previous and Next lead to subjects on view."
        ),
        icon=":material/filter_alt_off:",
    )
    return Trial(trial.data, trial.data.everybody, trial.link)


def _everybody(trial: Trial) -> None:
    """List the patients on view to choose from."""
    found = cache.asked(trial.data, "subjects", trial.population)
    st.caption(literal(f"{trial.N} patients on view."))
    draw.frame(found[[name for name in LISTED if name in found]], "patients", f"{trial.study.id}_patients.csv")


def _table(records: Any, key: str) -> None:
    """Show records without the identifier, which the page is about; they are saved with it."""
    draw.frame(records.drop(columns="USUBJID"), key, "", saved=False)
