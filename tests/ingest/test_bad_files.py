"""A bad file gives one sentence that says what to do; a bad record is refused, listed and counted."""

import resource
import time
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pyreadstat
import pytest

from core.data import Data
from core.errors import FileError, StudyError
from core.ingest import readers, snapshot
from tests.drawing import folder, records, study

SUBJECTS = """
    | USUBJID | TRTSDT     | TRTEDT     |
    | 01      | 2024-01-01 | 2024-03-01 |
    | 02      | 2024-02-01 | 2024-04-01 |
"""
EVENTS = """
    | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
    | 01      | 1     | Nausea  | Digestive | 2       |
"""


def sentence(path: Path, *words: str) -> str:
    """Open a study that cannot be opened; its error is one line that holds every word and ends in a full stop."""
    with pytest.raises(StudyError) as caught:
        Data.of(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".") and not text.endswith("..")
    assert [word for word in words if word not in text] == [], text
    return text


def put(path: Path, name: str, content: bytes | str) -> Path:
    (path / "adam" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def write_xpt(path: Path, rows: int = 50, version: int = 5) -> None:
    names = [f"SUBJECT-{n:03}" for n in range(rows)]
    pyreadstat.write_xport(pd.DataFrame({"USUBJID": names, "TRTSDT": names}), str(path), file_format_version=version)


class TestAFileThatCannotBeUsed:
    def test_lacks_a_required_variable(self, tmp_path):
        drawn = folder(tmp_path, adsl="| SUBJECT | TRTSDT |\n| 01 | 2024-01-01 |")
        sentence(drawn, "adsl.csv has no variable USUBJID", "[variables.ADSL]", "SUBJECT, TRTSDT")

    def test_is_a_link_to_nowhere(self, tmp_path):
        drawn = folder(tmp_path / "linked")
        (drawn / "adam" / "adsl.csv").symlink_to(tmp_path / "nowhere.csv")
        assert str(tmp_path) not in sentence(drawn, "linked: adsl.csv cannot be used: No such file")

    def test_is_a_folder(self, tmp_path):
        drawn = folder(tmp_path / "nested")
        (drawn / "adam" / "adsl.csv").mkdir()
        sentence(drawn, "nested: adsl.csv cannot be used: Is a directory")

    @pytest.mark.parametrize(
        ("toml", "words"),
        [
            ('[[adverse_events.fatal]]\nvariable = "ASTDT"\nvalues = ["Y"]\n', "adverse_events names ASTDT, a variable of kind date"),
            ('[adverse_events]\nterm = "ASTDT"\n', "adverse_events names ASTDT, a variable of kind date; name one of kind text"),
            ('[adverse_events.treatment_emergent]\nworsening_date = "AETERM"\n', "names AETERM, a variable of kind text; name one of kind date"),
            ('[disposition.exposure]\nSEX = "Sex"\n', "disposition.exposure names SEX, a variable of kind text; name one of kind number"),
        ],
        ids=["fatal", "term", "worsening", "exposure"],
    )  # fmt: skip
    def test_has_a_variable_of_another_kind_than_study_toml_needs(self, tmp_path, toml, words):
        sentence(folder(tmp_path, toml, adsl=SUBJECTS, adae=EVENTS), "study.toml: ", words)

    def test_meets_a_mistake_nobody_thought_of_and_no_value_is_repeated(self, tmp_path, monkeypatch):
        def fail(*_: object) -> None:
            raise duckdb.ConversionException("Could not convert string 'JANE DOE'")

        monkeypatch.setattr(snapshot, "_fill", fail)
        text = sentence(
            folder(tmp_path / "drawn", adsl=SUBJECTS), "drawn cannot be made a snapshot (ConversionException)"
        )
        assert "DOE" not in text

    def test_lacks_a_variable_that_study_toml_names(self, tmp_path):
        drawn = folder(tmp_path, '[variables.ADSL]\nTRTDURD = "TRTDUR"\n', adsl=SUBJECTS)
        sentence(drawn, "adsl.csv has no variable TRTDUR", "study.toml maps to TRTDURD", "USUBJID, TRTSDT, TRTEDT")

    def test_has_already_the_variable_that_study_toml_maps_another_to(self, tmp_path):
        drawn = folder(tmp_path, '[variables.ADSL]\nTRTSDT = "TRTEDT"\n', adsl=SUBJECTS)
        sentence(drawn, "adsl.csv has a variable TRTSDT already", "maps TRTEDT to it", "keep one")

    def test_is_empty(self, tmp_path):
        sentence(put(folder(tmp_path), "adsl.csv", ""), "adsl.csv is empty", "header")

    def test_has_two_columns_of_one_name_whatever_their_case(self, tmp_path):
        sentence(put(folder(tmp_path), "adsl.csv", "USUBJID,AGE,age\n01,60,61\n"), "adsl.csv has two columns named AGE")

    def test_has_a_column_without_a_name(self, tmp_path):
        sentence(put(folder(tmp_path), "adsl.csv", "USUBJID,,AGE\n01,60,61\n"), "adsl.csv has a column without a name")

    def test_has_a_column_of_a_name_that_is_taken(self, tmp_path):
        sentence(put(folder(tmp_path), "adsl.csv", "USUBJID,SOURCE_ROW\n01,60\n"), "adsl.csv", "SOURCE_ROW", "rename")

    def test_has_no_header_and_the_sentence_repeats_nothing_of_a_patient(self, tmp_path):
        text = "01-701-1015,JOHN SMITH,1950-02-03\n01-701-1016,JANE DOE,1951-02-03\n"
        drawn = put(folder(tmp_path), "adsl.csv", text)
        with pytest.raises(FileError, match="does not look like variables' names") as error:
            Data.of(drawn)
        assert "SMITH" not in str(error.value)
        assert "1015" not in str(error.value)

    def test_starts_with_a_blank_line_where_the_header_belongs(self, tmp_path):
        sentence(put(folder(tmp_path), "adsl.csv", "\nUSUBJID,AGE\n01,60\n"), "adsl.csv has no header line")

    def test_is_in_another_encoding_and_the_line_is_named(self, tmp_path):
        drawn = put(
            folder(tmp_path), "adsl.csv", "USUBJID,TRTSDT,SITE\n01,2024-01-01,Paris\n02,,Orléans\n".encode("latin-1")
        )
        sentence(drawn, "adsl.csv is not utf-8 text", "line 3", "0xE9", 'csv_encoding = "latin-1"')

    def test_in_another_encoding_loads_once_study_toml_says_so(self, tmp_path):
        latin = "USUBJID,TRTSDT,SITE\n01,2024-01-01,Paris\n02,,Orléans\n".encode("latin-1")
        data = Data.of(put(folder(tmp_path, 'csv_encoding = "latin-1"\n'), "adsl.csv", latin))
        assert list(data.ask("subjects", data.everybody).SITE) == ["Paris", "Orléans"]

    def test_ends_in_the_middle_of_a_character(self, tmp_path):
        drawn = put(folder(tmp_path), "adsl.csv", "USUBJID,SITE\n01,Orlé".encode()[:-1])
        sentence(drawn, "adsl.csv is not utf-8 text", "line 2", "0xC3")

    def test_is_to_be_read_in_an_encoding_nobody_knows(self, tmp_path):
        sentence(
            folder(tmp_path, 'csv_encoding = "utf-9"\n', adsl=SUBJECTS),
            "csv_encoding: found 'utf-9'",
            "utf-8 or latin-1",
        )

    @pytest.mark.parametrize("version", [5, 8])
    @pytest.mark.parametrize("cut", [1, 80, 100, 160, 400])
    def test_is_a_transport_file_cut_short(self, tmp_path, version, cut):
        drawn = folder(tmp_path)
        write_xpt(drawn / "adam" / "adsl.xpt", version=version)
        whole = (drawn / "adam" / "adsl.xpt").read_bytes()
        sentence(put(drawn, "adsl.xpt", whole[:-cut]), "adsl.xpt is cut short", "transfer it again")

    @pytest.mark.parametrize("version", [5, 8])
    @pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    def test_a_whole_transport_file_is_not_taken_for_a_cut_one(self, tmp_path, version, rows):
        write_xpt(tmp_path / "adsl.xpt", rows, version)
        assert readers.read(tmp_path / "adsl.xpt").records.num_rows == rows

    def test_is_a_workbook_with_several_sheets_none_named_for_the_dataset(self, tmp_path):
        book = openpyxl.Workbook()
        book.create_sheet("Notes")
        book.save(folder(tmp_path) / "adam" / "adsl.xlsx")
        sentence(tmp_path, "adsl.xlsx has several sheets (Sheet, Notes)", "ADSL")

    def test_is_a_workbook_with_an_empty_sheet(self, tmp_path):
        openpyxl.Workbook().save(folder(tmp_path) / "adam" / "adsl.xlsx")
        sentence(tmp_path, "adsl.xlsx has no header row")

    def test_is_a_workbook_with_values_beside_the_named_columns(self, tmp_path):
        book = openpyxl.Workbook()
        for row in (["USUBJID"], ["01", "stray"]):
            book.active.append(row)
        book.save(folder(tmp_path) / "adam" / "adsl.xlsx")
        sentence(tmp_path, "adsl.xlsx has a column without a name")

    def test_stands_beside_another_for_the_same_dataset(self, tmp_path):
        drawn = put(folder(tmp_path, adsl=SUBJECTS), "ADSL.parquet", b"")
        sentence(drawn, "has both ADSL.parquet and adsl.csv", "keep one")

    def test_is_missing_altogether(self, tmp_path):
        sentence(folder(tmp_path, adae=EVENTS), "has no ADSL file", ".csv, .parquet, .xpt")

    def test_is_missing_with_its_folder(self, tmp_path):
        (folder(tmp_path) / "adam").rmdir()
        sentence(tmp_path, "has no ADSL file")

    def test_is_named_by_study_toml_and_not_there(self, tmp_path):
        sentence(
            folder(tmp_path, '[files]\nADAE = "ae.csv"\n', adsl=SUBJECTS), "files.ADAE = 'ae.csv' is not a file of"
        )

    def test_is_named_by_study_toml_for_a_dataset_nobody_knows(self, tmp_path):
        sentence(folder(tmp_path, '[files]\nADXX = "adsl.csv"\n', adsl=SUBJECTS), "files.ADXX is not a dataset", "ADAE")

    def test_is_mapped_under_the_name_of_a_dataset_nobody_knows(self, tmp_path):
        drawn = folder(tmp_path, '[variables.ADLS]\nAGE = "AGEYRS"\n', adsl=SUBJECTS)
        sentence(drawn, "variables.ADLS is not a dataset", "ADSL")


class TestJunk:
    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "xpt", "sas7bdat"])
    @pytest.mark.parametrize(
        "start",
        [b"\x00\x01\x02\xff", b"PAR1", b"PK\x03\x04", b"\x1b\x02junk" * 30],
        ids=["bytes", "parquet", "zip", "escapes"],
    )
    def test_under_the_name_of_a_dataset_is_a_sentence(self, tmp_path, ending, start):
        drawn = put(folder(tmp_path), f"adsl.{ending}", start + b"\x01 \x02, \xfe" * 2000)
        sentence(drawn, f"adsl.{ending}")

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
    def test_inside_a_workbook_is_a_sentence(self, tmp_path, part):
        import zipfile

        openpyxl.Workbook().save(tmp_path / "good.xlsx")
        target = folder(tmp_path / "study") / "adam" / "adsl.xlsx"
        with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(target, "w") as bad:
            for name in good.namelist():
                bad.writestr(name, b"<junk" if name == part else good.read(name))
        sentence(tmp_path / "study", "adsl.xlsx cannot be read as XLSX")

    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "xpt"])
    def test_of_200_megabytes_is_refused_in_little_time_and_memory(self, tmp_path, ending):
        path = folder(tmp_path) / "adam" / f"adsl.{ending}"
        with path.open("wb") as file:
            file.write(b"\x7fELF junk, \xff\xfe")
            file.truncate(200_000_000)
        assert_refused_lightly(path)

    def test_of_200_megabytes_of_text_without_a_line_end_is_refused_in_little_time_and_memory(self, tmp_path):
        path = folder(tmp_path) / "adam" / "adsl.csv"
        with path.open("wb") as file:
            for _ in range(200):
                file.write(b"lorem ipsum " * 83_333)
        assert_refused_lightly(path)
        with pytest.raises(FileError, match="no line end"):
            readers.read(path)
        path.unlink()


def assert_refused_lightly(path: Path) -> None:
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(FileError, match=path.name) as caught:
        readers.read(path)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500
    assert time.process_time() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes


class TestAFailedBuild:
    def test_leaves_the_snapshot_of_before_and_nothing_half_written(self, tmp_path):
        study(tmp_path, adsl=SUBJECTS).close()
        good = snapshot.latest(tmp_path)
        folder(tmp_path, adsl="| SUBJECT |\n| 01 |")
        sentence(tmp_path, "USUBJID")
        assert list((tmp_path / ".snapshots").iterdir()) == [good]

    def test_is_opened_by_its_earlier_state(self, tmp_path):
        study(tmp_path, adsl=SUBJECTS).close()
        put(tmp_path, "adsl.csv", b"\x00")
        sentence(tmp_path, "adsl.csv")
        earlier = Data(snapshot.latest(tmp_path))
        assert list(earlier.ask("subjects", earlier.everybody).USUBJID) == ["01", "02"]

    def test_late_in_the_build_leaves_nothing_half_written(self, tmp_path):
        folder(tmp_path, '[[populations]]\nlabel = "Old"\nwhere = "AGE GE 65"\n', adsl=SUBJECTS)
        sentence(tmp_path, "study.toml: population 'Old': ADSL has no variable AGE")
        assert list((tmp_path / ".snapshots").iterdir()) == []

    def test_has_no_earlier_state_to_open(self, tmp_path):
        assert snapshot.latest(folder(tmp_path)) is None


def refused(data: Data) -> list[tuple]:
    """The findings (row, variable, value), after checking that every record read was kept or refused."""
    loaded = data.ask("datasets", data.everybody)
    assert (loaded.kept + loaded.refused == loaded.read).all()
    found = data.ask("rejected", data.everybody)
    assert found.rule.str.len().all() and found.remedy.str.len().all()
    return [
        (
            row.dataset,
            row.row,
            None if pd.isna(row.variable) else row.variable,
            None if pd.isna(row.value) else row.value,
        )
        for row in found.itertuples()
    ]


def counts(data: Data, dataset: str) -> tuple[int, int, int]:
    """Read, kept, refused."""
    loaded = data.ask("datasets", data.everybody).set_index("dataset").loc[dataset]
    return int(loaded["read"]), int(loaded.kept), int(loaded.refused)


class TestARecordIsRefused:
    def test_for_a_value_of_the_wrong_type(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     | AGE   |
            | 01      | 2024-01-01 | 61    |
            | 02      | 2024-01-01 | sixty |
        """)  # fmt: skip
        assert refused(data) == [("ADSL", 2, "AGE", "sixty")]
        assert counts(data, "ADSL") == (2, 1, 1)

    @pytest.mark.parametrize("number", ["1,5", "<0.05", "nan", "inf", "1e999", "0x10", "1_000", "12 mg", "--1"])
    def test_for_a_number_that_is_none(self, tmp_path, number):
        data = study(tmp_path, adsl=f"| USUBJID | TRTSDT | AGE |\n| 01 | | {number} |")
        assert refused(data) == [("ADSL", 1, "AGE", number)]

    @pytest.mark.parametrize(
        "day", ["2024-02-30", "2023-02-29", "2024-13-01", "01.02.2024", "2024-01", "yesterday", "23376"]
    )
    def test_for_a_date_that_does_not_exist(self, tmp_path, day):
        data = study(tmp_path, adsl=f"| USUBJID | TRTSDT |\n| 01 | {day} |\n| 02 | 2024-02-29 |")
        assert refused(data) == [("ADSL", 1, "TRTSDT", day)]

    def test_for_a_word_where_study_toml_expects_an_amount_of_exposure(self, tmp_path):
        toml = '[disposition.exposure]\nNCYC = "Cycles"\n'
        data = study(tmp_path, toml, adsl="| USUBJID | TRTSDT | NCYC |\n| 01 | | 3 |\n| 02 | | ND |\n| 03 | | |")
        assert refused(data) == [("ADSL", 2, "NCYC", "ND")]
        assert counts(data, "ADSL") == (3, 2, 1)

    def test_for_a_subject_that_adsl_does_not_have(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae=EVENTS + "| 99 | 1 | Nausea | Digestive | 2 |")
        assert refused(data) == [("ADAE", 2, "USUBJID", "99")]

    def test_whose_subject_was_refused_itself(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT |\n| 01 | soon |\n| 02 | 2024-01-01 |", adae=EVENTS)
        assert refused(data) == [("ADAE", 1, "USUBJID", "01"), ("ADSL", 1, "TRTSDT", "soon")]

    def test_when_it_shares_its_key_with_a_record_that_says_otherwise(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae="""
            | USUBJID | AESEQ | AEDECOD  | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea   | Digestive | 2       |
            | 01      | 1     | Vomiting | Digestive | 2       |
            | 01      | 2     | Nausea   | Digestive | 2       |
        """)  # fmt: skip
        assert refused(data) == [("ADAE", 1, "USUBJID, AESEQ", "01 1"), ("ADAE", 2, "USUBJID, AESEQ", "01 1")]
        assert counts(data, "ADAE") == (3, 1, 2)

    def test_when_it_shares_its_key_however_the_number_is_written(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae="""
            | USUBJID | AESEQ | AEDECOD  | AEBODSYS  |
            | 01      | 1     | Nausea   | Digestive |
            | 01      | 1.0   | Vomiting | Digestive |
        """)  # fmt: skip
        assert counts(data, "ADAE") == (2, 0, 2)

    def test_when_it_is_an_exact_copy_and_the_first_is_kept(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae=EVENTS + "| 01 | 1 | Nausea | Digestive | 2 |")
        assert refused(data) == [("ADAE", 2, "USUBJID, AESEQ", "01 1")]
        assert counts(data, "ADAE") == (2, 1, 1)

    def test_for_a_missing_key(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  |
            |         | 1     | Nausea  | Digestive |
            | 01      |       | Nausea  | Digestive |
        """)  # fmt: skip
        assert refused(data) == [("ADAE", 1, "USUBJID", None), ("ADAE", 2, "AESEQ", None)]

    def test_without_a_visit_and_without_a_date(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adqs="""
            | USUBJID | PARAMCD | AVISIT   | ADT        | AVAL |
            | 01      | ECOG    |          |            | 1    |
            | 01      | ECOG    | Baseline |            | 1    |
            | 02      | ECOG    |          | 2024-01-01 | 1    |
        """)  # fmt: skip
        assert refused(data) == [("ADQS", 1, "AVISIT", None)]

    @pytest.mark.parametrize(
        ("variable", "value"), [("AETOXGR", "6"), ("AESER", "yes"), ("TRTEMFL", "1"), ("AETOXGR", "Grade 3")]
    )
    def test_for_a_term_outside_its_list(self, tmp_path, variable, value):
        data = study(tmp_path, adsl=SUBJECTS, adae=f"""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | {variable} |
            | 01      | 1     | Nausea  | Digestive | {value}    |
        """)  # fmt: skip
        assert refused(data) == [("ADAE", 1, variable, value)]

    def test_for_a_severity_outside_the_levels_of_study_toml(self, tmp_path):
        data = study(tmp_path, '[adverse_events]\ngrade = "AESEV"\n', adsl=SUBJECTS, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AESEV  |
            | 01      | 1     | Nausea  | Digestive | SEVERE |
            | 01      | 2     | Nausea  | Digestive | AWFUL  |
        """)  # fmt: skip
        assert refused(data) == [("ADAE", 2, "AESEV", "AWFUL")]
        assert "MILD, MODERATE, SEVERE" in data.ask("rejected", data.everybody).rule[0]

    def test_for_too_many_or_too_few_fields_in_its_line(self, tmp_path):
        data = Data.of(
            put(folder(tmp_path), "adsl.csv", "USUBJID,TRTSDT\n01,2024-01-01\n02,2024,01\n03\n04,2024-01-02\n")
        )
        assert refused(data) == [("ADSL", 2, None, "02,2024,01"), ("ADSL", 3, None, "03")]
        assert list(data.ask("rejected", data.everybody).rule) == [
            "the record has 3 fields where the header has 2", "the record has 1 field where the header has 2",
        ]  # fmt: skip
        assert counts(data, "ADSL") == (4, 2, 2)

    def test_when_a_quote_is_never_closed_and_nothing_vanishes(self, tmp_path):
        data = Data.of(
            put(folder(tmp_path), "adsl.csv", 'USUBJID,TRTSDT\n01,2024-01-01\n"02,2024-01-01\n03,2024-01-01\n')
        )
        ((_, row, _, text),) = refused(data)
        assert row == 2 and "02" in text and "03" in text

    def test_once_while_each_of_its_bad_cells_is_listed(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR | AESER | ASTDT      |
            | 99      | one   | Nausea  | Digestive | 9       | maybe | 2024-02-30 |
            | 01      | 2     | Nausea  | Digestive | 1       | N     | 2024-02-28 |
        """)  # fmt: skip
        assert refused(data) == [
            ("ADAE", 1, "AESEQ", "one"),
            ("ADAE", 1, "AESER", "maybe"),
            ("ADAE", 1, "AETOXGR", "9"),
            ("ADAE", 1, "ASTDT", "2024-02-30"),
            ("ADAE", 1, "USUBJID", "99"),
        ]
        assert counts(data, "ADAE") == (2, 1, 1)

    def test_and_a_good_record_of_the_same_key_stays(self, tmp_path):
        data = study(tmp_path, adsl=SUBJECTS, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea  | Digestive | 9       |
            | 01      | 1     | Nausea  | Digestive | 2       |
        """)  # fmt: skip
        assert counts(data, "ADAE") == (2, 1, 1)

    def test_with_its_row_counted_from_the_first_line_below_the_header(self, tmp_path):
        text = records(SUBJECTS) + "\n03,soon,\n"
        data = Data.of(put(folder(tmp_path), "adsl.csv", text))
        assert refused(data) == [("ADSL", 4, "TRTSDT", "soon")]

    def test_with_a_long_value_shown_in_part(self, tmp_path):
        data = study(tmp_path, adsl=f"| USUBJID | TRTSDT |\n| 01 | {'x' * 500} |")
        assert refused(data) == [("ADSL", 1, "TRTSDT", "x" * 200)]

    def test_and_names_rule_and_remedy(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT |\n| 01 | 2024-02-30 |")
        (found,) = data.ask("rejected", data.everybody).itertuples(index=False)
        assert tuple(found) == (
            "ADSL", 1, "TRTSDT", "2024-02-30", "must be a date", "write a day that exists as YYYY-MM-DD, or leave it blank",
        )  # fmt: skip
