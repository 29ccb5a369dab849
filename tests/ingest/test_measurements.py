"""Every rule about a biomarker's record: what it says, whether it is below a limit, and what stands for its timepoint."""

from collections.abc import Callable, Iterable

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data import Data
from core.errors import StudyError
from tests.drawing import study

Draw = Callable[..., Data]
ADSL = "| USUBJID | TRTSDT |\n| 01 | 2024-02-01 |\n| 02 | 2024-02-01 |"
PSA = '[[parameters]]\nPARAMCD = "PSA"\nlabel = "PSA"\nspecimen = "serum"\n'
LIMITED = PSA + "LLOQ = 7\n"
KLK3 = '[[parameters]]\nPARAMCD = "KLK3"\nlabel = "KLK3"\nspecimen = "bone marrow"\n'
WEEK_9 = '[[visits]]\nAVISIT = "Week 9"\ntarget_day = 64\nfirst_day = 50\nlast_day = 85\n'
CLASH = "one of several records at one timepoint, none of which is used"
ANOTHER = "another record of the timepoint is used"
NEITHER = "neither a value nor a limit"
UNSTATED = "below a limit that nobody states"
UNFLAGGED = "a number below its limit of quantification, taken as below the limit"
ABOVE = "a number above the limit that it is said to be below, which is not used"
UNCLEAR = "about a limit, but not understood; the number beside it is taken as it is"
UNLISTED = "a specimen that ADBE does not list"
ELSEWHERE = "a specimen that ADBE lists at another timepoint"


def records(data: Data, parameter: str = "PSA") -> pd.DataFrame:
    return data.ask("measurement_records", data.everybody, parameter=parameter)


def value(data: Data, subject: str = "01", visit: str = "Week 9", parameter: str = "PSA") -> tuple | None:
    """What stands for a timepoint in every analysis: value (None below the limit), below, limit."""
    code = data.parameters.set_index("PARAMCD").parameter[parameter]
    found = data.ask("measurements", data.everybody, timepoints=[data.timepoints[visit]], parameters=[int(code)])
    found = found[found.subject_code == list(data.ask("subjects", data.everybody).USUBJID).index(subject) + 1]
    assert len(found) <= 1
    return next(((known(row.AVAL), bool(row.below), known(row.lloq)) for row in found.itertuples()), None)


def known(number: float) -> float | None:
    return None if pd.isna(number) else float(number)


def queried(data: Data) -> list[tuple[int, str, str]]:
    """Row, variable and rule of every query about ADBM."""
    found = data.ask("queries", data.everybody)
    return [(row.row, row.variable, row.rule) for row in found[found.dataset == "ADBM"].itertuples()]


def counts_hold(data: Data) -> None:
    """No record is lost or made two of, and the count of queries is that of the records queried."""
    loaded = data.ask("datasets", data.everybody).set_index("dataset")
    assert (loaded.kept + loaded.refused == loaded.read).all()
    found = [records(data, code) for code in data.parameters.PARAMCD]
    assert sum(map(len, found)) == loaded.kept["ADBM"]
    used = pd.concat(found)
    used = used[used.used == "used"]
    assert not used.duplicated(["USUBJID", "PARAMCD", "AVISIT"]).any()
    everything = data.ask("queries", data.everybody)
    for dataset, row in loaded.iterrows():
        assert row.queries == everything[everything.dataset == dataset].row.nunique()


BELOW = {
    "<0.05": 0.05,
    "< 0.5": 0.5,
    "<0.05 ng/mL": 0.05,
    "<0.05ng/mL": 0.05,
    "<=0.05": 0.05,
    "< = 0.05": 0.05,
    "≤ 0.05": 0.05,
    "<.05": 0.05,
    "<5.": 5.0,
    "<1e-3": 0.001,
    "<5%": 5.0,
    "<5 /HPF": 5.0,
    "<5 x ULN": 5.0,
    "<0.05 (LLOQ 0.1)": 0.05,
    "<LLOQ": None,
    "< LLOQ": None,
    "<= LLOQ": None,
    "below LLOQ": None,
    "Below the limit of quantification": None,
    "BLQ": None,
    "BQL": None,
    "BLOQ": None,
    "LLOQ": None,
    "ND": None,
    "N.D.": None,
    "N.D": None,
    "Not detected": None,
    "blq": None,
    "BLQ*": None,
    "BLQ (0.05)": 0.05,
    "BLQ(0.05)": 0.05,
    "BLQ (<0.05 ng/mL)": 0.05,
    "BLQ (LLOQ = 0.05)": 0.05,
    "<LLOQ (0.05)": 0.05,
    "ND (0)": None,
    "<0": None,
    "0.03 BLQ": None,
    "0.03 (<LLOQ)": None,
}
"""Text -> the limit that it states; None: it states none, so the LLOQ of the parameter holds."""
NOT_BELOW = (
    "<1,000", "<0,05", "<1 000", "<10^3", "<1x10^3", "<1 x 10^3", "<1:10", "<1/10", "<5-10", "<-1", "<", ">200", ">LLOQ",
    "12", "0.05", "1.2.3", "NDA", "NOT DONE", "ND - not done", "QNS", "hemolysed", "positive", "BLQ (1,000)", "BLQ (10^3)",
)  # fmt: skip


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> pd.DataFrame:
    """Every text as AVALC (at A...), as AVAL itself where it can stand there (V...), and beside the number 12 (B...)."""
    rows = ["| USUBJID | PARAMCD | AVISIT | AVISITN | AVAL | AVALC |"]
    for number, text in enumerate([*BELOW, *NOT_BELOW]):
        rows.append(f"| 01 | PSA | A {text} | {number} | | {text} |")
        rows.append(f"| 01 | PSA | B {text} | {number} | 12 | {text} |")
        if text in BELOW:
            rows.append(f"| 01 | PSA | V {text} | {number} | {text} | |")
    data = study(tmp_path_factory.mktemp("texts"), LIMITED, adsl=ADSL, adbm="\n".join(rows))
    counts_hold(data)
    found = records(data).set_index("AVISIT").rename_axis(None)
    rules = data.ask("queries", data.everybody).query("dataset == 'ADBM' and variable != 'ADT'")
    order = [row.split("|")[3].strip() for row in rows[1:]]
    said = {visit: list(rules.rule[rules.row == number]) for number, visit in enumerate(order, 1)}
    return found.assign(queries=pd.Series(said))


class TestTextsBelowTheLimit:
    @pytest.mark.parametrize("text", BELOW)
    def test_are_below_and_usable_and_no_reason_to_ask(self, texts, text):
        found = texts.loc[f"A {text}"]
        assert found.below
        assert (BELOW[text] or 7) == found.LLOQ
        assert found.used == "used"
        assert found.queries == []

    @pytest.mark.parametrize("text", BELOW)
    def test_are_taken_where_a_number_is_expected_too(self, texts, text):
        found = texts.loc[f"V {text}"]
        assert found.below
        assert (BELOW[text] or 7) == found.LLOQ
        assert found.used == "used"
        assert text == found.AVALC
        assert found.queries == []

    @pytest.mark.parametrize("text", BELOW)
    def test_beat_a_number_above_the_limit_which_is_asked_about(self, texts, text):
        found = texts.loc[f"B {text}"]
        assert found.below
        assert pd.isna(found.AVAL)
        assert found.queries == [ABOVE]

    @pytest.mark.parametrize("text", NOT_BELOW)
    def test_others_are_not_and_stand_for_nothing(self, texts, text):
        found = texts.loc[f"A {text}"]
        assert not found.below
        assert found.used == f"No result: {text}"
        assert found.queries == [NEITHER]

    @pytest.mark.parametrize("text", NOT_BELOW)
    def test_others_leave_the_number_beside_them(self, texts, text):
        found = texts.loc[f"B {text}"]
        assert (found.AVAL, found.below, found.used) == (12, False, "used")
        about = any(part in text for part in ("<", ">", "BLQ"))
        assert found.queries == ([UNCLEAR] if about else [])

    def test_a_blank_is_no_result_and_nothing_to_ask(self, draw: Draw):
        data = draw(LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | AVALC |
            | 01      | PSA     | Week 9 | 2024-04-04 |      |       |
        """)  # fmt: skip
        assert list(records(data).used) == ["No result"]
        assert queried(data) == []

    def test_a_text_that_is_no_number_is_refused_as_a_value(self, draw: Draw):
        data = draw(LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL      |
            | 01      | PSA     | Week 9 | 2024-04-04 | hemolysed |
            | 02      | PSA     | Week 9 | 2024-04-04 | >200      |
        """)  # fmt: skip
        assert list(data.ask("rejected", data.everybody).value) == ["hemolysed", ">200"]
        counts_hold(data)

    def test_a_limit_as_a_value_and_another_text_are_not_made_one(self, draw: Draw):
        """Which of the two holds, nobody can tell; the more precise of two texts about a limit is kept."""
        data = draw(LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL  | AVALC |
            | 01      | PSA     | Week 1 | 2024-02-08 | <0.05 | 12    |
            | 01      | PSA     | Week 2 | 2024-02-15 | <0.05 | BLQ   |
            | 01      | PSA     | Week 3 | 2024-02-22 | BLQ   | <0.05 |
        """)  # fmt: skip
        assert list(data.ask("rejected", data.everybody).value) == ["<0.05"]
        assert value(data, visit="Week 2") == value(data, visit="Week 3") == (None, True, 0.05)
        counts_hold(data)

    def test_no_variable_is_added_to_a_file_without_such_texts(self, draw: Draw):
        data = draw(adsl=ADSL, adbm="| USUBJID | PARAMCD | AVISIT | AVAL |\n| 01 | PSA | Week 9 | 5 |")
        assert "AVALC" not in data.schema["ADBM"]


class TestLimits:
    """The limit in the text, else the record's own, else the parameter's."""

    def test_the_nearest_wins(self, draw: Draw):
        data = draw(LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | AVALC        | LLOQ |
            | 01      | PSA     | Week 1 | <0.05        | 3    |
            | 01      | PSA     | Week 2 | BLQ          | 3    |
            | 01      | PSA     | Week 3 | BLQ          |      |
            | 01      | PSA     | Week 4 | BLQ          | 0    |
            | 01      | PSA     | Week 5 | <0           | 3    |
        """)  # fmt: skip
        assert list(records(data).LLOQ) == [0.05, 3, 7, 7, 3]
        assert records(data).below.all()

    def test_one_that_nobody_states_is_asked_about_and_the_value_stays_below(self, draw: Draw):
        data = draw(PSA, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVALC | LLOQ |
            | 01      | PSA     | Week 9 | 2024-04-04 | BLQ   |      |
            | 02      | PSA     | Week 9 | 2024-04-04 | BLQ   | 0    |
        """)  # fmt: skip
        assert queried(data) == [(1, "AVALC", UNSTATED), (2, "AVALC", UNSTATED)]
        assert value(data) == value(data, "02") == (None, True, None)

    def test_a_number_with_a_flag_is_below(self, draw: Draw):
        data = draw(LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | BLQFL | LLOQ |
            | 01      | PSA     | Week 9 | 2024-04-04 | 0.03 | Y     | 0.05 |
            | 02      | PSA     | Week 9 | 2024-04-04 | 12   | N     | 0.05 |
        """)  # fmt: skip
        assert value(data) == (None, True, 0.05)
        assert value(data, "02") == (12, False, 0.05)
        assert queried(data) == []

    @pytest.mark.parametrize(("aval", "lloq", "below"), [
        ("0.03", "0.05", True), ("0.05", "0.05", False), ("0.06", "0.05", False), ("6.9", "", True), ("7", "", False),
        ("-1", "0", True), ("8", "0", False),
    ])  # fmt: skip
    def test_a_number_below_its_limit_without_a_flag_is_below_and_asked_about(self, draw: Draw, aval, lloq, below):
        data = draw(LIMITED, adsl=ADSL, adbm=f"""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL   | LLOQ   |
            | 01      | PSA     | Week 9 | 2024-04-04 | {aval} | {lloq} |
        """)  # fmt: skip
        limit = float(lloq or 0) or 7
        assert value(data) == ((None if below else float(aval)), below, limit)
        assert queried(data) == ([(1, "AVAL", UNFLAGGED)] if below else [])

    def test_a_flag_beside_a_number_above_the_limit_is_asked_about(self, draw: Draw):
        data = draw(LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | BLQFL |
            | 01      | PSA     | Week 9 | 2024-04-04 | 12   | Y     |
            | 02      | PSA     | Week 9 | 2024-04-04 | 7    | Y     |
        """)  # fmt: skip
        assert value(data) == value(data, "02") == (None, True, 7)
        assert queried(data) == [(1, "AVAL", ABOVE)]

    def test_without_any_limit_a_number_is_a_number(self, draw: Draw):
        data = draw(PSA, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL |
            | 01      | PSA     | Week 9 | 2024-04-04 | 0.01 |
        """)  # fmt: skip
        assert value(data) == (0.01, False, None)


class TestSeveralRecordsAtOneTimepoint:
    """Days 62 and 67 (target 64) on paper: 2024-04-02 and 2024-04-07."""

    TWO = """
        | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | ANL01FL | BMSEQ |
        | 01      | PSA     | Week 9 | 2024-04-02 | 1    |         | 1     |
        | 01      | PSA     | Week 9 | 2024-04-07 | 2    | Y       | 2     |
        | 01      | KLK3    | Week 9 | 2024-04-07 | 9    |         | 3     |
        | 02      | PSA     | Week 9 | 2024-04-07 | 8    | Y       | 4     |
    """

    @pytest.mark.parametrize(("rule", "expected"), [
        (None, None), ("first", 1), ("last", 2), ("closest", 1), ("ANL01FL", 2),
    ])  # fmt: skip
    def test_the_rule_of_the_study_takes_one(self, draw: Draw, rule, expected):
        toml = (f'records_per_timepoint = "{rule}"\n' if rule else "") + PSA + WEEK_9
        data = draw(toml, adsl=ADSL, adbm=self.TWO)
        assert value(data) == (None if expected is None else (expected, False, None))
        assert value(data, parameter="KLK3") == (9, False, None)
        assert value(data, "02") == (8, False, None)
        told = [CLASH, CLASH] if rule is None else ["used", ANOTHER][:: 1 if expected == 1 else -1]
        assert list(records(data).used) == [*told, "used"]
        assert [(row, said) for row, _, said in queried(data)] == ([(1, CLASH), (2, CLASH)] if rule is None else [])
        counts_hold(data)

    @pytest.mark.parametrize(("rule", "first", "second"), [
        ("closest", "2024-04-01 | ", "2024-04-07 | "),
        ("closest", "2024-04-04 | ", "2024-04-04 | "),
        ("closest", " | ", " | "),
        ("ANL01FL", "2024-04-02 | Y", "2024-04-07 | Y"),
        ("ANL01FL", "2024-04-02 | ", "2024-04-07 | N"),
    ])  # fmt: skip
    def test_a_tie_that_the_rule_does_not_decide_leaves_none_and_is_asked_about(self, draw: Draw, rule, first, second):
        data = draw(f'records_per_timepoint = "{rule}"\n' + PSA + WEEK_9, adsl=ADSL, adbm=f"""
            | USUBJID | PARAMCD | AVISIT | BMSEQ | AVAL | ADT | ANL01FL |
            | 01      | PSA     | Week 9 | 1     | 1    | {first}       |
            | 01      | PSA     | Week 9 | 2     | 1    | {second}      |
            | 02      | PSA     | Week 9 | 3     | 8    | {second}      |
        """)  # fmt: skip
        assert value(data) is None
        assert value(data, "02") == (8, False, None)
        assert list(records(data).used) == [CLASH, CLASH, "used"]
        assert [row for row, _, said in queried(data) if said == CLASH] == [1, 2]
        counts_hold(data)

    def test_what_ranks_below_a_tie_does_not_take_its_place(self, draw: Draw):
        data = draw('records_per_timepoint = "closest"\n' + PSA + WEEK_9, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL |
            | 01      | PSA     | Week 9 | 2024-04-05 | 1    |
            | 01      | PSA     | Week 9 | 2024-04-03 | 2    |
            | 01      | PSA     | Week 9 | 2024-04-20 | 3    |
        """)  # fmt: skip
        assert list(records(data).used) == [CLASH] * 3

    def test_closest_knows_that_there_is_no_day_0(self, draw: Draw):
        """Days -1 and 2 are each one day from day 1; -2 and 2 are not equally close."""
        visit = WEEK_9.replace("Week 9", "Baseline").replace("64", "1").replace("50", "-9").replace("85", "9")
        data = draw('records_per_timepoint = "closest"\n' + PSA + visit, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT   | ADT        | AVAL |
            | 01      | PSA     | Baseline | 2024-01-31 | 1    |
            | 01      | PSA     | Baseline | 2024-02-02 | 2    |
            | 02      | PSA     | Baseline | 2024-01-30 | 1    |
            | 02      | PSA     | Baseline | 2024-02-02 | 2    |
        """)  # fmt: skip
        assert list(records(data).ADY) == [-1, 2, -2, 2]
        assert list(records(data).used) == [CLASH, CLASH, ANOTHER, "used"]

    @pytest.mark.parametrize(("rule", "expected"), [("first", 1), ("last", 3)])
    def test_the_sequence_number_tells_records_of_one_day_apart(self, draw: Draw, rule, expected):
        data = draw(f'records_per_timepoint = "{rule}"\n' + PSA, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | BMSEQ |
            | 01      | PSA     | Week 9 | 2024-04-04 | 2    | 12    |
            | 01      | PSA     | Week 9 | 2024-04-04 | 3    | 13    |
            | 01      | PSA     | Week 9 | 2024-04-04 | 1    | 2     |
        """)  # fmt: skip
        assert value(data) == (expected, False, None)

    @pytest.mark.parametrize("rule", ["first", "last", "closest", "ANL01FL", None])
    @pytest.mark.parametrize(
        "other", ["2024-04-06 | | | Y", "2024-04-02 | | QNS | Y", "2024-05-30 | 5 | | Y", "2024-02-02 | 5 | | Y"]
    )
    def test_a_record_without_a_result_or_out_of_its_window_does_not_compete(self, draw: Draw, rule, other):
        toml = f'records_per_timepoint = "{rule}"\n' if rule else ""
        data = draw(toml + PSA + WEEK_9, adsl=ADSL, adbm=f"""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | AVALC | ANL01FL |
            | 01      | PSA     | Week 9 | 2024-04-05 | 1    |       |         |
            | 01      | PSA     | Week 9 | {other}                             |
        """)  # fmt: skip
        assert value(data) == (1, False, None)
        assert list(records(data).used != "used") == [False, True]
        counts_hold(data)

    def test_a_value_below_the_limit_competes(self, draw: Draw):
        data = draw('records_per_timepoint = "last"\n' + LIMITED, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | AVALC |
            | 01      | PSA     | Week 9 | 2024-04-05 | 9    |       |
            | 01      | PSA     | Week 9 | 2024-04-06 |      | BLQ   |
        """)  # fmt: skip
        assert value(data) == (None, True, 7)

    def test_a_rule_by_a_flag_that_is_not_there_is_refused(self, draw: Draw):
        with pytest.raises(StudyError, match="ANL01FL, which ADBM does not have"):
            draw(
                'records_per_timepoint = "ANL01FL"\n',
                adsl=ADSL,
                adbm="| USUBJID | PARAMCD | AVISIT |\n| 01 | PSA | W |",
            )


class TestWindows:
    @pytest.mark.parametrize(("date", "why"), [
        ("2024-03-20", "Day 49, outside the window of 50 to 85"),
        ("2024-03-21", "used"),
        ("2024-04-25", "used"),
        ("2024-04-26", "Day 86, outside the window of 50 to 85"),
        ("", "used"),
    ])  # fmt: skip
    def test_hold_their_first_and_last_day_and_an_unknown_one(self, draw: Draw, date, why):
        data = draw(PSA + WEEK_9, adsl=ADSL, adbm=f"""
            | USUBJID | PARAMCD | AVISIT   | ADT        | AVAL |
            | 01      | PSA     | Week 9   | {date}     | 5    |
            | 01      | PSA     | Baseline | 2030-01-01 | 5    |
        """)  # fmt: skip
        assert records(data).set_index("AVISIT").used.to_dict() == {"Week 9": why, "Baseline": "used"}
        assert (value(data) is None) == (why != "used")

    def test_take_the_day_of_the_record_before_the_one_counted_from_its_date(self, draw: Draw):
        data = draw(PSA + WEEK_9, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | ADY | AVAL |
            | 01      | PSA     | Week 9 | 2024-04-04 | 90  | 5    |
            | 02      | PSA     | Week 9 | 2024-05-30 | 64  | 5    |
        """)  # fmt: skip
        assert list(records(data).used) == ["Day 90, outside the window of 50 to 85", "used"]

    def test_of_a_subject_never_dosed_are_not_known(self, draw: Draw):
        data = draw(PSA + WEEK_9, adsl="| USUBJID | TRTSDT |\n| 01 | |", adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL |
            | 01      | PSA     | Week 9 | 2024-05-30 | 5    |
        """)  # fmt: skip
        assert value(data) == (5, False, None)

    def test_are_one_a_timepoint(self, draw: Draw):
        """Two would make two of every record."""
        with pytest.raises(StudyError, match="visits name the same thing twice: Week 9"):
            draw(PSA + WEEK_9 * 2, adsl=ADSL, adbm="| USUBJID | PARAMCD | AVISIT | AVAL |\n| 01 | PSA | Week 9 | 5 |")


class TestTimepoints:
    ROWS = """
        | USUBJID | PARAMCD | AVISIT    | AVISITN | ADT        | AVAL |
        | 01      | PSA     | Week 9    | {}      | 2024-04-04 | 5    |
        | 01      | PSA     | Screening | {}      | 2024-01-20 | 5    |
        | 01      | PSA     | Week 12   | {}      | 2024-04-25 | 5    |
    """

    @pytest.mark.parametrize(("numbers", "expected"), [
        (("9", "0", "12"), ["Screening", "Week 9", "Week 12"]),
        (("1", "3", "2"), ["Week 9", "Week 12", "Screening"]),
        (("", "", ""), ["Screening", "Week 9", "Week 12"]),
        (("", "", "12"), ["Week 12", "Screening", "Week 9"]),
    ])  # fmt: skip
    def test_stand_by_their_number_else_by_their_days(self, draw: Draw, numbers, expected):
        assert list(draw(adsl=ADSL, adbm=self.ROWS.format(*numbers)).timepoints) == expected

    def test_without_numbers_stand_by_their_planned_days(self, draw: Draw):
        """Week 12 of this patient came before Week 9 of others, and no record of Week 9 is dated."""
        planned = WEEK_9 + WEEK_9.replace("Week 9", "Week 12").replace("64", "85")
        data = draw(planned, adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT  | ADT        | AVAL |
            | 01      | PSA     | Week 12 | 2024-04-04 | 5    |
            | 02      | PSA     | Week 9  | 2024-04-20 | 5    |
        """)  # fmt: skip
        assert list(data.timepoints) == ["Week 9", "Week 12"]

    def test_a_record_without_its_timepoint_is_kept_and_stands_for_nothing(self, draw: Draw):
        data = draw(adsl=ADSL, adbm="""
            | USUBJID | PARAMCD | AVISIT | ADT        | AVAL |
            | 01      | PSA     |        | 2024-04-04 | 5    |
            | 01      | PSA     | Week 9 | 2024-04-05 | 6    |
        """)  # fmt: skip
        assert sorted(records(data).used) == ["at no timepoint", "used"]
        assert value(data) == (6, False, None)
        counts_hold(data)


MARROW = """
    | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | BEREFID |
    | 01      | KLK3    | Week 9 | 2024-04-04 | 5    | {}      |
    | 01      | PSA     | Week 9 | 2024-04-04 | 6    |         |
"""


class TestSpecimens:
    """A marrow marker needs an evaluable specimen; a marker of serum does not."""

    def marrow(self, draw: Draw, named: str, *specimens: str, toml: str = "") -> Data:
        """One record each of a marrow and a serum marker, and the specimens of subject 01 at Week 9."""
        rows = "".join(f"\n| 01 | {row} |" for row in specimens)
        adbe = "| USUBJID | BEREFID | AVISIT | ADT | EVALFL | EVALREAS |" + rows
        data = draw(PSA + KLK3 + toml, adsl=ADSL, adbm=MARROW.format(named), adbe=adbe)
        counts_hold(data)
        assert value(data) == (6, False, None)
        return data

    @pytest.mark.parametrize("named", ["S1", ""])
    @pytest.mark.parametrize(("judged", "why"), [
        ("Y |", "used"), ("Y | Dry tap", "used"), ("N | Dry tap", "Dry tap"), ("N |", "Not evaluable"), (" |", "Not judged yet"),
    ])  # fmt: skip
    def test_are_evaluable_when_judged_so(self, draw: Draw, named, judged, why):
        data = self.marrow(draw, named, f"S1 | Week 9 | 2024-04-04 | {judged}")
        (used,) = records(data, "KLK3").used
        assert used == (why if named or why == "used" else "No evaluable specimen")
        assert value(data, parameter="KLK3") == ((5, False, None) if why == "used" else None)

    @pytest.mark.parametrize(("named", "why"), [("S1", "Dry tap"), ("S2", "used"), ("", "used")])
    @pytest.mark.parametrize("reverse", [False, True])
    def test_of_two_one_evaluable_is_enough_unless_the_other_is_named(self, draw: Draw, named, why, reverse):
        two = ["S1 | Week 9 | 2024-04-04 | N | Dry tap", "S2 | Week 9 | 2024-04-04 | Y |"]
        data = self.marrow(draw, named, *two[:: -1 if reverse else 1])
        assert list(records(data, "KLK3").used) == [why]

    def test_of_another_timepoint_or_subject_are_not_enough(self, draw: Draw):
        data = self.marrow(draw, "", "S1 | Baseline | 2024-01-30 | Y |", "S2 | Week 9 | 2024-04-04 | N | Dry tap")
        assert list(records(data, "KLK3").used) == ["No evaluable specimen"]
        data = self.marrow(draw, "", "S1 | Baseline | 2024-01-30 | Y |")
        assert list(records(data, "KLK3").used) == ["No evaluable specimen"]

    @pytest.mark.parametrize("judged", ["Y |", "N | Dry tap"])
    def test_that_adbe_lacks_are_not_used_and_asked_about(self, draw: Draw, judged):
        data = self.marrow(draw, "S9", f"S1 | Week 9 | 2024-04-04 | {judged}")
        assert queried(data) == [(1, "BEREFID", UNLISTED)]
        assert list(records(data, "KLK3").used) == ["Specimen S9 is not listed at this timepoint"]

    def test_of_another_timepoint_are_asked_about(self, draw: Draw):
        data = self.marrow(draw, "S1", "S1 | Baseline | 2024-01-30 | Y |")
        assert queried(data) == [(1, "BEREFID", ELSEWHERE)]

    def test_listed_twice_do_not_make_two_of_a_record(self, draw: Draw):
        data = draw(PSA + KLK3, adsl=ADSL, adbm=MARROW.format("S1"), adbe="""
            | USUBJID | BEREFID | BESEQ | AVISIT | EVALFL |
            | 01      | S1      | 1     | Week 9 | Y      |
            | 01      | S1      | 2     | Week 9 | Y      |
            | 02      | S1      | 1     | Week 9 | N      |
        """)  # fmt: skip
        assert value(data, parameter="KLK3") == (5, False, None)
        counts_hold(data)

    def test_out_of_their_window_are_not_evaluable_for_it(self, draw: Draw):
        data = self.marrow(draw, "S1", "S1 | Week 9 | 2024-04-26 | Y |", toml=WEEK_9)
        assert list(records(data, "KLK3").used) == ["Day 86, outside the window of 50 to 85"]

    def test_are_not_asked_for_where_the_study_has_no_such_dataset(self, draw: Draw):
        data = draw(PSA + KLK3, adsl=ADSL, adbm=MARROW.format("S1"))
        assert value(data, parameter="KLK3") == (5, False, None)
        assert queried(data) == []

    def test_are_asked_for_of_a_marker_that_names_some_and_that_study_toml_does_not_describe(self, draw: Draw):
        data = draw(adsl=ADSL, adbm=MARROW.format("S1"), adbe="""
            | USUBJID | BEREFID | AVISIT | EVALFL | EVALREAS |
            | 01      | S1      | Week 9 | N      | Dry tap  |
        """)  # fmt: skip
        assert value(data, parameter="KLK3") is None
        assert value(data) == (6, False, None)


class TestEvaluablePair:
    """An evaluable specimen by either method at both timepoints, inside their windows."""

    SPECIMENS = """
        | USUBJID | BEREFID | AVISIT   | ADT        | BEMETHOD | EVALFL |
        | 01      | B1      | Baseline | 2024-01-30 | BIOPSY   | Y      |
        | 01      | W1      | Week 9   | 2024-04-04 | ASPIRATE | Y      |
        | 02      | B1      | Baseline | 2024-01-30 | BIOPSY   | Y      |
        | 02      | W1      | Week 9   | 2024-04-04 | BIOPSY   | N      |
        | 03      | B1      | Baseline | 2024-01-30 | BIOPSY   | N      |
        | 03      | B2      | Baseline | 2024-01-30 | ASPIRATE | Y      |
        | 03      | W1      | Week 9   | 2024-04-26 | BIOPSY   | Y      |
        | 04      | B1      | Baseline | 2024-01-30 | BIOPSY   | Y      |
        | 04      | W1      | Week 9   | 2024-04-26 | BIOPSY   | Y      |
        | 04      | W2      | Week 9   | 2024-04-25 | ASPIRATE | Y      |
        | 05      | W1      | Week 9   | 2024-04-04 | BIOPSY   |        |
        | 06      | B1      | Baseline | 2024-01-30 | BIOPSY   | Y      |
        | 06      | X1      | Week 12  | 2024-04-04 | BIOPSY   | Y      |
        | 07      | W1      | Week 9   |            | BIOPSY   | Y      |
    """
    SUBJECTS = "| USUBJID | TRTSDT |" + "".join(f"\n| 0{number} | 2024-02-01 |" for number in range(1, 9))

    def pairs(self, data: Data) -> dict[str, str]:
        asked = data.ask("evaluable_pairs", data.everybody, earlier="Baseline", later="Week 9")
        names = list(data.ask("subjects", data.everybody).USUBJID)
        assert len(asked) == len(names)
        return {names[row.subject_code - 1]: "-+"[row.earlier] + "-+"[row.later] for row in asked.itertuples()}

    def test_is_told_of_every_subject_on_view(self, draw: Draw):
        data = draw(WEEK_9, adsl=self.SUBJECTS, adbe=self.SPECIMENS)
        assert self.pairs(data) == {
            "01": "++", "02": "+-", "03": "+-", "04": "++", "05": "--", "06": "+-", "07": "-+", "08": "--",
        }  # fmt: skip

    def test_has_no_window_where_study_toml_has_none(self, draw: Draw):
        assert self.pairs(draw(adsl=self.SUBJECTS, adbe=self.SPECIMENS))["03"] == "++"

    def test_is_nobody_where_there_are_no_specimens(self, draw: Draw):
        assert set(self.pairs(draw(adsl=self.SUBJECTS)).values()) == {"--"}


def test_variables_of_the_file_with_names_like_ours_are_no_obstacle(draw: Draw) -> None:
    data = draw(PSA + KLK3 + WEEK_9, adsl=ADSL, adbm="""
        | USUBJID | PARAMCD | AVISIT | ADT        | AVAL | CODE | FIRST_DOSE | TRTSDT     | DAY | TEXT | BELOW | UNUSED | TISSUE |
        | 01      | PSA     | Week 9 | 2024-04-04 | 5    | a    | b          | 2030-01-01 | 7   | x    | Y     | z      | q      |
    """)  # fmt: skip
    assert value(data) == (5, False, None)
    assert list(records(data).ADY) == [64]


def test_a_study_without_biomarkers_has_none(draw: Draw) -> None:
    data = draw(adsl=ADSL)
    assert data.timepoints == {}
    assert data.parameters.empty


RULES = (None, "first", "last", "closest", "ANL01FL")
VALUES = ("5", "", "<0.05", "QNS", "0.01")


def sometimes(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


@given(
    rule=st.sampled_from(RULES),
    windowed=st.booleans(),
    rows=st.lists(
        st.tuples(
            sometimes("01", "02", "03"), sometimes("PSA", "KLK3", "NEW", ""), sometimes("Baseline", "Week 9", ""),
            sometimes("2024-01-30", "2024-04-04", "2024-04-07", "2024-06-30", "", "soon"), sometimes(*VALUES),
            sometimes("", "BLQ", "12", "<1,000"), sometimes("", "0.1", "0"), sometimes("", "Y", "N"),
            sometimes("", "S1", "S2", "S9"), sometimes("1", "2", "3", ""),
        ),
        min_size=1, max_size=25,
    ),
    specimens=st.lists(
        st.tuples(
            sometimes("01", "02"), sometimes("S1", "S2"), sometimes("1", "2", ""), sometimes("Baseline", "Week 9", ""),
            sometimes("2024-01-30", "2024-04-04", "2024-06-30", ""), sometimes("Y", "N", ""),
        ),
        max_size=8,
    ),
)  # fmt: skip
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_no_record_is_lost_or_made_two_of_whatever_stands_in_them(tmp_path_factory, rule, windowed, rows, specimens):
    def drawn(head: str, lines: Iterable[tuple[str, ...]]) -> str:
        return "\n".join([head, *(f"| {' | '.join(line)} |" for line in lines)])

    toml = (f'records_per_timepoint = "{rule}"\n' if rule else "") + LIMITED + KLK3 + (WEEK_9 if windowed else "")
    data = study(
        tmp_path_factory.mktemp("any"), toml, adsl=ADSL,
        adbm=drawn("| USUBJID | PARAMCD | AVISIT | ADT | AVAL | AVALC | LLOQ | ANL01FL | BEREFID | BMSEQ |", rows),
        adbe=drawn("| USUBJID | BEREFID | BESEQ | AVISIT | ADT | EVALFL |", specimens),
    )  # fmt: skip
    counts_hold(data)
    data.close()
