"""The pages of safety without a browser: every view of both studies, what a click lists, and where it leads."""

from typing import Any

import pytest

from core.data import Data
from core.outputs import OUTPUTS, find
from core.tables.listing import sheet_names
from pages.adverse_events import VIEWS as TABLES
from pages.safety_timeline import VIEWS as TIMES
from tests.pages.test_pages import opened, plain, warnings

EVERY = [("adverse_events", "view", name, title) for name, title in TABLES.items()] + [
    ("safety_timeline", "timeline_view", name, title) for name, title in TIMES.items()
]
VERSION = "Grades: NCI CTCAE, version 4.3 according to the study, version 4.03 as published."
NOBODY = {"SITEID": "01", "ECOGGR1": "2", "VISCERAL": "Y", "PRIORABI": "Y", "AGEGR1": ">=75"}
GRADED = ("ae_overview", "ae_by_grade", "ae_prevalence", "ae_timeline", "ae_listing", "sae_narratives")
views = pytest.mark.parametrize(("page", "key", "name", "title"), EVERY)


def read(app: Any) -> str:
    """Every text on the page, and every table."""
    return " ".join([*(plain(each.value) for each in (*app.caption, *app.markdown, *app.info)), *tables(app)])


def tables(app: Any) -> list[str]:
    return [text for text in map(str, (each.proto for each in app.get("bidi_component"))) if "<table" in text]


def clicked(app: Any, key: str, about: str) -> Any:
    """The page after a click on a mark of its figure."""
    app.session_state[key] = {"selection": {"chosen": [{"about": about}]}}
    app.run()
    assert not app.exception
    return app


@pytest.mark.parametrize("study", ["cabazitaxel", "cdiscpilot01"])
@views
def test_every_view_of_both_studies_is_drawn(study: str, page: str, key: str, name: str, title: str) -> None:
    app = opened(page, study=study, **{key: title})
    assert not warnings(app)
    assert not app.error
    assert {f"{name}_Every number, at full precision_{each}" for each in ("CSV", "JSON")} <= {
        each.key for each in app.get("download_button")
    }
    assert any("CTCAE checks" in plain(each.value) for each in app.caption)
    if study == "cabazitaxel" and name in GRADED:
        assert VERSION in read(app)


@views
def test_nobody_on_view_is_answered(page: str, key: str, name: str, title: str) -> None:
    app = opened(page, study="cabazitaxel", **{key: title}, **NOBODY)
    assert any("N=0" in plain(each.value) for each in app.caption)
    assert "No subject meets the population and filters" in read(app)


@pytest.mark.parametrize(
    ("page", "asked", "name", "figure", "about", "says"),
    [
        ("adverse_events", {"view": "By worst grade"}, "ae_by_grade", "bars",
         "Total|2|PT~Nausea~Gastrointestinal disorders", "Nausea, Total, Grade 2"),
        ("adverse_events", {"view": "Most frequent"}, "ae_incidence", "dots",
         "Total|any|PT~Nausea~Gastrointestinal disorders", "Nausea, Total"),
        ("adverse_events", {"view": "Rates"}, "ae_rates", "curves", "event~Total~1", "First event on day 1, Total"),
        ("safety_timeline", {}, "ae_prevalence", "prevalence", "DAY~8~Total|4", "Day 8, Total, Grade 4"),
        ("safety_timeline", {"timeline_view": "Onset over time"}, "ae_by_cycle", "heat_map",
         "Cycle 2|PT~Nausea~Gastrointestinal disorders", "Nausea, Cycle 2"),
        ("safety_timeline", {"timeline_view": "Patients"}, "ae_timeline", "swimmer", "USUBJID~CBZ-01-001~", "CBZ-01-001"),
    ],
)  # fmt: skip
def test_a_mark_lists_the_records_behind_it(
    trial: Data, keys: list[str], page: str, asked: dict[str, str], name: str, figure: str, about: str, says: str
) -> None:
    app = opened(page, study="cabazitaxel", **asked)
    assert f"{name}_{figure}" in keys[-1]
    app = clicked(app, keys[-1], about)
    found = OUTPUTS[name].behind(trial, trial.study.populations[0], {"category": "teae"}, tuple(about.split("~", 2)))
    assert len(found)
    assert list(app.dataframe[0].value.USUBJID) == list(found.USUBJID)
    (heading,) = [plain(each.value) for each in app.subheader]
    assert heading.startswith(f"Behind “{says}”: ")
    assert f"{found.USUBJID.nunique()} patient" in heading


def test_a_step_of_a_curve_lists_patients_not_events(keys: list[str]) -> None:
    app = clicked(opened("adverse_events", study="cabazitaxel", view="Rates"), keys[-1], "event~Total~1")
    (heading,) = [plain(each.value) for each in app.subheader]
    assert "event of" not in heading and "events of" not in heading
    assert heading.endswith(("patients", "patient"))


def test_a_mark_of_one_column_does_not_claim_to_be_of_all(keys: list[str]) -> None:
    about = "DAY~57~Placebo|any"
    app = clicked(opened("safety_timeline"), keys[-1], about)
    assert not any("All columns together" in plain(each.value) for each in app.caption)
    app = clicked(
        opened("adverse_events", view="By worst grade"), keys[-1], "PT~PRURITUS~SKIN AND SUBCUTANEOUS TISSUE DISORDERS"
    )
    assert any("All columns together" in plain(each.value) for each in app.caption)


@pytest.mark.parametrize("kind", ["Serious", "Leading to death", "Leading to discontinuation"])
def test_the_listing_holds_every_event_of_a_kind(trial: Data, kind: str) -> None:
    category = {"Serious": "serious", "Leading to death": "fatal", "Leading to discontinuation": "discontinued"}[kind]
    result = find("ae_listing").run(trial, trial.study.populations[0], {"category": category})
    app = opened("adverse_events", study="cabazitaxel", view="Listing", listed=kind)
    shown = app.dataframe[0].value
    assert 0 < len(shown) == len(result.records)
    assert list(shown.USUBJID) == list(result.records.USUBJID)
    assert any(plain(each.value).strip("*") == result.answer for each in app.markdown)


def test_a_kind_that_was_not_collected_is_said(pilot: Data) -> None:
    app = opened("adverse_events", view="Listing", listed="Leading to discontinuation")
    assert "Leading to discontinuation: not collected" in read(app)
    assert not app.dataframe


@pytest.mark.parametrize("study", ["cabazitaxel", "cdiscpilot01"])
def test_every_serious_event_has_a_sheet_of_its_own(study: str, trial: Data, pilot: Data) -> None:
    data = trial if study == "cabazitaxel" else pilot
    result = find("sae_narratives").run(data, data.study.populations[0])
    names = list(sheet_names(result, data.study).values())
    assert len(names) == len(set(names)) == len(result.records)
    app = opened("adverse_events", study=study, view="Serious events", sae=names[1])
    assert not warnings(app)
    event = result.records.iloc[1]
    (sheet,) = tables(app)
    assert event.event.split(",")[0] in sheet
    assert event.patient.split(",")[0] in sheet
    assert sheet.count("Related to treatment") == 1
    assert [each.label for each in app.button if each.key == "sheet_open"] == [
        "Open " + event.USUBJID.replace("-", "\\-")
    ]
    app.selectbox(key="sae").select("every").run()
    assert not app.exception
    (sheets,) = tables(app)
    assert sheets.count("Related to treatment") == len(result.records)


def test_a_study_without_cycles_counts_weeks_and_says_what_is_missing() -> None:
    app = opened("safety_timeline", timeline_view="Onset over time")
    assert app.selectbox(key="block").value == "four_weeks"
    assert "cycle" not in app.selectbox(key="block").options
    assert "This study has no dataset ADEX" in read(opened("safety_timeline", timeline_view="Patients"))


@pytest.mark.parametrize(
    ("page", "asked", "says"),
    [
        ("safety_timeline", {"timeline_view": "By moon"}, "View in the link has the value “By moon”"),
        ("adverse_events", {"view": "Serious events", "sae": "nobody"}, "Serious event in the link has the value “nobody”"),
        ("adverse_events", {"view": "Listing", "listed": "Funny"}, "Events listed in the link has the value “Funny”"),
        ("adverse_events", {"view": "Rates", "event": "Moonstruck"}, "Event in the link has the value “Moonstruck”"),
    ],
)  # fmt: skip
def test_a_bad_value_in_a_link_is_told_and_ignored(page: str, asked: dict[str, str], says: str) -> None:
    app = opened(page, **asked)
    assert any(says in each for each in warnings(app)), warnings(app)
