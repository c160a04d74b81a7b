"""A live preview for those who write: the draft manual on this computer, built anew whenever a text is saved."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from qmdoc import building, place
from qmdoc.audit import Request
from qmdoc.errors import ConfigError, QmdocError

_HOST = "127.0.0.1"
_WATCHED = ("sops", "templates")


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds the draft; a fault in a text is said, and the last draft stays on the screen."""

    request: Request

    def __call__(self, *, changed_paths: Sequence[Path]) -> None:
        try:
            made = building.draft(self.request)
        except (QmdocError, OSError) as error:
            print(f"qmdoc: {error}", flush=True)
            return
        for name, told in made[1:]:
            print(f"{name}: {told}", flush=True)
        print(f"built anew after {len(changed_paths)} changed files", flush=True)


def serve(request: Request, port: int) -> None:
    """Serves `build/draft` to this computer alone, until it is stopped. Raises ConfigError."""
    try:
        import uvicorn
        from sphinx_autobuild.filter import IgnoreFilter
        from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
        from sphinx_autobuild.server import RebuildServer
        from starlette.applications import Starlette
        from starlette.middleware import Middleware
        from starlette.routing import Mount, WebSocketRoute
        from starlette.staticfiles import StaticFiles
    except ImportError as error:
        raise ConfigError(
            f"the live preview needs a package that is not installed: {error.name}", fix="pip install 'qmdoc[serve]'"
        ) from error
    top = place.find(request.repository)
    _prove_free(port)
    building.draft(request)
    handed_on = replace(request, environment=dict(request.environment))  # another process builds
    watched = [top / name for name in _WATCHED if (top / name).is_dir()]
    watcher = RebuildServer(watched, IgnoreFilter([], [r"/\.[^/]*$", r"~$"]), _Builder(handed_on))
    address = f"{_HOST}:{port}"
    served = Starlette(
        routes=[
            WebSocketRoute("/websocket-reload", watcher, name="reload"),
            Mount("/", StaticFiles(directory=top / "build" / "draft", html=True), name="draft"),
        ],
        middleware=[Middleware(JavascriptInjectorMiddleware, ws_url=address)],
        lifespan=watcher.lifespan,
    )
    print(
        f"http://{address}/ shows the texts as you save them; every page is marked DRAFT. Ctrl-C ends it.", flush=True
    )
    uvicorn.run(served, host=_HOST, port=port, log_level="warning")


def _prove_free(port: int) -> None:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((_HOST, port))
        except OSError as error:
            raise ConfigError(
                f"the port {port} is taken: {error.strerror}", fix="give another one with --port"
            ) from error
