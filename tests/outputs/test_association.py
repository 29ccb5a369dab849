"""Association from drawn records to the answer: who has both values, what is below the limit, what is of another day."""

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import rankdata

from core.ard import Result
from core.data import Data
from core.errors import OptionError, StudyError
from core.outputs import find
from core.outputs.association import wide
from core.where import Where

GOLDEN = Path(__file__).parents[1] / "golden" / "association"
Draw = Callable[..., Data]
TOML = """
[timepoints]
baseline = "Baseline"
follow_up = "Week 9"
[association]
most_below_percent = 50
covariates = ["ECOGBL", "TUMOUR"]
[[association.sets]]
label = "PSA and the marrow"
x = "PSA"
y = "androgen_signalling"
[[parameters]]
PARAMCD = "PSA"
label = "PSA"
unit = "ng/mL"
specimen = "serum"
scale = "log2"
LLOQ = 1
[[parameters]]
PARAMCD = "AR"
label = "AR"
role = "androgen_signalling"
specimen = "bone marrow"
[[parameters]]
PARAMCD = "TUMOUR"
label = "Tumour content"
specimen = "bone marrow"
[[filters]]
variable = "SEX"
label = "Sex"
"""
ADSL = """
    | USUBJID | TRTSDT     | ECOGBL | SEX |
    | 01      | 2024-02-01 | 0      | M   |
    | 02      | 2024-02-01 | 1      | M   |
    | 03      | 2024-02-01 | 0      | F   |
    | 04      | 2024-02-01 | 2      | F   |
    | 05      | 2024-02-01 | 1      | M   |
    | 06      | 2024-02-01 | 0      |     |
    | 07      | 2024-02-01 | 1      | M   |
    | 08      | 2024-02-01 | 1      | M   |
"""
# 06 has no marrow, 07 no PSA at baseline but some around it, 08 nothing at all.
ADBM = """
    | USUBJID | PARAMCD | AVISIT   | AVISITN | ADT        | AVAL | AVALC |
    | 01      | PSA     | Baseline | 0       | 2024-01-30 | 10   |       |
    | 02      | PSA     | Baseline | 0       | 2024-01-30 | 20   |       |
    | 03      | PSA     | Baseline | 0       | 2024-01-30 |      | <1    |
    | 04      | PSA     | Baseline | 0       | 2024-01-30 | 40   |       |
    | 05      | PSA     | Baseline | 0       | 2024-01-30 | 80   |       |
    | 06      | PSA     | Baseline | 0       | 2024-01-30 | 90   |       |
    | 07      | PSA     | Cycle 2  | 2       | 2024-02-09 | 7    |       |
    | 07      | PSA     |          |         | 2024-01-21 | 5    |       |
    | 07      | PSA     | Cycle 3  | 3       | 2024-03-30 | 3    |       |
    | 01      | AR      | Baseline | 0       | 2024-01-30 | 100  |       |
    | 02      | AR      | Baseline | 0       | 2024-01-28 | 120  |       |
    | 03      | AR      | Baseline | 0       | 2024-01-30 | 90   |       |
    | 04      | AR      | Baseline | 0       | 2024-01-30 | 150  |       |
    | 05      | AR      | Baseline | 0       | 2024-01-30 | 140  |       |
    | 07      | AR      | Baseline | 0       | 2024-01-31 | 80   |       |
    | 01      | PSA     | Week 9   | 9       | 2024-04-04 | 5    |       |
    | 02      | PSA     | Week 9   | 9       | 2024-04-04 | 5    |       |
    | 03      | PSA     | Week 9   | 9       | 2024-04-04 | 4    |       |
    | 01      | AR      | Week 9   | 9       | 2024-04-04 | 70   |       |
    | 02      | AR      | Week 9   | 9       | 2024-04-04 | 80   |       |
    | 03      | AR      | Week 9   | 9       | 2024-04-04 | 95   |       |
    | 01      | TUMOUR  | Baseline | 0       | 2024-01-30 | 30   |       |
    | 02      | TUMOUR  | Baseline | 0       | 2024-01-30 | 10   |       |
    | 03      | TUMOUR  | Baseline | 0       | 2024-01-30 | 60   |       |
    | 04      | TUMOUR  | Baseline | 0       | 2024-01-30 | 20   |       |
    | 05      | TUMOUR  | Baseline | 0       | 2024-01-30 | 50   |       |
"""


@pytest.fixture
def drawn(draw: Draw) -> Data:
    return draw(TOML, adsl=ADSL, adbm=ADBM)


def run(data: Data, **given: object) -> Result:
    return find("association").run(data, data.study.population("All subjects"), {"x": "PSA", "y": "AR"} | given)


def numbers(result: Result, context: str = "spearman") -> dict[str, float]:
    rows = result.ard[result.ard.context == context]
    return dict(zip(rows.stat_name, rows.stat, strict=True))


def by_brute_force(x: list[float], y: list[float]) -> tuple[float, float]:
    """Rho of mid-ranks, and the share of all pairings that are as far from 0."""
    a, b = rankdata(x), rankdata(y)
    each = [np.corrcoef(a, order)[0, 1] for order in permutations(b)]
    rho = np.corrcoef(a, b)[0, 1]
    return rho, float(np.mean(np.abs(each) >= abs(rho) - 1e-9))


def test_pairs_are_made_by_subject_and_the_others_are_listed_with_the_reason(drawn: Data) -> None:
    result = run(drawn)
    assert numbers(result, "pairs") == {"N": 8, "n_pairs": 5, "n_missing": 3, "n_left_out": 0, "n_matched": 0}
    rho, p = by_brute_force([10, 20, 0, 40, 80], [100, 120, 90, 150, 140])
    found = numbers(result)
    assert (found["n"], found["exact"]) == (5, 1)
    assert found["rho"] == pytest.approx(rho)
    assert found["p_value"] == pytest.approx(p)
    records = result.records.set_index("USUBJID")
    assert list(records.index[records.paired]) == ["01", "02", "03", "04", "05"]
    assert records.y_missing["06"] == "Nothing recorded"
    assert (records.x_missing["06"], records.x_missing["07"]) == ("", "Nothing recorded")
    assert (records.x_missing["08"], records.y_missing["08"]) == ("Nothing recorded", "Nothing recorded")
    assert records.days_between["02"] == 2
    assert "5 of 8 subjects on view are in the correlation." in result.notes


def test_a_value_below_the_limit_is_the_lowest_and_its_share_is_told(drawn: Data) -> None:
    result = run(drawn)
    share = result.ard[(result.ard.context == "below_limit") & (result.ard.variable == "PSA")]
    assert dict(zip(share.stat_name, share.stat, strict=True)) == {"n": 5, "n_below": 1, "percent": 20}
    assert any(note.startswith("PSA, Baseline: 1 (20.0%) of 5") for note in result.notes)
    record = result.records.set_index("USUBJID").loc["03"]
    assert (record.x, record.x_text, record.x_below) == (1, "<1", True)


@pytest.mark.parametrize(
    ("below", "warned", "refused"),
    [(("01",), False, False), (("01", "02"), True, False), (("01", "02", "03"), False, True)],
)
def test_many_values_below_the_limit_are_warned_of_and_too_many_refused(
    draw: Draw, below, warned: bool, refused: bool
) -> None:  # type: ignore[no-untyped-def]
    lines = "".join(
        f"\n| {s} | PSA | Baseline | 2024-01-30 | {'' if s in below else int(s) * 10} | {'<1' if s in below else ''} |"
        f"\n| {s} | AR | Baseline | 2024-01-30 | {int(s)} | |"
        for s in ("01", "02", "03", "04", "05")
    )
    data = draw(TOML, adsl=ADSL, adbm="| USUBJID | PARAMCD | AVISIT | ADT | AVAL | AVALC |" + lines)
    result = run(data)
    assert any("read it with care" in note for note in result.notes) == warned
    assert any("no correlation is given" in note for note in result.notes) == refused
    rho = result.ard[(result.ard.context == "spearman") & (result.ard.stat_name == "rho")].iloc[0]
    assert bool(np.isnan(rho.stat)) == refused
    if refused:
        assert (
            rho.warning
            == "60.0% of the values of one axis are below the limit, more than the 50 % that the study allows"
        )
        assert numbers(result)["n"] == 5
        for context in ("kendall", "leave_one_out"):
            missing = result.ard[(result.ard.context == context) & (result.ard.stat_name != "n")].dropna(subset="stat")
            assert missing[missing.stat_name != "exact"].empty
        assert "no correlation can be given (60.0% of the values" in result.answer


def test_the_nearest_record_within_the_window_stands_in_and_says_so(drawn: Data) -> None:
    """07's marrow is of 31 January: ten days after one PSA and nine before another."""
    for window, n, day, value in ((8, 5, None, None), (9, 6, "2024-02-09", 7), (40, 6, "2024-02-09", 7)):
        result = run(drawn, window=window)
        assert numbers(result)["n"] == n
        record = result.records.set_index("USUBJID").loc["07"]
        assert bool(record.x_matched) == (day is not None)
        if day:
            assert (str(record.x_ADT.date()), record.x, record.days_between) == (day, value, 9)
            assert any("07 (+9)" in note for note in result.notes)
            assert f"records of other days, up to {window} days away" in result.unplanned
    assert numbers(run(drawn, window=40), "pairs")["n_matched"] == 1


def test_of_two_records_equally_near_the_earlier_stands_in(draw: Draw) -> None:
    data = draw(TOML, adsl=ADSL, adbm=ADBM.replace("2024-01-21", "2024-01-22"))
    record = run(data, window=9).records.set_index("USUBJID").loc["07"]
    assert (record.x, record.days_between) == (5, -9)


def test_records_of_the_nearest_day_that_differ_are_not_guessed_between(draw: Draw) -> None:
    other = "\n    | 07      | PSA     | Cycle 4  | 4       | 2024-02-09 | 9    |       |\n"
    record = run(draw(TOML, adsl=ADSL, adbm=ADBM.rstrip() + other), window=20).records.set_index("USUBJID").loc["07"]
    assert not record.x_matched
    assert record.x_missing == "Nothing recorded; several records of the nearest day differ"


def test_records_that_clash_at_their_timepoint_are_not_used_for_another_reason(draw: Draw) -> None:
    other = "\n    | 01      | PSA     | Baseline | 0       | 2024-01-25 | 99   |       |\n"
    data = draw(TOML, adsl=ADSL, adbm=ADBM.rstrip() + other)
    for window in (0, 10):
        record = run(data, window=window).records.set_index("USUBJID").loc["01"]
        assert not record.paired
        assert "one of several records" in record.x_missing


@pytest.mark.parametrize(("rule", "n", "left_out"), [("half", 3, 0), ("exclude", 2, 1)])
def test_n_is_of_those_in_the_correlation_wherever_it_stands(drawn: Data, rule: str, n: int, left_out: int) -> None:
    result = run(drawn, x_at="Week 9-Baseline", y_at="Week 9-Baseline", blq=rule, pearson="yes")
    pairs = numbers(result, "pairs")
    assert (pairs["n_pairs"], pairs["n_left_out"], pairs["n_missing"]) == (n, left_out, 5)
    assert sum(pairs[name] for name in ("n_pairs", "n_left_out", "n_missing")) == pairs["N"]
    assert numbers(result)["n"] == numbers(result, "kendall")["n"] == result.records.paired.sum() == n
    summaries = result.ard[(result.ard.context == "summary") & (result.ard.stat_name == "n")]
    assert summaries.stat.tolist() == [n, n]
    assert f", {n} subjects: Spearman" in result.answer
    shares = result.ard[(result.ard.context == "below_limit") & (result.ard.variable == "PSA")]
    assert dict(zip(shares.stat_name, shares.stat, strict=True)) == {
        "n": 3,
        "n_below": 1,
        "percent": pytest.approx(100 / 3),
    }
    if left_out:
        assert result.records.set_index("USUBJID").x_missing["03"] == "Below the limit, excluded"
        assert any(
            "1 subject has both values and is left out: below the limit, excluded (03)" in note for note in result.notes
        )


@pytest.mark.parametrize("rule", ["half", "exclude", "lowest"])
def test_no_rule_gets_round_the_limit_that_the_study_sets(draw: Draw, rule: str) -> None:
    data = draw(TOML.replace("most_below_percent = 50", "most_below_percent = 30"), adsl=ADSL, adbm=ADBM)
    result = run(data, x_at="Week 9-Baseline", y_at="Week 9-Baseline", blq=rule)
    assert "33.3% of the values of one axis are below the limit" in result.answer
    assert result.records.line.isna().all()


def test_of_pearson_n_is_of_those_with_a_magnitude(draw: Draw) -> None:
    data = draw(TOML.replace("LLOQ = 1\n", ""), adsl=ADSL, adbm=ADBM.replace("<1 ", "BLQ"))
    result = run(data, pearson="yes")
    assert (numbers(result)["n"], numbers(result, "pearson_log")["n"]) == (5, 4)
    changes = run(data, x_at="Week 9-Baseline", y_at="Week 9-Baseline").records.set_index("USUBJID")
    assert changes.x_missing["03"] == "Below a limit that nobody states"


def test_a_value_without_logarithm_is_called_so(draw: Draw) -> None:
    data = draw(
        TOML.replace("LLOQ = 1\n", ""), adsl=ADSL, adbm=ADBM.replace("2024-01-30 | 10   |", "2024-01-30 | -10  |")
    )
    records = run(data, x_at="Week 9-Baseline", y_at="Week 9-Baseline").records.set_index("USUBJID")
    assert records.x_missing["01"] == "Not positive, so without logarithm"


def test_a_measure_whose_specimen_nobody_states_is_not_matched(draw: Draw) -> None:
    toml = TOML.replace('unit = "ng/mL"\nspecimen = "serum"', 'unit = "ng/mL"')
    assert not run(draw(toml, adsl=ADSL, adbm=ADBM), window=40).records.x_matched.any()


def test_a_covariate_that_is_an_axis_holds_everything_the_same(drawn: Data) -> None:
    part = run(drawn, y="TUMOUR", adjust="TUMOUR").ard
    part = part[part.context == "partial_spearman"].set_index("stat_name")
    assert part.stat["n"] == 5
    assert part.warning["rho"] == "the covariate, or an axis, orders as another does or not at all"


def test_a_timepoint_that_reads_like_a_change_is_refused(draw: Draw) -> None:
    with pytest.raises(StudyError, match="Week 9-Baseline reads like the change between two others"):
        draw(TOML, adsl=ADSL, adbm=ADBM.replace("Cycle 3  | 3", "Week 9-Baseline | 3"))


def test_a_tissue_is_never_matched_in_time(draw: Draw) -> None:
    later = "\n    | 06      | AR      | Cycle 2  | 2       | 2024-02-02 | 99   |       |\n"
    result = run(draw(TOML, adsl=ADSL, adbm=ADBM.rstrip() + later), window=100)
    assert not result.records.set_index("USUBJID").paired["06"]


def test_change_against_change_is_of_subjects_with_all_four_values(drawn: Data) -> None:
    result = run(drawn, x_at="Week 9-Baseline", y_at="Week 9-Baseline")
    records = result.records.set_index("USUBJID")
    assert list(records.index[records.paired]) == ["01", "02", "03"]
    assert records.x["02"] == pytest.approx(np.log2(5 / 20))
    assert records.x["03"] == pytest.approx(np.log2(4 / 0.5)), "half the limit by the study's rule"
    assert records.y["02"] == -40
    assert records.x_text["03"] == "<1 to 4"
    assert records.y_missing["04"] == "Week 9: Nothing recorded"
    assert records.x_missing["08"] == "Baseline: Nothing recorded; Week 9: Nothing recorded"
    reason = result.ard[(result.ard.context == "spearman") & (result.ard.stat_name == "conf_low")].warning.iloc[0]
    assert reason == "fewer than four pairs"


def test_a_change_that_has_an_order_only_is_not_correlated(drawn: Data) -> None:
    result = run(drawn, x_at="Week 9-Baseline", y_at="Week 9-Baseline", blq="lowest")
    rho = result.ard[(result.ard.context == "spearman") & (result.ard.stat_name == "rho")].iloc[0]
    assert rho.warning == "changes with a value below the limit have an order but no magnitude"


@pytest.mark.parametrize("covariate", ["ECOGBL", "TUMOUR"])
def test_a_partial_correlation_is_that_of_the_ranks(drawn: Data, covariate: str) -> None:
    found = numbers(run(drawn, adjust=covariate), "partial_spearman")
    held = {"ECOGBL": [0, 1, 0, 2, 1], "TUMOUR": [30, 10, 60, 20, 50]}[covariate]
    ranks = [rankdata(axis) for axis in ([10, 20, 0, 40, 80], [100, 120, 90, 150, 140], held)]
    inverse = np.linalg.inv(np.corrcoef(ranks))
    assert found["rho"] == pytest.approx(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]))
    assert found["n"] == 5


def test_pearson_is_given_on_request_and_only_of_logarithms(drawn: Data) -> None:
    assert "pearson_log" not in set(run(drawn).ard.context)
    values, others = np.log([10, 20, 0.5, 40, 80]), np.log([100, 120, 90, 150, 140])
    assert numbers(run(drawn, pearson="yes"), "pearson_log")["r"] == pytest.approx(np.corrcoef(values, others)[0, 1])
    of_changes = run(drawn, pearson="yes", x_at="Week 9-Baseline", y_at="Week 9-Baseline")
    part = of_changes.ard[of_changes.ard.context == "pearson_log"].set_index("stat_name")
    assert part.stat["n"] == 3
    assert set(part.warning[part.stat.isna()]) == {"a difference has no logarithm"}
    both = run(drawn, pearson="yes", y="PSA", x_at="Week 9-Baseline", y_at="Week 9")
    ratios, after = np.log([5 / 10, 5 / 20, 4 / 0.5]), np.log([5, 5, 4])
    assert numbers(both, "pearson_log")["r"] == pytest.approx(np.corrcoef(ratios, after)[0, 1])


def test_leaving_each_out_is_done_one_by_one(drawn: Data) -> None:
    found = numbers(run(drawn), "leave_one_out")
    x, y = [10, 20, 0, 40, 80], [100, 120, 90, 150, 140]
    each = [by_brute_force(x[:i] + x[i + 1 :], y[:i] + y[i + 1 :]) for i in range(5)]
    assert (found["estimate_low"], found["estimate_high"]) == (pytest.approx(min(each)[0]), pytest.approx(max(each)[0]))
    assert found["p_high"] == pytest.approx(max(p for _, p in each))


def test_swapped_axes_give_the_same_numbers(trial: Data) -> None:
    one = find("association").run(trial, trial.study.populations[0], {"x": "TESTO_S", "y": "TESTO_M"})
    other = find("association").run(trial, trial.study.populations[0], {"x": "TESTO_M", "y": "TESTO_S"})
    for context in ("pairs", "spearman", "kendall", "leave_one_out"):
        assert numbers(one, context) == pytest.approx(numbers(other, context), nan_ok=True)


def test_a_constant_axis_is_not_estimable(draw: Draw) -> None:
    lines = "".join(
        f"\n| {s} | PSA | Baseline | 2024-01-30 | 5 |\n| {s} | AR | Baseline | 2024-01-30 | {int(s)} |"
        for s in ("01", "02", "03", "04", "05")
    )
    data = draw(TOML, adsl=ADSL, adbm="| USUBJID | PARAMCD | AVISIT | ADT | AVAL |" + lines)
    result = run(data)
    rho = result.ard[(result.ard.context == "spearman") & (result.ard.stat_name == "rho")].iloc[0]
    assert rho.warning == "all values of one axis are tied"
    assert find("association").show(result, data).rows[1].cells[0] == "n.e."


def test_one_patient_and_nobody_are_answers(drawn: Data) -> None:
    for where, n in (("USUBJID EQ 01", 1), ("USUBJID EQ 99", 0)):
        somebody = drawn.study.population("All subjects").filtered(Where.parse(where))
        result = find("association").run(drawn, somebody, {})
        assert numbers(result)["n"] == n
        assert "no correlation can be given" in result.answer
        assert (result.ard.warning[result.ard.stat.isna()] != "").all()
        assert find("association").show(result, drawn).rows
        assert find("association").figures["scatter"].draw(result, drawn).to_dict()


def test_the_same_measure_on_both_axes_is_said(drawn: Data) -> None:
    result = run(drawn, y="PSA")
    assert result.notes == ("Both axes are the same measure; choose another for one of them.",)
    assert numbers(run(drawn, y="PSA", y_at="Week 9"))["n"] == 3


@pytest.mark.parametrize("at", ["Week 9-", "Baseline-Week 9", "Moon", "Week 9-Moon"])
def test_a_moment_that_does_not_exist_is_refused(drawn: Data, at: str) -> None:
    with pytest.raises(OptionError, match=r"x_at=.* is not known; use one of Baseline"):
        run(drawn, x_at=at)


def test_what_is_planned_is_called_so(drawn: Data) -> None:
    planned = drawn.study.populations[0].model_copy(update={"where": Where()})
    ask = lambda **given: find("association").run(drawn, planned, {"x": "PSA", "y": "AR"} | given).unplanned  # noqa: E731
    assert ask() == ask(x_at="Week 9", y_at="Week 9") == ask(x_at="Week 9-Baseline", y_at="Week 9-Baseline") == ()
    assert ask(x="AR", y="PSA") == ()
    assert ask(y_at="Week 9") == ("Baseline against Week 9",)
    assert ask(y="TUMOUR") == ("two measures that study.toml does not set against each other",)
    assert ask(x_at="Week 9-Baseline", y_at="Week 9-Baseline", blq="zero")[0].startswith(
        "rule for values below the limit"
    )
    assert find("association").run(drawn, planned.filtered(Where.parse("SEX EQ M"))).unplanned == (
        "only subjects with SEX EQ M",
    )


def test_the_file_has_everybody_with_values_as_recorded(drawn: Data) -> None:
    file = wide(run(drawn, by="SEX")).set_index("USUBJID")
    assert len(file) == 8
    assert list(file["in analysis"][:5]) == ["Y"] * 5
    assert file.loc["03", "x as recorded"] == "<1"
    assert file.loc["06", "group"] == "Missing"
    assert file.loc["02", "days between (x - y)"] == 2


def test_published_numbers_come_out_of_the_whole_road(draw: Draw) -> None:
    golden = pd.read_csv(GOLDEN / "expected.csv", dtype=str).set_index(["case", "quantity"]).value
    case = pd.read_csv(GOLDEN / "S01_hunter_L_tuna.csv")
    subjects = [f"S{at}" for at in range(len(case))]
    adsl = "| USUBJID | TRTSDT | SEX | ECOGBL |" + "".join(f"\n| {s} | 2024-01-01 | M | 1 |" for s in subjects)
    adbm = "| USUBJID | PARAMCD | AVISIT | ADT | AVAL |" + "".join(
        f"\n| {s} | PSA | Baseline | 2024-01-01 | {x} |\n| {s} | AR | Baseline | 2024-01-01 | {y} |"
        for s, x, y in zip(subjects, case.x, case.y, strict=True)
    )
    data = draw(TOML, adsl=adsl, adbm=adbm)
    result = run(data)
    found, theirs = numbers(result), golden["S01_hunter_L_tuna"].to_dict()
    for name, quantity in {
        "n": "n", "rho": "spearman_rho", "p_value": "p_exact(R cor.test; n<=9 exact, else Edgeworth)",
        "conf_low": "bonett_wright_CI95_low", "conf_high": "bonett_wright_CI95_high",
    }.items():  # fmt: skip
        assert found[name] == pytest.approx(float(theirs[quantity]), abs=1e-10), name
    by_t = numbers(run(data, method="asymptotic"))
    assert by_t["p_value"] == pytest.approx(float(theirs["p_t_approximation"]), abs=1e-12)
