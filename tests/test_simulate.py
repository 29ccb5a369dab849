"""The study drawn from a seed: the same each time, whole in itself, and true to its recipe."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.__main__ import main
from core.data import Data
from core.errors import RequestError, StudyError
from core.simulate import RECIPE, Drawn, draw, read, recipes, simulate
from core.simulate.markers import latent_correlation
from core.simulate.recipe import Marker
from core.study import load
from tests.conftest import ROOT

FOLDER = ROOT / "data" / "cabazitaxel"
SOURCE, OF = read(FOLDER)
CUT = pd.Timestamp(SOURCE.study.data_cut)
DATES = ("ADT", "ASTDT", "AENDT", "RFICDT", "ENRLDT", "TRTSDT", "TRTEDT", "EOSDT", "DTHDT", "LSTALVDT")
MANY = 2000
WHOLE_COURSE = 320
# CTCAE v4.03 (NCI, public domain): the terms of this study that do not have all of the grades 1 to 5.
GRADES = {
    "1234": "Neutrophil count decreased, White blood cell decreased, Platelet count decreased, "
    "Alanine aminotransferase increased, Aspartate aminotransferase increased, Creatinine increased",
    "123": "Fatigue, Nausea, Back pain, Arthralgia, Abdominal pain, Edema limbs, Weight loss, Dyspepsia, Cough, Headache, "
    "Dizziness, Insomnia, Bone pain, Pain in extremity, Myalgia, Hot flashes, Fall",
    "12": "Alopecia, Dysgeusia",
    "1": "Nail discoloration",
    "345": "Febrile neutropenia",
    "2345": "Urinary tract infection, Lung infection, Upper respiratory infection",
    "45": "Sepsis",
}
ALLOWED = {term: grades for grades, terms in GRADES.items() for term in terms.split(", ")}


@dataclass(frozen=True)
class Tables:
    """A drawn study as frames, days as timestamps."""

    ADSL: pd.DataFrame
    ADAE: pd.DataFrame
    ADBE: pd.DataFrame
    ADBM: pd.DataFrame
    ADEX: pd.DataFrame
    ADLB: pd.DataFrame
    ADQS: pd.DataFrame
    truth: pd.DataFrame

    @classmethod
    def of(cls, drawn: Drawn) -> "Tables":
        frames = {name: table.to_pandas() for name, table in drawn.tables.items()}
        for frame in frames.values():
            for name in {*DATES} & {*frame.columns}:
                frame[name] = pd.to_datetime(frame[name])
        truth = drawn.truth.to_pandas().set_index("PARAMCD")
        numbers = truth.columns.difference(["scale", "changed"])
        return cls(**frames, truth=truth.astype(dict.fromkeys(numbers, float)))

    def joined(self, name: str) -> pd.DataFrame:
        return getattr(self, name).merge(self.ADSL, on="USUBJID", suffixes=("", "_ADSL"))


@pytest.fixture(scope="module")
def shipped() -> Tables:
    return Tables.of(draw(SOURCE, OF, OF.subjects, len(OF.markers), OF.seed))


@pytest.fixture(scope="module")
def many() -> Tables:
    return Tables.of(draw(SOURCE, OF, MANY, len(OF.markers), 1))


@pytest.fixture(params=["shipped", "many"])
def drawn(request: pytest.FixtureRequest) -> Tables:
    return request.getfixturevalue(request.param)


def recipe_folder(folder: Path, recipe: tuple[str, str] = ("", ""), description: tuple[str, str] = ("", "")) -> None:
    """Write the recipe and study.toml of the shipped study into a folder, one passage of each replaced."""
    folder.mkdir(exist_ok=True)
    for name, (old, new) in ((RECIPE, recipe), ("study.toml", description)):
        text = (FOLDER / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def files(folder: Path, truth: bool = True) -> dict[str, bytes]:
    found = [*([folder / "truth.csv"] if truth else []), *sorted((folder / "adam").iterdir())]
    return {path.name: path.read_bytes() for path in found}


def test_what_is_shipped_is_what_the_recipe_draws(tmp_path: Path) -> None:
    simulate(FOLDER, to=tmp_path / "again")
    assert files(tmp_path / "again") == files(FOLDER)
    assert load(tmp_path / "again").study == SOURCE.study


def test_another_seed_draws_another_study(tmp_path: Path) -> None:
    for seed in (5, 6):
        simulate(FOLDER, seed=seed, subjects=20, to=tmp_path / str(seed))
    five, six = files(tmp_path / "5"), files(tmp_path / "6")
    assert all(five[name] != six[name] for name in five if name != "truth.csv")
    assert five["truth.csv"] == six["truth.csv"]


@pytest.mark.parametrize("seed", [None, 9])
def test_nothing_of_it_is_refused_or_doubtful(seed: int | None, tmp_path: Path) -> None:
    if seed is not None:
        simulate(FOLDER, subjects=250, seed=seed, to=tmp_path)
    data = Data.of(FOLDER if seed is None else tmp_path)
    became = data.ask("datasets", data.everybody)
    assert len(became) == 7
    assert (became.refused.sum(), became.queries.sum(), became.trimmed.sum()) == (0, 0, 0)


def test_the_shipped_study_stands_half_way(shipped: Tables) -> None:
    subjects, specimens = shipped.ADSL, shipped.ADBE
    assert len(subjects) == 47 < SOURCE.study.targets.accrual
    assert subjects.SITEID.nunique() == 3
    assert subjects.SITEID.value_counts().max() > 2 * subjects.SITEID.value_counts().min()
    assert subjects.TRTSDT.isna().sum() == 2
    assert 17 <= (subjects.ENRLDT.max() - subjects.ENRLDT.min()).days / 30.4375 <= 20
    in_window = (specimens.AVISIT == "Baseline") | specimens.ADY.between(50, 85)
    good = specimens[(specimens.EVALFL == "Y") & in_window].groupby("USUBJID").AVISIT.nunique()
    decided = specimens[specimens.AVISIT == "Week 9"].USUBJID.nunique()
    assert 18 <= (good == 2).sum() <= 20
    assert 0.4 <= (good == 2).sum() / decided <= 0.6
    assert not in_window[specimens.ADT.notna()].all()
    assert 1 <= (shipped.ADAE.AETOXGR == "5").sum() <= 2
    assert shipped.ADBM.duplicated(["USUBJID", "PARAMCD", "AVISIT"]).any()
    assert set(shipped.ADEX.EXDOSE) == {25, 20, 15}


def test_one_site_fails_more(drawn: Tables) -> None:
    taken = drawn.ADBE[drawn.ADBE.EVALFL.notna() & drawn.ADBE.ADT.notna()].merge(drawn.ADSL[["USUBJID", "SITEID"]])
    share = (taken.EVALFL == "Y").groupby(taken.SITEID).mean()
    assert share["03"] < share[["01", "02"]].min() - 0.1


def test_dates_are_in_order_and_nothing_happens_after_the_last_day_seen(drawn: Tables) -> None:
    subjects = drawn.ADSL
    for before, after in (("RFICDT", "ENRLDT"), ("ENRLDT", "TRTSDT"), ("TRTSDT", "TRTEDT"), ("TRTEDT", "LSTALVDT")):
        both = subjects[[before, after]].dropna()
        assert (both[before] <= both[after]).all(), (before, after)
    for name in ("ADSL", "ADAE", "ADBE", "ADBM", "ADEX", "ADLB", "ADQS"):
        records = drawn.joined(name)
        for day in {*DATES} & {*getattr(drawn, name).columns}:
            known = records[records[day].notna()]
            assert (known[day] <= known.LSTALVDT).all(), (name, day)
            assert (known[day] >= known.RFICDT).all(), (name, day)
    assert (subjects.LSTALVDT <= CUT).all()
    dead = subjects[subjects.DTHFL == "Y"]
    assert (dead.DTHDT == dead.LSTALVDT).all() and (dead.DTHDT == dead.EOSDT).all()
    assert (subjects.DTHDT.notna() == (subjects.DTHFL == "Y")).all()
    assert (subjects.DTHFL.eq("Y") == subjects.DCSREAS.eq("Death")).all()


def test_treatment_ends_as_adsl_says(drawn: Tables) -> None:
    subjects = drawn.ADSL.set_index("USUBJID")
    assert ((subjects.SAFFL == "Y") == subjects.TRTSDT.notna()).all()
    assert (subjects.EOTSTT.notna() == subjects.TRTSDT.notna()).all()
    assert (subjects.TRTEDT.notna() == subjects.EOTSTT.isin(["COMPLETED", "DISCONTINUED"])).all()
    assert (subjects.DCTREAS.notna() == (subjects.EOTSTT == "DISCONTINUED")).all()
    assert (subjects[subjects.EOTSTT == "COMPLETED"].NCYCLE == 10).all()
    doses = drawn.ADEX.groupby("USUBJID")
    treated = subjects[subjects.SAFFL == "Y"]
    assert len(doses) == len(treated)
    assert (doses.ASTDT.min()[treated.index] == treated.TRTSDT).all()
    assert (doses.size()[treated.index] == treated.NCYCLE).all()
    ended = treated[treated.TRTEDT.notna()]
    assert (doses.ASTDT.max()[ended.index] == ended.TRTEDT).all()
    assert ((ended.TRTEDT - ended.TRTSDT).dt.days + 1 == ended.TRTDURD).all()
    assert doses.ASTDT.diff().dropna().dt.days.between(20, 37).all()
    assert (doses.EXDOSE.diff().dropna() <= 0).all()
    assert treated.RDI.between(50, 110).all()


def test_events_that_kill_or_end_treatment_are_those_of_adsl(drawn: Tables) -> None:
    events = drawn.joined("ADAE")
    fatal = events[events.AETOXGR == "5"]
    assert (fatal.AENDT == fatal.DTHDT).all()
    assert (fatal.AEOUT == "FATAL").all() and (fatal.AESDTH == "Y").all() and (fatal.AESER == "Y").all()
    assert sorted(fatal.USUBJID) == sorted(drawn.ADSL.USUBJID[drawn.ADSL.DTHCAUS == "Adverse event"])
    withdrawn = events[events.AEACN == "DRUG WITHDRAWN"]
    assert sorted(withdrawn.USUBJID) == sorted(drawn.ADSL.USUBJID[drawn.ADSL.DCTREAS == "Adverse event"])
    assert (events.AENDT.isna() | events.ASTDT.isna() | (events.AENDT >= events.ASTDT)).all()
    open_end = events.AEOUT.isin(["NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING"])
    assert (events.AENDT.isna() == open_end).all()
    never = events[events.SAFFL == "N"]
    assert never.groupby("USUBJID").size().eq(1).all() and (never.AEACN == "NOT APPLICABLE").all()
    assert "TRTEMFL" not in events


def test_every_grade_is_one_that_the_term_has(drawn: Tables) -> None:
    assert {event.term for event in OF.events} >= set(ALLOWED)
    graded = drawn.ADAE[drawn.ADAE.AETOXGR.notna()]
    wrong = [(t, g) for t, g in zip(graded.AEDECOD, graded.AETOXGR, strict=True) if g not in ALLOWED.get(t, "12345")]
    assert not wrong


def test_laboratory_values_agree_with_the_grades_they_define(many: Tables) -> None:
    for test in OF.laboratory:
        events = many.ADAE[many.ADAE.AEDECOD.eq(test.event) & many.ADAE.AETOXGR.notna() & many.ADAE.ASTDTF.isna()]
        values = many.ADLB[(many.ADLB.PARAMCD == test.PARAMCD) & many.ADLB.AVISIT.str.endswith("nadir")]
        both = events.merge(values, left_on=["USUBJID", "ASTDT"], right_on=["USUBJID", "ADT"])
        assert len(both) > 0.85 * len(events)  # the others came before treatment
        near = np.array([test.limits[int(grade) - 1] for grade in both.AETOXGR])
        far = np.array([test.limits[int(grade)] for grade in both.AETOXGR])
        value = both["AVAL"]
        agree = (value < near) & (value >= far) if test.falls else (value > near) & (value <= far)
        assert agree.mean() > 0.95, test.PARAMCD


def test_markers_of_marrow_come_from_evaluable_specimens(drawn: Tables) -> None:
    specimens, values = drawn.ADBE, drawn.ADBM
    assert specimens.BEREFID.is_unique
    marrow = {p.PARAMCD for p in SOURCE.study.parameters if p.specimen != "serum"}
    assert (values.BEREFID.notna() == values.PARAMCD.isin(marrow)).all()
    both = values[values.BEREFID.notna()].merge(specimens, on="BEREFID", suffixes=("", "_ADBE"), how="left")
    assert (both.EVALFL == "Y").all()
    assert (both.ADT == both.ADT_ADBE).all() and (both.AVISIT == both.AVISIT_ADBE).all()
    never = specimens[specimens.ADT.isna()]
    assert (never.EVALFL == "N").all()
    assert set(never.EVALREAS) == {"Patient refused", "Off study before week 9"}
    failed = specimens[specimens.ADT.notna() & (specimens.EVALFL == "N")]
    assert set(failed.EVALREAS) <= {"Dry tap", "No tumour", "Insufficient tissue", "Hemolysed"}
    assert specimens[specimens.EVALFL != "N"].EVALREAS.isna().all()
    assert (values.groupby(["USUBJID", "PARAMCD"]).ABLFL.count() <= 1).all()


def test_study_days_have_no_day_0(drawn: Tables) -> None:
    for name in ("ADBM", "ADBE", "ADLB", "ADQS"):
        records = drawn.joined(name).dropna(subset=["ADT", "TRTSDT"])
        days = (records.ADT - records.TRTSDT).dt.days
        assert records.ADY.eq(days + (days >= 0)).all(), name


def test_what_is_below_its_limit_says_so(drawn: Tables) -> None:
    values = drawn.joined("ADBM")
    below = values.AVAL.isna()
    assert (values.AVALC.str.startswith("<") | (values.AVALC == "BLQ")).eq(below).all()
    assert values[below].LLOQ.notna().all()
    assert (values[values.AVALC == "BLQ"].SITEID == "02").all()
    written = values[below & (values.AVALC != "BLQ")]
    assert (written.AVALC.str[1:].astype(float) == written.LLOQ).all()
    assert (values[~below].AVALC.astype(float) == values[~below].AVAL).all()
    assert set(written[written.PARAMCD == "TESTO_M"].AVALC) == {"<0.05", "<0.08"}
    share = below[values.LLOQ.notna()].groupby(values.PARAMCD).mean()
    assert len(share) == 9
    assert share.between(0.2, 0.6).all()


def test_events_come_as_often_as_the_recipe_says(many: Tables) -> None:
    """Among those whose whole course lies before the cut, so that nothing of it is unseen."""
    old = many.ADSL[(CUT - many.ADSL.TRTSDT).dt.days >= WHOLE_COURSE]
    events = many.ADAE.merge(old[["USUBJID", "TRTSDT"]])
    events = events[events.ASTDT.isna() | (events.ASTDT >= events.TRTSDT)]
    worst = events.AETOXGR.fillna("1").astype(int).groupby([events.AEDECOD, events.USUBJID]).max()
    for event in OF.events:
        for least in (1, 3):
            percent = sum(event.percent[least - 1 :])
            limit = 4 * np.sqrt(percent * (100 - percent) / len(old)) + 0.2
            seen = (worst[event.term] >= least).sum() / len(old) * 100
            assert abs(seen - percent) <= limit, (event.term, least, seen, percent)


def test_markers_change_as_the_truth_says(many: Tables) -> None:
    values = many.ADBM.drop_duplicates(["USUBJID", "PARAMCD", "AVISIT"])
    for name, truth in many.truth.iterrows():
        own = values[values.PARAMCD.eq(name)]
        if own.LLOQ.notna().any():
            continue
        pairs = own.pivot(index="USUBJID", columns="AVISIT", values="AVAL")[["Baseline", "Week 9"]].dropna()
        pairs = np.log2(pairs) if truth["scale"] == "log2" else pairs
        change = pairs["Week 9"] - pairs["Baseline"]
        assert len(change) > 500
        assert abs(change.mean() - truth.true_change) < 4 * change.std() / np.sqrt(len(change)), name
        assert change.std() == pytest.approx(truth.sd_change, rel=0.2), name
        assert pairs.corr().iloc[0, 1] == pytest.approx(truth.correlation, abs=0.12), name


def test_as_many_are_below_the_limit_as_the_truth_says(many: Tables) -> None:
    values = many.ADBM[many.ADBM.LLOQ.notna() & many.ADBM.AVISIT.isin(["Baseline", "Week 9"])]
    for (name, visit), own in values.groupby(["PARAMCD", "AVISIT"]):
        truth = many.truth.loc[name]
        middle = np.log2(truth.median_baseline) + (truth.true_change if visit == "Week 9" else 0)
        expected = norm.cdf(
            (np.log2(own.LLOQ) - middle) / (truth.sd_change / np.sqrt(2 * (1 - truth.correlation)))
        ).mean()
        limit = 4 * np.sqrt(expected * (1 - expected) / len(own)) + 0.02
        assert abs(own.AVAL.isna().mean() - expected) < limit, (name, visit)


def test_values_are_recorded_in_steps(shipped: Tables) -> None:
    for marker in OF.markers:
        values = shipped.ADBM[shipped.ADBM.PARAMCD == marker.PARAMCD].AVAL.dropna()
        steps = values / marker.step
        assert np.abs(steps - np.rint(steps)).max() < 1e-6, marker.PARAMCD
        assert (values >= marker.least).all() and (marker.most is None or (values <= marker.most).all())


def test_truth_is_that_of_the_recipe(shipped: Tables) -> None:
    assert list(shipped.truth.index) == [marker.PARAMCD for marker in OF.markers]
    for marker in OF.markers:
        truth = shipped.truth.loc[marker.PARAMCD]
        assert (truth.d_z, truth.correlation, truth.changed == "Y") == (marker.d_z, marker.correlation, marker.d_z != 0)
        assert truth.true_change == pytest.approx(truth.d_z * truth.sd_change, abs=1e-3)


def test_more_markers_leave_the_others_as_they_are(shipped: Tables) -> None:
    wide = Tables.of(draw(SOURCE, OF, OF.subjects, 1035, OF.seed))
    extra = wide.truth.index.str.fullmatch(r"M\d{5}")
    assert (len(wide.truth), extra.sum()) == (1035, 1000)
    for name in ("ADSL", "ADAE", "ADBE", "ADEX", "ADLB", "ADQS"):
        pd.testing.assert_frame_equal(getattr(wide, name), getattr(shipped, name))
    known = wide.ADBM[~wide.ADBM.PARAMCD.str.fullmatch(r"M\d{5}")].drop(columns="BMSEQ").reset_index(drop=True)
    pd.testing.assert_frame_equal(known, shipped.ADBM.drop(columns="BMSEQ"))
    added = wide.ADBM[wide.ADBM.PARAMCD.str.fullmatch(r"M\d{5}")]
    assert set(added.AVISIT) == {"Baseline", "Week 9"} and added.BEREFID.notna().all()
    samples = shipped.ADBM[shipped.ADBM.BEREFID.notna()].BEREFID.nunique()
    assert len(added) / (1000 * samples) == pytest.approx(0.95, abs=0.01)
    assert (wide.truth[extra].changed == "Y").mean() == pytest.approx(0.05, abs=0.025)
    assert set(wide.truth[extra].d_z) == {-0.8, 0, 0.8}


def test_fewer_markers_are_the_first_ones(shipped: Tables, tmp_path: Path) -> None:
    simulate(FOLDER, markers=4, to=tmp_path)
    first = ["AR", "ARNT", "ARV7", "KLK3"]
    assert [parameter.PARAMCD for parameter in load(tmp_path).study.parameters] == first
    values = pd.read_csv(tmp_path / "adam" / "adbm.csv")
    assert len(values) == shipped.ADBM.PARAMCD.isin(first).sum()
    subjects, usual = (pd.read_csv(folder / "adam" / "adsl.csv") for folder in (tmp_path, FOLDER))
    pd.testing.assert_frame_equal(subjects.drop(columns="STUDYID"), usual.drop(columns="STUDYID"))


def test_a_study_of_another_size_has_one_name(tmp_path: Path) -> None:
    simulate(FOLDER, subjects=5, markers=2, seed=3, to=tmp_path)
    assert load(tmp_path).study.id == "cabazitaxel-5-2-3"
    assert set(pd.read_csv(tmp_path / "adam" / "adsl.csv").STUDYID) == {"CABAZITAXEL-5-2-3"}
    assert set(pd.read_csv(FOLDER / "adam" / "adsl.csv").STUDYID) == {"CABAZITAXEL"}


def test_a_parameter_without_a_unit_is_its_label(tmp_path: Path) -> None:
    recipe_folder(tmp_path, description=('unit = "H-score"', 'unit = ""'))
    names = draw(*read(tmp_path), subjects=20, markers=2, seed=1).tables["ADBM"]["PARAM"].to_pylist()
    assert set(names) == {"AR, nuclear expression", "AR, N-terminal (H-score)"}


def test_a_large_panel_is_parquet_and_can_be_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.simulate.files.MOST_ROWS_OF_CSV", 5000)
    simulate(FOLDER, subjects=60, markers=3, to=tmp_path)
    assert (tmp_path / "adam" / "adbm.csv").exists()
    simulate(FOLDER, subjects=60, markers=300, to=tmp_path)
    assert (tmp_path / "adam" / "adbm.parquet").exists() and not (tmp_path / "adam" / "adbm.csv").exists()
    data = Data.of(tmp_path)
    assert len(data.study.parameters) == 300
    assert data.ask("datasets", data.everybody).refused.sum() == 0


def test_a_dataset_without_rows_leaves_no_file_of_an_earlier_draw(tmp_path: Path) -> None:
    simulate(FOLDER, subjects=5, to=tmp_path / "drawn")
    (tmp_path / "drawn" / "adam" / "adex.parquet").write_text("of an earlier draw")
    (tmp_path / "drawn" / "adam" / "adtte.csv").write_text("of the reader")
    recipe_folder(tmp_path / "recipe", recipe=("never_percent = 4", "never_percent = 100"))
    simulate(tmp_path / "recipe", subjects=5, to=tmp_path / "drawn")
    found = {path.name for path in (tmp_path / "drawn" / "adam").iterdir()}
    assert found == {"adsl.csv", "adae.csv", "adbe.csv", "adbm.csv", "adtte.csv"}


def test_without_any_sample_there_is_no_dataset_of_markers(tmp_path: Path) -> None:
    recipe_folder(tmp_path, recipe=("missing_percent = 5", "missing_percent = 100"))
    assert "ADBM" not in draw(*read(tmp_path), subjects=5, markers=2, seed=1).tables


def test_the_command_writes_another_size_beside_the_recipe(tmp_path: Path, monkeypatch, capfd) -> None:
    copytree(FOLDER, tmp_path / "data" / "cabazitaxel", ignore=lambda *_: [".snapshots"])
    monkeypatch.chdir(tmp_path)
    before = files(tmp_path / "data" / "cabazitaxel")
    assert main(["simulate", "--subjects", "12", "--markers", "3", "--seed", "7"]) == 0
    out = capfd.readouterr().out
    assert "data/cabazitaxel-12-3-7: 12 subjects, 3 markers, seed 7" in out
    study = load(tmp_path / "data" / "cabazitaxel-12-3-7").study
    assert (study.id, study.simulated, len(study.parameters)) == ("cabazitaxel-12-3-7", True, 3)
    assert recipes(Path("data")) == [Path("data/cabazitaxel")]
    assert files(tmp_path / "data" / "cabazitaxel") == before
    (tmp_path / "data" / "cabazitaxel" / "truth.csv").unlink()
    assert main(["simulate"]) == 0
    assert files(tmp_path / "data" / "cabazitaxel") == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--subjects", "0"], "subjects is 0; it must be at least 1"),
        (["--seed", "-1"], "seed is -1; it must be at least 0"),
        (["--seed", "3", "-o", str(FOLDER)], "name another folder with -o"),
        (["-o", str(ROOT / "data" / "cdiscpilot01")], "holds a study that was not drawn"),
        (["-o", "/proc/nowhere"], "cannot be written"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence_and_exit_2(arguments: list[str], says: str, capfd) -> None:
    assert main(["simulate", str(FOLDER), *arguments]) == 2
    err = capfd.readouterr().err
    assert says in err and len(err.strip().splitlines()) == 1


def test_without_a_study_there_must_be_one_recipe(tmp_path: Path, monkeypatch, capfd) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["simulate"]) == 2
    assert "Name the study folder" in capfd.readouterr().err


FIRST_REASONS = '"Disease progression" = 60\n"Adverse event" = 20'
NEUTROPHILS = "percent = [4, 8, 24, 58]"
BEFORE = 'before = ["Back pain", "Bone pain", "Constipation", "Fatigue", "Urinary tract infection", "Hot flashes"]'
HOT_FLASHES = 'term = "Hot flashes"\nsoc = "Vascular disorders"\npercent = '


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("subjects = 47", "subjects = 47\nsubjcets = 3", "subjcets: no such key is known here"),
        ("subjects = 47", "subjects = -1", "subjects: found -1"),
        ('companion = "Neutrophil count decreased"', 'companion = "Moon"', "companion names Moon"),
        ("early = [38,", "early = [", "onset.early and cycles_weights must be equally many, not 9 and 10"),
        ("weights = [34, 52, 14]", "weights = [34, 52]", "weights and groups must be equally many"),
        ('PARAMCD = "ARV7"', 'PARAMCD = "ARV8"', "differ: ARV7, ARV8"),
        ("seed = ", "seed ", "is not valid TOML"),
        ('marker = "HGB"', 'marker = "HB"', "laboratory marker names HB"),
        (NEUTROPHILS, "percent = [4, 8, 24, 57, 1]", "Neutrophil count decreased reaches grade 5"),
        (
            "correlation = 0.5\nstep = 1\nskew = 0.7",
            "correlation = -0.5\nstep = 1\nskew = 1.5",
            "correlation is -0.5; with a skew of 1.5 it must be above -0.105",
        ),
        ("sd = 0.9\ncorrelation = 0.5", "sd = 0.9\ncorrelation = 1", "discovery.correlation: found 1"),
        (HOT_FLASHES + "[4, 1]", HOT_FLASHES + "[0, 0]", "before names Hot flashes, whose percentages are all 0"),
        (
            'companion = "Neutrophil count decreased"',
            'companion = "Fever"',
            "events: Fever, the companion of Febrile neutropenia, must stand before it",
        ),
        (NEUTROPHILS, "percent = [0, 0]", "companion names Neutrophil count decreased, whose percentages are all 0"),
        (BEFORE, "before = []", "adverse_events.before: Tuple should have at least 1 item"),
        (FIRST_REASONS, '"Adverse Event" = 20', "reasons lacks Adverse event"),
        ('"Death" = 5', '"Fatal" = 5', "reasons lacks Death"),
        (FIRST_REASONS, '"Adverse event" = 20\n"Disease progression" = 60', "reasons begins with Adverse event"),
        ("days = 180", "days = 20", "follow_up.days: found 20: Input should be greater than 20"),
        (
            "opened = 2023-02-20",
            "opened = 2024-06-29",
            "sites.3.opened: found 2024-06-29; by the data_cut of study.toml",
        ),
    ],
)
def test_a_wrong_recipe_is_one_sentence(old: str, new: str, says: str, tmp_path: Path) -> None:
    recipe_folder(tmp_path, recipe=(old, new))
    with pytest.raises(StudyError, match=re.escape(says)) as raised:
        read(tmp_path)
    assert RECIPE in str(raised.value) and "\n" not in str(raised.value)


def test_a_target_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("in the way")
    with pytest.raises(RequestError, match="is not a folder"):
        simulate(FOLDER, to=tmp_path / "here")


def test_a_folder_of_files_without_a_description_is_somebodys(tmp_path: Path) -> None:
    (tmp_path / "adam").mkdir()
    (tmp_path / "adam" / "adsl.xpt").write_text("of somebody")
    with pytest.raises(RequestError, match=r"holds files but no study\.toml"):
        simulate(FOLDER, subjects=5, markers=2, to=tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["adam", "adsl.xpt"]
    (tmp_path / "adam" / "adsl.xpt").unlink()
    simulate(FOLDER, subjects=5, markers=2, to=tmp_path)
    assert load(tmp_path).study.simulated


@pytest.mark.parametrize("correlation", [np.nextafter(-np.exp(-(1.47**2)), 0), -0.05, 0.0, 0.99])
def test_each_correlation_that_a_skew_allows_can_be_drawn(correlation: float) -> None:
    latent = latent_correlation(Marker(PARAMCD="A", baseline=1, sd=1, step=0.1, skew=1.47, correlation=correlation))
    assert -1 <= latent < 1
    assert (np.exp(latent * 1.47**2) - 1) / (np.exp(1.47**2) - 1) == pytest.approx(correlation)


def test_the_recipe_says_of_markers_what_study_toml_does_not() -> None:
    """One place for each fact: a marker's scale, unit and limit stand in study.toml."""
    recipe = tomllib.loads((FOLDER / RECIPE).read_text(encoding="utf-8"))
    assert not any({"scale", "unit", "label", "LLOQ"} & set(marker) for marker in recipe["markers"])
