"""The command line of the measurements.

python -m bench                            everything, at 1,000,000 adverse events
python -m bench paired                     one of them: ingest, grade, pages, paired, panel, association
python -m bench grade --rows 10000000      at another size
"""

import argparse
import os

from bench import association, grade, ingest, pages, paired, panel
from bench.measure import machine

MEASURED = {
    "ingest": ingest.run,
    "grade": grade.run,
    "pages": pages.run,
    "paired": paired.run,
    "panel": panel.run,
    "association": association.run,
}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser("python -m bench", description="Measure Marrowscope on this machine.")
    parser.add_argument("what", nargs="?", choices=MEASURED, help="one measurement; all of them when left out")
    parser.add_argument("--rows", type=int, default=1_000_000, help="adverse events; a tenth as many subjects")
    asked = parser.parse_args()
    print(machine())
    for name, run in MEASURED.items():
        if asked.what in (None, name):
            run(asked.rows)
    print(f"\nload after {os.getloadavg()[0]:.1f}; a load above the number of cores means figures from a busy machine")


if __name__ == "__main__":
    main()
