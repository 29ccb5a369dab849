"""All markers in all samples: what is truly there, what a laboratory makes of it, and the rows of ADBM."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.simulate.days import date_of
from core.simulate.dice import Dice, Floats
from core.simulate.markers import Described, latent_correlation, skewed
from core.simulate.recipe import Assay, Marker
from core.simulate.specimens import Sample
from core.study import Parameter

SERUM = "serum"

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Levels = dict[tuple[str, str], float]
"""The values of one marker by subject and visit."""


@dataclass(frozen=True)
class Measured:
    """One marker in the samples where it has a result, by their place in the panel; where `below`, no value is known."""

    samples: Ints
    value: Floats
    below: Flags
    limit: Floats


class Panel:
    """All markers in all samples: each marker has a stream of its own, and shares part of its level with others.

    Parameters
    ----------
    seed : int
        That of the study.
    assay : Assay
        What measuring adds.
    marrow, serum : list of Sample
        Where a marker can be measured, depending on its specimen.
    """

    def __init__(self, seed: int, assay: Assay, marrow: list[Sample], serum: list[Sample]) -> None:
        self.seed, self.assay, self.samples = seed, assay, [*marrow, *serum]
        self.subject = np.array([sample.subject.number - 1 for sample in self.samples], dtype=np.int64)
        self.time = np.array([sample.time for sample in self.samples])
        self.noisy = np.array([sample.again or sample.time not in (0, 1) for sample in self.samples], dtype=bool)
        self.subjects = int(self.subject.max()) + 1 if self.samples else 1
        moved = Dice(seed, "batches").uniforms(self.subjects) * 100 < assay.next_batch_percent
        self.batch = self.subject // assay.subjects_per_batch + (moved[self.subject] & (self.time >= 1))
        place = np.arange(len(self.samples))
        drawn = place >= len(marrow)
        self.chosen = {"marrow": place[~drawn], "paired": place[drawn & ~self.noisy], "cycles": place[drawn]}
        self.shared: dict[str, Floats] = {}

    def measure(self, marker: Marker, parameter: Parameter) -> Measured:
        """Draw one marker in the samples that it is measured in: what is truly there, then what a laboratory makes of it."""
        dice, assay = Dice(self.seed, f"marker {marker.PARAMCD}"), self.assay
        chosen = self.chosen["marrow" if parameter.specimen != SERUM else marker.visits]
        one, other = self._latent(dice, marker, marker.shares or parameter.family)
        subject, time = self.subject[chosen], self.time[chosen]
        level = one[subject] + (other - one)[subject] * np.minimum(time, 1) + marker.drift * np.maximum(time - 1, 0)
        level += marker.sd * assay.wobble * np.where(self.noisy[chosen], dice.normals(len(chosen)), 0)
        shift = marker.sd * assay.batch_effect * dice.normals(int(self.batch.max(initial=0)) + 1)
        level += np.where(marker.visits == "paired", shift[self.batch[chosen]], 0)
        odd = dice.uniforms(len(chosen)) * 100 < assay.outlier_percent
        level += np.where(
            odd & (marker.visits == "paired"), 4 * marker.sd * np.where(dice.uniforms(len(chosen)) < 0.5, -1, 1), 0
        )
        logs = parameter.scale == "log2"
        least = marker.step if logs else marker.least
        true = np.exp2(level) if logs else level
        value = recorded(np.clip(true, least, marker.most), marker.step)
        limits = np.array(marker.limits or (parameter.LLOQ or np.nan,))
        limit = limits[self.batch[chosen] % len(limits)]
        missing = assay.missing_percent if marker.missing_percent is None else marker.missing_percent
        kept = dice.uniforms(len(chosen)) * 100 >= missing
        return Measured(chosen[kept], value[kept], (true < limit)[kept], limit[kept])

    def _latent(self, dice: Dice, marker: Marker, shares: str) -> tuple[Floats, Floats]:
        """Every subject's true level at baseline and follow-up, with mean, spread and correlation as the recipe says."""
        if shares not in self.shared:
            self.shared[shares] = Dice(self.seed, f"shared {shares}").normals(self.subjects, 2)
        own = dice.normals(self.subjects, 2)
        part = self.assay.shared_percent / 100
        z = sqrt(part) * self.shared[shares] + sqrt(1 - part) * own
        r = latent_correlation(marker)
        first, second = z[:, 0], r * z[:, 0] + sqrt(1 - r * r) * z[:, 1]
        middle = marker.baseline
        return (
            middle + marker.sd * skewed(first, marker.skew),
            middle + marker.d_z * marker.sd_change + marker.sd * skewed(second, marker.skew),
        )

    def levels(self, measured: Measured) -> Levels:
        """Return the values of one marker by subject and visit; of those below the limit there is none."""
        found = zip(measured.samples, measured.value, measured.below, strict=True)
        known = [(self.samples[i], float(value)) for i, value, below in found if not below]
        return {(sample.subject.USUBJID, sample.AVISIT): value for sample, value in known}

    def records(self, kept: Sequence[Described], measured: Sequence[Measured]) -> pa.Table:
        """Return ADBM of these markers and their results, in the order of subject, marker and visit."""
        joined = {
            name: np.concatenate([getattr(each, name) for each in measured])
            for name in ("samples", "value", "below", "limit")
        }
        marker = np.repeat(np.arange(len(kept)), [len(each.samples) for each in measured])
        day = np.array([sample.day for sample in self.samples])
        order = np.lexsort((day[joined["samples"]], marker, self.subject[joined["samples"]]))
        sample, value, below, limit = (column[order] for column in joined.values())
        place, subject = np.stack([self.subject[sample], marker[order], self.time[sample]]), self.subject[sample]
        again = np.concatenate([[False], (np.diff(place) == 0).all(axis=0)])[: len(sample)]
        assayed = np.array([each.visits == "paired" for each, _ in kept])[marker[order]]
        of_marker = pa.array(marker[order])
        number = pa.array(value, mask=below)
        return pa.table(
            {
                "USUBJID": self._column(sample, [each.subject.USUBJID for each in self.samples]),
                "PARAMCD": pa.array([each.PARAMCD for each, _ in kept]).take(of_marker),
                "PARAM": pa.array([f"{p.label} ({p.unit})" if p.unit else p.label for _, p in kept]).take(of_marker),
                "AVISIT": self._column(sample, [each.AVISIT for each in self.samples]),
                "AVISITN": np.array([each.AVISITN for each in self.samples])[sample],
                "ADT": self._column(sample, [date_of(each.day) for each in self.samples]),
                "ADY": self._column(sample, [each.ADY for each in self.samples]),
                "AVAL": number,
                "AVALC": pc.if_else(pa.array(below), self._too_low(sample, limit), number.cast(pa.string())),
                "LLOQ": pa.array(limit, mask=np.isnan(limit)),
                "BEREFID": self._column(sample, [each.BEREFID for each in self.samples]),
                "BATCH": pc.if_else(
                    pa.array(assayed), self._column(sample, [f"B{n + 1:02}" for n in self.batch]), None
                ),
                "ABLFL": pc.if_else(pa.array((self.time[sample] == 0) & ~again), "Y", None),
                "BMSEQ": np.arange(len(sample)) - np.searchsorted(subject, subject) + 1,
            }
        )

    def _column(self, sample: Ints, values: list[Any]) -> pa.Array:
        """Return what is known of each sample, for every record."""
        return pa.array(values).take(pa.array(sample))

    def _too_low(self, sample: Ints, limit: Floats) -> pa.Array:
        """Return how each site writes a value below the limit."""
        words = pa.array([each.subject.site.below or None for each in self.samples], pa.string())
        below = pc.binary_join_element_wise("<", pa.array(limit).cast(pa.string()), "")
        return pc.coalesce(words.take(pa.array(sample)), below)


def recorded(value: Floats, step: float) -> Floats:
    """Return values as a laboratory writes them, in whole steps; each is the float nearest to its decimal.

    Examples
    --------
    >>> recorded(np.array([0.31, 1.26]), 0.1).tolist()
    [0.3, 1.3]
    """
    exact = Fraction(str(step))
    return np.asarray(np.rint(value / step) * exact.numerator / exact.denominator)
