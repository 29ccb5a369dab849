"""The page of associations without a browser: its numbers, who was marked, and what a click opens."""

import pytest

from core.data import Data
from core.outputs import find
from pages import association as page
from pages.parts import show as draw
from tests.pages.test_pages import opened, plain, warnings

STUDY = "cabazitaxel"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the figures drawn, in order."""
    found: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: found.append(of(*asked)) or found[-1])
    return found


def bold(app) -> list[str]:  # type: ignore[no-untyped-def]
    return [plain(each.value).strip("*") for each in app.markdown if each.value.startswith("**")]


@pytest.mark.parametrize(
    ("link", "given"),
    [
        ({}, {}),
        ({"x": "Testosterone in serum", "y": "Testosterone in marrow"}, {"x": "TESTO_S", "y": "TESTO_M"}),
        ({"x_at": "Change, Baseline to Week 9", "y_at": "Change, Baseline to Week 9"}, {"x_at": "Week 9-Baseline", "y_at": "Week 9-Baseline"}),
        ({"window": "30", "adjust": "AGE", "by": "Site"}, {"window": 30, "adjust": "AGE", "by": "SITEID"}),
    ],
)  # fmt: skip
def test_the_page_says_what_the_output_says(trial: Data, link: dict[str, str], given: dict[str, object]) -> None:
    app = opened("association", study=STUDY, **link)
    assert not warnings(app)
    result = find("association").run(trial, trial.study.populations[0], given)
    assert result.answer in bold(app)
    lost = app.dataframe[0].value
    assert set(lost.USUBJID) == set(result.records.USUBJID[~result.records.paired])
    assert ((lost["Horizontal axis"] != "usable") | (lost["Vertical axis"] != "usable")).all()


def test_a_point_that_was_clicked_tells_who_it_is(trial: Data, keys: list[str]) -> None:
    records = find("association").run(trial, trial.study.populations[0]).records
    subject = records.USUBJID[records.paired].iloc[0]
    app = opened("association", study=STUDY)
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"USUBJID": subject}]}}
    app.run()
    assert not app.exception
    assert any(each.value == "Patients marked: 1" for each in app.subheader)
    assert list(app.dataframe[0].value.USUBJID) == [subject]


def test_a_rectangle_lists_those_inside_it(trial: Data, keys: list[str]) -> None:
    records = find("association").run(trial, trial.study.populations[0]).records
    inside = records[records.paired & records.x.between(100, 600) & records.y.between(120, 200)]
    assert 1 < len(inside) < records.paired.sum()
    app = opened("association", study=STUDY)
    app.session_state[keys[-1]] = {"selection": {"brushed": {"x": [100, 600], "y": [120, 200]}}}
    app.run()
    assert not app.exception
    assert set(app.dataframe[0].value.USUBJID) == set(inside.USUBJID)


@pytest.mark.parametrize(("view", "output"), [("Concordance ladder", "concordance_ladder"), ("Map of correlations", "association_matrix")])  # fmt: skip
def test_a_correlation_among_many_opens_its_scatter_plot(
    trial: Data, keys: list[str], monkeypatch, view: str, output: str
) -> None:  # type: ignore[no-untyped-def]
    went: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(page, "go", lambda to, keep, **asked: went.append((to, asked)))
    app = opened("association", study=STUDY, association_view=view)
    assert not warnings(app)
    cell = find(output).run(trial, trial.study.populations[0]).records.iloc[-1]
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"cell": cell.cell}]}}
    app.run()
    assert not app.exception
    ((to, asked),) = went
    assert to == "association"
    reached = opened("association", study=STUDY, **asked)
    assert not warnings(reached)
    given = {"x": cell.x, "x_at": cell.x_at, "y": cell.y, "y_at": cell.y_at}
    assert find("association").run(trial, trial.study.populations[0], given).answer in bold(reached)


def test_a_study_without_biomarkers_says_so() -> None:
    app = opened("association")
    assert plain(app.info[0].value) == "Study cdiscpilot01 has no dataset ADBM, so there is nothing to show here."


def test_a_filter_with_nobody_left_is_said() -> None:
    app = opened("association", study=STUDY, SITEID="03", AGEGR1="<65", ECOGGR1="2", VISCERAL="Y", PRIORABI="N")
    assert "**0 subjects on view**" in [each.value for each in app.markdown]
    assert any("no correlation can be given" in each for each in bold(app))


def test_the_same_measure_twice_is_one_sentence() -> None:
    app = opened("association", study=STUDY, y="PSA in serum")
    assert any("Both axes are the same measure" in plain(each.value) for each in app.caption)
