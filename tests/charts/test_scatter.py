"""What can be read off a scatter plot, a ladder and a map of correlations."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.ard import Result, join
from core.charts.axes import log_ticks, value_axis
from core.charts.concordance import ladder, matrix
from core.charts.scatter import Axis, scatter
from tests.charts.drawn import UNITED, stats

RECORDS = pd.DataFrame(
    {
        "USUBJID": ["01", "02", "03", "04", "05"],
        "group": ["A", "B", "A", "A", "B"],
        "x": [10.0, 20.0, 1.0, 1.0, np.nan],
        "y": [100.0, 120.0, 90.0, 90.0, 80.0],
        "x_text": ["10", "20", "<1", "<1", ""],
        "y_text": ["100", "120", "90", "90", "80"],
        "x_below": [False, False, True, True, False],
        "y_below": False,
        "x_limit": [1.0, 1.0, 1.0, 1.0, np.nan],
        "y_limit": np.nan,
        "x_matched": [True, False, False, False, False],
        "y_matched": False,
        "days_between": [3.0, np.nan, 0.0, 0.0, np.nan],
        "paired": [True, True, True, True, False],
        "line": [100.0, 120.0, 90.0, 90.0, np.nan],
    }
)
FOUND = {"n": 4, "rho": 0.123, "p_value": 0.0456, "conf_low": -0.5, "conf_high": 0.7, "exact": 1}
X = Axis("PSA", "ng/mL", "Baseline", "log2", ("Baseline",), True)
Y = Axis("AR", "H-score", "Baseline", "raw", ("Baseline",), False)


def drawing(records: pd.DataFrame = RECORDS, x: Axis = X, y: Axis = Y, group: str = "", **found: float) -> dict:  # type: ignore[type-arg]
    ard = join([stats("spearman", "fewer than four pairs", **(FOUND | found))])
    chart = scatter(replace(UNITED, ard=ard, records=records), x, y, group).to_dict()
    for layer in chart["layer"]:
        layer["rows"] = chart["datasets"][layer["data"]["name"]] if "name" in layer["data"] else layer["data"]["values"]
    return chart


def layers(chart: dict, kind: str) -> list[dict]:  # type: ignore[type-arg]
    return [layer for layer in chart["layer"] if layer["mark"]["type"] == kind]


def test_every_pair_is_a_point_at_its_values_and_tells_who_it_is() -> None:
    (points,) = layers(drawing(), "point")
    assert [(row["USUBJID"], row["x"], row["y"]) for row in points["rows"]] == [("01", 10, 100), ("02", 20, 120), ("03", 1, 90), ("04", 1, 90)]  # fmt: skip
    assert [each["title"] for each in points["encoding"]["tooltip"]] == [
        "Subject",
        "PSA, Baseline",
        "AR, Baseline",
        "Days between (x - y)",
    ]
    assert points["rows"][2]["x_text"] == "<1"
    assert [row["days"] for row in points["rows"]] == ["3", "unknown", "0", "0"]


def test_a_value_below_its_limit_is_an_open_triangle_in_a_band() -> None:
    chart = drawing()
    (points,) = layers(chart, "point")
    states = {row["USUBJID"]: row["state"] for row in points["rows"]}
    assert states["03"] == "below the limit, drawn at it"
    assert states["01"] == "measured"
    shape, fill = (points["encoding"][channel]["scale"] for channel in ("shape", "fillOpacity"))
    at = shape["domain"].index(states["03"])
    assert (shape["range"][at], fill["range"][at]) == ("triangle-down", 0)
    (band,) = layers(chart, "rect")
    assert band["rows"] == [{"first": pytest.approx(0.8), "last": 1.0}]
    assert "x" in band["encoding"]
    assert "y" not in band["encoding"]


def test_numbers_over_the_figure_are_those_of_the_results() -> None:
    chart = drawing()
    assert "Spearman rho = 0.123 (95% CI -0.500 to 0.700), p = 0.0456 (exact), n = 4" in chart["title"]["subtitle"]
    assert (
        "line: monotone, by least squares; shaded: below the limit; 1 point is of another day than the timepoint"
        in chart["title"]["subtitle"]
    )
    none = drawing(rho=np.nan, p_value=np.nan, conf_low=np.nan, conf_high=np.nan)
    assert "Spearman rho n.e.: fewer than four pairs, n = 4" in none["title"]["subtitle"]
    by_t = drawing(conf_low=np.nan, conf_high=np.nan, exact=0)
    assert "Spearman rho = 0.123 (no 95% CI), p = 0.0456 (t approximation), n = 4" in by_t["title"]["subtitle"]


def test_points_at_one_place_are_counted() -> None:
    (text,) = layers(drawing(), "text")
    assert [(row["x"], row["y"], row["text"]) for row in text["rows"]] == [(1, 90, "×2")]


def test_a_click_and_a_rectangle_can_be_listened_to() -> None:
    params = {each["name"]: each["select"] for each in drawing()["params"]}
    assert params["chosen"]["fields"] == ["USUBJID"]
    assert params["brushed"]["type"] == "interval"


def test_a_pair_without_a_place_on_a_logarithmic_axis_is_named() -> None:
    records = RECORDS.assign(x=[10.0, 0.0, 1.0, 1.0, np.nan])
    chart = drawing(records)
    (points,) = layers(chart, "point")
    assert "02" not in [row["USUBJID"] for row in points["rows"]]
    assert "Not drawn, without a place on an axis: 02" in chart["title"]["subtitle"]


def test_the_line_goes_through_every_height_in_order_and_is_left_out_when_there_is_none() -> None:
    (line,) = layers(drawing(), "line")
    assert [(row["x"], row["line"]) for row in line["rows"]] == [(1, 90), (10, 100), (20, 120)]
    assert not layers(drawing(RECORDS.assign(line=np.nan)), "line")


def test_a_group_has_a_colour_and_is_counted() -> None:
    (points,) = layers(drawing(group="Site"), "point")
    assert points["encoding"]["fill"]["scale"]["domain"] == ["A", "B"]
    assert '"A": "A (3)"' in points["encoding"]["fill"]["legend"]["labelExpr"]


def test_a_change_is_called_so_and_has_no_band() -> None:
    change = Axis("PSA", "ng/mL", "Week 9-Baseline", "log2", ("Baseline", "Week 9"), False)
    chart = drawing(x=change)
    assert not layers(chart, "rect")
    (points,) = layers(chart, "point")
    assert " ".join(points["encoding"]["x"]["title"]) == "PSA, change from Baseline to Week 9 (log2 fold change)"
    assert {row["state"] for row in points["rows"]} == {"measured", "a value of the change below the limit"}


def test_nobody_to_draw_is_said() -> None:
    chart = scatter(replace(UNITED, records=RECORDS.assign(paired=False)), X, Y).to_dict()
    assert "No points to draw: no subject on view is in the correlation." in chart["title"]["subtitle"]


def many() -> Result:
    records = pd.DataFrame(
        {
            "family": ["F", "F", "G"], "x": "PSA", "x_at": "Baseline", "y": ["AR", "KLK3", "DHT"], "y_at": ["Baseline", "Week 9", "Baseline"],
            "cell": ["a", "b", "c"], "x_label": "PSA", "y_label": ["AR", "KLK3", "DHT"], "n": [9, 8, 3], "rho": [0.5, -0.9, np.nan],
            "p": [0.2, 0.001, np.nan], "q": [0.4, 0.01, np.nan], "low": [-0.2, -0.99, np.nan], "high": [0.9, -0.5, np.nan],
            "exact": [1.0, 1.0, np.nan], "share_x": [0.0, 25.0, np.nan], "share_y": [50.0, 0.0, np.nan], "reason": ["", "", "no pair"],
        }
    )  # fmt: skip
    return replace(UNITED, records=records)


def test_a_rung_stands_at_its_rho_filled_when_its_q_is_low() -> None:
    chart = ladder(many(), 0.05).to_dict()
    rows = {
        row["cell"]: row
        for layer in chart["layer"]
        if "name" in layer["data"]
        for row in chart["datasets"][layer["data"]["name"]]
        if "cell" in row
    }
    assert [(key, row["rho"], row["mark"]) for key, row in sorted(rows.items())] == [("a", 0.5, "not found"), ("b", -0.9, "found"), ("c", 0.0, "not found")]  # fmt: skip
    places = next(layer["encoding"]["y"]["scale"]["domain"] for layer in chart["layer"] if "y" in layer["encoding"])
    assert places == ["F", "a", "b", "G", "c"]
    assert rows["c"]["why"] == "no pair"
    assert rows["b"]["below_text"] == "0.0% and 25.0%"


def test_a_cell_has_its_number_and_a_missing_one_a_cross() -> None:
    chart = matrix(many(), "Map").to_dict()
    (text,) = [layer for layer in chart["layer"] if layer["mark"]["type"] == "text"]
    assert [row["text"] for row in chart["datasets"][text["data"]["name"]]] == ["0.50", "-0.90", "×"]
    (rect,) = [layer for layer in chart["layer"] if layer["mark"]["type"] == "rect"]
    assert {each["title"] for each in rect["encoding"]["tooltip"]} >= {"CI", "n", "p", "rho", "Not estimable because"}


@pytest.mark.parametrize(("low", "high"), [(0.9, 1200.0), (0.9, 6.0), (4.1, 4.9), (1e-6, 3e-6)])
def test_a_logarithmic_axis_always_has_a_few_ticks_within_it(low: float, high: float) -> None:
    ticks = log_ticks(low, high)
    assert 3 <= len(ticks) <= 12
    assert all(low <= tick <= high for tick in ticks)


def test_a_linear_axis_begins_at_zero_only_where_values_nearly_do() -> None:
    assert value_axis(pd.Series([1.0, 40.0]), False)[0].domain[0] == 0
    assert value_axis(pd.Series([30.0, 40.0]), False)[0].domain[0] > 0
    assert value_axis(pd.Series([-30.0, 40.0]), False)[0].domain[0] < -30
