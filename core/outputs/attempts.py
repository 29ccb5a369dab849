"""Attempts to harvest marrow, patient by patient: which succeeded, and why the others did not."""

import numpy as np
import pandas as pd

from core.data import Data
from core.outputs import harvests
from core.outputs.harvests import TOTAL, Harvests
from core.stats.harvest import EVALUABLE, FAILED

METHODS = ("BIOPSY", "ASPIRATE")
EITHER, PATIENT, PAIR = "either", "patient", "pair"
"""Beside the methods: any of them in a patient, the patient at a timepoint, and both timepoints together."""

FAILURES, LOST = "specimens", "lost"
NOTHING, OUTSIDE = "Nothing recorded", "Outside its window"
ATTEMPTS = ["USUBJID", "group", "AVISIT", "harvest", "evaluable"]
SPECIMENS = ["USUBJID", "group", "AVISIT", "BEREFID", "BEMETHOD", "ADT", "reason"]


def visits(data: Data) -> tuple[str, str]:
    """Return both timepoints of a study that names them.

    Examples
    --------
    >>> visits(Data.of("data/cabazitaxel"))
    ('Baseline', 'Week 9')
    """
    return data.study.timepoints.baseline, str(data.study.timepoints.follow_up)


def attempts(data: Data, found: Harvests) -> pd.DataFrame:
    """Return one row per attempt.

    Returns
    -------
    DataFrame
        USUBJID, group, AVISIT, harvest and evaluable. `harvest` is the method, of which a patient has one attempt a
        timepoint however many specimens there were; "either" for all methods together; "patient" for everybody decided
        who counts for the rate, at the later timepoint of those evaluable at the earlier; and "pair" for everybody whose
        window has closed.
    """
    first, second = visits(data)
    taken = _taken(found)
    taken = taken[taken.AVISIT.isin((first, second))]
    by_method = taken[taken.BEMETHOD.isin(METHODS)].assign(harvest=taken.BEMETHOD)
    keys = ["subject_code", "AVISIT", "harvest"]
    frames = [
        of.groupby(keys, as_index=False).evaluable.any() for of in (by_method, taken.assign(harvest=EITHER)) if len(of)
    ]
    good, paired = found.first.state == EVALUABLE, found.second.state == EVALUABLE
    lost = (found.first.state == FAILED) | (found.second.state == FAILED)
    for visit, kind, counts, won in (
        (first, PATIENT, found.first.counts, good),
        (second, PATIENT, good & found.second.counts, paired),
        (second, PAIR, ((good & paired) | lost) & _over(data, found), good & paired),
    ):
        every = pd.DataFrame({"subject_code": found.patients.index, "AVISIT": visit, "harvest": kind, "evaluable": won})
        frames.append(every[counts])
    return _named(pd.concat(frames, ignore_index=True), found)[ATTEMPTS].astype({"evaluable": bool})


def failures(data: Data, found: Harvests, which: str) -> pd.DataFrame:
    """Return one row per specimen that is not evaluable, with its reason.

    Parameters
    ----------
    data : Data
        The study: its timepoints.
    found : Harvests
        Everybody registered.
    which : {"specimens", "lost"}
        All of them; or those of patients lost to the target alone, where who has no record at all has a row too.

    Returns
    -------
    DataFrame
        USUBJID, group, AVISIT, BEREFID, BEMETHOD, ADT, reason. What nobody has judged yet is not among them.
    """
    here = found.specimens[found.specimens.AVISIT.isin(visits(data)) & found.specimens.EVALFL.notna()]
    here = here[here.unused.notna()]
    failed = here.assign(reason=here.unused.where(here.EVALFL == "N", OUTSIDE))
    if which == LOST:
        states = (found.first.state == FAILED, found.lost_second)
        failed = pd.concat(
            [
                _of_lost(failed, visit, found.patients.index[who])
                for visit, who in zip(visits(data), states, strict=True)
            ]
        )
    return _named(failed.reset_index(drop=True), found).reindex(columns=SPECIMENS)


def _taken(found: Harvests) -> pd.DataFrame:
    """Return the specimens that were taken and judged. Where specimens are dated, one that failed undated never was."""
    judged = found.specimens[found.specimens.EVALFL.notna()]
    never = (judged.EVALFL == "N") & judged.ADT.isna() & found.specimens.ADT.notna().any()
    return judged[~never].assign(evaluable=judged.unused.isna())


def _of_lost(failed: pd.DataFrame, visit: str, codes: pd.Index) -> pd.DataFrame:
    part = failed[(visit == failed.AVISIT) & failed.subject_code.isin(codes)]
    silent = codes.difference(part.subject_code)
    nothing = pd.DataFrame({"subject_code": silent, "AVISIT": visit, "reason": NOTHING})
    return pd.concat([part, nothing]) if len(silent) else part


def _over(data: Data, found: Harvests) -> np.ndarray:
    """Return whose last window has closed, whatever became of the patient; everybody, where nobody can know it."""
    patients = found.patients
    if not found.dosing or harvests.window(data, visits(data)[1]) is None:
        return np.ones(len(patients), dtype=bool)
    closed = patients.second_closes <= pd.Timestamp(data.study.data_cut)
    return (closed | (patients.dosed.isna() & patients.gone)).to_numpy(dtype=bool)


def _named(rows: pd.DataFrame, found: Harvests) -> pd.DataFrame:
    of = found.patients.loc[rows.subject_code, ["USUBJID", "group"]].set_axis(rows.index)
    return rows.assign(USUBJID=of.USUBJID, group=of.group if found.levels else TOTAL)
