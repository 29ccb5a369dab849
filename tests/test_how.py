"""How numbers were made: the script makes them again in a process of its own, and the SQL is what was asked."""

import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.data import Data, Question, Statement
from core.how import Recorder, _told, how
from core.outputs import OUTPUTS, find
from core.study import Population
from core.where import Condition, Where
from tests.conftest import PILOT, ROOT
from tests.drawing import folder

EVERY = pytest.mark.parametrize("name", OUTPUTS)
# Runs several scripts one after the other, as if each were alone, and writes down what each prints.
MANY = """
import contextlib, io, json, sys
printed = {}
for name, script in json.load(sys.stdin).items():
    out = io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out):
        exec(compile(script, name, "exec"), {"__name__": "__main__"})
    printed[name] = out.buffer.getvalue().decode()
json.dump(printed, sys.stdout)
"""


def process(*arguments: str, given: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, *arguments], input=given, capture_output=True, cwd=ROOT, env=environment, encoding="utf-8", check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def same(printed: str, ard: pd.DataFrame) -> None:
    """All rows and every number to the last bit, as the page has them."""
    read = pd.read_csv(io.StringIO(printed), keep_default_na=False, dtype=str)
    assert list(read.columns) == list(ard.columns)
    texts = list(ard.columns.drop("stat"))
    assert read[texts].to_numpy().tolist() == ard[texts].to_numpy().tolist()
    numbers = np.array([float(text) if text else np.nan for text in read.stat])
    np.testing.assert_array_equal(numbers, ard.stat.to_numpy())


def others(data: Data) -> dict[str, dict[str, object]]:
    """For every output, options that are not those it starts with, as far as the study has such."""
    found = {}
    for name, output in OUTPUTS.items():
        given: dict[str, object] = {}
        for option in output.options:
            start = option.start(data)
            if option.name == "conf":
                given["conf"] = 0.9
            elif option.kind == "flag":
                given[option.name] = not start
            elif option.kind == "choice" and option.name in ("columns", "category", "sort", "order", "blq", "by"):
                given[option.name] = next((each for each in option.choices(data) if each != start), start)
        found[name] = given
    return found


def every(data: Data, population: Population, options: dict[str, dict[str, object]]) -> None:
    """Hold the scripts of the whole catalogue, run in one other process, to what this one computes."""
    asked = {name: how(data, name, population, options.get(name, {})).script for name in OUTPUTS}
    printed = json.loads(process("-c", MANY, given=json.dumps(asked)))
    assert set(printed) == set(OUTPUTS)
    for name, output in OUTPUTS.items():
        same(printed[name], output.run(data, population, options.get(name, {})).ard)


def test_every_script_prints_the_numbers_again(trial: Data) -> None:
    every(trial, trial.study.populations[0], {})


def test_every_script_prints_them_under_other_options_filters_and_populations(trial: Data) -> None:
    population = trial.everybody.filtered(Where.parse("AGE GE 60")).filtered(Where.parse("AE.SERIOUS EQ N OR SITEID NE 02"))  # fmt: skip
    assert 0 < int(trial.ask("subject_count", population).N[0]) < trial.subjects
    every(trial, population, others(trial))


def test_every_script_prints_them_of_a_study_of_another_kind(pilot: Data) -> None:
    population = pilot.study.populations[1].filtered(Where.parse("AGEGR1 NE >80"))
    every(pilot, population, others(pilot))


@pytest.mark.parametrize("name", ["paired_change", "ae_by_term", "power"])
def test_a_script_stands_alone(name: str, trial: Data) -> None:
    population = trial.study.populations[0].filtered(Where.parse("SITEID IN (01, 02)"))
    same(process("-", given=how(trial, name, population, {}).script), find(name).run(trial, population).ard)


@pytest.mark.parametrize("value", ['Zürich, "Süd"', "O'Brien's", "a\\b {x} #", "AND", "日本", '"""', "x\x85y"])
def test_a_value_of_any_kind_is_filtered_by(value: str, tmp_path: Path) -> None:
    place = folder(tmp_path / "drawn", adsl="| USUBJID | SAFFL |\n| 01 | Y |")
    pd.DataFrame({"USUBJID": ["01", "02"], "SAFFL": "Y", "SITEID": ["1", value]}).to_csv(place / "adam" / "adsl.csv", index=False)  # fmt: skip
    data = Data.of(place)
    population = data.study.populations[0].filtered(Where(Condition("SITEID", "IN", (value,))))
    result = find("disposition").run(data, population)
    assert result.N == 1
    same(process("-", given=how(data, "disposition", population, {}).script), result.ard)


def test_a_label_that_ends_a_line_does_not_end_the_comment(tmp_path: Path) -> None:
    toml = '[[populations]]\nlabel = "Safe\\nprint(\'run\')"\nwhere = "SAFFL EQ Y"\n'
    data = Data.of(folder(tmp_path / "drawn", toml, adsl="| USUBJID | SAFFL |\n| 01 | Y |"))
    made = how(data, "disposition", data.study.populations[0], {})
    printed = process("-", given=made.script)
    assert "run\n" not in printed.replace("print('run')", "")
    same(printed, find("disposition").run(data, data.study.populations[0]).ard)


@pytest.mark.parametrize(
    "population",
    [Population(label="Of my own", where=Where.parse("AGE GE 65")), Population(label="All subjects")],
    ids=lambda population: population.label,
)
def test_a_population_that_study_toml_does_not_name(population: Population, trial: Data) -> None:
    made = how(trial, "disposition", population.filtered(Where.parse("SEX EQ M")), {})
    ard = find("disposition").run(trial, population.filtered(Where.parse("SEX EQ M"))).ard
    same(process("-", given=made.script), ard)


def test_another_state_of_the_folder_is_said(tmp_path: Path) -> None:
    data = Data.of(folder(tmp_path / "drawn", adsl="| USUBJID | SAFFL |\n| 01 | Y |"))
    script = how(data, "disposition", data.study.populations[0], {}).script
    (data.folder / "adam" / "adsl.csv").write_text("USUBJID,SAFFL\n01,Y\n02,Y\n")
    done = subprocess.run([sys.executable, "-"], input=script, capture_output=True, cwd=ROOT, text=True, check=True)
    assert "is not as it was" in done.stderr


REPLAY = """
import json, pickle, sys, duckdb
every = []
with duckdb.connect() as connection:
    for text in json.load(sys.stdin):
        every.append(found := [])
        for statement in connection.extract_statements(text):
            connection.execute(statement)
            if statement.type == duckdb.StatementType.SELECT:
                found.append(connection.df())
sys.stdout.buffer.write(pickle.dumps(every))
"""


def replayed(texts: list[str]) -> list[list[pd.DataFrame]]:
    """Run texts of SQL as they stand, in a process of its own as a reader would; return what each question gave."""
    done = subprocess.run(
        [sys.executable, "-c", REPLAY], input=json.dumps(texts).encode(), capture_output=True, cwd=ROOT, check=True, timeout=300
    )  # fmt: skip
    return pickle.loads(done.stdout)


@pytest.mark.parametrize("study", ["trial", "pilot"])
def test_the_sql_told_is_the_sql_asked(
    study: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text told for each output, run as it stands, gives the rows that the output got, of each cut that it asked."""
    data: Data = request.getfixturevalue(study)
    got: dict[str, list[tuple[Question, pd.DataFrame]]] = {}
    ask = Recorder.ask

    def kept(self: Recorder, question: str, population: Population, *columns, **values) -> pd.DataFrame:  # type: ignore[no-untyped-def]
        frame = ask(self, question, population, *columns, **values)
        whole, of = self.question(question, population, *columns, **values), got.setdefault(self.snapshot, [])
        if whole not in [each for each, _ in of]:
            of.append((whole, frame.copy()))
        return frame

    monkeypatch.setattr(Recorder, "ask", kept)
    monkeypatch.chdir(ROOT)
    population = data.study.populations[0].filtered(Where.parse("AGE GE 60.5 OR SEX EQ F"))
    texts, told = [], []
    for name in OUTPUTS:
        got.clear()
        got[data.snapshot] = []
        made = how(data, name, population, {})
        assert len(got) == (2 if name == "cut_changes" and study == "trial" else 1)
        texts.append(made.sql)
        told.append([(name, question, frame) for of in got.values() for question, frame in of])
        assert len(told[-1]) == sum(len(cut.questions) for cut in made.asked) > 0
    for frames, asked in zip(replayed(texts), told, strict=True):
        for (name, question, frame), again in zip(asked, frames, strict=True):
            order = list(frame.columns)
            pd.testing.assert_frame_equal(again[order].sort_values(order, ignore_index=True), frame.sort_values(order, ignore_index=True), obj=f"{name}, {question.name}")  # fmt: skip


@pytest.mark.parametrize("value", ["O'Brien's -- $columns", 'q"q', "a\nb", "$1"])
def test_a_value_in_the_sql_is_the_value_bound(value: str, tmp_path: Path) -> None:
    place = folder(tmp_path / "it's drawn", adsl="| USUBJID | SAFFL |\n| 01 | Y |")
    pd.DataFrame({"USUBJID": ["01", "02"], "SAFFL": "Y", "SITEID": ["1", value]}).to_csv(place / "adam" / "adsl.csv", index=False)  # fmt: skip
    data = Data.of(place)
    population = data.study.populations[0].filtered(Where(Condition("SITEID", "IN", (value,))))
    first = replayed([how(data, "disposition", population, {}).sql])[0][0]
    assert first.N.tolist() == [1]


def test_a_table_that_alternates_is_written_each_time() -> None:
    def made(table: str, n: int) -> Statement:
        return Statement(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {n} AS n", {})

    subjects = made("subjects", 0)
    asked = [Question(str(n), (subjects, made("chosen_event", n)), Statement("SELECT n FROM chosen_event", {})) for n in (1, 2, 1)]  # fmt: skip
    told = list(_told(asked))
    assert [int(frame.n[0]) for frame in replayed(["\n\n".join(told)])[0]] == [1, 2, 1]
    assert sum("TABLE subjects" in piece for piece in told) == 1


@EVERY
def test_no_patient_stands_in_it_but_whom_the_reader_named(name: str, trial: Data) -> None:
    made = how(trial, name, trial.study.populations[0], {})
    named = str(find(name).read({}, trial).get("USUBJID", ""))
    for subject in trial.subject_ids:
        assert subject == named or subject not in made.script + made.sql


def test_the_shared_data_remember_nothing(trial: Data) -> None:
    before = set(vars(trial))
    first, second = Recorder(trial), Recorder(trial)
    first.ask("subject_count", trial.everybody)
    first.ask("subject_count", trial.everybody)
    assert [each.name for each in first.asked] == ["subject_count"]
    assert second.asked == []
    assert set(vars(trial)) == before


def test_the_command_prints_the_script_and_the_sql(capfd) -> None:
    request = [
        "how",
        "ae_by_term",
        str(PILOT),
        "columns=TRT01A",
        "--where",
        'RACE EQ "WHITE"',
        "--population",
        "Efficacy",
    ]
    assert main(request) == 0
    script = capfd.readouterr().out
    assert main([*request, "--sql"]) == 0
    assert "-- columns.sql\n" in capfd.readouterr().out
    assert main(["run", *request[1:]]) == 0
    printed = capfd.readouterr().out
    assert process("-", given=script) == printed
    assert main(["how", "no_such", str(PILOT)]) == 2
    assert "There is no output no_such" in capfd.readouterr().err


def test_the_script_can_be_written_where_a_terminal_knows_no_umlaut(tmp_path: Path) -> None:
    place = folder(tmp_path / "Zürich", adsl="| USUBJID | SAFFL | RACE |\n| 01 | Y | Ä |")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}

    def written(*arguments: str, given: bytes = b"") -> bytes:
        return subprocess.run([sys.executable, *arguments], input=given, capture_output=True, cwd=ROOT, env=environment, check=True).stdout  # fmt: skip

    request = (
        ("how", "listing", str(place), "dataset=ADSL") if "listing" in OUTPUTS else ("how", "disposition", str(place))
    )
    script = written("-m", "core", *request, "--where", "RACE EQ Ä")
    assert "Zürich" in script.decode()
    assert b"Registered" in written("-", given=script)
