"""Where every registered patient stands: evaluable, failed or undecided at baseline and at follow-up.

The targets of a study count everybody registered, so the population of an analysis does not narrow what is about them;
a reader's filters do.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data import Data
from core.outputs.catalogue import Option
from core.outputs.left import gone
from core.stats.forecast import Stages, Undecided
from core.stats.harvest import EVALUABLE, FAILED, WAITING, Flags, Harvest, harvest
from core.stats.shares import Learned
from core.study import Population, Visit

NONE, SITE, TOTAL = "none", "SITEID", "Total"
NOBODY = "nobody on view is registered"
OF_THE_WHOLE = "the targets are those of the whole study, and the filters leave only a part of it on view"
FIRST_DOSE = 1
"""The day on which baseline closes where study.toml does not say it."""


def _groupings(data: Data) -> dict[str, str]:
    """Return by what accrual may be parted: site first, then the subgroups of study.toml."""
    names = dict.fromkeys([SITE, *(each.variable for each in data.study.filters)])
    found = {name: data.study.subgroup_label(name) for name in names if name in data.groupings}
    if found.get(SITE) == SITE:
        found[SITE] = "Site"
    return {NONE: "All together"} | found


BY = Option(
    "by", "By", NONE, choices=_groupings, accepts=lambda data, value: value in data.groupings and value != "APERIODC",
    help="Parts patients by site, or by another variable of ADSL.", control="accrual_by",
)  # fmt: skip


@dataclass(frozen=True)
class Harvests:
    """Everybody registered on view.

    Attributes
    ----------
    patients : DataFrame
        One row per registered patient, by subject_code: USUBJID, group, registered and dosed (days), gone, and with
        specimens also earlier and later (evaluable), pair, first_closes and second_closes (days), and state in words.
    specimens : DataFrame
        One row per specimen of theirs, of any visit.
    levels : tuple of str
        The groups in order, planned sites without a patient among them; none when patients are not parted.
    first, second : Harvest
        Where each stands at baseline and at follow-up; nobody when specimens are not collected.
    missing : str
        Why nothing is known of specimens; empty when it is.
    dosing : bool
        Whether the study supplies the day of the first dose.
    by_dose : bool
        Whether that day stands in for the one of registration, of which the study supplies none.
    """

    patients: pd.DataFrame
    specimens: pd.DataFrame
    levels: tuple[str, ...]
    first: Harvest
    second: Harvest
    missing: str
    dosing: bool
    by_dose: bool = False

    @property
    def waiting_first(self) -> Flags:
        """Who is undecided at baseline; not who has failed at follow-up meanwhile, whatever the baseline turns out."""
        return (self.first.state == WAITING) & (self.second.state != FAILED)

    @property
    def waiting_second(self) -> Flags:
        """Who is evaluable at baseline, and undecided at follow-up."""
        return (self.first.state == EVALUABLE) & (self.second.state == WAITING)

    @property
    def lost_second(self) -> Flags:
        """Who has failed at follow-up, and not at baseline before."""
        return (self.first.state != FAILED) & (self.second.state == FAILED)

    @property
    def waiting(self) -> pd.Series:
        """Who is undecided and could still become a pair."""
        return pd.Series(self.waiting_first | self.waiting_second, self.patients.index)

    @property
    def undecided(self) -> Undecided:
        """Pairs in hand and patients undecided at each stage."""
        good = self.first.state == EVALUABLE
        pairs = self.second.among(good, EVALUABLE)
        return Undecided(pairs, int(self.waiting_first.sum()), int(self.waiting_second.sum()))

    @property
    def counted(self) -> tuple[int, int, int, int]:
        """Evaluable and failed at baseline, and at follow-up of those evaluable before, among those who count."""
        good = self.first.state == EVALUABLE
        everybody = np.ones(len(good), dtype=bool)
        first = (self.first.decided(everybody, state) for state in (EVALUABLE, FAILED))
        second = (self.second.decided(good, state) for state in (EVALUABLE, FAILED))
        return (*first, *second)  # type: ignore[return-value]


def registered(data: Data, population: Population) -> Population:
    """Return everybody, narrowed by a reader's filters alone.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> registered(data, data.study.populations[0]) == data.everybody
    True
    """
    return data.everybody.model_copy(update={"filters": population.filters})


def narrowed(population: Population) -> bool:
    """Whether a reader's filters leave only a part of the study on view, of which its targets are not."""
    return bool(population.filters)


def learned(data: Data, harvests: Harvests) -> Stages:
    """Return both rates as known from those decided, starting from the priors of study.toml."""
    good, bad, pairs, lost = harvests.counted
    prior = data.study.forecast
    return Stages(Learned(*prior.baseline).after(good, bad), Learned(*prior.follow_up).after(pairs, lost))


def why_missing(data: Data) -> str:
    """Return why a study has no pairs of specimens to speak of; empty when it has."""
    if "ADBE" not in data.schema:
        return "this study has no dataset ADBE"
    if data.study.timepoints.follow_up is None:
        return "study.toml names no follow_up timepoint"
    return ""


def read(data: Data, population: Population, by: str = NONE) -> Harvests:
    """Return everybody registered, and where each stands.

    Parameters
    ----------
    population : Population
        Who is on view; see `registered`.
    by : str
        The variable of ADSL that parts them, or "none".

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> found = read(data, data.everybody, "SITEID")
    >>> found.undecided, found.counted, found.levels
    (Undecided(pairs=19, first=1, second=6), (35, 11, 19, 10), ('01', '02', '03'))
    """
    records = data.ask("subject_records", population, by)
    days = data.ask("registrations", population).set_index("subject_code").day
    subjects = records[records.position == 0].set_index("subject_code").reindex(days.index)
    columns = data.ask("columns", population, by)
    level = columns[columns.position > 0].set_index("position").level
    of = records[records.position > 0].set_index("subject_code").position.map(level)
    planned = [] if by != SITE else [site for site in data.study.accrual_plan.sites if site not in set(level)]
    left = np.logical_or(*gone(data, subjects, pd.Series(pd.NaT, subjects.index)))
    dosing = "TRTSDT" in subjects
    patients = pd.DataFrame(
        {
            "USUBJID": subjects.USUBJID,
            "group": of.astype(object).reindex(subjects.index).fillna(""),
            "registered": pd.to_datetime(days),
            "dosed": pd.to_datetime(subjects.TRTSDT) if dosing else pd.Series(pd.NaT, subjects.index),
            "gone": left,
        }
    )
    by_dose = dosing and not patients.registered.notna().any() and bool(patients.dosed.notna().any())
    if by_dose:
        patients["registered"] = patients.dosed
    missing = why_missing(data)
    specimens = data.ask("specimens", population) if not missing else pd.DataFrame()
    whole = Harvests(patients, specimens, (*level, *planned), _nowhere(), _nowhere(), missing, dosing, by_dose)
    return whole if missing else _placed(data, population, whole)


def window(data: Data, visit: str) -> Visit | None:
    """Return the days in which a specimen counts for a timepoint; None where study.toml does not say them."""
    return next((each for each in data.study.visits if visit == each.AVISIT), None)


def closing(dosed: pd.Series, last_day: int) -> pd.Series:
    """Return the last day of a window, counted from the first dose, which is day 1; there is no day 0.

    Examples
    --------
    >>> closing(pd.to_datetime(pd.Series(["2024-02-01"])), 85).dt.strftime("%Y-%m-%d").tolist()
    ['2024-04-25']
    """
    return dosed + pd.Timedelta(days=last_day - (last_day > 0))


def _nowhere() -> Harvest:
    return harvest([], [], [], [], [])


def _placed(data: Data, population: Population, found: Harvests) -> Harvests:
    """Return the same with everybody's place at both timepoints."""
    first, second = data.study.timepoints.baseline, str(data.study.timepoints.follow_up)
    flags = data.ask("evaluable_pairs", population, earlier=first, later=second).set_index("subject_code")
    flags = flags.reindex(found.patients.index)
    at = window(data, first), window(data, second)
    last = (at[0].last_day if at[0] else FIRST_DOSE), (at[1].last_day if at[1] else None)
    patients = found.patients.assign(
        earlier=flags.earlier.astype(bool), later=flags.later.astype(bool),
        first_closes=closing(found.patients.dosed, last[0]),
        second_closes=closing(found.patients.dosed, last[1]) if last[1] is not None else pd.NaT,
    )  # fmt: skip
    places = [
        _place(data, found, patients, visit, good, closes, known)
        for visit, good, closes, known in (
            (first, patients.earlier, patients.first_closes, found.dosing),
            (second, patients.later, patients.second_closes, found.dosing and last[1] is not None),
        )
    ]
    patients["pair"] = patients.earlier & patients.later
    patients["state"] = _state(places[0], places[1], first, second)
    return Harvests(patients, found.specimens, found.levels, places[0], places[1], "", found.dosing, found.by_dose)


def _place(
    data: Data, found: Harvests, patients: pd.DataFrame, visit: str, good: pd.Series, closes: pd.Series, known: bool
) -> Harvest:
    """Return where everybody stands at one timepoint; `known` says whether its window is."""
    here, at = found.specimens[visit == found.specimens.AVISIT], window(data, visit)
    outside = (at.first_day > here.ADY) | (at.last_day < here.ADY) if at else pd.Series(False, here.index)
    unread = _any(patients, here, here.EVALFL.isna() & ~outside)
    judged = _any(patients, here, here.EVALFL.notna())
    # Where specimens are dated, one that failed without a date was never taken.
    never = (here.EVALFL == "N") & here.ADT.isna() & found.specimens.ADT.notna().any()
    taken = _any(patients, here, ~never)
    refused = _any(patients, here, never) & ~taken
    given_up = patients.gone | refused | (judged if not known else False)
    closed = (closes <= pd.Timestamp(data.study.data_cut)) if known else pd.Series(False, patients.index)
    unknown = (patients.dosed.isna() & patients.gone) if known else pd.Series(True, patients.index)
    return harvest(good, unread, closed, given_up, unknown)


def _any(patients: pd.DataFrame, specimens: pd.DataFrame, which: pd.Series) -> pd.Series:
    """Return which patients have such a specimen."""
    return pd.Series(patients.index.isin(specimens.subject_code[which]), patients.index)


def _state(first: Harvest, second: Harvest, earlier: str, later: str) -> np.ndarray:
    """Return where everybody stands, in words."""
    kinds = [first.state == FAILED, second.state == FAILED, first.state == WAITING, second.state == EVALUABLE]
    words = [f"failed at {earlier}", f"failed at {later}", f"waiting for {earlier}", "evaluable pair"]
    return np.select(kinds, words, f"waiting for {later}")
