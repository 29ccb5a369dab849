"""The address as the reader's state: what a link asks for, what of it cannot be done, and how to pass it on."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts.text import literal

LONGEST_SHOWN = 60
COPY = st.components.v2.component(
    "marrowscope_copy_link",
    html='<button type="button">Copy link</button>',
    css="button{font:inherit;font-size:.875rem;width:100%;padding:.35rem .75rem;border:1px solid var(--st-border-color);border-radius:.25rem;"
    "background:var(--st-background-color);color:var(--st-text-color);cursor:pointer}button:hover{border-color:var(--st-primary-color)}",
    js=(Path(__file__).parent / "copy_link.js").read_text(encoding="utf-8"),
)

GO = st.components.v2.component(
    "marrowscope_go", js="export default function ({ data }) { window.location.assign(data.address); }"
)


@dataclass
class Link:
    """The parameters that a reader arrived with, each checked by the control it belongs to."""

    asked: dict[str, list[str]]
    checked: set[str] = field(default_factory=set)
    ignored: list[str] = field(default_factory=list)

    @classmethod
    def followed(cls) -> "Link":
        """Read the address before any control has taken its value from it.

        Only what a reader arrives with is a link; later the address follows the controls.
        """
        first = "arrived" not in st.session_state
        st.session_state["arrived"] = True
        return cls({key: st.query_params.get_all(key) for key in st.query_params} if first else {})

    def check(self, key: str, label: str, options: Collection[object]) -> None:
        """Note every value of a control that is not among its options; the control itself then ignores it."""
        self.checked.add(key)
        known = {str(option) for option in options}
        for value in self.asked.get(key, []):
            if value not in known:
                self.ignore(label, value)

    def check_number(self, key: str, label: str, low: float, high: float) -> None:
        """Note a value that is no number within the limits."""
        self.checked.add(key)
        for value in self.asked.get(key, []):
            try:
                inside = low <= float(value) <= high
            except ValueError:
                inside = False
            if not inside:
                self.ignore(label, value)

    def ignore(self, label: str, value: str) -> None:
        """Note one value that cannot be used."""
        shown = value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…"
        self.ignored.append(f"{label} in the link has the value “{shown}”, which does not exist here; it was ignored.")

    def tell(self, place: DeltaGenerator) -> None:
        """Show what was ignored: values, and names that no control on this page has."""
        unknown = sorted(set(self.asked) - self.checked)
        if unknown:
            names = ", ".join(name[:LONGEST_SHOWN] for name in unknown)
            self.ignored.append(f"The link also names {names}, which this page does not have; it was ignored.")
        for sentence in self.ignored:
            place.warning(literal(sentence), icon=":material/link_off:")


def go(page: str, keep: Collection[str], **asked: str) -> None:
    """Send the browser to another page, with those parameters of the address that are kept and those that are asked for.

    It is a new visit: the controls of that page take their values from the address, and Back leads here again.
    """
    kept = [(key, value) for key in st.query_params if key in keep for value in st.query_params.get_all(key)]
    GO(data={"address": f"{page}?{urlencode([*kept, *asked.items()])}"}, key="go")


def visit(page: str, **asked: str) -> None:
    """Note, while a click is handled, that the reader wants to go to another page once this one is drawn."""
    st.session_state["visit"] = (page, asked)


def follow(keep: Collection[str]) -> None:
    """Go where a click on this page led to, if one did."""
    page, asked = st.session_state.pop("visit", ("", {}))
    if page:
        go(page, keep, **asked)


def copy_button() -> None:
    """Draw the control that copies the page's address, filters and all."""
    COPY(key="copy_link", height="content")
