"""Crafted signatures, each judged by qmdoc and by the real ssh-keygen."""

import base64
import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qmdoc.signing import sshsig
from qmdoc.signing.sshsig import Fault, Refused, Verified

MESSAGE = b"tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nQM-001 2.1: approval\n"
BEGIN, END = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----"
ED, SK_ED = b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"
SK_EC, WEBAUTHN = b"sk-ecdsa-sha2-nistp256@openssh.com", b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the Ed25519 group
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
IDENTITY = b"\1" + bytes(31)
ORDER_8 = bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")


# --- the wire, written a second time so that a fault in qmdoc's own is not repeated here


def string(octets: bytes) -> bytes:
    return len(octets).to_bytes(4, "big") + octets


def strings(*fields: bytes) -> bytes:
    return b"".join(map(string, fields))


def mpint(number: int) -> bytes:
    return string(number.to_bytes(number.bit_length() // 8 + 1, "big") if number else b"")


def wrapped(text: bytes, width: int = 70) -> bytes:
    return BEGIN + b"".join(text[at : at + width] + b"\n" for at in range(0, len(text), width)) + END + b"\n"


def armored(blob: bytes) -> bytes:
    return wrapped(base64.b64encode(blob))


def opened(armor: bytes) -> bytes:
    return base64.b64decode(armor.split(b"-----")[2])


def to_sign(message: bytes, namespace: bytes = b"git", hash_name: bytes = b"sha512") -> bytes:
    digest = hashlib.new(hash_name.decode(), message).digest()
    return b"SSHSIG" + strings(namespace, b"", hash_name, digest)


def blob_of(key: bytes, signature: bytes, *, version: int = 1, namespace: bytes = b"git", reserved: bytes = b"",
            hash_name: bytes = b"sha512") -> bytes:  # fmt: skip
    fields = strings(key, namespace, reserved, hash_name, signature)
    return b"SSHSIG" + version.to_bytes(4, "big") + fields


@dataclass(frozen=True)
class Hands:
    """The keys of a session; the files are ssh-keygen's, the RSA keys cryptography's."""

    room: Path
    files: dict[str, Path]
    ed: ed25519.Ed25519PrivateKey
    p256: ec.EllipticCurvePrivateKey
    rsa3072: rsa.RSAPrivateKey
    rsa2048: rsa.RSAPrivateKey
    rsa_e3: rsa.RSAPrivateKey

    @property
    def ed_key(self) -> bytes:
        return strings(ED, self.ed.public_key().public_bytes_raw())

    @property
    def sk_key(self) -> bytes:
        return strings(SK_ED, self.ed.public_key().public_bytes_raw(), b"ssh:")

    @property
    def p256_point(self) -> bytes:
        form = serialization.PublicFormat.UncompressedPoint
        return self.p256.public_key().public_bytes(serialization.Encoding.X962, form)

    @property
    def p256_key(self) -> bytes:
        return strings(b"ecdsa-sha2-nistp256", b"nistp256", self.p256_point)

    @property
    def sk_ec_key(self) -> bytes:
        return strings(SK_EC, b"nistp256", self.p256_point, b"ssh:")

    def ed_value(self, **kind: bytes) -> bytes:
        return self.ed.sign(to_sign(MESSAGE, **kind))

    def ed_signature(self, **kind: bytes) -> bytes:
        return strings(ED, self.ed_value(**kind))

    def pair(self, data: bytes | None = None) -> tuple[int, int]:
        signed = to_sign(MESSAGE) if data is None else data
        return decode_dss_signature(self.p256.sign(signed, ec.ECDSA(hashes.SHA256())))

    def token_data(self, presence: bytes, application: bytes = b"ssh:") -> bytes:
        return hashlib.sha256(application).digest() + presence + hashlib.sha256(to_sign(MESSAGE)).digest()


def presence(flags: int, counter: int = 7) -> bytes:
    return bytes([flags]) + counter.to_bytes(4, "big")


def keygen(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ssh-keygen", *map(str, arguments)], input=stdin, capture_output=True, check=False)


@pytest.fixture(scope="session")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    room = tmp_path_factory.mktemp("keys")
    kinds = {
        "ed25519": ("ed25519", "256"),
        "p256": ("ecdsa", "256"),
        "p384": ("ecdsa", "384"),
        "p521": ("ecdsa", "521"),
    }
    for name, (kind, bits) in kinds.items():
        assert not keygen("-q", "-t", kind, "-b", bits, "-N", "", "-C", "q.manager", "-f", room / name).returncode
    rsa_keys = {"rsa3072": (65537, 3072), "rsa2048": (65537, 2048), "rsa_e3": (3, 3072)}
    made = {name: rsa.generate_private_key(exponent, bits) for name, (exponent, bits) in rsa_keys.items()}
    (room / "rsa3072").write_bytes(
        made["rsa3072"].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    )
    (room / "rsa3072").chmod(0o600)
    (room / "rsa3072.pub").write_bytes(keygen("-y", "-f", room / "rsa3072").stdout)
    assert not keygen("-q", "-s", room / "p256", "-I", "id", "-n", "me", room / "ed25519.pub").returncode
    ed, p256 = (serialization.load_ssh_private_key((room / name).read_bytes(), None) for name in ("ed25519", "p256"))
    assert isinstance(ed, ed25519.Ed25519PrivateKey)
    assert isinstance(p256, ec.EllipticCurvePrivateKey)
    return Hands(room, {name: room / name for name in (*kinds, "rsa3072")}, ed, p256, **made)


def oracle(hands: Hands, armor: bytes, message: bytes) -> bool:
    """Whether ssh-keygen takes the signature: by its arithmetic, and for the very key it names."""
    path = hands.room / "judged.sig"
    path.write_bytes(armor)
    arithmetic = keygen("-Y", "check-novalidate", "-n", "git", "-s", path, stdin=message).returncode == 0
    signers = hands.room / "signers"
    signers.write_bytes(b'me namespaces="git" ' + named_key(armor) + b"\n")
    arguments = ("-Y", "verify", "-f", signers, "-I", "me", "-n", "git", "-s", path)
    return arithmetic and keygen(*arguments, stdin=message).returncode == 0


def named_key(armor: bytes) -> bytes:
    """The key of a signature as a line of allowed signers, or any other line when there is none."""
    try:
        blob = opened(armor)
        length = int.from_bytes(blob[10:14], "big")
        key = blob[14 : 14 + length]
        return key[4 : 4 + int.from_bytes(key[:4], "big")] + b" " + base64.b64encode(key)
    except (ValueError, IndexError):
        return b"none"


# --- the table: attack, set-up, verdict, and why qmdoc is stricter where ssh-keygen is content

VERIFIED = "verified"
BAD, WEAK, OTHER, NONE = Fault.BAD_SIGNATURE, Fault.WEAK_KEY, Fault.WRONG_NAMESPACE, Fault.UNSIGNED


@dataclass(frozen=True)
class Row:
    name: str
    setup: str
    make: Callable[[Hands], bytes]
    verdict: str
    stricter: str = ""
    message: bytes = MESSAGE
    settled: bool = True  # False where releases of OpenSSH may differ


ROWS: list[Row] = []


def entry(name: str, setup: str, verdict: str, make: Callable[[Hands], bytes], stricter: str = "",
          message: bytes = MESSAGE, *, settled: bool = True) -> None:  # fmt: skip
    ROWS.append(Row(name, setup, make, verdict, stricter, message, settled))


def honest(hands: Hands) -> bytes:
    return armored(blob_of(hands.ed_key, hands.ed_signature()))


def ed(hands: Hands, **odd: bytes | int) -> bytes:
    return armored(blob_of(hands.ed_key, hands.ed_signature(), **odd))  # type: ignore[arg-type]


def p256(hands: Hands, value: bytes) -> bytes:
    return armored(blob_of(hands.p256_key, strings(b"ecdsa-sha2-nistp256", value)))


def token(
    hands: Hands, flags: int, *, told: int | None = None, application: bytes = b"ssh:", tail: bytes = b""
) -> bytes:
    value = hands.ed.sign(hands.token_data(presence(flags), application))
    key = strings(SK_ED, hands.ed.public_key().public_bytes_raw(), application)
    return armored(blob_of(key, strings(SK_ED, value) + presence(flags if told is None else told) + tail))


def ec_token(hands: Hands, flags: int) -> bytes:
    pair = hands.pair(hands.token_data(presence(flags)))
    return armored(blob_of(hands.sk_ec_key, strings(SK_EC, b"".join(map(mpint, pair))) + presence(flags)))


def rsa_blob(key: rsa.RSAPrivateKey, *, lead: bytes = b"") -> bytes:
    numbers = key.public_key().public_numbers()
    modulus = string(lead + mpint(numbers.n)[4:])
    return string(b"ssh-rsa") + mpint(numbers.e) + modulus


def rsa_signature(key: rsa.RSAPrivateKey, form: bytes = b"rsa-sha2-512", lead: bytes = b"", **kind: bytes) -> bytes:
    digests = {b"ssh-rsa": hashes.SHA1(), b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
    value = key.sign(to_sign(MESSAGE, **kind), padding.PKCS1v15(), digests[form])
    return armored(blob_of(rsa_blob(key, lead=lead), strings(form, value), **kind))  # type: ignore[arg-type]


def forged_for_small_order(point: bytes) -> bytes:
    """With a key of small order R = the identity and s = 0 fit one message in eight, or every one."""
    return armored(blob_of(strings(ED, point), strings(ED, IDENTITY + bytes(32))))


def half(pair: tuple[int, int], *, high: bool) -> bytes:
    r, s = pair
    return mpint(r) + mpint(s if (s > P256_ORDER // 2) is high else P256_ORDER - s)


# honest controls
entry("ed25519", "made by the test's own wire code", VERIFIED, honest)
entry("ed25519 sha256", "hash sha256", VERIFIED,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(hash_name=b"sha256"), hash_name=b"sha256")))  # fmt: skip
entry("no last newline", "git's header ends without one", VERIFIED, lambda h: honest(h)[:-1])
entry("p256", "r and s as they come", VERIFIED, lambda h: p256(h, b"".join(map(mpint, h.pair()))))
entry("p256 low s", "s in the lower half", VERIFIED, lambda h: p256(h, half(h.pair(), high=False)))
entry("p256 high s", "s in the upper half: both fit", VERIFIED, lambda h: p256(h, half(h.pair(), high=True)))
entry("rsa 3072 sha2-512", "the shortest RSA key", VERIFIED, lambda h: rsa_signature(h.rsa3072))
entry("rsa 3072 sha2-256", "the other form", VERIFIED, lambda h: rsa_signature(h.rsa3072, b"rsa-sha2-256"))
entry("rsa sha256 over sha2-512", "hash sha256", VERIFIED, lambda h: rsa_signature(h.rsa3072, hash_name=b"sha256"))
entry("sk-ed25519 no touch", "flags 00", VERIFIED, lambda h: token(h, 0))
entry("sk-ed25519 touch", "flags 01", VERIFIED, lambda h: token(h, 1))
entry("sk-ed25519 touch and PIN", "flags 05", VERIFIED, lambda h: token(h, 5))
entry("sk-ed25519 reserved flag", "flags 21: signed, no meaning", VERIFIED, lambda h: token(h, 0x21))
entry("sk-ed25519 own application", "ssh:qmdoc", VERIFIED, lambda h: token(h, 1, application=b"ssh:qmdoc"))
entry("sk-ecdsa touch", "flags 01", VERIFIED, lambda h: ec_token(h, 1))

# the message, the namespace, the value
entry("tampered message", "one byte more", BAD, honest, message=MESSAGE + b"\n")
entry("empty message", "signed was another", BAD, honest, message=b"")
entry("tampered signature", "one bit", BAD,
      lambda h: armored(blob_of(h.ed_key, strings(ED, flipped(h.ed_value())))))  # fmt: skip
entry("wrong namespace", "good for file", OTHER,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b"file"), namespace=b"file")))  # fmt: skip
entry("relabelled namespace", "made for git, says file", BAD, lambda h: ed(h, namespace=b"file"))
entry("namespace taken over", "made for file, says git", BAD,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b"file"))))  # fmt: skip
entry("namespace in capitals", "good for GIT", OTHER,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b"GIT"), namespace=b"GIT")))  # fmt: skip
entry("empty namespace", "good for it", BAD,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b""), namespace=b"")))  # fmt: skip
entry("namespace with NUL", "git NUL", BAD,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b"git\0"), namespace=b"git\0")))  # fmt: skip
entry("namespace not UTF-8", "good for ff", OTHER,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b"\xff"), namespace=b"\xff")))  # fmt: skip
entry("relabelled hash", "made over sha512, says sha256", BAD, lambda h: ed(h, hash_name=b"sha256"))
entry("hash sha384", "good but for the hash", BAD,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(hash_name=b"sha384"), hash_name=b"sha384")))  # fmt: skip
entry("hash sha1", "good but for the hash", BAD,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(hash_name=b"sha1"), hash_name=b"sha1")))  # fmt: skip
entry("raw signature", "over the message and not the SSHSIG form of it", BAD,
      lambda h: armored(blob_of(h.ed_key, strings(ED, h.ed.sign(MESSAGE)))))  # fmt: skip
entry(
    "another key named",
    "the p256 key's holder claims it",
    BAD,
    lambda h: armored(blob_of(h.p256_key, h.ed_signature())),
)

# the armor
entry("nothing", "no bytes", NONE, lambda h: b"")
entry("leading junk", "a line before", BAD, lambda h: b"x\n" + honest(h))
entry("leading newline", "an empty line before", BAD, lambda h: b"\n" + honest(h))
entry("trailing junk", "a line after", BAD, lambda h: honest(h) + b"x\n", "unsigned bytes could hide after the armor")
entry("two last newlines", "one too many", BAD, lambda h: honest(h) + b"\n", "one spelling")
entry("two armors", "the same twice", BAD, lambda h: honest(h) * 2, "SIGNOFF §2: exactly one signature")
entry("good armor inside", "junk, then a good one", BAD, lambda h: wrapped(b"AAAA") + honest(h))
entry("CRLF", "every line", BAD, lambda h: honest(h).replace(b"\n", b"\r\n"))
entry("CR in the base64", "one inner line", BAD, lambda h: honest(h)[:100] + b"\r" + honest(h)[100:], "one spelling")

entry(
    "lines of 64",
    "as other tools wrap",
    BAD,
    lambda h: wrapped(base64.b64encode(opened(honest(h))), 64),
    "one spelling",
)
entry("one long line", "not wrapped", BAD, lambda h: wrapped(base64.b64encode(opened(honest(h))), 9999), "one spelling")
entry("space in a base64 line", "one blank", BAD, lambda h: honest(h)[:40] + b" " + honest(h)[40:], "one spelling")
entry("empty line", "in the middle", BAD, lambda h: honest(h)[:100] + b"\n" + honest(h)[100:], "one spelling")
entry("junk character", "a star in the base64", BAD, lambda h: honest(h)[:40] + b"*" + honest(h)[40:])
entry("non-ASCII", "a letter of two bytes", BAD, lambda h: honest(h)[:40] + "ä".encode() + honest(h)[40:])
entry("NUL", "in the base64", BAD, lambda h: honest(h)[:40] + b"\0" + honest(h)[40:])
entry("no padding", "the = dropped", BAD, lambda h: unpadded(h, b""))
entry("too much padding", "one = more", BAD, lambda h: unpadded(h, b"==="))
entry("bits in the padding", "the last letter carries more", BAD, lambda h: loose_bits(h))
entry("truncated armor", "cut in the base64", BAD, lambda h: honest(h)[:150])
entry("truncated blob", "a byte short", BAD, lambda h: armored(opened(honest(h))[:-1]))
entry("no blob", "begin and end", BAD, lambda h: BEGIN + END + b"\n")
entry("begin only", "one line", BAD, lambda h: BEGIN)
entry("begin and end in one", "END without its own line", BAD, lambda h: BEGIN[:-1] + END)
entry("not base64", "one letter", BAD, lambda h: BEGIN + b"A\n" + END + b"\n")
entry("OpenPGP", "another sort of signature", BAD,
      lambda h: b"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n")  # fmt: skip
entry("too long", "good for a namespace of 16 KiB", BAD,
      lambda h: armored(blob_of(h.ed_key, h.ed_signature(namespace=b"g" * 16_384), namespace=b"g" * 16_384)))  # fmt: skip

# the blob
entry("bad magic", "SSHSIH", BAD, lambda h: armored(opened(honest(h)).replace(b"SSHSIG", b"SSHSIH")))
entry("version 0", "unknown", BAD, lambda h: ed(h, version=0), "PROTOCOL.sshsig knows version 1 only")
entry("version 2", "unknown", BAD, lambda h: ed(h, version=2))
entry("reserved not empty", "not signed", BAD, lambda h: ed(h, reserved=b"x"), "not covered by the signature")
entry("bytes after the blob", "one", BAD, lambda h: armored(opened(honest(h)) + b"\0"))
entry("bytes after the key", "one", BAD, lambda h: armored(blob_of(h.ed_key + b"\0", h.ed_signature())))
entry("bytes after the value", "one", BAD, lambda h: armored(blob_of(h.ed_key, h.ed_signature() + b"\0")))
entry("huge length", "4 GiB key", BAD, lambda h: armored(b"SSHSIG\0\0\0\1" + b"\xff" * 4 + h.ed_key))
entry("huge inner length", "4 GiB value", BAD,
      lambda h: armored(blob_of(h.ed_key, string(ED) + b"\xff" * 4 + h.ed_value())))  # fmt: skip
entry("empty key", "no bytes", BAD, lambda h: armored(blob_of(b"", h.ed_signature())))
entry("empty signature", "no bytes", BAD, lambda h: armored(blob_of(h.ed_key, b"")))
entry("key alone", "ends after it", BAD, lambda h: armored(b"SSHSIG\0\0\0\1" + string(h.ed_key)))

# Ed25519
entry("s plus the order", "malleable: 9.2 takes it", BAD, lambda h: malleable(h), "RFC 8032 §5.1.7", settled=False)
entry("63 bytes", "short value", BAD, lambda h: armored(blob_of(h.ed_key, strings(ED, h.ed_value()[:-1]))))
entry("65 bytes", "long value", BAD, lambda h: armored(blob_of(h.ed_key, strings(ED, h.ed_value() + b"\0"))))
entry("31 bytes of key", "short key", BAD, lambda h: armored(blob_of(strings(ED, bytes(31)), h.ed_signature())))
entry(
    "identity as key",
    "fits every message",
    WEAK,
    lambda h: forged_for_small_order(IDENTITY),
    "anybody can sign",
    settled=False,
)
entry("identity, sign bit", "the same in a second encoding", WEAK,
      lambda h: forged_for_small_order(IDENTITY[:-1] + b"\x80"), "anybody can sign", settled=False)  # fmt: skip
entry("key of order 8", "fits one message in eight", WEAK, lambda h: forged_for_small_order(ORDER_8))
entry("y beyond the field", "2^255 - 18 is 1 again", BAD,
      lambda h: forged_for_small_order((2**255 - 18).to_bytes(32, "little")), "a second encoding of the identity", settled=False)  # fmt: skip
entry("not on Edwards' curve", "y = 2", BAD, lambda h: armored(blob_of(strings(ED, off_edwards()), h.ed_signature())))
entry("ed25519 as ecdsa", "the value relabelled", BAD,
      lambda h: armored(blob_of(h.ed_key, strings(b"ecdsa-sha2-nistp256", h.ed_value()))))  # fmt: skip
entry("short key name", "ED25519", BAD,
      lambda h: armored(blob_of(strings(b"ED25519", h.ed.public_key().public_bytes_raw()), h.ed_signature())))  # fmt: skip
entry("certificate", "ssh-keygen -s", BAD, lambda h: armored(blob_of(certificate(h), h.ed_signature())),
      "the authority lists plain keys")  # fmt: skip
entry(
    "DSA",
    "an old key",
    WEAK,
    lambda h: armored(blob_of(string(b"ssh-dss") + mpint(7) * 4, strings(b"ssh-dss", bytes(40)))),
)

# ECDSA
entry("r zero", "0 is no r", BAD, lambda h: p256(h, mpint(0) + mpint(h.pair()[1])))
entry("s zero", "0 is no s", BAD, lambda h: p256(h, mpint(h.pair()[0]) + mpint(0)))
entry("s zero, spelt out", "one octet of 0", BAD, lambda h: p256(h, mpint(h.pair()[0]) + string(b"\0")))
entry("s negative", "the sign bit set", BAD, lambda h: p256(h, mpint(h.pair()[0]) + string(b"\xff" * 32)))
entry(
    "s plus n", "the order of the curve", BAD, lambda h: p256(h, mpint(h.pair()[0]) + mpint(h.pair()[1] + P256_ORDER))
)
entry("s not shortest", "two zeros in front", BAD,
      lambda h: p256(h, mpint((p := h.pair())[0]) + string(b"\0\0" + mpint(p[1])[4:])), "one spelling")  # fmt: skip
entry("bytes after s", "one", BAD, lambda h: p256(h, b"".join(map(mpint, h.pair())) + b"\0"))
entry(
    "DER in ecdsa",
    "not RFC 5656's form",
    BAD,
    lambda h: p256(h, h.p256.sign(to_sign(MESSAGE), ec.ECDSA(hashes.SHA256()))),
)
entry("p256 with the name of p384", "both names", BAD, lambda h: renamed(h, b"ecdsa-sha2-nistp384", b"nistp384"))
entry("p256 with the curve of p384", "the inner name", BAD, lambda h: renamed(h, b"ecdsa-sha2-nistp256", b"nistp384"))
entry("not on the curve", "y + 1", BAD, lambda h: on_point(h, h.p256_point[:-1] + bytes([h.p256_point[-1] ^ 1])))
entry("point at infinity", "one octet", BAD, lambda h: on_point(h, b"\0"))
entry(
    "compressed point",
    "the same key, shorter",
    BAD,
    lambda h: on_point(h, bytes([2 + h.p256_point[-1] % 2]) + h.p256_point[1:33]),
)

# RSA
entry("rsa 2048", "good but short", WEAK, lambda h: rsa_signature(h.rsa2048), "SIGNOFF §2: 3072 bits")
entry("rsa exponent 3", "good but small", WEAK, lambda h: rsa_signature(h.rsa_e3), "FIPS 186-5: from 65537")
entry("rsa with SHA-1", "the form ssh-rsa", BAD, lambda h: rsa_signature(h.rsa3072, b"ssh-rsa"))
entry("rsa under the old name", "sha2-512, says ssh-rsa", BAD,
      lambda h: armored(blob_of(rsa_blob(h.rsa3072), strings(b"ssh-rsa", rsa_value(h)))))  # fmt: skip
entry("rsa even exponent", "65538", WEAK, lambda h: rsa_numbers(h, 65538, h.rsa3072.public_key().public_numbers().n))
entry("rsa even modulus", "2^3071", WEAK, lambda h: rsa_numbers(h, 65537, 2**3071))
entry("rsa huge exponent", "as long as the modulus", WEAK, lambda h: rsa_numbers(h, 2**3000 + 1, 2**3072 - 1))
entry("rsa huge modulus", "16385 bits", BAD, lambda h: rsa_numbers(h, 65537, 2**16385 - 1))
entry("rsa modulus not shortest", "a zero in front: a second blob of one key", BAD,
      lambda h: rsa_signature(h.rsa3072, lead=b"\0"), "one key, one blob")  # fmt: skip
entry("rsa value too long", "a zero in front", BAD, lambda h: long_rsa(h))
entry("rsa of a form it says not", "sha2-512, says 256", BAD,
      lambda h: armored(opened(rsa_signature(h.rsa3072)).replace(b"rsa-sha2-512", b"rsa-sha2-256")))  # fmt: skip

# hardware keys
entry("touch claimed", "signed 00, says 01", BAD, lambda h: token(h, 0, told=1))
entry("PIN claimed", "signed 01, says 05", BAD, lambda h: token(h, 1, told=5))
entry("bytes after the counter", "one", BAD, lambda h: token(h, 1, tail=b"\0"))
entry("no counter", "the value alone", BAD, lambda h: armored(blob_of(h.sk_key, strings(SK_ED, h.ed_value()))))
entry("plain value with flags", "the token's form, signed without it", BAD,
      lambda h: armored(blob_of(h.sk_key, strings(SK_ED, h.ed_value()) + presence(1))))  # fmt: skip
entry("file key as token", "sk form under the plain key", BAD,
      lambda h: armored(blob_of(h.ed_key, opened(token(h, 1))[-108:])))  # fmt: skip
entry("token as file key", "plain form under the sk key", BAD, lambda h: armored(blob_of(h.sk_key, h.ed_signature())))
entry("another application", "signed for ssh:, key says ssh:x", BAD,
      lambda h: armored(opened(token(h, 1)).replace(strings(b"ssh:"), strings(b"sSh:"))))  # fmt: skip
entry("application with NUL", "good but for it", BAD, lambda h: token(h, 1, application=b"ssh:\0"))
entry(
    "webauthn", "a browser's form", BAD, lambda h: webauthn(h), "a web page can ask for it; SIGNOFF §2 has no such form"
)


def flipped(octets: bytes) -> bytes:
    return octets[:5] + bytes([octets[5] ^ 1]) + octets[6:]


def unpadded(hands: Hands, padding_instead: bytes) -> bytes:
    text = base64.b64encode(opened(honest(hands)))
    assert text.endswith(b"=")
    return wrapped(text.rstrip(b"=") + padding_instead)


def loose_bits(hands: Hands) -> bytes:
    text = base64.b64encode(opened(honest(hands)))
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    kept = text.rstrip(b"=")
    last = letters[letters.index(kept[-1]) + 1 :][:1]
    loose = wrapped(kept[:-1] + last + b"=" * (len(text) - len(kept)))
    assert opened(loose) == opened(honest(hands))
    return loose


def malleable(hands: Hands) -> bytes:
    value = hands.ed_value()
    s = int.from_bytes(value[32:], "little") + ORDER
    return armored(blob_of(hands.ed_key, strings(ED, value[:32] + s.to_bytes(32, "little"))))


def off_edwards() -> bytes:
    return (2).to_bytes(32, "little")


def certificate(hands: Hands) -> bytes:
    return base64.b64decode((hands.room / "ed25519-cert.pub").read_bytes().split()[1])


def renamed(hands: Hands, name: bytes, curve: bytes) -> bytes:
    value = strings(name, b"".join(map(mpint, hands.pair())))
    return armored(blob_of(strings(name, curve, hands.p256_point), value))


def on_point(hands: Hands, point: bytes) -> bytes:
    key = strings(b"ecdsa-sha2-nistp256", b"nistp256", point)
    return armored(blob_of(key, strings(b"ecdsa-sha2-nistp256", b"".join(map(mpint, hands.pair())))))


def rsa_numbers(hands: Hands, exponent: int, modulus: int) -> bytes:
    key = string(b"ssh-rsa") + mpint(exponent) + mpint(modulus)
    return armored(blob_of(key, strings(b"rsa-sha2-512", bytes(383) + b"\2")))


def rsa_value(hands: Hands) -> bytes:
    return hands.rsa3072.sign(to_sign(MESSAGE), padding.PKCS1v15(), hashes.SHA512())


def long_rsa(hands: Hands) -> bytes:
    return armored(blob_of(rsa_blob(hands.rsa3072), strings(b"rsa-sha2-512", b"\0" + rsa_value(hands))))


def webauthn(hands: Hands) -> bytes:
    challenge = base64.urlsafe_b64encode(to_sign(MESSAGE)).rstrip(b"=")
    client = b'{"type":"webauthn.get","challenge":"' + challenge + b'","origin":"https://example.org"}'
    data = hashlib.sha256(b"ssh:").digest() + presence(1) + hashlib.sha256(client).digest()
    pair = b"".join(map(mpint, hands.pair(data)))
    value = strings(WEBAUTHN, pair) + presence(1) + strings(b"https://example.org", client, b"")
    return armored(blob_of(hands.sk_ec_key, value))


def verdict(armor: bytes, message: bytes) -> str:
    answer = sshsig.verify(armor, message, namespace="git")
    return VERIFIED if isinstance(answer, Verified) else answer.fault


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_signature_is_judged_as_ssh_keygen_does_or_stricter_for_a_stated_reason(row: Row, hands: Hands) -> None:
    armor = row.make(hands)
    assert verdict(armor, row.message) == row.verdict
    if row.settled:
        assert oracle(hands, armor, row.message) is (row.verdict == VERIFIED or bool(row.stricter))


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(ROWS) >= 90
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("hash_algorithm", ["sha256", "sha512"])
@pytest.mark.parametrize("name", ["ed25519", "p256", "p384", "p521", "rsa3072"])
def test_what_ssh_keygen_signs_verifies_and_what_qmdoc_signs_ssh_keygen_takes(
    name: str, hash_algorithm: str, hands: Hands
) -> None:
    path, line = hands.files[name], hands.files[name].with_suffix(".pub").read_text()
    made = keygen("-Y", "sign", "-O", f"hashalg={hash_algorithm}", "-f", path, "-n", "git", stdin=MESSAGE).stdout
    key = sshsig.public_key(line)
    assert key is not None
    wanted = Verified(key, "git", hash_algorithm, False, False)
    private = serialization.load_ssh_private_key(path.read_bytes(), None)
    assert isinstance(private, sshsig.PrivateKey)
    ours = sshsig.sign(private, MESSAGE, namespace="git", hash_algorithm=hash_algorithm)
    assert sshsig.verify(made, MESSAGE, namespace="git") == wanted
    assert sshsig.verify(ours, MESSAGE, namespace="git") == wanted
    assert oracle(hands, ours, MESSAGE)
    if name in ("ed25519", "rsa3072"):  # the two without a random number in them
        assert ours == made


def test_what_git_signs_verifies(hands: Hands) -> None:
    git = ["git", "-c", "gpg.format=ssh", "-c", f"user.signingkey={hands.files['ed25519']}"]
    git += ["-c", "user.name=Q", "-c", "user.email=q@example.org", "-C", str(hands.room)]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-S", "-m", "x"]):
        subprocess.run([*git, *words], check=True)
    raw = subprocess.run([*git, "cat-file", "commit", "HEAD"], check=True, capture_output=True).stdout
    start, end = raw.index(b"gpgsig "), raw.index(b"\n\n") + 1
    armor = raw[start + 7 : end].replace(b"\n ", b"\n")
    assert isinstance(sshsig.verify(armor, raw[:start] + raw[end:], namespace="git"), Verified)


def test_an_rsa_value_whose_leading_zero_was_dropped_is_taken_as_openssh_takes_it(hands: Hands) -> None:
    key = hands.rsa3072
    for number in range(5000):
        message = b"%d" % number
        value = key.sign(to_sign(message), padding.PKCS1v15(), hashes.SHA512())
        if value.startswith(b"\0"):
            break
    armor = armored(blob_of(rsa_blob(key), strings(b"rsa-sha2-512", value.lstrip(b"\0"))))
    assert (verdict(armor, message), oracle(hands, armor, message)) == (VERIFIED, True)


@pytest.mark.parametrize("make", [token, ec_token])
@pytest.mark.parametrize(
    ("flags", "touched", "pin"),
    [(0, False, False), (1, True, False), (4, False, True), (5, True, True), (0xFA, False, False)],
)
def test_touch_and_pin_are_what_the_token_signed(
    make: Callable[[Hands, int], bytes], flags: int, touched: bool, pin: bool, hands: Hands
) -> None:
    answer = sshsig.verify(make(hands, flags), MESSAGE, namespace="git")
    assert isinstance(answer, Verified)
    assert (answer.touched, answer.pin_verified) == (touched, pin)


def test_the_key_is_told_where_it_could_be_read(hands: Hands) -> None:
    key = sshsig.public_key(hands.files["ed25519"].with_suffix(".pub").read_text())
    answer = sshsig.verify(honest(hands), b"other", namespace="git")
    assert answer == Refused(BAD, "the signature does not fit the message and the key", key)
    assert sshsig.verify(b"", b"", namespace="git") == Refused(NONE, "there is no signature", None)


@pytest.mark.parametrize("row", [row for row in ROWS if row.verdict != VERIFIED], ids=lambda row: row.name)
def test_a_reason_is_one_plain_line(row: Row, hands: Hands) -> None:
    answer = sshsig.verify(row.make(hands), row.message, namespace="git")
    assert isinstance(answer, Refused)
    assert answer.reason.isascii() and answer.reason.isprintable() and answer.reason[-1] != "."
    assert len(answer.reason) < 200


@pytest.mark.parametrize("name", ["ed25519", "p256", "p384", "p521", "rsa3072"])
def test_a_key_reads_and_prints_as_ssh_keygen_writes_it(name: str, hands: Hands) -> None:
    path = hands.files[name].with_suffix(".pub")
    key = sshsig.public_key(path.read_text())
    assert key is not None
    assert key.text == " ".join(path.read_text().split()[:2])
    assert key.fingerprint in keygen("-l", "-f", path).stdout.decode().split()
    assert sshsig.public_key(key.text) == sshsig.public_key(key.text + " Quality Manager, désk 3\n") == key
    assert sshsig.weakness(key) is None


KEY_TEXTS: dict[str, Callable[[str, str, Hands], str]] = {
    "empty": lambda kind, text, h: "",
    "type alone": lambda kind, text, h: kind,
    "base64 alone": lambda kind, text, h: text,
    "options": lambda kind, text, h: f"no-pty {kind} {text}",
    "two lines": lambda kind, text, h: f"{kind} {text}\n{kind} {text}\n",
    "two newlines": lambda kind, text, h: f"{kind} {text}\n\n",
    "carriage return": lambda kind, text, h: f"{kind} {text}\r\n",
    "leading blank": lambda kind, text, h: f" {kind} {text}",
    "two blanks": lambda kind, text, h: f"{kind}  {text}",
    "tab": lambda kind, text, h: f"{kind}\t{text}",
    "bidirectional comment": lambda kind, text, h: f"{kind} {text} \u202eq.manager",
    "another type": lambda kind, text, h: f"ssh-rsa {text}",
    "no padding": lambda kind, text, h: line(kind, blob(text)[:-1]).rstrip("="),
    "junk in base64": lambda kind, text, h: f"{kind} {text[:9]}*{text[9:]}",
    "non-ASCII base64": lambda kind, text, h: f"{kind} {text[:9]}ä{text[9:]}",
    "trailing byte": lambda kind, text, h: line(kind, blob(text) + b"\0"),
    "byte short": lambda kind, text, h: line(kind, blob(text)[:-1]),
    "y beyond the field": lambda kind, text, h: line(kind, strings(ED, (2**255 - 18).to_bytes(32, "little"))),
    "not on Edwards' curve": lambda kind, text, h: line(kind, strings(ED, off_edwards())),
    "certificate": lambda kind, text, h: (h.room / "ed25519-cert.pub").read_text(),
    "DSA": lambda kind, text, h: line("ssh-dss", string(b"ssh-dss") + mpint(7) * 4),
    "p256 as p384": lambda kind, text, h: line("ecdsa-sha2-nistp384", h.p256_key),
    "not on the curve": lambda kind, text, h: line("ecdsa-sha2-nistp256", flipped(h.p256_key[::-1])[::-1]),
    "rsa not shortest": lambda kind, text, h: line("ssh-rsa", rsa_blob(h.rsa3072, lead=b"\0")),
    "rsa exponent zero": lambda kind, text, h: line("ssh-rsa", strings(b"ssh-rsa", b"\0") + mpint(2**3072 - 1)),
    "rsa 16385 bits": lambda kind, text, h: line("ssh-rsa", string(b"ssh-rsa") + mpint(65537) + mpint(2**16385 - 1)),
    "sk without application": lambda kind, text, h: line(SK_ED.decode(), h.sk_key[:-8]),
    "sk application NUL": lambda kind, text, h: line(SK_ED.decode(), h.sk_key[:-1] + b"\0"),
}


def line(kind: str, octets: bytes) -> str:
    return f"{kind} {base64.b64encode(octets).decode()}"


def blob(text: str) -> bytes:
    return base64.b64decode(text)


@pytest.mark.parametrize("name", KEY_TEXTS)
def test_a_text_that_is_not_exactly_one_key_is_none(name: str, hands: Hands) -> None:
    kind, text, _ = hands.files["ed25519"].with_suffix(".pub").read_text().split(" ")
    assert sshsig.public_key(KEY_TEXTS[name](kind, text, hands)) is None


def test_a_weak_key_is_read_and_its_weakness_told(hands: Hands) -> None:
    blobs = {
        "the RSA key has 2048 bits": rsa_blob(hands.rsa2048),
        "the RSA key's exponent": rsa_blob(hands.rsa_e3),
        "the Ed25519 key is a point of small order": strings(ED, IDENTITY),
    }
    for start, octets in blobs.items():
        key = sshsig.public_key(line(octets[4:].split(b"\0")[0].decode(), octets))
        assert key is not None
        assert (sshsig.weakness(key) or "").startswith(start)
    assert (
        sshsig.weakness(sshsig.PublicKey("ssh-dss", string(b"ssh-dss")))
        == "keys of the type 'ssh-dss' are not accepted"
    )


def test_the_points_of_small_order_are_all_there_are() -> None:
    """Eight times the point is the identity for these y; five y, for eight points."""
    prime, d = sshsig._P, sshsig._D % sshsig._P
    for y in sshsig._SMALL_ORDER:
        for _ in range(3):  # doubling needs x only as its square
            xx = (y * y - 1) * pow(d * y * y + 1, -1, prime) % prime
            y = (y * y + xx) * pow(1 - d * xx * y * y, -1, prime) % prime
        assert y == 1
    assert len(set(sshsig._SMALL_ORDER)) == 5


@pytest.mark.parametrize(("namespace", "hash_algorithm"), [("", "sha512"), ("git\0", "sha512"), ("git", "sha1")])
def test_no_signature_is_made_that_would_be_refused(namespace: str, hash_algorithm: str) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(ValueError, match="a signature needs a namespace"):
        sshsig.sign(key, MESSAGE, namespace=namespace, hash_algorithm=hash_algorithm)


QUICK = settings(max_examples=300, deadline=None, derandomize=True, database=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip


@QUICK
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=300).map(armored)))
@example(BEGIN)
@example(armored(b"SSHSIG\0\0\0\1" + b"\xff" * 40))
def test_arbitrary_bytes_never_raise_and_never_verify(armor: bytes) -> None:
    assert isinstance(sshsig.verify(armor, MESSAGE, namespace="git"), Refused)


@QUICK
@given(
    kind=st.integers(0, 3), at=st.integers(0), cut=st.integers(0, 5), put=st.binary(max_size=5), inside=st.booleans()
)
def test_a_changed_signature_never_verifies(
    kind: int, at: int, cut: int, put: bytes, inside: bool, hands: Hands
) -> None:
    armor = (honest, lambda h: token(h, 5), lambda h: rsa_signature(h.rsa3072), lambda h: ec_token(h, 1))[kind](hands)
    whole = opened(armor) if inside else armor
    at %= len(whole) + 1
    changed = whole[:at] + put + whole[at + cut :]
    changed = armored(changed) if inside else changed
    verified = isinstance(sshsig.verify(changed, MESSAGE, namespace="git"), Verified)
    assert verified is (changed in (armor, armor[:-1]))


@QUICK
@given(st.one_of(st.text(max_size=60), st.binary(max_size=90).map(lambda octets: line("ssh-ed25519", octets))))
def test_arbitrary_text_is_no_key_and_never_raises(text: str) -> None:
    assert sshsig.public_key(text) is None
    assert sshsig.weakness(sshsig.PublicKey("ssh-ed25519", text.encode(errors="replace")))
