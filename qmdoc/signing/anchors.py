"""Time anchors: what a time stamp of a third party (RFC 3161) proves about a commit, judged offline (SIGNOFF.md §6).

What is stamped is the SHA-256 of the commit's own bytes, so that git's SHA-1 decides nothing and stock tools can redo it:
`git cat-file commit ID | openssl ts -query -data /dev/stdin -sha256 -cert`. The answer, or the token in it, is kept as
`records/anchors/<ID>.tsr`. A time-stamping authority is trusted by what the policy lists: a PEM text that begins or ends
its chain with a self-signed certificate. Everything issued under that root for time stamping is then believed; where
the authority's own certificate stands beside the root, that one alone.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509

from qmdoc.errors import QmdocError
from qmdoc.signing.authority import TimeStamp

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse, Verifier

FOLDER = "records/anchors/"
SUFFIX = ".tsr"
LARGEST = 1 << 20
_NAME = re.compile(rf"{re.escape(FOLDER)}([0-9a-f]{{40}}|[0-9a-f]{{64}}){re.escape(SUFFIX)}")
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
_GRANTED = b"\x30\x03\x02\x01\x00"  # PKIStatusInfo: granted, and nothing more
_CERTIFICATES = 0xA0
# What OpenSSL says of a token that does not verify, and what that means to people.
_PLAINLY = {
    "certificate has expired": "the certificate of its time-stamping authority had expired when it was made",
    "certificate is not yet valid": "the certificate of its time-stamping authority was not valid yet when it was made",
    "certificate verify error": "",
    "digest failure": "it was changed after it was made",
    "signature failure": "it was changed after it was made",
}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time stamp over a mainline commit: all that the commit contains existed at `time`, by the word of `authority`.

    `landing` counts the mainline commit that first held the token: whatever descends from it was made after `time`.
    """

    commit: str
    time: datetime
    authority: str
    path: str
    landing: int
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Stamped:
    """A token that holds: when, and by whose word; a bare one stands without the answer that it came in."""

    time: datetime
    authority: str
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A token that proves nothing, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Bracket:
    """Between which times something was made, as far as time anchors tell; None: they don't.

    `landed_after` is the latest time stamp on the mainline before it landed; it may have been made before on a branch.
    """

    not_before: datetime | None = None
    not_after: datetime | None = None
    landed_after: datetime | None = None

    def widened(self, by: timedelta) -> Bracket:
        """The bracket with some leeway for clocks that differ."""
        if not (self.not_before or self.not_after or self.landed_after):
            return self
        return Bracket(
            self.not_before and self.not_before - by,
            self.not_after and self.not_after + by,
            self.landed_after and self.landed_after - by,
        )


UNBOUNDED = Bracket()


def path(commit_id: str) -> str:
    """Where the token over a commit is kept."""
    return f"{FOLDER}{commit_id}{SUFFIX}"


def commit_of(token_path: str) -> str | None:
    """The commit that a token's path names; None: it is no path of a token."""
    match = _NAME.fullmatch(token_path)
    return match[1] if match else None


def imprint(raw_commit: bytes) -> bytes:
    """What is stamped of a commit: the SHA-256 of its bytes."""
    return hashlib.sha256(raw_commit).digest()


def imprint_in(token: bytes) -> bytes | Refused:
    """The SHA-256 that a token stamps. Raises QmdocError where the library for time stamps is not installed."""
    response = _read(token)
    if isinstance(response, Refused):
        return response
    stamped = response.tst_info.message_imprint
    if stamped.hash_algorithm != _SHA256:
        return Refused("it stamps another kind of digest than SHA-256")
    return stamped.message


def verify(token: bytes, raw_commit: bytes, trusted: Sequence[TimeStamp]) -> Stamped | Refused:
    """Whether a token, or the answer that holds it, stamps exactly this commit by the word of a listed authority.

    Raises QmdocError where the library for time stamps is not installed.
    """
    found = imprint_in(token)
    if isinstance(found, Refused):
        return found
    if found != imprint(raw_commit):
        return Refused("it stamps something else than the commit that its name says")
    response = _read(token)
    assert not isinstance(response, Refused)
    if not trusted:
        return Refused("the policy lists no time-stamping authority (`time_stamps`)")
    reasons = []
    for listed in trusted:
        reason = _doubt(response, listed, found)
        if reason is None:
            return Stamped(response.tst_info.gen_time.astimezone(UTC), listed.name, _is_bare(token))
        reasons.append(reason)
    names = ", ".join(listed.name for listed in trusted)
    return Refused(
        next(filter(None, reasons), f"it comes from no time-stamping authority that the policy lists ({names})")
    )


def request(raw_commit: bytes) -> tuple[bytes, int | None]:
    """A request for a token over a commit, and the number used once that the answer must repeat.

    Raises QmdocError where the library for time stamps is not installed.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
    except ImportError as error:
        raise _no_library() from error
    made = TimestampRequestBuilder().data(raw_commit).hash_algorithm(HashAlgorithm.SHA256).build()
    return made.as_bytes(), made.nonce


def answer_to(answer: bytes, nonce: int | None) -> bytes | Refused:
    """The answer to a request, if it holds a token for that request."""
    response = _read(answer)
    if isinstance(response, Refused):
        return response
    return answer if response.tst_info.nonce == nonce else Refused("it answers another request than this one")


def _read(token: bytes) -> TimeStampResponse | Refused:
    """The answer that the bytes are, or that the bare token in them would have come in."""
    try:
        from rfc3161_client import PKIStatus, decode_timestamp_response
    except ImportError as error:
        raise _no_library() from error
    if len(token) > LARGEST:
        return Refused("it is over 1 MiB, and no RFC 3161 time stamp")
    try:
        whole = _sorted(_sequence(_GRANTED + token) if _is_bare(token) else token)
        response = decode_timestamp_response(whole)
        if response.status not in (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS):
            said = "; ".join(" ".join(row.split()) for row in response.status_string)
            return Refused(f"it is no time stamp, but a refusal to give one{f': {said}' if said else ''}")
        if response.status != PKIStatus.GRANTED:
            response = decode_timestamp_response(_sequence(_GRANTED + response.time_stamp_token()))
        _ = response.tst_info.gen_time, response.signed_data
    except Exception:  # as in `_doubt`
        return Refused("it is no RFC 3161 time stamp, or a damaged one")
    return response


def _is_bare(token: bytes) -> bool:
    """Whether the bytes begin like a token, with what kind of content they are, and not like an answer, with its status."""
    begin = _inside(token, 0)
    return token[begin : begin + 1] == b"\x06"


def _doubt(response: TimeStampResponse, listed: TimeStamp, stamped: bytes) -> str | None:
    """Why one listed authority does not vouch for a token: None where it does, empty where nothing more can be said."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd certificates that a later version will not read
            verifier = _verifier(listed)
            if verifier is None:
                return f"the policy's certificate of {listed.name} is no PEM text that holds the self-signed root"
            if not _has_one_signer(response):
                return "more than one of the certificates in it could be its signer's"
            verifier.verify(response, stamped)
    except Exception as error:  # the library documents no closed set of errors for hostile bytes, and raises many
        return next((words for sign, words in _PLAINLY.items() if sign in str(error)), "")
    return None


def _verifier(listed: TimeStamp) -> Verifier | None:
    from rfc3161_client import VerifierBuilder

    try:
        certificates = x509.load_pem_x509_certificates(listed.certificate.encode())
    except ValueError:
        return None
    roots = [each for each in certificates if each.issuer == each.subject]
    between = [each for each in certificates if each not in roots and _may_issue(each)]
    own = [each for each in certificates if each not in roots and each not in between]
    if not roots or len(own) > 1:
        return None
    return VerifierBuilder(roots=roots, intermediates=between, tsa_certificate=own[0] if own else None).build()


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _has_one_signer(response: TimeStampResponse) -> bool:
    """The library looks at one certificate for its purpose and OpenSSL at one for its chain: it must be the same one."""
    data = response.signed_data
    signers = {(each.issuer, each.serial_number) for each in data.signer_infos}
    found = [x509.load_der_x509_certificate(each) for each in data.certificates]
    return len(signers) == 1 and sum((each.issuer, each.serial_number) in signers for each in found) <= 1


def _no_library() -> QmdocError:
    return QmdocError(
        "this history holds time stamps, or you ask for one, and the library that reads them is not installed",
        fix="install it with: pip install 'qmdoc[anchors]'",
        code="no-time-stamp-library",
    )


def _sorted(answer: bytes) -> bytes:
    """The answer with the certificates of its token in DER's order for sets.

    OpenSSL's own time-stamping server writes them as they come, and the library refuses that. No signature covers the order.
    """
    at = _after(answer, _inside(answer, 0))  # the answer: its status, then the token
    if at == len(answer):
        return answer  # a refusal has none
    at = _inside(answer, at)  # the token: its kind, then its content
    at = _inside(
        answer, _inside(answer, _after(answer, at))
    )  # the signed data: version, digests, what is signed, certificates
    for _ in range(3):
        at = _after(answer, at)
    if answer[at] != _CERTIFICATES:
        return answer
    begin, end = _inside(answer, at), _after(answer, at)
    return answer[:begin] + b"".join(sorted(_parts(answer[begin:end]))) + answer[end:]


def _parts(content: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(content):
        end = _after(content, at)
        yield content[at:end]
        at = end


def _inside(der: bytes, at: int) -> int:
    """Where the content of the value at a place begins."""
    return _length(der, at)[0]


def _after(der: bytes, at: int) -> int:
    """Where the value at a place ends."""
    begin, size = _length(der, at)
    if begin + size > len(der):
        raise ValueError("the value is longer than the text")
    return begin + size


def _length(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the value at a place begins, and how long it is. Raises IndexError, ValueError."""
    first = der[at + 1]
    if first < 0x80:
        return at + 2, first
    many = first & 0x7F
    if not 1 <= many <= 4:
        raise ValueError("the length is not DER's")
    if at + 2 + many > len(der):
        raise ValueError("the length is cut off")
    return at + 2 + many, int.from_bytes(der[at + 2 : at + 2 + many])


def _sequence(content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return b"\x30" + bytes([size]) + content
    written = size.to_bytes((size.bit_length() + 7) // 8)
    return b"\x30" + bytes([0x80 | len(written)]) + written + content
