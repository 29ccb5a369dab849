"""Two cuts of one study: exactly the differences that were planted, nothing else, whichever way one looks."""

import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.__main__ import main
from core.ard import Result
from core.data import Data
from core.errors import RequestError
from core.how import how
from core.outputs import find
from core.outputs.cut_changes import NONE_NAMED
from core.outputs.cut_records import _pairs
from core.study import Population
from core.where import Where
from tests.conftest import PILOT, ROOT, TRIAL
from tests.drawing import folder

OUTPUT = find("cut_changes")
EVERYBODY = Population(label="All subjects")
NAMED = 'previous_cut = "2024-03-29"\n'
VALUE = ["change", "dataset", "USUBJID", "variable", "earlier", "later"]


def run(later: Path, earlier: Path, population: Population = EVERYBODY, **options: object) -> Result:
    return OUTPUT.run(Data.of(later, earlier), population, options)


def cell(result: Result, variable: str, level: str, stat: str) -> float:
    ard = result.ard
    (found,) = ard.stat[(ard.variable == variable) & (ard.variable_level == level) & (ard.stat_name == stat)]
    return float(found)


def counts(result: Result, dataset: str) -> list[float]:
    return [cell(result, "DATASET", dataset, stat) for stat in ("added", "changed", "gone")]


def rows(result: Result) -> set[tuple[str, ...]]:
    return set(result.records[VALUE].itertuples(index=False, name=None))


def edit(study: Path, name: str, change) -> None:  # type: ignore[no-untyped-def]
    file = study / "adam" / f"{name}.csv"
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    change(frame).to_csv(file, index=False)


def copied(to: Path, cut: str = "2024-06-28") -> Path:
    shutil.copytree(TRIAL, to, ignore=shutil.ignore_patterns(".snapshots"))
    described = (to / "study.toml").read_text().replace("data_cut = 2024-06-28", f"data_cut = {cut}")
    (to / "study.toml").write_text(described.replace(NAMED, ""))
    return to


@pytest.fixture(scope="module", params=[2])
def cuts(request, tmp_path_factory) -> Iterator[tuple[Path, Path, set, list[str]]]:
    """An earlier and a later cut of the drawn study, the changes planted in values, and who is new in the later."""
    chance, place = random.Random(request.param), tmp_path_factory.mktemp("cuts")
    earlier, later = copied(place / "earlier", "2024-03-29"), copied(place / "later")
    planted: set[tuple[str, ...]] = set()
    subjects = list(pd.read_csv(TRIAL / "adam" / "adsl.csv", dtype=str).USUBJID)
    new = chance.sample(subjects, 4)

    def value(dataset: str, variable: str, of: dict[str, str], to: str):  # type: ignore[no-untyped-def]
        def change(frame: pd.DataFrame) -> pd.DataFrame:
            able = frame.index[~frame.USUBJID.isin(new) & (frame[list(of)] == pd.Series(of)).all(axis=1) & (frame[variable] != to)]  # fmt: skip
            at = chance.choice(list(able))
            planted.add(("changed", dataset, frame.USUBJID[at], variable, to, frame.loc[at, variable]))
            frame.loc[at, variable] = to
            return frame

        edit(earlier, dataset.lower(), change)

    for name in ("adsl", "adae", "adbm", "adbe", "adex", "adqs", "adlb"):
        edit(earlier, name, lambda frame: frame[~frame.USUBJID.isin(new)])
    value("ADBM", "AVAL", {"PARAMCD": "PSA"}, "123.5")
    value("ADBM", "AVAL", {"PARAMCD": "AR", "AVISIT": "Week 9"}, "7")
    value("ADBM", "ADT", {"PARAMCD": "AR", "AVISIT": "Baseline"}, "2022-10-01")
    value("ADAE", "AETOXGR", {"AETOXGR": "3"}, "2")
    value("ADAE", "AENDT", {"AEOUT": "RECOVERED/RESOLVED"}, "")
    value("ADSL", "RACE", {}, 'Ä <b>OTHER</b>, "x"')
    value("ADEX", "ASTDT", {"AVISIT": "Cycle 2"}, "2022-10-02")

    def withdrawn(frame: pd.DataFrame) -> pd.DataFrame:
        row = frame[~frame.USUBJID.isin(new)].iloc[7].copy()
        row.AESEQ = "99"
        planted.add(("gone", "ADAE", row.USUBJID, "", "", ""))
        return pd.concat([frame, row.to_frame().T])

    edit(earlier, "adae", withdrawn)
    yield earlier, later, planted, new


def test_the_planted_differences_and_nothing_else(cuts) -> None:
    earlier, later, planted, new = cuts
    result = run(later, earlier)
    found = {row for row in rows(result) if row[1] not in ("pairs", "on view")}
    added = {row for row in found if row[0] == "added"}
    assert found - added == planted
    assert {row[2] for row in added} == set(new)
    for name in ("adsl", "adae", "adbm", "adbe", "adex", "adqs", "adlb"):
        frame = pd.read_csv(later / "adam" / f"{name}.csv", dtype=str)
        dataset, theirs = name.upper(), int(frame.USUBJID.isin(new).sum())
        changed = {row[2:] for row in planted if row[:2] == ("changed", dataset)}
        gone = sum(row[:2] == ("gone", dataset) for row in planted)
        assert counts(result, dataset) == [theirs, len(changed), gone]
        assert cell(result, "DATASET", dataset, "added_with_subject") == theirs
        assert cell(result, "DATASET", dataset, "later") == len(frame)
    assert "study.toml" not in " ".join(result.notes)
    assert result.answer.startswith("Since 2024-03-29: 4 subjects added")
    assert "2 changed, 1 gone" in result.answer


def test_pairs_are_those_of_either_cut(cuts) -> None:
    earlier, later, *_ = cuts
    result = run(later, earlier)
    every = {cut: find("paired_change").run(Data.of(cut), EVERYBODY, {"PARAMCD": "AR"}).records for cut in (earlier, later)}  # fmt: skip
    paired = [frame[frame.paired].set_index("USUBJID") for frame in every.values()]
    told = result.records[(result.records.dataset == "pairs") & (result.records.key == "AR")]
    for change, here, other in (("added", paired[1], paired[0]), ("gone", paired[0], paired[1])):
        assert set(told.USUBJID[told.change == change]) == set(here.index) - set(other.index)
        assert cell(result, "PAIR", "AR", change) == len(set(here.index) - set(other.index))
    (corrected,) = [row[2] for row in cuts[2] if row[1:2] == ("ADBM",) and row[3] == "AVAL" and row[4] == "7"]
    assert (corrected in set(told.USUBJID[told.change == "changed"])) == (corrected in set(paired[0].index) & set(paired[1].index))  # fmt: skip


def test_headline_numbers_are_those_of_the_pages(cuts) -> None:
    earlier, later, *_ = cuts
    result = run(later, earlier, Data.of(later).study.populations[0])
    for cut, stat in ((earlier, "earlier"), (later, "later")):
        data = Data.of(cut)
        population = data.study.populations[0]
        events = find("ae_overview").run(data, population).ard.query("variable == 'CATEGORY' and stat_name == 'n'")
        for name in ("teae", "serious", "grade34", "fatal"):
            assert cell(result, "HEADLINE", name, stat) == float(events.stat[events.variable_level == name].iloc[0])
        steps = find("accrual").run(data, population).ard.query("variable == 'STEP' and stat_name == 'n'")
        for name in ("accrued", "dosed", "pair"):
            assert cell(result, "HEADLINE", name, stat) == float(steps.stat[steps.variable_level == name].iloc[0])
        change = find("paired_change").run(data, population, {"PARAMCD": "AR"}).ard.query("context == 'paired_t'")
        assert cell(result, "HEADLINE", "marker_change", stat) == float(change.stat[change.stat_name == "mean_change"].iloc[0])  # fmt: skip
        assert cell(result, "HEADLINE", "on_view", stat) == int(data.ask("subject_count", population).N[0])


@pytest.mark.parametrize("study", [TRIAL, PILOT], ids=lambda path: path.name)
@pytest.mark.parametrize("match", ["AESEQ", "term"])
def test_a_study_did_not_change_since_itself(study: Path, match: str) -> None:
    result = run(study, study, match=match)
    assert result.records.empty
    ard = result.ard
    assert (ard.stat[ard.stat_name.isin(["difference", "added", "changed", "gone"])].dropna() == 0).all()
    assert "no record of the subjects on view was added, changed or taken away" in result.answer
    assert set(ard.context) <= {"headline", "subjects", "pairs", "records"}


def test_the_other_way_round_is_the_mirror(cuts) -> None:
    earlier, later, *_ = cuts
    there, back = run(later, earlier), run(earlier, later)
    swap = {"added": "gone", "gone": "added", "changed": "changed"}
    mirrored = {(swap[change], *row, after, before) for change, *row, before, after in rows(there)}
    assert rows(back) == mirrored
    for dataset in ("ADSL", "ADAE", "ADBM", "ADLB"):
        assert counts(back, dataset) == counts(there, dataset)[::-1]
        assert cell(back, "DATASET", dataset, "earlier") == cell(there, "DATASET", dataset, "later")
    assert cell(back, "HEADLINE", "accrued", "difference") == -cell(there, "HEADLINE", "accrued", "difference")
    assert "which is not before" in " ".join(back.notes)


def test_what_was_there_and_what_became_of_it_add_up(cuts) -> None:
    earlier, later, *_ = cuts
    for match in ("AESEQ", "term"):
        result = run(later, earlier, match=match)
        for dataset in result.ard.variable_level[result.ard.variable == "DATASET"].unique():
            before, after = (cell(result, "DATASET", dataset, stat) for stat in ("earlier", "later"))
            added, changed, gone = counts(result, dataset)
            assert before + added - gone == after
            assert changed <= min(before, after) - (after - added - min(before, after) if after - added > before else 0)


def test_the_order_of_rows_changes_nothing(cuts, tmp_path: Path) -> None:
    earlier, later, *_ = cuts
    shuffled = shutil.copytree(earlier, tmp_path / "shuffled", ignore=shutil.ignore_patterns(".snapshots"))
    for file in (shuffled / "adam").glob("*.csv"):
        edit(shuffled, file.stem, lambda frame: frame.sample(frac=1, random_state=3))
    for match in ("AESEQ", "term"):
        as_was, again = run(later, earlier, match=match), run(later, shuffled, match=match)
        pd.testing.assert_frame_equal(again.ard, as_was.ard)
        assert rows(again) == rows(as_was)


def test_behind_a_row_stand_its_changes(cuts) -> None:
    earlier, later, *_ = cuts
    data = Data.of(later, earlier)
    result = OUTPUT.run(data, EVERYBODY)
    layout = OUTPUT.show(result, data)
    led = [row for row in layout.rows if row.about[0]]  # type: ignore[union-attr]
    kinds = {(row.about[0] if row.about[0] in ("DATASET", "PAIR") else "variable"): row for row in reversed(led)}
    assert set(kinds) == {"DATASET", "PAIR", "variable"}
    for kind, row in kinds.items():
        variable, level, _ = row.about
        assert OUTPUT.behind is not None
        found = OUTPUT.behind(data, EVERYBODY, {}, row.about)
        if kind == "variable":
            assert set(found.variable) == {level}
            assert len(found) == cell(result, variable, level, "changed")
        else:
            whole = found.drop_duplicates(["USUBJID", "key", "record", "change"])
            for change in ("added", "changed", "gone"):
                assert (whole.change == change).sum() == cell(result, variable, level, change)


A = "| USUBJID | SAFFL | SITEID |\n| 01 | Y | 1 |\n| 02 | N | 1 |\n| 03 | Y | 2 |"
B = "| USUBJID | SAFFL | SITEID |\n| 01 | Y | 1 |\n| 02 | Y | 1 |\n| 03 | Y | 2 |\n| 04 | Y | 2 |"
EVENTS = "| USUBJID | AESEQ | AEDECOD | AEBODSYS | ASTDT | AETOXGR |\n"
NAMELESS = "| USUBJID | AEDECOD | AEBODSYS | ASTDT | AETOXGR |\n"


@pytest.fixture
def two(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Compare two studies drawn by hand: two(earlier={...}, later={...})."""

    def compared(earlier: dict[str, str], later: dict[str, str], population: Population = EVERYBODY, toml: str = "", **options) -> Result:  # type: ignore[no-untyped-def]  # fmt: skip
        for name in ("before", "after"):
            shutil.rmtree(tmp_path / name, ignore_errors=True)
        before = folder(tmp_path / "before", **earlier)
        return run(folder(tmp_path / "after", toml, **later), before, population, **options)

    return compared


def test_who_comes_into_view_is_not_new(two) -> None:
    result = two({"adsl": A}, {"adsl": B}, Population(label="Safety", where=Where.parse("SAFFL EQ Y")))
    assert rows(result) == {
        ("added", "ADSL", "04", "", "", ""),
        ("changed", "ADSL", "02", "SAFFL", "N", "Y"),
        ("added", "on view", "02", "", "", ""),
        ("added", "on view", "04", "", "", ""),
    }
    assert counts(result, "ADSL") == [1, 1, 0]
    assert result.answer == "Since 2024-12-31: 1 subject added, 1 changed; 2 came into view, 0 left it."


def test_a_filter_leaves_out_everything_of_the_others(two) -> None:
    events = EVENTS + "| 01 | 1 | Nausea | GI | 2024-01-01 | 1 |\n| 03 | 1 | Nausea | GI | 2024-01-01 | {} |"
    studies = [{"adsl": drawing, "adae": events.format(grade)} for drawing, grade in ((A, 1), (B, 3))]
    narrowed = EVERYBODY.filtered(Where.parse("SITEID EQ 1"))
    result = two(*studies, narrowed)
    assert set(result.records.USUBJID) == {"02"}
    assert counts(result, "ADAE") == [0, 0, 0]
    assert {"03", "04"} <= set(two(*studies).records.USUBJID)


def test_a_condition_that_the_earlier_cut_cannot_answer_is_said(two) -> None:
    events = EVENTS + "| 01 | 1 | Nausea | GI | 2024-01-01 | 1 |"
    with pytest.raises(RequestError, match=r"earlier cut of 2024-12-31 cannot be asked for these subjects: .*ADAE"):
        two({"adsl": A}, {"adsl": B, "adae": events}, EVERYBODY.filtered(Where.parse("ADAE.AETOXGR EQ 1")))


def test_a_dataset_of_one_cut_is_said_and_not_counted(two) -> None:
    events = EVENTS + "| 01 | 1 | Nausea | GI | 2024-01-01 | 1 |"
    result = two({"adsl": A}, {"adsl": A, "adae": events})
    assert "In the later cut only, and so not compared: ADAE." in result.notes
    assert set(result.ard.warning[result.ard.variable_level == "ADAE"]) == {"in the later cut only"}
    assert result.records.empty
    assert result.answer == "Since 2024-12-31: ADAE in the later cut only."
    back = two({"adsl": A, "adae": events}, {"adsl": A})
    assert "In the earlier cut only, and so not compared: ADAE." in back.notes


def test_a_variable_of_one_cut_is_said_and_not_counted(two) -> None:
    result = two({"adsl": A}, {"adsl": A.replace("SITEID", "ZONE")})
    assert "ADSL: SITEID, ZONE are in one cut only, and so not compared." in result.notes
    assert result.records.empty


def test_events_without_a_number_are_matched_by_term_and_start(two) -> None:
    first = NAMELESS + "| 01 | Nausea | GI | 2024-01-01 | 1 |\n| 01 | Nausea | GI | 2024-01-01 | 2 |\n| 01 | Rash | Skin | 2024-02-01 | 1 |"  # fmt: skip
    second = NAMELESS + "| 01 | Rash | Skin | 2024-02-03 | 1 |\n| 01 | Nausea | GI | 2024-01-01 | 2 |\n| 01 | Nausea | GI | 2024-01-01 | 3 |"  # fmt: skip
    result = two({"adsl": A, "adae": first}, {"adsl": A, "adae": second})
    assert rows(result) == {
        ("changed", "ADAE", "01", "AETOXGR", "1", "3"),
        ("changed", "ADAE", "01", "ASTDT", "2024-02-01", "2024-02-03"),
    }
    assert "ADAE by USUBJID, AEDECOD, ASTDT" in result.methods


def test_events_numbered_anew_are_told_and_can_be_matched_by_term(two) -> None:
    first = EVENTS + "| 01 | 1 | Nausea | GI | 2024-01-01 | 1 |\n| 01 | 2 | Rash | Skin | 2024-02-01 | 1 |"
    second = EVENTS + "| 01 | 2 | Nausea | GI | 2024-01-01 | 1 |\n| 01 | 1 | Rash | Skin | 2024-02-01 | 1 |"
    studies = {"adsl": A, "adae": first}, {"adsl": A, "adae": second}
    assert any(
        "2 events have the same AEDECOD and start as before and another AESEQ" in note for note in two(*studies).notes
    )
    assert two(*studies, match="term").records.empty


def test_a_number_is_the_same_however_its_column_was_read(two) -> None:
    with_word = "| USUBJID | SAFFL | DOSE |\n| 01 | Y | 1.50 |\n| 02 | Y | ND |"
    numbers = "| USUBJID | SAFFL | DOSE |\n| 01 | Y | 1.5 |\n| 02 | Y | 3 |"
    assert rows(two({"adsl": with_word}, {"adsl": numbers})) == {("changed", "ADSL", "02", "DOSE", "ND", "3")}
    assert two({"adsl": with_word}, {"adsl": with_word.replace("1.50", "1.5")}).records.empty


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("007", "7"), ("12345678901234567", "12345678901234568"), ("12345678901234567.10", "12345678901234567.2"), ("1.0", "1.01")],
)  # fmt: skip
def test_texts_that_are_no_one_number_stay_apart(two, earlier: str, later: str) -> None:
    drawn = "| USUBJID | SAFFL | CODE |\n| 01 | Y | {} |\n| 02 | Y | ND |"
    assert rows(two({"adsl": drawn.format(earlier)}, {"adsl": drawn.format(later)})) == {
        ("changed", "ADSL", "01", "CODE", earlier, later)
    }


def test_days_that_moved_past_the_earlier_cut_are_counted_apart(tmp_path: Path) -> None:
    row = "| USUBJID | SAFFL | LSTALVDT | DTHDT |\n| 01 | Y | {} | {} |\n| 02 | Y | {} | |"
    before = folder(tmp_path / "before", adsl=row.format("2024-05-01", "", "2024-05-01"))
    (before / "study.toml").write_text((before / "study.toml").read_text().replace("2024-12-31", "2024-06-30"))
    after = folder(tmp_path / "after", adsl=row.format("2024-11-01", "2024-04-01", "2024-10-01"))
    result = run(after, before)
    assert [cell(result, "ADSL", "LSTALVDT", stat) for stat in ("changed", "revised", "since")] == [2, 2, 2]
    assert cell(result, "DATASET", "ADSL", "changed_since_only") == 1
    assert [cell(result, "ADSL", "DTHDT", stat) for stat in ("changed", "filled_in", "since")] == [1, 1, 0]


def test_other_rules_of_the_study_and_refused_records_are_said(two) -> None:
    bad = A + "\n| 03 | Y | 9 |"
    result = two({"adsl": bad}, {"adsl": A}, toml='[timepoints]\nbaseline = "Screening"\n')
    assert any("not the same in both cuts (timepoints)" in note for note in result.notes)
    assert any("ADSL 2 in the earlier one, 0 in the later one" in note for note in result.notes)
    assert counts(result, "ADSL") == [1, 0, 0]
    assert result.answer.endswith("perhaps told as gone or added: ADSL 2 records in the earlier cut.")


def test_an_event_whose_grade_was_mistyped_is_not_told_as_withdrawn_alone(two) -> None:
    event = EVENTS + "| 01 | 1 | Nausea | GI | 2024-01-01 | {} |"
    result = two({"adsl": A, "adae": event.format(1)}, {"adsl": A, "adae": event.format("grade 1")})
    assert result.answer == (
        "Since 2024-12-31: 1 adverse event gone. "
        "Refused when read, and so perhaps told as gone or added: ADAE 1 record in the later cut."
    )


MARKERS = "| USUBJID | PARAMCD | AVISIT | AVISITN | ADT | AVAL |\n| 01 | AR | Baseline | 1 | 2024-01-01 | 3 |\n| 03 | AR | Baseline | 1 | 2024-01-01 | 3 |"  # fmt: skip
WEEK_9 = "\n| 01 | AR | Week 9 | 9 | 2024-03-01 | 5 |\n| 03 | AR | Week 9 | 9 | 2024-03-01 | 6 |"
WEEK_18 = "\n| 01 | AR | Week 18 | 18 | 2024-05-01 | 50 |\n| 03 | AR | Week 18 | 18 | 2024-05-01 | 52 |"


@pytest.mark.parametrize("earlier", [MARKERS, MARKERS + WEEK_9], ids=["baseline", "week 9"])
def test_pairs_of_both_cuts_are_of_the_same_timepoints(two, earlier: str) -> None:
    result = two({"adsl": A, "adbm": earlier}, {"adsl": A, "adbm": MARKERS + WEEK_9 + WEEK_18})
    assert [cell(result, "HEADLINE", "marker_pairs", stat) for stat in ("earlier", "later", "difference")] == [0, 2, 2]
    headline = result.ard[(result.ard.variable_level == "marker_change") & (result.ard.stat_name == "earlier")]
    assert headline.warning.tolist() == ["no pair"]
    assert cell(result, "HEADLINE", "marker_change", "later") == 48
    assert [cell(result, "PAIR", "AR", stat) for stat in ("earlier", "later", "added", "changed", "gone")] == [0, 2, 2, 0, 0]  # fmt: skip
    assert "from Baseline to Week 18 in both cuts" in result.methods


def test_pairs_that_were_withdrawn_altogether_are_gone(two) -> None:
    result = two({"adsl": A, "adbm": MARKERS + WEEK_9}, {"adsl": A, "adbm": MARKERS})
    assert [cell(result, "PAIR", "AR", stat) for stat in ("earlier", "later", "gone")] == [2, 0, 2]


DOSES = ["| 01 | {} | CAB | 25 | 2024-01-01 |", "| 01 | {} | CAB | 20 | 2024-01-22 |", "| 01 | {} | CAB | 25 | 2024-02-12 |"]  # fmt: skip
LABS = ["| 01 | ALT | UNS | 2024-01-01 | 10 | {} |", "| 01 | ALT | UNS | 2024-01-01 | 11 | {} |", "| 01 | ALT | UNS | 2024-03-01 | 12 | {} |"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "head", "drawn"),
    [("adex", "| USUBJID | EXSEQ | EXTRT | EXDOSE | ASTDT |", DOSES), ("adlb", "| USUBJID | PARAMCD | AVISIT | ADT | AVAL | LBSEQ |", LABS)],
)  # fmt: skip
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_record_withdrawn_renumbers_the_others_and_changes_none(two, name: str, head: str, drawn: list[str], at: int) -> None:  # fmt: skip
    few = drawn[:at] + drawn[at + 1 :]
    many, left = ("\n".join([head, *(row.format(n) for n, row in enumerate(rows_, 1))]) for rows_ in (drawn, few))
    gone = two({"adsl": A, name: many}, {"adsl": A, name: left})
    assert counts(gone, name.upper()) == [0, 0, 1]
    day = drawn[at].split(" | ")[-1 if name == "adex" else 3].removesuffix(" |")
    assert day in gone.records.key.iloc[0]
    assert counts(two({"adsl": A, name: left}, {"adsl": A, name: many}), name.upper()) == [1, 0, 0]


def test_a_corrected_day_is_a_change_of_the_dose_of_its_number(two) -> None:
    many, other = ("\n".join(["| USUBJID | EXSEQ | EXTRT | EXDOSE | ASTDT |", *(row.format(n) for n, row in enumerate(rows_, 1))])
                   for rows_ in (DOSES, [DOSES[0], DOSES[1].replace("01-22", "01-23"), DOSES[2]]))  # fmt: skip
    assert rows(two({"adsl": A, "adex": many}, {"adsl": A, "adex": other})) == {
        ("changed", "ADEX", "01", "ASTDT", "2024-01-22", "2024-01-23")
    }


def test_results_of_one_day_are_matched_by_their_numbers_where_both_changed(two) -> None:
    head = "| USUBJID | PARAMCD | AVISIT | ADT | AVAL | LBSEQ |\n"
    row = "| 01 | ALT | UNS | 2024-01-01 | {} | {} |\n"
    before, after = (head + row.format(first, 9) + row.format(second, 10) for first, second in ((10, 11), (13, 12)))
    assert rows(two({"adsl": A, "adlb": before}, {"adsl": A, "adlb": after})) == {
        ("changed", "ADLB", "01", "AVAL", "10", "13"),
        ("changed", "ADLB", "01", "AVAL", "11", "12"),
    }


def test_an_event_inserted_before_others_of_its_term_is_told(two) -> None:
    first = EVENTS + "| 01 | 1 | Nausea | GI | 2024-02-01 | 1 |\n| 01 | 2 | Nausea | GI | 2024-03-01 | 1 |"
    second = EVENTS + "| 01 | 1 | Nausea | GI | 2024-01-01 | 1 |\n| 01 | 2 | Nausea | GI | 2024-02-01 | 1 |\n| 01 | 3 | Nausea | GI | 2024-03-01 | 1 |"  # fmt: skip
    studies = {"adsl": A, "adae": first}, {"adsl": A, "adae": second}
    assert any("2 events have the same AEDECOD and start" in note for note in two(*studies).notes)
    assert counts(two(*studies, match="term"), "ADAE") == [1, 0, 0]


def test_identifiers_written_anew_are_told(two) -> None:
    result = two({"adsl": A}, {"adsl": A.replace("| 0", "| X-0")})
    assert any(note.startswith("No subject stands in both cuts") for note in result.notes)
    assert not any("No subject stands" in note for note in two({"adsl": A}, {"adsl": B}).notes)


def test_a_later_cut_alone_may_move_treatment_emergent_counts(tmp_path: Path) -> None:
    adsl = "| USUBJID | SAFFL | TRTSDT |\n| 01 | Y | 2024-01-01 |"
    events = EVENTS + "| 01 | 1 | Nausea | GI | 2024-09-01 | 1 |"
    before, after = (folder(tmp_path / name, adsl=adsl, adae=events) for name in ("before", "after"))
    assert not any("by itself" in note for note in run(after, before).notes)
    (before / "study.toml").write_text((before / "study.toml").read_text().replace("2024-12-31", "2024-06-30"))
    result = run(after, before)
    assert cell(result, "HEADLINE", "teae", "difference") == 1
    assert any("by itself" in note for note in result.notes)
    assert f"snapshot {Data.of(before).snapshot}" in result.notes[0]


def test_nobody_on_view_is_an_answer(two) -> None:
    result = two({"adsl": A}, {"adsl": B}, EVERYBODY.filtered(Where.parse("SITEID EQ 9")))
    assert result.records.empty
    assert result.N == 0


def test_another_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="earlier cut is of study cdiscpilot01, not of cabazitaxel"):
        run(TRIAL, PILOT)
    with pytest.raises(RequestError, match=r"earlier cut cannot be used: .* has no study.toml"):
        run(TRIAL, tmp_path)


def test_study_toml_names_the_earlier_cut(tmp_path: Path) -> None:
    folder(tmp_path / "march", adsl=A)
    later = folder(tmp_path / "june", 'previous_cut = "../march"\n', adsl=B)
    data = Data.of(later)
    result = OUTPUT.run(data, EVERYBODY)
    assert counts(result, "ADSL") == [1, 1, 0]
    folder(tmp_path / "march", adsl=B)
    again = Data.of(later)
    assert again.snapshot != data.snapshot, "what is cached by snapshot must not outlive the earlier cut it was about"
    assert OUTPUT.run(again, EVERYBODY).records.empty


def test_a_script_compares_the_same_cuts(tmp_path: Path) -> None:
    folder(tmp_path / "march", adsl=A)
    data = Data.of(folder(tmp_path / "june", 'previous_cut = "../march"\n', adsl=B))
    made = how(data, "cut_changes", EVERYBODY, {"match": "term"})
    done = subprocess.run(
        [sys.executable, "-"], input=made.script, capture_output=True, cwd=ROOT, text=True, check=True
    )
    assert done.stdout == OUTPUT.run(data, EVERYBODY, {"match": "term"}).ard.to_csv(index=False)
    assert not any(subject in made.sql for subject in ("'01'", "'02'", "'03'", "'04'"))


def test_the_command_tells_how_two_folders_were_compared(tmp_path: Path, capfd) -> None:
    before = folder(tmp_path / "march", adsl=A)
    after = folder(tmp_path / "june", adsl=B)
    asked = ["how", "cut_changes", str(after), "--earlier", str(before), "--population", "Safety"]
    assert main(asked) == 0
    script = capfd.readouterr().out
    population = Data.of(after).study.populations[0]

    def printed() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-"], input=script, capture_output=True, cwd=ROOT, text=True, check=True)

    done = printed()
    assert done.stdout == run(after, before, population).ard.to_csv(index=False)
    assert "as it was" not in done.stderr
    assert main([*asked, "--sql"]) == 0
    told = capfd.readouterr().out
    assert all(f"{Data.of(cut).snapshot}.duckdb'" in told for cut in (before, after))
    folder(before, adsl=B)
    assert "earlier cut is not as it was" in printed().stderr


def test_a_cut_that_names_itself_is_no_trap(tmp_path: Path) -> None:
    data = Data.of(folder(tmp_path / "june", 'previous_cut = "."\n', adsl=A))
    assert OUTPUT.run(data, EVERYBODY).records.empty


def test_without_an_earlier_cut_a_reader_is_told_how_to_name_one(pilot: Data) -> None:
    result = OUTPUT.run(pilot, EVERYBODY)
    assert result.notes == (NONE_NAMED,)
    assert cell(result, "HEADLINE", "on_view", "later") == pilot.ask("subject_count", EVERYBODY).N[0] == 254
    assert set(result.ard.warning[result.ard.stat_name == "earlier"]) == {"no earlier cut is named"}


def test_the_command_compares_two_folders(cuts, capfd) -> None:
    earlier, later, *_ = cuts
    assert main(["compare", str(earlier), str(later), "--records"]) == 0
    out, err = capfd.readouterr()
    result = run(later, earlier, Data.of(later).study.populations[0])
    assert out.count("\n") == 1 + len(result.records)
    assert err.startswith(result.answer)
    assert main(["compare", str(earlier / "no"), str(later)]) == 2
    assert "is not a folder" in capfd.readouterr().err


KEYS = st.sampled_from(["a", "b", "c", None])
RECORD = st.tuples(KEYS, st.sampled_from(["2024-01-01", "2024-01-02", None]), st.sampled_from(["x", "y", "z", None]))
RECORDS = st.lists(RECORD, max_size=9)
STEPS = [["key", "day"], ["key"]]


def framed(records: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(records, columns=["key", "day", "value"], dtype=object)


def matched(earlier: list[tuple], later: list[tuple]) -> list[tuple]:
    first, second = _pairs(framed(earlier), framed(later), STEPS, ["day", "value"])
    assert len(set(first)) == len(first) == len(second) == len(set(second))
    return sorted(((earlier[a], later[b]) for a, b in zip(first, second, strict=True)), key=repr)


@settings(deadline=None, max_examples=60)
@given(RECORDS, RECORDS, st.randoms())
def test_matching_is_of_records_and_not_of_rows(
    earlier: list[tuple], later: list[tuple], chance: random.Random
) -> None:
    pairs = matched(earlier, later)
    assert all(before[0] == after[0] for before, after in pairs)
    assert [(after, before) for before, after in sorted(pairs, key=lambda pair: repr(pair[::-1]))] == matched(
        later, earlier
    )
    shuffled = chance.sample(earlier, len(earlier)), chance.sample(later, len(later))
    assert matched(*shuffled) == pairs
    assert matched(earlier, earlier) == sorted(((one, one) for one in earlier), key=repr)


@settings(deadline=None, max_examples=40)
@given(RECORDS, RECORDS)
def test_records_that_are_equal_belong_together(earlier: list[tuple], later: list[tuple]) -> None:
    """As many equal pairs as there can be: of each record, the lesser of how often it stands in either cut."""
    equal = sum(before == after for before, after in matched(earlier, later))
    assert equal == sum(min(earlier.count(one), later.count(one)) for one in set(earlier))
