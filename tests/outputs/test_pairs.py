"""Pairs of biopsies, from drawn records to the answer: who forms one, who does not and why, and by which rule."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.ard import Result
from core.data import Data
from core.errors import OptionError
from core.outputs import find, markers
from core.stats.below_limit import RULES
from core.study import Population
from core.tables.layout import Layout
from core.where import Condition, Where
from tests.drawing import study

Draw = Callable[..., Data]
TOML = """
[timepoints]
baseline = "Baseline"
follow_up = "Week 9"
[[visits]]
AVISIT = "Week 9"
target_day = 64
first_day = 50
last_day = 85
[[filters]]
variable = "SEX"
label = "Sex"
[[parameters]]
PARAMCD = "KLK3"
label = "KLK3"
specimen = "bone marrow"
LLOQ = 0.5
[[parameters]]
PARAMCD = "PSA"
label = "PSA"
specimen = "serum"
scale = "log2"
"""
ADSL = "| USUBJID | TRTSDT | AGE | SEX |" + "".join(
    f"\n| {number:02} | 2024-02-01 | 60 | {'MF '[number % 3]} |" for number in range(1, 14)
)
ADBM = """
    | USUBJID | PARAMCD | AVISIT   | AVISITN | ADT        | AVAL | AVALC | BEREFID |
    | 01      | KLK3    | Baseline | 0       | 2024-01-30 | 10   |       | B       |
    | 01      | KLK3    | Week 9   | 9       | 2024-04-04 | 7    |       | W       |
    | 02      | KLK3    | Baseline | 0       | 2024-01-30 | 8    |       | B       |
    | 02      | KLK3    | Week 9   | 9       | 2024-04-04 | 9    |       | W       |
    | 03      | KLK3    | Baseline | 0       | 2024-01-30 | 6    |       | B       |
    | 03      | KLK3    | Week 9   | 9       | 2024-04-04 |      | BLQ   | W       |
    | 04      | KLK3    | Baseline | 0       | 2024-01-30 | <0.5 |       | B       |
    | 04      | KLK3    | Week 9   | 9       | 2024-04-04 | 2    |       | W       |
    | 05      | KLK3    | Baseline | 0       | 2024-01-30 |      | <0.5  | B       |
    | 05      | KLK3    | Week 9   | 9       | 2024-04-04 |      | <0.2  | W       |
    | 06      | KLK3    | Baseline | 0       | 2024-01-30 | 5    |       | B       |
    | 06      | KLK3    | Week 9   | 9       | 2024-04-04 | 1    |       | W       |
    | 07      | KLK3    | Baseline | 0       | 2024-01-30 | 4    |       | B       |
    | 08      | KLK3    | Baseline | 0       | 2024-01-30 |      |       | B       |
    | 08      | KLK3    | Week 9   | 9       | 2024-04-04 | 3    |       | W       |
    | 10      | KLK3    | Baseline | 0       | 2024-01-30 | 5    |       | B       |
    | 11      | KLK3    | Baseline | 0       | 2024-01-30 | 5    |       | B       |
    | 11      | KLK3    | Week 9   | 9       | 2024-04-04 |      | QNS   | W       |
    | 12      | KLK3    | Baseline | 0       | 2024-01-30 | 5    |       |         |
    | 12      | KLK3    | Week 9   | 9       | 2024-04-04 | 6    |       | W       |
    | 13      | KLK3    | Baseline | 0       | 2024-01-30 | 5    |       | B       |
    | 13      | KLK3    | Week 9   | 9       | 2024-05-30 | 6    |       | W       |
    | 02      | PSA     | Baseline | 0       | 2024-01-30 | 16   |       |         |
    | 02      | PSA     | Week 9   | 9       | 2024-04-04 | 4    |       |         |
    | 07      | PSA     | Baseline | 0       | 2024-01-30 | 8    |       |         |
    | 07      | PSA     | Week 9   | 9       | 2024-04-04 | 4    |       |         |
"""
ADBE = """
    | USUBJID | BEREFID | AVISIT   | ADT        | EVALFL | EVALREAS    |
    | 07      | B       | Baseline | 2024-01-30 | Y      |             |
    | 07      | W       | Week 9   | 2024-04-04 | N      | Dry tap     |
    | 08      | B       | Baseline | 2024-01-30 | N      | No tumour   |
    | 08      | W       | Week 9   | 2024-04-04 | Y      |             |
    | 10      | B       | Baseline | 2024-01-30 | Y      |             |
    | 10      | W       | Week 9   | 2024-04-04 | Y      |             |
    | 11      | B       | Baseline | 2024-01-30 | Y      |             |
    | 11      | W       | Week 9   | 2024-04-04 | Y      |             |
    | 12      | B       | Baseline | 2024-01-30 | N      | Hemodiluted |
    | 12      | W       | Week 9   | 2024-04-04 | Y      |             |
    | 13      | B       | Baseline | 2024-01-30 | Y      |             |
    | 13      | W       | Week 9   | 2024-05-30 | Y      |             |
""" + "".join(
    f"| {number:02} | {name} | {visit} | {day} | Y | |\n"
    for number in range(1, 7)
    for name, visit, day in (("B", "Baseline", "2024-01-30"), ("W", "Week 9", "2024-04-04"))
)
CHANGES = {"01": -3.0, "02": 1.0, "03": -5.75, "04": 1.75, "05": 0.0, "06": -4.0}
"""Half the limit of 0.5 is 0.25; both values of subject 05 are below a limit."""
OUTSIDE = "Day 120, outside the window of 50 to 85"
WITHOUT = {
    "07": ("", "Dry tap"),
    "08": ("No tumour", ""),
    "09": ("Nothing recorded", "Nothing recorded"),
    "10": ("", "Evaluable specimen without a result of this marker"),
    "11": ("", "No result: QNS"),
    "12": ("Hemodiluted", ""),
    "13": ("", OUTSIDE),
}
# Onset of serious events beside the second biopsy of 2024-04-04; the last column is for a reader of this file.
ADAE = """
    | USUBJID | AESEQ | AEDECOD | AEBODSYS | AESER | AESTDTC    | ASTDT      | ASTDTF | WHY                       |
    | 01      | 1     | Sepsis  | x        | Y     |            | 2024-04-03 |        | the day before            |
    | 01      | 2     | Sepsis  | x        | Y     |            | 2024-05-01 |        | another, later            |
    | 02      | 1     | Sepsis  | x        | Y     |            | 2024-04-04 |        | the same day              |
    | 02      | 2     | Nausea  | x        | N     |            | 2024-02-02 |        | before, but not serious   |
    | 03      | 1     | Sepsis  | x        | Y     |            | 2024-04-05 |        | the day after             |
    | 04      | 1     | Sepsis  | x        | Y     | 2024-03    |            |        | 31 March at the latest    |
    | 05      | 1     | Sepsis  | x        | Y     | 2024-04    | 2024-04-01 | D      | perhaps 30 April          |
    | 06      | 1     | Sepsis  | x        | Y     |            |            |        | unknown                   |
    | 07      | 1     | Sepsis  | x        | Y     |            | 2024-02-02 |        | no second biopsy          |
    | 08      | 1     | Nausea  | x        | Y     | 2023       | 2023-07-01 | M      | 31 December at the latest |
"""
SERIOUS = "AE.SERIOUS EQ Y"


def lines(drawing: str) -> tuple[str, list[str]]:
    head, *rows = [line for line in drawing.strip().splitlines() if line.strip()]
    return head, rows


def drawn(head: str, rows: list[str]) -> str:
    return "\n".join([head, *rows])


def change(data: Data, population: Population | None = None, **options: str) -> Result:
    return find("paired_change").run(data, population or data.everybody, options)


def number(result: Result, context: str, stat: str, level: str = "", at: str = "") -> float:
    ard = result.ard
    found = ard[
        (ard.context == context) & (ard.stat_name == stat) & (ard.group1_level == level) & (ard.group2_level == at)
    ]
    assert len(found) == 1
    assert (found.warning.iloc[0] == "") == found.stat.notna().iloc[0]
    return float(found.stat.iloc[0])


def only(data: Data, *subjects: str) -> Population:
    return data.everybody.filtered(Where(Condition("USUBJID", "IN", subjects)))


def same_numbers(found: Result, expected: Result) -> None:
    pd.testing.assert_frame_equal(found.ard, expected.ard, rtol=1e-12)


@pytest.fixture(scope="module")
def drawn_study(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("pairs"), TOML, adsl=ADSL, adbm=ADBM, adbe=ADBE, adae=ADAE)


@pytest.fixture(scope="module")
def result(drawn_study) -> Result:
    return change(drawn_study)


class TestWhoFormsAPair:
    def test_each_subject_on_view_is_one_record(self, result: Result):
        assert list(result.records.USUBJID) == [f"{number:02}" for number in range(1, 14)]
        assert result.N == number(result, "pairs", "N") == 13

    def test_those_with_a_usable_value_at_both_timepoints(self, result: Result):
        records = result.records.set_index("USUBJID")
        assert records.change[records.paired].to_dict() == pytest.approx(CHANGES)
        assert number(result, "pairs", "n_pairs") == number(result, "paired_t", "n") == 6
        assert number(result, "pairs", "n_missing") == 7
        assert number(result, "paired_t", "mean_change") == pytest.approx(-10 / 6)
        assert [number(result, "pair_states", state) for state in ("both_measured", "fell_below", "rose_above", "both_below")] == [3, 1, 1, 1]  # fmt: skip

    def test_all_others_have_the_reason_where_it_is_missing(self, result: Result):
        """The specimen's own where it was not evaluable, even if a record stands there without a result."""
        records = result.records[~result.records.paired].set_index("USUBJID")
        assert dict(zip(records.index, zip(records.earlier_missing, records.later_missing, strict=True), strict=True)) == WITHOUT  # fmt: skip

    def test_a_value_is_missing_exactly_where_a_reason_stands(self, result: Result):
        for at in ("earlier", "later"):
            assert ((result.records[f"{at}_missing"] == "") == result.records[at].notna()).all()

    def test_a_marker_of_serum_asks_for_no_biopsy(self, drawn_study: Data):
        found = change(drawn_study, PARAMCD="PSA")
        records = found.records.set_index("USUBJID")
        assert records.change[records.paired].to_dict() == {"02": -2.0, "07": -1.0}
        assert set(records.later_missing[~records.paired]) == {"Nothing recorded"}

    def test_the_file_has_the_same_subjects_and_changes(self, result: Result):
        frame = find("paired_change").records(result)
        assert list(frame.USUBJID) == list(result.records.USUBJID)
        assert dict(zip(frame.USUBJID, frame["in analysis"], strict=True)) == {
            subject: "Y" if subject in CHANGES else "N" for subject in frame.USUBJID
        }
        np.testing.assert_array_equal(frame.change, result.records.change)


class TestOrderOfRecords:
    @pytest.mark.parametrize("seed", range(4))
    def test_says_nothing(self, tmp_path: Path, drawn_study: Data, seed: int):
        mixed, dice = {}, random.Random(seed)
        for name, drawing in (("adsl", ADSL), ("adbm", ADBM), ("adbe", ADBE), ("adae", ADAE)):
            head, rows = lines(drawing)
            mixed[name] = drawn(head, dice.sample(rows, len(rows)))
        other = study(tmp_path, TOML, **mixed)
        assert other.snapshot != drawn_study.snapshot
        for options in ({}, {"PARAMCD": "PSA"}, {"split": "SEX"}, {"split": SERIOUS}, {"blq": "lowest"}):
            found, expected = change(other, **options), change(drawn_study, **options)
            same_numbers(found, expected)
            assert found.notes == expected.notes
            pd.testing.assert_frame_equal(found.records, expected.records)


class TestRemovingOneVisit:
    @pytest.mark.parametrize(("subject", "visit"), [
        ("01", "Week 9"), ("02", "Baseline"), ("03", "Week 9"), ("04", "Baseline"), ("05", "Week 9"), ("06", "Baseline"),
    ])  # fmt: skip
    def test_removes_exactly_that_pair(self, tmp_path: Path, result: Result, subject: str, visit: str):
        head, rows = lines(ADBM)
        own = [row for row in rows if f"| {subject}  " in row and "KLK3" in row]
        (gone,) = [row for row in own if visit in row]
        one = study(tmp_path / "one", TOML, adsl=ADSL, adbm=drawn(head, [r for r in rows if r != gone]), adbe=ADBE)
        both = study(tmp_path / "both", TOML, adsl=ADSL, adbm=drawn(head, [r for r in rows if r not in own]), adbe=ADBE)
        found = change(one)
        same_numbers(found, change(both))
        before, after = result.records.set_index("USUBJID"), found.records.set_index("USUBJID")
        assert set(before.index[before.paired]) - set(after.index[after.paired]) == {subject}
        assert number(found, "pairs", "n_pairs") == 5
        kept = [
            "earlier",
            "later",
            "change",
            "earlier_below",
            "later_below",
            "paired",
            "earlier_missing",
            "later_missing",
        ]
        pd.testing.assert_frame_equal(after.drop(subject)[kept], before.drop(subject)[kept])
        other = "later" if visit == "Baseline" else "earlier"
        assert after[other][subject] == before[other][subject]


class TestOddChoices:
    @pytest.mark.parametrize("options", [
        {"from": "Week 9", "to": "Baseline"}, {"from": "Week 9", "to": "Week 9"}, {"from": "Week 9"}, {"to": "Baseline"},
    ])  # fmt: skip
    def test_timepoints_in_the_wrong_order_are_refused_in_a_sentence(self, drawn_study: Data, options):
        with pytest.raises(OptionError, match=r"^from=.* is not before to=.*; the order is Baseline, Week 9\.$"):
            change(drawn_study, **options)

    @pytest.mark.parametrize("options", [
        {"to": "Week 99"}, {"PARAMCD": "AR"}, {"blq": "third"}, {"scale": "ln"}, {"split": "AGE GT 60"}, {"split": "SEX AND"},
        {"split": "SEX EQ F AND AE.SERIOUS EQ Y"},
    ])  # fmt: skip
    def test_unknown_values_are_refused_in_a_sentence(self, drawn_study: Data, options):
        with pytest.raises(OptionError, match="use one of"):
            change(drawn_study, **options)

    @pytest.mark.parametrize(
        "options", [{}, {"split": "SEX"}, {"split": SERIOUS}, {"blq": "exclude"}, {"scale": "log2"}]
    )
    def test_nobody_on_view_is_an_answer(self, drawn_study: Data, options):
        found = change(drawn_study, drawn_study.everybody.filtered(Where.parse("AGE GT 500")), **options)
        assert (found.N, len(found.records)) == (0, 0)
        assert set(found.ard.stat[found.ard.stat_name.isin(["N", "n_pairs"])]) == {0}
        assert isinstance(find("paired_change").show(found, drawn_study), Layout)
        assert found.answer

    def test_subjects_on_view_without_any_pair_are_an_answer(self, drawn_study: Data):
        found = change(drawn_study, only(drawn_study, *WITHOUT))
        assert (found.N, number(found, "pairs", "n_pairs")) == (7, 0)
        assert np.isnan(number(found, "paired_t", "mean_change"))
        assert isinstance(find("paired_change").show(found, drawn_study), Layout)

    def test_a_filter_changes_the_subjects_and_nothing_of_those_who_stay(self, drawn_study: Data, result: Result):
        found = change(drawn_study, only(drawn_study, "06", "02", "09"))
        assert list(found.records.USUBJID) == ["02", "06", "09"]
        assert number(found, "pairs", "N") == 3
        assert number(found, "paired_t", "mean_change") == -1.5
        everyone = result.records.set_index("USUBJID").change
        np.testing.assert_array_equal(found.records.change, everyone[["02", "06", "09"]])

    def test_one_pair_has_a_change_and_no_test(self, drawn_study: Data):
        found = change(drawn_study, only(drawn_study, "01"))
        assert number(found, "pairs", "n_pairs") == 1
        assert number(found, "hodges_lehmann", "estimate") == -3
        assert number(found, "wilcoxon", "p_value") == 1
        assert np.isnan(number(found, "paired_t", "p_value"))
        assert isinstance(find("paired_change").show(found, drawn_study), Layout)

    @pytest.mark.parametrize(("step", "p"), [(2, 2 / 2**6), (0, 1)])
    def test_changes_that_are_all_equal_have_no_t_but_ranks(self, draw: Draw, step: int, p: float):
        """0.1 apart as recorded, which floats do not keep: 0.3 - 0.1 and 1.1 - 0.9 are the same change."""
        rows = "".join(
            f"\n| {number:02} | PSA | {visit} | {at} | {(number * 2 - 1 + at * step) / 10} |"
            for number in range(1, 7)
            for at, visit in enumerate(("Baseline", "Week 9"))
        )
        data = draw(TOML, adsl=ADSL, adbm="| USUBJID | PARAMCD | AVISIT | AVISITN | AVAL |" + rows)
        found = change(data, PARAMCD="PSA", scale="raw")
        assert number(found, "pairs", "n_pairs") == 6
        assert np.isnan(number(found, "paired_t", "p_value"))
        assert number(found, "wilcoxon", "p_value") == pytest.approx(p)
        assert number(found, "wilcoxon", "n_zero") == (0 if step else 6)
        assert number(found, "hodges_lehmann", "estimate") == pytest.approx(step / 10)
        assert isinstance(find("paired_change").show(found, data), Layout)


class TestSplitByAdverseEvent:
    """Only what began strictly before the day of the second biopsy counts."""

    def test_counts_only_what_surely_began_before(self, drawn_study: Data):
        found = change(drawn_study, split=SERIOUS)
        assert list(found.records.USUBJID[found.records.group == "Yes"]) == ["01", "04", "08"]
        assert number(found, "pairs", "n_pairs", "Yes") == 2
        assert number(found, "pairs", "n_pairs", "No") == 4
        assert number(found, "paired_t", "mean_change", "Yes") == pytest.approx((-3 + 1.75) / 2)
        assert number(found, "paired_t", "mean_change", "No") == pytest.approx((1 - 5.75 + 0 - 4) / 4)

    def test_says_what_it_is(self, drawn_study: Data):
        told = " ".join(change(drawn_study, split=SERIOUS).notes)
        assert "exploratory and not causal" in told
        assert "Such events with a partial or missing onset, not counted as before it: 2." in told
        assert "Subjects without a dated later specimen, who are in neither group: 5." in told
        assert "Exploratory, not the planned comparison" in told

    def test_takes_one_event_that_meets_all_of_a_condition(self, drawn_study: Data):
        found = change(drawn_study, split="AE.SERIOUS EQ Y AND AE.PT EQ Nausea")
        assert list(found.records.USUBJID[found.records.group == "Yes"]) == ["08"]

    def test_counts_the_events_of_subjects_on_view_only(self, drawn_study: Data):
        found = change(drawn_study, only(drawn_study, "01", "02"), split=SERIOUS)
        assert list(found.records.group) == ["Yes", "No"]
        assert "partial or missing onset" not in " ".join(found.notes)

    def test_of_a_second_biopsy_without_a_date_is_told(self, draw: Draw):
        data = draw(TOML, adsl=ADSL, adbm=ADBM.replace("2024-04-04 | 7 ", " | 7 "), adbe=ADBE, adae=ADAE)
        found = change(data, split=SERIOUS)
        assert list(found.records.USUBJID[found.records.group == "Yes"]) == ["04", "08"]
        assert "Subjects without a dated later specimen, who are in neither group: 6." in found.notes
        assert list(found.records.group[found.records.USUBJID == "01"]) == [""]

    @pytest.mark.parametrize("split", ["SEX", SERIOUS, "AE.PT EQ Sepsis", "AE.PT EQ Fever"])
    def test_groups_partition_the_subjects_who_can_be_told_apart(self, drawn_study: Data, split: str):
        for population in (drawn_study.everybody, only(drawn_study, "02", "04", "07", "09")):
            found, whole = change(drawn_study, population, split=split), change(drawn_study, population)
            groups = found.records.groupby("group")
            assert set(found.ard.group1) == {split}
            dated = found.records.later_ADT.notna() | (split == "SEX")
            assert (found.records.group[dated] != "").all()
            assert (found.records.group[~dated] == "").all()
            levels = list(dict.fromkeys(found.ard.group1_level))
            assert set(groups.groups) - {""} <= set(levels)
            for level in levels:
                assert number(found, "pairs", "N", level) == (found.records.group == level).sum()
                assert number(found, "pairs", "n_pairs", level) == found.records.paired[found.records.group == level].sum()  # fmt: skip
            assert sum(number(found, "pairs", "N", level) for level in levels) == dated.sum()
            assert sum(number(found, "pairs", "n_pairs", level) for level in levels) == number(
                whole, "pairs", "n_pairs"
            )
            own = ["group", "estimate_without", "p_without"]
            pd.testing.assert_frame_equal(found.records.drop(columns=own), whole.records.drop(columns=own))

    def test_by_a_subgroup_has_a_place_for_subjects_without_one(self, drawn_study: Data):
        found = change(drawn_study, split="SEX")
        assert list(found.records.group) == ["F", "Missing", "M"] * 4 + ["F"]


class TestBelowTheLimit:
    """One rule in the table, the records, the file and the strip of rules."""

    @pytest.mark.parametrize(("rule", "n", "mean"), [
        ("half", 6, (-3 + 1 - 5.75 + 1.75 + 0 - 4) / 6),
        ("sqrt2", 6, (-3 + 1 + (0.5 / 2**0.5 - 6) + (2 - 0.5 / 2**0.5) + 0 - 4) / 6),
        ("lloq", 6, (-3 + 1 - 5.5 + 1.5 + 0 - 4) / 6),
        ("zero", 6, (-3 + 1 - 6 + 2 + 0 - 4) / 6),
        ("exclude", 3, (-3 + 1 - 4) / 3),
        ("lowest", 6, None),
    ])  # fmt: skip
    def test_is_the_same_everywhere(self, drawn_study: Data, rule: str, n: int, mean: float | None):
        found = change(drawn_study, blq=rule)
        records = found.records
        frame = find("paired_change").records(found)
        for count in (
            number(found, "pairs", "n_pairs"), number(found, "paired_t", "n"), number(found, f"blq_{rule}", "n"),
            number(found, "wilcoxon", "n"), number(found, "summary", "n", at="Baseline"),
            number(found, "summary", "n", at="Week 9-Baseline"), records.paired.sum(), (frame["in analysis"] == "Y").sum(),
        ):  # fmt: skip
            assert count == n
        estimates = [number(found, "paired_t", "mean_change"), number(found, f"blq_{rule}", "estimate"), number(found, "summary", "mean", at="Week 9-Baseline")]  # fmt: skip
        assert number(found, "sign_test", "n_positive") == (1 if rule == "exclude" else 2)
        assert number(found, "sign_test", "n_negative") == (2 if rule == "exclude" else 3)
        stand_in = {"half": 0.25, "sqrt2": 0.5 / 2**0.5, "lloq": 0.5, "zero": 0}.get(rule, np.nan)
        own, filed = records.set_index("USUBJID"), frame.set_index("USUBJID")
        for shown in (own.later["03"], own.earlier["04"], filed["Week 9"]["03"], filed["Baseline"]["04"]):
            assert shown == pytest.approx(stand_in, nan_ok=True)
        if mean is None:
            assert np.isnan(estimates).all()
            assert number(found, "blq_lowest", "p_value") == number(found, "sign_test", "p_value")
            return
        assert estimates == pytest.approx([mean] * 3)
        assert records.change[records.paired].mean() == pytest.approx(mean)
        assert frame.change[frame["in analysis"] == "Y"].mean() == pytest.approx(mean)
        assert number(found, f"blq_{rule}", "p_value") == number(found, "paired_t", "p_value")
        difference = number(found, "summary", "mean", at="Week 9") - number(found, "summary", "mean", at="Baseline")
        shift = {"half": 0.15, "sqrt2": 0.3 / 2**0.5, "lloq": 0.3}.get(rule, 0) / n
        assert difference + shift == pytest.approx(mean), "both below differ by 0, whatever stands in for each"

    def test_the_strip_is_the_same_whatever_rule_is_chosen(self, drawn_study: Data):
        strips = []
        for rule in RULES:
            ard = change(drawn_study, blq=rule).ard
            strips.append(ard[ard.context.str.startswith("blq_")].reset_index(drop=True))
        for strip in strips:
            assert list(dict.fromkeys(strip.context)) == [f"blq_{rule}" for rule in RULES]
            pd.testing.assert_frame_equal(strip, strips[0])

    @pytest.mark.parametrize("rule", RULES)
    def test_the_panel_says_the_same_as_the_marker_alone(self, drawn_study: Data, rule: str):
        alone = {code: change(drawn_study, PARAMCD=code, blq=rule) for code in ("KLK3", "PSA")}
        ard = find("panel").run(drawn_study, drawn_study.everybody, {"blq": rule}).ard
        for code, result in alone.items():
            for context, stat in (("paired_t", "n"), ("paired_t", "mean_change"), ("paired_t", "p_value"), ("wilcoxon", "p_value")):  # fmt: skip
                (found,) = ard.stat[(ard.variable == code) & (ard.context == context) & (ard.stat_name == stat)]
                np.testing.assert_allclose(found, number(result, context, stat), rtol=1e-12)

    def test_the_share_is_told_with_the_rule(self, drawn_study: Data):
        told = " ".join(change(drawn_study, blq="lloq").notes)
        assert "4 (33.3%) of 12 values of usable pairs are below the limit of quantification; such values were replaced by the limit" in told  # fmt: skip

    def test_who_is_left_out_is_named(self, drawn_study: Data):
        told = " ".join(change(drawn_study, blq="exclude").notes)
        assert "3 usable pairs are left out" in told
        assert "(03, 04, 05)" in told

    def test_log2_with_zero_is_not_estimable_and_says_so(self, drawn_study: Data):
        found = change(drawn_study, blq="zero", scale="log2")
        assert np.isnan([number(found, "paired_t", "mean_change"), number(found, "wilcoxon", "p_value"), number(found, "sign_test", "p_value")]).all()  # fmt: skip


class TestReading:
    """core.outputs.markers.read: arrays of markers and subjects on view."""

    AT = {"from": "Baseline", "to": "Week 9"}  # noqa: RUF012

    def test_places_every_value_by_marker_and_subject(self, drawn_study: Data):
        pairs = markers.read(drawn_study, only(drawn_study, "07", "02", "04"), self.AT)
        assert list(pairs.markers.PARAMCD) == ["KLK3", "PSA"]
        assert list(pairs.subjects.USUBJID) == ["02", "04", "07"]
        np.testing.assert_array_equal(pairs.earlier.value, [[8, np.nan, 4], [16, np.nan, 8]])
        np.testing.assert_array_equal(pairs.later.value, [[9, 2, np.nan], [4, np.nan, 4]])
        np.testing.assert_array_equal(pairs.earlier.below, [[False, True, False], [False] * 3])
        np.testing.assert_array_equal(pairs.earlier.limit, [[0.5, 0.5, 0.5], [np.nan] * 3])
        np.testing.assert_array_equal(pairs.paired, [[True, True, False], [True, False, True]])

    @pytest.mark.parametrize("code", ["KLK3", "PSA"])
    def test_of_one_marker_is_its_row_among_all(self, drawn_study: Data, code: str):
        every = markers.read(drawn_study, drawn_study.everybody, self.AT)
        alone = markers.read(drawn_study, drawn_study.everybody, self.AT, code)
        row = list(every.markers.PARAMCD).index(code)
        assert alone.earlier.value.shape == (1, 13)
        for one, all_of_them in ((alone.earlier, every.earlier), (alone.later, every.later)):
            for name in ("value", "below", "limit"):
                np.testing.assert_array_equal(getattr(one, name)[0], getattr(all_of_them, name)[row])

    def test_a_timepoint_that_nobody_has_is_empty_and_the_other_stays_in_its_place(self, drawn_study: Data):
        pairs = markers.read(drawn_study, drawn_study.everybody, {"from": "Nowhere", "to": "Week 9"}, "KLK3")
        assert not pairs.earlier.present.any()
        assert pairs.later.present.sum() == 8

    def test_refuses_the_wrong_order(self, drawn_study: Data):
        with pytest.raises(OptionError, match="is not before"):
            markers.read(drawn_study, drawn_study.everybody, {"from": "Week 9", "to": "Baseline"})
