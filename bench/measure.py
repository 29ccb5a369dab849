"""Times, memory and the machine they were taken on."""

import gc
import os
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

VERSIONS = ("duckdb", "pandas", "polars", "numpy", "pyarrow", "streamlit")


@dataclass(frozen=True)
class Timing:
    """Seconds of repeated runs."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure that is quoted."""
        return median(self.seconds)

    @property
    def best(self) -> float:
        """The figure least disturbed by whatever else the machine does."""
        return min(self.seconds)


def race(contenders: dict[str, Callable[[], Any]], runs: int) -> dict[str, Timing]:
    """Time every contender `runs` times, in turn, so that a slow minute of the machine falls on all; none is warmed up."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(runs):
        for name, run in contenders.items():
            gc.collect()
            start = perf_counter()
            run()
            seconds[name].append(perf_counter() - start)
    return {name: Timing(tuple(taken)) for name, taken in seconds.items()}


def once(run: Callable[[], Any]) -> Timing:
    """Time a single run, for what is too slow or too cold to repeat."""
    start = perf_counter()
    run()
    return Timing((perf_counter() - start,))


def peak_memory() -> int:
    """Return the most bytes this process has held; unlike ru_maxrss, not those of the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * int(re.search(r"VmHWM:\s+(\d+) kB", status)[1])  # type: ignore[index]


def machine() -> str:
    """Return cores, processor, memory and versions, as every table of figures needs them."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    packages = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {cpu[1] if cpu else platform.machine()}, {memory:.0f} GB; load before {load:.1f}\n"
        f"python {platform.python_version()}, {packages}"
    )


def heading(text: str) -> None:
    """Start a table of figures."""
    print(f"\n{text}\n{'':44}{'median':>9}{'best':>9}  {'runs':>4}  {'ratio':>6}")


def line(name: str, timing: Timing, budget: float | None = None, first: Timing | None = None) -> None:
    """Print one figure; `first` is what its ratio is against."""
    ratio = f"{timing.median / first.median:6.2f}" if first else " " * 6
    verdict = f"  {'within' if timing.median <= budget else 'OVER'} {budget:g} s" if budget else ""
    print(
        f"  {name:42}{timing.median:7.3f} s{timing.best:7.3f} s  {len(timing.seconds):4}  {ratio}{verdict}", flush=True
    )
