"""Every output drawn on a page says how it was made, and does so only once it is asked."""

import pytest

from core.data import Data
from core.how import how
from core.outputs import find
from core.where import Where
from pages import PAGES, accrual, adverse_events, panel
from pages.parts import cache, save
from tests.pages.test_pages import opened, warnings

STUDY = "cabazitaxel"
EVERY = pytest.mark.parametrize("page", [page.name for page in PAGES])
VIEWS = {
    "accrual": [{"accrual_view": view} for view in accrual.VIEWS.values()],
    "adverse_events": [{"view": view} for view in adverse_events.VIEWS.values()],
    "association": [{"association_view": view} for view in ("Concordance ladder", "Map of correlations")],
    "ecog": [{"ecog_view": "Shift from baseline"}],
    "panel": [{"panel_view": view} for view in panel.VIEWS.values()],
    "patient": [{"USUBJID": "CBZ-01-001"}],
}  # fmt: skip


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The outputs whose files a page offers, as tables or figures, in order."""
    names: list[str] = []
    for kind in ("result", "figure"):
        of = getattr(save, kind)
        monkeypatch.setattr(save, kind, lambda trial, name, *more, of=of: names.append(name) or of(trial, name, *more))
    return names


def offered(app) -> list[str]:  # type: ignore[no-untyped-def]
    return [each.label for each in app.expander if each.label.startswith("Show how")]


@EVERY
@pytest.mark.parametrize("study", [STUDY, "cdiscpilot01"])
def test_every_output_drawn_says_how_it_was_made(page: str, study: str, saved: list[str]) -> None:
    for asked in ({}, *(VIEWS.get(page, []) if study == STUDY else [])):
        saved.clear()
        app = opened(page, study=study, **asked)
        assert not warnings(app), asked
        assert len(offered(app)) == len(set(saved)), asked
        for name in saved:
            assert f"{name}_how" in app.session_state


@pytest.mark.parametrize(
    ("page", "name", "asked", "options", "filtered"),
    [
        ("adverse_events", "ae_by_term", {"view": "By term", "category": "serious"}, {"category": "serious"}, "SITEID IN (01, 02)"),
        ("change", "paired_change", {}, {}, "SITEID IN (01, 02)"),
    ],
)  # fmt: skip
def test_what_is_told_is_what_the_reader_chose(
    page: str, name: str, asked: dict, options: dict, filtered: str, trial: Data
) -> None:
    app = opened(page, study=STUDY, SITEID=["01", "02"], **({} if name != "ae_by_term" else {"view": "By term"}))
    if "category" in asked:
        app.selectbox(key="category").select(asked["category"])
    app.session_state[f"{name}_how"] = True
    app.run()
    assert not app.exception
    population = trial.study.populations[0].filtered(Where.parse(filtered))
    given = find(name).read({option.name: option.page(trial) for option in find(name).options if option.page} | options, trial)  # fmt: skip
    made = how(trial, name, population, given)
    told = [each.value.strip() for each in app.code if each.language in ("python", "sql")]
    assert told == [made.script.strip(), made.sql.strip()]
    assert filtered in told[0]
    (listed,) = [each.value for each in app.dataframe if "Name" in each.value]
    assert list(listed.Name) == [option.name for option in find(name).options]


def test_nothing_is_computed_until_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    of = cache.how
    monkeypatch.setattr(cache, "how", lambda data, name, *more: asked.append(name) or of(data, name, *more))
    app = opened("change", study=STUDY)
    assert asked == []
    app.session_state["paired_change_how"] = True
    app.run()
    assert asked == ["paired_change"]
