"""One patient: every record is there, on the right day, and the card says what a clinician reads in the files."""

from itertools import pairwise

import pandas as pd
import pytest

from core.data import Data
from core.errors import OptionError
from core.export import export, figure, records
from core.outputs import find
from core.outputs.disposition import EVALUABLE_PAIR
from core.outputs.patient_records import SHOWN, only, study_day
from core.tables.layout import Layout
from core.where import Where

OUTPUT = find("patient_profile")
TOML = """
[timepoints]
follow_up = "Week 9"
[dosing]
dose = 25
unit = "mg/m2"
every_days = 21
[[visits]]
AVISIT = "Week 9"
target_day = 64
first_day = 50
last_day = 85
[[periods]]
label = "Cycles 1-2"
cycles = [1, 2]
[[periods]]
label = "Follow-up"
kind = "follow_up"
[[parameters]]
PARAMCD = "PSA"
label = "PSA in serum"
unit = "ng/mL"
role = "tumour_burden"
family = "tumour_burden"
specimen = "serum"
scale = "log2"
[[parameters]]
PARAMCD = "AR"
label = "AR"
family = "signalling"
specimen = "bone marrow"
"""
DRAWN = {
    "adsl": """
    | USUBJID | SITEID | AGE | SEX | RFICDT     | TRTSDT     | TRTEDT     | EOTSTT       | DCTREAS       | EOSDT      | EOSSTT       | DTHFL | DTHDT      | DTHCAUS             |
    | 01      | 7      | 71  | M   | 2023-12-20 | 2024-01-10 | 2024-02-01 | DISCONTINUED | Adverse event | 2024-05-01 | DISCONTINUED | Y     | 2024-05-01 | Disease progression |
    | 02      | 7      | 66  | M   | 2024-01-20 |            |            |              |               |            |              |       |            |                     |
    """,
    "adae": """
    | USUBJID | AESEQ | AEDECOD | AEBODSYS | AETOXGR | AESER | AEREL    | ASTDT      | AESTDTC    | AENDT      |
    | 01      | 1     | Nausea  | Gut      | 2       | N     | POSSIBLE | 2024-01-10 |            | 2024-01-12 |
    | 01      | 2     | Fall    | Injury   | 1       | N     | NO       | 2024-01-09 |            |            |
    | 01      | 3     | Fatigue | General  | 3       | Y     | POSSIBLE |            | 2024-02    |            |
    | 01      | 4     | Cough   | Lung     |         | N     | NO       |            |            |            |
    """,
    "adex": """
    | USUBJID | EXSEQ | EXTRT | EXDOSE | EXDOSU | ASTDT      |
    | 01      | 1     | DRUG  | 25     | mg/m2  | 2024-01-10 |
    | 01      | 2     | DRUG  | 20     | mg/m2  | 2024-02-01 |
    """,
    "adbe": """
    | USUBJID | BEREFID | AVISIT   | ADT        | BEMETHOD  | EVALFL | EVALREAS        |
    | 01      | A       | Baseline | 2024-01-08 | BIOPSY    | Y      |                 |
    | 01      | B       | Week 9   | 2024-03-14 | ASPIRATE  | N      | Dry tap         |
    | 01      | C       | Week 9   |            | BIOPSY    | N      | Patient refused |
    """,
    "adbm": """
    | USUBJID | PARAMCD | AVISIT   | ADT        | AVAL | AVALC | LLOQ | BEREFID |
    | 01      | PSA     | Baseline | 2024-01-08 | 50   |       | 0.1  |         |
    | 01      | PSA     | Week 9   | 2024-03-14 |      | <0.1  | 0.1  |         |
    | 01      | AR      | Baseline | 2024-01-08 | 120  |       |      | A       |
    """,
    "adqs": """
    | USUBJID | PARAMCD | PARAM | AVISIT   | ADT        | AVAL |
    | 01      | ECOG    | ECOG  | Baseline | 2024-01-08 | 1    |
    | 01      | ECOG    | ECOG  | Week 9   | 2024-03-14 | 2    |
    """,
}  # fmt: skip


@pytest.fixture
def drawn(draw) -> Data:
    return draw(TOML, **DRAWN)


def profile(data: Data, subject: str, **options: str):
    return OUTPUT.run(data, data.everybody, {"USUBJID": subject, **options})


def card(data: Data, subject: str) -> dict[str, str]:
    layout = OUTPUT.show(profile(data, subject), data)
    assert isinstance(layout, Layout)
    return {row.label: row.cells[0] for row in layout.rows}


@pytest.mark.parametrize(
    ("date", "day"),
    [("2024-01-10", 1), ("2024-01-11", 2), ("2024-01-09", -1), ("2024-01-08", -2), (None, None), ("2024-03-14", 65)],
)
def test_the_first_dose_is_day_1_and_there_is_no_day_0(date: str | None, day: int | None) -> None:
    (found,) = study_day(pd.Series([pd.Timestamp(date)]), pd.Timestamp("2024-01-10"))
    assert pd.isna(found) if day is None else found == day


def test_the_card_reads_as_the_files_do(drawn: Data) -> None:
    found = card(drawn, "01")
    expected = {
        "Site": "7",
        "Age": "71",
        "Populations": "Safety, All subjects",
        "Registered": "2023-12-20 (day -21), informed consent",
        "First dose": "2024-01-10 (day 1)",
        "Last dose": "2024-02-01 (day 23)",
        "End of treatment": "Discontinued, Adverse event",
        "End of study": "Discontinued, 2024-05-01 (day 113)",
        "Death": "2024-05-01 (day 113), Disease progression",
        "Data cut": "2024-12-31",
        "Doses": "2, 2024-01-10 (day 1) to 2024-02-01 (day 23)",
        "Cumulative dose": "45 mg/m2, mean 22.5 mg/m2",
        "Dose intensity": "22.0 mg/m2 per 21 days, 87.9% of the plan of 25 mg/m2",
        "Baseline": "biopsy, 2024-01-08 (day -2), evaluable",
        "Week 9": "aspirate, 2024-03-14 (day 65), not evaluable: Dry tap; biopsy, no date, not evaluable: Patient refused",
        "Actual day of Week 9": "65 (planned 64, window 50 to 85)",
        "Evaluable pair": "no, none evaluable at Week 9",
        "Tumour burden": "pair in 1 of 1 marker",
        "Signalling": "pair in 0 of 1 marker",
        "Below the limit at Baseline": "none",
        "Below the limit at Week 9": "PSA in serum",
        "ECOG": "first 1, highest 2, last 2, of 2 values",
        "Worst grade": "Grade 3",
        "By grade": "Grade 1: 1, Grade 2: 1, Grade 3: 1",
    }
    assert {label: found[label] for label in expected} == expected
    assert found["Events"].startswith("4 events, 3 treatment-emergent, 1 serious, 2 related")


def test_everything_is_in_the_order_of_days(drawn: Data) -> None:
    found = OUTPUT.records(profile(drawn, "01"))
    assert tuple(found) == SHOWN
    shown = found[found.dataset != "ADSL"][["day", "dataset", "what", "value", "note"]]
    told = [tuple("" if pd.isna(each) else each for each in row) for row in shown.itertuples(index=False)]
    assert told == [
        (-2, "ADBM", "PSA in serum", "50 ng/mL", ""),
        (-2, "ADBM", "AR", "120", ""),
        (-2, "ADBE", "Specimen: biopsy", "Evaluable", ""),
        (-2, "ADQS", "ECOG", "1", ""),
        (-1, "ADAE", "Fall", "Grade 1", ""),
        (1, "ADAE", "Nausea", "Grade 2", "Treatment-emergent; Related to treatment"),
        (1, "ADEX", "Drug", "25 mg/m2", ""),
        (23, "ADEX", "Drug", "20 mg/m2", ""),
        (65, "ADBM", "PSA in serum", "<0.1 ng/mL", "below the limit of 0.1"),
        (65, "ADBE", "Specimen: aspirate", "Not evaluable", "Dry tap"),
        (65, "ADQS", "ECOG", "2", ""),
        ("", "ADAE", "Fatigue", "Grade 3", "Treatment-emergent; Serious; Related to treatment; onset from 2024-02-01 to 2024-02-29"),
        ("", "ADAE", "Cough", "No grade", "Treatment-emergent; onset not known"),
        ("", "ADBE", "Specimen: biopsy", "Not evaluable", "Patient refused"),
    ]  # fmt: skip
    own = found[found.dataset == "ADSL"]
    assert set(own.code) == {"SITEID", "AGE", "SEX", "RFICDT", "TRTSDT", "TRTEDT", "EOTSTT", "DCTREAS", "EOSDT", "EOSSTT", "DTHFL", "DTHDT", "DTHCAUS", "SAFFL"}  # fmt: skip
    assert own.set_index("code").day[["RFICDT", "TRTSDT", "DTHDT"]].tolist() == [-21, 1, 113]


def test_of_a_patient_never_dosed_days_count_from_consent(drawn: Data) -> None:
    result = profile(drawn, "02")
    assert result.records.set_index("code").day["RFICDT"] == 1
    assert result.notes[:2] == (
        "Days count from informed consent, 2024-01-20, which is day 1.",
        "This patient has had no dose.",
    )
    found = card(drawn, "02")
    assert found["Doses"] == "none"
    assert found["First dose"] == "not recorded"
    assert found["Evaluable pair"] == "no, none evaluable at Baseline and Week 9"


def test_without_a_plan_the_intensity_is_not_stated(draw) -> None:
    toml = TOML.replace('[dosing]\ndose = 25\nunit = "mg/m2"\nevery_days = 21\n', "")
    found = card(draw(toml, **DRAWN), "01")
    assert found["Dose intensity"] == "not stated: study.toml has no plan of dosing"
    assert found["Cumulative dose"] == "45 mg/m2, mean 22.5 mg/m2"


@pytest.mark.parametrize(
    ("adex", "why"),
    [
        ("| USUBJID | EXTRT | EXDOSE | EXDOSU | ASTDT |\n| 01 | A | 25 | mg/m2 | 2024-01-10 |\n| 01 | B | 25 | mg/m2 | 2024-01-10 |", "several drugs"),
        ("| USUBJID | EXTRT | EXDOSE | EXDOSU | ASTDT |\n| 01 | A | 25 | mg | 2024-01-10 |", "the plan is in mg/m2, and doses are not"),
        ("| USUBJID | EXTRT | EXDOSE | EXDOSU | ASTDT | AENDT |\n| 01 | A | 25 | mg/m2 | 2024-01-10 | 2024-01-20 |", "several days each"),
    ],
)  # fmt: skip
def test_an_intensity_that_cannot_be_told_says_why(draw, adex: str, why: str) -> None:
    data = draw(TOML, **{**DRAWN, "adex": adex})
    ard = profile(data, "01").ard
    row = ard[(ard.variable == "DOSES") & (ard.stat_name == "relative")].iloc[0]
    assert pd.isna(row.stat)
    assert why in row.warning
    assert why in card(data, "01")["Dose intensity"]


@pytest.mark.parametrize("study", ["trial", "pilot"])
def test_no_record_of_anybody_is_lost_or_told_twice(study: str, request: pytest.FixtureRequest) -> None:
    data: Data = request.getfixturevalue(study)
    kept = data.ask("datasets", data.everybody).set_index("dataset").kept
    counted: dict[str, int] = {}
    subjects = data.subject_ids if study == "trial" else data.subject_ids[::6]
    for subject in subjects:
        found = profile(data, subject).records
        assert not found.item.duplicated().any()
        assert set(found.USUBJID) == {subject}
        for dataset, n in found.groupby("dataset").row.nunique().items():
            counted[dataset] = counted.get(dataset, 0) + n
    if study == "trial":
        assert counted == kept.to_dict()
    else:
        for dataset, n in counted.items():
            own = data.ask("records", data.everybody, dataset=dataset)
            assert n == own.USUBJID.isin(subjects).sum(), dataset


def test_counts_are_those_of_the_study_added_up(trial: Data) -> None:
    """The numbers of all patients together are those that the tables of the study print."""
    population = trial.study.populations[0]
    frames = [OUTPUT.run(trial, population, {"USUBJID": who}).ard for who in trial.ask("subjects", population).USUBJID]
    total = pd.concat(frames).groupby(["variable", "variable_level", "stat_name"]).stat.sum()
    overview = find("ae_overview").run(trial, population).ard
    events = overview[overview.stat_name == "events"].set_index("variable_level").stat
    for category in ("all", "teae", "serious", "related", "grade34", "fatal", "discontinued"):
        assert total["EVENTS", category, "n"] == events[category]
    disposition = find("disposition").run(trial, population).ard
    pairs = disposition[(disposition.variable_level == EVALUABLE_PAIR) & (disposition.stat_name == "n")]
    assert total["PAIR", "evaluable", "n"] == pairs.stat.iloc[0] == 19


def test_a_patient_who_is_not_on_view_is_named(trial: Data) -> None:
    population = trial.study.populations[0].filtered(Where.parse("AGE GT 500"))
    result = OUTPUT.run(trial, population, {"USUBJID": "CBZ-01-001"})
    assert result.notes[1] == "CBZ-01-001 is not among the subjects on view: Safety population with AGE GT 500."
    assert result.records.empty
    assert result.answer == ""


def test_a_patient_who_does_not_exist_is_refused(trial: Data) -> None:
    with pytest.raises(OptionError) as caught:
        profile(trial, "NOBODY")
    assert str(caught.value) == "USUBJID=NOBODY is not known; there is no such subject in this study."


def test_a_study_of_subjects_only(draw) -> None:
    data = draw(adsl="| USUBJID | TRTSDT     |\n| 01      | 2024-01-01 |")
    found = card(data, "01")
    assert found["Doses"] == "not collected"
    assert "Events" not in found
    assert OUTPUT.figures["course"].draw(profile(data, "01"), data).to_dict()


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "html"])
def test_it_can_be_saved_in_every_form(trial: Data, form: str) -> None:
    result = profile(trial, "CBZ-02-030")
    assert export(result, trial, form)
    if form in ("csv", "xlsx"):
        assert records(result, form)


def test_one_patient_is_a_population() -> None:
    from core.study import Population

    assert only(Population(label="All subjects"), 'a "b", c').clauses[1].expression is not None


# The figure.


def course(data: Data, subject: str, **options: str) -> dict:
    """The figure as it is written, each layer with its own values."""
    drawn = OUTPUT.figures["course"].draw(profile(data, subject, **options), data).to_dict()
    for layer in drawn["layer"]:
        layer["values"] = (
            drawn["datasets"][layer["data"]["name"]] if "name" in layer["data"] else layer["data"]["values"]
        )
    return drawn


def layers(data: Data, subject: str, **options: str) -> list[dict]:
    return course(data, subject, **options)["layer"]


def values(layer: dict) -> list[dict]:
    return layer["values"]


def test_the_figure_draws_every_dated_record_once(drawn: Data) -> None:
    marks = [value["item"] for layer in layers(drawn, "01") for value in values(layer)
             if layer["mark"]["type"] in ("rect", "point") and layer["mark"].get("aria") is not False and value["item"]]  # fmt: skip
    result = profile(drawn, "01")
    dated = result.records[
        result.records.from_day.notna() & result.records.dataset.isin(["ADAE", "ADEX", "ADBE", "ADQS"])
    ]
    psa = result.records[(result.records.code == "PSA") & result.records.from_day.notna()]
    assert sorted(marks) == sorted([*dated.item, *psa.item])
    subtitle = " ".join(OUTPUT.figures["course"].draw(result, drawn).to_dict()["title"]["subtitle"])
    assert "not drawn: 1 event without any onset and 1 specimen without a date" in subtitle.lower()


def test_bars_run_from_onset_to_end_and_open_ones_to_the_death(drawn: Data) -> None:
    (bars,) = [layer for layer in layers(drawn, "01") if any("grade_label" in value for value in values(layer)) and layer["mark"]["type"] == "rect"]  # fmt: skip
    found = {value["what"]: value for value in values(bars)}
    assert (found["Nausea"]["x"], found["Nausea"]["end"]) == (0, 3)
    assert (found["Fall"]["x"], found["Fall"]["end"]) == (-1, 113)
    assert found["Fatigue"]["x"] == 22
    assert {name: value["grade_label"] for name, value in found.items()} == {"Nausea": "Grade 2", "Fall": "Grade 1", "Fatigue": "Grade 3"}  # fmt: skip
    assert found["Fatigue"]["outline"] > found["Fall"]["outline"]
    arrows = [value["what"] for layer in layers(drawn, "01") if layer["mark"].get("shape") == "triangle-right" for value in values(layer)]  # fmt: skip
    assert sorted(arrows) == ["Fall", "Fatigue"]
    vague = [
        value["what"] for layer in layers(drawn, "01") if layer["mark"].get("text") == "?" for value in values(layer)
    ]
    assert vague == ["Fatigue"]


def test_what_is_drawn_besides_is_chosen_by_role_marker_or_laboratory(trial: Data, pilot: Data) -> None:
    def names(data: Data, subject: str, follow: str) -> str:
        texts = [value.get("text") for layer in layers(data, subject, follow=follow) for value in values(layer)]
        return "\n".join(text for text in texts if isinstance(text, str))

    usual = names(trial, "CBZ-01-001", "none")
    assert "ECOG performance status" in usual
    assert "PSA in serum (ng/mL)" in usual
    assert "Testosterone in marrow" not in usual
    assert "DHEA in marrow" in names(trial, "CBZ-01-001", "marrow_androgen")
    assert "Ki-67" in names(trial, "CBZ-01-001", "KI67")
    assert "Neutrophils" in names(trial, "CBZ-01-001", "ADLB.NEUT")
    assert "Alanine Aminotransferase" in names(pilot, "01-701-1192", "ADLBC.ALT")


def test_the_data_cut_is_drawn_where_it_is_near_and_told_where_it_is_not(trial: Data, pilot: Data) -> None:
    def told(data: Data, subject: str) -> tuple[bool, bool]:
        drawn = course(data, subject)
        texts = [str(value.get("text")) for layer in drawn["layer"] for value in values(layer)]
        return any("Data cut" in text for text in texts), any(
            "beyond this axis" in line for line in drawn["title"]["subtitle"]
        )

    assert told(trial, "CBZ-01-001") == (True, False)
    assert told(pilot, "01-701-1192") == (False, True)


def test_events_that_do_not_meet_share_a_row(trial: Data) -> None:
    (bars,) = [layer for layer in layers(trial, "CBZ-01-001") if any("grade_label" in value for value in values(layer)) and layer["mark"]["type"] == "rect"]  # fmt: skip
    rows: dict[float, list[dict]] = {}
    for value in values(bars):
        rows.setdefault(value["y"], []).append(value)
    assert len(rows) < len(values(bars))
    for of in rows.values():
        assert len({value["what"] for value in of}) == 1
        ordered = sorted(of, key=lambda value: value["x"])
        assert all(one["end"] <= other["x"] + 1e-6 for one, other in pairwise(ordered))


@pytest.mark.parametrize("form", ["png", "svg", "html"])
def test_the_figure_can_be_saved(drawn: Data, form: str) -> None:
    assert figure(profile(drawn, "01"), drawn, "course", form)
