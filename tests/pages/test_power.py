"""The page of power without a browser: what a reader asks is what the output answers, with a plan or without one."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from core.data import Data
from core.outputs import find
from core.tables.power import claim
from core.where import Where
from pages import power as page
from pages.parts import show as draw
from tests.conftest import ROOT
from tests.drawing import folder
from tests.outputs.test_power import ADBE, ADBM, ADSL, TOML
from tests.pages.test_pages import opened, plain, warnings

STUDY = "cabazitaxel"
OUTPUT = find("power")


def bold(app: Any) -> str:
    """The answer, and nothing of the sidebar."""
    (found,) = [plain(each.value).strip("*") for each in app.markdown if each.value.startswith("**") and "on view" not in each.value]  # fmt: skip
    return found


def labels(app: Any) -> list[str]:
    return [each.label for each in app.number_input]


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ({}, {"n": 30, "effect_size": 0.82, "alpha": 0.05}),
        ({"solve": "Effect size"}, {"n": 30, "alpha": 0.05, "power": 0.8}),
        ({"solve": "Pairs", "power": "0.9"}, {"effect_size": 0.82, "alpha": 0.05, "power": 0.9}),
        ({"solve": "alpha", "n": "20"}, {"n": 20, "effect_size": 0.82, "power": 0.8}),
        ({"alpha": "0.00125", "markers": "40", "alpha_share": "50"}, {"n": 30, "effect_size": 0.82, "alpha": 0.00125, "markers": 40, "share": 50}),
        ({"power_view": "Half-width by number of pairs", "PARAMCD": "Ki-67", "half_width": "4"},
         {"n": 30, "effect_size": 0.82, "alpha": 0.05, "PARAMCD": "KI67", "half_width": 4}),
    ],
)  # fmt: skip
def test_the_page_says_what_the_output_says(trial: Data, asked: dict, given: dict) -> None:
    app = opened("power", study=STUDY, **asked)
    assert not warnings(app)
    result = OUTPUT.run(trial, trial.study.populations[0], given)
    assert bold(app) == result.answer
    (told,) = [plain(each.value) for each in app.markdown if each.value.startswith("study")]
    assert told.split("\n")[0] == claim(result)[0]
    assert [line.removeprefix("- ") for line in told.split("\n")[2:]] == list(claim(result)[1:])


def test_the_number_to_be_solved_has_no_control(trial: Data) -> None:
    for solved, label in page.SOLVED.items():
        app = opened("power", study=STUDY, solve=label)
        assert page.LABELS[solved] not in labels(app)
        assert {page.LABELS[name] for name in page.SOLVED if name != solved} <= set(labels(app))


def test_a_number_changed_by_the_reader_is_solved_anew(trial: Data) -> None:
    app = opened("power", study=STUDY)
    app.number_input(key="n").set_value(12).run()
    assert not app.exception
    expected = OUTPUT.run(trial, trial.study.populations[0], {"n": 12, "effect_size": 0.82, "alpha": 0.05})
    assert bold(app) == expected.answer
    app.number_input(key="alpha").set_value(0.5).run()
    app.segmented_control(key="solve").set_value("n").run()
    assert not app.exception
    app.number_input(key="power").set_value(0.4).run()
    assert [plain(each.value) for each in app.info][-1].startswith("power=0.4 is not above alpha=0.5")


def test_without_a_plan_the_reader_gives_the_numbers() -> None:
    app = opened("power")
    assert [plain(each.value) for each in app.info] == ["Give Pairs and Effect size d_z to have Power solved."]
    assert bold(app).startswith("Nothing can be solved: study.toml states neither")
    assert "Half-width wanted" not in labels(app)
    app.number_input(key="n").set_value(20).run()
    assert [plain(each.value) for each in app.info] == ["Give Effect size d_z to have Power solved."]
    app.number_input(key="effect_size").set_value(0.5).run()
    assert not app.info
    assert bold(app) == "20 pairs have 56.5% power to detect d_z 0.5 (two-sided paired t-test, alpha 0.05)."
    app.number_input(key="n").set_value(None).run()
    assert [plain(each.value) for each in app.info] == ["Give Pairs to have Power solved."]
    assert not app.exception


def test_a_link_carries_the_numbers_of_a_study_without_a_plan() -> None:
    app = opened("power", n="20", effect_size="0.5", solve="Power")
    assert not warnings(app)
    assert bold(app).startswith("20 pairs have 56.5% power")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"n": "1"}, "Pairs in the link has the value “1”"),
        ({"alpha": "two"}, "alpha, two-sided in the link has the value “two”"),
        ({"solve": "Everything"}, "Solve for in the link has the value “Everything”"),
        ({"power_view": "Pie"}, "View in the link has the value “Pie”"),
        ({"power": "0.9"}, "The link also names power"),
    ],
)
def test_a_bad_value_in_a_link_is_told_and_ignored(asked: dict, says: str) -> None:
    app = opened("power", study=STUDY, **asked)
    assert any(says in each for each in warnings(app)), warnings(app)
    assert bold(app).startswith("30 pairs have 99.1% power")


def test_subjects_on_view_are_those_of_the_filters(trial: Data) -> None:
    app = opened("power", study=STUDY, SITEID="01")
    site = trial.study.populations[0].filtered(Where.parse("SITEID EQ 01"))
    assert any(f"N={OUTPUT.run(trial, site).N}." in plain(each.value) for each in app.caption)


def test_a_marker_clicked_in_the_table_opens_on_its_own_page(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, dict]] = []
    clicked = draw.clicked
    monkeypatch.setattr(page, "go", lambda to, keep, **asked: sent.append((to, asked)))

    def psa(name: str, shown: Any, action: str) -> Any:
        clicked(name, shown, action)
        return next(row for row in shown.layout.rows if row.about[1] == "PSA")

    monkeypatch.setattr(draw, "clicked", psa)
    opened("power", study=STUDY)
    assert sent == [("change", {"PARAMCD": "PSA in serum"})]


@pytest.mark.parametrize("asked", [{}, {"AGE": ["56", "56"]}, {"AGE": ["51", "51"]}, {"power_view": "Half-width by number of pairs", "AGE": ["51", "51"]}])  # fmt: skip
def test_nobody_with_a_pair_and_one_pair_are_pages(tmp_path: Path, asked: dict) -> None:
    """The numbers of a little study: six subjects, of whom one is left, with one pair or with none."""
    shutil.copytree(ROOT / "pages", tmp_path / "pages")
    filters = '[[filters]]\nvariable = "AGE"\nlabel = "Age"\n'
    folder(tmp_path / "data" / "drawn", TOML + filters, adsl=ADSL, adbm=ADBM, adbe=ADBE)
    app = opened("power", tmp_path / "pages" / "main.py", **asked)
    assert not app.exception
    assert not warnings(app)
    n = 1 if asked else 6
    assert f"**{n} subjects on view**" in [each.value for each in app.markdown]
    assert bold(app).startswith("20 pairs have ")
