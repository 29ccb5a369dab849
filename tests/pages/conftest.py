"""What the tests of pages share."""

import pytest

from pages.parts import show as draw


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the figures drawn, in order."""
    found: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: found.append(of(*asked)) or found[-1])
    return found
