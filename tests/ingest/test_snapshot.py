"""A snapshot is one state of a study folder: reused while nothing changes, never half there, never written to."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from core.data import Data
from core.errors import StudyError
from core.ingest import snapshot
from core.outputs import OUTPUTS
from core.study import Population, load
from core.where import Where
from tests.drawing import folder, records, study

SUBJECTS = """
    | USUBJID | TRTSDT     | TRTEDT     | SEX | EOTSTT       | DCTREAS       | TRTDURD |
    | 01      | 2024-01-01 | 2024-03-01 | M   | COMPLETED    |               | 60      |
    | 02      | 2024-01-10 | 2024-02-01 | F   | DISCONTINUED | ADVERSE EVENT | 22      |
    | 03      | 2024-02-01 |            | F   | ONGOING      |               |         |
    | 04      |            |            | M   |              |               |         |
    | 05      | 2024-02-05 | 2024-04-01 |     | DISCONTINUED | DEATH         | 56      |
"""
EVENTS = """
    | USUBJID | AESEQ | AEDECOD  | AEBODSYS  | AETOXGR | AESER | AEREL    | ASTDT      |
    | 01      | 1     | Nausea   | Digestive | 1       | N     | POSSIBLE | 2024-01-05 |
    | 01      | 2     | Nausea   | Digestive | 3       | Y     |          | 2024-02-05 |
    | 02      | 1     | Vomiting | Digestive |         | N     | UNLIKELY | 2024-01-15 |
    | 02      | 2     | Anaemia  | Blood     | 2       | N     | POSSIBLE | 2023-12-15 |
    | 03      | 1     | Anaemia  | Blood     | 4       | Y     | POSSIBLE |            |
    | 05      | 1     | Sepsis   | Infection | 5       | Y     | UNLIKELY | 2024-05-15 |
"""
TOML = """
[[periods]]
label = "Before"
kind = "before"

[[periods]]
label = "Treatment"

[[periods]]
label = "Follow-up"
kind = "follow_up"

[[filters]]
variable = "SEX"
label = "Sex"
"""


def drawn(path: Path, toml: str = TOML) -> Path:
    return folder(path, toml, adsl=SUBJECTS, adae=EVENTS)


@pytest.mark.parametrize(("asked", "held"), [({}, "488.2 MiB"), ({"MARROWSCOPE_MEMORY": "300MB"}, "286.1 MiB")])
def test_a_study_is_built_and_asked_within_the_memory_that_the_server_has_for_it(asked, held):
    script = (
        "import duckdb, sys; from core.data import SETTINGS; from core.ingest.snapshot import MEMORY\n"
        "for told in (SETTINGS['memory_limit'], MEMORY):\n"
        "    connection = duckdb.connect(config={'memory_limit': told})\n"
        "    print(connection.execute(\"SELECT current_setting('memory_limit')\").fetchone()[0])"
    )
    given = {name: value for name, value in os.environ.items() if name != "MARROWSCOPE_MEMORY"} | asked
    done = subprocess.run([sys.executable, "-c", script], env=given, check=True, capture_output=True, text=True)
    assert done.stdout.splitlines() == [held, held]


class TestOneStateOneFile:
    def test_unchanged_inputs_use_the_file_that_is_there(self, tmp_path):
        source = load(drawn(tmp_path))
        first = snapshot.ensure(source)
        before = first.stat().st_mtime_ns, first.stat().st_ino
        time.sleep(0.01)
        again = snapshot.ensure(load(tmp_path))
        assert again == first
        assert (again.stat().st_mtime_ns, again.stat().st_ino) == before

    @pytest.mark.parametrize("name", ["adam/adsl.csv", "adam/adae.csv", "study.toml"])
    def test_any_changed_input_has_another_name(self, tmp_path, name):
        before = snapshot.place(load(drawn(tmp_path)))
        path = tmp_path / name
        path.write_text(path.read_text() + "\n")
        assert snapshot.place(load(tmp_path)) != before

    def test_a_file_that_is_no_dataset_changes_nothing(self, tmp_path):
        before = snapshot.place(load(drawn(tmp_path)))
        (tmp_path / "adam" / "readme.txt").write_text("hello")
        (tmp_path / "adam" / "adxx.csv").write_text("hello")
        assert snapshot.place(load(tmp_path)) == before

    def test_a_value_that_moves_from_one_file_to_another_has_another_name(self, tmp_path):
        before = snapshot.place(load(folder(tmp_path, adsl="| A |\n| 1 |\n| 2 |", adae="| A |")))
        assert snapshot.place(load(folder(tmp_path, adsl="| A |\n| 1 |", adae="| A |\n| 2 |"))) != before

    def test_the_two_newest_states_are_kept(self, tmp_path):
        states = []
        for age in (60, 61, 62):
            data = study(tmp_path, adsl=f"| USUBJID | TRTSDT | AGE |\n| 01 | 2024-01-01 | {age} |")
            states.append(data.snapshot)
            data.close()
        assert {path.stem for path in (tmp_path / ".snapshots").iterdir()} == set(states[1:])
        assert snapshot.latest(tmp_path).stem == states[2]

    def test_the_file_cannot_be_written_to(self, tmp_path):
        assert snapshot.ensure(load(drawn(tmp_path))).stat().st_mode & 0o222 == 0

    @pytest.mark.parametrize(
        ("adsl", "adae", "copy"), [(0o600, 0o644, 0o400), (0o640, 0o644, 0o440), (0o644, 0o644, 0o444)]
    )
    def test_nobody_reads_the_copy_who_may_not_read_every_dataset(self, tmp_path, adsl, adae, copy):
        (drawn(tmp_path) / "adam" / "adsl.csv").chmod(adsl)
        (tmp_path / "adam" / "adae.csv").chmod(adae)
        made = snapshot.ensure(load(tmp_path))
        assert made.stat().st_mode & 0o777 == copy
        assert made.parent.stat().st_mode & 0o077 & ~(adsl & adae | (adsl & adae) >> 2) == 0

    def test_where_it_cannot_be_written_one_sentence_says_so(self, tmp_path):
        with pytest.raises(StudyError, match=r"no snapshot can be written in \.snapshots; make it writable"):
            snapshot.ensure(load(drawn(tmp_path / "a\\b")))


OPEN = """
import sys, time
from core.data import Data
while time.time() < float(sys.argv[2]):
    pass
data = Data.of(sys.argv[1])
print(data.snapshot, int(data.ask("subject_count", data.everybody).N[0]))
"""


def test_two_processes_that_start_at_once_both_succeed(tmp_path):
    drawn(tmp_path)
    start = str(time.time() + 2)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, tmp_path, start], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=50) for process in both]
    assert [error for _, error in told] == ["", ""]
    name = snapshot.place(load(tmp_path)).stem
    assert [out.split() for out, _ in told] == [[name, "5"], [name, "5"]]
    assert [path.name for path in (tmp_path / ".snapshots").iterdir()] == [f"{name}.duckdb"]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return Data.of(drawn(tmp_path_factory.mktemp("opened")))


class TestAnOpenSnapshot:
    @pytest.mark.parametrize(
        "sql", ["DELETE FROM ADSL", "CREATE TABLE mine (x INTEGER)", "DROP TABLE ADSL", "UPDATE ADSL SET SEX = 'M'"]
    )
    def test_is_not_written_to(self, opened, sql):
        with opened._connection.cursor() as cursor, pytest.raises(duckdb.Error, match="read-only"):
            cursor.execute(sql)

    @pytest.mark.parametrize(
        "sql",
        [
            "FROM read_csv('/etc/passwd')",
            "FROM '/etc/passwd'",
            "COPY ADSL TO '/tmp/stolen.csv'",
            "ATTACH '/tmp/other.duckdb'",
            "INSTALL httpfs",
            "LOAD httpfs",
        ],
    )
    def test_reaches_nothing_outside(self, opened, sql):
        with (
            opened._connection.cursor() as cursor,
            pytest.raises(duckdb.Error, match=r"(?i)disabled|not allowed|cannot|does not exist"),
        ):
            cursor.execute(sql)

    @pytest.mark.parametrize(
        "setting", ["enable_external_access = true", "lock_configuration = false", "memory_limit = '100GB'"]
    )
    def test_has_its_settings_locked(self, opened, setting):
        with opened._connection.cursor() as cursor, pytest.raises(duckdb.InvalidInputException, match="locked"):
            cursor.execute(f"SET {setting}")

    def test_tells_a_wrong_call_what_the_question_binds(self, opened):
        with pytest.raises(TypeError, match=r"adverse_event_rules.sql binds \['wanted'\], not \['wnated'\]"):
            opened.ask("adverse_event_rules", opened.everybody, wnated=0)

    def test_leaves_one_question_no_trace_of_another(self, opened):
        women = Population(label="Women", where=Where.parse("SEX EQ F"))
        assert [int(opened.ask("subject_count", p).N[0]) for p in (women, opened.everybody, women)] == [2, 5, 2]


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory):
    """The same study with the records of every file in another order."""
    path = drawn(tmp_path_factory.mktemp("shuffled"))
    for name, drawing in (("adsl", SUBJECTS), ("adae", EVENTS)):
        header, *lines = records(drawing).splitlines()
        mixed = lines[:]
        random.Random(name).shuffle(mixed)
        assert mixed != lines
        (path / "adam" / f"{name}.csv").write_text("\n".join([header, *mixed]) + "\n")
    return Data.of(path)


@pytest.mark.parametrize("columns", ["none", "SEX", "APERIODC"])
@pytest.mark.parametrize("name", list(OUTPUTS))
def test_the_order_of_input_records_changes_no_result(opened, shuffled, name, columns):
    output = OUTPUTS[name]
    given = {"columns": columns} if any(option.name == "columns" for option in output.options) else {}
    results = [output.run(data, data.study.population("All subjects"), given) for data in (opened, shuffled)]
    pd.testing.assert_frame_equal(results[0].ard, results[1].ard)
    assert results[0].notes == results[1].notes
    assert results[0].snapshot != results[1].snapshot


def test_the_order_of_input_records_changes_no_record_behind_a_result(opened, shuffled):
    asked = {"wanted": 0, "position": 0, "soc": None, "pt": None}
    first, second = (
        data.ask("adverse_events", data.everybody, **asked).sort_values(["USUBJID", "AESEQ"], ignore_index=True)
        for data in (opened, shuffled)
    )
    pd.testing.assert_frame_equal(first, second)
    assert len(first) == 6
