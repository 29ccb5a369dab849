"""Labels that a study.toml gives are shown as they are written: nothing in them is run as Markdown."""

from types import SimpleNamespace

import pytest

from core.data import Data
from core.outputs import OUTPUTS
from pages import overview
from pages.parts import cache, choose
from pages.parts.link import Link
from pages.parts.text import literal
from pages.parts.trial import Trial

HOSTILE = "**bold** :red[Age] [here](https://example.org)"
TOML = f"""
[[populations]]
label = "{HOSTILE}"

[[filters]]
variable = "SEX"
label = "{HOSTILE}"

[[filters]]
variable = "AGE"
label = "{HOSTILE} 2"
"""
ADSL = "| USUBJID | TRTSDT     | SEX | AGE |\n| 01 | 2024-01-01 | F | 60 |\n| 02 | 2024-01-01 | M | 70 |"


class _Noted:
    """Stands where a control or a metric does, and notes its label."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    def several(self, label: str, *_: object, **__: object) -> list[str]:
        self.labels.append(label)
        return []

    def span(self, label: str, low: float, high: float, rests: tuple[float, float], **_: object) -> tuple[float, float]:
        self.labels.append(label)
        return rests


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> _Noted:
    here = _Noted()
    monkeypatch.setattr("streamlit.multiselect", here.several)
    monkeypatch.setattr("streamlit.metric", here.several)
    monkeypatch.setattr("streamlit.slider", here.span)
    return here


@pytest.fixture
def data(draw, monkeypatch: pytest.MonkeyPatch) -> Data:
    """The study, asked and computed without a cache, which would outlive it."""
    made: Data = draw(TOML, adsl=ADSL)
    monkeypatch.setattr(cache, "asked", lambda _, question, population: made.ask(question, population))
    monkeypatch.setattr(
        cache, "shown", lambda _, name, population, __: SimpleNamespace(result=OUTPUTS[name].run(made, population))
    )
    return made


def test_a_filter_reads_as_written(data: Data, noted: _Noted) -> None:
    choose.subgroups(data, Link({}))
    assert noted.labels == [literal(HOSTILE), literal(f"{HOSTILE} 2")]


def test_a_population_reads_as_written(data: Data, noted: _Noted) -> None:
    overview._accrual(Trial(data, data.study.populations[0], Link({})))
    assert literal(f"{HOSTILE} population, on view") in noted.labels
