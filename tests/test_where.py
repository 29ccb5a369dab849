"""Where-clauses: what they mean, how they read, and that a value is never SQL."""

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.data import Data
from core.errors import ConditionError
from core.study import Population
from core.where import COMPARATORS, DEEPEST_CLAUSE, LONGEST_CLAUSE, Compound, Condition, Sql, Where, join
from tests.drawing import study

SUBJECTS = """
    | USUBJID | TRTSDT     | AGE | SEX | RACE                      | SCORE |
    | 01      | 2024-01-01 | 60  | M   | WHITE                     | 2     |
    | 02      | 2024-02-01 | 70  | F   | WHITE                     | 10    |
    | 03      | 2024-03-01 | 80  | F   | BLACK OR AFRICAN AMERICAN | n/a   |
    | 04      |            |     |     |                           |       |
"""
EVENTS = """
    | USUBJID | AESEQ | AEDECOD  | AEBODSYS  | AETOXGR | AESER | ASTDT      |
    | 01      | 1     | Nausea   | Digestive | 4       | N     | 2024-01-05 |
    | 01      | 2     | Vomiting | Digestive | 1       | Y     | 2024-01-06 |
    | 02      | 1     | Nausea   | Digestive | 3       | Y     | 2024-02-06 |
    | 03      | 1     | Anaemia  | Blood     |         |       |            |
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Data:
    return study(tmp_path_factory.mktemp("where"), adsl=SUBJECTS, adae=EVENTS)


def who(data: Data, clause: str) -> list[str]:
    """The subjects of a clause."""
    return list(data.ask("subjects", Population(label="asked", where=Where.parse(clause))).USUBJID)


def condition(variable: str, comparator: str, *values: str, dataset: str = "ADSL") -> Condition:
    return Condition(variable, comparator, values, dataset)  # type: ignore[arg-type]


class TestReading:
    @pytest.mark.parametrize("text", ["", " ", "\n\t"])
    def test_an_empty_clause_holds_for_everybody(self, data, text):
        assert not Where.parse(text)
        assert who(data, text) == ["01", "02", "03", "04"]

    @pytest.mark.parametrize("comparator", list(COMPARATORS))
    def test_every_comparator_is_read(self, comparator):
        assert Where.parse(f"AGE {comparator} 65").expression == condition("AGE", comparator, "65")

    @pytest.mark.parametrize("text", ["age eq 65", "Age Eq 65", "  AGE   EQ\n65 "])
    def test_case_of_names_and_space_between_words_do_not_matter(self, text):
        assert Where.parse(text).expression == condition("AGE", "EQ", "65")

    def test_case_of_a_value_is_kept(self):
        assert Where.parse("SEX EQ f").expression == condition("SEX", "EQ", "f")

    def test_a_variable_may_name_its_dataset(self):
        assert Where.parse("ADAE.AESER EQ Y").expression == condition("AESER", "EQ", "Y", dataset="ADAE")

    def test_the_dataset_of_subjects_need_not_be_named(self):
        assert Where.parse("ADSL.SEX EQ F") == Where.parse("SEX EQ F")

    def test_and_binds_before_or(self):
        a, b, c = (condition(name, "EQ", "1") for name in "ABC")
        assert Where.parse("A EQ 1 OR B EQ 1 AND C EQ 1").expression == Compound("OR", (a, Compound("AND", (b, c))))
        assert Where.parse("A EQ 1 AND B EQ 1 OR C EQ 1").expression == Compound("OR", (Compound("AND", (a, b)), c))

    def test_parentheses_bind_before_and(self):
        a, b, c = (condition(name, "EQ", "1") for name in "ABC")
        assert Where.parse("(A EQ 1 OR B EQ 1) AND C EQ 1").expression == Compound("AND", (Compound("OR", (a, b)), c))

    def test_parentheses_that_change_nothing_are_dropped(self):
        assert str(Where.parse("((A EQ 1) AND (B EQ 1 AND C EQ 1))")) == "A EQ 1 AND B EQ 1 AND C EQ 1"

    @pytest.mark.parametrize("text", ["RACE IN (WHITE, ASIAN)", "RACE IN(WHITE,ASIAN)", "RACE IN WHITE, ASIAN"])
    def test_a_list_has_commas_and_may_have_parentheses(self, text):
        assert Where.parse(text).expression == condition("RACE", "IN", "WHITE", "ASIAN")

    @pytest.mark.parametrize(
        ("written", "value"),
        [
            ('"OR"', "OR"),
            ("'and'", "and"),
            ('"a b"', "a b"),
            ("'a, b'", "a, b"),
            ('"say ""hi"""', 'say "hi"'),
            ("'it''s'", "it's"),
            ('"it\'s"', "it's"),
            ('""', ""),
            ('"(a)"', "(a)"),
            ("<0.05", "<0.05"),
            ("a;b--", "a;b--"),
        ],
    )  # fmt: skip
    def test_a_value_with_spaces_commas_or_quotes_is_quoted(self, written, value):
        assert Where.parse(f"A EQ {written}").expression == condition("A", "EQ", value)

    def test_two_clauses_are_joined_by_and(self):
        joined = Where.parse("A EQ 1 OR B EQ 1") & Where.parse("C EQ 1")
        assert str(joined) == "(A EQ 1 OR B EQ 1) AND C EQ 1"
        assert joined & Where() == joined == Where() & joined


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("AGE", "stops where one of EQ, NE"),
        ("AGE GE", "lacks a value"),
        ("AGE GE AND SEX EQ F", "lacks a value"),
        ("AGE = 65", "has '=' after AGE. Use one of EQ, NE, LT, LE, GT, GE, IN, NOTIN"),
        ("65 LE AGE", "has '65' where a variable should stand"),
        ("SEX EQ F AGE GE 65", "did not expect 'AGE'. Join conditions with AND or OR"),
        ("RACE EQ BLACK OR AFRICAN", "stops where one of EQ, NE"),
        ("SEX EQ F AND", "stops where a variable such as AGE should stand"),
        ("SEX EQ F OR OR AGE GE 65", "has 'AGE' after OR"),
        ("(SEX EQ F", "lacks a closing parenthesis. Add )"),
        ("SEX EQ F)", "did not expect ')'"),
        ("SEX IN (F, M", "lacks a closing parenthesis after a list. Write IN (A, B)"),
        ("SEX IN ()", "lacks a value"),
        ("SEX IN (F,)", "lacks a value"),
        ('SEX EQ "F', "has a quote that is not closed at character 7"),
        ("SEX EQ it's", "quote that is not closed"),
        ("SEX EQ \ud800", "half a character"),
        ("(" * (DEEPEST_CLAUSE + 2) + "A EQ 1", "too many nested parentheses"),
        ("A" * (LONGEST_CLAUSE + 1), f"{LONGEST_CLAUSE:,} are the most"),
    ],
    ids=str,
)  # fmt: skip
def test_a_mistake_in_writing_is_one_sentence(text, words):
    with pytest.raises(ConditionError) as caught:
        Where.parse(text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("clause", "words"),
    [
        ("AGEE GE 65", "ADSL has no variable AGEE; the nearest are AGE."),
        ("ADAE.AESEQQ EQ 1", "ADAE has no variable AESEQQ; the nearest are AESEQ"),
        ("SOURCE_ROW EQ 1", "ADSL has no variable SOURCE_ROW"),
        ("ADLB.AVAL GT 1", "This study has no dataset ADLB; it has AD"),
        ("ADLB.AVAL GT 1 AND ADLB.PARAMCD EQ PSA AND SEX EQ F", "This study has no dataset ADLB; it has AD"),
        ("AGE GE old", "AGE is a number and cannot be compared with 'old'; write a number such as 65."),
        ("AGE IN (60, old)", "AGE is a number and cannot be compared with 'old'"),
        ("AGE GE nan", "AGE is a number and cannot be compared with 'nan'"),
        ("AGE GE 1_000", "AGE is a number and cannot be compared with '1_000'"),
        ('AGE EQ ""', "AGE is a number and cannot be compared with ''"),
        ("TRTSDT GE 2024-02-30", "TRTSDT is a date and cannot be compared with '2024-02-30'; write YYYY-MM-DD."),
        ("TRTSDT GE 45000", "TRTSDT is a date"),
        ("ADAE.ASTDT GE soon", "ADAE.ASTDT is a date"),
    ],
)  # fmt: skip
def test_a_mistake_about_the_data_is_one_sentence(data, clause, words):
    with pytest.raises(ConditionError) as caught:
        who(data, clause)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("comparator", "values", "words"),
    [("LIKE", ("a",), "LIKE is not a comparator"), ("EQ", (), "AGE EQ needs a value"), ("EQ", ("1", "2"), "use IN for several")],
)  # fmt: skip
def test_a_condition_that_cannot_be_is_not_made(comparator, values, words):
    with pytest.raises(ConditionError, match=words):
        condition("AGE", comparator, *values)


class TestMeaning:
    @pytest.mark.parametrize(
        ("clause", "expected"),
        [
            ("AGE EQ 70", ["02"]),
            ("AGE EQ 70.0", ["02"]),
            ("AGE NE 70", ["01", "03"]),
            ("AGE LT 70", ["01"]),
            ("AGE LE 70", ["01", "02"]),
            ("AGE GT 70", ["03"]),
            ("AGE GE 7e1", ["02", "03"]),
            ("AGE IN (60, 80)", ["01", "03"]),
            ("AGE NOTIN (60, 80)", ["02"]),
            ("TRTSDT EQ 2024-02-01", ["02"]),
            ("TRTSDT LT 2024-02-01", ["01"]),
            ("TRTSDT IN (2024-01-01, 2024-03-01)", ["01", "03"]),
            ("TRTSDT NOTIN (2024-01-01)", ["02", "03"]),
            ("SEX EQ F", ["02", "03"]),
            ("SEX EQ f", []),
            ('RACE IN ("BLACK OR AFRICAN AMERICAN", ASIAN)', ["03"]),
            ("SCORE GE 3", ["02"]),
            ("SCORE LT 3", ["01"]),
            ("SEX EQ M OR SEX EQ F AND AGE GE 75", ["01", "03"]),
            ("(SEX EQ M OR SEX EQ F) AND AGE GE 75", ["03"]),
        ],
    )  # fmt: skip
    def test_of_a_clause_about_subjects(self, data, clause, expected):
        assert who(data, clause) == expected

    @pytest.mark.parametrize("variable", ["AGE", "TRTSDT", "SEX", "SCORE"])
    @pytest.mark.parametrize("comparator", list(COMPARATORS))
    def test_a_missing_value_satisfies_nothing(self, data, variable, comparator):
        value = "2024-02-01" if variable == "TRTSDT" else "10"
        assert "04" not in who(data, f"{variable} {comparator} {value}")

    def test_a_missing_value_in_one_condition_leaves_the_other_to_decide(self, data):
        assert who(data, "AGE NE 60 OR USUBJID EQ 04") == ["02", "03", "04"]

    def test_an_event_condition_is_met_by_any_one_event(self, data):
        assert who(data, "ADAE.AESER EQ Y") == ["01", "02"]

    def test_event_conditions_mean_one_event_that_meets_them_all(self, data):
        assert who(data, "ADAE.AESER EQ Y AND ADAE.AETOXGR GE 3") == ["02"]

    def test_event_conditions_mean_one_event_wherever_they_stand(self, data):
        assert who(data, "ADAE.AESER EQ Y AND SEX IN (M, F) AND ADAE.AETOXGR GE 3") == ["02"]

    def test_a_filter_narrows_a_population_and_each_means_an_event_of_its_own(self, data):
        serious = Population(label="x", where=Where.parse("ADAE.AESER EQ Y"))
        severe = serious.filtered(Where.parse("ADAE.AETOXGR GE 3"))
        both = set(who(data, "ADAE.AESER EQ Y")) & set(who(data, "ADAE.AETOXGR GE 3"))
        assert set(data.ask("subjects", severe).USUBJID) == both == {"01", "02"}

    def test_either_of_two_event_conditions_may_be_met_by_different_events(self, data):
        assert who(data, "ADAE.AEDECOD EQ Anaemia OR ADAE.AETOXGR EQ 4") == ["01", "03"]

    def test_an_event_condition_or_one_of_the_subject(self, data):
        assert who(data, "ADAE.AETOXGR EQ 4 OR AGE GE 80") == ["01", "03"]

    def test_a_grade_written_as_text_compares_as_a_number(self, data):
        assert who(data, "ADAE.AETOXGR GE 3") == ["01", "02"]
        assert who(data, "ADAE.AETOXGR LT 3") == ["01"]

    def test_a_missing_value_of_an_event_satisfies_nothing(self, data):
        assert "03" not in who(data, "ADAE.AETOXGR NE 5 OR ADAE.AESER NOTIN (Z) OR ADAE.ASTDT NE 2000-01-01")

    def test_a_dataset_may_be_asked_in_its_own_terms(self):
        sql = Sql({"ADAE": {"AESER": "VARCHAR"}})
        assert sql.holds(Where.parse("ADAE.AESER EQ Y"), "ADAE") == '"AESER" = CAST($w0 AS VARCHAR)'

    def test_a_long_clause_is_answered(self, data):
        assert who(data, " OR ".join(f"AGE EQ {age}" for age in range(60, 1400))) == ["01", "02", "03"]


values = st.text(max_size=20) | st.sampled_from(
    ["'; DROP TABLE ADSL; --", '" OR 1=1 --', "$w0", "AND", "or", "", "a,b", "(", ")", "\x00"]
)
names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,7}", fullmatch=True)
datasets = st.sampled_from(["ADSL", "ADAE", "ADBM"])
single = st.builds(
    lambda variable, comparator, value, dataset: condition(variable, comparator, value, dataset=dataset),
    names, st.sampled_from(["EQ", "NE", "LT", "LE", "GT", "GE"]), values, datasets,
)  # fmt: skip
listed = st.builds(
    lambda variable, comparator, many, dataset: condition(variable, comparator, *many, dataset=dataset),
    names, st.sampled_from(["IN", "NOTIN"]), st.lists(values, min_size=1, max_size=4), datasets,
)  # fmt: skip
expressions = st.recursive(
    single | listed,
    lambda part: st.builds(join, st.sampled_from(["AND", "OR"]), st.lists(part, min_size=2, max_size=3)),
    max_leaves=8,
)


@given(expressions)
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back_as_what_it_was(expression):
    clause = Where(expression)
    assert Where.parse(str(clause)) == clause


SCHEMA = {
    "ADSL": {"USUBJID": "VARCHAR", "AGE": "DOUBLE", "TRTSDT": "DATE", "SEX": "VARCHAR"},
    "ADAE": {"AESER": "VARCHAR", "AESEQ": "DOUBLE", "ASTDT": "DATE"},
}


def run(connection: duckdb.DuckDBPyConnection, where: Where) -> str:
    """Run a clause; afterwards everything must still be there. Returns the SQL."""
    sql = Sql(SCHEMA)
    text = sql.subjects([where])
    connection.execute(text, sql.values).fetchall()
    assert connection.execute("SELECT (SELECT count(*) FROM ADSL), (SELECT count(*) FROM ADAE)").fetchall() == [(2, 2)]
    return text


@pytest.fixture(scope="module")
def tables():
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE ADSL AS FROM (VALUES (1, '01', 60::DOUBLE, DATE '2024-01-01', 'M'), (2, '02', NULL, NULL, NULL))"
            " AS s(subject_code, USUBJID, AGE, TRTSDT, SEX)"
        )
        connection.execute(
            "CREATE TABLE ADAE AS FROM (VALUES ('01', 'Y', 1::DOUBLE, DATE '2024-01-05'), ('02', NULL, NULL, NULL))"
            " AS e(USUBJID, AESER, AESEQ, ASTDT)"
        )
        yield connection


INJECTIONS = [
    "'; DROP TABLE ADSL; --",
    '"; DROP TABLE ADSL; --',
    "x') OR 1=1 --",
    "' UNION SELECT * FROM duckdb_settings() --",
    "$w0",
    "?",
    "{0}",
    "%s",
    "\\'; DROP TABLE ADSL",
    "/* */",
    "read_csv('/etc/passwd')",
]


class TestAValueIsNeverSql:
    @pytest.mark.parametrize("value", INJECTIONS)
    @pytest.mark.parametrize("comparator", list(COMPARATORS))
    def test_in_any_comparison_it_is_bound(self, tables, value, comparator):
        text = run(
            tables,
            Where(condition("SEX", comparator, value)) & Where(condition("AESER", comparator, value, dataset="ADAE")),
        )
        assert value == "$w0" or value not in text

    @pytest.mark.parametrize("name", ['SEX" OR 1=1 --', "SEX;DROP", "ADSL.SEX.X", 'ADAE."AESER', "SEX'"])
    def test_in_place_of_a_variable_it_is_refused(self, name):
        with pytest.raises(ConditionError):
            Sql(SCHEMA).subjects([Where.parse(f"{name} EQ F")])

    def test_as_an_identifier_it_is_refused_before_it_is_written(self):
        with pytest.raises(ConditionError, match="has no variable"):
            Sql(SCHEMA).subjects([Where(condition('SEX" OR 1=1 --', "EQ", "F"))])
        with pytest.raises(ConditionError, match="has no dataset"):
            Sql(SCHEMA).subjects([Where(condition("SEX", "EQ", "F", dataset='ADAE" --'))])

    tokens = st.sampled_from(
        ["SEX", "AGE", "ADAE.AESER", "TRTSDT", "EQ", "IN", "GE", "AND", "OR", "(", ")", ",", "F", "65", "'", '"', ";--"]
    )

    @given(st.text(max_size=200) | st.lists(tokens, max_size=12).map(" ".join))
    @example("SEX EQ '; DROP TABLE ADSL; --'")
    @example('SEX EQ "\'; DROP TABLE ADSL; --"')
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_any_text_is_refused_in_a_sentence_or_runs(self, tables, text):
        try:
            run(tables, Where.parse(text))
        except ConditionError as error:
            assert str(error).endswith(".")

    known = st.sampled_from([(variable, dataset) for dataset, variables in SCHEMA.items() for variable in variables])

    @given(
        st.lists(
            st.builds(
                lambda about, comparator, value: condition(about[0], comparator, value, dataset=about[1]),
                known,
                st.sampled_from(list(COMPARATORS)),
                values | st.sampled_from(["1", "1e308", "-0", "2024-02-29", "0001-01-01", "9999-12-31", "inf"]),
            ),
            min_size=1,
            max_size=5,
        ),
        st.lists(st.sampled_from(["AND", "OR"]), min_size=5, max_size=5),
    )
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    def test_any_value_in_any_clause_runs_without_standing_in_the_sql(self, tables, conditions, operators):
        clause = Where.parse(
            " ".join(word for pair in zip(map(str, conditions), operators, strict=False) for word in pair).rsplit(
                " ", 1
            )[0]
        )
        try:
            text = run(tables, clause)
        except ConditionError as error:
            assert "cannot be compared" in str(error)
            return
        for value in {v for c in conditions for v in c.values}:
            assert len(value) < 8 or value not in text

    def test_a_value_with_a_mark_of_its_own_is_found_only_among_the_bound(self, tables):
        sql = Sql(SCHEMA)
        text = sql.subjects([Where.parse("SEX EQ zzz AND (ADAE.AESER IN (yyy, xxx) OR SEX NE www)")])
        assert [mark for mark in ("zzz", "yyy", "xxx", "www") if mark in text] == []
        assert sorted(str(value) for value in sql.values.values()) == ["['yyy', 'xxx']", "www", "zzz"]
