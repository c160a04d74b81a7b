"""A server of files on this computer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing about it; `policy` is the Content-Security-Policy that it sends, if any."""

    def __init__(self, *args: Any, policy: str, **keywords: Any) -> None:
        self.policy = policy
        super().__init__(*args, **keywords)

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """A file; an icon, which the browser's own viewer of PDFs asks for, is there and empty."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


@contextmanager
def served(folder: Path, policy: str = "") -> Iterator[str]:
    """The address of a folder, for as long as it is asked for."""
    handler = partial(_Quiet, directory=str(folder), policy=policy)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
