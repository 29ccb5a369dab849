"""Start here: the served application. ``streamlit run app.py``.

The script of every run is pages/main.py; this file adds what a server needs around it.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from traceback import walk_tb

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import net_util

from core.ingest import snapshot
from core.study import find, load
from pages import PAGES

ROOT = Path(__file__).parent
HEADERS = {
    # Nothing is fetched from elsewhere, and no other site may frame a page with patients' data.
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self' data: blob:",
            # Streamlit starts with a script in its page and loads components as blob:; Vega compiles its expressions.
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # A link can name a patient: it is not told to anybody.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
log = logging.getLogger("marrowscope")


def no_external_address() -> None:
    """Know no address outside the house, where Streamlit would ask checkip.amazonaws.com for it.

    It asks whenever a socket is opened from a page of another origin, holds up every reader meanwhile, and asks
    again for the next one. Without that address such a socket is refused at once, unless the origin's host is
    `browser.serverAddress` or the origin is one of `server.corsAllowedOrigins`.
    """


net_util.get_external_ip = no_external_address


class SecurityHeaders:
    """Add the security headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


async def deep_link(_: Request) -> HTMLResponse:
    """Serve a page asked for by its own address, telling it that its server answers one level up.

    Left to guess, the page first asks below its own address and logs two errors.
    """
    index = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    server = '<script>window.__streamlit = {BACKEND_BASE_URL: new URL(".", location.href).href}</script>'
    return HTMLResponse(index.replace("<head>", f"<head>{server}", 1), headers={"Cache-Control": "no-cache"})


@asynccontextmanager
async def start(_: st.App) -> AsyncIterator[None]:
    """Build the snapshots that are not there yet; a folder that cannot be used is named here, and why in the application."""
    for folder in find(ROOT / "data"):
        try:
            snapshot.ensure(load(folder))
        except Exception as error:
            # One folder must not keep the others from their readers; a text may hold a patient's value.
            log.error("Study folder %s cannot be used: %s", folder.name, type(error).__name__)
    yield


def say_sorry(error: Exception) -> bool:
    """Show a page instead of a traceback, which could hold patients' data; the log keeps its type and every place it passed."""
    passed = [(Path(frame.f_code.co_filename), line) for frame, line in walk_tb(error.__traceback__)]
    log.error("%s at %s", type(error).__name__, " > ".join(f"{path}:{line}" for path, line in passed))
    own = [(path.name, line) for path, line in passed if path.is_relative_to(ROOT) and ".venv" not in path.parts]
    place = "{}:{}".format(*own[-1]) if own else "unknown place"
    st.error(
        f"This page could not be made ({type(error).__name__} at {place}). Nothing was lost; change the last choice, or reload."
    )
    return True


app = st.App(
    "pages/main.py",
    lifespan=start,
    routes=[Route(f"/{page.path}", deep_link) for page in PAGES],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=say_sorry,
)
