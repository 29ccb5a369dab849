"""The page of the report: what it can hold, the making told, the file offered; and what any page offers to save."""

import io
import json
from zipfile import ZipFile

import pytest

from core.data import Data
from core.export import FIGURE_FORMS, TABLE_FORMS, picture
from core.outputs import OUTPUTS
from core.report import protocol
from pages.parts import cache
from tests.pages.test_pages import opened

STUDY = "cabazitaxel"


def labels(app) -> list[str]:  # type: ignore[no-untyped-def]
    return [button.label for button in app.get("download_button")]


def test_the_report_is_made_when_asked_and_kept(trial: Data) -> None:
    app = opened("report", study=STUDY)
    assert app.title[0].value == "Report"
    assert "Save the report" not in labels(app)
    app.button(key="make_report").click().run()
    assert "Save the report" in labels(app)
    asked = protocol(trial)
    assert f"{len(asked)} tables and figures" in app.success[0].value
    kept = list(cache._shelf().values())[-1]
    text = ZipFile(io.BytesIO(kept)).read("word/document.xml").decode()
    assert f"Table {sum(not entry.figure for entry in asked)}. " in text
    assert "Safety population (N=45)" in text
    app.run()
    assert "Save the report" in labels(app)


def test_a_report_gives_way_to_newer_ones_only_not_to_what_others_look_at() -> None:
    def asked(number: int) -> cache.Asked:
        return "snapshot", "population", (f"entry {number}",), "pdf"

    cache.keep(asked(0), b"0")
    assert [cache.finished(asked(number)) for number in range(1, 100)] == [None] * 99
    assert cache.finished(asked(0)) == b"0"
    for number in range(1, cache.REPORTS):
        cache.keep(asked(number), b"%d" % number)
    cache.keep(asked(0), b"again")
    cache.keep(asked(100), b"100")
    assert cache.finished(asked(0)) == b"again"
    assert cache.finished(asked(1)) is None


def test_what_the_protocol_asks_for_is_chosen_at_the_start(trial: Data) -> None:
    app = opened("report", study=STUDY)
    chosen = [label for group in app.get("button_group") for label in group.value] if app.get("button_group") else []
    assert len([label for label in chosen if isinstance(label, str) and " · " in label]) == len(protocol(trial))


def test_of_a_filtered_population_the_report_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("pages.report.report", lambda data, population, *_: made.append(population.condition) or b"x")
    app = opened("report", study=STUDY, SITEID="01", report_form="PDF")
    app.button(key="make_report").click().run()
    assert len(made) == 1
    assert "SITEID" in made[0]


def test_a_table_and_a_figure_offer_every_form() -> None:
    found = labels(opened("change", study=STUDY))
    assert {form.upper() for form in TABLE_FORMS} <= set(found)
    assert {"SVG", "PNG", "PDF", "HTML", "Data (CSV)"} <= set(found)
    assert len(FIGURE_FORMS) == 5
    assert "Data (CSV)" in labels(opened("adverse_events", study=STUDY, view="Most frequent"))


def test_the_figure_of_the_screen_is_the_picture_of_the_file(trial: Data) -> None:
    app = opened("change", study=STUDY)
    (chart, *_) = app.get("vega_lite_chart") or app.get("arrow_vega_lite_chart")
    screen = json.loads(chart.proto.spec)
    result = OUTPUTS["paired_change"].run(trial, trial.study.populations[0])
    file = json.loads(picture(result, trial, "slope").spec)
    # Sizes that a specification names itself, as every figure here does, leave no place for these.
    file["config"]["view"] = {"stroke": file["config"]["view"]["stroke"]}
    for part in ("title", "width", "height", "config"):
        assert screen[part] == file[part], part
    assert [layer["mark"] for layer in screen["layer"]] == [layer["mark"] for layer in file["layer"]]
    assert [layer.get("encoding") for layer in screen["layer"]] == [layer.get("encoding") for layer in file["layer"]]
