"""A study folder in Parquet to its snapshot, with every check."""

from bench.measure import heading, line, once, race
from bench.study import study
from core.ingest import snapshot
from core.study import load

BUDGET = {1_000_000: 20.0}


def run(rows: int) -> None:
    """Print how long reading, checking and coding take."""
    source = load(study(rows))
    target = snapshot.place(source)
    heading(f"Ingest of {rows:,} adverse events, {rows // 10:,} subjects")

    def build() -> None:
        snapshot.build(source, target)

    timing = race({"build": build}, runs=3)["build"] if rows <= 1_000_000 else once(build)
    line("Parquet to snapshot, every check", timing, BUDGET.get(rows))
