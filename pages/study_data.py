"""What was loaded, what was refused, what is doubtful?"""

import streamlit as st

from pages.parts import cache, checks, choose
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial


def show(trial: Trial) -> None:
    """Draw the files, the variables of one of them, and every finding."""
    data, study = trial.data, trial.study
    st.title("Study data")
    draw.about(trial)
    st.subheader("Files loaded")
    st.caption(
        "Records kept and refused add up to those read. A refused record is not in any number of this application."
    )
    files = cache.asked(data, "datasets", data.everybody)
    draw.frame(files, "datasets", f"{study.id}_datasets.csv")
    _findings(
        trial,
        "rejected",
        "Refused",
        "values broke the contract; each refused its record",
        "Every record of every file was kept.",
    )
    _findings(
        trial, "queries", "Queries", "values are doubtful; their records were kept", "Nothing doubtful was found."
    )
    if "ADAE" in data.schema:
        st.subheader("Adverse events against CTCAE")
        st.caption(literal(cache.shown(data, checks.NAME, trial.population, ()).result.answer))
        draw.result(trial, checks.NAME)
    st.subheader("Variables")
    dataset = choose.one("dataset", "Dataset", list(files.dataset), trial.link)
    variables = cache.asked(data, "variables", data.everybody)
    draw.frame(variables[variables.dataset == dataset], "variables", f"{study.id}_{dataset}_variables.csv")
    if study.source:
        st.caption(literal(f"Source of the data: {study.source}. Snapshot {data.snapshot}."))


def _findings(trial: Trial, question: str, title: str, told: str, none: str) -> None:
    found = cache.asked(trial.data, question, trial.data.everybody)
    st.subheader(title)
    if found.empty:
        st.success(none)
        return
    st.caption(f"{len(found)} {told}. Row 1 is the first record below the header.")
    counts = found.groupby(["dataset", "variable", "rule", "remedy"]).size().rename("values").reset_index()
    st.dataframe(counts, hide_index=True, key=f"{question}_counts")
    with st.expander("Every one of them"):
        draw.frame(found, question, f"{trial.study.id}_{question}.csv")
