"""Figures of a panel of markers draw the very numbers of the results; what is missing is seen to be missing."""

import json

import numpy as np
import pandas as pd
import pytest
import vl_convert

from core.ard import join
from core.charts import theme
from core.charts.heat_map import CLIP, heat_map
from core.charts.panel import MOST_LABELS, forest, volcano
from core.formats import p_value
from tests.charts.drawn import UNITED, layer, rows_of, stats, told
from tests.charts.test_change import compiles

nan = float("nan")
LABELS = {"A1": "CD8", "A2": "Ki-67", "B1": "CD8", "B2": "Collagen I", "B3": "Osteocalcin"}
FAMILIES = {"A1": "Immune", "B1": "Stroma", "A2": "Immune", "B2": "Stroma", "B3": "Stroma"}
SIZES = {"A1": -1.2, "A2": 0.4, "B1": -0.3, "B2": nan, "B3": 0.9}
P_VALUES = {"A1": 0.001, "A2": 0.2, "B1": 0.4, "B2": nan, "B3": 0.0}
DRAWN = ("A1", "A2", "B1", "B3")


def marker(code, family, size, p, q, n=12, p_rank=0.5, half=0.6):
    key = {"variable": code, "group2": "family", "group2_level": family}
    why = "all differences are the same"
    return join([
        stats("paired_t", why, key, n=n, mean_change=size * 2, p_value=p),
        stats("wilcoxon", "", key, n=n - 1, n_zero=1, p_value=p_rank),
        stats("hodges_lehmann", why, key, estimate=size),
        stats("d_z", why, key, estimate=size, conf_low=size - half, conf_high=size + half),
        stats("below_limit", "", key, n=2 * n, n_below=3, percent=12.5),
        stats("adjusted", "no test", key, q_bh=q, p_holm=q),
    ])  # fmt: skip


def panel(frames, records=None):
    return type(UNITED)(**{**vars(UNITED), "title": "A panel", "ard": join(frames)}
                        | ({} if records is None else {"records": records}))  # fmt: skip


def five(**other):
    return panel(
        [marker(code, FAMILIES[code], SIZES[code], P_VALUES[code], P_VALUES[code] * 2, **other) for code in FAMILIES]
    )


def many(count, families=4, seed=1):
    draw = np.random.default_rng(seed)
    sizes, p = draw.normal(0, 1, count), draw.uniform(1e-6, 1, count) ** 3
    return panel([marker(f"M{at}", f"Family {at * families // count}", sizes[at], p[at], p[at]) for at in range(count)])


def cells(markers=3, people=4, lost=((0, 1), (2, 3))):
    draw = np.random.default_rng(2)
    rows = [(f"M{at}", f"{who:03}", nan if (at, who) in lost else draw.normal(0, 2), "no sample" if (at, who) in lost else "")
            for at in range(markers) for who in range(people)]  # fmt: skip
    return pd.DataFrame(rows, columns=["PARAMCD", "USUBJID", "z", "reason"])


def test_forest_draws_sizes_and_limits_of_the_results() -> None:
    _, dots = layer(forest(five(), LABELS, "paired_t", 0.05), "point", x="d_z")
    assert {row["PARAMCD"]: row["d_z"] for row in dots} == {code: SIZES[code] for code in DRAWN}
    assert {row["PARAMCD"]: (row["low"], row["high"]) for row in dots} == {
        code: (SIZES[code] - 0.6, SIZES[code] + 0.6) for code in DRAWN
    }
    assert layer(forest(five(), LABELS, "paired_t", 0.05), "rule", x="low")[1] == dots


def test_markers_stand_below_their_family_in_the_order_of_the_results() -> None:
    chart = forest(five(), LABELS, "paired_t", 0.05)
    y = layer(chart, "point", x="d_z")[0]["encoding"]["y"]
    assert y["scale"]["domain"] == [" ", " 0", "A1", "A2", " 1", "B1", "B2", "B3"]
    names = json.loads(y["axis"]["labelExpr"].split("[datum")[0])
    assert names == {" ": "", " 0": "", " 1": "", "A1": "CD8 (A1)", "A2": "Ki-67", "B1": "CD8 (B1)", "B2": "Collagen I", "B3": "Osteocalcin"}  # fmt: skip
    _, heads = layer(chart, "text", text="family")
    assert [(row["PARAMCD"], row["family"]) for row in heads] == [(" 0", "Immune"), (" 1", "Stroma")]


def test_a_marker_that_is_not_estimable_keeps_its_row() -> None:
    chart = forest(five(), LABELS, "paired_t", 0.05)
    missing = next(rows for each, rows in rows_of(chart) if each["mark"].get("text") == "n.e.")
    assert [row["PARAMCD"] for row in missing] == ["B2"]
    assert missing[0]["reason"] == "all differences are the same"
    assert [row["p_text"] for row in layer(chart, "text", text="p_text")[1] if row["PARAMCD"] == "B2"] == ["n.e."]
    assert "Not estimable (1): Collagen I" in told(chart)


@pytest.mark.parametrize("test, n, p", [("paired_t", "12", P_VALUES["A1"]), ("wilcoxon", "11", 0.5)])
def test_numbers_beside_the_forest_are_of_the_pre_specified_test(test, n, p) -> None:
    chart = forest(five(), LABELS, test, 0.05)
    beside = {
        field: {row["PARAMCD"]: row[field] for row in layer(chart, "text", text=field)[1]}
        for field in ("n_text", "p_text", "q_text", "below_text")
    }
    assert {field: texts[" "] for field, texts in beside.items()} == {
        "n_text": "n", "p_text": "p", "q_text": "q", "below_text": "< limit",
    }  # fmt: skip
    assert {field: texts["A1"] for field, texts in beside.items()} == {
        "n_text": n, "p_text": p_value(p), "q_text": p_value(0.002), "below_text": "12.5%",
    }  # fmt: skip
    assert all(set(texts) == {" ", *FAMILIES} for texts in beside.values())


@pytest.mark.parametrize("figure", [forest, volcano])
def test_marks_are_filled_when_q_is_below_alpha(figure) -> None:
    for alpha, found in ((0.05, {"A1"}), (0.0001, set()), (0.5, {"A1", "A2"})):
        chart = figure(five(), LABELS, "paired_t", alpha)
        dots, rows = layer(chart, "point", x="d_z")
        assert {row["PARAMCD"] for row in rows if row["found"]} - {"B3"} == found
        assert dict(zip(*dots["encoding"]["fillOpacity"]["scale"].values(), strict=True)) == {True: 1, False: 0}
        assert f"{len(found) + 1} of 5 markers with q < {alpha:g}" in told(chart)


def test_an_interval_that_goes_on_ends_in_an_arrow() -> None:
    frames = [marker("A1", "", 0.5, 0.1, 0.1), marker("A2", "", 1.0, 0.1, 0.1, half=40)]
    chart = forest(panel(frames), {}, "paired_t", 0.05)
    tips = {
        each["mark"]["shape"]: rows
        for each, rows in rows_of(chart)
        if str(each["mark"].get("shape")).startswith("triangle")
    }
    low, high = layer(chart, "point", x="d_z")[0]["encoding"]["x"]["scale"]["domain"]
    assert {shape: [(row["PARAMCD"], row["end"]) for row in rows] for shape, rows in tips.items()} == {
        "triangle-left": [("A2", low)], "triangle-right": [("A2", high)],
    }  # fmt: skip
    assert "Arrow: the interval goes on" in told(chart)
    assert "Arrow" not in told(forest(five(), {}, "paired_t", 0.05))


def test_volcano_stands_at_the_p_of_the_pre_specified_test() -> None:
    _, rows = layer(volcano(five(), LABELS, "paired_t", 0.05), "point")
    assert {row["PARAMCD"]: (row["d_z"], row["height"]) for row in rows} == {
        code: (SIZES[code], -np.log10(P_VALUES[code])) for code in ("A1", "A2", "B1")
    }
    _, ranked = layer(volcano(five(), LABELS, "wilcoxon", 0.05), "point")
    assert {row["height"] for row in ranked} == {-np.log10(0.5)}


def test_a_p_of_0_or_none_is_told_and_breaks_nothing(capfd) -> None:
    chart = volcano(five(), LABELS, "paired_t", 0.05)
    assert "Not drawn, p is 0 (1): Osteocalcin" in told(chart)
    assert "Not estimable (1): Collagen I" in told(chart)
    compiles(chart, capfd)


def test_a_dashed_line_stands_at_alpha() -> None:
    line, rows = layer(volcano(five(), LABELS, "paired_t", 0.01), "rule", y="height")
    assert line["mark"]["strokeDash"] and [(row["height"], row["text"]) for row in rows] == [(2.0, "p = 0.01")]


def test_few_names_are_written_those_of_the_smallest_p() -> None:
    result = many(60)
    chart = volcano(result, {}, "paired_t", 0.5)
    written = {
        row["text"] for each, rows in rows_of(chart) if each["mark"]["type"] == "text" for row in rows if "x" in row
    }
    assert 3 <= len(written) <= MOST_LABELS
    p = {row["PARAMCD"]: row["p"] for row in layer(chart, "point")[1]}
    assert min(p, key=p.get) in written
    assert max(p[name] for name in written) < 0.5


def test_colour_and_shape_together_tell_thirty_families_apart() -> None:
    dots, _ = layer(volcano(many(60, families=30), {}, "paired_t", 0.05), "point")
    looks = zip(dots["encoding"]["fill"]["scale"]["range"], dots["encoding"]["shape"]["scale"]["range"], strict=True)
    assert len(set(looks)) == 30


def test_heat_map_has_a_cell_for_every_marker_and_subject() -> None:
    records = cells()
    _, rows = layer(heat_map(panel([], records), {}), "rect")
    given = {(row.PARAMCD, row.USUBJID): row.z for row in records.itertuples()}
    assert len(rows) == len(given) == 12
    for row in rows:
        z = given[row["PARAMCD"], row["USUBJID"]]
        assert row["missing"] == np.isnan(z)
        assert row["z"] is None if np.isnan(z) else (row["z"], row["shown"]) == (z, np.clip(z, -CLIP, CLIP))


def test_a_missing_pair_is_grey_with_a_cross_and_a_reason() -> None:
    records = cells().drop(index=0)
    chart = heat_map(panel([], records), {})
    rect, rows = layer(chart, "rect")
    _, crosses = layer(chart, "text")
    assert {(row["PARAMCD"], row["USUBJID"]): row["reason"] for row in crosses} == {
        ("M0", "000"): "no record", ("M0", "001"): "no sample", ("M2", "003"): "no sample",
    }  # fmt: skip
    assert {(row["PARAMCD"], row["USUBJID"]) for row in rows if row["reason"]} == {
        (row["PARAMCD"], row["USUBJID"]) for row in crosses
    }
    assert rect["encoding"]["color"]["condition"] == {"test": "datum.missing", "value": theme.ABSENT}
    drawn = vl_convert.vegalite_to_svg(chart.to_dict())
    assert drawn.count(f'fill="{theme.ABSENT}"') == 3 and drawn.count("×") == 3


def test_colours_are_symmetric_around_0_and_clipped_as_told() -> None:
    chart = heat_map(panel([], cells()), {})
    colour = layer(chart, "rect")[0]["encoding"]["color"]
    stops = colour["scale"]["domain"]
    assert stops == [-stop for stop in reversed(stops)] and (stops[0], stops[-1]) == (-3, 3)
    assert len(colour["scale"]["range"]) == len(stops)
    assert '"-3": "\\u2264 -3"' in colour["legend"]["labelExpr"]
    assert "colours stay the same beyond ±3" in told(chart)


def test_markers_keep_the_order_of_the_results_and_subjects_go_from_rise_to_fall() -> None:
    ard = [marker(code, "", 0.1, 0.1, 0.1) for code in ("M2", "M0", "M1")]
    encoding = layer(heat_map(panel(ard, cells()), {}), "rect")[0]["encoding"]
    assert encoding["y"]["scale"]["domain"] == ["M2", "M0", "M1"]
    mean = cells().groupby("USUBJID").z.mean()
    assert encoding["x"]["scale"]["domain"] == list(mean.sort_values(ascending=False).index)
    shuffled = layer(heat_map(panel(ard, cells().sample(frac=1, random_state=3)), {}), "rect")[0]["encoding"]
    assert shuffled["x"]["scale"] == encoding["x"]["scale"]


def test_a_large_heat_map_keeps_every_cell() -> None:
    chart = heat_map(panel([], cells(60, 120, lost=())), {})
    assert len(layer(chart, "rect")[1]) == 7200
    assert chart.to_dict()["width"] <= 900


FIGURES = {
    "forest": lambda result: forest(result, LABELS, "paired_t", 0.05),
    "volcano": lambda result: volcano(result, LABELS, "paired_t", 0.05),
    "heat_map": lambda result: heat_map(result, LABELS),
}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_click_chooses_a_marker(figure) -> None:
    for result in (panel(five().ard.pipe(lambda ard: [ard]), cells()), UNITED):
        written = FIGURES[figure](result).to_dict()
        (parameter,) = written["params"]
        assert (parameter["name"], parameter["select"]) == (
            "chosen",
            {"type": "point", "fields": ["PARAMCD"], "toggle": False},
        )
        assert not {"facet", "concat", "hconcat", "vconcat", "repeat"} & set(written)
    for each, rows in rows_of(FIGURES[figure](panel([five().ard], cells()))):
        assert "tooltip" not in each["encoding"] or all(row["PARAMCD"] for row in rows)


@pytest.mark.parametrize("figure", FIGURES)
def test_nothing_to_draw_is_a_sentence(figure, capfd) -> None:
    for result in (UNITED, panel([], cells().assign(z=nan))):
        chart = FIGURES[figure](result)
        assert "No pairs to draw: " in told(chart)
        assert not [row for _, rows in rows_of(chart) for row in rows]
        compiles(chart, capfd)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("count", [1, 30])
def test_figures_compile_without_warnings(figure, count, capfd) -> None:
    compiles(FIGURES[figure](panel([many(count).ard], cells(count))), capfd)


def test_a_forest_of_markers_that_are_all_not_estimable_is_still_a_list(capfd) -> None:
    result = panel([marker(code, "", nan, nan, nan) for code in ("A1", "A2")])
    chart = forest(result, LABELS, "paired_t", 0.05)
    assert "Not estimable (2): CD8, Ki-67" in told(chart)
    assert "No pairs to draw" in told(volcano(result, LABELS, "paired_t", 0.05))
    compiles(chart, capfd)


@pytest.mark.parametrize("figure", FIGURES)
def test_titles_tell_who_and_when(figure) -> None:
    title = FIGURES[figure](panel([five().ard], cells())).to_dict()["title"]
    assert title["text"] == ["A panel"]
    assert title["subtitle"][0] == "Evaluable population, N=30; data cut 2024-12-31; simulated data"


def test_of_very_many_markers_those_of_the_smallest_p_are_drawn_and_the_rest_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.charts.panel.MOST_POINTS", 3)
    result = panel([marker(f"M{at}", "Only", 0.1 * at, 1 / (1 + at), 0.9) for at in range(1, 8)])
    drawn = volcano(result, {}, "paired_t", 0.05)
    assert {row["PARAMCD"] for row in layer(drawn, "point")[1]} == {"M5", "M6", "M7"}
    assert "4 markers with a larger p are not drawn" in told(drawn)
    assert "of 7 markers" in told(drawn)
