"""What the server does around the pages: it starts whatever a study folder holds, and logs no patient's data."""

import asyncio
import logging
from pathlib import Path

import pytest

import app
from tests.drawing import folder


def test_one_bad_folder_keeps_no_other_study_from_being_built(tmp_path: Path, monkeypatch, caplog) -> None:
    for name in ("a", "b"):
        folder(tmp_path / "data" / name, adsl="| USUBJID | TRTSDT     |\n| 01 | 2024-01-01 |")
    ensure = app.snapshot.ensure

    def fail(source):
        if source.name == "a":
            raise RuntimeError("JANE DOE")
        return ensure(source)

    monkeypatch.setattr(app, "ROOT", tmp_path)
    monkeypatch.setattr(app.snapshot, "ensure", fail)

    async def served() -> None:
        async with app.start(app.app):
            pass

    with caplog.at_level(logging.ERROR, "marrowscope"):
        asyncio.run(served())
    assert list((tmp_path / "data" / "b" / ".snapshots").glob("*.duckdb"))
    assert caplog.messages == ["Study folder a cannot be used: RuntimeError"]


def test_the_log_keeps_every_place_and_no_value_and_the_reader_sees_the_projects_own(monkeypatch, caplog) -> None:
    told: list[str] = []
    monkeypatch.setattr(app.st, "error", told.append)
    with pytest.raises(ValueError, match="DOE") as caught:
        app.find(_Root())  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR, "marrowscope"):
        assert app.say_sorry(caught.value)
    (line,) = caplog.messages
    assert line.startswith("ValueError at ")
    assert "core/study.py:" in line and "pathlib.py:" in line
    assert "DOE" not in line
    assert "(ValueError at test_app.py:" in told[0]


class _Root:
    def glob(self, _: str) -> list[Path]:
        return [Path("JANE DOE").relative_to("/x")]
