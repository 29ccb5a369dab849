"""Populations, exposure and reasons for leaving, against the clinical study report."""

from pathlib import Path

import pandas as pd
import pytest

from core.data import Data
from core.outputs import find
from core.where import Where
from tests.drawing import cell

GOLDEN = pd.read_csv(Path(__file__).parents[1] / "golden" / "csr_tables" / "subjects.csv")
POPULATIONS = {
    "ITTFL=Y": "Intent to treat",
    "SAFFL=Y": "Safety",
    "EFFFL=Y": "Efficacy",
    "COMP24FL=Y": "Completed week 24",
}


def printed(table: str) -> pd.DataFrame:
    cases = GOLDEN[GOLDEN.case.str.startswith(table)]
    parts = cases.case.str.split("|", expand=True)
    return cases.assign(what=parts[1], detail=parts[2], column=parts[parts.columns[-1]].fillna(parts[2]))


def test_populations_as_printed(pilot: Data) -> None:
    result = find("disposition").run(pilot, pilot.everybody, {"columns": "TRT01A"})
    rows = printed("T14-1.01")
    assert len(rows) == 20
    for row in rows.itertuples():
        level = POPULATIONS.get(row.what, "Completed")
        assert cell(result, level, "n", row.detail) == row.value, (level, row.detail)


def test_reasons_for_early_termination_as_printed(pilot: Data) -> None:
    early = pilot.everybody.filtered(Where.parse("COMP24FL EQ N"))
    result = find("disposition").run(pilot, early, {"columns": "TRT01A"})
    ends = result.ard[(result.ard.variable == "EOS") & (result.ard.stat_name == "n")]
    rows = printed("T14-1.02")
    reasons = rows[rows.what == "early termination prior to Week 24"]
    assert len(reasons) == 36
    for row in reasons.itertuples():
        found = ends[(ends.variable_level == row.detail) & (ends.group1_level == row.column)].stat
        assert found.tolist() == [row.value], (row.detail, row.column)
    for row in rows[rows.what != "early termination prior to Week 24"].itertuples():
        N = result.ard[(result.ard.stat_name == "N") & (result.ard.group1_level == row.detail)].stat.iloc[0]
        assert row.value == N


@pytest.mark.parametrize(("variable", "digits"), [("AVGDD", {"mean": 1, "sd": 2}), ("CUMDOSE", {"mean": 1, "sd": 2})])
def test_exposure_as_printed(pilot: Data, variable: str, digits: dict[str, int]) -> None:
    result = find("disposition").run(pilot, pilot.study.population("Safety"), {"columns": "TRT01A"})
    rows = printed("T14-4.01")
    rows = rows[(rows.what == variable) & (rows.detail == "safety")]
    assert len(rows) == 18
    found = result.ard[result.ard.variable == variable].set_index(["group1_level", "stat_name"]).stat
    for row in rows.itertuples():
        tolerance = 0.5 * 10 ** -digits.get(row.quantity, 1) + 1e-9
        assert abs(found[row.column, row.quantity] - row.value) <= tolerance, (row.column, row.quantity)


def test_what_was_not_collected_says_so(pilot: Data) -> None:
    result = find("disposition").run(pilot, pilot.everybody)
    assert any("End of treatment: not collected" in note for note in result.notes)
    assert "EOT" not in set(result.ard.variable)


def test_a_reason_beats_a_bare_status_and_nobody_is_lost(draw) -> None:
    data = draw(
        adsl="""
        | USUBJID | TRTSDT     | EOTSTT       | DCTREAS       |
        | 01      | 2024-01-01 | Completed    | As planned    |
        | 02      | 2024-01-01 | ONGOING      |               |
        | 03      | 2024-01-01 | DISCONTINUED | ADVERSE EVENT |
        | 04      | 2024-01-01 | DISCONTINUED |               |
        | 05      | 2024-01-01 |              |               |
        """
    )
    result = find("disposition").run(data, data.everybody)
    ends = result.ard[(result.ard.variable == "EOT") & (result.ard.stat_name == "n")]
    assert dict(zip(ends.variable_level, ends.stat, strict=True)) == {
        "Completed": 1,
        "ONGOING": 1,
        "ADVERSE EVENT": 1,
        "DISCONTINUED": 1,
        "Not recorded": 1,
    }


def test_registered_are_the_dated_and_the_note_says_by_which_date(draw) -> None:
    data = draw(
        adsl="""
        | USUBJID | TRTSDT     | ENRLDT     | RFICDT     | DTHFL | DTHDT      |
        | 01      | 2024-01-03 | 2024-01-02 | 2024-01-01 | Y     | 2024-05-05 |
        | 02      | 2024-01-03 |            | 2024-01-01 |       |            |
        | 03      |            |            |            |       |            |
        """
    )
    result = find("disposition").run(data, data.everybody)
    assert cell(result, "Registered", "n") == 2
    assert cell(result, "Registered", "N") == 3
    assert "Registered: dated 1 by ENRLDT and 1 by RFICDT." in result.notes
    deaths = result.ard[(result.ard.variable == "DTHFL") & (result.ard.stat_name == "n")]
    assert deaths.stat.tolist() == [1]


def test_deaths_of_the_pilot(pilot: Data) -> None:
    result = find("disposition").run(pilot, pilot.everybody, {"columns": "TRT01A"})
    assert result.ard[(result.ard.variable == "DTHFL") & (result.ard.stat_name == "n")].stat.tolist() == [2, 1, 0, 3]


@pytest.mark.parametrize("study", ["trial", "pilot"])
@pytest.mark.parametrize("where", ["", "AGE GE 70"])
def test_behind_every_row_stand_the_patients_that_it_counts(
    study: str, where: str, request: pytest.FixtureRequest
) -> None:
    data: Data = request.getfixturevalue(study)
    population = data.study.populations[-1].filtered(Where.parse(where))
    output = find("disposition")
    result = output.run(data, population)
    counts = result.ard[result.ard.stat_name == "n"].set_index(["variable", "variable_level"]).stat
    rows = [row for row in output.show(result, data).rows if row.about[0]]
    assert len({row.about for row in rows}) == len(counts)
    for row in rows:
        listed = output.behind(data, population, {}, row.about)
        assert listed.USUBJID.nunique() == len(listed) == counts[row.about[0], row.about[1]], row.label
