"""An output on a page: its table or figure, its downloads, and the records behind a row."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from core.charts import marks
from core.export import csv
from core.formats import counted
from core.outputs import OUTPUTS
from core.tables.layout import Layout, Row
from pages.parts import cache, choose, save
from pages.parts.link import go, visit
from pages.parts.text import literal
from pages.parts.trial import Trial

PATIENT, PATIENTS = "USUBJID", "patient"
"""The identifier of a patient, and what an output calls its records where each is one patient."""

MOST_EAGER = 5_000
"""Rows up to which a table is sent whole; a longer one is read as it is scrolled, and cannot be sorted beside its buttons."""

HERE = Path(__file__).parent
TABLE = st.components.v2.component(
    "marrowscope_table",
    html='<div class="host"></div>',
    css=(HERE / "table.css").read_text(encoding="utf-8"),
    js=(HERE / "table.js").read_text(encoding="utf-8"),
)
FIRST_VARIABLES = (
    "USUBJID",
    "finding",
    "SITEID",
    "AEDECOD",
    "AEBODSYS",
    "AETERM",
    "AETOXGR",
    "AESEV",
    "AESER",
    "AEREL",
    "ASTDT",
    "AENDT",
    "AEOUT",
)


def about(trial: Trial, titled: bool = True) -> None:
    """Print which study and who is on view, under a page's title."""
    study, population = trial.study, trial.population
    filters = f", filtered by {population.condition}" if population.filters else ""
    who = literal(f"{population.label} population{filters}: N={trial.N}. Data cut {study.data_cut}.")
    st.caption(f"{literal(study.title)}  \n{who}" if titled else who)
    if study.simulated:
        st.info("Simulated data: no patient stands behind any number here.", icon=":material/science:")


def output(trial: Trial, name: str) -> cache.Shown:
    """Draw an output with its options, its downloads and, where it has any, the records behind the row chosen."""
    given = choose.options(OUTPUTS[name], trial.data, trial.link)
    return result(trial, name, given)


def result(trial: Trial, name: str, given: cache.Given = ()) -> cache.Shown:
    """Draw an output for options already chosen."""
    shown = cache.shown(trial.data, name, trial.population, given)
    if shown.layout is None:
        st.altair_chart(shown.drawing, theme=None, width="content", key=f"{name}_chart")
        notes(shown)
    else:
        table(trial, name, shown, given)
    save.result(trial, name, given)
    how(trial, shown)
    return shown


def notes(shown: cache.Shown) -> None:
    """Print what a reader must know with a figure."""
    for note in shown.result.notes:
        st.caption(literal(note))


def table(trial: Trial, name: str, shown: cache.Shown, given: cache.Given) -> None:
    """Draw a table whose rows lead to their records, and those of the row that the address names."""
    layout = shown.layout
    assert layout is not None
    leads = OUTPUTS[name].behind is not None
    if leads:
        also = "" if OUTPUTS[name].listed == "patient" else f" and {OUTPUTS[name].listed}s"
        st.caption(f"Choose a row to list the patients{also} behind it.")
    chosen = _chosen(trial, layout) if leads else None
    _table(name, shown, "show the records behind" if leads else "", chosen, partial(_choose, name, shown))
    if chosen is not None:
        records(trial, name, given, chosen)


def clicked(name: str, shown: cache.Shown, action: str) -> Row | None:
    """Draw a table and return the row that was clicked just now; `action` says what a click does."""
    assert shown.layout is not None
    chosen = _table(name, shown, action, None, lambda: None)
    return None if chosen is None else shown.layout.rows[chosen]


def _table(name: str, shown: cache.Shown, action: str, chosen: Row | None, then: Callable[[], None]) -> int | None:
    layout = shown.layout
    assert layout is not None
    drawn = TABLE(
        data={
            "html": shown.drawing,
            "key": _table_key(name, shown),
            "open": [bool(action) and bool(row.about[0]) for row in layout.rows],
            "action": action,
            "chosen": -1 if chosen is None else layout.rows.index(chosen),
        },
        key=f"{name}_table",
        on_chosen_change=then,
        height="content",
    )
    return _row(drawn.chosen, name, shown)


def _table_key(name: str, shown: cache.Shown) -> str:
    return f"{name} {hash(shown.drawing)}"


def _row(clicked: Any, name: str, shown: cache.Shown) -> int | None:
    """Return which row was clicked; none when the click was on a table that is no longer shown."""
    if clicked is None or clicked["of"] != _table_key(name, shown):
        return None
    return int(clicked["at"])


def figure(trial: Trial, name: str, given: cache.Given, view: str) -> str | None:
    """Draw one figure of an output and return what was clicked in it; a mark of one patient leads to the patient."""
    return _clicked_mark(trial, name, given, view, _selected(trial, name, given, view))


def brushed(trial: Trial, name: str, given: cache.Given, view: str, records: pd.DataFrame) -> pd.DataFrame:
    """Draw one figure and return those of the records `paired` that were clicked in it, or lie in the rectangle drawn."""
    selected, shown = _selected(trial, name, given, view), OUTPUTS[name].figures[view]
    if records.empty:
        return records
    records = records[records.paired]
    mark = _clicked_mark(trial, name, given, view, selected)
    if mark:
        return records[records[shown.selects] == mark]
    ranges = selected.get(shown.brushes, {})
    inside = pd.Series(bool(ranges), index=records.index)
    for field, ends in ranges.items():
        inside &= records[field].between(min(ends), max(ends))
    return records[inside]


def _selected(trial: Trial, name: str, given: cache.Given, view: str) -> Any:
    drawing = cache.figure(trial.data, name, trial.population, given, view)
    key, brush = figure_key(trial, name, given, view), OUTPUTS[name].figures[view].brushes
    listened = ["chosen", *([brush] if brush and brush in _parameters(drawing) else [])]
    event = st.altair_chart(drawing, theme=None, width="content", key=key, on_select="rerun", selection_mode=listened)
    return event["selection"]


def _parameters(drawing: Any) -> set[str]:
    return {each["name"] for each in drawing.to_dict().get("params", [])}


def _clicked_mark(trial: Trial, name: str, given: cache.Given, view: str, selected: Any) -> str | None:
    marks, field = selected.get("chosen", []), OUTPUTS[name].figures[view].selects
    mark = str(marks[0].get(field) or "") if marks else ""
    key = f"{figure_key(trial, name, given, view)}_open"
    if mark and field == PATIENT and st.button(f"Open {literal(mark)}", icon=":material/person:", key=key):
        go("patient", trial.shared, **{PATIENT: mark})
    return mark or None


def figure_key(trial: Trial, name: str, given: cache.Given, view: str) -> str:
    """Return the key of a figure: what was clicked in it holds for these subjects and options only."""
    about = f"{trial.data.snapshot} {trial.population.model_dump_json()} {given}"
    return f"{name}_{view}_{crc32(about.encode()):08x}"


def how(trial: Trial, shown: cache.Shown) -> None:
    """Offer how an output was made: in words where it has any, as a script, as SQL; the latter two only once they are opened."""
    if shown.result.methods:
        with st.expander("Methods, ready to copy"):
            st.code(shown.result.methods, language=None, wrap_lines=True)
    name, options = shown.result.output, shown.result.options
    place = st.expander("Show how: script, SQL, options", key=f"{name}_how", on_change="rerun")
    if not place.open:
        return
    made = cache.how(trial.data, name, trial.population, tuple(options.items()))
    script, sql, chosen = place.tabs(["Script", "SQL asked", "Options"])
    script.caption("Saved in the folder of Marrowscope and run there with its Python, it prints these numbers again.")
    script.code(made.script, language="python")
    script.download_button(
        "Download the script (PY)", made.script, f"{trial.study.id}_{name}.py", "text/x-python", key=f"{name}_script",
        on_click="ignore", icon=":material/download:",
    )  # fmt: skip
    sql.caption(
        "Run with DuckDB in the folder of Marrowscope, it asks every question of the study's snapshot again, in order."
    )
    sql.code(made.sql, language="sql", wrap_lines=True)
    chosen.dataframe(
        [{"Option": each.label, "Name": each.name, "Value": str(options[each.name])} for each in OUTPUTS[name].options],
        hide_index=True, key=f"{name}_options",
    )  # fmt: skip


def records(trial: Trial, name: str, given: cache.Given, row: Row, place: str = "records") -> None:
    """List the patients and records behind one row, or behind one mark of a figure in a place of its own."""
    found = cache.behind(trial.data, name, trial.population, given, row.about)
    ordered = [v for v in FIRST_VARIABLES if v in found] + [v for v in found if v not in FIRST_VARIABLES]
    what = PATIENTS if row.about[0] in marks.STEPS else OUTPUTS[name].listed
    patients = found.USUBJID.nunique()
    of_whom = counted(patients, PATIENTS)
    listed = of_whom if what == PATIENTS else f"{counted(len(found), what)} of {of_whom}"
    st.subheader(f"Behind “{literal(row.label)}”: {listed}", anchor=place)
    where = f", {trial.population.condition}" if trial.population.filters else ""
    every = "All columns together, " if "columns" in dict(given) and not marks.of_column(row.about) else ""
    st.caption(literal(f"{every}{trial.population.label} population{where}. N={trial.N}."))
    frame(found[ordered], f"{name}_{place}", f"{trial.study.id}_{name}_records.csv")


def frame(found: pd.DataFrame, key: str, file_name: str, saved: bool = True) -> None:
    """Show records as a table that scrolls, searches and sorts; a click on a patient opens the patient.

    A download is offered unless the page has a better one, which it says by `saved`.
    """
    shown: dict[str, Any] = {
        name: st.column_config.DateColumn(format="YYYY-MM-DD") for name in found.select_dtypes("datetime")
    }
    lazy = len(found) > MOST_EAGER
    if PATIENT in found:
        shown[PATIENT] = st.column_config.ButtonColumn(
            help="Click to open this patient.", type="tertiary", alignment="left", pinned=True,
            on_click=partial(_open, f"{key}_patient"), key=f"{key}_patient",
        )  # fmt: skip
    st.dataframe(found, hide_index=True, lazy=lazy, key=key, placeholder="", column_config=shown)
    if PATIENT in found and len(found):
        too_long = " This list is too long to be sorted here; save it to sort it." if lazy else ""
        st.caption(f"Click a patient’s identifier to open the patient.{too_long}")
    if saved:
        st.download_button(
            "Download these records (CSV)", lambda: csv(found), file_name, "text/csv", key=f"{key}_csv",
            on_click="ignore",
        )  # fmt: skip


def _open(key: str) -> None:
    """Note which patient was clicked; the label is the identifier, however the table is sorted."""
    visit("patient", **{PATIENT: st.session_state[key]["label"]})


def _choose(name: str, shown: cache.Shown) -> None:
    """Write the row that was clicked to the address, before the page is drawn anew."""
    row = _row(st.session_state[f"{name}_table"].chosen, name, shown)
    if row is not None and shown.layout is not None:
        st.query_params["row"] = _address(shown.layout.rows[row])


def _chosen(trial: Trial, layout: Layout) -> Row | None:
    """The row that the address names; one that this table lacks is told."""
    trial.link.checked.add("row")
    asked = st.query_params.get("row")
    if asked is None:
        return None
    for row in layout.rows:
        if row.about[0] and _address(row) == asked:
            return row
    if "row" in trial.link.asked:
        trial.link.ignore("Row", asked.split("~")[1] if asked.count("~") == 2 else asked)
    del st.query_params["row"]
    return None


def _address(row: Row) -> str:
    return "~".join(row.about)
