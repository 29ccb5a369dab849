"""A panel of 20,000 markers in a study drawn from a seed: from its snapshot to analysis results."""

from pathlib import Path

from bench.measure import heading, line, once, peak_memory, race
from core.data import Data
from core.ingest import snapshot
from core.outputs import find
from core.simulate import recipes, simulate
from core.study import load

WORK = Path(__file__).parent / ".work"
MARKERS = 20_000
BUDGET = 4.0


def run(_: int) -> None:
    """Print how long the first panel takes, opening of the snapshot included, and how long later ones take."""
    (recipe,) = recipes(WORK.parents[1] / "data")
    folder = WORK / f"panel-{MARKERS}"
    heading(f"A panel of {MARKERS:,} markers")
    line("drawing the study", once(lambda: simulate(recipe, markers=MARKERS, to=folder)))
    line("files to snapshot", once(lambda: snapshot.build(source := load(folder), snapshot.place(source))))
    line("snapshot to results, opening it", race({"panel": lambda: _panel(Data.of(folder))}, 3)["panel"], BUDGET)
    data = Data.of(folder)
    line("results again", race({"panel": lambda: _panel(data)}, 5)["panel"], BUDGET)
    print(f"  most memory held: {peak_memory() / 1e9:.2f} GB")


def _panel(data: Data) -> None:
    shown = find("panel").run(data, data.study.populations[0]).ard.variable.nunique()
    if shown != MARKERS:
        raise SystemExit(f"The panel has {shown:,} markers, not {MARKERS:,}. No time means anything until it has all.")
