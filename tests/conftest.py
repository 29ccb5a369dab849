"""What tests share: the shipped study, and little studies drawn by hand."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.data import Data
from tests import drawing

ROOT = Path(__file__).parents[1]
PILOT = ROOT / "data" / "cdiscpilot01"
TRIAL = ROOT / "data" / "cabazitaxel"


@pytest.fixture(scope="session")
def pilot() -> Data:
    """The CDISC pilot study, as shipped."""
    return Data.of(PILOT)


@pytest.fixture(scope="session")
def trial() -> Data:
    """The drawn study with paired biopsies, as shipped."""
    return Data.of(TRIAL)


@pytest.fixture(scope="session")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Data]:
    """Open a study drawn by hand: draw(toml, adsl="...", adae="..."); the same drawing is read once."""
    kept: dict[object, Data] = {}

    def opened(toml: str = "", **drawings: str) -> Data:
        drawn = (toml, *drawings.items())
        if drawn not in kept:
            kept[drawn] = drawing.study(tmp_path_factory.mktemp("drawn"), toml, **drawings)
        return kept[drawn]

    return opened
