"""What a reader must know of where numbers come from; every file carries it."""

from core import __version__
from core.ard import Result

APPLICATION = f"Marrowscope {__version__}"


def provenance(result: Result) -> dict[str, str]:
    """Return what a reader needs to know of where the numbers come from, name by name."""
    return {
        "Study": study(result.study, result.study_title, result.simulated),
        "Data cut": result.data_cut,
        "Snapshot": result.snapshot,
        "Application": APPLICATION,
        "Computed": result.computed,
        "Output": f"{result.output}: {result.title}",
        "Population": f"{result.population} (N={result.N})",
        "Filters": result.condition or "none",
        **({"Answer": result.answer} if result.answer else {}),
        **({"Methods": result.methods} if result.methods else {}),
        "Options": ", ".join(f"{name}={plain(value)}" for name, value in result.options.items()),
        **{f"Note {number}": note for number, note in enumerate(result.notes, 1)},
    }


def study(name: str, title: str, simulated: bool) -> str:
    """Return a study as a document names it."""
    return f"{name}: {title}" + (" (simulated data)" if simulated else "")


def foot(result: Result) -> str:
    """Return what stands on every page of a document: study, data cut, snapshot, application and time.

    Examples
    --------
    >>> import pandas as pd
    >>> foot(Result("x", "X", "s", "S", False, "2024-12-31", "abc", "Safety", "", 0, {}, pd.DataFrame(), computed="now"))
    's · data cut 2024-12-31 · snapshot abc · Marrowscope 0.1.0 · now'
    """
    return line(result.study, result.simulated, result.data_cut, result.snapshot, result.computed)


def line(study: str, simulated: bool, data_cut: str, snapshot: str, made: str) -> str:
    """Return in a line of which state of which study something is, by what it was made and when."""
    drawn = " · simulated data" if simulated else ""
    return f"{study}{drawn} · data cut {data_cut} · snapshot {snapshot} · {APPLICATION} · {made}"


def plain(value: str | float | bool) -> str:
    """Return an option's value as text."""
    return f"{value:g}" if isinstance(value, float) else str(value)
