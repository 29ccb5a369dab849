"""Which adverse event a figure or a course in time is about: any, those of a system organ class, or one term."""

import numpy as np
from numpy.typing import NDArray

from core.data import Data
from core.formats import sentence_case
from core.outputs.catalogue import Option
from core.outputs.incidence import ANY_EVENT

ANY, CLASS = "any", "SOC: "
"""The choice of any event, and what stands before the name of a class, which a term may share."""


def choices(data: Data) -> dict[str, str]:
    """Return the choices and how each reads: any event, then the classes, then the terms.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> list(choices(data).items())[:2]
    [('any', 'Any event'), ('SOC: Blood and lymphatic system disorders', 'Class: Blood and lymphatic system disorders')]
    """
    if "ADAE" not in data.schema:
        return {ANY: ANY_EVENT}
    classes = {CLASS + soc: f"Class: {sentence_case(soc)}" for soc in data.terms.soc.unique()}
    return {ANY: ANY_EVENT, **classes, **{pt: sentence_case(pt) for pt in sorted(data.terms.pt.unique())}}


def codes(data: Data, choice: str) -> NDArray[np.int64]:
    """Return the codes of the terms that a choice is about; a term under two classes is about both.

    Examples
    --------
    >>> data = Data.of("data/cabazitaxel")
    >>> len(codes(data, "any")) == len(data.terms), len(codes(data, "Nausea"))
    (True, 1)
    """
    terms = data.terms
    if choice != ANY:
        terms = terms[terms.soc == choice.removeprefix(CLASS) if choice.startswith(CLASS) else terms.pt == choice]
    return terms.term.to_numpy(dtype=np.int64)


def about(choice: str) -> tuple[str, str]:
    """Return the variable and its level, as results carry a choice.

    Examples
    --------
    >>> about("any"), about("SOC: Investigations"), about("Nausea")
    (('ANY', 'Any event'), ('SOC', 'Investigations'), ('PT', 'Nausea'))
    """
    if choice == ANY:
        return "ANY", ANY_EVENT
    return ("SOC", choice.removeprefix(CLASS)) if choice.startswith(CLASS) else ("PT", choice)


EVENT = Option("event", "Event", ANY, choices=choices, help="Any event, those of a class, or one term.", wide=True)
