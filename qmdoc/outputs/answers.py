"""The answer as JSON, for programs (DESIGN.md §3.5): adding a key is free, changing one is not."""

from __future__ import annotations

import json
from typing import Any

from qmdoc.errors import QmdocError
from qmdoc.ledger import Approval, Proposal
from qmdoc.model import Finding
from qmdoc.register import Audit, Register, State
from qmdoc.signing.acceptance import SignOff

SCHEMA = 1
Json = dict[str, Any]  # Any: JSON


def json_text(audit: Audit) -> str:
    """The whole answer."""
    register = audit.register
    answer = {
        "schema": SCHEMA,
        "as_of": register.as_of.isoformat(),
        "commit": register.ledger.tip or None,
        "trust_root": register.ledger.trust_root,
        "trust_root_pinned": register.ledger.is_pinned,
        "programme": register.authority.policy.programme,
        "authority": f"sha256:{register.authority.digest}",
        "looked_at": looked_at(register),
        "time_anchors": [
            {"commit": each.commit, "time": each.time.strftime("%Y-%m-%dT%H:%M:%SZ"), "authority": each.authority}
            for each in register.ledger.anchors
        ],
        "documents": [_document(state) for state in register.states],
        "sign_offs": [_sign_off(each) for each in register.sign_offs],
        "findings": [_finding(finding) for finding in audit.findings],
    }
    return _written(answer)


def draft_text(audit: Audit) -> str:
    """What was found in the work tree's texts; nothing in it says that anything is in force."""
    documents = [
        {
            "id": state.id,
            "title": state.title,
            "path": state.path,
            "version": str(state.document.version) if state.document else None,
        }
        for state in audit.register.states
    ]
    answer = {
        "schema": SCHEMA,
        "draft": True,
        "as_of": audit.as_of.isoformat(),
        "documents": documents,
        "findings": [_finding(each) for each in audit.findings],
    }
    return _written(answer)


def error_text(error: QmdocError) -> str:
    """The answer where the work could not be done."""
    return _written({"schema": SCHEMA, "error": {"code": error.code, "message": error.message, "fix": error.fix}})


def looked_at(register: Register) -> dict[str, int]:
    """How much was looked at: a clean answer must say so."""
    return {
        "documents": len(register.states) + len(register.nameless),
        "clauses": sum(len(catalogue.clauses) for catalogue in register.catalogues),
        "sign_offs": len(register.sign_offs),
        "landings": len(register.ledger.landings),
    }


def _written(answer: Json) -> str:
    return json.dumps(answer, indent=1, ensure_ascii=False) + "\n"


def _document(state: State) -> Json:
    return {
        "id": state.id,
        "title": state.title,
        "type": state.document.type if state.document else None,
        "owner": state.document.owner if state.document else None,
        "path": state.path,
        "status": str(state.status),
        "effective": _effective(state, state.effective) if state.effective else None,
        "approved": _approved(state.waiting) if state.waiting else None,
        "proposed": _proposed(state.proposed) if state.proposed else None,
        "history": [
            {
                "version": str(period.version),
                "blob": period.approval.content.blob,
                "sha256": period.approval.digest,
                "since": period.since.isoformat(),
                "until": period.until.isoformat() if period.until else None,
            }
            for period in state.history
        ],
        "withdrawn": state.withdrawal.day.isoformat() if state.withdrawal else None,
    }


def _effective(state: State, approval: Approval) -> Json:
    return _approved(approval) | {"review_due": state.review.due.isoformat() if state.review else None}


def _approved(approval: Approval) -> Json:
    return {
        "version": str(approval.version),
        "blob": approval.content.blob,
        "sha256": approval.digest,
        "approved": approval.day.isoformat(),
        "since": approval.since.isoformat(),
        "commit": approval.commit,
    }


def _proposed(proposal: Proposal) -> Json:
    document = proposal.document
    return {
        "version": str(getattr(document, "version", "")) or None,
        "blob": proposal.content.blob,
        "sha256": proposal.digest,
        "missing": [str(seat) for seat in proposal.empty_seats] + list(proposal.obstacles),
    }


def _sign_off(sign_off: SignOff) -> Json:
    return {
        "commit": sign_off.commit,
        "evidence": sign_off.evidence or None,
        "signer": sign_off.signer or None,
        "name": sign_off.name,
        "role": sign_off.role or None,
        "meaning": str(sign_off.meaning) if sign_off.meaning else None,
        "subjects": [str(subject) for subject in sign_off.subjects],
        "assurance": str(sign_off.assurance),
        "attested_by": sign_off.attested_by or None,
        "accepted": sign_off.is_accepted,
        "code": sign_off.code,
        "explanation": sign_off.explanation or None,
        "time": sign_off.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "landed": sign_off.day.isoformat(),
    }


def _finding(finding: Finding) -> Json:
    return {
        "check": finding.check,
        "severity": str(finding.severity),
        "document": finding.document,
        "path": finding.path,
        "line": finding.line,
        "commit": finding.commit,
        "message": finding.message,
        "fix": finding.fix,
        "clauses": list(finding.clauses),
    }
