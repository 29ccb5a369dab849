"""How is the study doing today?"""

import streamlit as st

from core.errors import RequestError
from core.formats import NOT_COLLECTED, count_percent
from core.outputs.categories import HEADLINE, category_labels
from core.outputs.disposition import EVALUABLE_PAIR
from pages.parts import cache
from pages.parts import show as draw
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

REGISTERED = "All who are registered, whoever is on view."
PAIRS = "Registered subjects with an evaluable specimen, by any method and in its window, at both timepoints, whoever is on view."


def show(trial: Trial) -> None:
    """Draw where accrual stands, the safety headline, and who ended how."""
    study = trial.study
    st.title(literal(study.title))
    draw.about(trial, titled=False)
    since = st.container()
    _accrual(trial)
    if "ADAE" in trial.data.schema:
        _safety(trial)
    draw.output(trial, "disposition")
    if study.previous_cut is not None:
        with since:
            _since(trial)


def _since(trial: Trial) -> None:
    """Say what changed since the last cut, and lead to it; drawn last, since comparing both cuts takes longest."""
    try:
        told = cache.shown(trial.data, "cut_changes", trial.population, ()).result.answer
    except RequestError as error:
        told = str(error)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(literal(told), width="content")
        if st.button("What changed", icon=":material/difference:", type="tertiary", key="what_changed"):
            go("cut-changes", trial.shared)


def _accrual(trial: Trial) -> None:
    """Print accrual and evaluable pairs against their targets, of all who are registered, whoever is on view."""
    targets = trial.study.targets
    ard = cache.shown(trial.data, "disposition", trial.data.everybody, ()).result.ard
    n = ard[ard.stat_name == "n"].set_index("variable_level").stat
    with st.container(horizontal=True):
        _against(n["Registered"], "Registered", targets.accrual)
        if EVALUABLE_PAIR in n or targets.evaluable:
            _against(n.get(EVALUABLE_PAIR), "Evaluable pairs", targets.evaluable, PAIRS)
        st.metric(literal(f"{trial.population.label} population, on view"), trial.N, border=True)
        st.metric("Data cut", trial.study.data_cut.isoformat(), border=True)


def _against(count: float | None, label: str, target: int | None, help: str = REGISTERED) -> None:
    """Print a count, and what share of its target it is."""
    value = NOT_COLLECTED if count is None else str(int(count))
    if count is not None and target:
        value = count_percent(count, 100 * count / target, "%")
    st.metric(f"{label} of {target}" if target else label, value, border=True, help=help)


def _safety(trial: Trial) -> None:
    """Print subjects with each kind of event; what was not collected says so."""
    result = cache.shown(trial.data, "ae_overview", trial.population, ()).result
    found = result.ard[result.ard.variable == "CATEGORY"].set_index(["variable_level", "stat_name"])
    labels, told = category_labels(trial.data), f"Subjects with at least one such event and percent of N={result.N}."
    st.subheader("Subjects with adverse events")
    with st.container(horizontal=True):
        for category in HEADLINE:
            n, percent = found.stat[category, "n"], found.stat[category, "percent"]
            value = NOT_COLLECTED if found.warning[category, "n"] else count_percent(n, percent, "%")
            st.metric(literal(labels[category]), value, border=True, help=told)
