"""Baseline by what came after: small studies whose every cell can be counted by eye, and the pilot counted anew."""

import numpy as np
import pandas as pd
import pytest

from core.ard import KEY, Result
from core.data import Data
from core.errors import OptionError
from core.outputs import shift
from core.where import Where
from tests.conftest import PILOT, TRIAL
from tests.drawing import study

OUTPUT = shift.OUTPUT
TOML = """
[[periods]]
label = "Before treatment"
kind = "before"
[[periods]]
label = "Cycles 1-3"
[[periods]]
label = "Cycles 4-10"
[[periods]]
label = "Follow-up"
kind = "follow_up"
"""
# 07 was never dosed; 02, 03, 09 and 10 died; 04 left the study before the second period.
ADSL = """
    | USUBJID | TRT01A | TRTSDT     | TRTEDT     | AP01SDT    | AP01EDT    | AP02SDT    | AP02EDT    | DTHFL | DTHDT      | EOSSTT       | EOSDT      |
    | 01      | A      | 2024-01-01 | 2024-06-30 | 2024-01-01 | 2024-03-31 | 2024-04-01 | 2024-06-30 |       |            | ONGOING      |            |
    | 02      | B      | 2024-01-01 | 2024-03-10 | 2024-01-01 | 2024-03-31 |            |            | Y     | 2024-03-15 | DISCONTINUED | 2024-03-15 |
    | 03      | A      | 2024-01-01 | 2024-06-30 | 2024-01-01 | 2024-03-31 | 2024-04-01 | 2024-06-30 | Y     | 2024-05-01 | DISCONTINUED | 2024-05-01 |
    | 04      | B      | 2024-01-01 | 2024-03-31 | 2024-01-01 | 2024-03-31 |            |            |       |            | DISCONTINUED | 2024-04-15 |
    | 05      | A      | 2024-01-01 | 2024-03-31 | 2024-01-01 | 2024-03-31 |            |            |       |            | ONGOING      |            |
    | 06      | B      | 2024-01-01 | 2024-03-31 | 2024-01-01 | 2024-03-31 |            |            |       |            | ONGOING      |            |
    | 07      | A      |            |            |            |            |            |            |       |            |              |            |
    | 08      | B      | 2024-01-01 | 2024-03-31 | 2024-01-01 | 2024-03-31 |            |            |       |            | ONGOING      |            |
    | 09      | A      | 2024-01-01 | 2024-06-30 | 2024-01-01 | 2024-03-31 | 2024-04-01 | 2024-06-30 | Y     | 2024-12-01 | DISCONTINUED | 2024-12-01 |
    | 10      | B      | 2024-01-01 | 2024-03-31 | 2024-01-01 | 2024-03-31 |            |            | Y     | 2024-05-01 | DISCONTINUED | 2024-05-01 |
"""
# 01 has two values in the first period, and one on the very first day of the second; 08 has two that differ on one day.
ADQS = """
    | USUBJID | PARAMCD | PARAM | AVISIT   | AVISITN | ADT        | ABLFL | AVAL |
    | 01      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 1    |
    | 01      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       | 2    |
    | 01      | ECOG    | ECOG  | Cycle 3  | 3       | 2024-02-20 |       | 1    |
    | 01      | ECOG    | ECOG  | Cycle 5  | 5       | 2024-04-01 |       | 2    |
    | 02      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 1    |
    | 03      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 2    |
    | 03      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       | 1    |
    | 04      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 0    |
    | 04      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       | 0    |
    | 05      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       | 1    |
    | 06      | ECOG    | ECOG  | Screen   | -1      | 2023-12-01 |       | 3    |
    | 06      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 1    |
    | 06      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       |      |
    | 07      | ECOG    | ECOG  | Baseline | 0       | 2023-12-28 | Y     | 1    |
    | 07      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-02-01 |       | 3    |
    | 08      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 1    |
    | 08      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       | 1    |
    | 08      | ECOG    | ECOG  | Extra    | 2.5     | 2024-01-20 |       | 2    |
    | 09      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 1    |
    | 09      | ECOG    | ECOG  | Cycle 2  | 2       | 2024-01-20 |       | 2    |
    | 09      | ECOG    | ECOG  | Cycle 5  | 5       | 2024-05-01 |       | 2    |
    | 10      | ECOG    | ECOG  | Baseline | 0       | 2024-01-01 | Y     | 0    |
"""
ABSENT = {"1|missing": ["02", "06"], "0|missing": ["10"]}
CELLS = {
    "Cycle 2": {"1|2": ["01", "09"], "2|1": ["03"], "0|0": ["04"], "missing|1": ["05"], "1|3": ["07"], "1|1": ["08"], **ABSENT},
    "worst": {"1|2": ["01", "08", "09"], "2|1": ["03"], "0|0": ["04"], "missing|1": ["05"], "1|3": ["07"], **ABSENT},
    "best": {"1|1": ["01", "08"], "1|2": ["09"], "2|1": ["03"], "0|0": ["04"], "missing|1": ["05"], "1|3": ["07"], **ABSENT},
    "last": {"1|2": ["01", "09"], "2|1": ["03"], "0|0": ["04"], "missing|1": ["05"], "1|3": ["07"], "1|missing": ["02", "06", "08"], "0|missing": ["10"]},
}  # fmt: skip
PERIODS = {
    "Cycles 1-3": {"1|1": ["01"], "1|missing": ["02", "06", "07", "08"], "2|1": ["03"], "0|0": ["04"], "missing|1": ["05"], "1|2": ["09"], "0|missing": ["10"]},
    "Cycles 4-10": {"1|2": ["01", "09"], "1|missing": ["02", "06", "07", "08"], "2|missing": ["03"], "0|missing": ["04", "10"], "missing|missing": ["05"]},
    "Follow-up": {"1|missing": ["01", "02", "06", "07", "08", "09"], "2|missing": ["03"], "0|missing": ["04", "10"], "missing|missing": ["05"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("shift"), TOML, adsl=ADSL, adqs=ADQS)


def run(data: Data, where: str = "", **options: str) -> Result:
    return OUTPUT.run(data, data.everybody.filtered(Where.parse(where)), options)


def counts(result: Result, block: str | None = None, level: str = "Total", stat: str = "n") -> dict[str, float]:
    """The cells that hold anybody, as "baseline|after"."""
    ard = result.ard
    part = ard[(ard.group1_level == level) & (ard.stat_name == stat) & ((ard.group2_level == block) | (block is None))]
    found = dict(zip(part.variable_level + "|" + part.context, part.stat, strict=True))
    return {cell: n for cell, n in found.items() if n}


def people(result: Result, block: str) -> dict[str, list[str]]:
    records = result.records[result.records.period == block]
    return {
        f"{before}|{after}": list(part.USUBJID)
        for (before, after), part in records.groupby(["baseline_category", "category"])
    }


@pytest.mark.parametrize("at", CELLS)
def test_every_subject_stands_in_its_cell(drawn: Data, at: str) -> None:
    result = run(drawn, at=at)
    block = result.ard.group2_level.iloc[0]
    assert people(result, block) == CELLS[at]
    assert counts(result) == {cell: len(names) for cell, names in CELLS[at].items()}
    assert set(result.ard.group2) == {"AVISIT" if at == "Cycle 2" else at}
    assert set(result.ard.variable) == {"ECOG"}


def test_each_period_is_a_block_of_its_own(drawn: Data) -> None:
    result = run(drawn, at="period")
    assert set(result.ard.group2) == {"APERIODC"}
    assert list(dict.fromkeys(result.ard.group2_level)) == list(PERIODS)
    for block, cells in PERIODS.items():
        assert people(result, block) == cells
        assert counts(result, block) == {cell: len(names) for cell, names in cells.items()}


def test_worst_is_the_lowest_where_higher_is_better(drawn: Data) -> None:
    assert counts(run(drawn, at="worst", better="higher")) == {
        cell: len(names) for cell, names in CELLS["best"].items()
    }
    assert run(drawn, at="worst", better="higher").answer.endswith("2 worsened and 4 improved.") is False
    assert "1 worsened and 2 improved." in run(drawn, at="worst", better="higher").answer


@pytest.mark.parametrize("at", [*CELLS, "period"])
@pytest.mark.parametrize("columns", ["none", "TRT01A", "APERIODC"])
@pytest.mark.parametrize("where", ["", "TRT01A EQ A", "USUBJID EQ 05", "USUBJID EQ nobody"])
def test_cells_sum_to_n_and_totals_agree(drawn: Data, at: str, columns: str, where: str) -> None:
    if at == columns.lower() or (at == "period" and columns == "APERIODC"):
        with pytest.raises(OptionError, match="both part by period"):
            run(drawn, where, at=at, columns=columns)
        return
    result = run(drawn, where, at=at, columns=columns)
    assert not result.ard.duplicated(list(KEY)).any()
    wide = result.ard.pivot_table(
        index=["group2_level", "group1_level", "variable_level", "context"], columns="stat_name", values="stat", dropna=False
    ).dropna(how="all").reset_index()  # fmt: skip
    for _, block in wide.groupby(["group2_level", "group1_level"]):
        N = block.N.iloc[0]
        assert block.n.sum() == N
        assert (block.N == N).all()
        assert (block.n_row == block.groupby("variable_level").n.transform("sum")).all()
        assert (block.n_column == block.groupby("context").n.transform("sum")).all()
        assert N == 0 or np.allclose(block.percent, 100 * block.n / N)
        assert {"missing"} <= set(block.variable_level) & set(block.context)
    assert len(result.records) == result.N * result.ard.group2_level.nunique()
    assert not result.records.duplicated(["USUBJID", "period"]).any()
    assert OUTPUT.show(result, drawn)


def test_columns_have_their_own_n_and_periods_their_own_values(drawn: Data) -> None:
    arms = run(drawn, at="worst", columns="TRT01A")
    assert counts(arms, level="A") == {"1|2": 2, "2|1": 1, "missing|1": 1, "1|3": 1}
    assert counts(arms, level="B") == {"1|2": 1, "0|0": 1, "1|missing": 2, "0|missing": 1}
    within = run(drawn, at="worst", columns="APERIODC")
    assert counts(within, level="Cycles 4-10") == {"1|2": 2, "2|missing": 1}
    assert counts(within, level="Cycles 1-3")["1|2"] == 3


def test_the_missing_row_and_column_and_the_denominator_are_printed(drawn: Data) -> None:
    layout = OUTPUT.show(run(drawn, at="worst"), drawn)
    assert [column.label for column in layout.columns] == ["0", "1", "2", "3", "Missing", "Total"]
    assert {column.spanner for column in layout.columns} == {"Total (N=10)"}
    rows = {row.label: row.cells for row in layout.rows}
    assert rows["1"] == ("0", "0", "3 (30.0)", "1 (10.0)", "2 (20.0)", "6 (60.0)")
    assert rows["Missing"] == ("0", "1 (10.0)", "0", "0", "0", "1 (10.0)")
    assert rows["Total"] == ("1 (10.0)", "2 (20.0)", "3 (30.0)", "1 (10.0)", "3 (30.0)", "10 (100.0)")
    assert "N: subjects on view who belong to the column" in layout.notes[0]


def test_one_sentence_and_who_has_no_value(drawn: Data) -> None:
    result = run(drawn, at="worst")
    assert result.answer == "Worst after baseline: of 6 subjects with both values, 4 worsened and 1 improved."
    assert "1 of 10 subjects on view have no baseline value." in result.notes
    assert "After baseline: 3 of 10 subjects on view have no value." in result.notes
    assert "ADQS has no BASE; the baseline record gives the baseline." in result.notes


def test_records_that_nothing_tells_apart_are_not_used_and_named(drawn: Data) -> None:
    told = [note for note in run(drawn, at="last").notes if "tells apart" in note]
    assert told == ["After baseline: 1 subject has several records that differ and that nothing tells apart; none is used (08)."]  # fmt: skip


ROWS = """
    | USUBJID | PARAMCD | AVISIT   | ADT        | QSSEQ | ADY | ANL01FL | ABLFL | AVAL | BASE |
    | 01      | ECOG    | Baseline | 2024-01-01 | 1     | 1   |         | Y     | 1    | 1    |
    | 01      | ECOG    | Week 3   | 2024-01-20 | 2     | 20  |         |       | 0    | 1    |
    | 01      | ECOG    | Week 3   | 2024-01-22 | 3     | 22  |         |       | 2    | 1    |
    | 01      | ECOG    | Week 3   | 2024-01-22 | 4     | 22  |         |       | 3    | 1    |
"""


@pytest.mark.parametrize(
    ("toml", "edit", "after"),
    [
        ("", ("", ""), "missing"),
        ('records_per_timepoint = "last"', ("", ""), "3"),
        ('records_per_timepoint = "first"', ("", ""), "0"),
        ("", ("| 22  |         |       | 2 ", "| 22  | Y       |       | 2 "), "2"),
        ('records_per_timepoint = "last"', ("| 3    | 1    |", "|      | 1    |"), "2"),
        ("", ("| 22  |         |       | 2 ", "| 22  |         |       | 0 "), "missing"),
    ],
)
def test_of_several_records_at_a_visit_one_stands_or_none(draw, toml: str, edit: tuple[str, str], after: str) -> None:
    """The flagged one, else by the rule of the study; nothing is averaged, nothing guessed."""
    adqs = ROWS.replace(*edit) if edit[0] else ROWS
    data = draw(toml, adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adqs=adqs)
    assert counts(OUTPUT.run(data, data.everybody, {"at": "Week 3"})) == {f"1|{after}": 1}


def test_the_record_closest_to_the_target_day_stands(draw) -> None:
    toml = 'records_per_timepoint = "closest"\n[[visits]]\nAVISIT = "Week 3"\ntarget_day = 20\nfirst_day = 10\nlast_day = 30\n'
    data = draw(toml, adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adqs=ROWS)
    assert counts(OUTPUT.run(data, data.everybody, {"at": "Week 3"})) == {"1|0": 1}
    even = ROWS.replace("| 20  |", "| 18  |")
    data = draw(toml, adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adqs=even)
    result = OUTPUT.run(data, data.everybody, {"at": "Week 3"})
    assert counts(result) == {"1|missing": 1}
    assert any("tells apart" in note for note in result.notes)


def test_baselines_that_differ_are_none(draw) -> None:
    adqs = ROWS.replace("| 3    | 1    |", "| 3    | 2    |").replace(
        "| Y     | 1    | 1    |", "|       | 1    | 1    |"
    )
    data = draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adqs=adqs)
    result = OUTPUT.run(data, data.everybody, {"at": "last"})
    assert counts(result) == {"missing|3": 1}
    assert any("several baseline values that differ; none is used (01)" in note for note in result.notes)


@pytest.mark.parametrize("columns", ["none", "TRT01A"])
def test_the_laboratory_of_the_pilot_counted_anew(pilot: Data, columns: str) -> None:
    options = {"dataset": "ADLBC", "PARAMCD": "ALT", "variable": "ANRIND", "baseline": "BNRIND", "at": "Week 4", "columns": columns}  # fmt: skip
    result = OUTPUT.run(pilot, pilot.study.population("Safety"), options)
    subjects = pd.read_parquet(PILOT / "adam" / "adsl.parquet").set_index("USUBJID")
    subjects = subjects[subjects.SAFFL == "Y"]
    lab = pd.read_parquet(PILOT / "adam" / "adlbc.parquet")
    lab = lab[(lab.PARAMCD == "ALT") & lab.ANRIND.isin(["L", "N", "H"])]
    base = lab[lab.ABLFL == "Y"].set_index("USUBJID").ANRIND
    week = lab[lab.AVISIT.str.strip() == "Week 4"]
    assert not week.USUBJID.duplicated().any()
    for level in ["Total"] if columns == "none" else [*subjects.TRT01A.unique(), "Total"]:
        chosen = subjects.index if level == "Total" else subjects.index[level == subjects.TRT01A]
        before = base.reindex(chosen).fillna("missing")
        after = week.set_index("USUBJID").ANRIND.reindex(chosen).fillna("missing")
        expected = (before + "|" + after).value_counts().to_dict()
        assert counts(result, level=level) == expected
        assert set(counts(result, level=level, stat="N").values()) == {len(chosen)}


def test_worst_of_the_shipped_trial_counted_anew(trial: Data) -> None:
    result = OUTPUT.run(trial, trial.everybody, {"at": "worst"})
    subjects = pd.read_csv(TRIAL / "adam" / "adsl.csv", dtype=str).set_index("USUBJID")
    scores = pd.read_csv(TRIAL / "adam" / "adqs.csv", dtype={"USUBJID": str})
    later = scores[(scores.ABLFL != "Y") & (scores.USUBJID.map(subjects.TRTSDT).fillna("9999") < scores.ADT)]
    before = scores[scores.ABLFL == "Y"].set_index("USUBJID").AVAL.reindex(subjects.index)
    after = later.groupby("USUBJID").AVAL.max().reindex(subjects.index)
    texts = [values.map("{:g}".format, na_action="ignore").fillna("missing") for values in (before, after)]
    assert counts(result) == (texts[0] + "|" + texts[1]).value_counts().to_dict()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"at": "worst"}, "at=worst needs numbers in order, and ANRIND holds text; use at=last, at=period or a visit"),
        ({"variable": "AVAL", "baseline": "BASE", "at": "last"}, "different values here, which are no categories"),
        ({"variable": "AVAL"}, "variable=AVAL holds numbers and baseline=BNRIND texts; use a pair such as AVAL and BASE"),
        ({"baseline": "BASE"}, "use a pair such as ANRIND and BNRIND"),
        ({"variable": "ADT"}, "not dates"),
        ({"at": "period", "columns": "APERIODC"}, "both part by period"),
        ({"PARAMCD": "ECOG"}, "PARAMCD=ECOG is not known"),
        ({"dataset": "ADQS"}, "dataset=ADQS is not known; use one of ADLBC"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence(pilot: Data, options: dict, says: str) -> None:
    with pytest.raises(OptionError) as told:
        OUTPUT.run(pilot, pilot.everybody, {"dataset": "ADLBC", "PARAMCD": "ALT"} | options)
    assert says in str(told.value)


def test_a_parameter_of_another_dataset_says_where_it_is(trial: Data) -> None:
    with pytest.raises(OptionError, match=r"ADQS has no PARAMCD=ALB; it has ECOG\. ALB is in ADLB\."):
        OUTPUT.run(trial, trial.everybody, {"PARAMCD": "ALB"})
    with pytest.raises(OptionError, match="ADQS has no visit Cycle 2 nadir; it has Baseline"):
        OUTPUT.run(trial, trial.everybody, {"at": "Cycle 2 nadir"})


def test_nobody_one_patient_and_no_dataset_are_answers(drawn: Data, draw) -> None:
    nobody = run(drawn, "USUBJID EQ nobody", at="worst")
    assert nobody.answer == "Worst after baseline: no subject has both values."
    assert (nobody.ard[nobody.ard.stat_name == "percent"].warning != "").all()
    alone = run(drawn, "USUBJID EQ 01", at="worst")
    assert counts(alone) == {"1|2": 1}
    assert alone.answer == "Worst after baseline: of 1 subject with both values, 1 worsened and 0 improved."
    bare = draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |")
    told = OUTPUT.run(bare, bare.everybody)
    assert told.ard.empty and "no dataset of parameters" in told.notes[0]
    assert OUTPUT.show(told, bare).rows == ()


def test_a_row_lists_its_patients_and_the_file_holds_all(drawn: Data) -> None:
    result = run(drawn, at="period")
    for row in OUTPUT.show(result, drawn).rows:
        if row.about[0]:
            found = OUTPUT.behind(drawn, drawn.everybody, {"at": "period"}, row.about)
            expected = [name for cell, names in PERIODS[row.about[2]].items() for name in names if cell.split("|")[0] == row.about[1]]  # fmt: skip
            assert sorted(found.USUBJID) == sorted(expected)
    frame = OUTPUT.records(result)
    assert len(frame) == 30
    assert list(frame.columns[:4]) == ["USUBJID", "PARAMCD", "period", "baseline"]
