"""Figures of power draw the numbers of their results: curves, what is asked, the pairs of today and the target."""

from typing import Any

import numpy as np
import pytest

from core.ard import Result
from core.charts.power import HEIGHT
from core.data import Data
from core.export import figure
from core.outputs import find
from core.stats.power import paired_power
from core.stats.precision import half_width
from core.where import Where
from tests.charts.drawn import rows_of, told
from tests.drawing import study
from tests.outputs.test_power import ADBE, ADBM, ADSL, TOML, numbers

OUTPUT = find("power")
CURVES, HALF_WIDTH = (OUTPUT.figures[name].draw for name in ("curves", "half_width"))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("power"), TOML, adsl=ADSL, adbm=ADBM, adbe=ADBE)


def run(data: Data, where: str = "", **options: object) -> Result:
    return OUTPUT.run(data, data.study.populations[0].filtered(Where.parse(where)), options)


def marks(chart: Any, kind: str) -> list[dict[str, Any]]:
    """What the layers of one kind of mark draw."""
    return [row for layer, rows in rows_of(chart) if layer["mark"]["type"] == kind for row in rows]


def diamonds(chart: Any) -> list[dict[str, Any]]:
    return [row for layer, rows in rows_of(chart) if layer["mark"].get("shape") == "diamond" for row in rows]


def texts(chart: Any) -> dict[str, float]:
    """Each text beside a line, and where the line stands."""
    return {row["text"]: row.get("n", row.get("value")) for row in marks(chart, "text")}


def test_curves_are_the_power_of_the_paired_t_test(drawn: Data) -> None:
    chart = CURVES(run(drawn, effect_size=0.7, alpha=0.01, power=0.9), drawn)
    rows = marks(chart, "line")
    assert {row["curve"] for row in rows} == {0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0}
    np.testing.assert_allclose(
        [row["value"] for row in rows], [float(paired_power(row["n"], row["curve"], 0.01)) for row in rows], rtol=1e-12
    )
    assert min(row["n"] for row in rows) == 2
    assert "at alpha 0.01" in told(chart)


def test_the_effect_asked_for_is_thick_and_its_neighbours_give_way(drawn: Data, trial: Data) -> None:
    rows = marks(CURVES(run(trial), trial), "line")
    widths = {row["curve"]: row["width"] for row in rows}
    assert 0.8 not in widths, "0.82 would hide it"
    assert max(widths, key=widths.__getitem__) == 0.82
    assert len(set(widths.values())) == 2
    (stroke,) = [layer["encoding"]["stroke"] for layer, _ in rows_of(CURVES(run(trial), trial)) if layer["mark"]["type"] == "line"]  # fmt: skip
    assert len(set(stroke["scale"]["range"])) == len(stroke["scale"]["domain"]) == len(widths)


def test_todays_pairs_the_target_and_the_planned_power_are_marked(drawn: Data) -> None:
    result = run(drawn)
    chart = CURVES(result, drawn)
    assert texts(chart) == {"3 now": 3, "target 20": 20, "80% power": 0.8}
    assert {row.get("n") for row in marks(chart, "rule")} >= {3, 20}
    assert numbers(result, "pairs")["n_pairs"] == 3
    assert "3 evaluable pairs on view" in told(chart)
    heights = {row["at"] for row in marks(chart, "text") if "at" in row}
    assert len(heights) == 2 and max(heights) < HEIGHT, "neighbours do not cover each other"


@pytest.mark.parametrize(
    ("given", "n", "power"),
    [
        ({"n": 12, "effect_size": 0.9, "alpha": 0.05}, 12, float(paired_power(12, 0.9, 0.05))),
        ({"effect_size": 0.82, "alpha": 0.05, "power": 0.8}, 14, float(paired_power(14, 0.82, 0.05))),
    ],
)
def test_what_is_solved_is_a_diamond_on_its_curve(drawn: Data, given: dict, n: int, power: float) -> None:
    result = run(drawn, **given)
    chart = CURVES(result, drawn)
    assert diamonds(chart) == [{"n": n, "value": power}]
    assert result.answer.rstrip(".") in told(chart)


def test_curves_reach_as_far_as_the_pairs_they_are_about(drawn: Data) -> None:
    few, many = (run(drawn, effect_size=effect, alpha=0.05, power=0.8).records for effect in (0.7, 0.05))
    assert few.n[few.figure == "curves"].max() == 60
    assert many.n[many.figure == "curves"].max() >= 3142
    assert many.groupby("curve").size().max() <= 60, "no more points than can be seen"


def test_the_half_width_is_of_the_marker_chosen(drawn: Data) -> None:
    result = run(drawn, PARAMCD="AR", half_width=1.2)
    chart = HALF_WIDTH(result, drawn)
    current, needed = (numbers(result, context, variable="AR") for context in ("current", "precision"))
    for row in marks(chart, "line"):
        assert row["value"] == pytest.approx(float(half_width(row["n"], current["sd_change"])), rel=1e-12)
    assert diamonds(chart) == [{"n": needed["n"], "value": 1.2}]
    assert texts(chart) == {"4 now": 4, "target 20": 20, "wanted ± 1.2": 1.2}
    assert "AR: half-width by number of pairs" in chart.to_dict()["title"]["text"]
    assert "4 pairs now: ± 2.91, SD of changes 1.83" in told(chart)
    assert f"± 1.2 needs {needed['n']:.0f} pairs" in told(chart)


@pytest.mark.parametrize("wanted", [1000, 0.01])
def test_a_half_width_beyond_the_axis_is_said_and_not_drawn_outside(drawn: Data, wanted: float) -> None:
    chart = HALF_WIDTH(run(drawn, PARAMCD="AR", half_width=wanted), drawn)
    (high,) = {layer["encoding"]["y"]["scale"]["domain"][1] for layer, _ in rows_of(chart) if layer["mark"]["type"] == "line"}  # fmt: skip
    assert all(row["value"] <= high for row in [*marks(chart, "line"), *diamonds(chart)])
    assert f"± {wanted:g} needs" in told(chart)


@pytest.mark.parametrize(
    ("code", "says"),
    [("BCL2", "No curve to draw of BCL-2: all differences are the same."), ("KI67", "No curve to draw of Ki-67: fewer than two pairs.")],
)  # fmt: skip
def test_a_marker_without_a_spread_has_no_curve_and_the_reason(drawn: Data, code: str, says: str) -> None:
    assert says in told(HALF_WIDTH(run(drawn, PARAMCD=code), drawn))


def test_a_study_without_plan_or_markers_still_has_its_curves(pilot: Data) -> None:
    result = run(pilot)
    chart = CURVES(result, pilot)
    assert {row["curve"] for row in marks(chart, "line")} == {0.3, 0.4, 0.5, 0.6, 0.8, 1.0}
    assert diamonds(chart) == []
    assert list(texts(chart)) == ["80% power"]
    assert "the study has no biomarkers at two timepoints" in told(HALF_WIDTH(result, pilot))


@pytest.mark.parametrize("where", ["AGE GT 500", "AGE EQ 51"])
def test_nobody_and_one_pair_are_figures(drawn: Data, where: str) -> None:
    result = run(drawn, where)
    assert {row["curve"] for row in marks(CURVES(result, drawn), "line")}
    assert "No curve to draw of AR" in told(HALF_WIDTH(result, drawn))
    assert "0 now" not in texts(CURVES(result, drawn))


@pytest.mark.parametrize("name", OUTPUT.figures)
def test_every_figure_can_be_saved(drawn: Data, name: str) -> None:
    result = run(drawn, half_width=2)
    assert figure(result, drawn, name, "png").startswith(b"\x89PNG")
    assert b"<svg" in figure(result, drawn, name, "svg")
