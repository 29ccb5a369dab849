"""study.toml: what may be left out, and one sentence for each thing that is wrong."""

import re
from datetime import date

import pytest

from core.errors import RequestError, StudyError
from core.study import CTCAE_GRADES, SEVERITIES, Study, find, load
from core.where import Where
from tests.drawing import HEAD, folder, study


def said(path, toml: str, head: str = HEAD) -> str:
    """The sentence about a study.toml that is wrong, without the file it names."""
    (path / "study.toml").write_text(head + toml, encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        load(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{path.name}/study.toml")
    assert text.endswith(".") and not text.endswith("..")
    return text.removeprefix(f"{path.name}/study.toml").removeprefix(": ")


class TestDefaults:
    @pytest.fixture
    def plain(self, tmp_path) -> Study:
        return load(folder(tmp_path)).study

    def test_three_lines_are_a_study(self, plain):
        assert (plain.id, plain.title, plain.data_cut) == ("drawn", "A study drawn by hand", date(2024, 12, 31))

    def test_three_lines_and_a_list_of_subjects_can_be_opened(self, tmp_path):
        assert len(study(tmp_path, adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |").schema) == 1

    def test_populations_are_safety_and_all(self, plain):
        assert [(p.label, str(p.where)) for p in plain.populations] == [("Safety", "SAFFL EQ Y"), ("All subjects", "")]

    def test_events_are_graded_and_followed_for_thirty_days(self, plain):
        coding = plain.adverse_events
        assert (coding.levels, coding.grade34, coding.graded) == (CTCAE_GRADES, ("3", "4"), True)
        assert coding.treatment_emergent.window_days == 30
        assert coding.related.missing_is_related

    def test_severity_brings_its_own_levels(self, tmp_path):
        coding = load(folder(tmp_path, '[adverse_events]\ngrade = "AESEV"\n')).study.adverse_events
        assert (coding.levels, coding.grade34, coding.graded) == (SEVERITIES, ("MODERATE", "SEVERE"), False)
        assert coding.grade_label("MILD") == "Mild"

    def test_nothing_is_simulated_unless_it_says_so(self, plain):
        assert plain.simulated is False

    def test_a_description_survives_being_kept_in_a_snapshot(self, tmp_path):
        toml = '[[populations]]\nlabel = "Old"\nwhere = "AGE GE 65 AND (SEX EQ F OR RACE EQ \'A B\')"\n[[periods]]\nlabel = "x"\n'
        kept = load(folder(tmp_path, toml)).study
        assert Study.model_validate_json(kept.model_dump_json()) == kept

    def test_a_byte_order_mark_does_not_matter(self, tmp_path):
        (tmp_path / "study.toml").write_text(HEAD, encoding="utf-8-sig")
        assert load(tmp_path).study.id == "drawn"

    def test_a_study_does_not_change(self, plain):
        with pytest.raises(ValueError, match="frozen"):
            plain.title = "Another"


class TestMistakes:
    def test_no_study_toml(self, tmp_path):
        with pytest.raises(StudyError, match=r"is not a study folder: it has no study.toml\.$"):
            load(tmp_path)

    def test_no_such_folder(self, tmp_path):
        with pytest.raises(StudyError, match="nowhere is not a study folder"):
            load(tmp_path / "nowhere")

    def test_not_toml_names_line_and_column(self, tmp_path):
        assert "is not valid TOML" in said(tmp_path, "arm = \n")
        assert "line 4, column 7" in said(tmp_path, "arm = \n")

    def test_not_utf_8(self, tmp_path):
        (tmp_path / "study.toml").write_bytes('title = "Étude"'.encode("latin-1"))
        with pytest.raises(StudyError, match=r"is not UTF-8 text; save it as UTF-8\.$"):
            load(tmp_path)

    def test_a_key_that_is_not_known(self, tmp_path):
        assert said(tmp_path, 'titel = "x"\n') == "titel: no such key is known here; check its spelling."

    def test_a_key_that_is_not_known_deeper_down(self, tmp_path):
        toml = "[adverse_events.treatment_emergent]\nwindow = 30\n"
        assert (
            said(tmp_path, toml)
            == "adverse_events.treatment_emergent.window: no such key is known here; check its spelling."
        )

    def test_a_missing_key(self, tmp_path):
        assert said(tmp_path, "", head='id = "a"\ntitle = "b"\n') == "data_cut: is missing; add it."

    def test_several_mistakes_are_one_sentence_that_counts_the_others(self, tmp_path):
        assert said(tmp_path, "", head='id = "a"\n') == "title: is missing; add it (and 1 more)."

    def test_an_entry_of_a_list_is_counted_from_one(self, tmp_path):
        toml = '[[filters]]\nvariable = "SEX"\nlabel = "Sex"\n[[filters]]\nvariable = "AGE"\n'
        assert said(tmp_path, toml) == "filters.2.label: is missing; add it."

    @pytest.mark.parametrize(
        ("toml", "start"),
        [
            ('simulated = "perhaps"\n', "simulated: found 'perhaps':"),
            ("arm = 5\n", "arm: found 5:"),
            ('records_per_timepoint = "mean"\n', "records_per_timepoint: found 'mean': Input should be 'ANL01FL', 'first'"),
            ('[targets]\naccrual = "many"\n', "targets.accrual: found 'many':"),
            ('csv_encoding = "hex"\n', "csv_encoding: found 'hex': is not an encoding of text; use utf-8 or latin-1."),
            ('csv_encoding = "martian"\n', "csv_encoding: found 'martian': is not an encoding of text"),
            ("[targets]\naccrual = 0\n", "targets.accrual: found 0:"),
            ("[targets]\nanticipated_evaluable_rate = 50\n", "targets.anticipated_evaluable_rate: found 50:"),
            ('filters = "SEX"\n', "filters: found 'SEX':"),
            ("populations = []\n", "populations:"),
            ("[adverse_events]\nlevels = 3\n", "adverse_events.levels: found 3:"),
            ("[adverse_events]\nlevels = [1, 2]\n", "adverse_events.levels.1: found 1:"),
            ('[adverse_events]\nlevels = "12345"\n', "adverse_events.levels: found '12345':"),
            ("adverse_events = 3\n", "adverse_events: found 3:"),
            ("[adverse_events.treatment_emergent]\nwindow_days = -1\n", "adverse_events.treatment_emergent.window_days: found -1:"),
            ('[[parameters]]\nPARAMCD = "PSA"\nlabel = "PSA"\nscale = "ln"\n', "parameters.1.scale: found 'ln':"),
        ],
        ids=str,
    )  # fmt: skip
    def test_a_value_of_the_wrong_type(self, tmp_path, toml, start):
        assert said(tmp_path, toml).startswith(start)

    @pytest.mark.parametrize("identity", ["", "Study 1", "../x", "ä", "UPPER"])
    def test_an_id_that_cannot_stand_in_an_address(self, tmp_path, identity):
        assert said(tmp_path, "", head=f'id = "{identity}"\ntitle = "x"\ndata_cut = 2024-01-01\n').startswith(
            f"id: found {identity!r}:"
        )

    def test_a_data_cut_that_does_not_exist(self, tmp_path):
        assert "is not valid TOML" in said(tmp_path, "", head='id = "a"\ntitle = "b"\ndata_cut = 2024-02-30\n')

    def test_a_condition_that_cannot_be_read(self, tmp_path):
        text = said(tmp_path, '[[populations]]\nlabel = "Safety"\nwhere = "SAFFL = Y"\n')
        assert text.startswith("populations.1.where: found 'SAFFL = Y':")
        assert text.endswith("has '=' after SAFFL. Use one of EQ, NE, LT, LE, GT, GE, IN, NOTIN.")

    def test_a_condition_on_a_variable_the_study_lacks(self, tmp_path):
        toml = '[[populations]]\nlabel = "Old"\nwhere = "AGEE GE 65"\n'
        with pytest.raises(StudyError, match="population 'Old': ADSL has no variable AGEE; the nearest are AGE"):
            study(tmp_path, toml, adsl="| USUBJID | AGE |\n| 01 | 60 |")

    @pytest.mark.parametrize(
        "toml",
        ['arm = "ARMM"\n', '[[filters]]\nvariable = "ARMM"\nlabel = "x"\n', '[disposition.exposure]\nARMM = "x"\n'],
    )
    def test_a_variable_the_study_lacks(self, tmp_path, toml):
        with pytest.raises(StudyError, match=r"names ARMM, which ADSL does not have\.$"):
            study(tmp_path, toml, adsl="| USUBJID | TRTSDT |\n| 01 | 2024-01-01 |")

    @pytest.mark.parametrize(
        ("toml", "sentence"),
        [
            ('[[populations]]\nlabel = "A"\n[[populations]]\nlabel = "A"\n', "populations name the same thing twice: A, A."),
            ('[[periods]]\nlabel = "A"\n[[periods]]\nlabel = "A"\n', "periods name the same thing twice: A, A."),
            (
                '[[parameters]]\nPARAMCD = "PSA"\nlabel = "x"\n[[parameters]]\nPARAMCD = "PSA"\nlabel = "y"\n',
                "parameters name the same thing twice: PSA, PSA.",
            ),
            (
                '[[filters]]\nvariable = "SEX"\nlabel = "x"\n[[filters]]\nvariable = "SEX"\nlabel = "y"\n',
                "filters name the same thing twice: SEX, SEX.",
            ),
            (
                '[adverse_events]\nlevels = ["1", "1", "2"]\ngrade34 = ["2"]\n',
                "adverse_events.levels name the same thing twice: 1, 1, 2.",
            ),
            ('[variables.ADSL]\nTRTDURD = "DUR"\nAGE = "DUR"\n', "variables.ADSL name the same thing twice: DUR, DUR."),
        ],
        ids=["populations", "periods", "parameters", "filters", "levels", "variables"],
    )  # fmt: skip
    def test_the_same_thing_twice(self, tmp_path, toml, sentence):
        assert said(tmp_path, toml).endswith(sentence)

    @pytest.mark.parametrize(
        ("toml", "words"),
        [
            ('[[periods]]\nlabel = "A"\nkind = "before"\ncycles = [1, 2]\n', "belongs to a treatment period"),
            ('[[periods]]\nlabel = "A"\ncycles = [3, 2]\n', "first not after last"),
            ('[[visits]]\nAVISIT = "W9"\ntarget_day = 63\nfirst_day = 70\nlast_day = 80\n', "days must be in order"),
            ('[adverse_events]\ngrade34 = ["6"]\n', "grade34 holds 6; choose from levels: 1, 2, 3, 4, 5"),
            ('[adverse_events]\nlevels = ["LOW", "HIGH"]\n', "grade34 must name which of the levels LOW, HIGH"),
        ],
        ids=["cycles before treatment", "cycles backwards", "visit window", "grade34 unknown", "grade34 needed"],
    )  # fmt: skip
    def test_things_that_do_not_fit_together(self, tmp_path, toml, words):
        assert words in said(tmp_path, toml)


class TestPopulations:
    def test_one_is_found_by_its_label(self, tmp_path):
        assert load(folder(tmp_path)).study.population("Safety").where == Where.parse("SAFFL EQ Y")

    def test_one_that_is_not_there_tells_which_are(self, tmp_path):
        with pytest.raises(
            RequestError, match=re.escape("Study drawn has no population 'safety'; it has 'Safety', 'All subjects'.")
        ):
            load(folder(tmp_path)).study.population("safety")

    def test_filters_add_up(self, tmp_path):
        safety = load(folder(tmp_path)).study.population("Safety")
        narrowed = safety.filtered(Where.parse("SEX EQ F")).filtered(Where.parse("AGE GE 65"))
        assert list(map(str, narrowed.clauses)) == ["SAFFL EQ Y", "SEX EQ F", "AGE GE 65"]
        assert narrowed.condition == "SEX EQ F AND AGE GE 65"
        assert list(map(str, safety.clauses)) == ["SAFFL EQ Y"]
        assert safety.filtered(Where()) == safety

    @pytest.mark.parametrize(
        "toml", ['[[populations]]\nlabel = "Registered"\n', '[[periods]]\nlabel = "Total"\nkind = "before"\n']
    )
    def test_a_label_that_the_tables_use_themselves_is_refused(self, tmp_path, toml):
        with pytest.raises(StudyError, match="is taken by the tables"):
            load(folder(tmp_path, toml))


def test_study_folders_are_found_in_alphabetical_order(tmp_path):
    for name in ("b", "a", "c"):
        folder(tmp_path / name)
    (tmp_path / "empty").mkdir()
    assert [path.name for path in find(tmp_path)] == ["a", "b", "c"]
