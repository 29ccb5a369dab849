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


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Data]:
    """Open a study drawn by hand: draw(toml, adsl="...", adae="...")."""
    return lambda toml="", **drawings: drawing.study(tmp_path / "drawn", toml, **drawings)
