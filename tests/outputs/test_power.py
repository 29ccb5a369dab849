"""What this many pairs can show: the numbers of the plan, what a reader asks, and each marker at its pairs."""

import numpy as np
import pandas as pd
import pytest

from core.ard import KEY, Result
from core.data import Data
from core.errors import OptionError, StudyError
from core.outputs import find
from core.outputs.power import OF_A_PLAN
from core.outputs.power_now import OTHER_UNIT
from core.stats.power import paired_power, solve
from core.stats.power_simulated import simulate
from core.tables.power import claim
from core.where import Where

OUTPUT = find("power")
TOML = """
[targets]
accrual = 40
evaluable = 20
anticipated_evaluable_rate = 0.5
[design]
effect_size = 0.7
[timepoints]
baseline = "Baseline"
follow_up = "Week 9"
[[parameters]]
PARAMCD = "AR"
label = "AR"
unit = "H-score"
family = "receptor"
[[parameters]]
PARAMCD = "BCL2"
label = "BCL-2"
unit = "H-score"
family = "survival"
[[parameters]]
PARAMCD = "KI67"
label = "Ki-67"
unit = "%"
family = "survival"
[[parameters]]
PARAMCD = "PSA"
label = "PSA"
unit = "ng/mL"
scale = "log2"
LLOQ = 0.5
"""
ADSL = "| USUBJID | TRTSDT | AGE |" + "".join(f"\n| 0{number} | 2024-02-01 | {50 + number} |" for number in range(1, 7))
# AR changes by 1, 2, 4 and 5 (SD 1.826); BCL2 by 3 in everybody; of Ki-67 there is one pair; PSA doubles, falls below, stays.
ADBM = """
    | USUBJID | PARAMCD | AVISIT   | AVISITN | ADT        | AVAL | AVALC |
    | 01      | AR      | Baseline | 0       | 2024-01-30 | 10   |       |
    | 01      | AR      | Week 9   | 9       | 2024-04-04 | 11   |       |
    | 02      | AR      | Baseline | 0       | 2024-01-30 | 20   |       |
    | 02      | AR      | Week 9   | 9       | 2024-04-04 | 22   |       |
    | 03      | AR      | Baseline | 0       | 2024-01-30 | 30   |       |
    | 03      | AR      | Week 9   | 9       | 2024-04-04 | 34   |       |
    | 04      | AR      | Baseline | 0       | 2024-01-30 | 40   |       |
    | 04      | AR      | Week 9   | 9       | 2024-04-04 | 45   |       |
    | 05      | AR      | Baseline | 0       | 2024-01-30 | 50   |       |
    | 01      | BCL2    | Baseline | 0       | 2024-01-30 | 1    |       |
    | 01      | BCL2    | Week 9   | 9       | 2024-04-04 | 4    |       |
    | 02      | BCL2    | Baseline | 0       | 2024-01-30 | 2    |       |
    | 02      | BCL2    | Week 9   | 9       | 2024-04-04 | 5    |       |
    | 01      | KI67    | Baseline | 0       | 2024-01-30 | 7    |       |
    | 01      | KI67    | Week 9   | 9       | 2024-04-04 | 5    |       |
    | 01      | PSA     | Baseline | 0       | 2024-01-30 | 8    |       |
    | 01      | PSA     | Week 9   | 9       | 2024-04-04 | 16   |       |
    | 02      | PSA     | Baseline | 0       | 2024-01-30 | 4    |       |
    | 02      | PSA     | Week 9   | 9       | 2024-04-04 |      | <0.5  |
    | 03      | PSA     | Baseline | 0       | 2024-01-30 | 4    |       |
    | 03      | PSA     | Week 9   | 9       | 2024-04-04 | 4    |       |
"""
ADBE = "| USUBJID | BEREFID | AVISIT | ADT | BEMETHOD | EVALFL |" + "".join(
    f"\n| 0{number} | {number}{visit[0]} | {visit} | {day} | BIOPSY | {flag} |"
    for number, second in ((1, "Y"), (2, "Y"), (3, "Y"), (4, "N"), (5, "N"))
    for visit, day, flag in (("Baseline", "2024-01-30", "Y"), ("Week 9", "2024-04-04", second))
)


@pytest.fixture
def drawn(draw) -> Data:
    return draw(TOML, adsl=ADSL, adbm=ADBM, adbe=ADBE)


def run(data: Data, where: str = "", **options: object) -> Result:
    return OUTPUT.run(data, data.study.populations[0].filtered(Where.parse(where)), options)


def numbers(result: Result, context: str, level: str = "", variable: str = "", family: str = "") -> dict[str, float]:
    ard = result.ard[(result.ard.context == context) & (result.ard.variable == variable)]
    ard = ard[(ard.variable_level == level) & ((ard.group2_level == family) | (context in ("current", "precision")))]
    assert len(ard)
    return dict(zip(ard.stat_name, ard.stat, strict=True))


def reasons(result: Result, context: str, variable: str = "") -> set[str]:
    ard = result.ard[(result.ard.context == context) & (result.ard.variable == variable)]
    return set(ard.warning[ard.stat.isna()])


@pytest.mark.parametrize(
    ("given", "solved", "expected"),
    [
        ({"n": 30, "effect_size": 0.82, "alpha": 0.05}, "power", 0.99130),
        ({"n": 30, "alpha": 0.05, "power": 0.8}, "effect_size", 0.52924),
        ({"effect_size": 0.82, "alpha": 0.05, "power": 0.8}, "n", 14),
        ({"effect_size": 0.82, "alpha": 0.05, "power": 0.8}, "n_exact", 13.71678),
        ({"effect_size": 0.82, "alpha": 0.05, "power": 0.8}, "power_reached", 0.80935),
        ({"n": 30, "effect_size": 0.82, "power": 0.8}, "alpha", 0.00119317),
        ({"n": "30", "alpha": "0.00125", "power": "0.8"}, "effect_size", 0.81667),
    ],
)
def test_the_number_left_out_is_solved_and_the_others_are_as_given(
    trial: Data, given: dict, solved: str, expected: float
) -> None:
    found = numbers(run(trial, **given), "power")
    assert found[solved] == pytest.approx(expected, rel=5e-6, abs=5e-6)
    assert {name: found[name] for name in given} == {name: float(value) for name, value in given.items()}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"n": 30}, "n is given; give three of n, effect_size, alpha and power, and leave out the one to be solved."),
        ({"n": 30, "alpha": 0.05}, "n and alpha are given; give three of"),
        ({"n": 30, "effect_size": 0.8, "alpha": 0.05, "power": 0.8}, "n, effect_size, alpha and power are given; give three of"),
        ({"n": 30, "alpha": 0.05, "power": 0.05}, "power=0.05 is not above alpha=0.05"),
        ({"n": 2.5, "alpha": 0.05, "power": 0.8}, "n=2.5 does not fit; write a whole number from 2 to 100000, such as 2."),
        ({"n": 1, "alpha": 0.05, "power": 0.8}, "n=1 does not fit"),
        ({"n": 30, "alpha": 0, "power": 0.8}, "alpha=0 does not fit"),
        ({"effect_size": 0, "alpha": 0.05, "power": 0.8}, "effect_size=0 does not fit"),
        ({"n": 30, "alpha": 0.05, "power": 1}, "power=1 does not fit"),
        ({"markers": 0}, "markers=0 does not fit"),
        ({"half_width": -1}, "half_width=-1 does not fit"),
    ],
)  # fmt: skip
def test_what_cannot_be_solved_is_one_sentence(trial: Data, given: dict, says: str) -> None:
    with pytest.raises(OptionError, match=f"^{says.replace('.', '[.]')}"):
        run(trial, **given)


def test_an_empty_option_is_one_left_out(trial: Data) -> None:
    assert numbers(run(trial, n="30", effect_size="", alpha="0.05", power="0.8"), "power")["effect_size"] < 0.53


def test_with_nothing_given_the_plan_of_the_study_is_asked(trial: Data, drawn: Data) -> None:
    assert numbers(run(trial), "power") == numbers(run(trial, n=30, effect_size=0.82, alpha=0.05), "power")
    assert numbers(run(drawn), "plan") == {"n": 20, "effect_size": 0.7, "alpha": 0.05, "power": 0.8}
    assert numbers(run(drawn), "power")["power"] == float(paired_power(20, 0.7, 0.05))


@pytest.mark.parametrize(
    ("toml", "solved", "known"),
    [("[targets]\nevaluable = 20\n", "effect_size", {"n": 20}), ("[design]\neffect_size = 0.7\n", "n", {"effect_size": 0.7})],
)  # fmt: skip
def test_what_a_plan_lacks_is_solved(draw, toml: str, solved: str, known: dict) -> None:
    data = draw(toml, adsl=ADSL)
    result = run(data)
    assert numbers(result, "power")[solved] == float(getattr(solve(**known, alpha=0.05, power=0.8), solved))
    claims = result.ard[result.ard.context == "claim"]
    assert set(claims.warning[claims.stat.isna()]) == {"study.toml does not state what this takes"}
    assert len(claim(result)) == 2, "what is planned, and the one number that it gives"
    assert result.answer


def test_a_study_without_a_plan_takes_the_readers_numbers(pilot: Data) -> None:
    nothing = run(pilot)
    assert np.isnan(numbers(nothing, "power")["n"])
    assert reasons(nothing, "power") == {"study.toml states neither a target of evaluable pairs nor an effect size"}
    assert nothing.answer.startswith("Nothing can be solved: study.toml states neither")
    assert any("give three of n, effect_size, alpha and power" in note for note in nothing.notes)
    assert "This study has no dataset ADBM, so nothing is said of markers at their pairs." in nothing.notes
    assert claim(nothing) == ()
    assert not {"claim", "current", "pairs"} & set(nothing.ard.context)
    asked = run(pilot, n=20, effect_size=0.5, alpha=0.05)
    assert numbers(asked, "power")["power"] == pytest.approx(0.564504418439, rel=1e-9)
    assert asked.answer == "20 pairs have 56.5% power to detect d_z 0.5 (two-sided paired t-test, alpha 0.05)."
    assert OUTPUT.show(asked, pilot).rows


def test_a_plan_whose_power_is_not_above_alpha_is_refused(draw) -> None:
    with pytest.raises(StudyError, match=r"design: .*power = 0\.04 must be above alpha = 0\.05"):
        draw("[design]\npower = 0.04\n", adsl=ADSL)


def test_the_claim_of_the_protocol_side_by_side(trial: Data) -> None:
    """30 pairs, d_z 0.82, 80 percent, 0.05: which number fits which reading."""
    result = run(trial, markers=40)
    found = {level: numbers(result, "claim", level) for level in ("detectable", "needed", "achieved", "family", "together", "per_biopsy")}  # fmt: skip
    assert f"{found['detectable']['effect_size']:.3f}" == "0.529"
    assert (found["needed"]["n"], f"{found['needed']['power_reached']:.4f}") == (14, "0.8093")
    assert f"{found['achieved']['power']:.3f}" == "0.991"
    assert (f"{found['family']['effect_size']:.3f}", found["family"]["alpha"]) == ("0.817", 0.00125)
    assert f"{found['together']['markers']:.1f}" == "41.9"
    assert (found["per_biopsy"]["n"], f"{found['per_biopsy']['effect_size']:.3f}") == (15, "0.778")
    told = claim(result)
    assert told == (
        "study.toml plans 30 evaluable pairs and d_z 0.82, 80% power and a two-sided alpha of 0.05. Each number below is right for "
        "its own reading; which one the protocol means is for its authors to say.",
        "30 pairs detect d_z 0.529 with 80% power: fits one marker named beforehand, tested alone.",
        "d_z 0.82 needs 14 pairs (80.9% power): fits one marker tested alone, with no pair to spare.",
        "30 pairs have 99.1% power for d_z 0.82: fits one marker tested alone.",
        "30 pairs detect d_z 0.817 with 80% power in each of 40 markers, at alpha 0.00125 each: fits a panel of 40 markers of which any may count.",
        "30 pairs, d_z 0.82 and 80% power hold together at alpha 0.00119: fits a panel of 41 markers of which any may count.",
        "15 pairs, expected if each biopsy fails by itself, detect d_z 0.778 with 80% power: fits an anticipated rate that is of each biopsy, both independent.",
    )  # fmt: skip
    assert not any("wrong" in sentence for sentence in told)


def test_a_plan_that_asks_too_much_is_told_as_it_is(draw) -> None:
    data = draw("[targets]\nevaluable = 10\n[design]\neffect_size = 0.5\n", adsl=ADSL)
    result = run(data)
    assert numbers(result, "claim", "together")["alpha"] > 0.05
    assert any(sentence.endswith("fits no test at the planned alpha.") for sentence in claim(result))


def test_markers_share_one_alpha(trial: Data) -> None:
    result = run(trial, n=30, effect_size=0.82, alpha=0.05)
    of = {name: int((trial.parameters.family == name).sum()) for name in dict.fromkeys(trial.parameters.family)}
    assert sum(of.values()) == 35
    for name, count in of.items():
        found = numbers(result, "family", family=name)
        assert (found["markers"], found["alpha"] * count) == (count, pytest.approx(0.05))
        assert found["power"] == pytest.approx(float(paired_power(30, 0.82, 0.05 / count)))
    assert numbers(result, "family", "stated")["markers"] == 35
    part = numbers(run(trial, n=30, alpha=0.05, power=0.8, markers=4, share=80), "family", "stated")
    assert (part["percent"], part["alpha_family"], part["alpha"]) == (80, 0.05, pytest.approx(0.01))
    assert part["effect_size"] == pytest.approx(float(solve(n=30, alpha=0.01, power=0.8).effect_size))
    back = numbers(
        run(trial, n=30, effect_size=part["effect_size"], power=0.8, markers=4, share=80), "family", "stated"
    )
    assert back["alpha_family"] == pytest.approx(0.05)


def test_both_tests_are_simulated_at_what_the_signed_rank_test_needs(trial: Data) -> None:
    result = run(trial, effect_size=0.82, alpha=0.05, power=0.8)
    assert numbers(result, "wilcoxon_are")["n"] == 15
    drawn = result.ard[result.ard.context == "simulated"]
    assert len(drawn) == 3 * 2 * 8
    for keys, part in drawn.groupby(["group2_level", "variable_level"], sort=False):
        shape, test = map(str, keys)
        expected = simulate(shape, 15, 0.82, 0.05)[test]
        assert dict(zip(part.stat_name, part.stat, strict=True)) == vars(expected)


@pytest.mark.parametrize(
    ("given", "context", "reason"),
    [
        ({"n": 5, "effect_size": 0.8, "alpha": 0.05}, "wilcoxon_are", "with so few pairs the exact test cannot reach p at or below alpha"),
        ({"n": 5, "alpha": 0.05, "power": 0.8}, "simulated", "with so few pairs the exact test cannot reach p at or below alpha"),
        ({"n": 501, "effect_size": 0.1, "alpha": 0.05}, "simulated", "not drawn above 500 pairs"),
        ({"n": 1000, "effect_size": 5, "power": 0.8}, "power", "it is below 1e-100"),
    ],
)  # fmt: skip
def test_what_is_not_estimable_says_why(trial: Data, given: dict, context: str, reason: str) -> None:
    result = run(trial, **given)
    assert reasons(result, context) == {reason}
    assert any(note.startswith(f"n.e.: not estimable; {reason} (") for note in OUTPUT.show(result, trial).notes)
    assert result.answer
    for figure in OUTPUT.figures.values():
        assert figure.draw(result, trial).to_dict()


def test_each_marker_at_its_pairs(drawn: Data) -> None:
    """AR: four pairs, changes 1, 2, 4, 5. t of 3 degrees of freedom at 97.5 percent is 3.18245."""
    found = numbers(run(drawn), "current", variable="AR")
    assert found["n"] == 4
    assert found["sd_change"] == pytest.approx(np.sqrt(10 / 3))
    assert found["half_width"] == pytest.approx(3.182446 * np.sqrt(10 / 3) / 2, rel=1e-6)
    assert found["effect_size"] == pytest.approx(float(solve(n=4, alpha=0.05, power=0.8).effect_size))
    assert found["change"] == pytest.approx(found["effect_size"] * found["sd_change"])
    assert (found["alpha"], found["power"]) == (0.05, 0.8)
    psa = numbers(run(drawn), "current", variable="PSA")
    assert psa["sd_change"] == pytest.approx(np.std([1, -4, 0], ddof=1)), "log2, a value below its limit as half of it"


def test_markers_without_a_spread_keep_their_pairs_and_say_why(drawn: Data) -> None:
    result = run(drawn)
    for code, n, reason in (("BCL2", 2, "all differences are the same"), ("KI67", 1, "fewer than two pairs")):
        found = numbers(result, "current", variable=code)
        assert found["n"] == n
        assert np.isnan([found[name] for name in ("sd_change", "effect_size", "change", "half_width")]).all()
        assert reasons(result, "current", code) == {reason}
    lowest = run(drawn, blq="lowest")
    assert reasons(lowest, "current", "PSA") == {"values below the limit have an order but no magnitude"}
    assert numbers(lowest, "current", variable="PSA")["n"] == 3


def test_half_widths_are_those_of_the_panel(trial: Data) -> None:
    """Half of the interval of the mean change that the panel prints, marker by marker."""
    ours = run(trial).ard
    panel = find("panel").run(trial, trial.study.populations[0]).ard
    ours = ours[ours.context == "current"].pivot_table(index="variable", columns="stat_name", values="stat")
    theirs = panel[panel.context == "paired_t"].pivot_table(index="variable", columns="stat_name", values="stat")
    theirs = theirs.loc[ours.index]
    assert len(ours) == 35
    np.testing.assert_allclose(ours.half_width, (theirs.conf_high - theirs.conf_low) / 2, rtol=1e-9)
    np.testing.assert_array_equal(ours.n, theirs.n)
    np.testing.assert_allclose(ours.sd_change, theirs.sd_change, rtol=1e-12)


def test_pairs_for_a_half_width_are_those_of_markers_in_the_same_unit(drawn: Data) -> None:
    result = run(drawn, PARAMCD="AR", half_width=1)
    found = numbers(result, "precision", variable="AR")
    assert found["half_width"] == 1
    assert found["n"] == 16, "t of 15 degrees of freedom is 2.131: 2.131 x 1.826 / 4 = 0.973; with 15 pairs it is 1.011"
    assert reasons(result, "precision", "BCL2") == {"all differences are the same"}
    for other in ("KI67", "PSA"):
        assert reasons(result, "precision", other) == {OTHER_UNIT}
    assert any("2 markers are measured in another unit than AR" in note for note in result.notes)
    assert not np.isnan(numbers(run(drawn, PARAMCD="PSA", half_width=1), "precision", variable="PSA")["n"])
    assert "precision" not in set(run(drawn).ard.context)


def test_the_mean_change_found_enters_no_number(draw, drawn: Data) -> None:
    """Every later value of AR is 100 higher: the change is another, its spread is not, and nothing here moves."""
    higher = ADBM.replace("| 11   |", "| 111  |").replace("| 22   |", "| 122  |").replace("| 34   |", "| 134  |").replace("| 45   |", "| 145  |")  # fmt: skip
    before = run(drawn, half_width=1)
    after = run(draw(TOML, adsl=ADSL, adbm=higher, adbe=ADBE), half_width=1)
    pd.testing.assert_frame_equal(before.ard, after.ard, rtol=1e-12)
    pd.testing.assert_frame_equal(before.records, after.records, rtol=1e-12)


def test_pairs_on_view_are_evaluable_specimens_at_both_timepoints(drawn: Data) -> None:
    assert numbers(run(drawn), "pairs") == {"N": 6, "n_pairs": 3, "n_missing": 3}
    assert numbers(run(drawn, "AGE LE 52"), "pairs") == {"N": 2, "n_pairs": 2, "n_missing": 0}
    assert numbers(run(drawn, "AGE LE 52"), "current", variable="AR")["n"] == 2


@pytest.mark.parametrize(("where", "n"), [("AGE GT 500", 0), ("AGE EQ 51", 1), ("AGE EQ 56", 0)])
def test_nobody_and_one_pair_are_answers(drawn: Data, where: str, n: int) -> None:
    result = run(drawn, where, half_width=2)
    assert numbers(result, "current", variable="AR")["n"] == n
    people = result.ard[~result.ard.context.isin(OF_A_PLAN)]
    assert people.stat[people.stat_name.isin(["n", "n_pairs"])].max() == n
    assert (result.ard.warning[result.ard.stat.isna()] != "").all()
    assert not result.ard.duplicated(list(KEY)).any()
    assert numbers(result, "power")["power"] == float(paired_power(20, 0.7, 0.05)), (
        "the plan does not hang on who is there"
    )
    assert OUTPUT.show(result, drawn).rows
    for figure in OUTPUT.figures.values():
        assert figure.draw(result, drawn).to_dict()


def test_markers_at_one_timepoint_are_told(draw) -> None:
    one = "| USUBJID | PARAMCD | AVISIT | ADT | AVAL |\n| 01 | AR | Baseline | 2024-01-01 | 100 |"
    data = draw(TOML, adsl=ADSL, adbm=one)
    result = run(data)
    assert any("measured at Baseline only" in note for note in result.notes)
    assert "current" not in set(result.ard.context)
    assert numbers(result, "power")["n"] == 20
    for figure in OUTPUT.figures.values():
        assert figure.draw(result, data).to_dict()


def test_the_table_prints_what_the_results_hold(drawn: Data) -> None:
    result = run(drawn, half_width=1, effect_size=0.7, alpha=0.05, power=0.8)
    layout = OUTPUT.show(result, drawn)
    rows = {row.label: row for row in layout.rows}
    assert [row.label for row in layout.rows if not row.indent] == [
        "What is asked",
        "The same tests of simulated measurements",
        "Each of many markers, paired t-test at its part of alpha (Bonferroni)",
        "The plan of study.toml, read in different ways",
        "Markers at the pairs on view, tested alone",
    ]
    assert all(len(row.cells) == len(layout.columns) for row in layout.rows)
    assert rows["Paired t-test, exact for normal changes"].cells[:4] == ("19 (18.03)", "0.7", "0.05", "82.3%")
    ar = rows["AR (H-score)"]
    assert ar.about == ("PARAMCD", "AR", "")
    assert ar.cells == ("4", "2.13", "0.05", "80%", "", "1.83", "3.89", "2.91", "16")
    assert rows["PSA (log2 fold)"].cells[5].endswith("(×6.26)")
    assert rows["PSA (log2 fold)"].cells[-1] == "", "not asked of another unit"
    assert rows["BCL-2 (H-score)"].cells[-1] == "n.e."
    assert "n.e.: not estimable; fewer than two pairs (Ki-67 (%))." in layout.notes
    assert [column.label for column in layout.columns][-4:] == ["SD of changes", "Smallest change", "± (95% CI)", "Pairs for ± 1"]  # fmt: skip


def test_the_curves_can_be_saved_and_are_the_numbers(drawn: Data) -> None:
    result = run(drawn, PARAMCD="AR", conf=0.9)
    saved = OUTPUT.records(result)
    power = saved[saved.quantity == "power"]
    np.testing.assert_allclose(power.value.astype(float), paired_power(power.n, power.curve.astype(float), 0.05))
    assert 0.7 in set(power.curve)
    width = saved[(saved.quantity == "half_width") & (saved.n == 4)]
    assert width.curve.tolist() == ["AR"]
    assert float(width.value.iloc[0]) == pytest.approx(numbers(result, "current", variable="AR")["half_width"])


def test_methods_tell_what_was_asked(trial: Data) -> None:
    told = run(trial, n=30, alpha=0.05, power=0.8, markers=4, share=80).methods
    assert told.startswith(
        "The effect size of a two-sided paired t-test was computed from the noncentral t distribution"
    )
    assert "For 4 markers alpha was divided by Bonferroni, of 80% of it." in told
    assert "of simulated data" in told
