"""The one room that speaks to a time-stamping authority: RFC 3161 over HTTP, one question and one answer."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException
from urllib.parse import urlsplit

from qmdoc.errors import NotAnchored

_SECONDS = 30
_LARGEST = 1 << 20
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
_ELSEWHERE = "try again later, or make the token elsewhere and give it with --token"


def ask(url: str, query: bytes) -> bytes:
    """What a time-stamping authority answers. Raises NotAnchored where it can't be reached or does not answer."""
    if not _is_web_address(url):
        raise NotAnchored(f"`{url}` is no http or https address", fix="give the authority's own address with --tsa")
    request = urllib.request.Request(url, query, {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "qmdoc"})
    try:
        with _opener().open(request, timeout=_SECONDS) as answer:
            content: bytes = answer.read(_LARGEST + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise NotAnchored(
                f"the time-stamping authority {url} refuses: HTTP {error.code} {error.reason}", fix=_ELSEWHERE
            ) from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise NotAnchored(f"the time-stamping authority {url} can't be reached: {reason}", fix=_ELSEWHERE) from error
    return content


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _opener() -> urllib.request.OpenerDirector:
    """Opens http and https, by the user's proxies, and nothing else: no redirection leads to a file of this computer."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener
