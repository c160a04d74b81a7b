"""SSHSIG signatures, as `ssh-keygen -Y sign` and git make them, checked in process.

The form is OpenSSH's PROTOCOL.sshsig. A signature has one spelling here: whatever ssh-keygen would not have written,
to the byte, is refused, so nothing unsigned can be hidden in a signature. Keys and signatures follow RFC 8709 (Ed25519),
RFC 5656 (ECDSA), RFC 4253 and RFC 8332 (RSA), and PROTOCOL.u2f (hardware keys).

That a signature is good says nothing about *whose* key it is: the authority says that. The bytes of a signature are no
identity either: from one ECDSA signature anybody can compute a second that is as good.
"""

import binascii
import hashlib
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

_Material = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicNumbers
PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class PublicKey(NamedTuple):
    """A public key; the blob is its identity, and two texts with one blob are one key."""

    algorithm: str
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """The fingerprint as `ssh-keygen -l` prints it."""
        return _fingerprint(self.blob)

    @property
    def text(self) -> str:
        """The key as a line of an authorized_keys file, without comment."""
        return f"{self.algorithm} {b64encode(self.blob).decode()}"


@lru_cache(maxsize=256)
def _fingerprint(blob: bytes) -> str:
    return "SHA256:" + b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


class Fault(StrEnum):
    """Why a signature is refused, in the words of the sign-off rules."""

    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad-signature"
    WEAK_KEY = "weak-key"
    WRONG_NAMESPACE = "wrong-namespace"


class Verified(NamedTuple):
    """A good signature, and what the token says of the person's presence (never true of a key kept in a file)."""

    key: PublicKey
    namespace: str
    hash_algorithm: str
    touched: bool
    pin_verified: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A signature that counts for nothing, the reason in one sentence, and the key where it could be read."""

    fault: Fault
    reason: str
    key: PublicKey | None


def public_key(text: str) -> PublicKey | None:
    """The key on one line `type base64 [comment]`, or None when that is not exactly what stands there."""
    line = text.removesuffix("\n")
    words = line.split(" ", 2)
    if len(words) < 2 or not line.isprintable():
        return None
    try:
        parts = _read_key(binascii.a2b_base64(words[1]))
    except (_Refusal, ValueError):
        return None
    # a2b_base64 forgives much: only what comes out the same again was exact
    return parts.key if parts.key.text == " ".join(words[:2]) else None


def weakness(key: PublicKey) -> str | None:
    """Why this key is refused whatever it signs, or None when nothing speaks against it."""
    try:
        return _read_key(key.blob).weakness
    except _Refusal as refusal:
        return str(refusal)


def verify(armor: bytes, message: bytes, *, namespace: str) -> Verified | Refused:
    """The verdict on a signature over these very bytes; any bytes are answered and none raise."""
    if not armor:
        return Refused(Fault.UNSIGNED, "there is no signature", None)
    key: PublicKey | None = None
    try:
        envelope = _open(armor)
        parts = _read_key(envelope.key)
        key = parts.key
        if parts.weakness:
            raise _Weak(parts.weakness)
        flags = _check(envelope, parts, message)
    except _Refusal as refusal:
        return Refused(refusal.fault, str(refusal), key)
    # only now, so that this is said of a signature that is good for the namespace it names
    if envelope.namespace != namespace.encode():
        reason = f"the signature was made for {_shown(envelope.namespace)} and not for {namespace!r}"
        return Refused(Fault.WRONG_NAMESPACE, reason, key)
    return Verified(key, namespace, envelope.hash_algorithm, bool(flags & _TOUCHED), bool(flags & _PIN_VERIFIED))


def sign(private_key: PrivateKey, message: bytes, *, namespace: str, hash_algorithm: str = "sha512") -> bytes:
    """The armored signature that ssh-keygen would make with this key; with Ed25519 the same bytes every time.

    Raises:
        ValueError: the namespace is empty or has a NUL, or the hash is neither sha256 nor sha512.
    """
    if not namespace or "\0" in namespace or hash_algorithm not in _HASHES:
        raise ValueError("a signature needs a namespace, and sha256 or sha512 as its hash")
    key, signature = _make(private_key, _signed(namespace.encode(), hash_algorithm, message))
    blob = _PREAMBLE + _strings(key, namespace.encode(), b"", hash_algorithm.encode(), signature)
    return _armor(blob) + b"\n"


_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----\n", b"-----END SSH SIGNATURE-----"
_LONGEST_ARMOR = 16 * 1024  # the largest RSA key and its signature need 6 KiB
_MAGIC = b"SSHSIG"
_PREAMBLE = _MAGIC + b"\0\0\0\1"  # version 1
_HASHES = ("sha256", "sha512")
_TOUCHED, _PIN_VERIFIED = 0x01, 0x04  # PROTOCOL.u2f; "user present" and "user verified" of CTAP2
_P256, _SHA256 = ec.SECP256R1(), hashes.SHA256()
_CURVES: dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]] = {  # RFC 5656 §6.2.1
    "ecdsa-sha2-nistp256": (_P256, _SHA256),
    "ecdsa-sha2-nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "ecdsa-sha2-nistp521": (ec.SECP521R1(), hashes.SHA512()),
    "sk-ecdsa-sha2-nistp256@openssh.com": (_P256, _SHA256),
}
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P)
_Y8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = (0, 1, _P - 1, _Y8, _P - _Y8)  # the y of all points whose order divides 8


class _Refusal(Exception):
    """A reason to refuse; the public functions make it a value."""

    fault = Fault.BAD_SIGNATURE


class _Weak(_Refusal):
    """The key is refused, whatever it signs."""

    fault = Fault.WEAK_KEY


@dataclass(frozen=True, slots=True)
class _Envelope:
    key: bytes
    namespace: bytes
    hash_algorithm: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class _Key:
    """A key taken apart, ready to verify with; the application of a hardware key; and why it is refused, if it is."""

    key: PublicKey
    form: bytes
    material: _Material
    application: bytes | None
    weakness: str | None


def _open(armor: bytes) -> _Envelope:
    reader = _Reader(_unarmor(armor))
    if reader.take(len(_PREAMBLE)) != _PREAMBLE:
        raise _Refusal("the signature is not of version 1 of the SSH signature form")
    key, namespace, reserved = reader.string(), reader.string(), reader.string()
    hash_name, signature = reader.string(), reader.string()
    reader.end()
    if not namespace or b"\0" in namespace:
        raise _Refusal("the signature names no proper namespace")
    if reserved:  # OpenSSH skips the field and does not sign it: anybody could write into it
        raise _Refusal("the signature's reserved field is not empty")
    hash_algorithm = hash_name.decode("ascii", "replace")
    if hash_algorithm not in _HASHES:
        raise _Refusal("the signature uses a hash other than sha256 and sha512")
    return _Envelope(key, namespace, hash_algorithm, signature)


def _unarmor(armor: bytes) -> bytes:
    exact = armor.removesuffix(b"\n")
    if len(armor) > _LONGEST_ARMOR:
        raise _Refusal("the signature is longer than any SSH signature")
    if not exact.startswith(_BEGIN) or not exact.endswith(_END):
        raise _Refusal("the signature does not begin and end as an SSH signature does")
    try:
        blob = binascii.a2b_base64(exact[len(_BEGIN) : -len(_END)])
    except binascii.Error as error:
        raise _Refusal("the signature is not proper base64") from error
    if _armor(blob) != exact:
        raise _Refusal("the signature is not written as ssh-keygen writes it")
    return blob


def _armor(blob: bytes) -> bytes:
    text = b64encode(blob)
    return _BEGIN + b"".join(text[start : start + 70] + b"\n" for start in range(0, len(text), 70)) + _END


@lru_cache(maxsize=256)  # few keys sign much, and a look at the curve takes as long as a verification (75 µs)
def _read_key(blob: bytes) -> _Key:
    reader = _Reader(blob)
    algorithm = reader.string().decode("ascii", "replace")
    material: _Material
    if algorithm in ("ssh-ed25519", "sk-ssh-ed25519@openssh.com"):
        material = _edwards_point(reader)
    elif algorithm in _CURVES:
        material = _weierstrass_point(reader, _CURVES[algorithm][0])
    elif algorithm == "ssh-rsa":
        material = rsa.RSAPublicNumbers(reader.mpint(), reader.mpint())
    else:  # DSA, certificates, what is yet to come
        refusal = _Weak if algorithm == "ssh-dss" else _Refusal
        raise refusal(f"keys of the type {_shown(algorithm.encode())} are not accepted")
    application = reader.string() if algorithm.startswith("sk-") else None
    reader.end()
    if b"\0" in (application or b""):
        raise _Refusal("the public key's application is not plain text")
    return _Key(PublicKey(algorithm, blob), algorithm.encode(), material, application, _weakness(material))


def _edwards_point(reader: "_Reader") -> ed25519.Ed25519PublicKey:
    """A point of the curve in its one encoding (RFC 8709 §4; RFC 8032 §5.1.3)."""
    octets = reader.string()
    square = _y(octets) ** 2
    # x² = (y² - 1) / (dy² + 1), and Euler's criterion says whether there is such an x; OpenSSL asks only when verifying
    criterion = pow((square - 1) * (_D * square + 1), (_P - 1) // 2, _P)
    if len(octets) != 32 or _y(octets) >= _P or criterion > 1:
        raise _Refusal("the public key is not a point of its curve")
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(octets)
    except UnsupportedAlgorithm as error:
        raise _Refusal("this computer's OpenSSL knows no Ed25519 keys") from error


def _weierstrass_point(reader: "_Reader", curve: ec.EllipticCurve) -> ec.EllipticCurvePublicKey:
    """An uncompressed point of the named curve (RFC 5656 §3.1): the only encoding OpenSSH reads."""
    name, octets = reader.string(), reader.string()
    if name != b"nistp%d" % curve.key_size or octets[:1] != b"\4":
        raise _Refusal("the public key is not of the curve it names")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, octets)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _Refusal("the public key is not a point of its curve") from error


def _weakness(material: _Material) -> str | None:
    match material:
        case ed25519.Ed25519PublicKey() if _y(material.public_bytes_raw()) in _SMALL_ORDER:
            return "the Ed25519 key is a point of small order, for which anybody can sign"
        case rsa.RSAPublicNumbers(n=n) if n.bit_length() < 3072 or n % 2 == 0:
            return f"the RSA key has {n.bit_length()} bits and needs an odd modulus of 3072 or more"
        # FIPS 186-5 §5.1 sets the lower bound; OpenSSL takes no longer exponent with a long modulus
        case rsa.RSAPublicNumbers(e=e) if e % 2 == 0 or not 65537 <= e < 2**64:
            return "the RSA key's exponent is not an odd number from 65537 to 64 bits"
    return None


def _check(envelope: _Envelope, key: _Key, message: bytes) -> int:
    """The token's flags (0 for a key in a file) of a signature that is good for its own namespace; else refuses."""
    signed = _signed(envelope.namespace, envelope.hash_algorithm, message)
    reader = _Reader(envelope.signature)
    form, value, flags = reader.string(), reader.string(), 0
    if form not in (
        (b"rsa-sha2-256", b"rsa-sha2-512") if key.form == b"ssh-rsa" else (key.form,)
    ):  # RFC 8332: no SHA-1
        own = _shown(key.form)
        raise _Refusal(f"a signature of the form {_shown(form)} is not accepted from a key of the type {own}")
    if key.application is not None:  # PROTOCOL.u2f: the token signs over its flags and counter, too
        presence = reader.take(5)
        signed = hashlib.sha256(key.application).digest() + presence + hashlib.sha256(signed).digest()
        flags = presence[0]
    reader.end()
    try:
        _check_value(key, form, value, signed)
    except (InvalidSignature, ValueError) as error:
        raise _Refusal("the signature does not fit the message and the key") from error
    except UnsupportedAlgorithm as error:
        raise _Refusal(f"this computer's OpenSSL cannot check signatures of the form {_shown(form)}") from error
    return flags


def _check_value(key: _Key, form: bytes, value: bytes, signed: bytes) -> None:
    match key.material:
        case ed25519.Ed25519PublicKey() as point:
            point.verify(value, signed)
        case rsa.RSAPublicNumbers() as numbers:
            digest = _SHA256 if form == b"rsa-sha2-256" else hashes.SHA512()
            # RFC 8332 §3 forbids it, but OpenSSH takes a signature whose leading zeros were dropped
            value = value.rjust((numbers.n.bit_length() + 7) // 8, b"\0")
            _rsa_key(numbers).verify(value, signed, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey() as point:
            reader = _Reader(value)
            pair = encode_dss_signature(reader.mpint(), reader.mpint())
            reader.end()
            point.verify(pair, signed, ec.ECDSA(_CURVES[key.key.algorithm][1]))


@lru_cache(maxsize=256)
def _rsa_key(numbers: rsa.RSAPublicNumbers) -> rsa.RSAPublicKey:
    return numbers.public_key()


def _make(private_key: PrivateKey, signed: bytes) -> tuple[bytes, bytes]:
    """The blobs of the public key and of its signature."""
    if isinstance(private_key, ed25519.Ed25519PrivateKey):
        point = private_key.public_key().public_bytes_raw()
        return _strings(b"ssh-ed25519", point), _strings(b"ssh-ed25519", private_key.sign(signed))
    if isinstance(private_key, rsa.RSAPrivateKey):
        key = private_key.public_key().public_numbers()
        value = private_key.sign(signed, padding.PKCS1v15(), hashes.SHA512())
        return _strings(b"ssh-rsa", _mpint(key.e), _mpint(key.n)), _strings(b"rsa-sha2-512", value)
    size, at = private_key.key_size, private_key.public_key().public_numbers()
    name, octets = f"ecdsa-sha2-nistp{size}", (size + 7) // 8
    pair = decode_dss_signature(private_key.sign(signed, ec.ECDSA(_CURVES[name][1])))
    key_blob = _strings(name.encode(), b"nistp%d" % size, b"\4" + at.x.to_bytes(octets) + at.y.to_bytes(octets))
    return key_blob, _strings(name.encode(), _strings(*map(_mpint, pair)))


def _signed(namespace: bytes, hash_algorithm: str, message: bytes) -> bytes:
    """What the key signs: the namespace and the digest of the message, never the message itself."""
    digest = hashlib.new(hash_algorithm, message).digest()
    return _MAGIC + _strings(namespace, b"", hash_algorithm.encode(), digest)


class _Reader:
    """Reads the types of RFC 4251 §5 from front to back and never past the end."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def take(self, count: int) -> bytes:
        start, self._at = self._at, self._at + count
        if self._at > len(self._octets):
            raise _Refusal("the signature or its key is cut short")
        return self._octets[start : self._at]

    def string(self) -> bytes:
        begin = self._at + 4
        self._at = end = begin + int.from_bytes(self._octets[self._at : begin])
        if end > len(self._octets) or begin > len(self._octets):
            raise _Refusal("the signature or its key is cut short")
        return self._octets[begin:end]

    def mpint(self) -> int:
        """A positive number in its shortest form (OpenSSH drops leading zeros), of no more bits than OpenSSL takes."""
        octets = self.string()
        number = int.from_bytes(octets)
        if number == 0 or octets != _mpint(number) or number.bit_length() > 16384:
            raise _Refusal("the signature or its key has a number that is not positive, too long or not well written")
        return number

    def end(self) -> None:
        if self._at != len(self._octets):
            raise _Refusal("the signature or its key has bytes after its end")


def _strings(*fields: bytes) -> bytes:
    return b"".join(len(octets).to_bytes(4) + octets for octets in fields)


def _mpint(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


def _y(point: bytes) -> int:
    return int.from_bytes(point, "little") & (2**255 - 1)


def _shown(name: bytes) -> str:
    return ascii(name[:64].decode(errors="backslashreplace"))
