"""What can this many pairs show?"""

import streamlit as st

from core.outputs import OUTPUTS
from core.outputs.markers import PARAMCD
from core.outputs.power_plan import NUMBERS
from core.tables.power import claim
from pages.parts import cache, choose, save
from pages.parts import show as draw
from pages.parts.link import go
from pages.parts.text import literal
from pages.parts.trial import Trial

NAME = "power"
SOLVED = {"power": "Power", "effect_size": "Effect size", "n": "Pairs", "alpha": "alpha"}
OF_MARKERS = {"PARAMCD", "half_width", "from", "to", "blq"}
SAME = {"from", "to", "blq", "conf"}
LABELS = {option.name: option.label for option in OUTPUTS[NAME].options}
OPEN = "open the marker on the page Change"


def show(trial: Trial) -> None:
    """Draw what is asked and solved, the plan read in different ways, the curves, and every number."""
    st.title("What can this many pairs show?")
    draw.about(trial)
    given = _given(trial)
    shown = cache.shown(trial.data, NAME, trial.population, given)
    st.markdown(f"**{literal(shown.result.answer)}**")
    _claim(shown)
    _, view = choose.view("power_view", (NAME,), trial.link)
    draw.figure(trial, NAME, given, view)
    save.figure(trial, NAME, given, view)
    if "ADBM" in trial.data.schema:
        st.caption(f"Click a marker in the table to {OPEN}.")
    row = draw.clicked(NAME, shown, OPEN)
    save.result(trial, NAME, given)
    draw.how(trial, shown)
    save.records(trial, NAME, given, "Curves")
    if row:
        go("change", trial.shared | SAME, **choose.asked(trial.data, {PARAMCD: row.about[1]}))


def _given(trial: Trial) -> cache.Given:
    """Draw the numbers but the one to be solved; with one of them missing, what the study plans is asked."""
    st.caption("Solve for")
    solved = choose.tab("solve", "Solve for", SOLVED, trial.link)
    without = {solved} | (set() if "ADBM" in trial.data.schema else OF_MARKERS)
    given = choose.options(OUTPUTS[NAME], trial.data, trial.link, without)
    missing = [LABELS[name] for name, value in given if name in NUMBERS and value == ""]
    if not missing:
        return given
    st.info(literal(f"Give {' and '.join(missing)} to have {SOLVED[solved]} solved."), icon=":material/edit:")
    return tuple((name, value) for name, value in given if name not in NUMBERS)


def _claim(shown: cache.Shown) -> None:
    """Print the numbers of the plan side by side."""
    told = claim(shown.result)
    if told:
        st.subheader("The plan, read in different ways")
        first, *numbers = map(literal, told)
        st.markdown("\n".join([first, "", *(f"- {each}" for each in numbers)]))
