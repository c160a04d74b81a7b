"""The inspector's binder: everything that is known on a day, as files that open from a memory stick (DESIGN.md §6).

The same audit gives the same bytes. Nothing in it runs, and nothing asks a server.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from qmdoc import __version__, coverage, desk, training
from qmdoc.model import Meaning, Severity, Status
from qmdoc.outputs import life as lives
from qmdoc.outputs import life_redlines, proof, reading, spreadsheet, training_report
from qmdoc.outputs.life import Life, VersionLife
from qmdoc.outputs.manual_pages import wording
from qmdoc.outputs.spreadsheet import Table
from qmdoc.register import Audit, Register, State
from qmdoc.signing.acceptance import SignOff
from qmdoc.training import report

_REGISTER = ("Number", "Title", "Type", "Owner", "Status", "Version in force", "Approved", "In force since", "Review due", "Approved, waiting", "Waits for",
             "Proposed", "Proposal lacks", "Programmes", "Sites", "Training roles", "SHA-256 digest", "Path", "Approved at commit")  # fmt: skip
_SIGN_OFFS = ("Commit", "Landing day", "Time (UTC)", "Person", "Printed name", "Role", "Meaning", "Documents", "Digests", "Assurance", "Key fingerprint",
              "Accepted", "Code", "Why refused", "Reason given", "Outcome", "Next review", "Authority digest", "File")  # fmt: skip
_ORDER = tuple(Severity)


def files(
    audit: Audit,
    *,
    blob: Callable[[str], bytes],
    manual: Mapping[str, bytes],
    forms: Mapping[str, bytes],
    bundle: bytes,
    answer: str,
) -> dict[str, bytes]:
    """The payload of the binder: path and content of every file.

    `blob` reads a file of the history; `manual` and `forms` are what was built, by path below their folders; `bundle`
    is the git bundle; `answer` the JSON answer.
    """
    register = audit.register
    found = lives.lives(audit, blob)
    tables = (_register_table(register), _sign_off_table(register))
    payload = {
        **{f"manual/{name}": content for name, content in manual.items()},
        **{f"forms/{name}": content for name, content in forms.items()},
        **_document_files(found),
        "register.csv": spreadsheet.csv(tables[0]),
        "sign-offs.csv": spreadsheet.csv(tables[1]),
        "register.xlsx": spreadsheet.xlsx(tables, as_of=audit.as_of),
        "training.csv": spreadsheet.csv(training_report.tables(register)[0]),
        "training.xlsx": spreadsheet.xlsx(training_report.tables(register), as_of=audit.as_of),
        "register.json": answer.encode(),
        "history.bundle": bundle,
        "allowed_signers": proof.allowed_signers(register.ledger).encode(),
        **(
            {"time-stamps.pem": proof.time_stamp_certificates(register.ledger).encode()}
            if register.ledger.anchors
            else {}
        ),
        **_proof_files(register, found),
    }
    return dict(sorted({**payload, **_pages(audit, found, payload)}.items()))


def info(audit: Audit) -> dict[str, str]:
    """What bag-info.txt says of the binder."""
    register = audit.register
    rows = {
        "Source-Organization": register.authority.policy.programme,
        "External-Description": f"Controlled documents as of {audit.as_of}, with approvals and history",
        "External-Identifier": register.ledger.tip,
        "Internal-Sender-Description": f"trust root {register.ledger.trust_root}{'' if register.ledger.is_pinned else ' (not pinned)'}",
    }
    return {label: value for label, value in rows.items() if value}


def _document_files(found: tuple[Life, ...]) -> dict[str, bytes]:
    signed = {
        f"{version.folder}/{file.path}": file.content
        for life in found
        for version in life.versions
        for file in version.files
    }
    return signed | {redline.path: redline.text.encode() for life in found for redline in life.redlines}


def _proof_files(register: Register, found: tuple[Life, ...]) -> dict[str, bytes]:
    steps = proof.steps(register, _example(register, found))
    title = f"How to verify this binder of {register.authority.policy.programme}, {register.as_of}"
    return {"how-to-verify.txt": proof.text(title, steps, proof.not_proved(register)).encode()}


def _example(register: Register, found: tuple[Life, ...]) -> proof.Example | None:
    named = {
        (life.state.id, str(version.approval.version)): {file.name: file.path for file in version.files}
        for life in found
        for version in life.versions
    }
    return proof.example(register, named)


def _pages(audit: Audit, found: tuple[Life, ...], payload: Mapping[str, bytes]) -> dict[str, bytes]:
    """The HTML; each page knows how far above it the top of the binder lies."""
    register, templates = audit.register, _templates()
    common = {
        "audit": audit,
        "register": register,
        "ledger": register.ledger,
        "programme": register.authority.policy.programme,
        "version": __version__,
    }

    def page(template: str, top: str = "", **values: object) -> bytes:
        return templates.get_template(template).render(common | {"top": top} | values).encode()

    limits, shown = proof.not_proved(register), _example(register, found)
    roles = sorted({role for person in register.authority.people.values() for role in person.roles})
    changes = {each.path: each for each in life_redlines.pages(found, roles)}
    has_example = shown is not None
    pages = {
        "binder.css": (_folder() / "binder.css").read_bytes(),
        "redline.css": (_folder().parent / "manual" / "redline.css").read_bytes(),
        **{
            path: page("redline.html", "../../", head=each.head, fragment=Markup(each.fragment), sized=each.sized)
            for path, each in changes.items()
        },
        "index.html": page(
            "index.html",
            totals=_totals(audit),
            findings=_by_severity(audit),
            limits=limits,
            lives=found,
            has_manual="manual/index.html" in payload,
            has_desk="manual/dashboard.html" in payload,
            forms=_below("forms/", payload),
        ),
        "authority.html": page("authority.html"),
        "coverage.html": page(
            "coverage.html", covers=coverage.of(register), evidence=desk.evidence(register), payload=payload
        ),
        "training.html": page("training.html", told=_training(register), payload=payload),
        "findings.html": page(
            "findings.html", findings=sorted(audit.findings, key=lambda finding: _ORDER.index(finding.severity))
        ),
        "how-to-verify.html": page(
            "how-to-verify.html",
            steps=proof.steps(register, shown),
            limits=limits,
            has_example=has_example,
            preface=proof.PREFACE,
        ),
    }
    for life in found:
        pages[f"documents/{life.state.id}.html"] = page(
            "document.html", "../", life=life, state=life.state, redline_pages=changes
        )
        for version in life.versions:
            pages[f"documents/{life.state.id}/{version.approval.version}.html"] = page(
                "version.html", "../../", life=life, each=version, text=_text(version)
            )
    return pages


def _training(register: Register) -> dict[str, object]:
    """Shares, and each person's duties with what shows that they are met."""
    found = training.of(register)
    people = sorted(found.of_person.values(), key=lambda duties: (duties[0].person.name, duties[0].person.id))
    return {
        "total": report.total(found.duties),
        "groups": (
            ("role", report.by_role(found)),
            ("site", report.by_site(found)),
            ("module", report.by_module(register)),
        ),
        "documents": report.by_document(found),
        "people": tuple((duties[0].person, duties) for duties in people),
        "proof": report.proof,
    }


def _below(folder: str, payload: Iterable[str]) -> list[str]:
    return sorted(path for path in payload if path.startswith(folder))


def _text(version: VersionLife) -> str:
    """The text as HTML, without its front matter, whose keys are shown from the register's own reading."""
    source = next(file.content for file in version.files if file.name == ".").decode("utf-8-sig", "backslashreplace")
    lines = source.replace("\r\n", "\n").split("\n")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), 0)
    return reading.page("\n".join(lines[end + 1 :]), files=str(version.approval.version))


def _totals(audit: Audit) -> list[tuple[str, str]]:
    register = audit.register
    status = Counter(state.status for state in register.states)
    covers = coverage.of(register)
    asked, gaps = sum(len(each.asking) for each in covers), sum(len(each.gaps) for each in covers)
    duties = training.required(register)
    accepted = sum(each.is_accepted for each in register.sign_offs)
    return [
        ("Documents in force", str(len(register.in_force))),
        ("of these, periodic review overdue", str(status[Status.REVIEW_OVERDUE])),
        ("Approved, waiting for their day", str(sum(state.waiting is not None for state in register.states))),
        ("Never approved", str(status[Status.DRAFT])),
        ("Proposals that lack a signature", str(sum(state.proposed is not None for state in register.states))),
        ("Withdrawn", str(status[Status.WITHDRAWN])),
        ("Binding clauses answered or excused", f"{asked - gaps} of {asked}"),
        ("Training attested", f"{sum(duty.is_met for duty in duties)} of {len(duties)}"),
        ("of these, signed by the reader", str(sum(duty.sign_off is not None for duty in duties))),
        ("Training late", str(sum(duty.standing.is_late for duty in duties))),
        ("Sign-offs accepted", f"{accepted} of {len(register.sign_offs)}"),
    ]


def _by_severity(audit: Audit) -> list[tuple[str, int]]:
    counted = Counter(finding.severity for finding in audit.findings)
    return [(f"{severity}s", counted[severity]) for severity in Severity]


def _register_table(register: Register) -> Table:
    return Table("Register", _REGISTER, tuple(_register_row(state) for state in register.states))


def _register_row(state: State) -> tuple[str, ...]:
    document, effective, proposal, ahead = state.document, state.effective, state.proposed, state.next
    keys = document.front_matter if document else None
    return (
        state.id, state.title, document.type if document else "", document.owner or "" if document else "", str(state.status),
        *((str(effective.version), str(effective.day), str(effective.since)) if effective else ("", "", "")),
        str(state.review.due) if state.review else "",
        *((str(ahead.version), str(ahead.since)) if ahead else ("", "")),
        str(getattr(proposal.document, "version", "unreadable")) if proposal else "",
        _joined((*map(str, proposal.empty_seats), *proposal.obstacles)) if proposal else "",
        *((_joined(keys.programmes), _joined(keys.sites), _joined(keys.training.roles if keys.training else ())) if keys else ("", "", "")),
        effective.digest if effective else "", state.path, effective.commit if effective else "",
    )  # fmt: skip


def _sign_off_table(register: Register) -> Table:
    return Table("Sign-offs", _SIGN_OFFS, tuple(_sign_off_row(each) for each in register.sign_offs))


def _sign_off_row(each: SignOff) -> tuple[str, ...]:
    return (
        each.commit, str(each.day), _moment(each.time), each.signer, each.name, each.role, each.meaning or "", _joined(map(str, each.subjects)),
        _joined(subject.digest for subject in each.subjects), str(each.assurance), each.key or "", "yes" if each.is_accepted else "no", each.code or "",
        each.explanation, each.reason or "", each.outcome or "", str(each.next_review or ""), each.authority, each.evidence,
    )  # fmt: skip


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)


def _moment(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _coded(prose: str) -> Markup:
    """Prose in which words between backticks are set as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(prose))))


def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {
        "moment": _moment,
        "path": quote,
        "coded": _coded,
        "evidence": wording.evidence,
        "titled": lambda meaning: (meaning or "unknown").replace("-", " "),
    }
    templates.globals |= {"AUTHORITY": Meaning.AUTHORITY}
    return templates


def _folder() -> Path:
    """The pages' templates: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).parents[1]
    installed = package / "library" / "templates" / "binder"
    return installed if installed.is_dir() else package.parent / "templates" / "binder"
