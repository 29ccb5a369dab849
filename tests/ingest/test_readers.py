"""One little study in every format is one study: the same values, the same types, the same table."""

from datetime import date, datetime

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from core.data import Data
from core.ingest import readers
from core.outputs import OUTPUTS
from tests.drawing import folder

SUBJECTS = {
    "USUBJID": ["01", "02", "03"],
    "SITEID": ["007", "007", "012"],
    "AGE": [61.0, None, 70.5],
    "SEX": ["M", "M", "F"],
    "TRTSDT": [date(2024, 1, 1), date(2024, 2, 1), None],
    "TRTEDT": [date(2024, 3, 1), None, None],
}
EVENTS = {
    "USUBJID": ["01", "01", "02"],
    "AESEQ": [1.0, 2.0, 1.0],
    "AEDECOD": ["Nausea", "Anaemia", "Nausea"],
    "AEBODSYS": ["Digestive", "Blood", "Digestive"],
    "AETOXGR": [2.0, 3.0, None],
    "AESER": ["N", "Y", ""],
    "ASTDT": [date(2024, 1, 5), date(2024, 2, 5), None],
}
DATASETS = {"adsl": SUBJECTS, "adae": EVENTS}
FORMATS = ["csv", "parquet", "xpt5", "xpt8", "xlsx"]


def write(path, columns: dict[str, list], how: str) -> None:
    """Write one dataset as a program of that format would."""
    if how == "csv":
        rows = [list(columns), *zip(*columns.values(), strict=True)]
        text = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
        path.with_suffix(".csv").write_text(text + "\n")
    elif how == "parquet":
        pq.write_table(pa.table(columns), path.with_suffix(".parquet"))
    elif how == "xlsx":
        book = openpyxl.Workbook()
        for row in [list(columns), *zip(*columns.values(), strict=True)]:
            book.active.append(["" if cell is None else cell for cell in row])
        book.save(path.with_suffix(".xlsx"))
    else:
        frame = pd.DataFrame({name: pd.Series(values, dtype=None) for name, values in columns.items()})
        pyreadstat.write_xport(
            frame,
            str(path.with_suffix(".xpt")),
            file_format_version=int(how[-1]),
            column_labels=[f"Label of {name}" for name in columns],
            variable_format={name: "DATE9" for name in columns if name.endswith("DT")},
        )


def loaded(path, how: str) -> Data:
    """Open the little study written in one format."""
    folder(path)
    for name, columns in DATASETS.items():
        write(path / "adam" / name, columns, how)
    return Data.of(path)


@pytest.fixture(scope="module")
def as_drawn(tmp_path_factory):
    return loaded(tmp_path_factory.mktemp("csv"), "csv")


@pytest.fixture(scope="module", params=FORMATS)
def in_format(request, tmp_path_factory):
    return loaded(tmp_path_factory.mktemp(request.param), request.param)


def test_every_format_gives_the_same_types(as_drawn, in_format):
    assert in_format.schema == as_drawn.schema
    assert as_drawn.schema["ADSL"] == {
        "USUBJID": "VARCHAR", "SITEID": "VARCHAR", "AGE": "DOUBLE", "SEX": "VARCHAR",
        "TRTSDT": "DATE", "TRTEDT": "DATE", "SAFFL": "VARCHAR",
    }  # fmt: skip


def test_every_format_gives_the_same_subjects(as_drawn, in_format):
    expected = as_drawn.ask("subjects", as_drawn.everybody)
    pd.testing.assert_frame_equal(in_format.ask("subjects", in_format.everybody), expected)
    assert list(expected.AGE.fillna(-1)) == [61, -1, 70.5]
    assert list(expected.TRTSDT.dropna()) == [datetime(2024, 1, 1), datetime(2024, 2, 1)]


def test_every_format_gives_the_same_events(as_drawn, in_format):
    asked = {"wanted": 0, "position": 0, "soc": None, "pt": None}
    expected = as_drawn.ask("adverse_events", as_drawn.everybody, **asked)
    pd.testing.assert_frame_equal(in_format.ask("adverse_events", in_format.everybody, **asked), expected)
    assert len(expected) == 3


def test_every_format_gives_the_same_table(as_drawn, in_format):
    expected = OUTPUTS["ae_by_term"].run(as_drawn, as_drawn.everybody)
    found = OUTPUTS["ae_by_term"].run(in_format, in_format.everybody)
    pd.testing.assert_frame_equal(found.ard, expected.ard)
    assert found.notes == expected.notes
    assert expected.ard.stat.notna().any()


def test_every_format_reads_all_and_refuses_none(in_format):
    counts = in_format.ask("datasets", in_format.everybody)[["dataset", "read", "kept", "refused"]]
    assert sorted(counts.values.tolist()) == [["ADAE", 3, 3, 0], ["ADSL", 3, 3, 0]]


def test_a_number_without_a_fraction_reads_as_the_grade_it_is(in_format):
    events = in_format.ask("adverse_events", in_format.everybody, wanted=0, position=0, soc=None, pt=None)
    assert sorted(events.AETOXGR.dropna()) == ["2", "3"]


def test_a_decimal_that_is_no_grade_stays_as_it_is_and_is_refused(tmp_path):
    subjects, events = (
        "| USUBJID | TRTSDT |\n| 01 | |",
        "| USUBJID | AEDECOD | AEBODSYS | AETOXGR |\n| 01 | a | b | 2.5 |",
    )
    data = Data.of(folder(tmp_path, adsl=subjects, adae=events))
    assert list(data.ask("rejected", data.everybody).value) == ["2.5"]


def test_leading_zeros_of_a_site_stay(in_format):
    assert list(in_format.ask("subjects", in_format.everybody).SITEID) == ["007", "007", "012"]


def test_leading_zeros_stay_in_a_variable_that_no_contract_knows(tmp_path):
    data = Data.of(folder(tmp_path, adsl="| USUBJID | TRTSDT | POOLED |\n| 01 | | 007 |\n| 02 | | 12 |"))
    assert list(data.ask("subjects", data.everybody).POOLED) == ["007", "12"]


@pytest.mark.parametrize("version", [5, 8])
def test_labels_of_a_transport_file_are_kept(tmp_path, version):
    data = loaded(tmp_path, f"xpt{version}")
    variables = data.ask("variables", data.everybody)
    asked = variables[(variables.dataset == "ADSL") & (variables.variable == "SITEID")]
    assert list(asked.label) == ["Label of SITEID"]


def test_outer_blanks_are_trimmed_and_counted(tmp_path):
    drawn = folder(tmp_path)
    text = "USUBJID,TRTSDT,SITE\n 01,2024-01-01 ,a b\n02\t,2024-01-01,\u00a0c\n03,2024-01-01,   \n"
    (drawn / "adam" / "adsl.csv").write_text(text, encoding="utf-8")
    data = Data.of(drawn)
    found = data.ask("subjects", data.everybody)
    assert list(found.USUBJID) == ["01", "02", "03"]
    assert list(found.SITE.fillna("missing")) == ["a b", "c", "missing"]
    assert list(data.ask("datasets", data.everybody).trimmed) == [5]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
def test_blank_lines_are_not_records(tmp_path, end):
    drawn = folder(tmp_path)
    lines = ["USUBJID,TRTSDT", "01,2024-01-01", "", "02,2024-01-01", ",", "", ""]
    (drawn / "adam" / "adsl.csv").write_bytes(end.join(lines).encode())
    data = Data.of(drawn)
    assert data.ask("datasets", data.everybody)[["read", "kept", "refused"]].values.tolist() == [[2, 2, 0]]


def test_blank_rows_of_a_workbook_are_not_records(tmp_path):
    book = openpyxl.Workbook()
    for row in (["USUBJID", "TRTSDT"], ["01", date(2024, 1, 1)], [], [None, None], ["02", None]):
        book.active.append(row)
    book.save(folder(tmp_path) / "adam" / "adsl.xlsx")
    data = Data.of(tmp_path)
    assert data.ask("datasets", data.everybody)[["read", "kept", "refused"]].values.tolist() == [[2, 2, 0]]


@pytest.mark.parametrize("text", ["USUBJID,TRTSDT", "USUBJID,TRTSDT\n", "USUBJID,TRTSDT\r\n"])
def test_a_header_alone_is_a_file_without_records(tmp_path, text):
    (folder(tmp_path) / "adam" / "adsl.csv").write_bytes(text.encode())
    data = Data.of(tmp_path)
    assert int(data.ask("subject_count", data.everybody).N[0]) == 0


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path):
    (tmp_path / "adsl.csv").write_bytes('\ufeff"USUBJID","SITE"\n007,1\n'.encode())
    assert readers.read(tmp_path / "adsl.csv").records.to_pydict() == {
        "source_row": [1],
        "USUBJID": ["007"],
        "SITE": ["1"],
    }


def test_quotes_hold_commas_quotes_and_line_ends(tmp_path):
    (tmp_path / "adae.csv").write_text('USUBJID,AETERM\n01,"pain, ""sharp""\nat night"\n02,x\n')
    assert readers.read(tmp_path / "adae.csv").records["AETERM"].to_pylist() == ['pain, "sharp"\nat night', "x"]


def test_the_sheet_named_for_the_dataset_is_read_among_several(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["WRONG"])
    sheet = book.create_sheet("AdSl")
    for row in (["USUBJID"], ["01"]):
        sheet.append(row)
    book.save(tmp_path / "adsl.xlsx")
    assert readers.read(tmp_path / "adsl.xlsx").records.column_names == ["source_row", "USUBJID"]


def test_a_workbook_that_understates_its_size_loses_no_cell(tmp_path):
    import zipfile

    book = openpyxl.Workbook()
    for row in (["USUBJID", "AGE"], ["01", 60], ["02", 61]):
        book.active.append(row)
    book.save(tmp_path / "honest.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "honest.xlsx") as honest,
        zipfile.ZipFile(tmp_path / "adsl.xlsx", "w") as understated,
    ):
        for name in honest.namelist():
            understated.writestr(name, honest.read(name).replace(b'ref="A1:B3"', b'ref="A1"'))
    assert readers.read(tmp_path / "adsl.xlsx").records.to_pydict() == {
        "source_row": [1, 2], "USUBJID": ["01", "02"], "AGE": [60, 61],
    }  # fmt: skip


def test_cells_of_mixed_types_keep_each_its_own_text(tmp_path):
    book = openpyxl.Workbook()
    for cell in ("AVALC", 2.0, "<0.05", 1.5, datetime(2024, 1, 1), 10**20):
        book.active.append([cell])
    book.save(tmp_path / "adbm.xlsx")
    assert readers.read(tmp_path / "adbm.xlsx").records["AVALC"].to_pylist() == [
        "2",
        "<0.05",
        "1.5",
        "2024-01-01",
        str(10**20),
    ]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["M", "F"]).dictionary_encode(),
        pa.array(["M", "F"], pa.large_string()),
        pa.array([" M", "F "], pa.string_view()),
    ],
    ids=["dictionary", "large", "view"],
)
def test_parquet_text_is_text_however_it_is_stored(tmp_path, column):
    pq.write_table(
        pa.table({"USUBJID": ["01", "02"], "TRTSDT": [date(2024, 1, 1)] * 2, "SEX": column}),
        folder(tmp_path) / "adam" / "adsl.parquet",
    )
    data = Data.of(tmp_path)
    assert list(data.ask("subjects", data.everybody).SEX) == ["M", "F"]


def test_names_of_variables_are_read_in_any_case(tmp_path):
    data = Data.of(folder(tmp_path, adsl="| usubjid | TrtSdt |\n| 01 | 2024-01-01 |"))
    assert list(data.schema["ADSL"]) == ["USUBJID", "TRTSDT", "SAFFL"]


def test_a_variable_of_another_name_is_read_as_study_toml_maps_it(tmp_path):
    drawn = folder(
        tmp_path, '[variables.ADSL]\nTRTSDT = "firstdose"\n', adsl="| USUBJID | FIRSTDOSE |\n| 01 | 2024-01-01 |"
    )
    assert Data.of(drawn).schema["ADSL"] == {"USUBJID": "VARCHAR", "TRTSDT": "DATE", "SAFFL": "VARCHAR"}


def test_a_variable_of_no_contract_takes_the_type_of_its_values_though_some_are_blank(tmp_path):
    drawn = "| USUBJID | SAFFL | PROGDT | DOSE | NOTHING | WORD |\n| 01 | Y | 2024-01-01 | 1.5 | | 2024-01-01 |\n| 02 | Y | | | | ND |"
    types = Data.of(folder(tmp_path, adsl=drawn)).schema["ADSL"]
    assert [types[name] for name in ("PROGDT", "DOSE", "NOTHING", "WORD")] == ["DATE", "DOUBLE", "VARCHAR", "VARCHAR"]


def test_a_file_of_another_name_is_read_as_study_toml_says(tmp_path):
    drawn = folder(tmp_path, '[files]\nADSL = "dm.csv"\n', dm="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")
    assert list(Data.of(drawn).schema) == ["ADSL"]


def test_values_too_many_for_a_number_stay_text(tmp_path):
    data = Data.of(folder(tmp_path, adsl="| USUBJID | TRTSDT | NOTE |\n| 01 | | 12 |\n| 02 | | about 12 |"))
    assert list(data.ask("subjects", data.everybody).NOTE) == ["12", "about 12"]
