"""What the tests of pages share."""

from collections.abc import Iterator

import pytest
from streamlit.components.v2 import manifest_scanner

from pages.parts import show as draw


@pytest.fixture(scope="session", autouse=True)
def no_packages_searched() -> Iterator[None]:
    """Spare every run of a page a search of all installed packages for components: the application uses none of theirs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        yield


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the figures drawn, in order."""
    found: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: found.append(of(*asked)) or found[-1])
    return found
