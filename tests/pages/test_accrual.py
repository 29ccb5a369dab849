"""The page of accrual without a browser: the answer first, its numbers, and the patients behind a mark."""

import shutil
from pathlib import Path

import pytest

from core.data import Data
from core.outputs import find
from core.where import Where
from pages import PAGES
from pages.accrual import VIEWS
from pages.parts import show as draw
from tests.conftest import ROOT
from tests.drawing import folder
from tests.outputs.harvest_study import ALL, TOML
from tests.pages.test_pages import opened, plain, warnings

STUDY = "cabazitaxel"


def texts(app) -> list[str]:  # type: ignore[no-untyped-def]
    return [plain(each.value).replace("**", "") for each in app.markdown]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the figures drawn, in order."""
    found: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: found.append(of(*asked)) or found[-1])
    return found


def clicked(keys: list[str], field: str, value: str, **asked: str):  # type: ignore[no-untyped-def]
    app = opened("accrual", study=STUDY, **asked)
    app.session_state[keys[-1]] = {"selection": {"chosen": [{field: value}]}}
    app.run()
    assert not app.exception
    return app


def test_it_stands_in_the_menu_after_the_overview() -> None:
    assert [page.name for page in PAGES[:2]] == ["overview", "accrual"]
    assert PAGES[1].section == "Study"


@pytest.mark.parametrize("view", VIEWS)
def test_the_answer_comes_first_in_every_view(trial: Data, view: str) -> None:
    app = opened("accrual", study=STUDY, accrual_view=VIEWS[view])
    assert not warnings(app)
    population = trial.study.populations[0]
    ahead, so_far, shown = (find(name).run(trial, population) for name in ("forecast", "accrual", view))
    assert texts(app)[:2] == [ahead.answer, so_far.answer]
    if view not in ("forecast", "accrual"):
        assert shown.answer in (*texts(app), "")
    assert any("Safety population: N=45." in plain(each.value) for each in app.caption)
    assert any("whatever population is chosen: All subjects, N=47." in plain(each.value) for each in app.caption)


def test_overview_and_accrual_print_the_same_numbers() -> None:
    metrics = {metric.label: metric.value for metric in opened(study=STUDY).metric}
    so_far = texts(opened("accrual", study=STUDY))[1]
    assert metrics["Registered of 60"] == "47 (78.3%)" and "47 of 60 (78.3%) accrued" in so_far
    assert metrics["Evaluable pairs of 30"] == "19 (63.3%)" and "19 of 30 (63.3%) evaluable pairs" in so_far


def test_a_link_holds_every_choice(trial: Data) -> None:
    app = opened(
        "accrual",
        study=STUDY,
        accrual_view="What if",
        accrual_rate="4.0",
        baseline_success="60",
        follow_up_success="80",
    )
    assert not warnings(app)
    asked = {"accrual_rate": 4, "baseline_success": 60, "follow_up_success": 80}
    assert find("what_if").run(trial, trial.everybody, asked).answer in texts(app)
    app = opened("accrual", study=STUDY, accrual_view="Design check", reading="of each biopsy, both independent")
    assert find("design_check").run(trial, trial.everybody, {"reading": "per_biopsy"}).answer in texts(app)
    app = opened("accrual", study=STUDY, accrual_by="Site", recent="6")
    assert find("forecast").run(trial, trial.everybody, {"by": "SITEID", "recent": 6}).answer == texts(app)[0]


def test_sliders_rest_at_the_estimates_and_follow_the_hand(trial: Data) -> None:
    app = opened("accrual", study=STUDY, accrual_view="What if")
    assert [(slider.key, slider.value) for slider in app.main.slider] == [
        ("accrual_rate", 2.4), ("baseline_success", 75), ("follow_up_success", 65),
    ]  # fmt: skip
    app.slider(key="baseline_success").set_value(90).run()
    assert find("what_if").run(trial, trial.everybody, {"baseline_success": 90}).answer in texts(app)
    assert find("forecast").run(trial, trial.everybody).answer == texts(app)[0], "the forecast stays as it is"


def test_a_step_lists_its_patients(trial: Data, keys: list[str]) -> None:
    app = clicked(keys, "step", "waiting", accrual_view="So far")
    records = find("accrual").run(trial, trial.everybody).records
    assert list(app.dataframe[0].value.USUBJID) == list(records.USUBJID[records.waiting])
    assert any(plain(each.value) == "Could still become a pair: 7 patients" for each in app.subheader)


def test_a_month_and_a_reason_and_a_pair_list_their_patients(trial: Data, keys: list[str]) -> None:
    app = clicked(keys, "month", "2024-05", accrual_view="So far", accrual_figure="Accrual by month")
    assert len(app.dataframe[0].value) == 5
    app = clicked(
        keys, "mark", "Week 9: Patient refused", accrual_view="Evaluability", evaluability_figure="Why it fails"
    )
    behind = find("evaluability").behind(trial, trial.everybody, {}, ("REASON", "Patient refused", "Week 9"))
    assert list(app.dataframe[0].value.USUBJID) == list(behind.USUBJID)
    assert "mark" not in app.dataframe[0].value
    app = clicked(keys, "USUBJID", "CBZ-01-004", accrual_view="Forecast")
    assert list(app.dataframe[0].value.USUBJID) == ["CBZ-01-004"]
    app = clicked(keys, "row", "AGE", accrual_view="With and without a pair")
    assert len(app.dataframe[0].value) == 40


def test_filters_leave_a_part_of_which_there_is_no_forecast() -> None:
    app = opened("accrual", study=STUDY, SITEID="02")
    assert "the filters leave only a part of it on view" in texts(app)[0]
    assert any("within the filters: All subjects, N=13." in plain(each.value) for each in app.caption)
    for view in VIEWS.values():
        nobody = {"SITEID": "01", "ECOGGR1": "2", "VISCERAL": "Y", "PRIORABI": "Y", "AGEGR1": ">=75"}
        assert texts(opened("accrual", study=STUDY, accrual_view=view, **nobody))[1].startswith(
            "0 accrued by 2024-06-28"
        )


def test_the_pilot_says_what_is_missing_and_shows_accrual_first() -> None:
    app = opened("accrual")
    assert texts(app)[0] == "There is no forecast of evaluable pairs: this study has no dataset ADBE."
    assert texts(app)[1] == "254 accrued by 2015-03-05."
    (control,) = [each for each in app.segmented_control if each.key == "accrual_view"]
    assert control.value == "accrual"
    for view in VIEWS.values():
        assert not warnings(opened("accrual", accrual_view=view))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"accrual_view": "Moon"}, "View in the link has the value “Moon”"),
        ({"accrual_view": "What if", "accrual_rate": "500"}, "Patients a month in the link has the value “500”"),
        (
            {"accrual_view": "What if", "baseline_success": "half"},
            "Evaluable at baseline (%) in the link has the value “half”",
        ),
        ({"accrual_by": "Moon"}, "By in the link has the value “Moon”"),
        ({"accrual_view": "Design check", "reading": "per needle"}, "The rate is the success in the link"),
    ],
)
def test_a_bad_value_in_a_link_is_told_and_ignored(asked: dict[str, str], says: str) -> None:
    app = opened("accrual", study=STUDY, **asked)
    assert any(says in each for each in warnings(app)), warnings(app)


def test_one_patient_and_every_way_a_harvest_can_go(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "pages", tmp_path / "pages")
    folder(tmp_path / "data" / "drawn", TOML, **ALL)
    folder(
        tmp_path / "data" / "one",
        TOML.replace('variable = "SITEID"', 'variable = "USUBJID"'),
        adsl="| USUBJID | TRTSDT | ENRLDT |\n| 01 | 2024-12-30 | 2024-12-29 |",
    )
    main = tmp_path / "pages" / "main.py"
    for view in VIEWS.values():
        app = opened("accrual", main, study="drawn", accrual_view=view)
        assert texts(app)[1].startswith("15 of 20 (75.0%) accrued")
        app = opened("accrual", main, study="one", accrual_view=view)
        assert texts(app)[1] == "1 of 20 (5.0%) accrued by 2024-12-31."


def test_filtered_numbers_are_those_of_the_output(trial: Data) -> None:
    app = opened("accrual", study=STUDY, SITEID="01", accrual_view="Evaluability")
    population = trial.study.populations[0].filtered(Where.parse("SITEID IN (01)"))
    assert find("evaluability").run(trial, population).answer in texts(app)
