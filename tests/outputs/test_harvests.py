"""Where everybody stands: drawn by hand, one patient a rule; and how the shipped study stands, counted anew."""

import pandas as pd
import pytest

from core.data import Data
from core.outputs import find, harvests
from core.outputs.clocks import clocks
from core.stats.forecast import Undecided
from core.stats.pace import MONTH
from core.where import Where
from tests.conftest import TRIAL
from tests.drawing import study
from tests.outputs.harvest_study import ADBE, ADSL, ALL, STATES, TOML, worked


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("harvests"), TOML, **ALL)


def who(data: Data) -> dict[str, list[str]]:
    patients = harvests.read(data, data.everybody).patients
    return {str(state): list(part.USUBJID) for state, part in patients.groupby("state")}


def test_everybody_registered_stands_somewhere(drawn: Data) -> None:
    assert who(drawn) == STATES
    found = harvests.read(drawn, drawn.everybody)
    assert found.undecided == Undecided(pairs=2, first=3, second=3)
    assert sorted(found.patients.USUBJID[found.waiting]) == ["04", "07", "09", "11", "15", "16"]


def test_only_closed_windows_count_for_a_rate(drawn: Data) -> None:
    """05 has a pair, 06 dropped out and 10 refused while their window is open; 15 is evaluable without a first dose."""
    found = harvests.read(drawn, drawn.everybody)
    assert found.counted == (9, 2, 1, 3)
    first = found.patients.USUBJID[found.first.counts]
    assert list(first) == ["01", "02", "03", "04", "05", "06", "08", "10", "11", "12", "13"]
    good = found.first.state == "evaluable"
    assert list(found.patients.USUBJID[good & found.second.counts]) == ["01", "02", "12", "13"]


def test_without_windows_whatever_is_judged_is_decided(draw) -> None:
    toml = TOML[: TOML.index("[[visits]]")] + TOML[TOML.index("[[filters]]") :]
    states = who(draw(toml, adsl=ADSL, adbe=ADBE))
    assert states["failed at Week 9"] == ["02", "06", "10", "11", "13"]
    assert states["evaluable pair"] == ["01", "05", "12"]
    assert states["waiting for Week 9"] == ["04", "15"]
    assert states["failed at Baseline"] == ["03", "08"], "dosed, so baseline is over"
    assert states["waiting for Baseline"] == ["07", "09", "16"]


def test_without_a_first_dose_whatever_is_judged_is_decided(draw) -> None:
    adbe = """
        | USUBJID | BEREFID | AVISIT   | EVALFL |
        | 01      | 1       | Baseline | Y      |
        | 01      | 2       | Week 9   | Y      |
        | 02      | 1       | Baseline | N      |
        | 03      | 1       | Baseline | Y      |
        | 03      | 2       | Week 9   | N      |
        | 04      | 1       | Baseline |        |
        | 05      | 1       | Baseline | Y      |
    """
    adsl = "| USUBJID | SAFFL |\n" + "\n".join(f"| 0{n} | Y |" for n in range(1, 6))
    data = draw(TOML.replace("SITEID", "USUBJID"), adsl=adsl, adbe=adbe)
    assert who(data) == {
        "evaluable pair": ["01"], "failed at Baseline": ["02"], "failed at Week 9": ["03"], "waiting for Baseline": ["04"],
        "waiting for Week 9": ["05"],
    }  # fmt: skip
    assert harvests.read(data, data.everybody).counted == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("closes", "state"), [("2024-12-31", "failed at Week 9"), ("2025-01-01", "waiting for Week 9")]
)
def test_a_window_that_ends_on_the_day_of_the_cut_has_closed(draw, closes: str, state: str) -> None:
    dose = pd.Timestamp(closes) - pd.Timedelta(days=84)
    adsl = f"| USUBJID | SITEID | ENRLDT | TRTSDT |\n| 01 | A | 2024-10-01 | {dose:%Y-%m-%d} |"
    adbe = f"| USUBJID | BEREFID | AVISIT | ADT | EVALFL |\n| 01 | 1 | Baseline | {dose:%Y-%m-%d} | Y |"
    assert list(who(draw(TOML, adsl=adsl, adbe=adbe))) == [state]


def test_an_unread_baseline_cannot_become_a_pair_once_week_9_has_failed(draw) -> None:
    """Nobody has judged their baseline. 01 has no evaluable Week 9, 02 left the study; 03 still may give both."""
    adsl = """
        | USUBJID | SITEID | ENRLDT     | TRTSDT     | EOSSTT       | EOSDT      |
        | 01      | A      | 2024-01-25 | 2024-02-01 | ONGOING      |            |
        | 02      | A      | 2024-11-25 | 2024-12-01 | DISCONTINUED | 2024-12-20 |
        | 03      | A      | 2024-11-25 | 2024-12-01 | ONGOING      |            |
    """
    adbe = """
        | USUBJID | BEREFID | AVISIT   | ADT        | EVALFL |
        | 01      | 1       | Baseline | 2024-01-31 |        |
        | 01      | 2       | Week 9   | 2024-04-04 | N      |
        | 02      | 3       | Baseline | 2024-11-30 |        |
        | 03      | 4       | Baseline | 2024-11-30 |        |
    """
    data = draw(TOML, adsl=adsl, adbe=adbe)
    found = harvests.read(data, data.everybody)
    assert list(found.patients.USUBJID[found.waiting]) == ["03"]
    assert found.undecided == Undecided(pairs=0, first=1, second=0)
    assert who(data) == {"failed at Week 9": ["01", "02"], "waiting for Baseline": ["03"]}
    assert found.counted == (0, 0, 0, 0), "the rate of Week 9 is of those evaluable before"
    n = (
        find("forecast")
        .run(data, data.everybody, {})
        .ard.query("context == 'patients'")
        .set_index("variable_level")
        .stat
    )
    assert (n.accrued, n.failed_follow_up, n.waiting_baseline, n.waiting_follow_up) == (3, 2, 1, 0)
    lost = find("pair_bias").run(data, data.everybody, {})
    assert list(lost.records.USUBJID[lost.records.pair == "N"]) == ["01", "02"]
    reasons = find("evaluability").run(data, data.everybody, {"reasons": "lost"}).records
    assert set(reasons.USUBJID[reasons.reason.notna()]) == {"01", "02"}


@pytest.mark.parametrize("windows", [True, False])
def test_the_worked_example_of_the_protocol(draw, windows: bool) -> None:
    toml, adsl, adbe = worked(windows)
    found = harvests.read(data := draw(toml, adsl=adsl, adbe=adbe), data.everybody)
    assert len(found.patients) == 47
    assert found.undecided == Undecided(pairs=15, first=7, second=8)
    assert found.counted == (28, 12, 15, 5)


def test_the_shipped_trial_counted_anew(trial: Data) -> None:
    """Straight from the files: windows of days 50 to 85, the data cut 2024-06-28; nobody there has left within an open one."""
    subjects = pd.read_csv(TRIAL / "adam" / "adsl.csv", dtype=str).set_index("USUBJID")
    specimens = pd.read_csv(TRIAL / "adam" / "adbe.csv")
    good = specimens[specimens.EVALFL == "Y"]
    day = good.ADY.fillna(60).where(good.AVISIT == "Week 9", 0)
    inside = good[(good.AVISIT == "Baseline") | day.between(50, 85)]
    first, second = (set(inside.USUBJID[visit == inside.AVISIT]) for visit in ("Baseline", "Week 9"))
    dosed = pd.to_datetime(subjects.TRTSDT)
    closed = set(
        subjects.index[
            (dosed + pd.Timedelta(days=84) <= "2024-06-28") | (dosed.isna() & (subjects.EOSSTT != "ONGOING"))
        ]
    )
    undecided = {
        name
        for name in subjects.index
        if name not in first and pd.isna(dosed[name]) and subjects.EOSSTT[name] == "ONGOING"
    }
    found = harvests.read(trial, trial.everybody)
    assert found.undecided == Undecided(len(first & second), len(undecided), len(first - closed))
    decided = set(subjects.index) - undecided
    assert found.counted == (len(first), len(decided - first), len(first & second), len((first & closed) - second))


def test_analyses_do_not_narrow_who_is_registered_but_filters_do(drawn: Data) -> None:
    safety = drawn.study.populations[0]
    assert harvests.registered(drawn, safety) == drawn.everybody
    filtered = safety.filtered(Where.parse("SITEID EQ B"))
    assert len(harvests.read(drawn, harvests.registered(drawn, filtered)).patients) == 7
    assert harvests.narrowed(filtered) and not harvests.narrowed(safety)


def test_clocks_start_with_the_plan_or_with_the_first_patient(drawn: Data) -> None:
    (clock,) = clocks(drawn, harvests.read(drawn, drawn.everybody)).values()
    assert (clock.patients, clock.from_first) == (15, False)
    assert clock.months == pytest.approx(366 / MONTH), "2024-01-01 to 2024-12-31, both days"
    by_site = clocks(drawn, harvests.read(drawn, drawn.everybody, "SITEID"))
    assert {site: clock.patients for site, clock in by_site.items()} == {"A": 7, "B": 6}, (
        "the first only starts the clock"
    )
    assert by_site["B"].months == pytest.approx((pd.Timestamp("2024-12-31") - pd.Timestamp("2024-06-01")).days / MONTH)
    (recent,) = clocks(drawn, harvests.read(drawn, drawn.everybody), 3).values()
    assert (recent.patients, recent.months) == (9, 3.0)


def test_no_date_of_registration_lets_the_first_dose_stand_in_and_nobody_undated_has_a_clock(draw, pilot: Data) -> None:
    assert harvests.read(pilot, pilot.everybody).by_dose
    undated = draw(adsl="| USUBJID | SAFFL |\n| 01 | Y |")
    assert clocks(undated, harvests.read(undated, undated.everybody)) == {}
