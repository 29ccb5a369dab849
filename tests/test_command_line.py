"""python -m core, as others script against it."""

import io
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.__main__ import main
from core.ard import COLUMNS
from core.outputs import OUTPUTS
from tests.conftest import PILOT, ROOT
from tests.drawing import folder

ADSL = "| USUBJID | TRTSDT     | SAFFL |\n| 01 | 2024-01-01 | Y |\n| 02 | 2024-01-01 | Y |\n| 03 | not a day | Y |"


def run(capfd: pytest.CaptureFixture, *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    out, err = capfd.readouterr()
    return code, out, err


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core", "run", "ae_by_term", str(PILOT), "category=serious", "columns=TRT01A", "--format", "csv"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    ard = pd.read_csv(io.BytesIO(done.stdout))
    assert tuple(ard.columns) == COLUMNS
    assert ard[(ard.variable == "ANY") & (ard.stat_name == "n")].stat.tolist() == [0, 1, 2, 3]


def test_build_prints_what_became_of_every_file(tmp_path: Path, capfd) -> None:
    study = str(folder(tmp_path / "drawn", adsl=ADSL))
    code, out, _ = run(capfd, "build", study)
    assert code == 0
    assert "ADSL: 3 read, 2 kept, 1 refused, 0 queried" in out
    assert "refused ADSL row 3: TRTSDT 'not a day' must be a date" in out
    assert run(capfd, "build", study, "--strict")[0] == 1


def test_a_strict_build_of_clean_data_succeeds(capfd) -> None:
    assert run(capfd, "build", str(PILOT), "--strict")[0] == 0


def test_outputs_lists_the_catalogue_with_options_and_defaults(capfd) -> None:
    code, out, _ = run(capfd, "outputs")
    lines = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert [line[0] for line in lines] == list(OUTPUTS)
    for name, title, options in lines:
        assert title == OUTPUTS[name].title
        assert [pair.split("=")[0] for pair in options.split()] == [option.name for option in OUTPUTS[name].options]


def test_options_may_stand_behind_a_flag(capfd) -> None:
    _, out, _ = run(capfd, "run", "ae_by_term", str(PILOT), "--where", "SEX EQ F", "columns=SEX")
    N = pd.read_csv(io.StringIO(out)).query("variable == 'ANY' and stat_name == 'N'")
    assert dict(zip(N.group1_level, N.stat, strict=True)) == {"F": 143, "M": 0, "Total": 143}


def test_a_population_by_its_label(capfd) -> None:
    _, out, _ = run(capfd, "run", "ae_by_term", str(PILOT), "--population", "Efficacy")
    assert pd.read_csv(io.StringIO(out)).query("stat_name == 'N'").stat.iloc[0] == 234


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "html", "rtf", "docx", "pdf"])
def test_every_format_can_go_to_a_file(form: str, tmp_path: Path, capfd) -> None:
    file = tmp_path / f"table.{form}"
    code, out, _ = run(capfd, "run", "disposition", str(PILOT), "--format", form, "-o", str(file))
    assert (code, out) == (0, "")
    assert file.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "ae_by_moon", str(PILOT)], "the outputs are ae_overview"),
        (["run", "ae_by_term", str(PILOT), "colour=red"], "it has category"),
        (["run", "ae_by_term", str(PILOT), "category=blue"], "use one of all, teae"),
        (["run", "ae_by_term", str(PILOT), "columns"], "write key=value"),
        (["run", "ae_by_term", str(PILOT), "min_percent=many"], "write a number from 0 to 100"),
        (["run", "ae_by_term", str(PILOT), "--population", "Martians"], "it has 'Safety'"),
        (["run", "ae_by_term", str(PILOT), "--where", "AGES GE 65"], "the nearest are AGE"),
        (["run", "ae_by_term", str(PILOT), "--where", "AGE GE old"], "write a number"),
        (["run", "ae_by_term", "no/such/folder"], "name a study folder"),
        (["run", "ae_by_term", str(PILOT), "--format", "xlsx"], "name a file with -o"),
        (["run", "ae_by_term", str(PILOT), "--format", "docx"], "name a file with -o"),
        (["run", "ae_by_term", str(PILOT), "--format", "svg"], "use one of csv, json, xlsx, html, rtf, docx, pdf"),
        (["run", "ae_by_term", str(PILOT), "--table", "--format", "json"], "does not hold a table"),
        (["run", "ae_by_term", str(PILOT), "--format", "csv", "-o", "a.docx"], "ends with .docx and --format says csv"),
        (["run", "ae_by_term", str(PILOT), "-o", "nowhere/a.csv"], "there is no folder nowhere"),
        (["run", "ae_by_term", str(PILOT), "-o", str(PILOT)], "it is a folder"),
        (["run", "ae_by_term", str(PILOT), "-o", "/nonexistent/x.csv"], "name another file"),
        (["run", "ae_by_term", str(PILOT), "columns=SEX", "columns=RACE"], "columns is given twice"),
        (["run", "ae_incidence", str(PILOT), "terms=3.7"], "write a whole number"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_2(arguments: list[str], says: str, capfd) -> None:
    code, out, err = run(capfd, *arguments)
    assert code == 2
    assert out == ""
    assert says in err
    assert len(err.strip().splitlines()) == 1


def test_a_study_that_cannot_be_used_is_one_sentence_and_exit_1(tmp_path: Path, capfd) -> None:
    study = folder(tmp_path / "drawn", adsl="| SUBJID |\n| 1 |")
    code, _, err = run(capfd, "build", str(study))
    assert code == 1
    assert "adsl.csv has no variable USUBJID" in err
    assert not list(study.glob(".snapshots/*"))


def test_a_wrong_flag_is_one_line_and_exit_2(capfd) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["run", "ae_by_term", str(PILOT), "--format", "gif"])
    assert stopped.value.code == 2
    assert len(capfd.readouterr().err.strip().splitlines()) == 1


def test_a_folder_that_cannot_hold_a_snapshot_is_one_sentence(tmp_path: Path, capfd) -> None:
    study = folder(tmp_path / "drawn", adsl=ADSL)
    (study / ".snapshots").write_text("in the way")
    code, _, err = run(capfd, "build", str(study))
    assert code == 1
    assert "make" in err
    assert len(err.strip().splitlines()) == 1


def test_what_is_missing_is_named_and_nothing_that_may_be_left_out(capsys) -> None:
    for given, missing in ((["compare", "earlier"], "STUDY"), (["run"], "OUTPUT, STUDY")):
        with pytest.raises(SystemExit):
            main(given)
        assert capsys.readouterr().err == f"The following arguments are required: {missing}.\n"


def test_the_ending_of_a_file_names_its_format(tmp_path: Path) -> None:
    for name, begins in (("a.json", b"{"), ("a.pdf", b"%PDF-"), ("a.rtf", rb"{\rtf"), ("a.txt", b"group1,")):
        assert main(["run", "ae_overview", str(PILOT), "-o", str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
