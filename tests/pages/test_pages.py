"""Pages without a browser: what stands on them, for whom, and what a link can ask."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from core.data import Data
from core.outputs import find
from core.where import Where
from pages import PAGES
from tests.conftest import ROOT
from tests.drawing import folder

EVERY = pytest.mark.parametrize("page", [page.name for page in PAGES])


def opened(page: str = "overview", script: Path = ROOT / "pages" / "main.py", **asked: str | list[str]) -> AppTest:
    """Run the script as a reader's first request to one page, of the pilot study where no other is asked for."""
    if script.parents[1] == ROOT:
        asked = {"study": "cdiscpilot01"} | asked
    app = AppTest.from_file(str(script), default_timeout=120)
    for key, value in asked.items():
        app.query_params[key] = value
    if page != PAGES[0].name:
        app._page_hash = calc_hash(page.replace("_", "-"))
    app.run()
    assert not app.exception
    return app


def plain(text: str) -> str:
    """What a reader sees of a text that was kept from Markdown."""
    return text.replace("\\", "")


def warnings(app: AppTest) -> list[str]:
    return [plain(each.value) for each in app.warning]


@pytest.mark.parametrize("value", ["\\[click](http://evil.example)", "http://evil.example", "$x^2$", "<b>", "**x**"])
def test_no_link_or_markup_of_an_address_comes_alive(value: str) -> None:
    app = opened(SEX=value)
    (shown,) = [each.value for each in app.warning]
    for mark in "[]()$<>*:":
        assert f"\\{mark}" in shown or mark not in value
        assert shown.count(mark) == shown.count(f"\\{mark}")


def test_a_choice_made_later_is_not_blamed_on_the_link() -> None:
    app = opened("adverse_events", view="By term", row="PT~SYNCOPE~NERVOUS SYSTEM DISORDERS")
    assert app.subheader
    app.selectbox(key="category").select("fatal").run()
    assert not app.warning
    assert not app.exception
    assert "row" not in app.query_params


@EVERY
def test_every_page_has_its_title_and_says_who_it_is_about(page: str) -> None:
    app = opened(page)
    assert app.title[0].value
    assert any("Safety population: N=254" in each.value.replace("\\", "") for each in app.caption)
    assert not app.warning


def test_the_overview_leads_with_accrual_and_the_safety_headline(pilot: Data) -> None:
    app = opened()
    metrics = {plain(metric.label): metric.value for metric in app.metric}
    overview = find("ae_overview").run(pilot, pilot.study.populations[0]).ard
    teae = overview[(overview.variable_level == "teae") & (overview.stat_name == "n")].stat.iloc[0]
    assert metrics["Registered"] == "254"
    assert metrics["Treatment-emergent"].startswith(f"{teae:.0f} (")
    assert metrics["Data cut"] == "2015-03-05"


@pytest.mark.parametrize(
    ("asked", "clause"),
    [
        ({"SEX": "F"}, "SEX EQ F"),
        ({"SEX": "F", "AGEGR1": ["<65", ">80"]}, 'SEX EQ F AND AGEGR1 IN ("<65", ">80")'),
        ({"ae_term": "Nausea", "ae_soc": "Gastrointestinal disorders"}, "AE.PT EQ NAUSEA"),
        ({"ae_grade": "Severe", "ae_related": "true"}, "AE.GRADE EQ SEVERE AND AE.RELATED EQ Y"),
        ({"ae_serious": "true"}, "AE.SERIOUS EQ Y"),
        ({"population": "Efficacy"}, "EFFFL EQ Y"),
    ],
)
def test_a_link_filters_the_subjects(pilot: Data, asked: dict, clause: str) -> None:
    app = opened(**asked)
    N = int(pilot.ask("subject_count", pilot.everybody.filtered(Where.parse(clause))).N[0])
    assert 0 < N < 254
    assert f"**{N} subjects on view**" in [each.value for each in app.markdown]
    assert not app.warning


def test_one_event_must_meet_the_whole_event_filter(pilot: Data) -> None:
    both = pilot.everybody.filtered(Where.parse("AE.PT EQ NAUSEA AND AE.GRADE EQ SEVERE"))
    apart = pilot.everybody.filtered(Where.parse("AE.PT EQ NAUSEA")).filtered(Where.parse("AGE GE 0"))
    severe = set(pilot.ask("subjects", pilot.everybody.filtered(Where.parse("AE.GRADE EQ SEVERE"))).USUBJID)
    with_nausea = set(pilot.ask("subjects", apart).USUBJID)
    assert set(pilot.ask("subjects", both).USUBJID) < severe & with_nausea


@pytest.mark.parametrize(
    ("page", "asked", "says"),
    [
        ("overview", {"SEX": "Q"}, "Sex in the link has the value “Q”"),
        ("overview", {"population": "Martians"}, "Population in the link has the value “Martians”"),
        ("overview", {"study": "nosuch"}, "Study in the link has the value “nosuch”"),
        ("overview", {"nonsense": "1"}, "The link also names nonsense"),
        ("adverse_events", {"view": "By moon"}, "View in the link has the value “By moon”"),
        ("adverse_events", {"view": "By term", "category": "'; DROP TABLE ADSL; --"}, "Category in the link"),
        ("adverse_events", {"view": "By term", "conf": "95"}, "Confidence level in the link has the value “95”"),
        ("adverse_events", {"view": "By term", "row": "PT~MOONSTRUCK~X"}, "Row in the link"),
        ("study_data", {"dataset": "ADMOON"}, "Dataset in the link has the value “ADMOON”"),
    ],
)
def test_a_bad_value_in_a_link_is_told_and_ignored(page: str, asked: dict, says: str) -> None:
    app = opened(page, **asked)
    assert any(says in each for each in warnings(app)), warnings(app)
    first = 45 if "study" in asked else 254
    assert f"**{first} subjects on view**" in [each.value for each in app.markdown]


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(["study", "population", "SEX", "AGEGR1", "ae_soc", "ae_term", "ae_grade", "ae_serious", "view",
                         "category", "columns", "min_percent", "conf", "row", "interval"]),
        st.one_of(st.text(max_size=40), st.sampled_from(["'; DROP TABLE ADSL; --", '" OR 1=1', "<script>", "SEX IN (F)", "%00"])),
        max_size=4,
    )
)  # fmt: skip
def test_no_link_breaks_a_page_or_reaches_the_database_as_a_command(pilot: Data, asked: dict[str, str]) -> None:
    app = opened("adverse_events", **asked)
    assert app.title[0].value == "Adverse events"
    assert any(each.value.endswith("subjects on view**") for each in app.markdown)
    assert int(pilot.ask("subject_count", pilot.everybody).N[0]) == 254


def test_a_row_named_by_the_link_lists_its_patients(pilot: Data) -> None:
    app = opened("adverse_events", view="By term", SEX="F", row="PT~SYNCOPE~NERVOUS SYSTEM DISORDERS")
    women = pilot.study.populations[0].filtered(Where.parse("SEX EQ F"))
    records = find("ae_by_term").behind(
        pilot, women, {"category": "teae"}, ("PT", "SYNCOPE", "NERVOUS SYSTEM DISORDERS")
    )
    assert any(
        each.value == f"Behind “Syncope”: {len(records)} events of {records.USUBJID.nunique()} patients"
        for each in app.subheader
    )
    assert len(app.dataframe[0].value) == len(records) > 0


def test_study_data_lists_what_was_loaded_refused_and_doubtful() -> None:
    app = opened("study_data")
    files = app.dataframe[0].value
    assert files.set_index("dataset").kept.to_dict() == {"ADSL": 254, "ADAE": 1191, "ADLBC": 74264}
    assert (files.kept + files.refused == files["read"]).all()
    assert app.success[0].value == "Every record of every file was kept."
    assert any(each.value.startswith("225 values are doubtful") for each in app.caption)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The application over a data folder of its own."""
    shutil.copytree(ROOT / "pages", tmp_path / "pages")
    (tmp_path / "data").mkdir()
    return tmp_path


def test_refused_records_are_shown_with_the_cell_the_rule_and_what_would_do(elsewhere: Path) -> None:
    folder(elsewhere / "data" / "drawn", adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |\n| 02 | 2024-02-30 |")
    app = opened("study_data", elsewhere / "pages" / "main.py")
    counts = app.dataframe[1].value
    assert counts.to_dict("records") == [
        {"dataset": "ADSL", "variable": "TRTSDT", "rule": "must be a date",
         "remedy": "write a day that exists as YYYY-MM-DD, or leave it blank", "values": 1}
    ]  # fmt: skip


def test_a_page_without_its_data_says_so(elsewhere: Path) -> None:
    folder(elsewhere / "data" / "drawn", adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")
    app = opened("adverse_events", elsewhere / "pages" / "main.py")
    assert plain(app.info[0].value) == "Study drawn has no dataset ADAE, so there is nothing to show here."
    assert "Data cut" in [metric.label for metric in opened("overview", elsewhere / "pages" / "main.py").metric]


def test_no_study_and_a_broken_study_are_told_in_a_sentence(elsewhere: Path) -> None:
    main = elsewhere / "pages" / "main.py"
    assert "There is no study in" in plain(opened("overview", main).error[0].value)
    folder(elsewhere / "data" / "drawn", adsl="| SUBJID |\n| 1 |")
    assert "adsl.csv has no variable USUBJID" in plain(opened("overview", main).error[0].value)


def test_when_files_break_the_last_good_state_is_shown_and_told(elsewhere: Path) -> None:
    main, study = elsewhere / "pages" / "main.py", elsewhere / "data" / "drawn"
    folder(study, adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")
    assert not opened("overview", main).warning
    (study / "adam" / "adsl.csv").write_text("SUBJID\n1\n")
    app = opened("overview", main)
    assert "the last good state is shown" in app.warning[0].value
    assert {metric.label: metric.value for metric in app.metric}["Registered"] == "1"


def test_changed_files_are_read_anew(elsewhere: Path) -> None:
    main, study = elsewhere / "pages" / "main.py", elsewhere / "data" / "drawn"
    folder(study, adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")
    opened("overview", main)
    folder(study, adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |\n| 02 | 2024-01-01 |")
    assert {metric.label: metric.value for metric in opened("overview", main).metric}["Registered"] == "2"


def test_simulated_data_say_so_on_every_page(elsewhere: Path) -> None:
    folder(elsewhere / "data" / "drawn", "simulated = true\n", adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")
    for page in PAGES:
        app = opened(page.name, elsewhere / "pages" / "main.py")
        assert any("Simulated data" in each.value for each in app.info), page.name


def test_a_filter_offers_only_what_was_recorded(elsewhere: Path) -> None:
    toml = '[[filters]]\nvariable = "SEX"\nlabel = "Sex"\n'
    folder(
        elsewhere / "data" / "drawn",
        toml,
        adsl="| USUBJID | TRTSDT | SEX |\n| 01 | 2024-01-01 | F |\n| 02 | 2024-01-01 | |",
    )
    app = opened("overview", elsewhere / "pages" / "main.py")
    assert app.multiselect(key="SEX").options == ["F"]


def test_a_numeric_filter_keeps_its_bounds_and_whoever_has_no_value(elsewhere: Path) -> None:
    toml = '[[filters]]\nvariable = "PSA"\nlabel = "PSA"\n'
    adsl = """
    | USUBJID | TRTSDT     | PSA       |
    | 01      | 2024-01-01 | 1234567.5 |
    | 02      | 2024-01-01 | 10.25     |
    | 03      | 2024-01-01 |           |
    | 04      | 2024-01-01 | 2000000   |
    """
    folder(elsewhere / "data" / "drawn", toml, adsl=adsl)
    app = opened("overview", elsewhere / "pages" / "main.py")
    assert "**4 subjects on view**" in [each.value for each in app.markdown]
    app.slider(key="PSA").set_value((10.25, 1234567.5)).run()
    assert "**2 subjects on view**" in [each.value for each in app.markdown]
    app.slider(key="PSA").set_value((1234567.5, 2000000.0)).run()
    assert "**2 subjects on view**" in [each.value for each in app.markdown]
