"""Every output of adverse events on one study small enough to count by hand."""

import pandas as pd
import pytest

from core.ard import Result
from core.data import Data
from core.outputs import find
from core.tables.render import gt
from tests.drawing import cell

PERIODS = """arm = "TRT01A"
[[periods]]
label = "Before"
kind = "before"
[[periods]]
label = "On treatment"
[[periods]]
label = "Follow-up"
kind = "follow_up"
"""
# The window ends on 1 March. 03 has no events, 04 goes on with treatment at the data cut, 05 was never dosed.
ADSL = """
| USUBJID | TRT01A | AGE | TRTSDT     | TRTEDT     | DTHFL | DTHDT      | LSTALVDT   |
| 01      | A      | 70  | 2024-01-01 | 2024-01-31 |       |            | 2024-06-01 |
| 02      | A      | 71  | 2024-01-01 | 2024-01-31 | Y     | 2024-02-10 |            |
| 03      | B      | 72  | 2024-01-01 | 2024-01-31 |       |            | 2024-06-01 |
| 04      | B      | 73  | 2024-12-01 |            |       |            |            |
| 05      | B      | 74  |            |            |       |            |            |
"""
ADAE = """
| USUBJID | AESEQ | AEBODSYS | AEDECOD  | AETOXGR | AESER | AEREL       | AEACN            | AEOUT              | AESTDTC    | ASTDT      | ASTDTF | AENDT      |
| 01      | 1     | Gut      | Nausea   | 1       | N     | NOT RELATED | DOSE NOT CHANGED | RECOVERED/RESOLVED | 2024-01-01 | 2024-01-01 |        | 2024-01-10 |
| 01      | 2     | Gut      | Nausea   | 3       | Y     | RELATED     | DOSE REDUCED     | RECOVERED/RESOLVED | 2024-01-11 | 2024-01-11 |        | 2024-01-20 |
| 01      | 3     | Gut      | Vomiting |         | N     |             |                  | UNKNOWN            | 2024-03-01 | 2024-03-01 |        |            |
| 01      | 4     | Skin     | Rash     | 2       | N     | RELATED     |                  |                    | 2024-03-02 | 2024-03-02 |        |            |
| 01      | 5     | Skin     | Itch     | 1       | N     | RELATED     |                  |                    | 2023-12-31 | 2023-12-31 |        |            |
| 02      | 1     | Gut      | Nausea   | 5       | Y     | RELATED     |                  | FATAL              | 2024-02-10 | 2024-02-10 |        |            |
| 02      | 2     | Skin     | Rash     | 2       | N     | PERHAPS     |                  |                    | 2024-01    | 2024-01-01 | D      |            |
| 04      | 1     | Gut      | Vomiting | 2       | N     | NOT RELATED |                  |                    |            |            |        |            |
| 04      | 2     | Gut      | Nausea   | 4       | Y     | RELATED     | DRUG WITHDRAWN   |                    | 2024-12-05 | 2024-12-05 |        |            |
| 05      | 1     | Skin     | Rash     | 1       | N     | RELATED     |                  |                    | 2024-02-01 | 2024-02-01 |        |            |
"""
ADEX = """
| USUBJID | EXTRT | EXDOSE | EXDOSU | ASTDT      |
| 01      | DRUG  | 25     | mg/m2  | 2024-01-01 |
| 01      | DRUG  | 20     | mg/m2  | 2024-01-22 |
| 02      | DRUG  | 25     | mg/m2  | 2024-01-01 |
| 03      | DRUG  | 25     | mg/m2  | 2024-01-01 |
| 03      | DRUG  | 25     | mg/m2  | 2024-01-22 |
| 04      | DRUG  | 25     | mg/m2  | 2024-12-01 |
"""
ADLB = """
| USUBJID | PARAMCD | PARAM       | AVISIT   | ADT        | AVAL | A1LO | A1HI |
| 01      | NEUT    | Neutrophils | Baseline | 2024-01-01 | 3.9  | 2    | 7.5  |
| 01      | NEUT    | Neutrophils | Nadir    | 2024-01-13 | 0.4  | 2    | 7.5  |
| 01      | NEUT    | Neutrophils | End      | 2024-02-25 | 9.9  | 2    | 7.5  |
| 01      | ALB     | Albumin     | Nadir    | 2024-01-11 | 41   | 35   | 50   |
"""
MONTH = 30.4375


@pytest.fixture
def data(draw) -> Data:
    return draw(PERIODS, adsl=ADSL, adae=ADAE, adex=ADEX, adlb=ADLB)


def run(data: Data, output: str, **options: object) -> Result:
    return find(output).run(data, data.study.populations[0], options)


def both(result: Result, row: str, column: str = "Total", context: str = "") -> tuple[float, float]:
    """Subjects and events."""
    return cell(result, row, "n", column, context), cell(result, row, "events", column, context)


@pytest.mark.parametrize(
    "category, before, treated, after, total",
    [
        # event 1 of 04 has no date: in no period, in the total only
        ("all", (1, 1), (3, 4), (2, 3), (3, 9)),
        ("teae", (0, 0), (3, 4), (2, 2), (3, 7)),  # 1 January and 1 March are in, 31 December and 2 March are not
        ("serious", (0, 0), (2, 2), (1, 1), (3, 3)),
        ("related", (1, 1), (3, 3), (2, 3), (3, 7)),  # blank, and PERHAPS which is in neither list, count as related
        ("grade34", (0, 0), (2, 2), (0, 0), (2, 2)),  # Grade 5 is not Grade 3 or 4
        ("fatal", (0, 0), (0, 0), (1, 1), (1, 1)),
        ("discontinued", (0, 0), (1, 1), (0, 0), (1, 1)),
        ("related_teae", (0, 0), (3, 3), (2, 2), (3, 5)),
        ("related_serious", (0, 0), (2, 2), (1, 1), (3, 3)),
        ("related_grade34", (0, 0), (2, 2), (0, 0), (2, 2)),
        ("related_fatal", (0, 0), (0, 0), (1, 1), (1, 1)),
        ("related_discontinued", (0, 0), (1, 1), (0, 0), (1, 1)),
    ],
)
def test_each_category_by_period_in_every_table(data: Data, category: str, before, treated, after, total) -> None:  # type: ignore[no-untyped-def]
    overview = run(data, "ae_overview", columns="APERIODC")
    assert [both(overview, category, at) for at in ("Before", "On treatment", "Follow-up", "Total")] == [
        before, treated, after, total,
    ]  # fmt: skip
    for output, context in (("ae_by_term", ""), ("ae_by_grade", "any")):
        result = run(data, output, category=category, columns="APERIODC")
        counted = [both(result, "Any event", at, context) for at in ("Before", "On treatment", "Follow-up", "Total")]
        assert counted == [before, treated, after, total], output
    listed = run(data, "ae_listing", category=category)
    assert (listed.records.USUBJID.nunique(), len(listed.records)) == total
    assert both(listed, listed.ard.variable_level.iloc[0]) == total


def test_of_each_period_those_who_entered_it_are_the_denominator(data: Data) -> None:
    result = run(data, "ae_overview", columns="APERIODC")
    assert [cell(result, "all", "N", at) for at in ("Before", "On treatment", "Follow-up", "Total")] == [4, 4, 3, 4]


def test_of_each_arm_its_own_subjects_are_the_denominator_with_and_without_events(data: Data) -> None:
    result = run(data, "ae_overview", columns="TRT01A")
    assert [both(result, "teae", at) for at in ("A", "B", "Total")] == [(2, 5), (1, 2), (3, 7)]
    assert [cell(result, "teae", "percent", at) for at in ("A", "B", "Total")] == [100, 50, 75]


def test_worst_grade_and_deaths_by_period(data: Data) -> None:
    result = run(data, "ae_overview", columns="APERIODC")
    graded = {
        at: [int(cell(result, grade, "n", at)) for grade in ("1", "2", "3", "4", "5", "missing")]
        for at in ("Before", "On treatment", "Follow-up", "Total")
    }
    assert graded == {
        "Before": [1, 0, 0, 0, 0, 0],
        "On treatment": [0, 1, 1, 1, 0, 0],
        "Follow-up": [0, 1, 0, 0, 1, 0],  # of 01 the missing grade does not beat Grade 2
        "Total": [0, 0, 1, 1, 1, 0],
    }
    assert [cell(result, "any", "n", at) for at in ("Before", "On treatment", "Follow-up", "Total")] == [0, 0, 1, 1]


def test_notes_tell_what_was_decided_by_rule(data: Data) -> None:
    notes = "\n".join(run(data, "ae_by_term", category="related_teae", columns="APERIODC").notes)
    assert "2 of 5 events (related and treatment-emergent) have no relation recorded" in notes
    notes = "\n".join(run(data, "ae_by_grade", category="teae", columns="APERIODC").notes)
    assert "2 of 7 events (treatment-emergent) have a partial or missing onset" in notes
    assert "1 of 7 events (treatment-emergent) have no onset in any period and count in the total only." in notes
    assert (
        "1 of 7 events (treatment-emergent) have a partial onset and count in the period of the date imputed" in notes
    )
    assert "1 of 7 events (treatment-emergent) have no grade." in notes


def test_one_never_dosed_has_no_treatment_emergent_event_and_no_day_at_risk(data: Data) -> None:
    everybody = find("ae_by_term").run(data, data.everybody, {"category": "teae"})
    assert both(everybody, "Any event") == (3, 7)
    assert cell(everybody, "Any event", "N") == 5
    every = find("ae_by_term").run(data, data.everybody, {"category": "all", "columns": "APERIODC"})
    assert both(every, "Any event", "Before") == (2, 2), "all that happens to the never dosed is before treatment"
    rates = find("ae_rates").run(data, data.everybody, {"category": "all"})
    assert cell(rates, "Any event", "n_at_risk", context="first_event") == 4
    assert "1 subject on view without a first dose: not at risk." in rates.notes


# Days at risk: 01 61 (1 January to 1 March), 02 41 (to death), 03 61, 04 31 (to the data cut): 194.
def test_rates_are_first_events_per_time_until_them(data: Data) -> None:
    result = run(data, "ae_rates", category="serious", by_day=30)
    # 11 days until the event of 01, 41 of 02, 5 of 04; 03 had none in 61.
    assert cell(result, "Any event", "patient_months", context="first_event") == pytest.approx(118 / MONTH)
    assert cell(result, "Any event", "rate", context="first_event") == pytest.approx(100 * 3 / (118 / MONTH))
    # Garwood: the limits of a count of 3 are 0.6187 and 8.7673
    assert cell(result, "Any event", "conf_low", context="first_event") == pytest.approx(
        61.867 / (118 / MONTH), rel=1e-4
    )
    assert cell(result, "Any event", "conf_high", context="first_event") == pytest.approx(
        876.73 / (118 / MONTH), rel=1e-4
    )
    assert cell(result, "Any event", "rate", context="all_events") == pytest.approx(100 * 3 / (194 / MONTH))
    assert "conf_low" not in set(result.ard.stat_name[result.ard.context == "all_events"]), "repeated events have none"


def test_a_rate_of_no_event_has_its_upper_limit(data: Data) -> None:
    # Nobody had a fatal event in treatment: 0 in 4 times 31 days, with the upper limit of 0, 3.6889.
    result = run(data, "ae_rates", category="fatal", columns="APERIODC")
    one = {
        name: cell(result, "Any event", name, "On treatment", "first_event")
        for name in ("n", "rate", "conf_low", "conf_high")
    }
    assert one == {"n": 0, "rate": 0, "conf_low": 0, "conf_high": pytest.approx(368.888 / (124 / MONTH), rel=1e-4)}


def test_cumulative_incidence_by_hand(data: Data) -> None:
    # Events on day 5, 11 and 41, the window's end on day 61: 1/4, then + 3/4 * 1/3, then + 1/2 * 1/2.
    for day, share in ((4, 0), (5, 1 / 4), (30, 1 / 2), (41, 3 / 4), (61, 3 / 4)):
        result = run(data, "ae_rates", category="serious", by_day=day)
        assert cell(result, "Any event", "estimate", context="cumulative_incidence") == pytest.approx(share), day


def test_death_competes_and_the_data_cut_censors(data: Data) -> None:
    # Vomiting: 04 on day 1 (no date), 01 on day 61; the cut takes nobody else; 02 dies on day 41, without it.
    # 1/4, then by day 61 3/4 * 2/3 (after the death) * 1/2: one minus Kaplan-Meier would be 5/8.
    result = run(data, "ae_rates", category="teae", event="Vomiting", by_day=61)
    assert cell(result, "Vomiting", "estimate", context="cumulative_incidence") == pytest.approx(
        1 / 4 + 3 / 4 * 2 / 3 / 2
    )
    curve = result.ard[(result.ard.context == "curve_death") & (result.ard.stat_name == "estimate")]
    assert curve.stat.max() == pytest.approx(3 / 4 * 1 / 3)
    # Rash: the cut takes 04 on day 31, before the death of day 41, so that death is of 2 of 3 after 1/4: 02 itself has had it.
    rash = run(data, "ae_rates", category="teae", event="Rash", by_day=61)
    assert rash.records.set_index("USUBJID").ended.to_dict() == {
        "01": "Window ended", "02": "Event", "03": "Window ended", "04": "Data cut",
    }  # fmt: skip


def test_the_days_at_risk_of_periods_are_parts_of_those_of_the_total(data: Data) -> None:
    result = run(data, "ae_rates", category="serious", columns="APERIODC")
    months = {
        at: cell(result, "Any event", "patient_months", at, "all_events") * MONTH
        for at in ("On treatment", "Follow-up", "Total")
    }
    # Follow-up stops at the window's end (30 days of 01 and 03) and at death (10 of 02), long before the last sign of life.
    assert months == pytest.approx({"On treatment": 124, "Follow-up": 70, "Total": 194})
    before = result.ard[(result.ard.group1_level == "Before") & (result.ard.stat_name == "rate")]
    assert set(before.warning) == {"no subject at risk in this column"}


def test_an_event_after_the_window_counts_in_no_rate(data: Data) -> None:
    result = run(data, "ae_rates", category="all", columns="APERIODC")
    assert "Itch" not in set(result.ard.variable_level), "the day before the first dose"
    assert cell(result, "Rash", "n", "Follow-up", "first_event") == 0, "the day after the window"
    assert "2 of 9 events began outside the days at risk and do not count here." in result.notes


def test_a_partial_onset_counts_in_the_rate_of_its_period(draw) -> None:
    data = draw(
        PERIODS,
        adsl="| USUBJID | TRT01A | TRTSDT | TRTEDT | LSTALVDT |\n| 01 | A | 2024-01-01 | 2024-02-14 | 2024-06-01 |",
        adae="""| USUBJID | AESEQ | AEBODSYS | AEDECOD | AESER | ASTDT      | ASTDTF |
                | 01      | 1     | Gut      | Nausea  | Y     | 2024-02-20 | D      |""",
    )
    assert cell(run(data, "ae_by_term", category="all", columns="APERIODC"), "Nausea", "n", "Follow-up") == 1
    rates = run(data, "ae_rates", category="all", columns="APERIODC")
    assert cell(rates, "Nausea", "n", "Follow-up", "first_event") == 1
    # The first day it can have been is 1 February, before the period: of the period, its first day.
    assert cell(rates, "Nausea", "patient_months", "Follow-up", "first_event") == pytest.approx(1 / MONTH)


def test_an_onset_known_to_the_day_only_as_collected_has_its_period(draw) -> None:
    data = draw(
        PERIODS,
        adsl="| USUBJID | TRT01A | TRTSDT | TRTEDT | LSTALVDT |\n| 01 | A | 2024-01-01 | 2024-02-14 | 2024-06-01 |",
        adae="""| USUBJID | AESEQ | AEBODSYS | AEDECOD | AESER | AESTDTC    |
                | 01      | 1     | Gut      | Nausea  | Y     | 2024-01-05 |""",
    )
    assert cell(run(data, "ae_by_term", category="all", columns="APERIODC"), "Nausea", "n", "On treatment") == 1


@pytest.mark.parametrize(
    "day, N, n, grade", [(1, 4, 3, "2"), (11, 4, 3, "4"), (41, 3, 1, "5"), (42, 2, 0, ""), (61, 2, 1, "missing")]
)
def test_ongoing_on_a_day_of_those_under_observation(data: Data, day: int, N: int, n: int, grade: str) -> None:
    result = run(data, "ae_prevalence", category="teae", step="day")
    assert (cell(result, str(day), "N", context="any"), cell(result, str(day), "n", context="any")) == (N, n)
    if grade:
        assert cell(result, str(day), "n", context=grade) >= 1


def test_a_subject_is_ongoing_once_at_the_worst_grade_of_the_day(data: Data) -> None:
    # On day 11: Grade 3 of 01 (Grade 1 ended the day before), 2 of 02, and of 04 with Grades 2 and 4 the worse.
    result = run(data, "ae_prevalence", category="teae", step="day")
    assert [cell(result, "11", "n", context=g) for g in ("1", "2", "3", "4", "5", "missing")] == [0, 1, 1, 1, 0, 0]
    assert [cell(result, "10", "n", context=g) for g in ("1", "2", "3", "4", "5", "missing")] == [1, 1, 0, 1, 0, 0]


def test_onset_by_cycle_and_by_weeks(data: Data) -> None:
    result = run(data, "ae_by_cycle", category="teae", block="cycle")
    got = {
        at: (cell(result, "Any event", "n", context=at), cell(result, "Any event", "N", context=at))
        for at in ("Cycle 1", "Cycle 2")
    }
    assert got == {"Cycle 1": (3, 4), "Cycle 2": (1, 2)}
    weeks = run(data, "ae_by_cycle", category="teae", block="four_weeks")
    got = {
        at: (cell(weeks, "Any event", "n", context=at), cell(weeks, "Any event", "N", context=at))
        for at in ("Weeks 1-4", "Weeks 5-8", "Weeks 9-12")
    }
    assert got == {"Weeks 1-4": (3, 4), "Weeks 5-8": (1, 4), "Weeks 9-12": (1, 2)}


def test_a_dose_before_the_first_day_at_risk_begins_no_cycle(draw) -> None:
    data = draw(
        adsl="| USUBJID | TRTSDT     | TRTEDT     |\n| 01      | 2024-01-02 | 2024-02-14 |",
        adae="""| USUBJID | AESEQ | AEBODSYS | AEDECOD | AESER | ASTDT      |
                | 01      | 1     | Gut      | Nausea  | Y     | 2024-01-05 |""",
        adex="| USUBJID | EXTRT | ASTDT      |\n| 01      | DRUG  | 2024-01-01 |\n| 01      | DRUG  | 2024-01-22 |",
    )
    result = run(data, "ae_by_cycle", category="all", block="cycle")
    assert [cell(result, "Nausea", name, context="Cycle 1") for name in ("n", "N")] == [0, 0]
    assert "1 event in none of those shown." in result.notes


def test_a_listing_tells_days_as_they_are_known(data: Data) -> None:
    records = run(data, "ae_listing", category="all").records
    assert records.USUBJID.tolist() == ["01"] * 5 + ["02"] * 2 + ["04"] * 2
    first = records[records.USUBJID == "01"].set_index("onset")
    assert first.onset_day.to_dict() == {
        "2023-12-31": -1, "2024-01-01": 1, "2024-01-11": 11, "2024-03-01": 61, "2024-03-02": 62,
    }  # fmt: skip
    nausea = first.loc["2024-01-11"]
    assert (nausea.end_day, nausea.duration, nausea.cycle, nausea.days_since_dose) == (20, 10, 1, 10)
    assert (nausea.dose_at_onset, nausea.period, nausea.serious, nausea.related) == (
        "25 mg/m2 DRUG",
        "On treatment",
        "Y",
        "Y",
    )
    assert pd.isna(first.loc["2023-12-31"].dose_at_onset)
    vague = records[records.onset.isin(["2024-01", "unknown"])]
    assert vague.USUBJID.tolist() == ["02", "04"]
    assert vague[["onset_day", "duration", "cycle", "days_since_dose"]].isna().all(axis=None)
    assert list(records.end[records.AEOUT.eq("UNKNOWN")]) == ["ongoing"]


def test_a_listing_of_the_worse_grades_keeps_grade_5(data: Data) -> None:
    records = run(data, "ae_listing", category="grade3up").records
    assert records.AETOXGR.tolist() == ["3", "5", "4"]


def test_a_sheet_tells_the_whole_story(data: Data) -> None:
    sheets = run(data, "sae_narratives").records.set_index("USUBJID")
    assert sheets.index.tolist() == ["01", "02", "04"]
    first = sheets.loc["01"]
    assert first.patient == "70 years, A"
    assert first.treatment == "First dose 2024-01-01, last 2024-01-31"
    assert first.event == "Nausea, Gut"
    assert (first.onset_text, first.end_text) == (
        "2024-01-11, day 11, cycle 1, On treatment",
        "2024-01-20, day 20; lasted 10 days",
    )
    assert (first.grade_text, first.relation) == ("Grade 3", "Related; counts as related")
    assert (first.action, first.outcome) == ("Dose reduced", "Recovered/resolved")
    assert first.doses_before == "25 mg/m2 DRUG, cycle 1, 2024-01-01 (10 days before)"
    assert first.laboratory == "Neutrophils: 3.9 (10 days before), 0.4 L (2 days after)", (
        "the value of 45 days later is not around it"
    )
    assert first.laboratory_normal == "Albumin"
    assert first.others == "Itch (Grade 1)", "without an end it is still under way; Grade 1 nausea ended the day before"
    assert sheets.loc["02"].death == "2024-02-10"
    assert sheets.loc["02"].others == "Rash (Grade 2)"
    assert sheets.loc["02"].laboratory == "No value within 14 days"


def test_the_sheets_are_named_by_sequence_number(data: Data) -> None:
    ard = run(data, "sae_narratives").ard
    assert set(ard.variable_level[ard.variable == "SERIOUS_EVENT"]) == {"01, event 2", "02, event 1", "04, event 2"}
    ends = ard[(ard.stat_name == "end_day") & ard.stat.isna()]
    assert set(ends.warning) == {"no end is recorded"}


def test_text_from_data_is_shown_as_text(draw) -> None:
    data = draw(
        PERIODS, adsl=ADSL, adex=ADEX, adlb=ADLB,
        adae=ADAE.replace("Nausea  ", "<b>x</b>").replace("RECOVERED/RESOLVED", "<script>alert(1)</script>"),
    )  # fmt: skip
    for output in ("sae_narratives", "ae_listing", "ae_rates", "ae_by_cycle"):
        html = gt(find(output).show(run(data, output), data)).as_raw_html()  # type: ignore[arg-type]
        assert "<b>x" not in html and "<script>alert" not in html, output
        assert "&lt;b&gt;x" in html, output


def test_each_course_has_its_days_doses_and_events(data: Data) -> None:
    result = run(data, "ae_timeline", category="all", order="subject")
    got = {
        subject: [cell(result, subject, name) for name in ("days_on_treatment", "doses", "events")]
        for subject in ("01", "02", "03", "04")
    }
    assert got == {"01": [31, 2, 5], "02": [31, 1, 2], "03": [31, 2, 0], "04": [31, 1, 2]}
    assert [cell(result, "02", "days_observed"), cell(result, "04", "days_observed")] == [41, 31]
    assert "05" not in set(result.ard.variable_level)
    ends = result.records[result.records.kind == "end"]
    assert ends.text.tolist() == ["After treatment", "Died", "After treatment", "On treatment"]


@pytest.mark.parametrize(
    "output", ["ae_rates", "ae_listing", "sae_narratives", "ae_prevalence", "ae_by_cycle", "ae_timeline"]
)
def test_only_what_was_collected_is_counted(draw, output: str) -> None:
    data = draw(adsl=ADSL, adae=ADAE.replace("| Y     |", "|       |").replace("| N     |", "|       |"))
    options = {} if output == "sae_narratives" else {"category": "serious"}
    result = run(data, output, **options)
    empty = result.ard[result.ard.stat_name.isin(["n", "events"])]
    assert empty.stat.isna().all()
    assert empty.warning.str.startswith("not collected: AESER").all()
    assert find(output).show(result, data)


@pytest.mark.parametrize(
    "output", ["ae_rates", "ae_listing", "sae_narratives", "ae_prevalence", "ae_by_cycle", "ae_timeline"]
)
def test_nothing_but_subjects_and_events_will_do(draw, output: str) -> None:
    data = draw(
        adsl="| USUBJID | SAFFL |\n| 01      | Y     |",
        adae="| USUBJID | AEBODSYS | AEDECOD | AESER |\n| 01 | Gut | Nausea | Y |",
    )
    options = {} if output == "sae_narratives" else {"category": "all"}
    result = run(data, output, **options)
    assert (result.ard.warning[result.ard.stat.isna()] != "").all()
    assert find(output).show(result, data)
