"""Controls: one for each option of an output and for each filter, checked against the link and bound to it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import streamlit as st

from core.data import Data
from core.formats import sentence_case
from core.outputs import OUTPUTS
from core.outputs.catalogue import NO, YES, Option, Output, Value
from core.where import Condition, Where
from pages.parts import cache
from pages.parts.link import Link
from pages.parts.text import literal

ANY = "any"
USUAL, WIDE, NARROW = 190, 340, 160
"""Pixels of an option's control, of one whose choices are long, and of a number."""
EVENT_SWITCHES = ("ae_serious", "ae_related")
EVENT_KEYS = ("ae_soc", "ae_term", "ae_grade", *EVENT_SWITCHES)


def one(
    key: str,
    label: str,
    options: Sequence[str],
    link: Link,
    default: str | None = None,
    label_of: Callable[[str], str] = str,
    help: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Draw a choice of one; the address carries it as it reads."""
    link.check(key, label, [label_of(option) for option in options])
    index = options.index(default) if default in options else 0
    chosen = st.selectbox(label, options, index, label_of, key=key, bind="query-params", help=help, width=width)
    return chosen if chosen is not None else options[index]


def tab(key: str, label: str, options: Mapping[str, str], link: Link) -> str:
    """Draw a choice of one among a few views, all in sight."""
    link.check(key, label, options.values())
    first = next(iter(options))
    chosen = st.segmented_control(
        label, list(options), default=first, required=True, format_func=options.__getitem__, key=key,
        bind="query-params", label_visibility="collapsed",
    )  # fmt: skip
    return chosen or first


def view(key: str, outputs: Sequence[str], link: Link) -> tuple[str, str]:
    """Draw a choice of one among all figures of some outputs; return its output and its name."""
    owner = {figure: name for name in outputs for figure in OUTPUTS[name].figures}
    chosen = tab(key, "View", {figure: OUTPUTS[name].figures[figure].title for figure, name in owner.items()}, link)
    return owner[chosen], chosen


def several(key: str, label: str, options: Sequence[str], link: Link) -> list[str]:
    """Draw a choice of any number; none means no restriction."""
    link.check(key, label, options)
    return list(st.multiselect(literal(label), options, key=key, bind="query-params", placeholder="All"))


def switch(key: str, label: str, link: Link, help: str | None = None) -> bool:
    """Draw a yes or no."""
    link.check(key, label, (*YES, *NO))
    return bool(st.toggle(label, key=key, bind="query-params", help=help))


def number(option: Option, data: Data, link: Link) -> Value:
    """Draw a number within the option's limits; one that may be left out is empty where nothing is known of it."""
    link.check_number(option.key, option.label, option.minimum, option.maximum)
    whole = option.whole or float(option.step).is_integer()
    kind: Callable[[Value], float] = int if whole else float
    start = option.page(data) if option.page else option.start(data)
    value = st.number_input(
        option.label, kind(option.minimum), kind(option.maximum), None if start == "" else kind(start), kind(option.step),
        format=None if whole else "%g", key=option.key, bind="query-params", help=option.help or None,
        width=NARROW,
    )  # fmt: skip
    return "" if value is None else float(value)


def slider(option: Option, data: Data, link: Link) -> float:
    """Draw a number to drag, between the ends that suit the study, resting where the study puts it."""
    start, low, high = cache.sliding(data, option)
    link.check_number(option.key, option.label, low, high)
    step = float(option.step)
    if step.is_integer():
        start, low, high, step = int(start), int(low), int(high), int(step)
    value = st.slider(
        option.label, low, high, start, step, "%d" if option.step >= 1 else "%.1f", key=option.key, bind="query-params",
        help=option.help or None,
    )  # fmt: skip
    return float(value)


def options(output: Output, data: Data, link: Link, without: Collection[str] = ()) -> cache.Given:
    """Draw every option of an output but some, the usual ones side by side, and return what was chosen."""
    given: dict[str, Value] = {}
    drawn = [option for option in output.options if option.on_page and option.name not in without]
    usual = [option for option in drawn if not option.rare]
    rare = [option for option in drawn if option.rare]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for option in usual:
            given[option.name] = _option(option, data, link)
        if rare:
            with st.popover("More options", icon=":material/tune:"):
                for option in rare:
                    given[option.name] = _option(option, data, link)
    return tuple(given.items())


def _option(option: Option, data: Data, link: Link) -> Value:
    if option.kind == "number":
        return slider(option, data, link) if option.slide else number(option, data, link)
    if option.kind == "flag":
        return switch(option.key, option.label, link, option.help or None)
    labels = dict(option.choices(data))
    default = str(option.page(data) if option.page else option.start(data))
    return one(
        option.key, option.label, list(labels), link, default, labels.__getitem__, option.help or None,
        WIDE if option.wide else USUAL,
    )  # fmt: skip


def asked(data: Data, wanted: Mapping[Option, Value]) -> dict[str, str]:
    """Return what the address carries for controls to stand at these values; those at their start need nothing."""
    return {
        option.key: option.choices(data)[str(value)] for option, value in wanted.items() if value != option.start(data)
    }


def subgroups(data: Data, link: Link) -> Where:
    """Draw the subgroup filters of the study and return their condition."""
    where = Where()
    for subgroup in data.study.filters:
        levels = data.groupings.get(subgroup.variable)
        if levels is None:
            where &= _range(data, subgroup.variable, subgroup.label, link)
        elif chosen := several(subgroup.variable, subgroup.label, levels, link):
            where &= Where(Condition(subgroup.variable, "IN", tuple(chosen)))
    return where


def _range(data: Data, variable: str, label: str, link: Link) -> Where:
    """Draw a range of a numeric variable; the whole range is no restriction, so that missing values stay."""
    low, high = _limits(data, variable)
    if not low < high:
        st.caption(literal(f"{label}: no filter, as its values are too many or all the same."))
        return Where()
    link.check_number(variable, label, low, high)
    first, last = st.slider(literal(label), low, high, (low, high), key=variable, bind="query-params")
    where = Where()
    if first > low:
        where &= Where(Condition(variable, "GE", (repr(first),)))
    if last < high:
        where &= Where(Condition(variable, "LE", (repr(last),)))
    return where


def _limits(data: Data, variable: str) -> tuple[float, float]:
    """The smallest and largest value of a numeric variable of ADSL; equal where there is nothing to choose from."""
    if data.schema["ADSL"][variable] != "DOUBLE":
        return 0.0, 0.0
    values = cache.asked(data, "subjects", data.everybody)[variable]
    return (float(values.min()), float(values.max())) if values.notna().any() else (0.0, 0.0)


def events(data: Data, link: Link) -> Where:
    """Draw the filter for patients with a certain adverse event; one event must meet all that is chosen."""
    coding, terms = data.study.adverse_events, data.terms
    conditions: list[Condition] = []
    asked = any(key in link.asked or st.session_state.get(key) not in (None, ANY, False) for key in EVENT_KEYS)
    with st.expander("Only patients with an adverse event", expanded=asked):
        soc = one("ae_soc", "System organ class", [ANY, *terms.soc.unique()], link, label_of=_reads)
        within = terms if soc == ANY else terms[terms.soc == soc]
        term = one("ae_term", "Preferred term", [ANY, *sorted(within.pt.unique())], link, label_of=_reads)
        scale = "Grade" if coding.graded else "Severity"
        grade = one(
            "ae_grade", f"{scale} at least", [ANY, *coding.levels], link,
            label_of=lambda level: "Any" if level == ANY else coding.grade_label(level),
        )  # fmt: skip
        for flag, label in (("serious", "Serious"), ("related", "Related to treatment")):
            if data.collected[flag][0] and switch(f"ae_{flag}", label, link, literal(data.collected[flag][1])):
                conditions.append(Condition(flag.upper(), "EQ", ("Y",), "AE"))
    for variable, value in (("SOC", soc), ("PT", term)):
        if value != ANY:
            conditions.append(Condition(variable, "EQ", (value,), "AE"))
    if grade != ANY:
        conditions.append(Condition("GRADE", "IN", coding.levels[coding.levels.index(grade) :], "AE"))
    where = Where()
    for condition in conditions:
        where &= Where(condition)
    return where


def clear(data: Data) -> None:
    """Take every filter back to no restriction."""
    for subgroup in data.study.filters:
        levels = data.groupings.get(subgroup.variable)
        st.session_state[subgroup.variable] = _limits(data, subgroup.variable) if levels is None else []
    for key in EVENT_KEYS:
        st.session_state[key] = False if key in EVENT_SWITCHES else ANY


def _reads(term: str) -> str:
    return "Any" if term == ANY else sentence_case(term)
