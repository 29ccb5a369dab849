"""The page of what changed since the last cut: its sentence, its rows, and studies without an earlier cut."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.data import Data
from core.outputs import find
from tests.conftest import ROOT, TRIAL
from tests.pages.test_pages import opened, plain


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application over the drawn study with an earlier cut, in which one event is milder and one subject is not there yet."""
    place = tmp_path_factory.mktemp("cuts")
    shutil.copytree(ROOT / "pages", place / "pages")
    study = place / "data" / "cabazitaxel"
    no_snapshots = shutil.ignore_patterns(".snapshots")
    shutil.copytree(TRIAL, study, ignore=no_snapshots)
    before = shutil.copytree(TRIAL, study / "earlier" / "march", ignore=no_snapshots)
    described = (study / "study.toml").read_text()
    named = 'previous_cut = "2024-03-29"\n'
    (study / "study.toml").write_text(described.replace(named, 'previous_cut = "earlier/march"\n'))
    (before / "study.toml").write_text(described.replace(named, "").replace("2024-06-28", "2024-03-29"))
    for file in (before / "adam").glob("*.csv"):
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        frame = frame[frame.USUBJID != "CBZ-01-001"]
        if file.stem == "adae":
            frame.loc[(frame.USUBJID == "CBZ-01-003") & (frame.AESEQ == "1"), "AETOXGR"] = "2"
        frame.to_csv(file, index=False)
    for folder in (study, before):
        Data.of(folder).close()
    return place


@pytest.fixture
def root(built: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return shutil.copytree(built, tmp_path / "root")


def page(root: Path, **asked: str):  # type: ignore[no-untyped-def]
    return opened("cut_changes", root / "pages" / "main.py", study="cabazitaxel", **asked)


def test_the_headline_and_every_change(root: Path) -> None:
    app = page(root)
    data = Data.of(root / "data" / "cabazitaxel")
    result = find("cut_changes").run(data, data.study.populations[0])
    assert result.answer.startswith("Since 2024-03-29: 1 subject added")
    assert f"**{result.answer}**" in [plain(each.value) for each in app.markdown]
    listed = app.dataframe[-1].value
    assert len(listed) == len(result.records)
    assert set(listed.USUBJID) == {"CBZ-01-001", "CBZ-01-003"}
    overview = opened("overview", root / "pages" / "main.py", study="cabazitaxel")
    assert result.answer in [plain(each.value) for each in overview.caption]


def test_a_row_of_the_table_lists_its_changes(root: Path) -> None:
    app = page(root, row="ADAE~AETOXGR~")
    assert any(plain(each.value).startswith("Behind “AETOXGR") for each in app.subheader)
    (found,) = [each.value for each in app.dataframe if len(each.value) == 1 and "variable" in each.value]
    assert found[["USUBJID", "variable", "earlier"]].to_numpy().tolist() == [["CBZ-01-003", "AETOXGR", "2"]]


def test_filters_leave_out_the_changes_of_others(root: Path) -> None:
    app = page(root, SITEID="02")
    assert "Since 2024-03-29 no record of the subjects on view was added, changed or taken away" in " ".join(plain(each.value) for each in app.markdown)  # fmt: skip


def test_an_earlier_cut_that_is_corrected_is_read_anew(root: Path) -> None:
    told = [plain(each.value) for each in page(root).markdown if "Since" in each.value]
    assert "adverse events added, 1 changed;" in told[0]
    file = root / "data" / "cabazitaxel" / "earlier" / "march" / "adam" / "adae.csv"
    shutil.copy(TRIAL / "adam" / "adae.csv", file)
    told = [plain(each.value) for each in page(root).markdown if "Since" in each.value]
    assert "adverse events added;" in told[0]


def test_a_cut_that_cannot_be_used_is_said_and_takes_nothing_else_away(root: Path) -> None:
    shutil.rmtree(root / "data" / "cabazitaxel" / "earlier")
    assert "The earlier cut cannot be used" in plain(page(root).info[-1].value)
    app = opened("overview", root / "pages" / "main.py", study="cabazitaxel")
    assert any("The earlier cut cannot be used" in plain(each.value) for each in app.caption)
    assert app.metric


def test_a_study_without_an_earlier_cut_says_how_to_name_one() -> None:
    app = opened("cut_changes")
    assert "name it in study.toml" in plain(app.info[0].value)
    assert not app.dataframe
