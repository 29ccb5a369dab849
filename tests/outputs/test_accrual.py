"""Accrual against targets and plan, evaluability and its reasons, and who has no pair: a little study counted by hand."""

import numpy as np
import pandas as pd
import pytest

from core.ard import Result
from core.data import Data
from core.errors import OptionError
from core.outputs import accrual, evaluability, find, pair_bias
from core.outputs.disposition import EVALUABLE_PAIR
from core.stats.balance import difference_of_means, difference_of_shares
from core.stats.proportion import proportion
from core.tables.layout import Layout
from core.where import Where
from tests.drawing import study
from tests.outputs.harvest_study import ALL, TOML

OUTPUTS = (accrual.OUTPUT, evaluability.OUTPUT, pair_bias.OUTPUT)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("accrual"), TOML, **ALL)


def run(data: Data, name: str, where: str = "", **options: object) -> Result:
    return find(name).run(data, data.study.populations[0].filtered(Where.parse(where)), options)


def stat(
    result: Result, variable: str, level: str, name: str, group: str = "Total", context: str = "", at: str = ""
) -> float:
    ard = result.ard
    found = ard[
        (ard.variable == variable) & (ard.variable_level == level) & (ard.stat_name == name) & (ard.group1_level == group)
        & (ard.context == context) & (ard.group2_level == at)
    ]  # fmt: skip
    assert len(found) == 1, (variable, level, name, len(found))
    return float(found.stat.iloc[0])


STEPS = {
    "accrued": (15, 8, 7),
    "dosed": (11, 6, 5),
    "baseline": (10, 6, 4),
    "follow_up": (3, 2, 1),
    "pair": (2, 1, 1),
    "waiting": (6, 3, 3),
}
"""All, and at sites A and B; C has no patient yet."""


@pytest.mark.parametrize("step", STEPS)
def test_steps_are_those_counted_by_hand(drawn: Data, step: str) -> None:
    result = run(drawn, "accrual", by="SITEID")
    for group, n in zip(("Total", "A", "B", "C"), (*STEPS[step], 0), strict=True):
        N = dict(zip(("Total", "A", "B", "C"), (15, 8, 7, 0), strict=True))[group]
        exact = proportion(n, N)
        assert stat(result, "STEP", step, "n", group) == n
        assert stat(result, "STEP", step, "N", group) == N
        for name in ("percent", "conf_low", "conf_high"):
            assert stat(result, "STEP", step, name, group) == pytest.approx(float(getattr(exact, name)), nan_ok=True)
    assert sorted(accrual.OUTPUT.behind(drawn, drawn.everybody, {}, ("STEP", step, "")).USUBJID) == sorted(
        result.records.USUBJID[result.records[step]]
    )


def test_a_screen_failure_is_not_accrued_and_a_population_does_not_narrow(drawn: Data) -> None:
    """The first population is Safety, all with a first dose; 14 is in ADSL without a day of registration."""
    result = run(drawn, "accrual")
    assert result.N == 16
    assert result.population == "All subjects"
    assert "14" not in set(result.records.USUBJID)
    assert {"07", "08", "15", "16"} < set(result.records.USUBJID)


def test_targets_are_of_the_whole_study(drawn: Data) -> None:
    result = run(drawn, "accrual")
    assert stat(result, "STEP", "accrued", "target", context="target") == 20
    assert stat(result, "STEP", "accrued", "percent", context="target") == 75
    assert stat(result, "STEP", "pair", "percent", context="target") == pytest.approx(100 * 2 / 6)
    assert (
        result.answer
        == "15 of 20 (75.0%) accrued by 2024-12-31; 2 of 6 (33.3%) evaluable pairs; 6 more patients could still become one."
    )
    part = run(drawn, "accrual", "SITEID EQ A")
    assert np.isnan(stat(part, "STEP", "accrued", "percent", context="target"))
    assert part.answer == "8 accrued by 2024-12-31; 1 evaluable pairs; 3 more patients could still become one."
    assert any("the filters leave only a part" in note for note in part.notes)


def test_months_add_up_and_stand_beside_the_plan(drawn: Data) -> None:
    result = run(drawn, "accrual", by="SITEID")
    counts = {"2024-01": 3, "2024-02": 1, "2024-04": 1, "2024-06": 1, "2024-10": 4, "2024-11": 1, "2024-12": 4}
    months = pd.period_range("2024-01", "2024-12", freq="M").astype(str)
    for month in months:
        n = counts.get(month, 0)
        assert stat(result, "MONTH", month, "n") == n
        assert sum(stat(result, "MONTH", month, "n", site) for site in "ABC") == n
        assert len(accrual.OUTPUT.behind(drawn, drawn.everybody, {}, ("MONTH", month, ""))) == n
    assert stat(result, "MONTH", "2024-12", "cumulative") == 15
    assert stat(result, "MONTH", "2024-01", "planned", context="plan") == pytest.approx(2 * 31 / 30.4375)
    assert stat(result, "MONTH", "2024-12", "planned", context="plan") == 20, "the plan ends with its target"
    assert stat(result, "MONTH", "", "planned_per_month", context="plan") == 2


@pytest.mark.parametrize("name", ["trial", "drawn"])
def test_overview_and_accrual_tell_the_same(name: str, request: pytest.FixtureRequest) -> None:
    data: Data = request.getfixturevalue(name)
    overview = find("disposition").run(data, data.everybody).ard
    n = overview[overview.stat_name == "n"].set_index("variable_level").stat
    result = find("accrual").run(data, data.study.populations[0])
    visits = data.study.timepoints
    for label, step in (("Registered", "accrued"), (EVALUABLE_PAIR, "pair")):
        assert n[label] == stat(result, "STEP", step, "n")
    if name == "trial":
        for label, step in ((f"At {visits.baseline}", "baseline"), (f"At {visits.follow_up}", "follow_up")):
            assert n[label] == stat(result, "STEP", step, "n")


def test_the_pilot_says_what_is_missing_and_still_shows_accrual(pilot: Data) -> None:
    result = run(pilot, "accrual")
    assert stat(result, "STEP", "accrued", "n") == 254
    assert np.isnan(stat(result, "STEP", "pair", "n"))
    assert result.answer == "254 accrued by 2015-03-05."
    told = " ".join(result.notes)
    for words in ("no dataset ADBE", "first dose (TRTSDT) stands in", "no target of accrual and evaluable"):
        assert words in told
    assert stat(result, "MONTH", "2015-03", "cumulative") == 254
    shown = accrual.OUTPUT.show(result, pilot)
    assert isinstance(shown, Layout)
    assert ("Evaluable pair", "not collected") in {(row.label, row.cells[0]) for row in shown.rows}
    bias = run(pilot, "pair_bias")
    assert "no dataset ADBE" in bias.notes[0]


ATTEMPTS = {
    ("Baseline", "BIOPSY"): (9, 11), ("Baseline", "ASPIRATE"): (1, 2), ("Baseline", "either"): (10, 12), ("Baseline", "patient"): (9, 11),
    ("Week 9", "BIOPSY"): (3, 6), ("Week 9", "ASPIRATE"): (0, 0), ("Week 9", "either"): (3, 6), ("Week 9", "patient"): (1, 4),
    ("Week 9", "pair"): (1, 6),
}  # fmt: skip
"""Evaluable of attempts. 10's refusal and 09's unread biopsy are none, 02's two biopsies are one; pairs are of 01, 02, 03, 08, 12, 13."""


@pytest.mark.parametrize(("visit", "kind"), ATTEMPTS)
def test_attempts_are_those_counted_by_hand(drawn: Data, visit: str, kind: str) -> None:
    result = run(drawn, "evaluability")
    n, N = ATTEMPTS[visit, kind]
    exact = proportion(n, N)
    for name in ("n", "N", "percent", "conf_low", "conf_high"):
        assert stat(result, "HARVEST", kind, name, at=visit) == pytest.approx(float(getattr(exact, name)), nan_ok=True)
    behind = evaluability.OUTPUT.behind(drawn, drawn.everybody, {}, ("HARVEST", kind, visit))
    assert (behind.evaluable == "Y").sum() == n
    assert len(behind) == N == behind.USUBJID.nunique()


def test_sites_part_the_attempts(drawn: Data) -> None:
    result = run(drawn, "evaluability", by="SITEID")
    for (visit, kind), (n, N) in ATTEMPTS.items():
        assert sum(stat(result, "HARVEST", kind, "n", site, at=visit) for site in "ABC") == n
        assert sum(stat(result, "HARVEST", kind, "N", site, at=visit) for site in "ABC") == N
    records = result.records
    assert len(records[records.mark == "Week 9: Biopsy: Total"]) == 6
    assert len(records[records.mark == "Week 9: Biopsy: A"]) == 4


def test_reasons_of_every_specimen_that_failed(drawn: Data) -> None:
    result = run(drawn, "evaluability")
    found = {
        (visit, reason): stat(result, "REASON", reason, "n", at=visit)
        for visit, reason in dict.fromkeys(zip(result.ard.group2_level, result.ard.variable_level, strict=True))
        if reason and (result.ard.variable[(result.ard.variable_level == reason)] == "REASON").any() and visit
        and ((result.ard.variable_level == reason) & (result.ard.group2_level == visit)).any()
    }  # fmt: skip
    assert found == {
        ("Baseline", "No tumour"): 2, ("Baseline", "Dry tap"): 1, ("Week 9", "No tumour"): 2, ("Week 9", "Dry tap"): 1,
        ("Week 9", "Outside its window"): 1, ("Week 9", "Patient refused"): 1,
    }  # fmt: skip
    assert stat(result, "REASON", "No tumour", "N", at="Week 9") == 5
    assert stat(result, "REASON", "No tumour", "percent", at="Week 9") == 40
    assert stat(result, "REASON", "Patient refused", "cumulative", at="Week 9") == 100
    behind = evaluability.OUTPUT.behind(drawn, drawn.everybody, {}, ("REASON", "No tumour", "Week 9"))
    assert list(behind.USUBJID) == ["02", "11"]


def test_reasons_of_patients_lost_leave_out_who_may_still_become_a_pair(drawn: Data) -> None:
    """16 and 11 failed so far but are undecided; 06, 08 and 13 have no record; 01 has another specimen that is evaluable."""
    result = run(drawn, "evaluability", reasons="lost")
    assert stat(result, "REASON", "No tumour", "n", at="Baseline") == 1
    assert stat(result, "REASON", "Nothing recorded", "n", at="Baseline") == 1
    assert stat(result, "REASON", "Nothing recorded", "n", at="Week 9") == 2
    lost = result.records[result.records.harvest == "REASON"]
    assert set(lost.USUBJID) == {"02", "03", "06", "08", "10", "12", "13"}
    assert "specimens of patients lost to the target" in " ".join(
        row.label for row in evaluability.OUTPUT.show(result, drawn).rows
    )


def test_a_pair_of_one_marker_is_not_a_pair_of_another(drawn: Data) -> None:
    result = run(drawn, "evaluability")
    assert (
        stat(result, "PARAMCD", "AR", "n_pairs", context="marker"),
        stat(result, "PARAMCD", "PSA", "n_pairs", context="marker"),
    ) == (1, 2)
    assert (
        stat(result, "PARAMCD", "AR", "n_earlier", context="marker"),
        stat(result, "PARAMCD", "PSA", "n_earlier", context="marker"),
    ) == (2, 4)
    assert stat(result, "PARAMCD", "PSA", "N", context="marker") == 15
    by_site = run(drawn, "evaluability", by="SITEID")
    assert [stat(by_site, "PARAMCD", "PSA", "n_pairs", site, "marker") for site in "ABC"] == [2, 0, 0]


def test_pairs_of_markers_are_those_of_the_panel(trial: Data) -> None:
    result = run(trial, "evaluability")
    panel = find("panel").run(trial, trial.everybody).ard
    pairs = panel[(panel.context == "wilcoxon") & (panel.stat_name == "n")].set_index("variable").stat
    found = result.ard[result.ard.stat_name == "n_pairs"].set_index("variable_level").stat
    assert len(found) == 35
    assert found.to_dict() == pairs.to_dict()


def test_the_answer_sets_pairs_against_what_was_anticipated(drawn: Data) -> None:
    assert run(drawn, "evaluability").answer == (
        "Of 6 patients whose window of Week 9 has closed, 1 gave an evaluable pair: 16.7% (95% CI 0.4 to 64.1%); 50.0% were anticipated."
    )
    assert (
        run(drawn, "evaluability", "USUBJID EQ 07").answer
        == "Nobody on view has come to the end of the window of Week 9 yet."
    )


def test_patients_with_and_without_a_pair_side_by_side(drawn: Data) -> None:
    """With: 01 and 05. Without: 02, 03, 06, 08, 10, 12, 13. The others are undecided."""
    result = run(drawn, "pair_bias")
    assert (
        stat(result, "GROUP", "", "n", context="with_pair"),
        stat(result, "GROUP", "", "n", context="without_pair"),
    ) == (2, 7)
    ages = [60.0, 68.0], [62.0, 64.0, 70.0, 74.0, 78.0, 61.0, 63.0]
    assert stat(result, "AGE", "", "mean", context="without_pair") == pytest.approx(np.mean(ages[1]))
    expected = difference_of_means(*ages)
    assert stat(result, "AGE", "", "difference", context="difference") == pytest.approx(expected.difference)
    assert stat(result, "AGE", "", "by_chance", context="difference") == pytest.approx(expected.by_chance)
    psa = difference_of_means([3.0, 2.0], [5.0, 7.0]).difference
    assert stat(result, "PSA", "", "difference", context="difference") == pytest.approx(psa), "of binary logarithms"
    assert stat(result, "PSA", "", "median", context="with_pair") == 6, "as measured"
    assert stat(result, "PSA", "", "n_missing", context="without_pair") == 5
    assert (
        stat(result, "ECOG", "1", "n", context="without_pair"),
        stat(result, "ECOG", "1", "N", context="without_pair"),
    ) == (2, 2)
    assert np.isnan(stat(result, "ECOG", "1", "difference", context="difference")), "everybody or nobody"
    site = difference_of_shares(1, 2, 4, 7).difference
    assert stat(result, "SITEID", "A", "difference", context="difference") == pytest.approx(site)
    assert "AR" not in set(result.ard.variable), "no marker of blood, no tumour burden"
    assert "Descriptive" in result.notes[0]
    assert any("Undecided, in neither group: 6 patients" in note for note in result.notes)
    assert len(result.records) == 9


@pytest.mark.parametrize("where", ["USUBJID EQ nobody", "USUBJID EQ 01", "USUBJID EQ 07", "USUBJID EQ 14"])
@pytest.mark.parametrize("by", ["none", "SITEID"])
def test_nobody_and_one_patient_are_answers(drawn: Data, where: str, by: str) -> None:
    for output in OUTPUTS:
        given = {"by": by} if output is not pair_bias.OUTPUT else {}
        result = run(drawn, output.id, where, **given)
        assert (result.ard.warning[result.ard.stat.isna()] != "").all()
        assert output.show(result, drawn).rows is not None
        assert isinstance(result.answer, str)
        for figure in output.figures.values():
            assert figure.draw(result, drawn).to_dict()


def test_an_unknown_choice_is_one_sentence(drawn: Data) -> None:
    with pytest.raises(OptionError, match="by=ARM is not known; use one of none, SITEID"):
        run(drawn, "accrual", by="ARM")
    with pytest.raises(OptionError, match="by=APERIODC is not known"):
        run(drawn, "accrual", by="APERIODC")
    with pytest.raises(OptionError, match="reasons=all is not known; use one of specimens, lost"):
        run(drawn, "evaluability", reasons="all")
