"""A real time-stamping authority for tests (RFC 3161): openssl stamps, certificates are made in the session, the clock can be set.

`openssl ts -reply` knows no time but now. For a past one its token is taken apart, the time in it replaced, and the result
signed again by `openssl cms` with the authority's own key: what an authority does whose clock says so. `openssl ts -verify`
takes such tokens as genuine (a test holds that).
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from programme import POLICY, Programme

from qmdoc.signing import anchors

_SETTINGS = """\
[tsa]
default_tsa = t
[t]
serial = {folder}/serial
crypto_device = builtin
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""
_TOKEN_INFO = "1.2.840.113549.1.9.16.1.4"
Key = ec.EllipticCurvePrivateKey


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Issuer:
    """A certification authority, or a time-stamping authority's own certificate, with its private key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        """The certificate as text."""
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def private(self) -> bytes:
        """The private key as text."""
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption())

    def issue(self, name: str, *, to: datetime = datetime(2099, 1, 1, tzinfo=UTC), is_root: bool = False,
              purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING) -> Issuer:  # fmt: skip
        """Another certificate under this one."""
        return _issue(name, self, to=to, is_root=is_root, purpose=purpose)


def root(name: str) -> Issuer:
    """A self-signed certification authority."""
    return _issue(
        name, None, to=datetime(2099, 1, 1, tzinfo=UTC), is_root=True, purpose=ExtendedKeyUsageOID.TIME_STAMPING
    )


def _issue(name: str, by: Issuer | None, *, to: datetime, is_root: bool, purpose: x509.ObjectIdentifier) -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(by.certificate.subject if by else _name(name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(to)
        .add_extension(x509.BasicConstraints(is_root, None), critical=True)
        .add_extension(
            x509.KeyUsage(True, not is_root, False, False, False, is_root, is_root, False, False), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return Issuer(made.sign(by.key if by else key, hashes.SHA256()), key)


@dataclass
class Tsa:
    """A time-stamping authority at work in a folder."""

    folder: Path
    root: Issuer = field(default_factory=lambda: root("Root of the time"))
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        """Its own certificate and openssl's settings."""
        self.own = self.root.issue("Clock")
        (self.folder / "ts.cnf").write_text(_SETTINGS.format(folder=self.folder))
        (self.folder / "serial").write_text("01\n")

    def listed(self, name: str = "House TSA", *certificates: Issuer) -> str:
        """Lines of a policy that list this authority."""
        pem = "".join(each.pem for each in certificates or (self.root,))
        return f"  - name: {name}\n    certificate: |\n" + "".join(f"      {line}\n" for line in pem.splitlines())

    def answer(self, query: bytes, *, at: datetime | None = None, signer: Issuer | None = None, chain: tuple[Issuer, ...] = (),
               is_bare: bool = False, has_certificates: bool = True) -> bytes:  # fmt: skip
        """The answer to a request, or the bare token in it, as made at a time."""
        place = self.folder / str(next(self.numbers))
        place.mkdir()
        signer = signer or self.own
        stamps = signer if at is None else self.own
        (place / "q").write_bytes(query)
        for name, each in (("signer", signer), ("stamps", stamps)):
            (place / name).write_text(each.pem)
            (place / f"{name}.key").write_bytes(each.private)
        (place / "chain").write_text("".join(each.pem for each in chain))
        added = ("-chain", "chain") if chain else ()
        made = (
            "ts",
            "-reply",
            "-config",
            str(self.folder / "ts.cnf"),
            "-queryfile",
            "q",
            "-signer",
            "stamps",
            "-inkey",
            "stamps.key",
            "-sha256",
            *added,
        )
        if at is None:
            _openssl(place, *made, "-out", "answer", *(("-token_out",) if is_bare else ()))
            return (place / "answer").read_bytes()
        _openssl(place, *made, "-out", "token", "-token_out")
        _openssl(
            place,
            "cms",
            "-verify",
            "-noverify",
            "-certfile",
            "stamps",
            "-binary",
            "-in",
            "token",
            "-inform",
            "DER",
            "-out",
            "info",
        )
        info = (place / "info").read_bytes()
        (place / "info").write_bytes(
            re.sub(rb"\x18\x0f\d{14}Z", b"\x18\x0f" + at.strftime("%Y%m%d%H%M%SZ").encode(), info)
        )
        less = () if has_certificates else ("-nocerts",)
        _openssl(place, "cms", "-sign", "-nodetach", "-binary", "-cades", "-md", "sha256", "-econtent_type", _TOKEN_INFO, "-in", "info",
                 "-signer", "signer", "-inkey", "signer.key", *(("-certfile", "chain") if chain else ()), *less, "-outform", "DER", "-out", "answer")  # fmt: skip
        token = (place / "answer").read_bytes()
        return token if is_bare else b"\x30\x82" + (len(token) + 5).to_bytes(2) + b"\x30\x03\x02\x01\x00" + token

    def token(self, raw: bytes, *, digest: str = "sha256", **how: object) -> bytes:
        """A token over these bytes, by the documented commands."""
        place = self.folder / str(next(self.numbers))
        place.mkdir()
        (place / "data").write_bytes(raw)
        wanted = ("-cert",) if how.get("has_certificates", True) else ()
        _openssl(place, "ts", "-query", "-data", "data", f"-{digest}", *wanted, "-out", "q")
        return self.answer((place / "q").read_bytes(), **how)  # type: ignore[arg-type]

    @contextmanager
    def serving(self, answer: bytes | int | None = None) -> Iterator[str]:
        """An address on this computer that stamps, or that gives always the same answer or HTTP status."""
        tsa = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                if isinstance(answer, int):
                    self.send_error(answer)
                    return
                said = tsa.answer(query) if answer is None else answer
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
            finally:
                server.shutdown()
                thread.join()


class Press:
    """Tokens of one authority by the hundred: openssl makes the first, and the others are it with what differs written anew
    and signed again by the authority's own key (RFC 5652 §5.4). `openssl ts -verify` takes them as genuine, too.
    """

    _FIRST = datetime(2026, 1, 1, tzinfo=UTC)

    def __init__(self, tsa: Tsa) -> None:
        self.listed = tsa.listed()
        self._key = tsa.own.key
        self._mould = tsa.token(b"", at=self._FIRST, is_bare=True)
        self._info = next(each for each in _values(self._mould, 0x30) if hashlib.sha256(each).digest() in self._mould)
        size = next(each for each in range(66, 73) if self._mould[-each - 2 : -each] == bytes([4, each]))
        self._signature = self._mould[-size:]
        self._signed = next(filter(self._is_signed, _values(self._mould, 0xA0)))

    def token(self, raw: bytes, at: datetime) -> bytes:
        """A bare token over these bytes, as made at a time."""
        info = self._info.replace(hashlib.sha256(b"").digest(), hashlib.sha256(raw).digest())
        info = info.replace(_as_der(self._FIRST), _as_der(at))
        digests = [hashlib.sha256(each).digest() for each in (self._info, info)]
        signed = self._signed.replace(*digests)
        signature = b""
        while len(signature) != len(self._signature):  # ECDSA's are of 70 to 72 bytes
            signature = self._key.sign(b"\x31" + signed[1:], ec.ECDSA(hashes.SHA256()))
        token = self._mould.replace(self._info, info).replace(self._signed, signed)
        return token.removesuffix(self._signature) + signature

    def _is_signed(self, attributes: bytes) -> bool:
        try:
            public = self._key.public_key()
            public.verify(self._signature, b"\x31" + attributes[1:], ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


def _as_der(moment: datetime) -> bytes:
    return b"\x18\x0f" + moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode()


def _value(der: bytes, at: int) -> bytes:
    """The whole value that begins at a place; empty where none does."""
    try:
        return der[at : anchors._after(der, at)]
    except (ValueError, IndexError):
        return b""


def _values(der: bytes, tag: int) -> Iterator[bytes]:
    return (found for at, first in enumerate(der) if first == tag and (found := _value(der, at)))


def _openssl(place: Path, *words: str) -> None:
    done = subprocess.run(["openssl", *words], cwd=place, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def policy(*listed: str) -> str:
    """The policy of the test programme with these time-stamping authorities."""
    return POLICY + "time_stamps:\n" + "".join(listed)


def anchored(p: Programme, tsa: Tsa, at: datetime, *, over: str | None = None, name: str | None = None, written: datetime | None = None,
             **how: object) -> str:  # fmt: skip
    """A commit on main that brings in a token over main's end, stamped at a time; keywords bend it."""
    stamped = over or p.tips["main"]
    token = tsa.token(p.chronicle.objects[stamped][1], at=at, **how)
    return p.commit("w.writer", {name or anchors.path(stamped): token}, at=written or at)
