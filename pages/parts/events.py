"""An output of adverse events as a view: its answer, a figure, its table, and the records behind what was clicked in either."""

import streamlit as st

from core.charts import marks
from core.outputs import OUTPUTS
from core.tables.layout import Row
from core.tables.listing import sheet_names
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

EVERY = "every"


def view(trial: Trial, name: str) -> None:
    """Draw an output with its options: the figure first, where it has any, then the table and its notes."""
    given, shown = _answered(trial, name)
    figures = {key: figure.title for key, figure in OUTPUTS[name].figures.items()}
    if len(figures) > 1:
        _figure(trial, name, given, choose.tab(f"{name}_figure", "Figure", figures, trial.link))
    elif figures:
        _figure(trial, name, given, next(iter(figures)))
    if shown.layout is None:
        draw.notes(shown)
    else:
        draw.table(trial, name, shown, given)
    _saved(trial, name, given, shown)


def listing(trial: Trial, name: str) -> None:
    """Draw every record of an output in a list that scrolls, searches and sorts."""
    given, shown = _answered(trial, name)
    if len(shown.result.records):
        draw.frame(shown.result.records, f"{name}_list", "", saved=False)
    draw.notes(shown)
    _saved(trial, name, given, shown)


def sheets(trial: Trial, name: str) -> None:
    """Draw the sheet of the serious event chosen, or all of them one under the other."""
    given, shown = _answered(trial, name)
    names = {**sheet_names(shown.result, trial.study), EVERY: "All, one under the other"}
    chosen = choose.one("sae", "Serious event", list(names), trial.link, label_of=names.__getitem__)
    if chosen == EVERY:
        draw.table(trial, name, shown, given)
    else:
        sheet = cache.of_record(trial.data, name, trial.population, given, list(names).index(chosen))
        _open(trial, str(shown.result.records.USUBJID.iloc[list(names).index(chosen)]), "sheet")
        draw.clicked(name, sheet, "")
    _saved(trial, name, given, shown)


def _answered(trial: Trial, name: str) -> tuple[cache.Given, cache.Shown]:
    """Draw the options of an output and what it answers."""
    given = choose.options(OUTPUTS[name], trial.data, trial.link)
    shown = cache.shown(trial.data, name, trial.population, given)
    if shown.result.answer:
        st.markdown(f"**{literal(shown.result.answer)}**")
    return given, shown


def _figure(trial: Trial, name: str, given: cache.Given, chosen: str) -> None:
    """Draw one figure, and list the records behind the mark that was clicked."""
    st.caption("Click a mark to list the patients behind it.")
    mark = draw.figure(trial, name, given, chosen)
    if mark:
        about = marks.parts(mark)
        if about[0] == draw.PATIENT:
            _open(trial, about[1], f"{name}_mark")
        row = Row(marks.reads(mark, trial.study.adverse_events), (), 0, about)
        draw.records(trial, name, given, row, "mark")
    save.figure(trial, name, given, chosen)


def _open(trial: Trial, subject: str, key: str) -> None:
    """Draw the way to one patient."""
    if st.button(f"Open {literal(subject)}", icon=":material/person:", key=f"{key}_open"):
        go("patient", trial.shared, **{draw.PATIENT: subject})


def _saved(trial: Trial, name: str, given: cache.Given, shown: cache.Shown) -> None:
    """Draw the files to take away, and how the numbers were computed."""
    save.result(trial, name, given)
    if OUTPUTS[name].records and len(shown.result.records):
        save.records(trial, name, given, "Records")
    draw.how(trial, shown)
