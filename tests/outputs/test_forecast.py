"""The forecast of a study as a whole: the protocol's example, a little study by another way, and the study as shipped."""

from fractions import Fraction
from math import comb

import numpy as np
import pandas as pd
import pytest

from core.ard import Result
from core.data import Data
from core.errors import OptionError, StudyError
from core.outputs import design_check, find, forecast, what_if
from core.stats.pace import MONTH
from core.study import Study, load
from core.where import Where
from tests.drawing import folder, study
from tests.outputs.harvest_study import ALL, STATES, TOML, worked

FORECASTS = (forecast.OUTPUT, what_if.OUTPUT)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("forecast"), TOML, **ALL)


def run(data: Data, name: str = "forecast", where: str = "", **options: object) -> Result:
    return find(name).run(data, data.study.populations[0].filtered(Where.parse(where)), options)


def stat(result: Result, context: str, name: str, variable: str = "PAIRS", level: str = "", at: str = "") -> float:
    ard = result.ard
    found = ard[
        (ard.context == context) & (ard.stat_name == name) & (ard.variable == variable) & (ard.variable_level == level)
        & (ard.group2_level == at)
    ]  # fmt: skip
    assert len(found) == 1, (context, name, len(found))
    return float(found.stat.iloc[0])


def rising(a: int, n: int) -> Fraction:
    value = Fraction(1)
    for each in range(n):
        value *= a + each
    return value


def wins(n: int, k: int, a: int, b: int) -> Fraction:
    return comb(n, k) * rising(a, k) * rising(b, n - k) / rising(a + b, n)


def exactly(pairs: int, first: int, second: int, one: tuple[int, int], two: tuple[int, int]) -> list[float]:
    """The distribution of pairs in exact fractions."""
    found = [Fraction(0)] * (pairs + first + second + 1)
    for good in range(first + 1):
        for new in range(good + second + 1):
            found[pairs + new] += wins(first, good, *one) * wins(good + second, new, *two)
    return [float(each) for each in found]


@pytest.mark.parametrize("windows", [True, False])
def test_the_worked_example_from_records_to_answer(draw, windows: bool) -> None:
    toml, adsl, adbe = worked(windows)
    result = run(draw(toml, adsl=adsl, adbe=adbe))
    assert stat(result, "target", "p_target_pairs") == pytest.approx(0.659, abs=0.0005)
    assert stat(result, "target", "expected_pairs") == pytest.approx(15 + (20 * 29 / 42 + 8) * 16 / 22)
    assert result.answer.startswith(
        "The chance of 30 evaluable pairs or more with 60 patients accrued is 65.9%: 15 are in hand, 15 patients are undecided and "
        "13 are still to come, so that 30.9 pairs are expected (95% predictive interval "
    )


def test_a_little_study_by_another_way(drawn: Data) -> None:
    """Three wait for baseline and five are to be accrued, three wait for week 9; 9 of 11 and 1 of 4 count."""
    chances = exactly(2, 8, 3, (10, 3), (2, 4))
    result = run(drawn)
    assert stat(result, "target", "p_target_pairs") == pytest.approx(sum(chances[6:]))
    assert stat(result, "target", "expected_pairs") == pytest.approx(sum(k * p for k, p in enumerate(chances)))
    below = np.cumsum(chances)
    for level in (80, 95):
        out = (1 - level / 100) / 2
        low, high = (stat(result, f"predictive_{level}", name) for name in ("conf_low", "conf_high"))
        assert (low, high) == (int(np.argmax(below > out)), int(np.argmax(below >= 1 - out)))
    assert (stat(result, "target", "conf_low"), stat(result, "target", "conf_high")) == (low, high)
    for level in (80, 90, 95):
        total = int(stat(result, "assurance", f"accrue_for_{level}"))
        reached = [sum(exactly(2, 3 + total - 15 - less, 3, (10, 3), (2, 4))[6:]) for less in (0, 1)]
        assert reached[0] >= level / 100 > reached[1]


def test_states_rates_and_priors_are_printed(drawn: Data) -> None:
    result = run(drawn)
    n = {
        "accrued": 15,
        "pair": 2,
        "failed_baseline": 2,
        "failed_follow_up": 5,
        "waiting_baseline": 3,
        "waiting_follow_up": 3,
        "to_accrue": 5,
    }
    assert {state: stat(result, "patients", "n", "STATE", state) for state in n} == n
    for state, count in n.items():
        if state != "to_accrue":
            assert len(forecast.OUTPUT.behind(drawn, drawn.everybody, {}, ("STATE", state, ""))) == count
    pairs = forecast.OUTPUT.behind(drawn, drawn.everybody, {}, ("STATE", "pair", ""))
    assert list(pairs.USUBJID) == STATES["evaluable pair"]
    assert list(pairs.paired.dt.strftime("%Y-%m-%d")) == ["2024-04-05", "2024-12-18"]
    for level, (good, N), (a, b) in (("baseline", (9, 11), (10, 3)), ("follow_up", (1, 4), (2, 4))):
        assert [stat(result, "posterior", name, "RATE", level) for name in ("n", "N", "a", "b")] == [good, N, a, b]
        assert stat(result, "posterior", "mean", "RATE", level) == pytest.approx(a / (a + b))
        assert [stat(result, "prior", name, "RATE", level) for name in ("a", "b")] == [1, 1]
    assert [stat(result, "prior", name, "PACE") for name in ("a", "b")] == [0.5, 0]
    table = " ".join(cell for row in forecast.OUTPUT.show(result, drawn).rows for cell in row.cells)
    assert "9 of 11 decided; prior Beta(1, 1)" in table and "prior Gamma(0.5, 0)" in table


def test_priors_of_study_toml_are_used_and_shown(tmp_path) -> None:
    toml = TOML + "[forecast]\nbaseline = [7, 3]\nfollow_up = [2.5, 1]\naccrual = [4, 2]\n"
    data = study(tmp_path, toml, **ALL)
    result = run(data)
    chances = exactly(2, 8, 3, (16, 5), (1, 1))
    assert stat(result, "posterior", "a", "RATE", "baseline") == 16
    assert [stat(result, "posterior", name, "RATE", "follow_up") for name in ("a", "b")] == [3.5, 4]
    assert stat(result, "pace", "mean", "PACE") == pytest.approx(19 / (2 + 366 / MONTH))
    assert len(chances) == 14
    assert "Beta(7, 3) and Beta(2.5, 1)" in result.methods


@pytest.mark.parametrize("wrong", ["baseline = [0, 1]", "accrual = [1, -1]", "follow_up = [1]", "rate = 0.5"])
def test_priors_that_are_none_are_refused(tmp_path, wrong: str) -> None:
    with pytest.raises(StudyError, match="forecast"):
        load(folder(tmp_path, f"[forecast]\n{wrong}\n"))
    assert Study(id="x", title="X", data_cut="2024-06-30").forecast.baseline == (1, 1)  # type: ignore[arg-type]


def test_dates_follow_the_pace_and_the_window(drawn: Data) -> None:
    """Five more patients at a Gamma(15.5, 366 days); the median wait for the first dose is 8 days."""
    from scipy.stats import betaprime

    result = run(drawn)
    for name, chance in (("days_median", 0.5), ("days_low", 0.025), ("days_high", 0.975)):
        months = betaprime.ppf(chance, 5, 15.5) * 366 / MONTH
        assert stat(result, "dates", name, "ACCRUED") == np.ceil(MONTH * months)
    assert any("92 days after registration" in note for note in result.notes), "8 to the first dose, and day 85"
    p = stat(result, "target", "p_target_pairs")
    assert stat(result, "dates", "p_reached") == pytest.approx(p)
    by_date = result.ard[(result.ard.context == "by_date") & (result.ard.variable == "PAIRS")]
    first = by_date[by_date.group2_level == "2024-12-31"].set_index("stat_name").stat
    assert first[["expected", "median", "low_95", "high_95", "p_target"]].tolist() == [2, 2, 2, 2, 0]
    chances = by_date[by_date.stat_name == "p_target"].stat.to_numpy()
    assert (np.diff(chances) >= -1e-12).all()
    assert chances[-1] == pytest.approx(p, abs=0.03)


def test_without_a_window_there_is_a_forecast_but_no_day_of_pairs(draw) -> None:
    toml, adsl, adbe = worked(False)
    result = run(draw(toml, adsl=adsl, adbe=adbe))
    assert np.isnan(stat(result, "dates", "days_median"))
    assert "no window" in result.ard.warning[(result.ard.context == "dates") & (result.ard.variable == "PAIRS")].iloc[0]
    assert not np.isnan(stat(result, "dates", "days_median", "ACCRUED"))


def test_sites_and_a_recent_window_change_the_pace_and_nothing_else(trial: Data) -> None:
    plain, by_site, recent = run(trial), run(trial, by="SITEID"), run(trial, recent=6)
    for other in (by_site, recent):
        assert stat(other, "target", "p_target_pairs") == stat(plain, "target", "p_target_pairs")
        assert stat(other, "dates", "days_median", "ACCRUED") != stat(plain, "dates", "days_median", "ACCRUED")
    paces = [stat(by_site, "pace", "mean", "PACE", site) for site in ("01", "02", "03")]
    assert stat(by_site, "pace", "mean", "PACE") == pytest.approx(sum(paces))
    assert np.isnan(stat(by_site, "pace", "conf_low", "PACE"))
    days = pd.to_datetime(trial.ask("registrations", trial.everybody).day)
    assert (
        stat(recent, "pace", "patients", "PACE")
        == (days > pd.Timestamp("2024-06-28") - pd.Timedelta(days=6 * MONTH)).sum()
    )
    assert "last 6 months" in recent.methods


def test_the_shipped_trial(trial: Data) -> None:
    """19 pairs, 1 and 6 undecided, 13 to come; 35 of 46 and 19 of 29 count."""
    chances = exactly(19, 14, 6, (36, 12), (20, 11))
    result = run(trial)
    assert stat(result, "target", "p_target_pairs") == pytest.approx(sum(chances[30:]))
    for level in (80, 90, 95):
        total = int(stat(result, "assurance", f"accrue_for_{level}"))
        reached = [sum(exactly(19, 1 + total - 47 - less, 6, (36, 12), (20, 11))[30:]) for less in (0, 1)]
        assert reached[0] >= level / 100 > reached[1]
    assert result.population == "All subjects" and result.N == 47


def test_the_design_check_is_the_plan_alone(trial: Data, drawn: Data) -> None:
    for data, name in ((trial, "forecast"), (trial, "design_check")):
        result = run(data, name)
        expected = {
            "per_patient": (0.5512890865, 30, 66, 70, 74), "per_biopsy": (2.669427e-05, 15, 136, 145, 153),
        }  # fmt: skip
        for reading, numbers in expected.items():
            names = ("p_target_pairs", "expected_pairs", "accrue_for_80", "accrue_for_90", "accrue_for_95")
            found = [stat(result, "design", each, level=reading) for each in names]
            assert found == pytest.approx(list(numbers), rel=1e-6)
    nobody = run(trial, "design_check", "USUBJID EQ nobody")
    assert stat(nobody, "design", "p_target_pairs", level="per_patient") == pytest.approx(0.5512890865)
    assert run(trial, "design_check").answer == (
        "If exactly 50% is the chance that a patient gives a pair, 60 patients accrued give 30 pairs on average, and 30 or more with a "
        "chance of 55.1%. It would take 66 accrued for 80%, 70 accrued for 90%, 74 accrued for 95%."
    )
    assert (
        "If exactly 50% is the chance that a biopsy succeeds" in run(trial, "design_check", reading="per_biopsy").answer
    )
    assert "0.0027%" in run(trial, "design_check", reading="per_biopsy").answer
    rows = {row.label: row.cells for row in design_check.OUTPUT.show(run(trial, "design_check"), trial).rows}
    assert rows["Patients to accrue for 80%"] == ("66", "136")


def test_a_what_if_holds_its_rates_and_never_calls_itself_a_forecast(trial: Data) -> None:
    options = {"accrual_rate": 4, "baseline_success": 80, "follow_up_success": 50}
    result = run(trial, "what_if", **options)
    assert not {"target", "assurance", "dates", "by_date", "predictive_80"} & set(result.ard.context)
    chances = np.zeros(41)
    for good in range(15):
        for new in range(good + 7):
            one = comb(14, good) * 0.8**good * 0.2 ** (14 - good)
            chances[19 + new] += one * comb(good + 6, new) * 0.5 ** (good + 6)
    assert stat(result, "what_if_target", "p_target_pairs") == pytest.approx(chances[30:].sum())
    assert stat(result, "what_if_target", "expected_pairs") == pytest.approx(19 + (14 * 0.8 + 6) * 0.5)
    from scipy.stats import gamma

    assert stat(result, "what_if_dates", "days_median", "ACCRUED") == np.ceil(MONTH * gamma.ppf(0.5, 13, scale=1 / 4))
    assert result.answer.startswith(
        "What if, no forecast: with 4 patients a month, 80% evaluable at baseline and 50% of those"
    )
    assert result.unplanned == ("what if",)
    for figure in what_if.OUTPUT.figures.values():
        assert figure.draw(result, trial).to_dict()["title"]["text"][0].startswith("What if:")


def test_a_what_if_rests_at_the_estimates(trial: Data) -> None:
    assert what_if.OUTPUT.read({}, trial) == {
        "accrual_rate": 2.4,
        "baseline_success": 75,
        "follow_up_success": 65,
        "conf": 0.95,
    }
    stalled = run(trial, "what_if", accrual_rate=0)
    assert np.isnan(stat(stalled, "what_if_dates", "days_median", "ACCRUED"))
    assert stat(stalled, "what_if_target", "p_target_pairs") > 0, "by 60 accrued, whenever that is"
    never = run(trial, "what_if", baseline_success=0, follow_up_success=0)
    assert stat(never, "what_if_target", "p_target_pairs") == 0
    assert np.isnan(stat(never, "what_if_assurance", "accrue_for_80"))


@pytest.mark.parametrize("output", FORECASTS, ids=lambda output: output.id)
@pytest.mark.parametrize("where", ["USUBJID EQ nobody", "USUBJID EQ 01", "SITEID EQ A"])
def test_a_part_of_the_study_has_no_forecast_and_says_so(drawn: Data, output, where: str) -> None:
    result = run(drawn, output.id, where)
    context = "what_if_target" if output is what_if.OUTPUT else "target"
    assert np.isnan(stat(result, context, "p_target_pairs"))
    assert "the targets are those of the whole study" in result.answer
    assert (result.ard.warning[result.ard.stat.isna()] != "").all()
    assert output.show(result, drawn).rows
    for figure in output.figures.values():
        assert "Nothing ahead to draw" in " ".join(figure.draw(result, drawn).to_dict()["title"]["subtitle"])


@pytest.mark.parametrize("state", ["07", "01", "13"])
def test_a_study_of_one_patient(draw, state: str) -> None:
    def of(drawing: str) -> str:
        head, *rows = drawing.strip().splitlines()
        return "\n".join([head, *(row for row in rows if row.split("|")[1].strip() == state)])

    given = {name: of(drawing) for name, drawing in ALL.items() if name in ("adsl", "adbe")}
    given = {name: drawing for name, drawing in given.items() if drawing.count("\n")}
    data = draw(TOML, **given)
    for output in FORECASTS:
        result = run(data, output.id)
        assert (result.ard.warning[result.ard.stat.isna()] != "").all()
        assert output.show(result, data).rows
    if "adbe" in given:
        first, second = {"01": ((2, 1), (2, 1)), "13": ((2, 1), (1, 2))}[state]
        chances = exactly(int(state == "01"), 19, 0, first, second)
        assert stat(run(data), "target", "p_target_pairs") == pytest.approx(sum(chances[6:]))


def test_targets_reached_are_certain(draw) -> None:
    toml, adsl, adbe = worked()
    result = run(
        draw(
            toml.replace("accrual = 60", "accrual = 40").replace("evaluable = 30", "evaluable = 15"),
            adsl=adsl,
            adbe=adbe,
        )
    )
    assert stat(result, "target", "p_target_pairs") == pytest.approx(1)
    assert stat(result, "assurance", "accrue_for_95") == 47
    assert stat(result, "dates", "days_high") == stat(result, "dates", "days_high", "ACCRUED") == 0
    assert stat(result, "patients", "n", "STATE", "to_accrue") == 0
    assert result.answer.endswith("40 accrued: reached; 15 pairs: reached.")


def test_the_pilot_says_what_is_missing(pilot: Data) -> None:
    result = run(pilot)
    assert result.answer == "There is no forecast of evaluable pairs: this study has no dataset ADBE."
    assert "the study names no target of accrual" in " ".join(result.notes)
    assert stat(result, "pace", "patients", "PACE") == 253
    assert run(pilot, "design_check").answer.endswith("so the design cannot be checked.")


def test_an_unfit_number_is_one_sentence(trial: Data) -> None:
    with pytest.raises(OptionError, match="recent=-1 does not fit; write a whole number from 0 to 120"):
        run(trial, recent=-1)
    with pytest.raises(OptionError, match="baseline_success=101 does not fit"):
        run(trial, "what_if", baseline_success=101)
    with pytest.raises(OptionError, match="reading=per_needle is not known; use one of per_patient, per_biopsy"):
        run(trial, "design_check", reading="per_needle")


def test_where_nobody_more_comes_the_target_of_accrual_is_not_reached(trial: Data) -> None:
    ard = find("what_if").run(trial, trial.everybody, {"accrual_rate": 0}).ard
    dates = ard[(ard.context == "what_if_dates") & (ard.variable == "ACCRUED")].set_index("stat_name").stat
    assert dates.p_reached == 0
    assert dates[["days_median", "days_low", "days_high"]].isna().all()
