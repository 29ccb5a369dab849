"""The page of one patient without a browser: who is on it, how one gets there, and what the address says."""

from pathlib import Path
from statistics import median
from time import process_time

import pytest

from core.data import Data
from core.outputs import find
from core.outputs.patient_profile import wide
from core.where import Where
from pages.parts import link
from pages.parts import show as draw
from tests.drawing import folder
from tests.pages.test_pages import elsewhere, opened, plain, warnings  # noqa: F401  (elsewhere is a fixture)

STUDY = "cabazitaxel"
FIRST = "CBZ-01-001"


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[tuple]:
    """Where the page sent the browser, instead of sending it."""
    found: list[tuple] = []
    monkeypatch.setattr(link, "go", lambda page, keep, **asked: found.append((page, set(keep), asked)))
    monkeypatch.setattr(draw, "go", lambda page, keep, **asked: found.append((page, set(keep), asked)))
    return found


def bold(app) -> str:  # type: ignore[no-untyped-def]
    return next(
        plain(each.value).strip("*") for each in app.markdown if "Doses" in each.value or "events" in each.value
    )


def ids(data: Data, where: str = "") -> list[str]:
    return list(data.ask("subjects", data.study.populations[0].filtered(Where.parse(where))).USUBJID)


def test_nobody_is_chosen_at_first_and_all_on_view_are_listed(trial: Data) -> None:
    app = opened("patient", study=STUDY, VISCERAL="Y")
    assert app.selectbox(key="USUBJID").value is None
    assert list(app.dataframe[0].value.USUBJID) == ids(trial, "VISCERAL EQ Y")
    assert "USUBJID" not in app.query_params


@pytest.mark.parametrize("subject", [FIRST, "CBZ-02-030"])
def test_the_page_shows_what_the_output_says(trial: Data, subject: str) -> None:
    app = opened("patient", study=STUDY, USUBJID=subject)
    assert not warnings(app)
    result = find("patient_profile").run(trial, trial.study.populations[0], {"USUBJID": subject})
    assert bold(app) == result.answer
    shown = app.dataframe[-1].value
    assert len(shown) == len(wide(result)) == len(result.records) > 200 * (subject == FIRST)
    assert list(shown.code) == list(result.records.code)


def test_next_and_previous_keep_to_the_filter_and_the_address_follows(trial: Data) -> None:
    app = opened("patient", study=STUDY, USUBJID=FIRST, VISCERAL="Y")
    on_view = ids(trial, "VISCERAL EQ Y")
    assert on_view[0] == FIRST
    assert app.button(key="patient_previous").disabled
    for subject in on_view[1:4]:
        app.button(key="patient_next").click().run()
        assert app.selectbox(key="USUBJID").value == subject
        assert subject in app.query_params["USUBJID"]
    app.button(key="patient_previous").click().run()
    assert app.selectbox(key="USUBJID").value == on_view[2]
    app = opened("patient", study=STUDY, USUBJID=on_view[-1], VISCERAL="Y")
    assert app.button(key="patient_next").disabled


def test_a_patient_outside_the_filter_is_shown_and_told(trial: Data) -> None:
    outside = next(each for each in ids(trial) if each not in ids(trial, "VISCERAL EQ Y"))
    app = opened("patient", study=STUDY, USUBJID=outside, VISCERAL="Y")
    (told,) = warnings(app)
    n = len(ids(trial, "VISCERAL EQ Y"))
    assert told.startswith(f"{outside} is not among the {n} subjects on view (Safety population with VISCERAL IN (Y)).")
    assert bold(app) == find("patient_profile").run(trial, trial.everybody, {"USUBJID": outside}).answer
    app.button(key="patient_next").click().run()
    later = next(each for each in ids(trial, "VISCERAL EQ Y") if each > outside)
    assert app.selectbox(key="USUBJID").value == later
    assert not warnings(app)


def test_a_filter_set_afterwards_leaves_the_patient_on_the_page(trial: Data) -> None:
    app = opened("patient", study=STUDY, USUBJID=FIRST)
    assert not warnings(app)
    app.multiselect(key="VISCERAL").select("N").run()
    assert app.selectbox(key="USUBJID").value == FIRST
    assert "is not among the" in warnings(app)[0]


def test_a_patient_never_dosed_can_be_shown_though_not_in_the_safety_population(trial: Data) -> None:
    undosed = next(each for each in trial.subject_ids if each not in ids(trial))
    app = opened("patient", study=STUDY, USUBJID=undosed)
    assert "is not among the 45 subjects on view" in warnings(app)[0]
    assert "Doses: none" in bold(app)


def test_a_patient_who_does_not_exist_is_told_and_ignored() -> None:
    app = opened("patient", study=STUDY, USUBJID="CBZ-99-999")
    assert any(
        "Patient in the link has the value “CBZ-99-999”, which does not exist here" in each for each in warnings(app)
    )
    assert app.selectbox(key="USUBJID").value is None


def test_the_patient_of_one_study_is_not_sought_in_another() -> None:
    app = opened("patient", study=STUDY, USUBJID=FIRST)
    app.selectbox(key="study").select("cdiscpilot01").run()
    assert not app.exception
    assert app.selectbox(key="USUBJID").value is None


def test_a_study_without_doses_specimens_and_markers(pilot: Data) -> None:
    app = opened("patient", USUBJID="01-701-1192")
    assert not app.exception
    assert len(app.dataframe[-1].value) == len(find("patient_profile").run(pilot, pilot.everybody, {"USUBJID": "01-701-1192"}).records)  # fmt: skip


def test_nobody_on_view() -> None:
    asked = {"SITEID": "01", "ECOGGR1": "2", "VISCERAL": "Y", "PRIORABI": "Y", "AGEGR1": ">=75"}
    app = opened("patient", study=STUDY, **asked)
    assert app.title[0].value == "Patient"
    assert app.button(key="patient_next").disabled
    app = opened("patient", study=STUDY, USUBJID=FIRST, **asked)
    assert "is not among the 0 subjects on view" in warnings(app)[0]


def test_a_study_of_one_patient(elsewhere: Path) -> None:  # noqa: F811
    folder(elsewhere / "data" / "drawn", adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")
    app = opened("patient", elsewhere / "pages" / "main.py", USUBJID="01")
    assert app.button(key="patient_next").disabled
    assert app.button(key="patient_previous").disabled
    assert list(app.dataframe[-1].value.code) == ["TRTSDT", "SAFFL"]


def test_a_mark_shows_its_record(trial: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: keys.append(of(*asked)) or keys[-1])
    app = opened("patient", study=STUDY, USUBJID=FIRST)
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"item": "ADAE 4"}]}}
    app.run()
    assert not app.exception
    found = app.dataframe[0].value
    assert found.code.tolist() == ["AESEQ 4"]
    assert found.what.tolist() == ["Anemia"]


@pytest.mark.parametrize(
    ("page", "asked", "key"),
    [
        ("change", {"study": STUDY, "PARAMCD": "AR, nuclear expression"}, "without_pair"),
        ("adverse_events", {"study": STUDY, "view": "By term", "row": "PT~Anemia~Blood and lymphatic system disorders"}, "ae_by_term_records"),
        ("study_data", {"study": STUDY, "row": "CHECK~laboratory~"}, "ctcae_checks_records"),
        ("overview", {"study": STUDY, "row": "SPECIMEN~Evaluable pair~"}, "disposition_records"),
        ("study_data", {}, "queries"),
        ("patient", {"study": STUDY}, "patients"),
    ],
)  # fmt: skip
def test_a_click_on_a_patient_of_a_list_opens_the_patient(page: str, asked: dict, key: str, visited: list) -> None:
    app = opened(page, **asked)
    (table,) = [each.value for each in app.dataframe if "USUBJID" in each.value and len(each.value)][:1]
    app.session_state["visit"] = ("patient", {"USUBJID": table.USUBJID.iloc[0]})
    app.run()
    assert not app.exception
    page_, keep, to = visited[0]
    assert page_ == "patient"
    assert {"study", "population"} <= keep
    assert to == {"USUBJID": table.USUBJID.iloc[0]}
    assert "visit" not in app.session_state


def test_a_mark_of_one_patient_offers_to_open_the_patient(visited: list, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: keys.append(of(*asked)) or keys[-1])
    app = opened("change", study=STUDY, VISCERAL="N")
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"USUBJID": "CBZ-01-004"}]}}
    app.run()
    (button,) = [each for each in app.button if plain(each.label) == "Open CBZ-01-004"]
    button.click().run()
    assert visited[0][0] == "patient"
    assert {"study", "VISCERAL"} <= visited[0][1]
    assert visited[0][2] == {"USUBJID": "CBZ-01-004"}


@pytest.mark.parametrize(("study", "subject"), [(STUDY, FIRST), ("cdiscpilot01", "01-701-1192")])
def test_a_page_seen_before_is_drawn_again_in_a_quarter_of_a_second(study: str, subject: str) -> None:
    app = opened("patient", study=study, USUBJID=subject)
    times = []
    for _ in range(7):
        begun = process_time()
        app.run()
        times.append(process_time() - begun)
    assert median(times) < 0.25
