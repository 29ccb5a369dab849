"""Figures of ordered categories draw the numbers of their results, and a click tells whom it is about."""

from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from core.ard import Result
from core.charts.shift import FILLS, STATES, direction, lines
from core.data import Data
from core.export import figure
from core.outputs import ordinal_change, shift
from core.where import Where
from tests.charts.drawn import UNITED, rows_of, told
from tests.drawing import study
from tests.outputs.test_shift import ADQS, ADSL, CELLS, PERIODS, TOML

BARS, LINES = (ordinal_change.OUTPUT.figures[name].draw for name in ("bars", "lines"))
HEAT_MAP = shift.OUTPUT.figures["heat_map"].draw


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("figures"), TOML, adsl=ADSL, adqs=ADQS)


def change(data: Data, where: str = "", **options: str) -> Result:
    return ordinal_change.OUTPUT.run(data, data.everybody.filtered(Where.parse(where)), options)


def shifted(data: Data, where: str = "", **options: str) -> Result:
    return shift.OUTPUT.run(data, data.everybody.filtered(Where.parse(where)), options)


def marks(chart: Any, kind: str) -> list[dict[str, Any]]:
    """What the layers of one kind of mark draw."""
    return [row for layer, rows in rows_of(chart) if layer["mark"]["type"] == kind for row in rows]


def test_bars_are_the_counts_and_fill_the_denominator(drawn: Data) -> None:
    result = change(drawn)
    segments = marks(BARS(result, drawn), "bar")
    ard = result.ard[result.ard.stat_name == "n"].set_index(["group2_level", "context"]).stat
    assert {(row["period"], row["state"]): row["n"] for row in segments} == {
        key: n for key, n in ard.items() if key[1] in STATES and n
    }
    for period in PERIODS:
        parts = [row for row in segments if row["period"] == period]
        assert parts[0]["low"] == 0
        assert parts[-1]["high"] == pytest.approx(100)
        assert all(left["high"] == pytest.approx(right["low"]) for left, right in pairwise(parts))
        assert [row["state"] for row in parts] == [
            state for state in STATES if state in {row["state"] for row in parts}
        ]


def test_a_part_of_a_bar_and_a_cell_name_the_subjects_of_the_records(drawn: Data) -> None:
    result = change(drawn)
    for row in marks(BARS(result, drawn), "bar"):
        assert (result.records.bar == row["bar"]).sum() == row["n"]
    moved = shifted(drawn, at="period")
    cells = marks(HEAT_MAP(moved, drawn), "rect")
    for row in cells:
        assert (moved.records.cell == row["cell"]).sum() == row["n"]
    assert len(cells) == 3 * 5 * 5
    assert sum(row["n"] for row in cells) == 3 * 10


def test_every_state_has_its_own_fill_and_its_count_stands_in_it(drawn: Data) -> None:
    assert len(set(FILLS.values())) == len(FILLS) == len(STATES)
    chart = BARS(change(drawn), drawn)
    texts = [row["n_text"] for row in marks(chart, "text")]
    assert sorted(texts) == sorted(f"{row['n']:.0f}" for row in marks(chart, "bar"))
    (fill,) = [layer["encoding"]["fill"] for layer, _ in rows_of(chart) if layer["mark"]["type"] == "bar"]
    assert fill["scale"]["domain"] == list(STATES)


def test_the_heat_map_draws_the_total_whatever_the_columns(drawn: Data) -> None:
    for columns in ("none", "TRT01A"):
        result = shifted(drawn, at="worst", columns=columns)
        chart = HEAT_MAP(result, drawn)
        found = {f"{row['before']}|{row['after']}": row["n"] for row in marks(chart, "rect") if row["n"]}
        assert found == {cell: len(names) for cell, names in CELLS["worst"].items()}
        assert ("all columns together" in told(chart)) == (columns != "none")
        assert "of the 10 subjects on view" in told(chart)


@pytest.mark.parametrize(
    ("before", "after", "better", "expected"),
    [
        ("0", "1", "lower", "worsened"), ("1", "0", "lower", "improved"), ("100", "90", "higher", "worsened"),
        ("2", "2", "lower", "stable"), ("N", "N", "lower", "unchanged"), ("N", "H", "lower", "changed"),
        ("missing", "1", "lower", "missing"), ("1", "missing", "lower", "missing"),
    ],
)  # fmt: skip
def test_a_step_has_its_direction(before: str, after: str, better: str, expected: str) -> None:
    assert direction(before, after, better) == expected


def test_lines_follow_each_subject_over_its_visits(drawn: Data) -> None:
    chart = LINES(change(drawn), drawn)
    rows = marks(chart, "line")
    courses: dict[str, list[tuple[str, float]]] = {}
    for row in sorted(rows, key=lambda row: row["place"]):
        courses.setdefault(row["USUBJID"], []).append((row["visit"], row["value"]))
    assert courses["01"] == [("Baseline", 1), ("Cycle 2", 2), ("Cycle 3", 1), ("Cycle 5", 2)]
    assert courses["08"] == [("Baseline", 1), ("Cycle 2", 1), ("Extra", 2)]
    assert set(courses) == {"01", "03", "04", "07", "08", "09"}
    states = {row["USUBJID"]: row["state"] for row in rows}
    assert states == {"01": "worsened", "03": "improved", "04": "stable", "07": "worsened", "08": "worsened", "09": "worsened"}  # fmt: skip
    assert "4 subjects on view without a value at baseline or after it: not drawn" in told(chart)
    assert all(abs(row["shown"] - row["value"]) <= 0.25 for row in rows), "lines never leave their level"


def test_lines_are_those_of_the_subjects_on_view(drawn: Data) -> None:
    rows = marks(LINES(change(drawn, "TRT01A EQ B"), drawn), "line")
    assert {row["USUBJID"] for row in rows} == {"04", "08"}


def test_too_many_lines_are_counted() -> None:
    course = pd.DataFrame(
        [(f"{n:04}", visit, 1.0) for n in range(310) for visit in ("Baseline", "Week 3")], columns=["USUBJID", "visit", "value"]
    )  # fmt: skip
    chart = lines(Result(**{**vars(UNITED), "options": {"better": "lower"}}), "Score", course)
    assert "10 more subjects are not drawn" in told(chart)
    assert len({row["USUBJID"] for row in marks(chart, "line")}) == 300


@pytest.mark.parametrize("where", ["USUBJID EQ nobody", "USUBJID EQ 01", "USUBJID EQ 05"])
def test_nobody_and_one_patient_are_figures(drawn: Data, where: str) -> None:
    for output, result in ((ordinal_change.OUTPUT, change(drawn, where)), (shift.OUTPUT, shifted(drawn, where))):
        for each in output.figures.values():
            written = each.draw(result, drawn).to_dict()
            (chosen,) = [param for param in written["params"] if param["name"] == "chosen"]
            assert chosen["select"]["fields"] == [each.selects]


@pytest.mark.parametrize(("output", "name"), [(ordinal_change.OUTPUT, "bars"), (ordinal_change.OUTPUT, "lines"), (shift.OUTPUT, "heat_map")])  # fmt: skip
def test_every_figure_can_be_saved(drawn: Data, output: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(figure.__globals__["OUTPUTS"], output.id, output)
    result = output.run(drawn, drawn.everybody)
    assert figure(result, drawn, name, "png").startswith(b"\x89PNG")
    assert b"<svg" in figure(result, drawn, name, "svg")


def test_a_laboratory_category_has_no_direction(pilot: Data) -> None:
    options = {"dataset": "ADLBC", "PARAMCD": "ALT", "variable": "ANRIND", "baseline": "BNRIND", "at": "Week 4"}
    result = shift.OUTPUT.run(pilot, pilot.everybody, options)
    kinds = {row["kind"] for row in marks(HEAT_MAP(result, pilot), "rect")}
    assert kinds == {"unchanged", "changed", "missing"}
