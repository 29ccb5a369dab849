"""Figures of one marker's change draw the very numbers of the records and of the results, and nobody is lost."""

import json
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import vl_convert

from core.ard import join
from core.charts import theme
from core.charts.caption import LINE
from core.charts.change import Compared, distribution, slope, waterfall
from core.charts.differences import DOT, WIDTH
from tests.charts.drawn import UNITED, estimates, layer, pairs, rows_of, stats, told

OF = Compared("PSA", "ng/mL", "Baseline", "Week 9")
LOG = Compared("PSA", "ng/mL", "Baseline", "Week 9", "log2")
SPLIT = Compared("PSA", "ng/mL", "Baseline", "Week 9", "raw", "Any event")
FIGURES = (slope, waterfall, distribution)

MIXED = """
USUBJID | earlier | later
--------+---------+------
01      | 10      | 4
02      | <0.2    | 3
03      | 8       | <0.2
04      | 5       | 5
05      | <0.2    | <0.5
06      | 7       |
07      |         | 2
08      | 6       | 9
"""
BOTH = "both below the limit"
PAIRED = ["01", "02", "03", "04", "05", "08"]

GROUPED = """
USUBJID | earlier | later | group
--------+---------+-------+------
01      | 10      | 4     | Yes
02      | 3       | 6     | No
03      | 8       | 1     | No
04      | 5       | 5     | Yes
"""
BY_GROUP = join([estimates("No"), estimates("Yes", mean_change=-3.0, conf_low=-40.0, conf_high=34.0, p_value=0.5)])

THIN = {
    "one pair": ("01|1|2", "A single pair: nothing can be inferred from it."),
    "no change": ("01|2|2\n02|7|7", "No value changed: every difference is 0."),
    "all below": ("01|<2|<2\n02|<2|<3", "Every value is below the limit: no change can be seen."),
    "one same change": ("01|1|2\n02|3|4", "2 pairs"),
}


def unlimited():
    found = pairs("USUBJID|earlier|later\n01|<2|<2")
    found.records[["earlier_limit", "later_limit"]] = np.nan
    return found


EMPTY = {
    "no records": (lambda: UNITED, OF, FIGURES),
    "nobody has both": (lambda: pairs("USUBJID|earlier|later\n01|1|\n02||2"), OF, FIGURES),
    "no magnitude": (lambda: pairs("USUBJID|earlier|later\n01|1|<2\n02|5|<2", rule="lowest"), OF, FIGURES[1:]),
    "no limit, no place": (unlimited, OF, FIGURES[:1]),
    "no logarithm, no place": (lambda: pairs("USUBJID|earlier|later\n01|-1|0"), LOG, FIGURES[:1]),
}


def subjects(rows):
    return [row["USUBJID"] for row in rows]


def test_slope_draws_every_pair_once_and_nobody_else() -> None:
    _, lines = layer(slope(pairs(MIXED), OF), "rule", stroke="direction")
    assert subjects(lines) == PAIRED
    assert {row["USUBJID"]: (row["before"], row["after"]) for row in lines} == {
        "01": (10, 4), "02": (0.2, 3), "03": (8, 0.2), "04": (5, 5), "05": (0.2, 0.5), "08": (6, 9),
    }  # fmt: skip
    _, ends = layer(slope(pairs(MIXED), OF), "point")
    assert Counter(subjects(ends)) == dict.fromkeys(PAIRED, 2)
    assert {(row["USUBJID"], row["x"]): row["y"] for row in ends} == {
        **{(row["USUBJID"], "Baseline"): row["before"] for row in lines},
        **{(row["USUBJID"], "Week 9"): row["after"] for row in lines},
    }


@pytest.mark.parametrize("scale", [OF, LOG], ids=["raw", "log2"])
def test_a_value_below_its_limit_is_an_open_triangle_at_the_limit(scale) -> None:
    chart = slope(pairs(MIXED, scale.scale), scale)
    points, ends = layer(chart, "point")
    low = [row for row in ends if row["state"].startswith("below")]
    assert sorted((row["USUBJID"], row["x"], row["y"]) for row in low) == [
        ("02", "Baseline", 0.2), ("03", "Week 9", 0.2), ("05", "Baseline", 0.2), ("05", "Week 9", 0.5),
    ]  # fmt: skip
    drawn = {
        channel: dict(zip(*points["encoding"][channel]["scale"].values(), strict=True))[low[0]["state"]]
        for channel in ("shape", "fillOpacity")
    }
    assert drawn == {"shape": "triangle-down", "fillOpacity": 0}
    substituted = {0.1, 0.25}
    assert not substituted & {value for _, rows in rows_of(chart) for row in rows for value in row.values()}


def test_each_limit_that_a_value_was_below_is_a_dotted_line() -> None:
    rule, rows = layer(slope(pairs(MIXED), OF), "rule", y="limit")
    assert [row["limit"] for row in rows] == [0.2, 0.5]
    assert rule["mark"]["strokeDash"]
    assert "4 (33.3%) of 12 values below the limit (dotted, 0.2, 0.5)" in told(slope(pairs(MIXED), OF))
    nowhere = estimates()
    nowhere.loc[nowhere.stat_name == "n_below", "stat"] = 0
    without = slope(pairs("USUBJID|earlier|later\n01|1|2\n02|3|4", ard=nowhere), OF)
    assert not any("limit" in row for _, rows in rows_of(without) for row in rows)
    assert "0 of 12 values below the limit" in told(without)


@pytest.mark.parametrize("figure", FIGURES)
def test_directions_are_the_signs_of_the_changes_and_the_legend_counts_them(figure) -> None:
    result = pairs(MIXED)
    chart = figure(result, OF)
    rows = next(rows for _, rows in rows_of(chart) if rows and "direction" in rows[0])
    change = dict(zip(result.records.USUBJID, result.records.change, strict=True))
    names = {1.0: "rose", -1.0: "fell", 0.0: "unchanged"}
    expected = {who: names[np.sign(change[who])] for who in PAIRED} | {"05": BOTH}
    assert {row["USUBJID"]: row["direction"] for row in rows} == expected
    legends = [each["encoding"]["stroke"]["legend"]["labelExpr"] for each, _ in rows_of(chart)
               if (each["encoding"].get("stroke") or {}).get("legend")]  # fmt: skip
    assert legends and set(legends) == {
        '{"rose": "rose (2)", "fell": "fell (2)", "unchanged": "unchanged (1)", '
        '"both below the limit": "both below the limit (1)"}[datum.value]'
    }


def test_a_pair_without_magnitude_still_has_its_line_and_its_direction() -> None:
    result = pairs(MIXED, rule="lowest")
    _, lines = layer(slope(result, OF), "rule", stroke="direction")
    assert {row["USUBJID"]: row["direction"] for row in lines} == {
        "01": "fell", "02": "rose", "03": "fell", "04": "unchanged", "05": BOTH, "08": "rose",
    }  # fmt: skip
    assert next(row for row in lines if row["USUBJID"] == "02")["change_text"] == "no magnitude"
    for figure in (waterfall, distribution):
        chart = figure(result, OF)
        assert "Not drawn, a change without magnitude: 02, 03" in told(chart)
        drawn = {who for _, rows in rows_of(chart) for row in rows if (who := row.get("USUBJID"))}
        assert drawn == set(PAIRED) - {"02", "03"}


def test_quartiles_are_not_given_where_a_change_has_no_magnitude() -> None:
    def box(rule):
        return layer(distribution(pairs(MIXED, rule=rule), OF), "tick")[1]

    assert len(box("half")) == 1 and not box("lowest")


def test_a_pair_without_a_place_is_named() -> None:
    result = pairs("USUBJID|earlier|later\n01|4|2\n02|-3|5\n03|1|8")
    chart = slope(result, LOG)
    assert subjects(layer(chart, "rule", stroke="direction")[1]) == ["01", "03"]
    assert "Not drawn, without a place on the axis: 02" in told(chart)


def test_the_axis_is_logarithmic_on_log2_only_and_in_the_unit() -> None:
    for of in (OF, LOG):
        y = layer(slope(pairs(MIXED, of.scale), of), "rule", stroke="direction")[0]["encoding"]["y"]
        assert (y["scale"].get("type") == "log") == (of is LOG)
        assert y["title"] == ["PSA (ng/mL)"]
        low, high = y["scale"]["domain"]
        assert low <= 0.2 and high >= 10


def test_axes_of_change_tell_the_unit() -> None:
    assert layer(waterfall(pairs(MIXED), OF), "bar")[0]["encoding"]["y"]["title"] == "Change (ng/mL)"
    assert layer(waterfall(pairs(MIXED, "log2"), LOG), "bar")[0]["encoding"]["y"]["title"] == "log2 fold change"


def test_medians_are_those_of_the_results() -> None:
    _, rows = layer(slope(pairs(MIXED), OF), "rule", y="before", y2="after", x2="x2", stroke=None)
    assert [(row["before"], row["before_text"]) for row in rows] == [(5.25, "5.25")]
    assert [(row["after"], row["after_text"]) for row in rows] == [(3.75, "3.75")]


def test_a_median_that_is_not_estimable_has_no_line_and_the_figure_says_so() -> None:
    found = estimates()
    found.loc[found.context == "summary", "stat"] = np.nan
    drawn = slope(pairs(MIXED, ard=found), OF)
    assert "Median below the limit or not estimable" in told(drawn)
    thick = [each for each, _ in rows_of(drawn) if each["encoding"].get("y2", {}).get("field") == "after"]
    assert all("stroke" in each["encoding"] for each in thick)


def test_the_tooltip_tells_both_values_as_recorded() -> None:
    lines, rows = layer(slope(pairs(MIXED), OF), "rule", stroke="direction")
    by = {row["USUBJID"]: row for row in rows}
    assert [by["03"][name] for name in ("before_text", "after_text", "change_text", "days")] == [
        "8",
        "<0.2",
        "-7.90",
        "63",
    ]
    assert [each["title"] for each in lines["encoding"]["tooltip"]] == [
        "Subject", "Baseline", "Week 9", "Change (ng/mL)", "Days between",
    ]  # fmt: skip
    assert "group" in {
        each["field"] for each in layer(slope(pairs(GROUPED, ard=BY_GROUP), SPLIT), "point")[0]["encoding"]["tooltip"]
    }


def test_groups_stand_side_by_side_in_the_order_of_the_results() -> None:
    lines, rows = layer(slope(pairs(GROUPED, ard=BY_GROUP), SPLIT), "rule", stroke="direction")
    assert lines["encoding"]["x"]["scale"]["domain"] == [
        "No: Baseline", "No: Week 9", " ", "Yes: Baseline", "Yes: Week 9",
    ]  # fmt: skip
    assert {row["USUBJID"]: (row["x"], row["x2"]) for row in rows} == {
        "01": ("Yes: Baseline", "Yes: Week 9"), "02": ("No: Baseline", "No: Week 9"),
        "03": ("No: Baseline", "No: Week 9"), "04": ("Yes: Baseline", "Yes: Week 9"),
    }  # fmt: skip
    bars, _ = layer(waterfall(pairs(GROUPED, ard=BY_GROUP), SPLIT), "bar")
    assert bars["encoding"]["x"]["scale"]["domain"] == ["02", "03", " ", "04", "01"]


def test_every_group_has_its_own_estimates() -> None:
    for figure in FIGURES:
        text = told(figure(pairs(GROUPED, ard=BY_GROUP), SPLIT))
        assert "No: 2 pairs; mean change -37.9 (95% CI -55.2 to -20.5), paired t p = 0.0003" in text
        assert "Yes: 2 pairs; mean change -3.00 (95% CI -40.0 to 34.0), paired t p = 0.5000" in text


def test_a_subject_of_no_group_is_drawn_and_counted_apart() -> None:
    result = pairs(GROUPED.replace("| Yes\n02", "|    \n02"), ard=BY_GROUP)
    assert {row["x"] for row in layer(slope(result, SPLIT), "rule", stroke="direction")[1]} == {
        "No: Baseline", "Yes: Baseline", "unknown: Baseline",
    }  # fmt: skip
    assert slope(result, SPLIT).to_dict()["title"]["subtitle"][3] == "unknown: 1 pair"


def test_waterfall_falls_from_the_largest_rise_to_the_largest_fall() -> None:
    result = pairs(MIXED)
    bars, rows = layer(waterfall(result, OF), "bar")
    order = bars["encoding"]["x"]["scale"]["domain"]
    assert order == ["08", "02", "04", "05", "01", "03"]
    assert bars["encoding"]["x"]["sort"] == order
    change = dict(zip(result.records.USUBJID, result.records.change, strict=True))
    assert [row["change"] for row in rows] == [change[who] for who in order]
    assert subjects(layer(waterfall(result, OF), "point", y="change")[1]) == ["04", "05"]


@pytest.mark.parametrize("figure", [waterfall, distribution])
def test_pairs_with_a_value_below_the_limit_are_only_outlined_and_the_legend_says_so(figure) -> None:
    each, rows = next(
        (each, rows) for each, rows in rows_of(figure(pairs(MIXED), OF)) if "fillOpacity" in each["encoding"]
    )
    assert {row["USUBJID"] for row in rows if row["measured"] == "a value below the limit"} == {"02", "03", "05"}
    assert dict(zip(*each["encoding"]["fillOpacity"]["scale"].values(), strict=True))["a value below the limit"] == 0
    assert each["encoding"]["strokeWidth"]["legend"]["values"] == ["a value below the limit"]
    measured, _ = next(
        (each, rows) for each, rows in rows_of(figure(pairs(GROUPED), OF)) if "fillOpacity" in each["encoding"]
    )
    assert measured["encoding"]["strokeWidth"]["legend"] is None


def test_distribution_draws_the_estimates_as_they_stand_in_the_results() -> None:
    drawn = {row["kind"]: row for _, rows in rows_of(distribution(pairs(MIXED), OF)) for row in rows if row.get("kind")}
    assert [drawn["mean"][name] for name in ("low", "value", "high")] == [-55.2, -37.9, -20.5]
    assert [drawn["hodges_lehmann"][name] for name in ("low", "value", "high")] == [-54.0, -36.5, -19.5]


@pytest.mark.parametrize("of", [OF, SPLIT], ids=["one", "groups"])
def test_every_row_of_the_distribution_has_its_name_and_numbers(of) -> None:
    chart = distribution(pairs(GROUPED, ard=join([estimates(), BY_GROUP])), of)
    y = layer(chart, "point", stroke="direction")[0]["encoding"]["y"]
    names = json.loads(y["axis"]["labelExpr"].removesuffix("[datum.value]"))
    assert [str(int(at)) for at in y["axis"]["values"]] == list(names)
    assert all(at == int(at) for at in y["axis"]["values"])
    assert y["scale"]["domain"] == [chart.to_dict()["height"], 0] and y["scale"]["zero"] is False
    assert ["Mean (95% CI)", "-37.9 (-55.2 to -20.5)"] in names.values()
    assert ["Hodges-Lehmann (95% CI)", "-36.5 (-54.0 to -19.5)"] in names.values()
    assert len(names) == (8 if of is SPLIT else 4)


def test_quartiles_are_those_of_sas() -> None:
    result = pairs("USUBJID|earlier|later\n01|0|1\n02|0|2\n03|0|3\n04|0|4")
    _, rows = layer(distribution(result, OF), "tick")
    assert [(row["low"], row["value"], row["high"]) for row in rows] == [(1.5, 2.5, 3.5)]


def test_dots_keep_their_change_and_do_not_overlap() -> None:
    change = np.linspace(-1, 1, 40) ** 3
    result = pairs(
        "USUBJID|earlier|later\n" + "\n".join(f"{at:02}|0|{value:.9f}" for at, value in enumerate(change)), ard=join([])
    )
    dots, rows = layer(distribution(result, OF), "point", stroke="direction")
    assert sorted(row["change"] for row in rows) == sorted(result.records.change)
    low, high = dots["encoding"]["x"]["scale"]["domain"]
    x = np.array([(row["change"] - low) / (high - low) * WIDTH for row in rows])
    y = np.array([row["y"] for row in rows])
    apart = np.hypot(x[:, None] - x, y[:, None] - y)[np.triu_indices(len(x), 1)]
    assert apart.min() >= DOT - 1e-6
    assert all(at == int(at) for at in dots["encoding"]["y"]["axis"]["values"]), (
        "their names are found by whole numbers"
    )


@pytest.mark.parametrize("figure", FIGURES)
def test_the_order_of_the_records_does_not_matter(figure) -> None:
    result = pairs(MIXED)
    shuffled = type(result)(**{**vars(result), "records": result.records.iloc[[5, 2, 7, 0, 3, 6, 1, 4]]})
    assert figure(result, OF).to_dict()["datasets"] == figure(shuffled, OF).to_dict()["datasets"]


@pytest.mark.parametrize("figure", FIGURES)
def test_the_subtitle_tells_who_what_and_when(figure) -> None:
    lines = figure(pairs(MIXED), OF).to_dict()["title"]["subtitle"]
    assert lines[:2] == [
        "Evaluable population, N=30; data cut 2024-12-31; simulated data",
        "6 pairs; mean change -37.9 (95% CI -55.2 to -20.5), paired t p = 0.0003; signed-rank p = 0.0006",
    ]
    real = type(UNITED)(**{**vars(pairs(MIXED)), "simulated": False})
    assert "simulated" not in told(figure(real, OF))


@pytest.mark.parametrize("figure", FIGURES)
def test_what_cannot_be_estimated_says_why_and_is_not_drawn(figure) -> None:
    nan, why = float("nan"), "values below the limit have an order but no magnitude"
    ard = join([
        stats("paired_t", why, {"variable": "M"}, mean_change=nan, p_value=nan, conf_low=nan, conf_high=nan),
        stats("wilcoxon", why, {"variable": "M"}, p_value=nan),
        stats("hodges_lehmann", why, {"variable": "M"}, estimate=nan, conf_low=nan, conf_high=nan),
    ])  # fmt: skip
    chart = figure(pairs(MIXED, ard=ard), OF)
    assert f"6 pairs; mean change n.e., paired t p n.e. ({why}); signed-rank p n.e. ({why})" in told(chart)
    assert not any(row.get("kind") in ("mean", "hodges_lehmann") for _, rows in rows_of(chart) for row in rows)


@pytest.mark.parametrize("figure", FIGURES)
def test_long_names_are_wrapped_not_cut(figure) -> None:
    long = Compared(
        "A marker of a very long name " * 5, "% of area", "Baseline", "Week 9", "raw", "A group of a long name " * 3
    )
    names = {level: f"{level}, a level whose name goes on for a while" for level in ("No", "Yes")}
    drawing = GROUPED.replace("| Yes", f"| {names['Yes']}").replace("| No", f"| {names['No']}")
    title = figure(pairs(drawing, ard=join([estimates(name) for name in names.values()])), long).to_dict()["title"]
    assert len(title["text"]) > 1 and max(map(len, title["text"])) <= 76
    assert max(map(len, title["subtitle"])) <= LINE


@pytest.mark.parametrize("figure", FIGURES)
def test_a_click_chooses_a_subject_and_dims_the_others(figure) -> None:
    written = figure(pairs(MIXED), OF).to_dict()
    (parameter,) = written["params"]
    assert (parameter["name"], parameter["select"]) == (
        "chosen",
        {"type": "point", "fields": ["USUBJID"], "toggle": False},
    )
    assert not {"facet", "concat", "hconcat", "vconcat", "repeat"} & set(written)
    for each, rows in rows_of(figure(pairs(MIXED), OF)):
        if "tooltip" in each["encoding"]:
            assert all(row["USUBJID"] for row in rows)
            opacity = each["encoding"]["opacity"]
            assert opacity["condition"] == {"param": "chosen", "value": 1} and opacity["value"] < 0.5


def compiles(chart, capfd) -> None:
    """Vega-Lite takes the figure without a word of warning, and it can be drawn."""
    written = chart.to_dict()
    vl_convert.vegalite_to_vega(written, show_warnings=True)
    said = capfd.readouterr()
    assert "WARN" not in said.out + said.err
    assert "NaN" not in vl_convert.vegalite_to_svg(written)


@pytest.mark.parametrize("of", [OF, LOG], ids=["raw", "log2"])
@pytest.mark.parametrize("figure", FIGURES)
def test_figures_compile_without_warnings(figure, of, capfd) -> None:
    compiles(figure(pairs(MIXED, of.scale), of), capfd)


@pytest.mark.parametrize("figure", FIGURES)
def test_groups_of_any_name_compile_without_warnings(figure, capfd) -> None:
    drawing = GROUPED.replace("| Yes", "| \"+alert(1)+'\\").replace("| No", "| </script> é")
    compiles(figure(pairs(drawing, ard=join([])), SPLIT), capfd)


@pytest.mark.parametrize("case", EMPTY)
def test_nothing_to_draw_is_a_sentence(case, capfd) -> None:
    result, of, figures = EMPTY[case]
    for figure in figures:
        chart = figure(result(), of)
        assert "No pairs to draw: " in told(chart)
        assert [parameter["name"] for parameter in chart.to_dict()["params"]] == ["chosen"]
        assert not [row for _, rows in rows_of(chart) for row in rows]
        compiles(chart, capfd)


@pytest.mark.parametrize("of", [OF, LOG], ids=["raw", "log2"])
@pytest.mark.parametrize("case", THIN)
def test_little_to_draw_is_drawn_and_said(case, of, capfd) -> None:
    drawing, sentence = THIN[case]
    result = pairs(f"USUBJID|earlier|later\n{drawing}", of.scale)
    for figure in FIGURES:
        chart = figure(result, of)
        assert sentence in told(chart)
        drawn = {who for _, rows in rows_of(chart) for row in rows if (who := row.get("USUBJID"))}
        assert drawn == set(result.records.USUBJID)
        compiles(chart, capfd)


def test_axes_of_values_that_hardly_differ_have_ticks() -> None:
    result = pairs("USUBJID|earlier|later\n01|3.3|3.6\n02|3.9|3.1", "log2")
    y = layer(slope(result, LOG), "rule", stroke="direction")[0]["encoding"]["y"]
    low, high = y["scale"]["domain"]
    assert len(y["axis"]["values"]) >= 2 and all(low <= tick <= high for tick in y["axis"]["values"])


def test_colours_are_of_the_theme() -> None:
    lines, _ = layer(slope(pairs(MIXED), OF), "rule", stroke="direction")
    assert dict(zip(*lines["encoding"]["stroke"]["scale"].values(), strict=True)) == dict(
        zip(("rose", "fell", "unchanged", BOTH), theme.DIRECTIONS, strict=True)
    )
    assert len({tuple(dash) for dash in lines["encoding"]["strokeDash"]["scale"]["range"]}) == 4


def test_a_wide_waterfall_keeps_every_subject() -> None:
    count = 300
    result = pairs("USUBJID|earlier|later\n" + "\n".join(f"{at:03}|{at}|{count}" for at in range(count)))
    chart = waterfall(result, OF)
    assert len(layer(chart, "bar")[1]) == count
    assert chart.to_dict()["width"] <= theme.WIDEST


def test_records_as_text_columns_of_any_kind_do() -> None:
    result = pairs(MIXED)
    plain = result.records.assign(
        USUBJID=result.records.USUBJID.astype(object), group=pd.array([""] * 8, dtype="string")
    )
    other = type(result)(**{**vars(result), "records": plain})
    assert slope(result, OF).to_dict()["datasets"] == slope(other, OF).to_dict()["datasets"]
