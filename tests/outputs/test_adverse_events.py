"""The rules of the adverse-event tables, each on a study small enough to count by hand."""

import pytest

from core.data import Data
from core.outputs import find
from core.where import Where
from tests.drawing import cell

ADSL = """
| USUBJID | TRTSDT     | TRTEDT     | TRT01A | SEX |
| 01      | 2024-01-01 | 2024-03-01 | A      | F   |
| 02      | 2024-01-01 | 2024-03-01 | A      | M   |
| 03      | 2024-01-01 | 2024-03-01 | B      | F   |
| 04      | 2024-01-01 | 2024-03-01 | B      | M   |
| 05      |            |            | B      | M   |
"""
ADAE = """
| USUBJID | AESEQ | AEBODSYS | AEDECOD  | AETOXGR | AESER | AEREL       | ASTDT      |
| 01      | 1     | Gut      | Nausea   | 1       | N     | RELATED     | 2024-01-02 |
| 01      | 2     | Gut      | Nausea   | 3       | Y     | NOT RELATED | 2024-01-09 |
| 01      | 3     | Gut      | Vomiting |         | N     |             | 2024-01-10 |
| 02      | 1     | Gut      | Nausea   |         | N     | RELATED     | 2024-01-02 |
| 02      | 2     | Gut      | Nausea   | 2       | N     | RELATED     | 2024-01-05 |
| 03      | 1     | Skin     | Alopecia | 5       | N     | RELATED     | 2024-02-02 |
| 03      | 2     | Skin     | Alopecia | 4       | N     | RELATED     | 2024-02-01 |
| 05      | 1     | Skin     | Rash     | 2       | N     | RELATED     | 2024-02-01 |
"""
ARM = 'arm = "TRT01A"\n[[filters]]\nvariable = "SEX"\nlabel = "Sex"\n'


@pytest.fixture
def data(draw) -> Data:
    return draw(ARM, adsl=ADSL, adae=ADAE)


def by_grade(data: Data, **options):
    return find("ae_by_grade").run(data, data.study.populations[0], {"category": "all", **options})


def by_term(data: Data, **options):
    return find("ae_by_term").run(data, data.study.populations[0], {"category": "all", **options})


def test_a_subject_counts_once_at_the_worst_grade_and_every_event_counts(data: Data) -> None:
    result = by_grade(data)
    assert cell(result, "Nausea", "n", context="any") == 2
    assert cell(result, "Nausea", "n", context="3") == 1
    assert cell(result, "Nausea", "n", context="1") == 0
    assert cell(result, "Nausea", "events", context="any") == 4
    assert cell(result, "Gut", "events", context="any") == 5


def test_a_missing_grade_never_beats_a_known_one_and_has_its_own_column(data: Data) -> None:
    result = by_grade(data)
    assert cell(result, "Nausea", "n", context="2") == 1
    assert cell(result, "Nausea", "n", context="missing") == 0
    assert cell(result, "Vomiting", "n", context="missing") == 1


def test_groups_of_grades_group_the_worst_grade(data: Data) -> None:
    result = by_grade(data)
    assert cell(result, "Alopecia", "n", context="3-4") == 0
    assert cell(result, "Alopecia", "n", context="3-5") == 1
    assert cell(result, "Any event", "n", context="1-2") == 1


def test_the_category_of_grade_3_or_4_is_anyone_with_such_an_event(data: Data) -> None:
    result = by_term(data, category="grade34")
    assert cell(result, "Alopecia", "n") == 1
    assert cell(result, "Alopecia", "events") == 1
    assert cell(result, "Any event", "n") == 2


def test_subjects_without_events_stay_in_the_denominator_and_the_never_dosed_leave_it(data: Data) -> None:
    result = by_term(data, columns="TRT01A")
    assert cell(result, "Any event", "N") == 4
    assert cell(result, "Any event", "N", "B") == 2
    assert cell(result, "Any event", "percent", "B") == 50
    assert "Rash" not in set(result.ard.variable_level)


def test_a_filter_changes_numerator_and_header_together(data: Data) -> None:
    women = data.study.populations[0].filtered(Where.parse("SEX EQ F"))
    result = find("ae_by_term").run(data, women, {"category": "all", "columns": "TRT01A"})
    assert cell(result, "Any event", "N") == 2
    assert cell(result, "Any event", "n") == 2
    layout = find("ae_by_term").show(result, data)
    assert [label for label, _ in layout.spanners] == ["A (N=1)", "B (N=1)", "Total (N=2)"]


def test_one_rule_of_relatedness_serves_every_category(data: Data) -> None:
    assert cell(by_term(data, category="related"), "Any event", "n") == 3
    assert cell(by_term(data, category="related"), "Vomiting", "n") == 1, "missing counts as related"
    assert cell(by_term(data, category="related_serious"), "Any event", "n") == 0
    overview = find("ae_overview").run(data, data.study.populations[0])
    for category in ("related", "related_serious", "related_grade34", "serious", "grade34", "fatal", "all", "teae"):
        assert cell(overview, category, "n") == cell(by_term(data, category=category), "Any event", "n"), category
        assert cell(overview, category, "events") == cell(by_term(data, category=category), "Any event", "events"), (
            category
        )
    assert (
        "1 of 6 events (related to treatment) have no relation recorded, or one that is not listed, and count as related."
        in by_term(data, category="related").notes
    )


def test_what_was_not_collected_is_not_zero(data: Data) -> None:
    result = by_term(data, category="discontinued")
    row = result.ard[(result.ard.stat_name == "n") & (result.ard.variable == "ANY")].iloc[0]
    assert row.isna()["stat"]
    assert row.warning == "not collected: AEACN is absent or blank throughout"
    layout = find("ae_by_term").show(result, data)
    assert layout.rows[0].cells[0] == "not collected"


def test_a_collected_category_without_events_is_zero_with_its_upper_limit(draw) -> None:
    data = draw(ARM, adsl=ADSL, adae=ADAE.replace("Y     |", "N     |"))
    result = by_term(data, category="serious", interval=True)
    assert cell(result, "Any event", "n") == 0
    assert cell(result, "Any event", "conf_high") == pytest.approx(60.2364, abs=1e-4)
    assert find("ae_by_term").show(result, data).rows[0].cells[:2] == ("0", "[0.0, 60.2]")


def test_rows_stand_by_frequency_then_alphabet_or_by_alphabet_alone(data: Data) -> None:
    frequent = by_term(data).ard.variable_level.drop_duplicates().tolist()
    assert frequent == ["Any event", "Gut", "Nausea", "Vomiting", "Skin", "Alopecia"]
    named = by_term(data, sort="alphabetical").ard.variable_level.drop_duplicates().tolist()
    assert named == ["Any event", "Gut", "Nausea", "Vomiting", "Skin", "Alopecia"]


def test_system_organ_classes_keep_their_heading_without_an_arm(data: Data) -> None:
    layout = find("ae_by_term").show(by_term(data), data)
    assert [(row.label, row.indent) for row in layout.rows] == [
        ("Any event", 0), ("Gut", 0), ("Nausea", 1), ("Vomiting", 1), ("Skin", 0), ("Alopecia", 1),
    ]  # fmt: skip


def test_a_threshold_says_what_it_hid(data: Data) -> None:
    result = by_term(data, min_percent=30)
    assert set(result.ard.variable_level) == {"Any event", "Gut", "Nausea"}
    assert "Shown when at least one column reaches 30%: 2 terms and 1 system organ classes are hidden." in result.notes


def test_a_subject_without_an_arm_has_a_column(draw) -> None:
    data = draw(ARM, adsl=ADSL.replace("| A      | F   |", "|        | F   |"), adae=ADAE)
    result = by_term(data, columns="TRT01A")
    assert cell(result, "Any event", "N", "Missing") == 1
    assert cell(result, "Any event", "n", "Missing") == 1


def test_records_behind_a_row_are_those_it_counted(data: Data) -> None:
    output = find("ae_by_term")
    result = by_term(data, category="related")
    for about in (
        result.ard[["variable", "variable_level", "group2_level"]].drop_duplicates().itertuples(index=False, name=None)
    ):
        records = output.behind(data, data.study.populations[0], {"category": "related"}, about)
        assert len(records) == cell(result, about[1], "events")
        assert records.USUBJID.nunique() == cell(result, about[1], "n")


def test_records_behind_a_worst_grade_are_of_the_subjects_who_have_it(data: Data) -> None:
    output = find("ae_overview")
    result = output.run(data, data.study.populations[0])
    for grade in ("1", "2", "3", "4", "5", "missing"):
        records = output.behind(data, data.study.populations[0], result.options, ("GRADE", grade, ""))
        assert records.USUBJID.nunique() == cell(result, grade, "n"), grade


def test_a_term_under_two_organ_classes_is_two_rows(draw) -> None:
    adae = """
    | USUBJID | AESEQ | AEBODSYS | AEDECOD |
    | 01      | 1     | Gut      | Pain    |
    | 01      | 2     | Skin     | Pain    |
    | 02      | 1     |          | Pain    |
    """
    data = draw(adsl=ADSL, adae=adae)
    ard = by_term(data).ard
    pains = ard[(ard.variable_level == "Pain") & (ard.stat_name == "n")]
    assert pains.group2_level.tolist() == ["Gut", "Not coded", "Skin"]


def test_the_figure_draws_the_numbers_of_the_table(data: Data) -> None:
    output = find("ae_incidence")
    result = output.run(data, data.study.populations[0], {"category": "all", "columns": "TRT01A"})
    table = by_term(data, columns="TRT01A").ard
    merged = result.ard.merge(
        table, on=["variable", "variable_level", "group1_level", "stat_name"], suffixes=("", "_table")
    )
    assert len(merged) == len(result.ard)
    assert (merged.stat == merged.stat_table).all()
    drawn = output.show(result, data).to_dict()
    (rows,) = drawn["datasets"].values()
    percent = {(row["variable_level"], row["group1_level"]): row["percent"] for row in rows}
    assert percent == {
        (r.variable_level, r.group1_level): r.stat
        for r in result.ard.itertuples()
        if r.stat_name == "percent" and r.group1_level != "Total"
    }


def test_a_study_without_a_single_event_has_a_table_of_zeros(draw) -> None:
    data = draw(ARM, adsl=ADSL, adae="| USUBJID | AESEQ | AEBODSYS | AEDECOD | AETOXGR |")
    for result in (by_term(data, columns="TRT01A"), by_grade(data)):
        assert set(result.ard.variable_level) == {"Any event"}
        assert cell(result, "Any event", "n", context=result.ard.context.iloc[0]) == 0
        assert cell(result, "Any event", "N", context=result.ard.context.iloc[0]) == 4


def test_tables_do_not_depend_on_the_order_in_which_events_are_stored(data: Data) -> None:
    before = by_grade(data).ard
    stored = data.ask("events", data.everybody)
    data.__dict__.pop("events", None)
    shuffled = stored.sample(frac=1, random_state=7)
    asked = data.ask
    data.ask = lambda question, *a, **k: shuffled if question == "events" else asked(question, *a, **k)
    assert by_grade(data).ard.equals(before)


def test_a_value_called_total_or_missing_keeps_its_own_column(draw) -> None:
    adsl = """
    | USUBJID | TRTSDT     | ARM     |
    | 01      | 2024-01-01 | Total   |
    | 02      | 2024-01-01 | Missing |
    | 03      | 2024-01-01 |         |
    """
    adae = "| USUBJID | AESEQ | AEBODSYS | AEDECOD |\n| 02 | 1 | Gut | Nausea |"
    data = draw(adsl=adsl, adae=adae)
    result = by_term(data, columns="ARM")
    found = result.ard[(result.ard.variable == "ANY") & result.ard.stat_name.isin(["n", "N"])]
    counts = found.pivot_table(index="group1_level", columns="stat_name", values="stat")
    assert counts.to_dict("index") == {
        "Total (as recorded)": {"n": 0, "N": 1},
        "Missing": {"n": 1, "N": 1},
        "Missing (blank)": {"n": 0, "N": 1},
        "Total": {"n": 1, "N": 3},
    }


@pytest.mark.parametrize("grade", ["AETOXGR |", "AESPID |"])
def test_grades_that_were_never_recorded_are_not_zero(draw, grade: str) -> None:
    adae = f"| USUBJID | AESEQ | AEBODSYS | AEDECOD | {grade}\n| 01 | 1 | Gut | Nausea | |"
    data = draw(ARM, adsl=ADSL, adae=adae)
    result = by_grade(data)
    empty = result.ard[(result.ard.stat_name == "n") & result.ard.stat.isna()]
    assert set(empty.context) == {"1", "2", "3", "4", "5", "1-2", "3-4", "3-5"}
    assert set(empty.warning) == {"not collected: AETOXGR is absent or blank throughout"}
    assert cell(result, "Nausea", "n", context="any") == cell(result, "Nausea", "n", context="missing") == 1
    overview = find("ae_overview").run(data, data.study.populations[0]).ard
    worst = overview[(overview.variable == "GRADE") & (overview.stat_name == "n")].set_index("variable_level")
    assert worst.stat["missing"] == 1
    assert worst.stat[["1", "2", "3", "4", "5"]].isna().all()


def test_grade_5_is_fatal_whatever_the_variable_is_called(draw) -> None:
    adae = "| USUBJID | AESEQ | AEBODSYS | AEDECOD | ATOXGR | AEOUT |\n| 01 | 1 | Gut | Sepsis | 5 | NOT RECOVERED |"
    data = draw('[adverse_events]\ngrade = "ATOXGR"\n', adsl=ADSL, adae=adae)
    assert cell(by_term(data, category="fatal"), "Any event", "n") == 1
