"""The protocol's tables and figures in one document."""

from collections.abc import Sequence

import streamlit as st

from core.export import MIME
from core.report import REPORT_FORMS, Entry, every, protocol, report
from pages.parts import cache, choose
from pages.parts import show as draw
from pages.parts.text import literal
from pages.parts.trial import Trial

READS = {"docx": "Word (DOCX)", "pdf": "PDF", "html": "HTML", "rtf": "RTF"}


def show(trial: Trial) -> None:
    """Draw what the report can hold, section by section, make it when asked, and offer the file."""
    st.title("Report")
    draw.about(trial)
    st.caption(
        "The report begins with what the protocol asks for. It has contents, methods from the settings in use, the quality of "
        "the data, and says what the study lacks. It is about the subjects on view."
    )
    entries = _chosen(trial)
    form = choose.tab("report_form", "Format", {form: READS[form] for form in REPORT_FORMS}, trial.link)
    if not entries:
        st.info("Choose at least one table or figure.")
        return
    words = tuple(entry.words for entry in entries)
    asked = (trial.data.snapshot, trial.population.model_dump_json(), words, form)
    if st.button("Make the report", icon=":material/description:", type="primary", key="make_report"):
        cache.keep(asked, _made(trial, entries, form))
    file = cache.finished(asked)
    if file is not None:
        name = f"{trial.study.id}_report.{form}"
        size = f"{len(file) / 1_000_000:.1f} MB"
        st.success(literal(f"The report is ready: {len(entries)} tables and figures were asked for, {size}."))
        st.download_button(
            "Save the report", file, name, MIME[form], key="save_report", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip


def _chosen(trial: Trial) -> list[Entry]:
    """Draw a choice for each section; what the protocol asks for is chosen at the start."""
    found, asked = every(trial.data), set(protocol(trial.data))
    chosen: list[Entry] = []
    for section in dict.fromkeys(entry.section for entry in found):
        there = {_label(entry, trial): entry for entry in found if entry.section == section}
        first = [label for label, entry in there.items() if entry in asked]
        key = f"report_{section.split()[0].lower()}"
        trial.link.check(key, section, list(there))
        with st.expander(f"{section}: {len(first)} of {len(there)} in the protocol's report", expanded=False):
            labels = st.pills(
                section, list(there), default=first, selection_mode="multi", key=key, bind="query-params",
                label_visibility="collapsed",
            )  # fmt: skip
        chosen += [there[label] for label in there if label in labels]
    return chosen


def _label(entry: Entry, trial: Trial) -> str:
    return f"{'Figure' if entry.figure else 'Table'} · {entry.label(trial.data)}"


def _made(trial: Trial, entries: Sequence[Entry], form: str) -> bytes:
    bar = st.progress(0.0, "Counting")
    file = report(trial.data, trial.population, entries, form, lambda done, what: bar.progress(done, literal(what)))
    bar.empty()
    return file
