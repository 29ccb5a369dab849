"""Improved, stable, worsened, died, off study or missing: everybody with a baseline in exactly one, period by period."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ard import Result
from core.data import Data
from core.errors import OptionError
from core.outputs import ordinal_change
from core.stats.ordinal import STATES, states
from core.stats.proportion import proportion
from core.stats.signed_rank import signed_rank
from core.where import Where
from tests.conftest import TRIAL
from tests.drawing import study
from tests.outputs.test_shift import ADQS, ADSL, TOML

OUTPUT = ordinal_change.OUTPUT
WHO = {
    "Cycles 1-3": {"improved": ["03"], "stable": ["01", "04"], "worsened": ["09"], "died": ["02"], "missing": ["06", "07", "08", "10"]},
    "Cycles 4-10": {"worsened": ["01", "09"], "died": ["02", "03", "10"], "off_study": ["04"], "missing": ["06", "07", "08"]},
    "Follow-up": {"died": ["02", "03", "09", "10"], "off_study": ["04"], "missing": ["01", "06", "07", "08"]},
}  # fmt: skip
"""05 has no baseline. 03 and 10 died after the first period, of which 10 has no value; 08 has two values that differ."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("ordinal"), TOML, adsl=ADSL, adqs=ADQS)


def run(data: Data, where: str = "", **options: str) -> Result:
    return OUTPUT.run(data, data.everybody.filtered(Where.parse(where)), options)


def stat(result: Result, period: str, context: str, name: str) -> float:
    ard = result.ard
    found = ard[(ard.group2_level == period) & (ard.context == context) & (ard.stat_name == name)]
    assert len(found) == 1
    assert (found.warning.iloc[0] == "") == found.stat.notna().iloc[0]
    return float(found.stat.iloc[0])


def who(result: Result, period: str) -> dict[str, list[str]]:
    records = result.records[(result.records.period == period) & (result.records.state != "no_baseline")]
    return {state: list(part.USUBJID) for state, part in records.groupby("state")}


@pytest.mark.parametrize("period", WHO)
def test_everybody_with_a_baseline_is_in_one_state(drawn: Data, period: str) -> None:
    result = run(drawn)
    assert who(result, period) == WHO[period]
    for state in STATES:
        n = len(WHO[period].get(state, []))
        exact = proportion(n, 9)
        assert stat(result, period, state, "n") == n
        assert stat(result, period, state, "N") == 9
        assert stat(result, period, state, "percent") == pytest.approx(100 * n / 9)
        for end in ("conf_low", "conf_high"):
            assert stat(result, period, state, end) == float(getattr(exact, end))


def test_zero_has_an_exact_upper_limit(drawn: Data) -> None:
    assert stat(run(drawn), "Cycles 4-10", "improved", "conf_low") == 0
    assert stat(run(drawn), "Cycles 4-10", "improved", "conf_high") == pytest.approx(100 * (1 - 0.025 ** (1 / 9)))


def test_worsened_among_those_measured_and_the_size_of_the_change(drawn: Data) -> None:
    result = run(drawn)
    assert stat(result, "Cycles 1-3", "worsened_measured", "n") == 1
    assert stat(result, "Cycles 1-3", "worsened_measured", "N") == 4
    assert stat(result, "Cycles 1-3", "worsened_measured", "percent") == 25
    assert np.isnan(stat(result, "Follow-up", "worsened_measured", "percent"))
    assert stat(result, "Cycles 1-3", "change", "n") == 4
    assert stat(result, "Cycles 1-3", "change", "n_missing") == 5
    assert stat(result, "Cycles 1-3", "change", "mean") == 0
    assert stat(result, "Cycles 4-10", "change", "median") == 1
    assert stat(result, "Cycles 4-10", "wilcoxon", "n") == 2
    assert stat(result, "Cycles 4-10", "wilcoxon", "p_value") == 0.5
    assert np.isnan(stat(result, "Follow-up", "wilcoxon", "p_value"))


def test_one_sentence_a_period(drawn: Data) -> None:
    assert run(drawn).answer == (
        "Cycles 1-3: of 4 subjects with a value, 1 worsened by one level or more. "
        "Cycles 4-10: of 2 subjects with a value, 2 worsened by one level or more. Follow-up: no subject has a value."
    )


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"value": "worst"}, {"improved": ["03"], "stable": ["04"], "worsened": ["01", "08", "09"]}),
        ({"value": "best"}, {"improved": ["03"], "stable": ["01", "04", "08"], "worsened": ["09"]}),
        ({"better": "higher"}, {"improved": ["09"], "stable": ["01", "04"], "worsened": ["03"]}),
        (
            {"better": "higher", "value": "worst"},
            {"improved": ["09"], "stable": ["01", "04", "08"], "worsened": ["03"]},
        ),
    ],
)
def test_the_worst_or_best_value_on_request_and_the_other_way_round(drawn: Data, options: dict, first: dict) -> None:
    found = who(run(drawn, **options), "Cycles 1-3")
    assert {state: names for state, names in found.items() if state in STATES[:3]} == first


def test_the_day_where_two_periods_meet_is_of_the_later(draw) -> None:
    adsl = """
        | USUBJID | TRTSDT     | TRTEDT     | AP01SDT    | AP01EDT    | AP02SDT    | AP02EDT    |
        | 01      | 2024-01-01 | 2024-06-30 | 2024-01-01 | 2024-04-01 | 2024-04-01 | 2024-06-30 |
    """
    adqs = """
        | USUBJID | PARAMCD | AVISIT   | ADT        | ABLFL | AVAL | BASE |
        | 01      | ECOG    | Baseline | 2024-01-01 | Y     | 1    | 1    |
        | 01      | ECOG    | Cycle 4  | 2024-04-01 |       | 2    | 1    |
        | 01      | ECOG    | Undated  |            |       | 3    | 1    |
    """
    result = run(draw(TOML, adsl=adsl, adqs=adqs))
    assert who(result, "Cycles 1-3") == {"missing": ["01"]}
    assert who(result, "Cycles 4-10") == {"worsened": ["01"]}
    assert "1 value has no date and so no period; not counted here." in result.notes


def test_a_value_on_the_day_of_the_first_dose_is_no_change(draw) -> None:
    adqs = """
        | USUBJID | PARAMCD | AVISIT   | ADT        | ABLFL | AVAL |
        | 01      | ECOG    | Baseline | 2023-12-28 | Y     | 1    |
        | 01      | ECOG    | Day 1    | 2024-01-01 |       | 2    |
    """
    data = draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |", adqs=adqs)
    assert who(run(data), "After baseline") == {"missing": ["01"]}


def test_without_periods_there_is_one_block_until_the_data_cut(draw) -> None:
    """The data cut is 2024-12-31; a death after it is not known yet, one without a date is."""
    adsl = """
        | USUBJID | TRTSDT     | DTHFL | DTHDT      | EOSSTT    | EOSDT      |
        | 01      | 2024-01-01 |       |            | ONGOING   |            |
        | 02      | 2024-01-01 | Y     |            |           |            |
        | 03      | 2024-01-01 |       |            | COMPLETED |            |
        | 04      | 2024-01-01 |       |            |           | 2024-06-01 |
        | 05      | 2024-01-01 | Y     | 2025-02-01 | ONGOING   |            |
        | 06      | 2024-01-01 | Y     | 2024-05-01 | DEAD      | 2024-05-01 |
        | 07      | 2024-01-01 | Y     | 2024-09-01 |           |            |
    """
    adqs = "| USUBJID | PARAMCD | AVISIT | ADT | ABLFL | AVAL |" + "".join(
        f"\n| 0{number} | ECOG | Baseline | 2024-01-01 | Y | 1 |" for number in range(1, 8)
    )
    adqs += "\n| 07 | ECOG | Week 3 | 2024-01-22 | | 2 |"
    result = run(draw(adsl=adsl, adqs=adqs))
    assert set(result.ard.group2_level) == {"After baseline"}
    assert set(result.ard.group2) == {"APERIODC"}
    assert who(result, "After baseline") == {
        "missing": ["01", "05"], "died": ["02", "06"], "off_study": ["03", "04"], "worsened": ["07"],
    }  # fmt: skip


@pytest.mark.parametrize("where", ["", "TRT01A EQ A", "USUBJID EQ 02", "USUBJID EQ 05", "USUBJID EQ nobody"])
@pytest.mark.parametrize("value", ["last", "worst", "best"])
def test_states_part_the_denominator_and_records_are_the_numbers(drawn: Data, where: str, value: str) -> None:
    result = run(drawn, where, value=value)
    assert len(result.records) == 3 * result.N
    for period in WHO:
        counted = [stat(result, period, state, "n") for state in STATES]
        records = result.records[result.records.period == period]
        inside = records[records.baseline.notna()]
        assert sum(counted) == stat(result, period, "improved", "N") == len(inside)
        assert counted == [(inside.state == state).sum() for state in STATES]
        assert stat(result, period, "change", "n") == sum(counted[:3]) == inside.change.notna().sum()
        expected = signed_rank(inside.change.to_numpy(dtype=float)).p_value
        assert stat(result, period, "wilcoxon", "p_value") == pytest.approx(float(expected), nan_ok=True)
    assert OUTPUT.show(result, drawn).rows


def test_the_table_prints_both_denominators_and_calls_the_test_exploratory(drawn: Data) -> None:
    layout = OUTPUT.show(run(drawn), drawn)
    rows = {(row.about[2], row.label): row.cells for row in layout.rows if row.about[0]}
    assert [row.label for row in layout.rows if not row.about[0]] == ["Cycles 1-3 (N=9)", "Cycles 4-10 (N=9)", "Follow-up (N=9)"]  # fmt: skip
    assert rows["Cycles 1-3", "Worsened"][::2] == ("1 (11.1)", "of 9 with a baseline value")
    assert rows["Cycles 1-3", "Worsened, of those measured"][::2] == ("1 (25.0)", "of 4 with a value in the period")
    test = rows["Cycles 4-10", "Signed-rank test against baseline (exploratory)"]
    assert test == ("p = 0.5000", "", "n = 2, 0 zero dropped, 2 tied, exact p, least p attainable 0.5000")
    assert any("cannot reach p < 0.05" in note for note in layout.notes)
    assert any(note.startswith("1 subject on view without a baseline value: 05") for note in layout.notes)


def test_a_row_lists_its_patients(drawn: Data) -> None:
    for row in OUTPUT.show(run(drawn), drawn).rows:
        if row.about[0] and row.about[1] != "measured":
            found = OUTPUT.behind(drawn, drawn.everybody, {}, row.about)
            assert list(found.USUBJID) == WHO[row.about[2]].get(row.about[1], [])
    measured = OUTPUT.behind(drawn, drawn.everybody, {}, ("ECOG", "measured", "Cycles 1-3"))
    assert list(measured.USUBJID) == ["01", "03", "04", "09"]
    assert len(OUTPUT.records(run(drawn))) == 30


def test_the_shipped_trial_counted_anew(trial: Data) -> None:
    """The first period, by the dates of dosing: up to the day before the fourth dose, else the end of treatment."""
    result = OUTPUT.run(trial, trial.everybody, {})
    subjects = pd.read_csv(TRIAL / "adam" / "adsl.csv", dtype=str).set_index("USUBJID")
    scores = pd.read_csv(TRIAL / "adam" / "adqs.csv", dtype={"USUBJID": str})
    doses = pd.read_csv(TRIAL / "adam" / "adex.csv", dtype=str).dropna(subset="ASTDT")
    fourth = doses.drop_duplicates(["USUBJID", "ASTDT"]).sort_values("ASTDT").groupby("USUBJID").ASTDT.nth(3)
    fourth = doses.loc[fourth.index].set_index("USUBJID").ASTDT
    last_dose = pd.to_datetime(subjects.TRTEDT) + pd.Timedelta(days=21)
    end = (pd.to_datetime(fourth) - pd.Timedelta(days=1)).reindex(subjects.index).fillna(last_dose)
    day = pd.to_datetime(scores.ADT)
    start = scores.USUBJID.map(pd.to_datetime(subjects.TRTSDT))
    until = scores.USUBJID.map(end).fillna(pd.Timestamp("2999-01-01"))
    inside = scores[(day > start) & (day <= until) & scores.AVAL.notna()].sort_values("ADT")
    change = inside.groupby("USUBJID").AVAL.last() - scores[scores.ABLFL == "Y"].set_index("USUBJID").AVAL
    for state, n in (
        ("improved", (change < 0).sum()),
        ("stable", (change == 0).sum()),
        ("worsened", (change > 0).sum()),
    ):
        assert stat(result, "Cycles 1-3", state, "n") == n
    assert 0 < stat(result, "Cycles 1-3", "change", "n") == change.notna().sum()
    for period in ("Cycles 1-3", "Cycles 4-10", "Follow-up"):
        N = stat(result, period, "missing", "N")
        assert sum(stat(result, period, state, "n") for state in STATES) == N == (scores.ABLFL == "Y").sum()


def test_an_unknown_choice_is_one_sentence(trial: Data) -> None:
    with pytest.raises(OptionError, match="PARAMCD=FATIGUE is not known; use one of ECOG"):
        OUTPUT.run(trial, trial.everybody, {"PARAMCD": "FATIGUE"})
    with pytest.raises(OptionError, match="better=more is not known"):
        OUTPUT.run(trial, trial.everybody, {"better": "more"})


def test_the_pilot_has_no_performance_status_and_says_so(pilot: Data) -> None:
    result = OUTPUT.run(pilot, pilot.everybody)
    assert result.notes == ("This study has no dataset ADQS, so there is nothing to show here.",)
    assert result.answer == ""


CHANGES = st.lists(
    st.tuples(st.sampled_from([-2.0, -1.0, 0.0, 1.0, 3.0, np.nan]), st.booleans(), st.booleans()), max_size=30
)


@given(CHANGES)
def test_states_are_exclusive_and_turn_round(rows: list[tuple[float, bool, bool]]) -> None:
    change, died, off = (np.array([row[at] for row in rows], dtype=kind) for at, kind in enumerate((float, bool, bool)))
    lower, higher = (states(change, died, off, better) for better in ("lower", "higher"))
    turned = {"improved": "worsened", "worsened": "improved"}
    assert [turned.get(state, state) for state in lower] == list(higher)
    for state, step, dead, left in zip(lower, change, died, off, strict=True):
        if not np.isnan(step):
            assert state == ("improved" if step < 0 else "worsened" if step > 0 else "stable")
        else:
            assert state == ("died" if dead else "off_study" if left else "missing")


def test_states_refuse_another_direction() -> None:
    with pytest.raises(ValueError, match="better must be one of"):
        states([1], [False], [False], "sideways")
