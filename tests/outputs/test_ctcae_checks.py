"""Adverse events against CTCAE: a clean study without a finding, one with every fault planted, and each rule at its border."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import Data
from core.outputs import find
from core.outputs.ctcae_events import overlaps
from core.outputs.ctcae_labs import grade
from core.tables.ctcae import CHECKS
from core.where import Where

ADSL = """
| USUBJID | TRTSDT     | DTHFL | DTHDT      | DTHCAUS             |
| 01      | 2024-01-01 | N     |            |                     |
| 02      | 2024-01-01 | Y     | 2024-05-10 | Adverse event       |
| 03      | 2024-01-01 | Y     | 2024-06-01 | Disease progression |
| 04      | 2024-01-01 | N     |            |                     |
"""
ALIVE = "| USUBJID | TRTSDT | DTHFL |\n| 01 | 2024-01-01 | |\n| 04 | 2024-01-01 | |"
HEAD = "| USUBJID | AESEQ | AEDECOD | AEBODSYS | AETOXGR | ASTDT | AENDT | AEOUT |"
BLOOD, SKIN, LABS = "Blood and lymphatic system disorders", "Skin and subcutaneous tissue disorders", "Investigations"
INFECTIONS = "Infections and infestations"
CLEAN = f"""
{HEAD}
| 01 | 1 | Alopecia                           | {SKIN}       | 2 | 2024-01-20 |            | NOT RECOVERED/NOT RESOLVED |
| 01 | 2 | Neutrophil count decreased         | {LABS}       | 4 | 2024-01-10 | 2024-01-14 | RECOVERED/RESOLVED         |
| 01 | 3 | Neutrophil count decreased         | {LABS}       | 2 | 2024-01-14 | 2024-01-20 | RECOVERED/RESOLVED         |
| 01 | 4 | Creatinine increased               | {LABS}       | 1 | 2024-02-01 | 2024-02-10 | RECOVERED/RESOLVED         |
| 02 | 1 | Sepsis                             | {INFECTIONS} | 5 | 2024-05-01 | 2024-05-10 | FATAL                      |
| 03 | 1 | ANEMIA                             | {BLOOD.upper()} | 3 | 2024-02-01 | 2024-02-20 | RECOVERED/RESOLVED      |
| 04 | 1 | Alanine aminotransferase increased | {LABS}       | 2 | 2024-02-01 | 2024-02-20 | RECOVERED/RESOLVED         |
| 04 | 2 | Platelet count decreased           | {LABS}       | 1 | 2024-02-01 | 2024-02-20 | RECOVERED/RESOLVED         |
| 04 | 3 | Nausea                             | Gastrointestinal disorders | | 2024-02-01 | 2024-02-20 | RECOVERED/RESOLVED   |
"""
ADLB = """
| USUBJID | PARAMCD | PARAM                | ADT        | AVISIT | AVAL | A1LO | A1HI | BASE |
| 01      | NEUT    | Neutrophils (10^9/L) | 2024-01-02 | a      | 1.2  | 2.0  | 7.5  |      |
| 01      | NEUT    | Neutrophils (10^9/L) | 2024-01-10 | b      | 0.4  | 2.0  | 7.5  |      |
| 01      | NEUT    | Neutrophils (10^9/L) | 2024-01-14 | c      | 1.2  | 2.0  | 7.5  |      |
| 01      | NEUT    | Neutrophils (10^9/L) | 2024-01-20 | d      | 3.0  | 2.0  | 7.5  |      |
| 01      | CREAT   | Creatinine (mg/dL)   | 2024-02-01 | e      | 1.2  | 0.6  | 1.3  | 0.9  |
| 03      | HGB     | Hemoglobin (g/dL)    | 2024-02-01 | f      | 8.6  | 13   | 17   |      |
| 04      | ALT     | ALT (U/L)            | 2024-02-03 | g      | 135.1| 7    | 45   |      |
| 04      | PLAT    | Platelets (/mm3)     | 2024-02-03 | h      | 75000| 150000 | 400000 |  |
"""


def findings(data: Data, check: str = "", where: str = "") -> list[tuple[str, str]]:
    """USUBJID and AESEQ of each finding of a check, or the dataset where it is no event."""
    records = find("ctcae_checks").run(data, data.everybody.filtered(Where.parse(where))).records
    kept = records[records.check == check] if check else records
    seq = kept.get("AESEQ", pd.Series(dtype=float)).reindex(kept.index)
    return [
        (who, dataset if pd.isna(n) else f"{n:g}")
        for who, dataset, n in zip(kept.USUBJID, kept.dataset, seq, strict=True)
    ]


def test_a_clean_study_has_no_finding(draw) -> None:
    data = draw(adsl=ADSL, adae=CLEAN, adlb=ADLB)
    result = find("ctcae_checks").run(data, data.everybody)
    assert result.records.empty
    assert result.answer == "CTCAE checks: no record has a finding."
    checked = result.ard[result.ard.stat_name == "checked"].set_index("variable_level").stat.to_dict()
    assert checked == {"unknown_term": 9, "other_class": 9, "impossible_grade": 8, "grade5_alive": 1,
                       "death_without_grade5": 1, "overlap": 9, "laboratory": 6}  # fmt: skip


PLANTED = {
    "unknown_term": ("| 04 | 9 | Moonstruck | Nervous system disorders | 1 | 2024-03-01 | 2024-03-02 | |", ("04", "9")),
    "other_class": ("| 04 | 9 | Fatigue | Psychiatric disorders | 1 | 2024-03-01 | 2024-03-02 | |", ("04", "9")),
    "impossible_grade": (f"| 04 | 9 | Alopecia | {SKIN} | 3 | 2024-03-01 | 2024-03-02 | |", ("04", "9")),
    "grade5_alive": (f"| 04 | 9 | Sepsis | {INFECTIONS} | 5 | 2024-03-01 | 2024-03-02 | |", ("04", "9")),
    "death_without_grade5": (f"| 03 | 9 | Sepsis | {INFECTIONS} | 4 | 2024-05-20 | 2024-06-01 | FATAL |", ("03", "9")),
    "overlap": ("| 04 | 9 | Nausea | Gastrointestinal disorders | 1 | 2024-02-19 | 2024-02-25 | |", ("04", "9")),
    "laboratory": (f"| 01 | 9 | Neutropenia | {BLOOD} | 1 | 2024-01-02 | 2024-01-04 | |", ("01", "9")),
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_each_planted_fault_is_found_and_nothing_else(draw, check: str) -> None:
    fault, record = PLANTED[check]
    data = draw(adsl=ADSL, adae=CLEAN + fault, adlb=ADLB)
    assert findings(data, check) == [record]
    assert findings(data) == [record]


def test_all_planted_faults_are_found_together_each_with_its_record(draw) -> None:
    lines = [line.replace("| 9 |", f"| {20 + n} |") for n, (line, _) in enumerate(PLANTED.values())]
    data = draw(adsl=ADSL, adae=CLEAN + "\n".join(lines), adlb=ADLB)
    for n, (check, (_, (who, _))) in enumerate(PLANTED.items()):
        assert findings(data, check) == [(who, f"{20 + n}")], check
    output = find("ctcae_checks")
    result = output.run(data, data.everybody)
    assert result.answer == "CTCAE checks: 6 records of 3 patients have a finding."
    for row in output.show(result, data).rows:
        listed = output.behind(data, data.everybody, {}, row.about)
        assert len(listed) == 1
        assert listed.finding.iloc[0]
        assert listed.row.iloc[0] > 9


def test_a_synonym_is_checked_by_grade_but_not_by_class(draw) -> None:
    """Neutropenia belongs to the blood in MedDRA, and CTCAE counts neutrophils among investigations."""
    events = f"{HEAD}\n| 01 | 1 | Neutropenia | {BLOOD} | 5 | 2024-01-02 | | |\n"
    data = draw(adsl=ALIVE, adae=events)
    assert findings(data, "other_class") == findings(data, "unknown_term") == []
    assert findings(data, "impossible_grade") == [("01", "1")]
    notes = find("ctcae_checks").run(data, data.everybody).notes
    assert any(note.startswith("1 event has one of 1 term that CTCAE calls otherwise") for note in notes)


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("2024-01-01 | 2024-01-05 |", "2024-01-05 | 2024-01-09 |", False),
        ("2024-01-01 | 2024-01-05 |", "2024-01-04 | 2024-01-09 |", True),
        ("2024-01-05 | 2024-01-05 |", "2024-01-05 | 2024-01-05 |", True),
        ("2024-01-01 | | NOT RECOVERED/NOT RESOLVED", "2024-03-04 | 2024-03-09 |", True),
        ("2024-01-01 | |", "2024-03-04 | 2024-03-09 |", True),
        ("2024-01-01 | | RECOVERED/RESOLVED", "2024-03-04 | 2024-03-09 |", False),
        ("| 2024-01-05 |", "2024-01-04 | 2024-01-09 |", False),
        ("2024-01-04 | 2024-01-01 |", "2024-01-05 | 2024-01-09 |", False),
    ],
)  # fmt: skip
def test_events_overlap_when_they_share_more_than_a_border(draw, first: str, second: str, found: bool) -> None:
    line = "| 01 | {} | Nausea | Gastrointestinal disorders | 1 | {} |\n"
    data = draw(adsl=ALIVE, adae=f"{HEAD}\n{line.format(1, first)}{line.format(2, second)}")
    assert findings(data, "overlap") == ([("01", "2")] if found else [])


def test_an_overlap_names_the_record_that_lasts_longest(draw) -> None:
    line = "| 0{} | {} | Nausea | Gastrointestinal disorders | 1 | {} | {} | |\n"
    days = [(1, 1, "2024-01-01", "2024-02-01"), (1, 2, "2024-01-05", "2024-01-06"), (1, 3, "2024-01-20", "2024-01-21"),
            (4, 1, "2024-01-10", "2024-01-11")]  # fmt: skip
    data = draw(adsl=ALIVE, adae=f"{HEAD}\n" + "".join(line.format(*each) for each in days))
    records = find("ctcae_checks").run(data, data.everybody).records
    assert list(zip(records.USUBJID, records.AESEQ, strict=True)) == [("01", 2), ("01", 3)]
    assert (
        records.finding.iloc[1]
        == "Began 2024-01-20 while AESEQ 1 of the same term lasted: from 2024-01-01 to 2024-02-01"
    )


def test_a_partial_onset_is_not_checked_for_overlaps(draw) -> None:
    events = """
    | USUBJID | AESEQ | AEDECOD | AEBODSYS | AETOXGR | ASTDT      | ASTDTF | AENDT      |
    | 01      | 1     | Nausea  | Gastrointestinal disorders | 1 | 2024-01-01 | D | 2024-02-01 |
    | 01      | 2     | Nausea  | Gastrointestinal disorders | 1 | 2024-01-05 |   | 2024-02-01 |
    """
    data = draw(adsl=ALIVE, adae=events)
    assert findings(data) == []
    assert any("1 event has an onset that is not known to the day" in note for note in find("ctcae_checks").run(data, data.everybody).notes)  # fmt: skip


def test_a_death_needs_a_grade_5_only_where_an_event_is_its_cause(draw) -> None:
    events = f"{HEAD}\n| 01 | 1 | Nausea | Gastrointestinal disorders | 1 | 2024-01-02 | 2024-01-03 | |\n"
    data = draw(adsl=ADSL, adae=events)
    assert findings(data, "death_without_grade5") == [("02", "ADSL")]
    record = find("ctcae_checks").run(data, data.everybody).records.iloc[0]
    assert record.finding == "Died, DTHCAUS = Adverse event; no event of Grade 5"
    assert findings(data, "death_without_grade5", "USUBJID NE 02") == []


def test_the_study_says_how_a_death_by_an_event_is_coded(draw) -> None:
    toml = '[adverse_events.death_by_event]\nvariable = "DTHCGR1"\nvalues = ["TOXICITY"]\n'
    adsl = ADSL.replace("DTHCAUS", "DTHCGR1").replace("Adverse event", "Toxicity")
    events = f"{HEAD}\n| 01 | 1 | Nausea | Gastrointestinal disorders | 1 | 2024-01-02 | 2024-01-03 | |\n"
    assert findings(draw(toml, adsl=adsl, adae=events), "death_without_grade5") == [("02", "ADSL")]


@pytest.mark.parametrize(
    ("term", "grade", "value", "told"),
    [
        ("Neutrophil count decreased", 2, "NEUT | Neutrophils (10^9/L) | 0.99 | 2.0 | 7.5", "is Grade 3, worse than the Grade 2"),
        ("Neutrophil count decreased", 2, "NEUT | Neutrophils (10^9/L) | 1.0 | 2.0 | 7.5", ""),
        ("Neutrophil count decreased", 4, "NEUT | Neutrophils (10^9/L) | 0.6 | 2.0 | 7.5", "is Grade 3, milder than the Grade 4"),
        ("Neutrophil count decreased", 2, "NEUT | Neutrophils (/mm3) | 990 | 2000 | 7500", "is Grade 3, worse than the Grade 2"),
        ("Neutrophil count decreased", 2, "NEUT | Neutrophils (moon) | 990 | 2000 | 7500", ""),
        ("Neutrophil count decreased", 2, "NEUT | Neutrophils (moon) | 3000 | 2000 | 7500", "has no grade, milder than the Grade 2"),
        ("Platelet count decreased", 3, "PLAT | Platelets (10^9/L) | 24 | 150 | 400", "is Grade 4, worse than the Grade 3"),
        ("Anemia", 1, "HGB | Hemoglobin (g/L) | 99 | 130 | 170", "is Grade 2, worse than the Grade 1"),
        ("Anemia", 2, "HGB | Hemoglobin (mmol/L) | 4.8 | 8 | 10.5", "is Grade 3, worse than the Grade 2"),
        ("Anemia", 3, "HGB | Hemoglobin (g/dL) | 9.1 | 13 | 17", ""),
        ("Anemia", 2, "HGB | Hemoglobin (g/dL) | 10.4 | 13 | 17", "is Grade 1, milder than the Grade 2"),
        ("Aspartate aminotransferase increased", 1, "AST | AST (U/L) | 121 | 8 | 40", "is Grade 2, worse than the Grade 1"),
        ("Aspartate aminotransferase increased", 1, "AST | AST (U/L) | 120 | 8 | 40", ""),
        ("Alanine aminotransferase increased", 1, "ALT | ALT (U/L) | 121 | 8 |", ""),
        ("Creatinine increased", 1, "CREAT | Creatinine (umol/L) | 450 | 60 | 110", "is Grade 3, worse than the Grade 1"),
        ("Creatinine increased", 3, "CREAT | Creatinine (umol/L) | 120 | 60 | 110", ""),
        ("Creatinine increased", 4, "CREAT | Creatinine (umol/L) | 120 | 60 | 110", "is at most Grade 3, milder than the Grade 4"),
    ],
)  # fmt: skip
def test_a_value_contradicts_a_grade(draw, term: str, grade: int, value: str, told: str) -> None:
    soc = BLOOD if term == "Anemia" else LABS
    code, param, aval, low, high = (part.strip() for part in value.split("|"))
    events = f"{HEAD}\n| 01 | 1 | {term} | {soc} | {grade} | 2024-02-01 | 2024-02-10 | |\n"
    labs = f"| USUBJID | PARAMCD | PARAM | ADT | AVISIT | AVAL | A1LO | A1HI |\n| 01 | {code} | {param} | 2024-02-01 | a | {aval} | {low} | {high} |\n"
    records = find("ctcae_checks").run(data := draw(adsl=ALIVE, adae=events, adlbc=labs), data.everybody).records
    assert [told in text for text in records.finding] == ([True] if told else [])


def test_creatinine_is_contradicted_only_where_neither_way_gives_the_grade() -> None:
    """1.5 mg/dL is Grade 1 by an upper limit of 1.3, and Grade 2 by a baseline of 0.9."""
    from core.dictionaries import ctcae

    of = next(each for each in ctcae().laboratory if each.term == "Creatinine increased")
    records = pd.DataFrame({"AVAL": [1.5, 1.5, 8.0], "A1HI": [1.3, 1.3, 1.3], "BASE": [0.9, 1.45, 1.2]})
    found = grade(records, of)
    assert found.lowest.tolist() == [1, 1, 3]
    assert found.highest.tolist() == [2, 1, 4]


def test_limits_of_normal_are_taken_from_either_name(draw) -> None:
    labs = "| USUBJID | PARAMCD | PARAM | ADT | AVISIT | AVAL | ANRLO | ANRHI |\n| 01 | ALT | ALT (U/L) | 2024-02-01 | a | 200 | 7 | 45 |\n"
    events = f"{HEAD}\n| 01 | 1 | Alanine aminotransferase increased | {LABS} | 1 | 2024-02-01 | 2024-02-10 | |\n"
    assert findings(draw(adsl=ALIVE, adae=events, adlb=labs)) == [("01", "1")]


def test_a_value_of_a_day_is_explained_by_the_worst_record_of_that_day(draw) -> None:
    """A Grade 2 that becomes Grade 4 on 10 January does not contradict the value of that day; nor does recovery."""
    events = f"""
    {HEAD}
    | 01 | 1 | Neutrophil count decreased | {LABS} | 2 | 2024-01-05 | 2024-01-10 | |
    | 01 | 2 | Neutrophil count decreased | {LABS} | 4 | 2024-01-10 | 2024-01-14 | |
    """
    labs = ADLB.replace("2024-01-02", "2024-01-06")
    assert findings(draw(adsl=ALIVE, adae=events, adlb=labs)) == []


def test_a_study_of_severities_says_not_graded(pilot: Data) -> None:
    result = find("ctcae_checks").run(pilot, pilot.study.populations[0])
    blank = result.ard[result.ard.stat.isna()]
    assert set(blank.variable_level) == {"impossible_grade", "grade5_alive", "death_without_grade5", "laboratory"}
    assert set(blank.warning) == {"not graded: AESEV holds MILD, MODERATE, SEVERE, not the grades of CTCAE"}
    cells = {row.label: row.cells[0] for row in find("ctcae_checks").show(result, pilot).rows}
    assert cells[CHECKS["impossible_grade"].label] == "not graded"
    assert cells[CHECKS["overlap"].label] == "1165"


def test_what_the_checks_find_in_the_pilot(pilot: Data) -> None:
    result = find("ctcae_checks").run(pilot, pilot.study.populations[0])
    records = result.records
    assert records.check.value_counts().to_dict() == {"unknown_term": 657, "overlap": 312, "other_class": 3}
    classes = records[records.check == "other_class"]
    assert set(classes.AEDECOD) == {"IRRITABILITY"}
    assert result.answer == "CTCAE checks: 314 records of 139 patients have a finding. 4 of 7 checks could not be made."


def test_what_the_checks_find_in_the_drawn_study(trial: Data) -> None:
    """Hemoglobin below 10 at a visit, while Grade 1 of anemia was recorded at the nadirs around it: the study's own slips."""
    result = find("ctcae_checks").run(trial, trial.everybody)
    assert set(result.records.check) == {"laboratory"}
    assert result.records[["USUBJID", "AESEQ"]].apply(tuple, axis=1).tolist() == [
        ("CBZ-01-001", 10), ("CBZ-01-001", 19), ("CBZ-01-001", 22), ("CBZ-01-004", 2), ("CBZ-01-004", 4)
    ]  # fmt: skip
    assert "the study names version 4.3, which is not a published one" in result.notes[0]
    values = trial.ask("lab_values", trial.everybody, dataset="ADLB", parameters=["HGB"])
    for row in result.records.itertuples():
        of_him = values[(values.USUBJID == row.USUBJID) & (values.ADT >= row.ASTDT) & (values.ADT <= row.AENDT)]
        assert row.AETOXGR == "1"
        assert of_him.AVAL.min() < 10


@pytest.mark.parametrize("dropped", ["AESEQ", "AEOUT", "AENDT", "ASTDT"])
def test_variables_that_are_not_there_are_no_error(draw, dropped: str) -> None:
    frame = pd.read_csv(
        pd.io.common.StringIO("\n".join(line.strip().strip("|") for line in CLEAN.strip().splitlines())), sep="|"
    )
    frame.columns = frame.columns.str.strip()
    kept = frame.drop(columns=dropped)
    drawing = "\n".join(
        "|".join("" if pd.isna(cell) else str(cell).strip() for cell in row)
        for row in [kept.columns, *kept.itertuples(index=False)]
    )
    data = draw(adsl=ADSL, adae=drawing, adlb=ADLB)
    assert find("ctcae_checks").run(data, data.everybody).ard.shape[0] == 7 * 7


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab"), st.integers(0, 12), st.integers(0, 6)), max_size=14)
)
def test_overlaps_are_those_that_every_pair_of_records_tells(drawn: list[tuple[int, str, int, int]]) -> None:
    events = pd.DataFrame(drawn, columns=["subject_code", "term", "first", "days"])
    day = pd.Timestamp("2024-01-01")
    start = day + pd.to_timedelta(events["first"].astype(float), "D")
    end = start + pd.to_timedelta(events.days.astype(float), "D")
    events = events.assign(start=start, end=end, stop=end, source_row=range(1, len(events) + 1))
    expected = {
        i
        for i, one in enumerate(drawn)
        for j, other in enumerate(drawn)
        if one[:2] == other[:2] and (other[2], j) < (one[2], i) and (one[2] < other[2] + other[3] or one[2] == other[2])
    }
    assert set(overlaps(events).findings.index) == expected
