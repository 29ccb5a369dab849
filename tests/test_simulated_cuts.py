"""The data cut before that of a drawn study: what was known then, and nothing else but the mistakes it says."""

import re
from pathlib import Path

import pandas as pd
import pytest

from core.data import Data
from core.errors import RequestError, StudyError
from core.outputs import find
from core.simulate import draw, read, simulate
from core.simulate.days import day_of
from core.study import load
from tests.test_simulate import FOLDER, OF, SOURCE, files, recipe_folder

PLAN = OF.earlier_cut
assert PLAN is not None
BEFORE = FOLDER / str(SOURCE.study.previous_cut)
MISTAKES = PLAN.mistyped_results, PLAN.milder_events, PLAN.events_entered_twice
GROWS = {
    "ADSL": {"TRTSDT", "TRTEDT", "TRTDURD", "NCYCLE", "RDI", "EOTSTT", "DCTREAS", "EOSSTT", "DCSREAS", "EOSDT", "DTHFL", "DTHDT",
             "DTHCAUS", "LSTALVDT", "SAFFL", "TRT01A", "PSABL"},
    "ADAE": {"AENDT", "AEOUT", "AEACN", "AESDTH", "AETOXGR"},
    "ADBE": {"EVALFL", "EVALREAS", "ADY"},
    "ADBM": {"ADY"},
    "ADEX": set(),
    "ADLB": set(),
    "ADQS": set(),
}  # fmt: skip
"""What may be another value later, of a record that was right."""
KEYS = {"ADSL": [], "ADAE": ["AESEQ"], "ADBE": ["BEREFID"], "ADBM": ["BMSEQ"], "ADEX": ["EXSEQ"], "ADQS": ["AVISIT"],
        "ADLB": ["PARAMCD", "AVISIT"]}  # fmt: skip


def frames(tables) -> dict[str, pd.DataFrame]:  # type: ignore[no-untyped-def]
    return {name: table.to_pandas().set_index(["USUBJID", *KEYS[name]]).sort_index() for name, table in tables.items()}


@pytest.fixture(scope="module", params=[(5, (0, 0, 0)), (6, (9, 9, 9))], ids=["right", "mistaken"])
def drawn(request) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame], tuple[int, int, int]]:
    """A large study now and then, and how many mistakes of each kind."""
    seed, mistakes = request.param
    plan = PLAN.model_copy(update=dict(zip(("mistyped_results", "milder_events", "events_entered_twice"), mistakes, strict=True)))  # fmt: skip
    study = draw(SOURCE, OF.model_copy(update={"earlier_cut": plan}), 400, len(OF.markers), seed)
    assert study.earlier is not None
    return frames(study.tables), frames(study.earlier), mistakes


def test_what_is_shipped_is_what_the_recipe_draws(tmp_path: Path) -> None:
    told = simulate(FOLDER, to=tmp_path / "again")
    assert f"the same as of {PLAN.data_cut}" in told
    again = tmp_path / "again" / BEFORE.name
    assert files(again, truth=False) == files(BEFORE, truth=False)
    assert load(again).study == load(BEFORE).study
    assert load(BEFORE).study == SOURCE.study.model_copy(update={"data_cut": PLAN.data_cut, "previous_cut": None})


def test_a_record_of_then_is_that_of_now_but_for_what_was_not_known(drawn) -> None:
    now, then, mistakes = drawn
    differences = {}
    for name, before in then.items():
        assert list(before.columns) == list(now[name].columns)
        shared = before.index.intersection(now[name].index)
        gone = len(before) - len(shared)
        assert gone == (mistakes[2] if name == "ADAE" else 0), name
        a, b = before.loc[shared], now[name].loc[shared]
        differ = (a != b) & ~(a.isna() & b.isna())
        differences[name] = differ.sum()[lambda counts: counts > 0]
        mistaken = {"AVAL", "AVALC"} if name == "ADBM" and mistakes[0] else set()
        assert set(differences[name].index) <= GROWS[name] | mistaken, name
    assert differences["ADBM"].get("AVAL", 0) == differences["ADBM"].get("AVALC", 0) == mistakes[0]
    a, b = then["ADAE"], now["ADAE"].reindex(then["ADAE"].index)
    milder = (a.AETOXGR.astype(float) < b.AETOXGR.astype(float)) & (b.AESDTH != "Y")
    assert milder.sum() == mistakes[1]


def test_who_and_what_was_there_then(drawn) -> None:
    now, then, _ = drawn
    cut, subjects = PLAN.data_cut, then["ADSL"]
    assert set(subjects.index) == {name for name, day in now["ADSL"].ENRLDT.items() if day <= cut}
    for name, frame in then.items():
        for variable in {"ADT", "ASTDT", "AENDT", "TRTSDT", "TRTEDT", "EOSDT", "DTHDT", "LSTALVDT"} & {*frame.columns}:
            assert (frame[variable].dropna() <= cut).all(), (name, variable)
    seen = subjects.LSTALVDT.reindex(now["ADQS"].index.get_level_values("USUBJID")).to_numpy()
    dosed = (subjects.SAFFL == "Y").reindex(now["ADQS"].index.get_level_values("USUBJID"), fill_value=False).to_numpy()
    assert len(then["ADQS"]) == sum(day <= last for day, last, one in zip(now["ADQS"].ADT, seen, dosed, strict=True) if one)  # fmt: skip
    assert len(then["ADEX"]) == subjects.NCYCLE.sum()
    judged = then["ADBE"][then["ADBE"].EVALFL == "Y"].index.get_level_values("BEREFID")
    assert set(then["ADBM"].BEREFID.dropna()) <= set(judged)
    pending = then["ADBE"].ADT.dropna().map(day_of) > day_of(cut) - OF.specimens.pending_days
    assert then["ADBE"].EVALFL[pending[pending].index].isna().all()
    assert not now["ADSL"].DTHFL.reindex(subjects.index)[subjects.DTHFL == "Y"].ne("Y").any()


def test_the_application_tells_what_was_corrected() -> None:
    data = Data.of(FOLDER)
    result = find("cut_changes").run(data, data.everybody)
    told = result.records
    records = told[~told.dataset.isin(["pairs", "on view"])]
    assert (records.change == "gone").sum() == MISTAKES[2]
    assert set(records.dataset[records.change == "gone"]) == {"ADAE"}
    corrected = records[(records.change == "changed") & (records.dataset == "ADBM")]
    assert sorted(corrected.variable) == ["AVAL"] * MISTAKES[0] + ["AVALC"] * MISTAKES[0]
    values = corrected[corrected.variable == "AVAL"]
    assert values.earlier.astype(float).to_numpy() == pytest.approx(10 * values.later.astype(float).to_numpy())
    assert (told.variable == "AETOXGR").sum() == MISTAKES[1]
    became = data.earlier.ask("datasets", data.everybody)  # type: ignore[union-attr]
    assert became.refused.sum() == 0


@pytest.mark.parametrize("subjects", [1, 3])
def test_nobody_may_have_been_registered_yet(subjects: int, tmp_path: Path) -> None:
    recipe_folder(tmp_path / "late", recipe=("data_cut = 2024-03-29", "data_cut = 2022-11-07"))
    simulate(tmp_path / "late", subjects=subjects, seed=2, to=tmp_path / "few")
    data = Data.of(tmp_path / "few")
    result = find("cut_changes").run(data, data.everybody)
    assert f"{subjects} subject{'s' * (subjects > 1)} added" in result.answer
    nobody = data.earlier
    assert nobody is not None and nobody.ask("subject_count", data.everybody).N[0] == 0
    adjusted = find("association").run(nobody, data.everybody, {"adjust": "ECOGBL"})
    assert adjusted.N == 0 and adjusted.ard.stat[adjusted.ard.stat_name == "rho"].isna().all()


@pytest.mark.parametrize(
    ("recipe", "description", "says"),
    [
        (("data_cut = 2024-03-29", "data_cut = 2024-06-28"), ("", ""), "it must be before the data_cut of study.toml, 2024-06-28"),
        (("", ""), ('previous_cut = "2024-03-29"', ""), "write both or neither"),
        (("[earlier_cut]\ndata_cut = 2024-03-29\nmistyped_results = 2\nmilder_events = 3\nevents_entered_twice = 1", ""), ("", ""), "write both or neither"),
        (("milder_events = 3", "milder_events = -3"), ("", ""), "earlier_cut.milder_events: found -3"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_one_sentence(recipe, description, says: str, tmp_path: Path) -> None:
    recipe_folder(tmp_path, recipe=recipe, description=description)
    with pytest.raises(StudyError, match=re.escape(says)):
        read(tmp_path)


def test_a_folder_of_somebody_is_not_written_over(tmp_path: Path) -> None:
    before = tmp_path / "drawn" / BEFORE.name
    before.mkdir(parents=True)
    (before / "study.toml").write_text('id = "theirs"\ntitle = "T"\ndata_cut = 2024-01-01\n')
    with pytest.raises(RequestError, match="holds a study that was not drawn"):
        simulate(FOLDER, subjects=5, markers=2, to=tmp_path / "drawn")
    assert not (tmp_path / "drawn" / "adam").exists()
