"""Adverse-event tables against a clinical study report and against R."""

from pathlib import Path

import pandas as pd
import pytest

from core.data import Data
from core.formats import fixed
from core.outputs import find

GOLDEN = Path(__file__).parents[1] / "golden"
ARMS = {"pbo": "Placebo", "low": "Xanomeline Low Dose", "high": "Xanomeline High Dose"}


def by_cell(ard: pd.DataFrame, *columns: str) -> dict:
    keys = ["variable", "variable_level", "group2_level", "group1_level", *columns, "stat_name"]
    return dict(zip(ard[keys].itertuples(index=False, name=None), ard.stat, strict=True))


@pytest.mark.parametrize(("table", "category", "rows"), [("14-5.01", "teae", 254), ("14-5.02", "serious", 4)])
def test_every_row_of_the_study_reports_adverse_event_tables(pilot: Data, table: str, category: str, rows: int) -> None:
    printed = pd.read_csv(GOLDEN / "csr_tables" / "adverse_events.csv").query("table == @table")
    result = find("ae_by_term").run(pilot, pilot.study.populations[0], {"category": category, "columns": "TRT01A"})
    cells = by_cell(result.ard)
    assert len(printed) == rows == len(cells) // (4 * 6), "no row more and none less than the report prints"
    for row in printed.itertuples():
        name = ("ANY", "Any event", "") if row.level == "ANY" else (row.level, row.term, row.soc * (row.level == "PT"))
        for short, arm in ARMS.items():
            found = {stat: cells[*name, arm, stat] for stat in ("n", "events", "percent")}
            wanted = {stat: getattr(row, f"{short}_{column}") for stat, column in (("n", "n"), ("events", "ev"))}
            assert {stat: found[stat] for stat in wanted} == wanted, (row.term, arm)
            assert fixed(found["percent"], 1) == f"{getattr(row, f'{short}_pct'):.1f}", (row.term, arm)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("graded")
    (folder / "adam").mkdir()
    (folder / "study.toml").write_text('id = "graded"\ntitle = "Graded"\ndata_cut = 2015-12-31\narm = "ACTARM"\n')
    pd.read_parquet(GOLDEN / "worst_grade" / "adsl.parquet").to_parquet(folder / "adam" / "adsl.parquet")
    events = pd.read_parquet(GOLDEN / "worst_grade" / "adae.parquet")
    events[events.IN_TABLE == 1].to_parquet(folder / "adam" / "adae.parquet")
    return Data.of(folder)


def test_every_cell_of_the_worst_grade_table(graded: Data) -> None:
    result = find("ae_by_grade").run(graded, graded.study.populations[0], {"category": "all", "columns": "ACTARM"})
    cells = by_cell(result.ard, "context")
    expected = pd.read_csv(GOLDEN / "worst_grade" / "expected.csv")
    assert len(expected) == 332
    for row in expected.itertuples():
        _, soc, term, arm = row.case.split("|")
        name = ("PT", term, soc)
        if "Overall" in term:
            name = ("ANY", "Any event", "") if "Any adverse" in soc else ("SOC", soc, "")
        grade, stat = row.quantity.removeprefix("worst ").rsplit(" ", 1)
        context = "any" if "Any Grade" in grade else grade.removeprefix("Grade ")
        if stat == "n":
            assert cells[*name, arm, context, "n"] == row.value, row.case
        else:
            # R prints 56.25 as 56.2 (half to even), this project as 56.3 (half away from zero, as SAS does):
            # the unrounded number must be what either could have printed.
            assert abs(cells[*name, arm, context, "percent"] - row.value) <= 0.05 + 1e-9, row.case
