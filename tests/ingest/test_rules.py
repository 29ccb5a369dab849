"""Each rule about subjects, periods and adverse events, drawn as a little study."""

import pytest

from core.data import Data
from core.errors import StudyError
from core.outputs import OUTPUTS, find
from core.outputs.categories import mask
from core.study import Population
from tests.drawing import cell, study

ONE_SUBJECT = """
    | USUBJID | TRTSDT     | TRTEDT     |
    | 01      | 2024-02-01 | 2024-03-01 |
"""


def events(
    data: Data, category: str = "all", columns: str = "none", position: int = 0, population: Population | None = None
) -> list[str]:
    """The terms of the events in a category and column, in alphabetical order."""
    asked = data.ask(
        "adverse_events", population or data.everybody, columns, wanted=mask(category), position=position, soc=None, pt=None
    )  # fmt: skip
    return sorted(asked.AEDECOD)


def queries(data: Data) -> list[tuple]:
    """Dataset, row, variable and rule of every query; their records were kept."""
    loaded = data.ask("datasets", data.everybody)
    assert (loaded.kept == loaded.read).all()
    return [(q.dataset, q.row, q.variable, q.rule) for q in data.ask("queries", data.everybody).itertuples()]


def safety(data: Data) -> list[str]:
    return list(data.ask("subjects", data.study.population("Safety")).USUBJID)


class TestSafetyPopulation:
    def test_is_saffl_when_supplied(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     | SAFFL |
            | 01      | 2024-01-01 | N     |
            | 02      | 2024-01-01 | Y     |
            | 03      | 2024-01-01 |       |
        """)  # fmt: skip
        assert safety(data) == ["02"]

    def test_is_everyone_with_a_first_dose_when_saffl_is_absent(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     |
            | 01      | 2024-01-01 |
            | 02      |            |
        """)  # fmt: skip
        assert safety(data) == ["01"]

    def test_leaves_out_a_subject_with_events_who_was_never_dosed(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     |
            | 01      | 2024-01-01 |
            | 02      |            |
        """, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  |
            | 01      | 1     | Nausea  | Digestive |
            | 02      | 1     | Anaemia | Blood     |
        """)  # fmt: skip
        assert events(data, population=data.study.population("Safety")) == ["Nausea"]
        assert events(data) == ["Anaemia", "Nausea"]


class TestQueriesOfSubjects:
    def test_a_death_without_a_date(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     | DTHFL | DTHDT      |
            | 01      | 2024-01-01 | Y     |            |
            | 02      | 2024-01-01 | Y     | 2024-06-01 |
            | 03      | 2024-01-01 |       |            |
        """)  # fmt: skip
        assert queries(data) == [("ADSL", 1, "DTHFL", "a death without a date")]

    def test_a_death_where_dates_were_never_supplied(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT | DTHFL |\n| 01 | 2024-01-01 | Y |\n| 02 | 2024-01-01 | N |")
        assert queries(data) == [("ADSL", 1, "DTHFL", "a death without a date")]

    def test_a_treatment_that_ends_before_it_starts(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     | TRTEDT     |
            | 01      | 2024-02-01 | 2024-01-31 |
            | 02      | 2024-02-01 | 2024-02-01 |
        """)  # fmt: skip
        assert queries(data) == [("ADSL", 1, "TRTEDT", "treatment ends before it starts")]

    def test_a_safety_flag_without_a_first_dose(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT | SAFFL |\n| 01 | | Y |\n| 02 | | N |")
        assert queries(data) == [("ADSL", 1, "SAFFL", "in the safety population without a first dose")]


class TestQueriesOfRecords:
    def test_an_event_that_ends_before_it_starts(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | ASTDT      | AENDT      |
            | 01      | 1     | Nausea  | Digestive | 2024-02-10 | 2024-02-09 |
            | 01      | 2     | Nausea  | Digestive | 2024-02-10 | 2024-02-10 |
            | 01      | 3     | Nausea  | Digestive |            | 2024-02-10 |
        """)  # fmt: skip
        assert queries(data) == [("ADAE", 1, "AENDT", "ends before it starts")]

    def test_a_date_after_the_data_cut(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | ASTDT      |
            | 01      | 1     | Nausea  | Digestive | 2024-12-31 |
            | 01      | 2     | Nausea  | Digestive | 2025-01-01 |
        """)  # fmt: skip
        assert queries(data) == [("ADAE", 2, "ASTDT", "after the data cut of 2024-12-31")]

    def test_an_event_that_is_not_coded_and_is_counted_all_the_same(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  |
            | 01      | 1     |         | Digestive |
            | 01      | 2     | Nausea  | Digestive |
        """)  # fmt: skip
        assert queries(data) == [("ADAE", 1, "AEDECOD", "an event that is not coded")]
        found = OUTPUTS["ae_by_term"].run(data, data.everybody, {"category": "all"})
        assert cell(found, "Not coded", "events") == 1

    def test_an_unknown_relation_to_treatment_which_counts_as_related(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AEREL    |
            | 01      | 1     | Nausea  | Digestive | PERHAPS  |
            | 01      | 2     | Anaemia | Blood     | not related |
        """)  # fmt: skip
        ((_, row, variable, rule),) = queries(data)
        assert (row, variable) == (1, "AEREL") and "does not list" in rule
        assert events(data, "related") == ["Nausea"]

    def test_a_period_that_study_toml_does_not_list(self, tmp_path):
        data = study(tmp_path, '[[periods]]\nlabel = "Treatment"\n', adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | APERIODC  |
            | 01      | 1     | Nausea  | Digestive | Treatment |
            | 01      | 2     | Nausea  | Digestive | Extension |
        """)  # fmt: skip
        assert queries(data) == [("ADAE", 2, "APERIODC", "a period that study.toml does not list")]

    def test_visits_in_an_impossible_order(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adqs="""
            | USUBJID | PARAMCD | AVISIT   | AVISITN | ADT        | AVAL |
            | 01      | ECOG    | Baseline | 0       | 2024-02-01 | 1    |
            | 01      | ECOG    | Week 9   | 9       | 2024-02-15 | 1    |
            | 01      | ECOG    | Week 3   | 3       | 2024-02-22 | 1    |
        """)  # fmt: skip
        assert queries(data) == [("ADQS", 3, "ADT", "dated after a later visit")]

    def test_a_derived_visit_on_the_day_of_another_is_in_order(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adqs="""
            | USUBJID | PARAMCD | AVISIT           | AVISITN | ADT        | AVAL |
            | 01      | ECOG    | Week 3           | 3       | 2024-02-22 | 1    |
            | 01      | ECOG    | End of treatment | 99      | 2024-02-22 | 1    |
            | 01      | ECOG    | Week 9           | 9       | 2024-04-04 | 1    |
        """)  # fmt: skip
        assert queries(data) == []

    CLASH = """
        | USUBJID | PARAMCD | AVISIT   | ADT        | AVAL |
        | 01      | PSA     | Baseline | 2024-01-25 | 10   |
        | 01      | PSA     | Baseline | 2024-01-28 | 12   |
        | 01      | PSA     | Week 9   | 2024-04-04 | 8    |
        | 01      | KLK3    | Baseline | 2024-01-25 | 3    |
    """

    def test_several_records_at_one_timepoint_are_all_listed(self, tmp_path):
        rule = "one of several records at one timepoint, none of which is used"
        data = study(tmp_path, adsl=ONE_SUBJECT, adbm=self.CLASH)
        assert queries(data) == [("ADBM", 1, "AVISIT", rule), ("ADBM", 2, "AVISIT", rule)]

    def test_several_records_at_one_timepoint_are_fine_once_study_toml_says_which(self, tmp_path):
        assert queries(study(tmp_path, 'records_per_timepoint = "last"\n', adsl=ONE_SUBJECT, adbm=self.CLASH)) == []

    def test_records_without_a_visit_do_not_clash_with_each_other(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL |
            | 01      | PSA     |        | 2024-01-25 | 10   |
            | 01      | PSA     |        | 2024-01-28 | 12   |
        """)  # fmt: skip
        rule = "a record without its time"
        assert queries(data) == [("ADBM", 1, "AVISIT", rule), ("ADBM", 2, "AVISIT", rule)]


class TestTreatmentEmergent:
    def test_is_the_supplied_flag_whatever_the_dates(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD           | AEBODSYS | ASTDT      | TRTEMFL |
            | 01      | 1     | Flagged           | x        | 2020-01-01 | Y       |
            | 01      | 2     | Not flagged       | x        | 2024-02-10 | N       |
            | 01      | 3     | Flag left blank   | x        | 2024-02-10 |         |
        """)  # fmt: skip
        assert events(data, "teae") == ["Flagged"]

    def test_runs_from_first_dose_to_thirty_days_after_the_last_both_included(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD              | AEBODSYS | ASTDT      |
            | 01      | 1     | Day before           | x        | 2024-01-31 |
            | 01      | 2     | First day            | x        | 2024-02-01 |
            | 01      | 3     | Last day + 30        | x        | 2024-03-31 |
            | 01      | 4     | Last day + 31        | x        | 2024-04-01 |
        """)  # fmt: skip
        assert events(data, "teae") == ["First day", "Last day + 30"]

    def test_has_the_window_of_study_toml(self, tmp_path):
        data = study(tmp_path, "[adverse_events.treatment_emergent]\nwindow_days = 7\n", adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD       | AEBODSYS | ASTDT      |
            | 01      | 1     | Last day + 7  | x        | 2024-03-08 |
            | 01      | 2     | Last day + 8  | x        | 2024-03-09 |
        """)  # fmt: skip
        assert events(data, "teae") == ["Last day + 7"]

    def test_is_open_to_the_data_cut_while_treatment_goes_on(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT | TRTEDT |\n| 01 | 2024-02-01 | |", adae="""
            | USUBJID | AESEQ | AEDECOD         | AEBODSYS | ASTDT      |
            | 01      | 1     | On the cut      | x        | 2024-12-31 |
            | 01      | 2     | After the cut   | x        | 2025-01-01 |
        """)  # fmt: skip
        assert events(data, "teae") == ["On the cut"]

    def test_is_none_for_a_subject_never_dosed(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT |\n| 01 | |", adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      |
            | 01      | 1     | Dated   | x        | 2024-02-10 |
            | 01      | 2     | Undated | x        |            |
        """)  # fmt: skip
        assert events(data, "teae") == []

    def test_counts_a_worsening_recorded_as_its_own_row(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AETOXGR | ASTDT      | AETERM |
            | 01      | 1     | Fatigue | x        | 1       | 2024-01-01 | before |
            | 01      | 2     | Fatigue | x        | 3       | 2024-02-10 | worse  |
        """)  # fmt: skip
        assert events(data, "teae") == ["Fatigue"]
        found = OUTPUTS["ae_by_grade"].run(data, data.everybody, {"category": "teae"})
        assert cell(found, "Fatigue", "n", context="3") == 1

    def test_counts_a_worsening_dated_in_a_variable_that_study_toml_names(self, tmp_path):
        toml = '[adverse_events.treatment_emergent]\nworsening_date = "AEWORSDT"\n'
        data = study(tmp_path, toml, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD           | AEBODSYS | ASTDT      | AEWORSDT   |
            | 01      | 1     | Worse on therapy  | x        | 2024-01-01 | 2024-02-10 |
            | 01      | 2     | Worse before      | x        | 2024-01-01 | 2024-01-15 |
            | 01      | 3     | Worse long after  | x        | 2024-01-01 | 2024-09-15 |
            | 01      | 4     | Never worse       | x        | 2024-01-01 |            |
        """)  # fmt: skip
        assert events(data, "teae") == ["Worse on therapy"]

    def test_refuses_a_worsening_date_that_is_none(self, tmp_path):
        toml = '[adverse_events.treatment_emergent]\nworsening_date = "AEWORSDT"\n'
        data = study(tmp_path, toml, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEWORSDT |
            | 01      | 1     | Fatigue | x        | unknown  |
        """)  # fmt: skip
        assert list(data.ask("rejected", data.everybody).variable) == ["AEWORSDT"]

    def test_counts_a_partial_onset_that_may_be_after_first_dose(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD              | AEBODSYS | AESTDTC |
            | 01      | 1     | Month of first dose  | x        | 2024-02 |
            | 01      | 2     | Month before         | x        | 2024-01 |
            | 01      | 3     | Year of first dose   | x        | 2024    |
            | 01      | 4     | Year before          | x        | 2023    |
            | 01      | 5     | Month of window end  | x        | 2024-03 |
            | 01      | 6     | Month after window   | x        | 2024-04 |
        """)  # fmt: skip
        assert events(data, "teae") == ["Month of first dose", "Month of window end", "Year of first dose"]

    def test_trusts_an_imputed_day_or_month_no_further_than_its_flag(self, tmp_path):
        data = study(tmp_path, adsl="| USUBJID | TRTSDT | TRTEDT |\n| 01 | 2024-02-15 | 2024-03-01 |", adae="""
            | USUBJID | AESEQ | AEDECOD                        | AEBODSYS | ASTDT      | ASTDTF |
            | 01      | 1     | Exactly before                 | x        | 2024-02-01 |        |
            | 01      | 2     | Day imputed in the month       | x        | 2024-02-01 | D      |
            | 01      | 3     | Day imputed in the month before| x        | 2024-01-01 | D      |
            | 01      | 4     | Month imputed in the year      | x        | 2024-01-01 | M      |
            | 01      | 5     | Month imputed the year before  | x        | 2023-01-01 | M      |
            | 01      | 6     | Year imputed                   | x        | 2020-01-01 | Y      |
        """)  # fmt: skip
        assert events(data, "teae") == ["Day imputed in the month", "Month imputed in the year", "Year imputed"]

    def test_counts_a_missing_onset_unless_the_event_ended_before_treatment(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD               | AEBODSYS | ASTDT | AESTDTC | AENDT      |
            | 01      | 1     | Nothing known         | x        |       |         |            |
            | 01      | 2     | Ended before          | x        |       |         | 2024-01-31 |
            | 01      | 3     | Ended on first day    | x        |       |         | 2024-02-01 |
            | 01      | 4     | Partial, ended before | x        |       | 2024    | 2024-01-31 |
        """)  # fmt: skip
        assert events(data, "teae") == ["Ended on first day", "Nothing known"]

    def test_counts_how_many_events_rest_on_a_vague_onset(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      | AESTDTC    |
            | 01      | 1     | Exact   | x        | 2024-02-10 | 2024-02-10 |
            | 01      | 2     | Partial | x        |            | 2024-02    |
            | 01      | 3     | Missing | x        |            |            |
            | 01      | 4     | Before  | x        |            | 2024-01    |
        """)  # fmt: skip
        rules = data.ask("adverse_event_rules", data.everybody, wanted=mask("teae")).iloc[0]
        assert (rules.events, rules.onset_assumed) == (3, 2)

    def test_reads_a_complete_date_and_time_as_collected(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD    | AEBODSYS | AESTDTC          |
            | 01      | 1     | Day before | x        | 2024-01-31T23:59 |
            | 01      | 2     | First day  | x        | 2024-02-01T08:30 |
        """)  # fmt: skip
        assert events(data, "teae") == ["First day"]

    def test_takes_dates_of_treatment_from_adsl_when_adae_repeats_them(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      | TRTSDT     | TRTEDT     | SOC | PT | TERM | LATEST |
            | 01      | 1     | Inside  | x        | 2024-02-10 | 2020-01-01 | 2020-01-01 | a   | b  | c    | d      |
            | 01      | 2     | Before  | x        | 2024-01-10 | 2020-01-01 | 2020-01-01 | a   | b  | c    | d      |
        """)  # fmt: skip
        assert data.collected["treatment_emergent"][0]
        found = OUTPUTS["ae_by_term"].run(data, data.everybody, {"category": "teae"})
        assert (cell(found, "Inside", "n"), cell(found, "Any event", "events")) == (1, 1)


def related(tmp_path, drawing: str, toml: str = "") -> list[str]:
    return events(study(tmp_path, toml, adsl=ONE_SUBJECT, adae=drawing), "related")


class TestRelated:
    @pytest.mark.parametrize(
        ("yes", "no"),
        [
            ("Y", "N"),
            ("RELATED", "NOT RELATED"),
            ("Related", "Unrelated"),
            ("POSSIBLE", "UNLIKELY"),
            ("PROBABLE", "NONE"),
        ],
    )
    def test_is_recognised_in_each_coding(self, tmp_path, yes, no):
        assert related(tmp_path, f"""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL |
            | 01      | 1     | Yes     | x        | {yes} |
            | 01      | 2     | No      | x        | {no}  |
        """) == ["Yes"]  # fmt: skip

    def test_is_what_study_toml_says(self, tmp_path):
        assert related(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL    |
            | 01      | 1     | Yes     | x        | SUSPECTED |
            | 01      | 2     | No      | x        | POSSIBLE |
        """, '[adverse_events.related]\nvalues = ["SUSPECTED"]\nnot_values = ["POSSIBLE"]\n') == ["Yes"]  # fmt: skip

    def test_counts_a_missing_relation(self, tmp_path):
        assert related(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL |
            | 01      | 1     | No      | x        | N     |
            | 01      | 2     | Missing | x        |       |
        """) == ["Missing"]  # fmt: skip

    def test_leaves_out_a_missing_relation_if_study_toml_says_so(self, tmp_path):
        assert related(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL |
            | 01      | 1     | Yes     | x        | Y     |
            | 01      | 2     | Missing | x        |       |
        """, "[adverse_events.related]\nmissing_is_related = false\n") == ["Yes"]  # fmt: skip

    def test_counts_how_many_relations_are_missing(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL |
            | 01      | 1     | Yes     | x        | Y     |
            | 01      | 2     | Missing | x        |       |
        """)  # fmt: skip
        rules = data.ask("adverse_event_rules", data.everybody, wanted=mask("related")).iloc[0]
        assert (rules.events, rules.related_assumed) == (2, 1)

    def test_prefers_the_analysis_relation_where_both_are_supplied(self, tmp_path):
        assert related(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL | AREL |
            | 01      | 1     | Yes     | x        | N     | Y    |
            | 01      | 2     | No      | x        | Y     | N    |
        """) == ["Yes"]  # fmt: skip

    def test_is_the_same_rule_in_every_combined_category(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEREL    | AESER | AETOXGR | AEACN          | ASTDT      |
            | 01      | 1     | Both    | x        | POSSIBLE | Y     | 5       | DRUG WITHDRAWN | 2024-02-10 |
            | 01      | 2     | Neither | x        | UNLIKELY | Y     | 5       | DRUG WITHDRAWN | 2024-02-10 |
        """)  # fmt: skip
        combined = ("related_teae", "related_serious", "related_fatal", "related_discontinued")
        assert [events(data, category) for category in combined] == [["Both"]] * 4


class TestFatal:
    @pytest.mark.parametrize(
        ("variable", "value"), [("AEOUT", "FATAL"), ("AEOUT", "Fatal"), ("AESDTH", "Y"), ("AETOXGR", "5")]
    )
    def test_is_any_one_of_outcome_flag_and_grade(self, tmp_path, variable, value):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae=f"""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | {variable} |
            | 01      | 1     | Fatal   | x        | {value}    |
            | 01      | 2     | Not     | x        |            |
        """)  # fmt: skip
        assert events(data, "fatal") == ["Fatal"]

    def test_is_neither_another_outcome_nor_a_lower_grade(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AEOUT              | AESDTH | AETOXGR |
            | 01      | 1     | Not     | x        | RECOVERED/RESOLVED | N      | 4       |
        """)  # fmt: skip
        assert events(data, "fatal") == []
        assert data.collected["fatal"][0]


class TestOtherCategories:
    def test_serious_severe_and_discontinued_each_have_one_rule(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD   | AEBODSYS | AESER | AETOXGR | AEACN            |
            | 01      | 1     | Serious   | x        | Y     | 2       | DOSE NOT CHANGED |
            | 01      | 2     | Grade 3   | x        | N     | 3       | DOSE REDUCED     |
            | 01      | 3     | Grade 4   | x        | N     | 4       | DRUG INTERRUPTED |
            | 01      | 4     | Grade 5   | x        | N     | 5       |                  |
            | 01      | 5     | Withdrawn | x        | N     |         | Drug withdrawn   |
        """)  # fmt: skip
        assert events(data, "serious") == ["Serious"]
        assert events(data, "grade34") == ["Grade 3", "Grade 4"]
        assert events(data, "discontinued") == ["Withdrawn"]

    def test_a_rule_may_name_a_coded_number(self, tmp_path):
        data = study(tmp_path, '[adverse_events.serious]\nvariable = "AESERN"\nvalues = ["1"]\n', adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | AESERN |
            | 01      | 1     | Serious | x        | 1      |
            | 01      | 2     | Not     | x        | 0      |
        """)  # fmt: skip
        assert events(data, "serious") == ["Serious"]

    @pytest.mark.parametrize("column", ["| AESER |", "| AETERM |"], ids=["blank", "absent"])
    def test_a_category_without_a_value_anywhere_is_not_collected(self, tmp_path, column):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae=f"""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  {column}
            | 01      | 1     | Nausea  | Digestive | |
        """)  # fmt: skip
        assert data.collected["serious"] == (False, "AESER is absent or blank throughout")
        found = OUTPUTS["ae_overview"].run(data, data.everybody).ard
        serious = found[(found.variable_level == "serious") & (found.stat_name == "n")]
        assert serious.stat.isna().all() and (serious.warning != "").all()
        assert len(serious) == 1

    def test_a_category_is_collected_when_only_one_event_has_a_value(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AESER |
            | 01      | 1     | Nausea  | Digestive | N     |
            | 01      | 2     | Nausea  | Digestive |       |
        """)  # fmt: skip
        found = OUTPUTS["ae_overview"].run(data, data.everybody)
        assert cell(found, "serious", "n") == 0

    def test_each_of_the_six_is_not_collected_when_adae_has_terms_only(self, tmp_path):
        data = study(tmp_path, '[[populations]]\nlabel = "All"\n', adsl="| USUBJID | AGE |\n| 01 | 60 |", adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  |
            | 01      | 1     | Nausea  | Digestive |
        """)  # fmt: skip
        assert {category for category, (collected, _) in data.collected.items() if not collected} == {
            "treatment_emergent", "serious", "related", "grade34", "fatal", "discontinued",
        }  # fmt: skip


class TestCounting:
    def by_grade(self, tmp_path, adae: str, adsl: str = ONE_SUBJECT):
        data = study(tmp_path, adsl=adsl, adae=adae)
        return OUTPUTS["ae_by_grade"].run(data, data.everybody, {"category": "all"})

    def test_a_subject_with_two_grades_of_a_term_counts_once_at_the_worst(self, tmp_path):
        found = self.by_grade(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea  | Digestive | 3       |
            | 01      | 2     | Nausea  | Digestive | 1       |
        """)  # fmt: skip
        assert cell(found, "Nausea", "n", context="any") == 1
        assert cell(found, "Nausea", "n", context="3") == 1
        assert cell(found, "Nausea", "n", context="1") == 0
        assert cell(found, "Nausea", "events", context="any") == 2

    def test_a_missing_grade_never_beats_a_known_one(self, tmp_path):
        found = self.by_grade(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea  | Digestive |         |
            | 01      | 2     | Nausea  | Digestive | 1       |
        """)  # fmt: skip
        assert cell(found, "Nausea", "n", context="1") == 1
        assert cell(found, "Nausea", "n", context="missing") == 0

    def test_a_missing_grade_alone_has_its_own_column(self, tmp_path):
        found = self.by_grade(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea  | Digestive |         |
            | 01      | 2     | Anaemia | Blood     | 2       |
        """)  # fmt: skip
        assert cell(found, "Nausea", "n", context="missing") == 1
        assert cell(found, "Digestive", "n", context="missing") == 1
        assert cell(found, "Any event", "n", context="missing") == 0

    def test_the_worst_grade_of_a_class_is_over_all_its_terms(self, tmp_path):
        found = self.by_grade(tmp_path, """
            | USUBJID | AESEQ | AEDECOD  | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea   | Digestive | 1       |
            | 01      | 2     | Vomiting | Digestive | 4       |
        """)  # fmt: skip
        assert cell(found, "Digestive", "n", context="4") == 1
        assert cell(found, "Digestive", "n", context="1") == 0
        assert cell(found, "Digestive", "n", context="any") == 1

    def test_grades_three_and_four_leave_out_a_subject_who_also_has_grade_five(self, tmp_path):
        found = self.by_grade(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
            | 01      | 1     | Sepsis  | Infection | 4       |
            | 01      | 2     | Sepsis  | Infection | 5       |
        """)  # fmt: skip
        assert cell(found, "Sepsis", "n", context="3-4") == 0
        assert cell(found, "Sepsis", "n", context="3-5") == 1

    def test_a_dosed_subject_without_events_stays_in_the_denominator(self, tmp_path):
        found = self.by_grade(tmp_path, """
            | USUBJID | AESEQ | AEDECOD | AEBODSYS  | AETOXGR |
            | 01      | 1     | Nausea  | Digestive | 1       |
        """, adsl="""
            | USUBJID | TRTSDT     |
            | 01      | 2024-01-01 |
            | 02      | 2024-01-01 |
            | 03      | 2024-01-01 |
            | 04      | 2024-01-01 |
        """)  # fmt: skip
        assert cell(found, "Nausea", "N", context="any") == 4
        assert cell(found, "Nausea", "percent", context="any") == 25


def entered(data: Data) -> dict[str, int]:
    """Period -> how many subjects entered it."""
    columns = data.ask("columns", data.everybody, "APERIODC")
    return dict(zip(columns.level, columns.N, strict=True))


def by_period(data: Data) -> dict[str, list[str]]:
    """Period -> the terms of the events that began in it."""
    columns = data.ask("columns", data.everybody, "APERIODC")
    return {c.level: events(data, "all", "APERIODC", int(c.position)) for c in columns.itertuples()}


BEFORE = '[[periods]]\nlabel = "Before"\nkind = "before"\n'
TREATMENT = '[[periods]]\nlabel = "Treatment"\n'
AFTER = '[[periods]]\nlabel = "Follow-up"\nkind = "follow_up"\n'


class TestPeriods:
    def test_an_event_counts_in_the_period_of_its_onset_only(self, tmp_path):
        data = study(tmp_path, BEFORE + TREATMENT + AFTER, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD                 | AEBODSYS | ASTDT      | AENDT      |
            | 01      | 1     | Before, lasts into it   | x        | 2024-01-31 | 2024-12-01 |
            | 01      | 2     | On the first day        | x        | 2024-02-01 | 2024-12-01 |
            | 01      | 3     | On the last day         | x        | 2024-03-01 | 2024-12-01 |
            | 01      | 4     | The day after           | x        | 2024-03-02 |            |
            | 01      | 5     | Nobody knows            | x        |            |            |
        """)  # fmt: skip
        assert by_period(data) == {
            "Before": ["Before, lasts into it"],
            "Treatment": ["On the first day", "On the last day"],
            "Follow-up": ["The day after"],
            "Total": ["Before, lasts into it", "Nobody knows", "On the first day", "On the last day", "The day after"],
        }  # fmt: skip

    def test_a_period_that_nobody_entered_stays_in_the_table_with_none(self, tmp_path):
        data = study(tmp_path, BEFORE + TREATMENT + AFTER, adsl=ONE_SUBJECT)
        assert entered(data) == {"Before": 1, "Treatment": 1, "Follow-up": 0, "Total": 1}

    def test_before_treatment_has_all_subjects_and_treatment_those_dosed(self, tmp_path):
        data = study(tmp_path, BEFORE + TREATMENT, adsl="""
            | USUBJID | TRTSDT     |
            | 01      | 2024-02-01 |
            | 02      |            |
        """)  # fmt: skip
        assert entered(data) == {"Before": 2, "Treatment": 1, "Total": 2}

    def test_an_event_of_a_subject_never_dosed_is_before_treatment(self, tmp_path):
        data = study(tmp_path, BEFORE + TREATMENT, adsl="| USUBJID | TRTSDT |\n| 01 | |", adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      |
            | 01      | 1     | Nausea  | x        | 2024-06-01 |
        """)  # fmt: skip
        assert by_period(data) == {"Before": ["Nausea"], "Treatment": [], "Total": ["Nausea"]}

    def test_follow_up_is_entered_when_last_known_alive_is_after_treatment(self, tmp_path):
        data = study(tmp_path, TREATMENT + AFTER, adsl="""
            | USUBJID | TRTSDT     | TRTEDT     | LSTALVDT   |
            | 01      | 2024-02-01 | 2024-03-01 | 2024-03-02 |
            | 02      | 2024-02-01 | 2024-03-01 | 2024-03-01 |
            | 03      | 2024-02-01 | 2024-03-01 |            |
            | 04      | 2024-02-01 |            | 2024-12-01 |
        """)  # fmt: skip
        assert entered(data) == {"Treatment": 4, "Follow-up": 1, "Total": 4}

    def test_follow_up_begins_as_many_days_later_as_study_toml_says(self, tmp_path):
        data = study(tmp_path, TREATMENT + AFTER + "offset_days = 30\n", adsl="""
            | USUBJID | TRTSDT     | TRTEDT     | LSTALVDT   |
            | 01      | 2024-02-01 | 2024-03-01 | 2024-03-31 |
            | 02      | 2024-02-01 | 2024-03-01 | 2024-04-01 |
        """, adae="""
            | USUBJID | AESEQ | AEDECOD      | AEBODSYS | ASTDT      |
            | 02      | 1     | Last day +30 | x        | 2024-03-31 |
            | 02      | 2     | Last day +31 | x        | 2024-04-01 |
        """)  # fmt: skip
        assert entered(data) == {"Treatment": 2, "Follow-up": 1, "Total": 2}
        assert by_period(data)["Treatment"] == ["Last day +30"]
        assert by_period(data)["Follow-up"] == ["Last day +31"]

    def test_an_event_after_treatment_shows_that_follow_up_was_entered(self, tmp_path):
        data = study(tmp_path, TREATMENT + AFTER, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      |
            | 01      | 1     | Late    | x        | 2024-05-01 |
        """)  # fmt: skip
        assert entered(data)["Follow-up"] == 1

    TWO = '[[periods]]\nlabel = "First"\n[[periods]]\nlabel = "Second"\n'

    def test_treatment_periods_have_the_dates_of_adsl(self, tmp_path):
        data = study(tmp_path, self.TWO, adsl="""
            | USUBJID | TRTSDT     | TRTEDT     | AP01SDT    | AP01EDT    | AP02SDT    | AP02EDT    |
            | 01      | 2024-02-01 | 2024-05-01 | 2024-02-01 | 2024-02-29 | 2024-03-01 | 2024-05-01 |
            | 02      | 2024-02-01 | 2024-02-10 | 2024-02-01 | 2024-02-10 |            |            |
        """, adae="""
            | USUBJID | AESEQ | AEDECOD      | AEBODSYS | ASTDT      |
            | 01      | 1     | Day 29       | x        | 2024-02-29 |
            | 01      | 2     | Day 30       | x        | 2024-03-01 |
        """)  # fmt: skip
        assert entered(data) == {"First": 2, "Second": 1, "Total": 2}
        assert by_period(data) == {"First": ["Day 29"], "Second": ["Day 30"], "Total": ["Day 29", "Day 30"]}

    CYCLES = '[[periods]]\nlabel = "Cycles 1-2"\ncycles = [1, 2]\n[[periods]]\nlabel = "Cycles 3-9"\ncycles = [3, 9]\n'
    DOSES = """
        | USUBJID | PARAMCD | ASTDT      |
        | 01      | DOSE    | 2024-02-01 |
        | 01      | DOSE    | 2024-02-22 |
        | 01      | DOSE    | 2024-03-14 |
        | 02      | DOSE    | 2024-02-01 |
    """

    def test_treatment_periods_are_groups_of_cycles_else(self, tmp_path):
        data = study(tmp_path, self.CYCLES, adsl="""
            | USUBJID | TRTSDT     | TRTEDT     |
            | 01      | 2024-02-01 | 2024-04-04 |
            | 02      | 2024-02-01 | 2024-02-21 |
            | 03      |            |            |
        """, adex=self.DOSES, adae="""
            | USUBJID | AESEQ | AEDECOD              | AEBODSYS | ASTDT      |
            | 01      | 1     | Day before cycle 3   | x        | 2024-03-13 |
            | 01      | 2     | First day of cycle 3 | x        | 2024-03-14 |
        """)  # fmt: skip
        assert entered(data) == {"Cycles 1-2": 2, "Cycles 3-9": 1, "Total": 3}
        assert by_period(data)["Cycles 1-2"] == ["Day before cycle 3"]
        assert by_period(data)["Cycles 3-9"] == ["First day of cycle 3"]

    def test_the_period_an_event_names_is_the_period_it_counts_in(self, tmp_path):
        data = study(tmp_path, BEFORE + TREATMENT, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      | APERIODC  |
            | 01      | 1     | Named   | x        | 2024-01-01 | Treatment |
        """)  # fmt: skip
        assert by_period(data)["Treatment"] == ["Named"]

    def test_a_subject_with_events_in_two_periods_counts_once_in_the_total(self, tmp_path):
        data = study(tmp_path, BEFORE + TREATMENT, adsl=ONE_SUBJECT, adae="""
            | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      |
            | 01      | 1     | Nausea  | x        | 2024-01-10 |
            | 01      | 2     | Nausea  | x        | 2024-02-10 |
        """)  # fmt: skip
        found = OUTPUTS["ae_by_term"].run(data, data.everybody, {"category": "all", "columns": "APERIODC"})
        assert [cell(found, "Nausea", "n", column) for column in ("Before", "Treatment", "Total")] == [1, 1, 1]

    def test_a_last_day_alive_that_is_no_date_is_refused(self, tmp_path):
        data = study(tmp_path, TREATMENT + AFTER, adsl="""
            | USUBJID | TRTSDT     | TRTEDT     | RFENDT     |
            | 01      | 2024-02-01 | 2024-03-01 | unknown    |
            | 02      | 2024-02-01 | 2024-03-01 | 2024-09-01 |
        """)  # fmt: skip
        assert list(data.ask("rejected", data.everybody).variable) == ["RFENDT"]
        assert entered(data) == {"Treatment": 1, "Follow-up": 1, "Total": 1}

    @pytest.mark.parametrize(
        ("toml", "adsl", "words"),
        [
            (TREATMENT, "| USUBJID | SAFFL |\n| 01 | Y |", "which need the variable TRTSDT in ADSL"),
            (TWO, ONE_SUBJECT, "period 'First' needs AP01SDT in ADSL, or cycles"),
            (CYCLES, ONE_SUBJECT, "the cycles of period 'Cycles 1-2' need dataset ADEX"),
        ],
    )  # fmt: skip
    def test_periods_that_the_data_cannot_tell_apart_are_a_sentence(self, tmp_path, toml, adsl, words):
        with pytest.raises(StudyError, match=words):
            study(tmp_path, toml, adsl=adsl)


def test_variables_of_adsl_may_have_any_name(tmp_path):
    data = study(tmp_path, BEFORE + TREATMENT + AFTER, adsl="""
        | USUBJID | TRTSDT     | TRTEDT     | GRADE | SOC | PT | FLAGS | TERM | START | STOP | PERIOD | LABEL | LEVEL |
        | 01      | 2024-02-01 | 2024-03-01 | 4     | a   | b  | 1     | c    | d     | e    | 1      | f     | g     |
    """, adae="""
        | USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT      |
        | 01      | 1     | Nausea  | x        | 2024-02-10 |
    """)  # fmt: skip
    assert by_period(data)["Treatment"] == ["Nausea"]


class TestDosesAndNumbersAreNotLost:
    def test_two_drugs_on_one_day_are_two_records(self, tmp_path):
        data = study(tmp_path, adsl=ONE_SUBJECT, adex="""
            | USUBJID | EXTRT       | EXDOSE | ASTDT      |
            | 01      | CABAZITAXEL | 25     | 2024-01-01 |
            | 01      | PREDNISONE  | 10     | 2024-01-01 |
        """)  # fmt: skip
        files = data.ask("datasets", data.everybody).set_index("dataset")
        assert files.kept["ADEX"] == 2

    def test_an_undeclared_column_becomes_a_number_only_when_no_value_changes(self, tmp_path):
        data = study(tmp_path, adsl="""
            | USUBJID | TRTSDT     | BARCODE          | KIT | WEIGHT |
            | 01      | 2024-01-01 | 9007199254740993 | 1E5 | 70.5   |
        """)  # fmt: skip
        (row,) = data.ask("subjects", data.everybody).to_dict("records")
        assert (row["BARCODE"], row["KIT"], row["WEIGHT"]) == ("9007199254740993", "1E5", 70.5)

    def test_days_between_the_last_period_and_follow_up_belong_to_treatment(self, tmp_path):
        toml = '[[periods]]\nlabel = "On"\n[[periods]]\nlabel = "After"\nkind = "follow_up"\noffset_days = 30\n'
        data = study(
            tmp_path, toml,
            adsl="| USUBJID | TRTSDT | TRTEDT | AP01SDT | AP01EDT |\n| 01 | 2024-01-01 | 2024-02-01 | 2024-01-01 | 2024-02-01 |",
            adae="| USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT |\n| 01 | 1 | Nausea | Gut | 2024-02-10 |",
        )  # fmt: skip
        result = find("ae_by_term").run(data, data.everybody, {"category": "all", "columns": "APERIODC"})
        assert cell(result, "Any event", "n", "On") == 1

    def test_a_period_number_below_one_names_no_period(self, tmp_path):
        toml = '[[periods]]\nlabel = "On"\n[[periods]]\nlabel = "After"\nkind = "follow_up"\n'
        data = study(
            tmp_path, toml,
            adsl="| USUBJID | TRTSDT | TRTEDT | LSTALVDT |\n| 01 | 2024-01-01 | 2024-02-01 | 2024-06-01 |",
            adae="| USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT | APERIOD |\n| 01 | 1 | Nausea | Gut | 2024-03-10 | -1 |",
        )  # fmt: skip
        result = find("ae_by_term").run(data, data.everybody, {"category": "all", "columns": "APERIODC"})
        assert cell(result, "Any event", "n", "After") == 1
