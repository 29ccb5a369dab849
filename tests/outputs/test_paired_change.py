"""Paired change through the whole road: file to snapshot to results, against others' numbers and the truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from core.data import Data
from core.errors import OptionError
from core.outputs import find
from core.outputs.markers import RULES
from core.simulate import simulate
from core.where import Where
from tests.conftest import TRIAL

PUBLISHED = Path(__file__).parents[1] / "golden" / "paired"
EXPECTED = pd.read_csv(PUBLISHED / "expected.csv", dtype=str).set_index(["case", "quantity"]).value
CASES = ("P01_sleep", "P02_darwin_zea_mays", "P04_intake", "P05_anorexia_FT", "P08_best_poor_zeros_ties")
DESIGN = '[timepoints]\nbaseline = "Baseline"\nfollow_up = "Week 9"\n[design]\ntest = "paired_t"\nsupporting = ["wilcoxon"]\n'
PANEL = ("paired_t", "wilcoxon", "hodges_lehmann", "d_z", "fold_change", "fold_shift")


def numbers(result, **about: str) -> pd.Series:  # type: ignore[no-untyped-def]
    """Statistics of one marker, by context and name; those of a timepoint are left out."""
    ard = result.ard
    for column, value in about.items():
        ard = ard[ard[column] == value]
    return ard[ard.group2 != "AVISIT"].set_index(["context", "stat_name"]).stat


def pairs(case: str) -> pd.DataFrame:
    return pd.read_csv(PUBLISHED / f"{case}.csv")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A study whose markers are published data; the differences of the cases are x - y, so y is the earlier value."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "adam").mkdir()
    (folder / "study.toml").write_text('id = "published"\ntitle = "P"\ndata_cut = 2024-12-31\n' + DESIGN)
    most = max(len(pairs(case)) for case in CASES)
    subjects = [f"S{number:03}" for number in range(most)]
    pd.DataFrame({"USUBJID": subjects, "TRTSDT": "2024-01-01"}).to_csv(folder / "adam" / "adsl.csv", index=False)
    rows = [
        (subject, case[:3], visit, number, day, value)
        for case in CASES
        for visit, number, day, column in (("Baseline", 1, "2024-01-01", "y"), ("Week 9", 2, "2024-03-04", "x"))
        for subject, value in zip(subjects, pairs(case)[column], strict=False)
    ]
    frame = pd.DataFrame(rows, columns=["USUBJID", "PARAMCD", "AVISIT", "AVISITN", "ADT", "AVAL"])
    frame.sample(frac=1, random_state=1).to_csv(folder / "adam" / "adbm.csv", index=False)
    return Data.of(folder)


@pytest.mark.parametrize("case", CASES)
def test_published_numbers_come_out_of_the_whole_road(published: Data, case: str) -> None:
    result = find("paired_change").run(published, published.study.populations[0], {"PARAMCD": case[:3]})
    ours, theirs = numbers(result), EXPECTED[case].astype(float)
    for key, quantity in {
        ("paired_t", "n"): "n_pairs",
        ("paired_t", "mean_change"): "mean_diff(x-y)",
        ("paired_t", "t"): "t",
        ("paired_t", "p_value"): "t_p_two_sided",
        ("paired_t", "conf_low"): "mean_diff_CI95_low",
        ("wilcoxon", "n_zero"): "n_zero_differences",
        ("wilcoxon", "n_tied"): "n_tied_abs_nonzero",
        ("wilcoxon", "p_value"): "wilcoxon_p_exact_conditional(midranks, zeros dropped)",
        ("hodges_lehmann", "estimate"): "hodges_lehmann(median of Walsh averages, all differences)",
        ("sign_test", "p_value"): "sign_test_p_exact",
        ("d_z", "estimate"): "cohen_dz",
    }.items():
        assert ours[key] == pytest.approx(theirs[quantity], rel=1e-9), (key, quantity)


@pytest.mark.parametrize("rule", RULES)
def test_the_panel_gives_each_marker_the_numbers_of_its_own_page(trial: Data, rule: str) -> None:
    safety = trial.study.populations[0]
    panel = find("panel").run(trial, safety, {"blq": rule})
    for code in trial.parameters.PARAMCD:
        alone = numbers(find("paired_change").run(trial, safety, {"PARAMCD": code, "blq": rule}))
        together = numbers(panel, variable=code)
        for key in together.index:
            if key[0] in PANEL:
                assert together[key] == pytest.approx(alone[key], rel=1e-12, abs=1e-14, nan_ok=True), (code, key)


@pytest.mark.parametrize(
    "asked", [{"family": "survival_pathway"}, {"order": "p"}, {"order": "effect"}, {"order": "name"}]
)
def test_adjustment_keeps_to_the_families_whatever_is_shown(trial: Data, asked: dict[str, str]) -> None:
    safety = trial.study.populations[0]
    everything, some = (find("panel").run(trial, safety, given).ard for given in ({}, asked))
    key = ["variable", "context", "stat_name"]
    both = some.merge(everything, on=key, suffixes=("", "_all"))
    assert len(both) == len(some)
    np.testing.assert_array_equal(both.stat, both.stat_all)


def test_adjusted_p_are_those_of_the_families_computed_by_hand(trial: Data) -> None:
    ard = find("panel").run(trial, trial.study.populations[0]).ard
    wide = ard.pivot_table(index=["group2_level", "variable"], columns=["context", "stat_name"], values="stat")
    for _, family in wide.groupby(level=0):
        p = family["paired_t", "p_value"].sort_values()
        m = len(p)
        q = [min(1, *(p.iloc[j] * m / (j + 1) for j in range(i, m))) for i in range(m)]
        holm = [min(max(p.iloc[j] * (m - j) for j in range(i + 1)), 1) for i in range(m)]
        assert family["adjusted", "q_bh"][p.index].tolist() == pytest.approx(q)
        assert family["adjusted", "p_holm"][p.index].tolist() == pytest.approx(holm)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("p", lambda stats: stats["paired_t", "p_value"]),
        ("effect", lambda stats: -abs(stats["d_z", "estimate"])),
    ],
)
def test_an_order_is_the_one_asked_for(trial: Data, sort: str, key) -> None:  # type: ignore[no-untyped-def]
    result = find("panel").run(trial, trial.study.populations[0], {"order": sort})
    shown = [row.about[1] for row in find("panel").show(result, trial).rows]
    values = [key(numbers(result, variable=code)) for code in shown]
    assert len(shown) == len(trial.parameters)
    assert values == sorted(values)


def test_what_was_put_into_the_markers_is_found_again(tmp_path: Path) -> None:
    """Of a large study the intervals of the unlimited markers cover the truth about as often as they say."""
    simulate(TRIAL, subjects=400, markers=200, seed=11, to=tmp_path)
    data = Data.of(tmp_path)
    ard = find("panel").run(data, data.study.populations[0]).ard
    found = ard.pivot_table(index="variable", columns=["context", "stat_name"], values="stat")
    truth = pd.read_csv(tmp_path / "truth.csv").set_index("PARAMCD")
    measured = found.index[found["below_limit", "percent"] == 0]
    low, high = (found["paired_t", f"conf_{end}"][measured] for end in ("low", "high"))
    true = truth.true_change[measured]
    # 0.95 of some 190 independent intervals, less four standard errors.
    assert ((low <= true) & (true <= high)).mean() > 0.95 - 4 * np.sqrt(0.95 * 0.05 / len(measured))
    strong = truth.index[truth.d_z.abs() >= 0.5]
    assert len(strong) > 10
    assert (found["adjusted", "q_bh"][strong] < 0.05).all()
    assert (np.sign(found["d_z", "estimate"][strong]) == np.sign(truth.d_z[strong])).all()
    idle = truth.index[truth.changed == "N"].intersection(measured)
    assert (found["paired_t", "p_value"][idle] < 0.05).mean() < 0.12


def test_the_two_protocol_tests_are_told_from_the_others(trial: Data) -> None:
    output, safety = find("paired_change"), trial.study.populations[0]
    labels = [row.label for row in output.show(output.run(trial, safety), trial).rows]
    assert "Mean change, paired t-test (pre-specified)" in labels
    assert "Hodges-Lehmann change, signed-rank test (in the protocol)" in labels
    assert "Sign test (exploratory)" in labels


@pytest.mark.parametrize(
    ("given", "condition", "said"),
    [
        ({"from": "Cycle 2", "PARAMCD": "PSA"}, "", "Cycle 2 to Week 9"),
        ({"scale": "log2"}, "", "scale log2"),
        ({"split": "SITEID"}, "", "split by Site"),
        ({}, "AGE GE 65", "only subjects with AGE GE 65"),
    ],
)
def test_what_was_not_planned_is_exploratory(trial: Data, given: dict, condition: str, said: str) -> None:
    output = find("paired_change")
    result = output.run(trial, trial.study.populations[0].filtered(Where.parse(condition)), given)
    assert result.unplanned == (said,)
    assert result.notes[0] == f"Exploratory, not the planned comparison: {said}."
    assert result.answer.endswith("Exploratory.")
    assert said in result.methods
    labels = [row.label for row in output.show(result, trial).rows]
    assert not any("pre-specified" in label or "in the protocol" in label for label in labels)


def test_the_planned_comparison_is_not_exploratory(trial: Data) -> None:
    for name in ("paired_change", "panel"):
        result = find(name).run(trial, trial.study.populations[0])
        assert result.unplanned == ()
        assert "xploratory" not in " ".join((*result.notes, result.answer))


def test_methods_say_what_was_done(trial: Data) -> None:
    given = {"PARAMCD": "DHT_M", "blq": "sqrt2", "zeros": "pratt", "method": "asymptotic", "conf": 0.9}
    told = find("paired_change").run(trial, trial.study.populations[0], given).methods
    for said in ("Dihydrotestosterone in marrow", "divided by the square root of 2", "(Pratt)", "normal approximation",
                 "90% confidence", "log2 ratios", "two-sided paired t-test (alpha 0.05)", "simulated data"):  # fmt: skip
        assert said in told, said
    usual = find("paired_change").run(trial, trial.study.populations[0]).methods
    assert "replaced by half the limit" in usual
    assert "dropped before ranking" in usual
    assert "Pratt" not in usual


def few(draw, changes: list[float]) -> Data:  # type: ignore[no-untyped-def]
    subjects = [f"| S{i:02} | 2024-01-01 |" for i in range(len(changes))]
    values = [f"| S{i:02} | AR | {visit} | {number} | {day} | {value} |" for i, change in enumerate(changes)
              for visit, number, day, value in (("Baseline", 1, "2024-01-01", 100), ("Week 9", 2, "2024-03-04", 100 + change))]  # fmt: skip
    return draw(
        DESIGN,
        adsl="| USUBJID | TRTSDT |\n" + "\n".join(subjects),
        adbm="| USUBJID | PARAMCD | AVISIT | AVISITN | ADT | AVAL |\n" + "\n".join(values),
    )


@pytest.mark.parametrize(
    ("changes", "reachable"), [([1, 2, 3, 4, 5], False), ([0, 0, 1, 2, 3, 4, 5], False), ([1, 2, 3, 4, 5, 6], True)]
)
def test_few_differences_say_what_no_rank_test_can_reach(draw, changes: list[float], reachable: bool) -> None:
    data = few(draw, changes)
    result = find("paired_change").run(data, data.study.populations[0])
    warned = [note for note in result.notes if "cannot reach p < 0.05" in note]
    assert bool(warned) != reachable
    assert numbers(result)["wilcoxon", "p_value"] == numbers(result)["wilcoxon", "p_attainable"]
    panel = find("panel").run(data, data.study.populations[0])
    assert any("cannot reach p < 0.05" in note for note in panel.notes) != reachable


def test_equal_differences_are_not_estimable_and_say_why(draw) -> None:
    data = few(draw, [5, 5, 5, 5])
    ard = find("paired_change").run(data, data.study.populations[0]).ard
    t = ard[ard.context == "paired_t"].set_index("stat_name")
    assert t.stat[["n", "mean_change", "sd_change"]].tolist() == [4, 5, 0]
    assert set(t.warning[["t", "p_value", "conf_low", "conf_high"]]) == {"all differences are the same"}


def test_the_subject_who_turns_the_answer_is_named(draw) -> None:
    data = few(draw, [-10, -11, -9, -12, -10, -11, -9, 60])
    result = find("paired_change").run(data, data.study.populations[0])
    (told,) = [note for note in result.notes if "turns the answer" in note]
    assert "without S07" in told
    without = find("paired_change").run(data, data.study.populations[0].filtered(Where.parse("USUBJID NE S07")))
    assert numbers(result)["leave_one_out", "p_low"] == pytest.approx(numbers(without)["paired_t", "p_value"])


def test_timepoints_in_the_wrong_order_are_one_sentence(trial: Data) -> None:
    for name in ("paired_change", "panel"):
        with pytest.raises(OptionError, match="from=Week 9 is not before to=Baseline; the order is Baseline, Cycle 2"):
            find(name).run(trial, trial.study.populations[0], {"from": "Week 9", "to": "Baseline"})


def test_a_fold_change_is_two_to_the_mean_log_ratio(trial: Data) -> None:
    stats = numbers(find("paired_change").run(trial, trial.study.populations[0], {"PARAMCD": "KLK3"}))
    for end, of in (("estimate", "mean_change"), ("conf_low", "conf_low"), ("conf_high", "conf_high")):
        assert stats["fold_change", end] == pytest.approx(2 ** stats["paired_t", of])


def test_zero_and_negative_values_are_named_where_a_logarithm_is_taken(draw) -> None:
    data = few(draw, [-100, -120, 5, 10, 20, 30])
    result = find("paired_change").run(data, data.study.populations[0], {"scale": "log2"})
    assert numbers(result)["pairs", "n_pairs"] == 4
    (told,) = [note for note in result.notes if "left out" in note]
    assert "S00, S01" in told


def test_the_summary_counts_everybody_on_view(trial: Data) -> None:
    result = find("biomarker_summary").run(trial, trial.study.populations[0], {"visits": "all"})
    wide = result.ard.pivot_table(index=["variable", "variable_level"], columns="stat_name", values="stat")
    assert len(wide) == len(trial.parameters) * len(trial.timepoints)
    assert (wide.n + wide.n_missing == result.N).all()
    change = find("paired_change").run(trial, trial.study.populations[0]).records
    assert wide.n["AR", "Baseline"] == (change.earlier.notna()).sum()
    assert wide["mean"]["AR", "Week 9"] == pytest.approx(change.later.mean())


@pytest.mark.parametrize("name", ["paired_change", "panel"])
def test_a_study_with_one_timepoint_so_far_says_that_a_change_needs_two(draw, name: str) -> None:
    data = draw(
        DESIGN,
        adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |",
        adbm="| USUBJID | PARAMCD | AVISIT | ADT | AVAL |\n| 01 | AR | Baseline | 2024-01-01 | 100 |",
    )
    output = find(name)
    result = output.run(data, data.study.populations[0])
    assert result.notes == (
        "Biomarkers were measured at Baseline only, and a change needs two timepoints, so there is nothing to compare yet.",
    )
    assert output.show(result, data)
    for figure in output.figures.values():
        assert figure.draw(result, data).to_dict()


@pytest.mark.parametrize(
    ("given", "reason"),
    [({"blq": "exclude"}, "Below the limit, excluded"), ({"scale": "log2", "blq": "zero"}, "")],
)
def test_a_usable_pair_that_a_rule_leaves_out_is_listed_with_that_reason(trial: Data, given: dict, reason: str) -> None:
    records = find("paired_change").run(trial, trial.study.populations[0], {"PARAMCD": "TESTO_M", **given}).records
    told = records[["earlier_missing", "later_missing"]]
    assert (told[~records.paired] != "").any(axis=1).all()
    assert (told[records.paired] == "").all(axis=None)
    assert reason == "" or (told == reason).any(axis=None)


@pytest.mark.parametrize(
    "given", [{}, {"PARAMCD": "TESTO_M"}, {"PARAMCD": "DHT_M", "blq": "lloq"}, {"PARAMCD": "DHEA_M", "blq": "exclude"}]
)
def test_a_test_of_the_saved_pairs_is_that_of_the_page(trial: Data, given: dict) -> None:
    """Whoever pastes the two columns into another program finds the same p, limits of other batches or not."""
    result = find("paired_change").run(trial, trial.study.populations[0], given)
    saved = find("paired_change").records(result)
    pairs = saved[saved["in analysis"] == "Y"]
    assert list(saved["in analysis"]) == sorted(saved["in analysis"], reverse=True)
    before, after = pairs["Baseline"], pairs["Week 9"]
    if "log2 change" in saved:
        before, after = np.log2(before), np.log2(after)
    change = pairs["log2 change" if "log2 change" in saved else "change"]
    assert (after - before).tolist() == pytest.approx(change.tolist(), abs=1e-12)
    t = numbers(result)
    assert ttest_rel(after, before).pvalue == pytest.approx(t["paired_t", "p_value"], rel=1e-9)
    below = saved["Week 9 below limit"] == "Y"
    assert saved["Week 9 as recorded"][below].str.startswith("<").all()


def test_a_value_is_saved_with_every_digit_it_was_recorded_with(draw) -> None:
    data = few(draw, [1234567.25, 2, 3])
    result = find("paired_change").run(data, data.study.populations[0])
    saved = find("paired_change").records(result).set_index("USUBJID")
    assert saved["Week 9 as recorded"]["S00"] == "1234667.25"
    assert saved["Week 9"]["S00"] == 1234667.25
