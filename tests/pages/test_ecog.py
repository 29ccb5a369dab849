"""The page of performance status without a browser: its numbers, and who stands behind them."""

import pytest

from core.data import Data
from core.outputs import find
from tests.pages.test_pages import opened, plain, warnings

STUDY = "cabazitaxel"


def bold(app) -> str:  # type: ignore[no-untyped-def]
    (found,) = [plain(each.value).strip("*") for each in app.markdown if "with a value" in each.value or "with both" in each.value]  # fmt: skip
    return found


@pytest.mark.parametrize(
    ("view", "output", "options"),
    [
        ("States by period", "ordinal_change", {}),
        ("One line a patient", "ordinal_change", {"value": "Worst value"}),
        ("Shift from baseline", "shift", {"at": "Each period"}),
        ("Shift from baseline", "shift", {"at": "Week 9", "columns": "Site"}),
    ],
)
def test_the_page_says_what_the_output_says(trial: Data, view: str, output: str, options: dict[str, str]) -> None:
    app = opened("ecog", study=STUDY, ecog_view=view, **options)
    assert not warnings(app)
    given = {
        name: {"Worst value": "worst", "Each period": "period", "Site": "SITEID"}.get(value, value)
        for name, value in options.items()
    }
    result = find(output).run(trial, trial.study.populations[0], given)
    assert bold(app) == result.answer
    assert any(f"N={result.N}." in plain(each.value) for each in app.caption)


def test_a_part_of_a_bar_lists_its_patients(trial: Data, keys: list[str]) -> None:
    records = find("ordinal_change").run(trial, trial.study.populations[0]).records
    bar = "Cycles 1-3: worsened"
    app = opened("ecog", study=STUDY)
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"bar": bar}]}}
    app.run()
    assert not app.exception
    listed = app.dataframe[0].value
    assert list(listed.USUBJID) == list(records.USUBJID[records.bar == bar])
    assert "bar" not in listed
    assert any(plain(each.value) == f"{bar}: {len(listed)} patients" for each in app.subheader)


def test_a_cell_and_a_line_list_their_patients(trial: Data, keys: list[str]) -> None:
    records = find("shift").run(trial, trial.study.populations[0]).records
    cell = records.cell.iloc[0]
    app = opened("ecog", study=STUDY, ecog_view="Shift from baseline")
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"cell": cell}]}}
    app.run()
    assert not app.exception
    assert list(app.dataframe[0].value.USUBJID) == list(records.USUBJID[records.cell == cell])
    app = opened("ecog", study=STUDY, ecog_view="One line a patient")
    subject = records.USUBJID.iloc[0]
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"USUBJID": subject}]}}
    app.run()
    assert set(app.dataframe[0].value.USUBJID) == {subject}


def test_a_study_without_performance_status_says_so() -> None:
    app = opened("ecog")
    assert plain(app.info[0].value) == "Study cdiscpilot01 has no dataset ADQS, so there is nothing to show here."


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"ecog_view": "Pie"}, "View in the link has the value “Pie”"),
        ({"value": "Middle"}, "Within a period in the link has the value “Middle”"),
        ({"ecog_view": "Shift from baseline", "at": "Week 99"}, "After baseline in the link has the value “Week 99”"),
    ],
)
def test_a_bad_value_in_a_link_is_told_and_ignored(asked: dict[str, str], says: str) -> None:
    app = opened("ecog", study=STUDY, **asked)
    assert any(says in each for each in warnings(app)), warnings(app)
    assert bold(app)


def test_periods_against_periods_are_one_sentence() -> None:
    app = opened("ecog", study=STUDY, ecog_view="Shift from baseline", at="Each period", columns="Treatment period")
    assert any("both part by period" in plain(each.value) for each in app.info)


def test_nobody_on_view_is_said_and_nothing_breaks() -> None:
    for view in ("States by period", "One line a patient", "Shift from baseline"):
        app = opened(
            "ecog", study=STUDY, ecog_view=view, SITEID="01", ECOGGR1="2", VISCERAL="Y", PRIORABI="Y", AGEGR1=">=75"
        )
        assert app.title[0].value == "Performance status"
