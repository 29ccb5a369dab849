"""Figures of adverse events draw the numbers of their results, and a click leads to the very records counted."""

from itertools import pairwise
from typing import Any

import pytest

from core.charts import grades, marks, theme
from core.charts.swimmer import EARLIEST
from core.data import Data
from core.export import figure
from core.formats import sentence_case
from core.outputs import OUTPUTS
from core.where import Where
from tests.charts.drawn import rows_of, told
from tests.drawing import study

TOML = """
[adverse_events]
ctcae_version = "4.3"
"""
ADSL = """
    | USUBJID | TRT01A | SAFFL | TRTSDT     | TRTEDT     | EOSDT      | EOSSTT       | DTHFL | DTHDT      |
    | 01      | A      | Y     | 2024-01-01 | 2024-02-01 | 2024-06-01 | COMPLETED    |       |            |
    | 02      | A      | Y     | 2024-01-01 | 2024-01-22 | 2024-02-10 | DISCONTINUED | Y     | 2024-02-10 |
    | 03      | B      | Y     | 2024-03-01 | 2024-04-01 | 2024-07-01 | COMPLETED    |       |            |
    | 04      | B      | Y     | 2024-03-01 |            |            | ONGOING      |       |            |
"""
ADAE = """
    | USUBJID | AEDECOD  | AEBODSYS | AETOXGR | AESER | AEREL    | ASTDT      | AENDT      |
    | 01      | Nausea   | Gut      | 1       | N     | POSSIBLE | 2024-01-03 | 2024-01-05 |
    | 01      | Nausea   | Gut      | 3       | N     | POSSIBLE | 2024-01-24 | 2024-01-30 |
    | 02      | Nausea   | Gut      |         | N     | POSSIBLE | 2024-01-03 | 2024-01-20 |
    | 02      | Sepsis   | Blood    | 5       | Y     | POSSIBLE | 2024-02-01 |            |
    | 03      | Fatigue  | General  | 2       | N     | POSSIBLE | 2024-03-08 |            |
    | 03      | Headache | Nerves   | 1       | N     | POSSIBLE | 2024-01-02 | 2024-01-03 |
"""
ADEX = """
    | USUBJID | ASTDT      | EXDOSE | EXTRT |
    | 01      | 2024-01-01 | 25     | DRUG  |
    | 01      | 2024-01-22 | 20     | DRUG  |
    | 02      | 2024-01-01 | 25     | DRUG  |
    | 02      | 2024-01-22 | 25     | DRUG  |
    | 03      | 2024-03-01 | 25     | DRUG  |
    | 04      | 2024-03-01 | 25     | DRUG  |
"""
FIGURES = [(output, name) for output in OUTPUTS if output.startswith("ae_") for name in OUTPUTS[output].figures]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return study(tmp_path_factory.mktemp("safety"), TOML, adsl=ADSL, adae=ADAE, adex=ADEX)


def of(data: Data, output: str, name: str, where: str = "", **options: Any) -> tuple[Any, Any]:
    result = OUTPUTS[output].run(data, data.everybody.filtered(Where.parse(where)), {"category": "all"} | options)
    return result, OUTPUTS[output].figures[name].draw(result, data)


def clickable(chart: Any) -> list[dict[str, Any]]:
    """The marks of the layer that tells what was clicked."""
    (name,) = [each["views"][0] for each in chart.to_dict()["params"] if each["name"] == "chosen"]
    return next(rows for layer, rows in rows_of(chart) if layer.get("name") == name)


@pytest.mark.parametrize(("output", "name"), FIGURES)
@pytest.mark.parametrize("columns", ["none", "TRT01A"])
def test_behind_every_mark_stand_records(drawn: Data, output: str, name: str, columns: str) -> None:
    options = {"columns": columns} if "columns" in [each.name for each in OUTPUTS[output].options] else {}
    _result, chart = of(drawn, output, name, **options)
    rows = clickable(chart)
    if name == "butterfly" and columns == "none":
        assert not rows
        assert "Choose columns with two levels" in told(chart)
        return
    assert rows
    whole = {"category": "all"} | options
    for row in rows:
        found = OUTPUTS[output].behind(drawn, drawn.everybody, whole, marks.parts(row["about"]))
        assert len(found) or row.get("n") == 0, row
        assert marks.reads(row["about"], drawn.study.adverse_events)


@pytest.mark.parametrize(("output", "name"), FIGURES)
def test_nobody_on_view_is_a_sentence_and_a_file(drawn: Data, output: str, name: str) -> None:
    result, chart = of(drawn, output, name, "USUBJID EQ 99")
    assert not any(row.get("about") for _, rows in rows_of(chart) for row in rows)
    assert told(chart).endswith(".")
    assert chart.to_dict()["params"][0]["name"] == "chosen"
    assert figure(result, drawn, name, "svg").startswith(b"<svg")


def test_a_bar_of_worst_grades_holds_each_subject_once(drawn: Data) -> None:
    _, chart = of(drawn, "ae_by_grade", "bars")
    nausea = [row for row in clickable(chart) if row["term"] == "Nausea"]
    assert [(row["grade"], row["n"]) for row in nausea] == [("3", 1), ("missing", 1)]
    assert [(row["low"], row["high"]) for row in nausea] == [(0, 25), (25, 50)]
    everybody = [row for row in clickable(chart) if row["about"].split("|")[-1].startswith("ANY")]
    assert [(row["grade"], row["n"]) for row in everybody] == [("5", 1), ("3", 1), ("2", 1)]
    assert all(left["high"] == pytest.approx(right["low"]) for left, right in pairwise(everybody))


def test_a_bar_without_anybody_is_told_as_zero(drawn: Data) -> None:
    """Of two arms every term has two bars; Nausea never came under B."""
    _, chart = of(drawn, "ae_by_grade", "bars", columns="TRT01A")
    (zero,) = [row["share"] for _, rows in rows_of(chart) for row in rows
               if row.get("slot") == "PT~Nausea~Gut~B" and row.get("grade") == "any"]  # fmt: skip
    assert zero == "0"
    assert not [row for row in clickable(chart) if row["slot"] == "PT~Nausea~Gut~B"]


def test_butterfly_is_mirrored_and_each_interval_holds_its_bar(drawn: Data) -> None:
    result, chart = of(drawn, "ae_incidence", "butterfly", columns="TRT01A")
    percent = result.ard[result.ard.stat_name == "percent"].set_index(["variable_level", "group1_level"]).stat
    for row in clickable(chart):
        reach = abs(row["percent"] - row["zero"])
        other = next(each for each in clickable(chart) if each["row"] == row["row"] and each is not row)
        expected = percent[row["variable_level"], row["group1_level"]]
        ratio = percent[other["variable_level"], other["group1_level"]]
        assert reach * ratio == pytest.approx(abs(other["percent"] - other["zero"]) * expected)
        assert min(row["conf_low"], row["conf_high"]) <= row["percent"] + 1e-9
        assert max(row["conf_low"], row["conf_high"]) >= row["percent"] - 1e-9
        outward = row["zero"] - row["percent"] if row["group1_level"] == "A" else row["percent"] - row["zero"]
        assert outward >= 0


def test_bars_of_ongoing_events_stand_on_each_other_and_on_the_table(drawn: Data) -> None:
    result, chart = of(drawn, "ae_prevalence", "prevalence")
    ard = result.ard[(result.ard.stat_name == "n") & (result.ard.context == "any")]
    counts = {float(day): n for day, n in zip(ard.variable_level, ard.stat, strict=True)}
    bars: dict[float, list[dict[str, Any]]] = {}
    for row in clickable(chart):
        bars.setdefault(row["day"], []).append(row)
    assert {day: sum(row["n"] for row in rows) for day, rows in bars.items()} == {d: n for d, n in counts.items() if n}
    order = ["missing", *drawn.study.adverse_events.levels]
    for rows in bars.values():
        assert rows[0]["low"] == pytest.approx(0)
        assert all(low["high"] == pytest.approx(high["low"]) for low, high in pairwise(rows))
        ranks = [order.index(row["grade"]) for row in rows]
        assert ranks == sorted(ranks, reverse=True)


def test_a_curve_begins_at_nobody_and_steps_only_up(drawn: Data) -> None:
    _, chart = of(drawn, "ae_rates", "curves")
    lines = next(rows for layer, rows in rows_of(chart) if layer["mark"]["type"] == "line")
    for curve in {row["curve"] for row in lines}:
        values = [
            row["estimate"] for row in sorted((r for r in lines if r["curve"] == curve), key=lambda r: r["place"])
        ]
        assert values[0] == 0
        assert values == sorted(values)
    assert next((row["about"], row["n_at_risk"]) for row in clickable(chart)) == ("event~Total~3", 4)


def test_a_cell_of_the_map_counts_who_began_then(drawn: Data) -> None:
    _, chart = of(drawn, "ae_by_cycle", "heat_map")
    cells = {row["about"]: (row["n"], row["N"]) for row in clickable(chart)}
    assert cells["Cycle 1|PT~Nausea~Gut"] == (2, 4)
    assert cells["Cycle 2|PT~Nausea~Gut"] == (1, 2)
    assert cells["Cycle 2|PT~Sepsis~Blood"] == (1, 2)
    assert cells["Cycle 2|PT~Fatigue~General"] == (0, 2)


def test_a_lane_holds_doses_events_and_how_it_ended(drawn: Data) -> None:
    _, chart = of(drawn, "ae_timeline", "swimmer")
    rows = [row for _, each in rows_of(chart) for row in each]
    doses = {(row["USUBJID"], row["day"]) for row in rows if row.get("kind") == "dose"}
    assert doses == {("01", 0), ("01", 21), ("02", 0), ("02", 21), ("03", 0), ("04", 0)}
    assert {(row["USUBJID"], row["text"]) for row in rows if row.get("kind") == "end"} == {
        ("01", "Off study"), ("02", "Died"), ("03", "Off study"), ("04", "On treatment"),
    }  # fmt: skip
    events = clickable(chart)
    assert {(row["USUBJID"], row["day"], row["grade"]) for row in events} == {
        ("01", 2, "1"), ("01", 23, "3"), ("02", 2, "missing"), ("02", 31, "5"), ("03", 7, "2"),
    }  # fmt: skip
    ranks = [row["rank"] for row in events]
    assert ranks == sorted(ranks), "the worst lie on top"
    assert f"1 event before day {EARLIEST} not drawn" in told(chart)


@pytest.mark.parametrize(
    ("output", "name", "options"),
    [("ae_by_grade", "bars", {}), ("ae_prevalence", "prevalence", {}), ("ae_timeline", "swimmer", {}),
     ("ae_incidence", "dots", {"category": "grade34"}), ("ae_by_cycle", "heat_map", {"category": "grade34"}),
     ("ae_rates", "curves", {"category": "grade34"})],
)  # fmt: skip
def test_the_version_of_the_criteria_stands_where_grades_are_named(
    drawn: Data, output: str, name: str, options: dict[str, str]
) -> None:
    _, chart = of(drawn, output, name, **options)
    assert "NCI CTCAE, version 4.3 according to the study, version 4.03 as published" in told(chart)


def test_grades_are_ever_darker_and_in_order(drawn: Data, pilot: Data) -> None:
    def lightness(colour: str) -> float:
        return sum(weight * int(colour[at : at + 2], 16) for at, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)))

    for data in (drawn, pilot):
        levels = data.study.adverse_events.levels
        dark = [lightness(colour) for colour in grades.colours(len(levels))[:-1]]
        assert dark == sorted(dark, reverse=True)
        assert len(set(dark)) == len(levels)
        fill = grades.fill(data.study.adverse_events, list(reversed(levels))).to_dict()
        assert fill["scale"]["domain"] == list(levels)
    assert grades.colours(5)[-1] == theme.ABSENT


def test_terms_of_both_studies_read_as_sentences(pilot: Data) -> None:
    _, chart = of(pilot, "ae_incidence", "dots")
    assert all(row["term"] == sentence_case(row["variable_level"]) for row in clickable(chart))


@pytest.mark.parametrize(
    ("output", "name", "columns"),
    [*((output, name, columns) for output, name in (("ae_by_grade", "bars"), ("ae_incidence", "dots"), ("ae_prevalence", "prevalence"))
       for columns in ("none", "TRT01A", "APERIODC")), ("ae_by_cycle", "heat_map", "")],
)  # fmt: skip
def test_a_mark_leads_to_as_many_subjects_as_it_counts(
    pilot: Data, trial: Data, drawn: Data, output: str, name: str, columns: str
) -> None:
    for data in (pilot, trial, drawn):
        options = {"category": "all"} | ({"columns": columns} if columns else {})
        if columns == "APERIODC" and not data.study.periods:
            continue
        safety = data.study.populations[0]
        rows = clickable(OUTPUTS[output].figures[name].draw(OUTPUTS[output].run(data, safety, options), data))
        assert rows
        for row in rows[:: max(1, len(rows) // 8)]:
            found = OUTPUTS[output].behind(data, safety, options, marks.parts(row["about"]))
            assert found.USUBJID.nunique() == row["n"], row["about"]
