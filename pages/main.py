"""The script of every run: navigation, sidebar, then the chosen page."""

from functools import partial
from pathlib import Path

import streamlit as st

from core.errors import RequestError
from pages import PAGES, Page
from pages.parts.link import Link, follow
from pages.parts.text import literal
from pages.parts.trial import choose_trial

PARTS = Path(__file__).parent / "parts"
st.set_page_config("Marrowscope", page_icon=str(PARTS / "icon.svg"), layout="wide")
st.html(PARTS / "page.css")


def draw(page: Page) -> None:
    """Draw one page for the trial on view, below what its link could not say."""
    place = st.container()
    assert trial is not None
    try:
        page.show(trial)
    except RequestError as error:
        st.info(literal(str(error)))
    follow(trial.shared)
    link.tell(place)


link = Link.followed()
menu: dict[str, list[st.Page]] = {}
for entry in PAGES:
    menu.setdefault(entry.section, []).append(
        st.Page(
            partial(draw, entry), title=entry.title, icon=entry.icon, url_path=entry.path, default=entry is PAGES[0]
        )
    )
current = st.navigation(menu, expanded=True)
trial = choose_trial(link, Path(__file__).parents[1] / "data")
if trial is not None:
    current.run()
