"""What the server adds to Streamlit: it starts whatever a study folder holds, asks nobody outside, and logs no patient's data."""

import asyncio
import logging
from pathlib import Path

import pytest
import requests
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

import app
from tests.drawing import folder


@pytest.mark.parametrize(
    ("origin", "configured", "allowed"),
    [
        (None, [], True),
        ("https://trial.example", [], True),
        ("https://evil.example", [], False),
        ("null", [], False),
        ("https://portal.example", ["https://portal.example"], True),
    ],
)
def test_no_origin_of_a_socket_makes_the_server_ask_outside(
    monkeypatch: pytest.MonkeyPatch, origin: str | None, configured: list[str], allowed: bool
) -> None:
    asked: list[str] = []

    def asks(url: str, **_: object) -> None:
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests, "get", asks)
    monkeypatch.setattr("streamlit.web.server.server_util.allowlisted_origins", lambda: set(configured))
    assert _is_origin_allowed(origin, "trial.example") is allowed
    assert asked == []


def test_scripts_come_from_the_server_and_forms_and_plugins_from_nowhere() -> None:
    policy = dict(part.split(" ", 1) for part in app.HEADERS["Content-Security-Policy"].split("; "))
    assert "data:" not in policy["script-src"]
    assert policy["object-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"


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
