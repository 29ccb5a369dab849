"""The public term lists of data/dictionaries: the terms of CTCAE, their grades, and the limits that laboratory values meet."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "dictionaries"
VERSION = "4.03"
ABSOLUTE, CLINICAL = "value", "clinical"


@dataclass(frozen=True)
class Term:
    """A term of CTCAE: its system organ class, and the grades that exist for it."""

    name: str
    soc: str
    grades: tuple[int, ...]


@dataclass(frozen=True)
class Limit:
    """What a value must be beyond to have a grade.

    Attributes
    ----------
    of : str
        LLN, ULN or baseline: `limit` times that; value: `limit` itself, in `unit`.
    """

    grade: int
    limit: float
    of: str
    unit: str


@dataclass(frozen=True)
class Laboratory:
    """A term whose grade a laboratory value defines.

    Attributes
    ----------
    codes : tuple of str
        The PARAMCD that mean this value.
    side : str
        Whether low or high values are beyond a limit.
    clinical : tuple of int
        Grades that a finding beyond the value defines too.
    """

    term: str
    codes: tuple[str, ...]
    side: str
    limits: tuple[Limit, ...]
    clinical: tuple[int, ...]


@dataclass(frozen=True)
class Dictionary:
    """CTCAE as published, and what leads to it.

    Examples
    --------
    >>> known = ctcae()
    >>> known.terms["alopecia"].grades, known.find("NEUTROPENIA"), known.find("Moonstruck")
    ((1, 2), 'Neutrophil count decreased', '')
    """

    terms: dict[str, Term]
    synonyms: dict[str, str]
    laboratory: tuple[Laboratory, ...]
    units: dict[str, str]

    def find(self, text: str) -> str:
        """Return the name in CTCAE of a term, in any case, or of its synonym; empty when there is none."""
        key = text.strip().lower()
        return self.terms[key].name if key in self.terms else self.synonyms.get(key, "")

    def unit(self, text: str) -> str:
        """Return a unit as the limits write it, as far as it is certain; else empty.

        Examples
        --------
        >>> ctcae().unit("10**9 / L"), ctcae().unit("µmol/L")
        ('10^9/L', '')
        """
        plain = text.replace(" ", "").replace("µ", "u").replace("μ", "u")
        return self.units.get(plain, "")


@cache
def ctcae() -> Dictionary:
    """Read the lists, once.

    Returns
    -------
    Dictionary
        Terms and synonyms are found by their name in lower case.
    """
    terms = {
        row["term"].lower(): Term(row["term"], row["soc"], tuple(map(int, row["grades"])))
        for row in _rows(f"ctcae_v{VERSION.replace('.', '_')}_terms")
    }
    synonyms = {row["term"].lower(): row["ctcae_term"] for row in _rows("ctcae_synonyms")}
    units = {row["spelling"]: row["unit"] for row in _rows("laboratory_units")}
    return Dictionary(terms, synonyms, tuple(_laboratory()), units)


def _laboratory() -> Iterator[Laboratory]:
    found: dict[str, list[dict[str, str]]] = {}
    for row in _rows(f"ctcae_v{VERSION.replace('.', '_')}_laboratory"):
        found.setdefault(row["term"], []).append(row)
    for term, rows in found.items():
        limits = [row for row in rows if row["of"] != CLINICAL]
        yield Laboratory(
            term,
            tuple(rows[0]["codes"].split()),
            rows[0]["side"],
            tuple(Limit(int(row["grade"]), float(row["limit"]), row["of"], row["unit"]) for row in limits),
            tuple(int(row["grade"]) for row in rows if row["of"] == CLINICAL),
        )


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
