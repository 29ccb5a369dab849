"""What the served application adds to Streamlit."""

import pytest
import requests
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed

from app import HEADERS


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
    policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
    assert "data:" not in policy["script-src"]
    assert policy["object-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
