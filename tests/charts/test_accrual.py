"""Figures of accrual, evaluability and the forecast draw the numbers of their results, and a click tells whom it is about."""

from typing import Any

import pytest

from core.ard import Result
from core.data import Data
from core.export import figure
from core.outputs import find
from core.where import Where
from tests.charts.drawn import rows_of, told
from tests.drawing import study
from tests.outputs.harvest_study import ALL, STATES, TOML

NAMES = ("accrual", "evaluability", "pair_bias", "forecast", "what_if")
FIGURES = [(name, view) for name in NAMES for view in find(name).figures]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("figures"), TOML, **ALL)


def run(data: Data, name: str, where: str = "", **options: object) -> Result:
    return find(name).run(data, data.everybody.filtered(Where.parse(where)), options)


def draw(data: Data, name: str, view: str, where: str = "", **options: object) -> Any:
    return find(name).figures[view].draw(run(data, name, where, **options), data)


def marks(chart: Any, kind: str) -> list[dict[str, Any]]:
    """What the layers of one kind of mark draw, of data that a layer carries itself."""
    found = []
    for layer, rows in rows_of(chart):
        if layer["mark"]["type"] == kind:
            found += rows or layer.get("data", {}).get("values", [])
    return found


def test_the_funnel_draws_the_steps_and_the_targets(drawn: Data) -> None:
    chart = draw(drawn, "accrual", "funnel")
    bars = {row["step"]: row["n"] for row in marks(chart, "bar")}
    assert bars == {"accrued": 15, "dosed": 11, "baseline": 10, "follow_up": 3, "pair": 2, "waiting": 6}
    assert {row["step"]: row["target"] for row in marks(chart, "tick")} == {"accrued": 20, "pair": 6}
    assert "15 of 20" in {row["text"] for row in marks(chart, "text")}
    assert [row["step"] for row in marks(chart, "bar") if row["kind"] == "open"] == ["waiting"]


def test_what_is_not_collected_is_said_and_not_drawn(pilot: Data) -> None:
    chart = draw(pilot, "accrual", "funnel")
    assert {row["step"] for row in marks(chart, "bar")} == {"accrued", "dosed"}
    assert "Not collected: Evaluable at Baseline" in told(chart)
    assert "by day of the first dose" in told(draw(pilot, "accrual", "cumulative"))


def test_accrual_over_time_counts_every_patient_once_and_each_site(drawn: Data) -> None:
    chart = draw(drawn, "accrual", "cumulative", by="SITEID")
    dots = marks(chart, "point")
    assert len(dots) == 15 == len({row["USUBJID"] for row in dots})
    assert [row["n"] for row in sorted(dots, key=lambda row: row["n"])] == list(range(1, 16))
    lines = [row for row in marks(chart, "line") if "line" in row]
    ends = {name: max(row["n"] for row in lines if row["line"] == name) for name in ("Total", "A", "B")}
    assert ends == {"Total": 15, "A": 8, "B": 7}
    assert {row["day"] for row in lines if row["USUBJID"] == ""} == {"2024-12-31"}
    assert {row["n"] for row in marks(chart, "rule")} == {20}
    days = [enc["x"] for layer in chart.to_dict()["layer"] if "x" in (enc := layer["encoding"])]
    assert all(each["scale"] == {"type": "utc"} for each in days), "no reader's clock may move a day"


def test_months_stack_the_sites(drawn: Data) -> None:
    bars = marks(draw(drawn, "accrual", "monthly", by="SITEID"), "bar")
    october = sorted((row["group"], row["low"], row["high"]) for row in bars if row["month"] == "2024-10")
    assert october == [("B", 0, 4)]
    december = sorted((row["group"], row["low"], row["high"]) for row in bars if row["month"] == "2024-12")
    assert december == [("A", 0, 2), ("B", 2, 4)]
    assert sum(row["n"] for row in bars) == 15


def test_success_has_a_dot_for_every_kind_and_site_with_its_interval(drawn: Data) -> None:
    result = run(drawn, "evaluability", by="SITEID")
    chart = find("evaluability").figures["success"].draw(result, drawn)
    dots = {row["mark"]: row for row in marks(chart, "point")}
    assert set(dots) <= set(result.records.mark), "a click finds its records"
    for mark, row in dots.items():
        records = result.records[result.records.mark == mark]
        assert (row["n"], row["N"]) == (records.evaluable.sum(), len(records))
        assert row["conf_low"] <= row["percent"] <= row["conf_high"]
    assert [row["anticipated"] for row in marks(chart, "tick")] == [50]
    assert "Baseline: Biopsy: A" in dots


def test_too_many_groups_are_told_and_left_to_the_table(tmp_path) -> None:
    names = [f"{number:02}" for number in range(14)]
    adsl = "\n".join(["| USUBJID | SITEID | TRTSDT |", *(f"| {name} | S{name} | 2024-02-01 |" for name in names)])
    head = "| USUBJID | BEREFID | AVISIT | ADT | BEMETHOD | EVALFL |"
    adbe = "\n".join([head, *(f"| {name} | 1 | Baseline | 2024-01-30 | BIOPSY | Y |" for name in names)])
    many = study(tmp_path, TOML, adsl=adsl, adbe=adbe)
    chart = draw(many, "evaluability", "success", by="SITEID")
    assert {row["group"] for row in marks(chart, "point")} == {"Total"}
    assert "17 groups are too many to draw; the table has them" in told(chart), "with three planned that have nobody"


@pytest.mark.parametrize("reasons", ["specimens", "lost"])
def test_the_pareto_is_in_order_and_ends_at_everything(drawn: Data, reasons: str) -> None:
    result = run(drawn, "evaluability", reasons=reasons)
    bars = marks(find("evaluability").figures["pareto"].draw(result, drawn), "bar")
    for visit in ("Baseline", "Week 9"):
        here = sorted((row for row in bars if row["visit"] == visit), key=lambda row: row["order"])
        assert [row["n"] for row in here] == sorted((row["n"] for row in here), reverse=True)
        assert here[-1]["cumulative"] == pytest.approx(100)
        for row in here:
            assert (result.records.mark == row["mark"]).sum() == row["n"]


def test_pairs_by_marker_stand_against_the_target(drawn: Data) -> None:
    chart = draw(drawn, "evaluability", "by_marker")
    assert {row["PARAMCD"]: row["n_pairs"] for row in marks(chart, "bar")} == {"AR": 1, "PSA": 2}
    assert [row["n_pairs"] for row in marks(chart, "rule")] == [6]


def test_differences_are_those_of_the_table(drawn: Data) -> None:
    result = run(drawn, "pair_bias")
    dots = {row["row"]: row for row in marks(find("pair_bias").figures["differences"].draw(result, drawn), "point")}
    ard = result.ard[
        (result.ard.context == "difference") & (result.ard.stat_name == "difference") & result.ard.stat.notna()
    ]
    assert len(dots) == len(ard)
    for row in ard.itertuples():
        key = row.variable + (f": {row.variable_level}" if row.variable_level else "")
        assert dots[key]["difference"] == row.stat


def test_the_fan_begins_at_what_is_in_hand_and_never_narrows_below_it(drawn: Data) -> None:
    chart = draw(drawn, "forecast", "pairs")
    dots = [row for row in marks(chart, "point") if row.get("USUBJID")]
    assert [row["USUBJID"] for row in dots] == STATES["evaluable pair"]
    ahead = sorted(marks(chart, "area")[: len(marks(chart, "area")) // 2], key=lambda row: row["date"])
    assert ahead[0]["date"] == "2024-12-31"
    assert ahead[0]["low_95"] == ahead[0]["high_95"] == 2
    for row in ahead:
        assert 2 <= row["low_95"] <= row["low_80"] <= row["median"] <= row["high_80"] <= row["high_95"] <= 13
    assert "chance of 6 or more" in told(chart)


def test_accrual_ahead_ends_at_the_target(drawn: Data) -> None:
    chart = draw(drawn, "forecast", "patients")
    ahead = marks(chart, "area")
    assert max(row["high_95"] for row in ahead) == 20
    assert len([row for row in marks(chart, "point") if row.get("USUBJID")]) == 15


@pytest.mark.parametrize(("name", "view"), FIGURES)
@pytest.mark.parametrize("where", ["USUBJID EQ nobody", "USUBJID EQ 01", "SITEID EQ B"])
def test_nobody_and_one_patient_are_figures(drawn: Data, name: str, view: str, where: str) -> None:
    written = draw(drawn, name, view, where).to_dict()
    (chosen,) = [param for param in written["params"] if param["name"] == "chosen"]
    assert chosen["select"]["fields"] == [find(name).figures[view].selects]


@pytest.mark.parametrize(("name", "view"), FIGURES)
def test_every_figure_can_be_saved(drawn: Data, name: str, view: str) -> None:
    result = run(drawn, name)
    assert figure(result, drawn, view, "png").startswith(b"\x89PNG")
    assert b"<svg" in figure(result, drawn, view, "svg")
