"""The pages of biomarkers without a browser: the same numbers as the command line, and who stands behind them."""

import io
from typing import Any

import pandas as pd
import pytest

from core.__main__ import main
from core.data import Data
from core.formats import count_percent
from core.outputs import OUTPUTS, find
from core.where import Where
from pages.parts import cache
from pages.parts import show as draw
from tests.conftest import TRIAL
from tests.pages.test_pages import opened, plain, warnings

STUDY = "cabazitaxel"
TESTOSTERONE = "Testosterone in marrow"


def answer(app: Any) -> str:
    """The sentence in bold on the page of one marker."""
    (found,) = [plain(each.value) for each in app.markdown if "pair" in each.value]
    return found.strip("*")


def from_the_command_line(capfd: pytest.CaptureFixture, *arguments: str) -> tuple[pd.DataFrame, str]:
    assert main(["run", arguments[0], str(TRIAL), *arguments[1:]]) == 0
    out, err = capfd.readouterr()
    return pd.read_csv(io.StringIO(out), keep_default_na=False, na_values={"stat": [""]}), err


@pytest.mark.parametrize(
    ("asked", "arguments"),
    [
        ({}, []),
        ({"PARAMCD": TESTOSTERONE, "blq": "Limit / √2"}, ["PARAMCD=TESTO_M", "blq=sqrt2"]),
        ({"PARAMCD": TESTOSTERONE, "blq": "Zero"}, ["PARAMCD=TESTO_M", "blq=zero"]),
        ({"PARAMCD": "PSA in serum", "to": "Cycle 3"}, ["PARAMCD=PSA", "to=Cycle 3"]),
        ({"SITEID": "01", "scale": "log2 (fold change)"}, ["scale=log2", "--where", "SITEID EQ 01"]),
        ({"split": "Serious event before the later specimen"}, ["split=AE.SERIOUS EQ Y"]),
    ],
)
def test_page_and_command_line_show_identical_numbers(
    asked: dict, arguments: list[str], capfd, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[cache.Shown] = []
    shown = cache.shown

    def watched(*given: Any) -> cache.Shown:
        drawn.append(shown(*given))
        return drawn[-1]

    monkeypatch.setattr(cache, "shown", watched)
    ard, told = from_the_command_line(capfd, "paired_change", *arguments)
    app = opened("change", study=STUDY, **asked)
    assert not app.warning
    (page,) = [each for each in drawn if each.result.output == "paired_change"]
    assert page.result.ard.stat.tolist() == pytest.approx(ard.stat.tolist(), rel=0, abs=0, nan_ok=True)
    assert page.result.ard.warning.tolist() == ard.warning.tolist()
    assert answer(app) in told.splitlines()


def test_every_subject_without_a_pair_is_listed_with_the_reason(trial: Data) -> None:
    app = opened("change", study=STUDY)
    lost = app.dataframe[0].value
    records = find("paired_change").run(trial, trial.study.populations[0]).records
    assert set(lost.USUBJID) == set(records.USUBJID[~records.paired])
    assert ((lost["At Baseline"] != "usable") | (lost["At Week 9"] != "usable")).all()
    assert lost["At Week 9"].isin(["Off study before week 9", "Patient refused"]).any()


def test_a_mark_that_was_clicked_tells_who_it_is(trial: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    records = find("paired_change").run(trial, trial.study.populations[0]).records
    subject = records.USUBJID[records.paired].iloc[0]
    keys: list[str] = []
    of = draw.figure_key
    monkeypatch.setattr(draw, "figure_key", lambda *asked: keys.append(of(*asked)) or keys[-1])
    app = opened("change", study=STUDY)
    app.session_state[keys[-1]] = {"selection": {"chosen": [{"USUBJID": subject}]}}
    app.run()
    assert not app.exception
    assert any(plain(each.value) == f"{subject}: every record of this marker" for each in app.subheader)
    own = app.dataframe[0].value
    assert set(own.USUBJID) == {subject}
    assert set(own.PARAMCD) == {"AR"}
    assert {"Baseline", "Week 9"} <= set(own.AVISIT)
    app.selectbox(key="PARAMCD").select("KLK3").run()
    assert len(set(keys)) == 2, "what was clicked holds for this marker only"
    assert not any("every record of this marker" in plain(each.value) for each in app.subheader)


@pytest.mark.parametrize("page", ["change", "panel"])
def test_a_study_without_biomarkers_says_so(page: str) -> None:
    app = opened(page)
    assert plain(app.info[0].value) == "Study cdiscpilot01 has no dataset ADBM, so there is nothing to show here."


@pytest.mark.parametrize("page", ["change", "panel"])
def test_timepoints_in_the_wrong_order_are_one_sentence(page: str) -> None:
    app = opened(page, study=STUDY, **{"from": "Week 9", "to": "Baseline"})
    assert any("from=Week 9 is not before to=Baseline" in plain(each.value) for each in app.info)


@pytest.mark.parametrize(
    ("page", "asked", "says"),
    [
        ("change", {"PARAMCD": "Moonstone"}, "Marker in the link has the value “Moonstone”"),
        ("change", {"blq": "thirds"}, "Below the limit in the link has the value “thirds”"),
        ("change", {"figure": "Pie"}, "Figure in the link has the value “Pie”"),
        ("change", {"split": "AE.SERIOUS EQ Y; DROP TABLE event"}, "Split by in the link"),
        ("panel", {"panel_view": "Cake"}, "View in the link has the value “Cake”"),
        ("panel", {"family": "moons"}, "Family in the link has the value “moons”"),
    ],
)
def test_a_bad_value_in_a_link_is_told_and_ignored(page: str, asked: dict, says: str) -> None:
    app = opened(page, study=STUDY, **asked)
    assert any(says in each for each in warnings(app)), warnings(app)
    assert app.title


@pytest.mark.parametrize("page", ["change", "panel"])
def test_nobody_on_view_is_said_and_nothing_breaks(page: str, trial: Data) -> None:
    everyone = trial.study.populations[0]
    site, group = next(
        (site, group)
        for site in trial.groupings["SITEID"]
        for group in trial.groupings["AGEGR1"]
        if trial.ask("subject_count", everyone.filtered(Where.parse(f'SITEID EQ {site} AND AGEGR1 EQ "{group}" AND ECOGGR1 EQ 2 AND VISCERAL EQ Y'))).N[0] == 0
    )  # fmt: skip
    app = opened(page, study=STUDY, SITEID=site, AGEGR1=group, ECOGGR1="2", VISCERAL="Y")
    assert "**0 subjects on view**" in [each.value for each in app.markdown]
    assert app.title


@pytest.mark.parametrize("view", ["Table", "Forest plot", "Volcano plot", "Heat map by subject", "Values by timepoint"])
def test_every_view_of_the_panel_is_drawn(view: str) -> None:
    app = opened("panel", study=STUDY, panel_view=view)
    assert not app.warning
    labels = [button.label for button in app.get("download_button")]
    assert ("CSV" in labels) == (view in ("Table", "Values by timepoint"))
    assert ("PNG" in labels) == (view not in ("Table", "Values by timepoint"))


def test_the_overview_leads_with_accrual_and_evaluable_pairs(trial: Data) -> None:
    app = opened(study=STUDY)
    metrics = {plain(metric.label): metric.value for metric in app.metric}
    assert list(metrics)[:2] == ["Registered of 60", "Evaluable pairs of 30"]
    evaluable = trial.ask("evaluable_pairs", trial.everybody, earlier="Baseline", later="Week 9")
    assert metrics["Registered of 60"] == "47 (78.3%)"
    pairs = int((evaluable.earlier & evaluable.later).sum())
    assert metrics["Evaluable pairs of 30"] == count_percent(pairs, 100 * pairs / 30, "%")
    assert metrics["Data cut"] == "2024-06-28"
    assert metrics["Treatment-emergent"].endswith("%)")


def test_the_first_study_says_on_every_page_that_it_is_simulated() -> None:
    for page in ("overview", "change", "panel", "adverse_events", "study_data"):
        assert any("Simulated data" in each.value for each in opened(page, study=STUDY).info), page


def test_a_figure_is_offered_as_it_is_drawn(trial: Data) -> None:
    for name in ("paired_change", "panel"):
        for view, figure in OUTPUTS[name].figures.items():
            given = tuple(find(name).read({}, trial).items())
            result = cache.shown(trial, name, trial.study.populations[0], given).result
            on_page = cache.figure(trial, name, trial.study.populations[0], given, view)
            assert on_page.to_dict() == figure.draw(result, trial).to_dict()
