"""The live preview: what is saved is shown, marked as a draft, and to this computer alone."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from programme import Programme, document, path

QMDOC = str(Path(sys.executable).parent / "qmdoc")
PATIENCE = 120  # seconds


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def shown(address: str, words: str) -> str:
    """The page, once it holds the words."""
    until = time.monotonic() + PATIENCE
    page = ""
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                page = answer.read().decode()
            if words in page:
                return page
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            page = str(error)
            if isinstance(error, urllib.error.HTTPError):
                error.close()
        time.sleep(0.2)
    raise AssertionError(f"{address} never showed {words!r}, but {page[:300]}")


def test_what_is_saved_is_shown_and_a_broken_text_leaves_the_server_standing(tmp_path: Path) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document(body="## Purpose\n\nThe first words.\n")})
    place = made.repository(tmp_path / "p")
    port = free_port()
    page = f"http://127.0.0.1:{port}/documents/QM-001.html"
    with subprocess.Popen([QMDOC, "serve", "--repo", str(place), "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:  # fmt: skip
        try:
            first = shown(page, "The first words.")
            assert "DRAFT" in first and "websocket-reload" in first
            time.sleep(3)  # the folder is watched a moment after the first page is there
            (place / path()).write_text(document(body="## Purpose\n\nThe second words.\n"))
            shown(page, "The second words.")
            (place / path()).write_bytes(b"---\nid: [\n")
            shown(f"http://127.0.0.1:{port}/index.html", "Could not be read")
            (place / path()).write_text(document(body="## Purpose\n\nThe third words.\n"))
            shown(page, "The third words.")
        finally:
            server.terminate()
            server.wait(20)


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    place = Programme().repository(tmp_path / "p")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run([QMDOC, "serve", "--repo", str(place), "--port", port], capture_output=True, text=True, check=False, timeout=PATIENCE)  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("qmdoc: ") and "port" in done.stderr and "Traceback" not in done.stderr + done.stdout
