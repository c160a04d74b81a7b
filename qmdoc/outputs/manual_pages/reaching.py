"""The addresses that a page offers: prefilled e-mails and forge pages, and the QR code that leads back from paper."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import segno
from markupsafe import Markup

from qmdoc.ledger import Approval
from qmdoc.outputs.languages import Language
from qmdoc.outputs.manual_pages import source
from qmdoc.register import Register, State
from qmdoc.saying import said
from qmdoc.signing.contact import ForgeKind, ForgeSite

CURRENT = "current"
SHOWN_DIGITS = 12
YOUR_ID, YOUR_DAY = "YOUR-ID", "YYYY-MM-DD"
_CODE = re.compile(r'<svg class="qm-code" data-qm-says="([^"]*)"></svg>')
_HEADER = "person,document,version,sha256,date,kind,how,evidence,entered_by"
_NEW_FILE = {ForgeKind.GITHUB: "new", ForgeKind.GITEA: "_new"}


@dataclass(frozen=True, slots=True)
class Way:
    """A link that is filled in for the reader; `words` is what it says."""

    words: str
    address: str


def letter(addresses: tuple[str, ...], subject: str, body: str) -> str:
    """An e-mail begun; without an address the reader chooses one."""
    to = ",".join(quote(each, safe="@") for each in addresses)
    return f"mailto:{to}?{urlencode({'subject': subject, 'body': body}, quote_via=quote)}"


def answerable(state: State, register: Register) -> tuple[str, ...]:
    """E-mail addresses of those who answer for a document: its owner's, and the quality manager's.

    The quality manager is whoever holds the role of the first seat for its approval.
    """
    authority, day = register.authority, register.as_of
    owner = state.text.owner if state.text else None
    people = [owner] if owner in authority.people else authority.holders(owner or "", day)
    seats = authority.policy.sign_off.get(state.text.type if state.text else "", authority.policy.sign_off["default"])
    people += authority.holders(seats[0].role, day)
    found = [
        authority.people[each].emails[0]
        for each in dict.fromkeys(people)
        if each and authority.people[each].emails and authority.people[each].is_active(day)
    ]
    return tuple(found)


def name_of(state: State, approval: Approval) -> str:
    """Number, version and digest: what tells a text from every other."""
    digest = approval.digest[:SHOWN_DIGITS]
    return said(
        "%(number)s version %(version)s, digest %(digest)s", number=state.id, version=approval.version, digest=digest
    )


def problem(state: State, approval: Approval, title: str, register: Register, language: Language) -> Way:
    """Where a reader reports what is wrong with a document."""
    told = {"number": state.id, "title": title, "version": approval.version}
    subject = language.text(said("Problem with %(number)s %(title)s, version %(version)s", **told))
    lines = (
        said("Document: %(name)s", name=name_of(state, approval)),
        said("Step or section:"),
        said("What is wrong:"),
        said("Has a patient or a product been affected? (If so, call first.)"),
    )
    body = "".join(f"{language.text(line)}\n" for line in lines)
    forge = register.authority.policy.forge
    if forge is None:
        return Way(said("by e-mail"), letter(answerable(state, register), subject, body))
    return Way(said("on the forge"), _issue(forge, subject, body))


def attestation(state: State, approval: Approval, register: Register, kind: str, language: Language) -> tuple[Way, ...]:
    """The ways to say "I have read this" with a machine: the forge where there is one, and an e-mail."""
    row = f"{YOUR_ID},{state.id},{approval.version},{approval.digest},{YOUR_DAY},{kind}"
    named = {"number": state.id, "version": approval.version}
    subject = language.text(said("I have read %(number)s version %(version)s", **named))
    sentence = language.text(said("I have read and understood this version."))
    ways = []
    if forge := register.authority.policy.forge:
        record = f"{_HEADER}\n{row},forge,,{YOUR_ID}\n"
        if forge.kind is ForgeKind.GITLAB:
            ways.append(Way(said("Open an issue"), _issue(forge, subject, f"{sentence}\n\n```\n{record}```\n")))
        else:
            path = f"records/training/{state.id}/{approval.version}-{YOUR_ID}.csv"
            ways.append(Way(said("Write the record"), _new_file(forge, path, record)))
    lines = (
        sentence, "", said("Document: %(name)s", name=name_of(state, approval)), said("My id or name: %(id)s", id=YOUR_ID), said("Day: %(day)s", day=YOUR_DAY),
        "", said("For the records:"), f"{row},roster,,",
    )  # fmt: skip
    body = "".join(f"{language.text(line)}\n" for line in lines)
    return (*ways, Way(said("Write an e-mail"), letter(answerable(state, register), subject, body)))


def written(state: State, approval: Approval, register: Register) -> str:
    """What a print's QR code says: the address of the page that tells whether the print is current.

    Where the policy does not say where the manual is read, it holds what is to be typed there.
    """
    url, digest = register.authority.policy.manual_url, approval.digest[:SHOWN_DIGITS]
    if url:
        return f"{url.rstrip('/')}/{CURRENT}.html#{state.id}/{approval.version}/{digest}"
    return f"{state.id} {approval.version} {digest}"


def code(state: State, approval: Approval, register: Register) -> Markup:
    """The place of a printed copy's QR code, which `drawn` fills: drawing takes 5 ms, and most pages stand already."""
    return Markup('<svg class="qm-code" data-qm-says="{}"></svg>').format(written(state, approval, register))


def drawn(page: str) -> str:
    """The HTML of a page with its QR codes."""
    return _CODE.sub(lambda found: _square(html.unescape(found[1])), page)


def _square(said: str) -> str:
    """A QR code (ISO/IEC 18004) as SVG."""
    made = io.BytesIO()
    segno.make(said, error="m", micro=False).save(
        made, kind="svg", xmldecl=False, svgclass="qm-code", lineclass=None, omitsize=True, border=4, light="#fff",
        title=f"QR code: {said}", nl=False,
    )  # fmt: skip
    return made.getvalue().decode()  # segno escapes what it writes


def absent_prefix(manual_url: str) -> str:
    """What stands before the links of the page for missing addresses, which is shown at any depth of a site."""
    return f"/{manual_url.partition('://')[2].partition('/')[2].strip('/')}/".replace("//", "/")


def place(name: str) -> str:
    """The address of a page within the site."""
    return source.href(source.HOME, name)


def _new_file(forge: ForgeSite, path: str, content: str) -> str:
    asked = urlencode({"filename": path, "value": content}, quote_via=quote)
    return f"{forge.url.rstrip('/')}/{_NEW_FILE[forge.kind]}/{forge.branch}?{asked}"


def _issue(forge: ForgeSite, title: str, body: str) -> str:
    base = forge.url.rstrip("/")
    if forge.kind is ForgeKind.GITLAB:
        return f"{base}/-/issues/new?{urlencode({'issue[title]': title, 'issue[description]': body}, quote_via=quote)}"
    return f"{base}/issues/new?{urlencode({'title': title, 'body': body}, quote_via=quote)}"
