"""The trial on view: which study, which subjects. Drawn in the sidebar, bound to the address."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.data import Data
from core.errors import StudyError
from core.study import Population, Study, find
from core.where import Where
from pages.parts import cache, choose
from pages.parts.link import Link, copy_button
from pages.parts.text import literal


@dataclass(frozen=True)
class Trial:
    """What every page is a function of."""

    data: Data
    population: Population
    link: Link

    @property
    def study(self) -> Study:
        """The study's description."""
        return self.data.study

    @property
    def N(self) -> int:
        """How many subjects are on view."""
        return _count(self.data, self.population)

    @property
    def shared(self) -> set[str]:
        """The parameters of the address that every page understands."""
        return {"study", "population", *choose.EVENT_KEYS, *(f.variable for f in self.study.filters)}


def choose_trial(link: Link, root: Path) -> Trial | None:
    """Draw the sidebar and return the trial it describes; None, with the reason on the page, when there is none."""
    folders = {folder.name: folder for folder in find(root)}
    if not folders:
        st.error(literal(f"There is no study in {root.name}; add a folder with a study.toml."))
        return None
    with st.sidebar:
        name = choose.one("study", "Study", list(folders), link)
    try:
        opened = cache.opened(folders[name])
    except StudyError as error:
        st.error(literal(str(error)))
        return None
    if opened.notice:
        st.warning(literal(opened.notice))
    with st.sidebar:
        population = _population(opened.data, link)
    return Trial(opened.data, population, link)


def _population(data: Data, link: Link) -> Population:
    labels = [population.label for population in data.study.populations]
    chosen = data.study.population(choose.one("population", "Population", labels, link))
    count = st.container(gap="xsmall")
    copy_button()
    subgroup = choose.subgroups(data, link)
    events = choose.events(data, link) if "ADAE" in data.schema else Where()
    narrowed = chosen.filtered(subgroup).filtered(events)
    st.button("Clear filters", on_click=choose.clear, args=(data,), width="stretch", disabled=not narrowed.filters)
    with count:
        _tell_counts(data, chosen, subgroup, events)
    return narrowed


def _tell_counts(data: Data, chosen: Population, subgroup: Where, events: Where) -> None:
    """Show how many subjects remain after each kind of filter."""
    told = [f"{_count(data, chosen)} of {_count(data, data.everybody)} subjects in {chosen.label}"]
    if subgroup:
        told.append(f"{_count(data, chosen.filtered(subgroup))} in the subgroup")
    left = _count(data, chosen.filtered(subgroup).filtered(events))
    if events:
        told.append(f"{left} with such an adverse event")
    st.markdown(f"**{left} subjects on view**")
    st.caption("  \n".join(map(literal, told)))


def _count(data: Data, population: Population) -> int:
    return int(cache.asked(data, "subject_count", population).N.iloc[0])
