"""Approvals that a forge wrote into a merge: what they prove, and what anybody could have typed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from forgeries.court import DOC, PATH, accepted, audit, in_force, missing, refused, sign_off
from programme import PEOPLE, POLICY, Programme, document, email, entry, key, path, people, public

from qmdoc import git, place
from qmdoc.chronicle import Writer
from qmdoc.model import Assurance, Meaning
from qmdoc.outputs import answers, binder, manual, proof
from qmdoc.outputs.manual_pages import wording
from qmdoc.register import Audit
from qmdoc.signing import sshsig

TOP = Path(__file__).parents[2]
ADDRESS = "noreply@forge.example"
QUALITY, DIRECTOR = f"Q. Manager <{email('q.manager')}>", f"M. Director <{email('m.director')}>"


def forge(name: str = "gitlab", *, keys: str | None = None, assurance: str = "forge") -> str:
    """A policy that lists a forge with its key and its address."""
    listed = f'"{public("forge")}"' if keys is None else keys
    policy = POLICY.replace("assurance: signed", f"assurance: {assurance}")
    return f"{policy}forges: {{{name}: {{keys: [{listed}], committers: [{ADDRESS}]}}}}\n"


def by(person: str) -> Callable[[bytes], bytes]:
    return lambda payload: sshsig.sign(key(person), payload, namespace="git")


def proposed(
    policy: str = "", *, author: str = "w.writer", files: Mapping[str, str] | None = None, **roster: str
) -> Programme:
    """A branch `topic` that writes QM-001."""
    p = Programme(policy=policy or forge(), people=people(roster.get("people") and {"x.both": roster["people"]}))
    p.branch("topic")
    p.commit(author, files or {DOC: document()}, branch="topic", message=roster.get("message", "Write it"))
    return p


def merged(p: Programme, *approvers: str, merger: str = "n.nurse", signed_by: str | None = "forge", word: str = "Approved-by", message: str = "",
           committer: str = ADDRESS, files: Mapping[str, str | bytes | None] | None = None, branch: str = "main") -> str:  # fmt: skip
    """The merge of `topic` as a forge makes it: the merger is the author, the forge the committer and signer."""
    lines = "\n".join(f"{word}: {each}" for each in approvers)
    at = int(p.clock.timestamp()) + 3600
    return p.merge(
        merger,
        "topic",
        files,
        branch=branch,
        message=message or f"Merge branch 'topic'\n\nNew text.\n\n{lines}\n\nSee merge request !1\n",
        author=Writer("Merger", email(merger) if "@" not in merger else merger, at),
        committer=Writer("Forge", committer, at),
        sign=by(signed_by) if signed_by else None,
    )


def rows(a: Audit) -> list[tuple[str, str, str | None]]:
    return [(row.signer, row.role, row.code) for row in a.register.sign_offs]


# --- the honest path


def test_control_gitlab_approvals_bring_a_version_into_force(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert rows(a) == [("q.manager", "quality-manager", None), ("m.director", "medical-director", None)]
    row = sign_off(a, merge)
    assert (row.assurance, row.attested_by, row.name) == (Assurance.FORGE, "gitlab", "Quality Manager")
    assert row.key == sshsig.PublicKey(*_wire("forge")).fingerprint and str(row.subjects[0]) == "QM-001 1.0"


def _wire(person: str) -> tuple[str, bytes]:
    found = sshsig.public_key(public(person))
    assert found
    return found.algorithm, found.blob


@pytest.mark.parametrize("name", ["gitea", "forgejo-main"])
def test_control_gitea_and_forgejo_write_reviewed_by(tmp_path: Path, name: str) -> None:
    p = proposed(forge(name))
    on = f"Merge pull request 'x' (#1)\n\nReviewed-on: https://forge.example/1\nReviewed-by: {QUALITY}\nReviewed-by: {DIRECTOR}\n"
    merged(p, message=on)
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_control_a_person_signs_the_seat_that_the_forge_left_open(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY)
    p.sign("m.director", "QM-001", role="medical-director")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_control_an_approver_takes_it_back_with_their_own_key(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY)
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    p.sign("m.director", "QM-001", role="medical-director")
    a = audit(p, tmp_path)
    assert in_force(a) is None and missing(a) == ["quality-manager approval 0/1"]


def test_one_approval_of_two_is_not_enough(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY)
    a = audit(p, tmp_path)
    assert in_force(a) is None and missing(a) == ["medical-director approval 0/1"]


def test_a_merge_of_two_documents_approves_both_and_no_third(tmp_path: Path) -> None:
    p = proposed(files={DOC: document(), path("QM-002"): document("QM-002")})
    p.commit("w.writer", {path("QM-003"): document("QM-003")})
    merge = merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    assert [in_force(a, number) for number in ("QM-001", "QM-002", "QM-003")] == ["1.0", "1.0", None]
    assert [str(each) for each in sign_off(a, merge).subjects] == ["QM-001 1.0", "QM-002 1.0"]


def test_attachments_are_part_of_what_is_approved(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY, DIRECTOR)
    p.branch("topic")
    p.commit("w.writer", {DOC: document(version="1.1"), "sops/quality/QM-001/chart.txt": "new"}, branch="topic")
    merged(p, QUALITY, DIRECTOR)
    assert in_force(audit(p, tmp_path)) == "1.1"


def test_a_merge_that_changes_no_document_makes_no_row(tmp_path: Path) -> None:
    p = proposed(files={"records/note.txt": "x"})
    merged(p, "Stranger <stranger@elsewhere.example>")
    assert not audit(p, tmp_path).register.sign_offs


# --- who vouches for it


@pytest.mark.parametrize("signer", [None, "n.nurse"])
def test_lines_typed_by_hand_are_nothing(tmp_path: Path, signer: str | None) -> None:
    p = proposed()
    merged(p, QUALITY, DIRECTOR, signed_by=signer, committer=email("n.nurse"))
    a = audit(p, tmp_path)
    assert not a.register.sign_offs and in_force(a) is None


@pytest.mark.parametrize(
    ("signer", "code"), [(None, "unsigned"), ("n.nurse", "unknown-key"), ("stranger", "unknown-key")]
)
def test_the_forges_address_without_its_signature_is_refused_for_all_to_see(
    tmp_path: Path, signer: str | None, code: str
) -> None:
    p = proposed()
    refused(a := audit_of(p, tmp_path, merged(p, QUALITY, DIRECTOR, signed_by=signer)), p.tips["main"], code)
    assert [row.code for row in a.register.sign_offs] == [code, code] and in_force(a) is None
    assert {row.assurance for row in a.register.sign_offs} == {Assurance.RECORDED}
    assert {each.check for each in a.findings if each.severity == "error"} >= {f"sign-off-{code}"}


def audit_of(p: Programme, tmp_path: Path, _: str) -> Audit:
    return audit(p, tmp_path)


def test_a_key_taken_out_of_the_authority_attests_no_more(tmp_path: Path) -> None:
    p = proposed()
    p.change_authority(policy=forge(keys=f'"{public("forge", 2)}"'))
    merge = merged(p, QUALITY, DIRECTOR, committer=email("n.nurse"))
    refused(audit(p, tmp_path), merge, "unknown-key")


def test_a_key_that_is_only_proposed_attests_nothing_yet(tmp_path: Path) -> None:
    p = proposed(forge(keys=""))
    p.commit("a.admin", {"sops/authority/policy.yaml": forge()})
    merge = merged(p, QUALITY, DIRECTOR)
    refused(audit(p, tmp_path), merge, "unknown-key")


def test_a_persons_own_key_does_not_become_a_forges(tmp_path: Path) -> None:
    p = proposed(forge(keys=f'"{public("m.director")}"'))
    merge = merged(p, QUALITY, DIRECTOR, signed_by="m.director")
    refused(audit(p, tmp_path), merge, "signer-mismatch", says="own")


def test_a_message_changed_after_the_forge_signed_is_refused(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY)
    raw = p.chronicle.objects[p.tips["main"]][1]
    changed = p.chronicle.add(b"commit", raw.replace(QUALITY.encode(), DIRECTOR.encode()))
    p.tips["main"] = changed
    a = audit(p, tmp_path)
    refused(a, changed, "bad-signature")


def test_a_signature_for_another_purpose_is_refused(tmp_path: Path) -> None:
    p = proposed()
    merge = p.merge("n.nurse", "topic", message=f"Merge\n\nApproved-by: {QUALITY}\n",
                    sign=lambda payload: sshsig.sign(key("forge"), payload, namespace="file"))  # fmt: skip
    refused(audit(p, tmp_path), merge, "wrong-namespace")


# --- what was merged


def test_an_evil_merge_approves_nothing(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, QUALITY, DIRECTOR, files={DOC: document(body="## Purpose\n\nGive 15 mg.\n")})
    a = audit(p, tmp_path)
    refused(a, merge, "subject-mismatch")
    assert in_force(a) is None


def test_an_evil_attachment_approves_nothing(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, QUALITY, DIRECTOR, files={"sops/quality/QM-001/dose.txt": "15 mg"})
    refused(audit(p, tmp_path), merge, "subject-mismatch")


def test_an_evil_merge_of_one_document_leaves_the_other_approved(tmp_path: Path) -> None:
    p = proposed(files={DOC: document(), path("QM-002"): document("QM-002")})
    merged(p, QUALITY, DIRECTOR, files={DOC: document(body="## Purpose\n\nGive 15 mg.\n")})
    a = audit(p, tmp_path)
    assert (in_force(a), in_force(a, "QM-002")) == (None, "1.0")
    assert sorted(str(row.code) for row in a.register.sign_offs) == [
        "None",
        "None",
        "subject-mismatch",
        "subject-mismatch",
    ]


def test_a_squash_by_the_forge_is_refused(tmp_path: Path) -> None:
    p = proposed()
    p.commit("n.nurse", {DOC: document()}, message=f"Squashed\n\nApproved-by: {QUALITY}\n", sign=by("forge"))
    refused(audit(p, tmp_path), p.tips["main"], "rewritten", says="squashed")


def test_an_octopus_is_refused(tmp_path: Path) -> None:
    p = proposed()
    p.branch("other")
    p.commit("w.writer", {"records/x.txt": "x"}, branch="other")
    parents = (p.tips["main"], p.tips["topic"], p.tips["other"])
    p.commit(
        "n.nurse", {DOC: document()}, parents=parents, message=f"Merge\n\nApproved-by: {QUALITY}\n", sign=by("forge")
    )
    refused(audit(p, tmp_path), p.tips["main"], "malformed", says="more than two")


def test_a_merge_on_a_side_branch_approves_nothing(tmp_path: Path) -> None:
    p = proposed()
    p.branch("release")
    merged(p, QUALITY, DIRECTOR, branch="release")
    p.merge("n.nurse", "release")
    a = audit(p, tmp_path)
    assert not a.register.sign_offs and in_force(a) is None


def test_parents_the_other_way_round_approve_nothing_of_the_branch(tmp_path: Path) -> None:
    p = proposed()
    message = f"Merge\n\nApproved-by: {QUALITY}\nApproved-by: {DIRECTOR}\n"
    p.commit("n.nurse", {DOC: document()}, parents=(p.tips["topic"], p.tips["main"]), message=message, sign=by("forge"))
    a = audit(p, tmp_path)
    assert not a.register.sign_offs and in_force(a) is None


# --- who approved


def test_an_approver_who_wrote_it_fills_no_seat(tmp_path: Path) -> None:
    p = proposed(author="q.manager")
    merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    assert in_force(a) is None
    assert missing(a) == ["quality-manager approval 0/1 (not independent: Quality Manager wrote this version)"]


def test_an_approver_who_is_co_author_fills_no_seat(tmp_path: Path) -> None:
    p = proposed(message=f"Write it\n\nCo-authored-by: Somebody <{email('q.manager')}>\n")
    merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    assert in_force(a) is None and "wrote this version" in missing(a)[0]


def test_an_approver_who_merged_it_fills_no_seat_and_may_still_sign(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, QUALITY, DIRECTOR, merger="q.manager")
    a = audit(p, tmp_path)
    accepted(a, merge)
    assert in_force(a) is None and "Quality Manager merged it" in missing(a)[0]
    p.sign("q.manager", "QM-001", role="quality-manager")
    (tmp_path / "again").mkdir()
    assert in_force(audit(p, tmp_path / "again")) == "1.0"


def test_a_merger_whom_nobody_lists_might_be_anybody(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY, DIRECTOR, merger="second.account@elsewhere.example")
    a = audit(p, tmp_path)
    assert in_force(a) is None and "second.account@elsewhere.example" in missing(a)[0]


def test_an_unknown_address_is_refused(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, "Quality Manager <q.manager@elsewhere.example>")
    refused(audit(p, tmp_path), merge, "signer-mismatch", says="q.manager@elsewhere.example")


def test_somebody_who_left_is_refused(tmp_path: Path) -> None:
    p = proposed()
    gone = entry("q.manager", "Quality Manager", ["quality-manager", "admin"], extra="    to: 2026-01-04\n")
    p.change_authority(people=people({"q.manager": gone}), signers=("m.director", "a.admin"))
    merge = merged(p, QUALITY)
    refused(audit(p, tmp_path), merge, "person-not-active")


def test_somebody_without_a_role_is_refused(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, f"Administrator <{email('a.admin')}>")
    refused(audit(p, tmp_path), merge, "role-not-held")


def test_a_role_without_a_seat_fills_nothing(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, f"Writer <{email('d.manager')}>", f"Nurse <{email('w.writer')}>", DIRECTOR)
    a = audit(p, tmp_path)
    accepted(a, merge)
    assert in_force(a) == "1.0" and ("w.writer", "apheresis-nurse", None) in rows(a)


def test_a_policy_that_asks_for_signatures_gets_them(tmp_path: Path) -> None:
    p = proposed(forge(assurance="signed"))
    merge = merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    refused(a, merge, "assurance-too-low", says="forge")
    assert in_force(a) is None


def test_nobody_fills_two_seats(tmp_path: Path) -> None:
    p = proposed(people=entry("x.both", "Both", ["quality-manager", "medical-director"]))
    merged(p, f"Both <{email('x.both')}>")
    a = audit(p, tmp_path)
    assert in_force(a) is None and len(a.register.sign_offs) == 1 and len(missing(a)) == 1


@pytest.mark.parametrize("other", [QUALITY, DIRECTOR])
def test_who_holds_two_roles_takes_the_seat_that_the_other_leaves(tmp_path: Path, other: str) -> None:
    p = proposed(people=entry("x.both", "Both", ["quality-manager", "medical-director"]))
    merged(p, f"Both <{email('x.both')}>", other)
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_who_holds_two_roles_takes_the_seat_that_a_signature_leaves(tmp_path: Path) -> None:
    p = proposed(people=entry("x.both", "Both", ["quality-manager", "medical-director"]))
    p.sign("q.manager", "QM-001", role="quality-manager", branch="topic", authority=p._authority)
    merged(p, f"Both <{email('x.both')}>")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0" and ("x.both", "medical-director", None) in rows(a)


# --- what the line says


@pytest.mark.parametrize(
    "line",
    [
        f"{email('q.manager')} <{email('n.nurse')}>",
        f"Q. Manager <{email('q.manager')}> <{email('n.nurse')}>",
        f"Q. Manager <{email('q.manager')}>, N. Nurse <{email('n.nurse').upper()}>",
    ],
)
def test_the_last_address_decides_and_the_name_does_not_count(tmp_path: Path, line: str) -> None:
    p = proposed()
    merged(p, line, merger="w.writer")
    assert rows(audit(p, tmp_path)) == [("n.nurse", "ward-nurse", None)]


@pytest.mark.parametrize(
    "line",
    [
        f"{QUALITY} (lead)",
        f"{QUALITY} ",
        f"{QUALITY}>",
        f"{QUALITY}\r",
        f"Q\u202e <{email('q.manager')}>",
        email("q.manager"),
        f"Q<{email('q.manager')}>",
        f"Q < {email('q.manager')}>",
        "Q <>",
    ],
)
def test_a_line_of_another_form_is_refused(tmp_path: Path, line: str) -> None:
    p = proposed()
    merge = merged(p, line)
    refused(audit(p, tmp_path), merge, "malformed")


@pytest.mark.parametrize(
    "start", ["approved-by: ", "Approved-by:", " Approved-by: ", "Approved-By: ", "x\rApproved-by: "]
)
def test_a_key_of_another_form_is_refused(tmp_path: Path, start: str) -> None:
    p = proposed()
    merge = merged(p, message=f"Merge\n\n{start}{QUALITY}\n")
    refused(audit(p, tmp_path), merge, "malformed")


@pytest.mark.parametrize(
    "second", [QUALITY, f"Another Name <{email('q.manager').upper()}>", "Q <q.manager@home.example>"]
)
def test_an_approver_named_twice_is_refused(tmp_path: Path, second: str) -> None:
    p = Programme(policy=forge(), people=people({"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "admin"],
                  emails=[email("q.manager"), "q.manager@home.example"])}))  # fmt: skip
    p.branch("topic")
    p.commit("w.writer", {DOC: document()}, branch="topic")
    merge = merged(p, QUALITY, second, DIRECTOR)
    a = audit(p, tmp_path)
    refused(a, merge, "malformed", says="twice")
    assert ("m.director", "medical-director", None) in rows(a) and in_force(a) is None


@pytest.mark.parametrize("other", [f"{QUALITY} (typed)", f"\x1b[2J <{email('q.manager')}>"])
def test_an_approver_named_twice_is_refused_where_one_line_is_bent(tmp_path: Path, other: str) -> None:
    p = proposed()
    merged(p, QUALITY, other, other, DIRECTOR)
    a = audit(p, tmp_path)
    assert [row.code for row in a.register.sign_offs if row.signer == "q.manager"] == ["malformed", "malformed"]
    assert all(len(row.subjects) == 1 for row in a.register.sign_offs) and in_force(a) is None


def test_an_address_that_could_deceive_is_not_shown(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, "Q <\x1b[2J\u202e>", f"Q <{'q' * 300}>")
    a = audit(p, tmp_path)
    refused(a, merge, "malformed")
    assert [row.name for row in a.register.sign_offs] == ["<?>"]


def test_a_merge_with_a_hundred_thousand_approvers_is_one_refusal(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, *(f"N <n{number}@elsewhere.example>" for number in range(100_000)))
    a = audit(p, tmp_path)
    refused(a, merge, "malformed", says="more than 100")
    assert len(a.register.sign_offs) == 1


def test_an_approval_in_the_title_is_refused(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, message=f"Approved-by: {QUALITY}\n")
    refused(audit(p, tmp_path), merge, "malformed", says="title")


def test_approvals_in_two_places_are_refused(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, message=f"Merge\n\nDescription.\nApproved-by: {QUALITY}\n\nApproved-by: {DIRECTOR}\n")
    a = audit(p, tmp_path)
    refused(a, merge, "malformed", says="two places")
    assert in_force(a) is None


def test_gitlabs_reviewers_approve_nothing(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY, DIRECTOR, word="Reviewed-by")
    a = audit(p, tmp_path)
    assert not a.register.sign_offs and in_force(a) is None


def test_reviewers_on_a_forge_of_unknown_make_are_refused(tmp_path: Path) -> None:
    p = proposed(forge("codehost"))
    merge = merged(p, QUALITY, DIRECTOR, word="Reviewed-by")
    refused(audit(p, tmp_path), merge, "malformed", says="codehost")


# --- when


def test_a_merge_dated_before_what_it_merges_is_refused(tmp_path: Path) -> None:
    p = proposed()
    early = Writer("Forge", ADDRESS, p.times[p.tips["topic"]] - 3000)
    merge = p.merge("n.nurse", "topic", message=f"Merge\n\nApproved-by: {QUALITY}\n", committer=early, sign=by("forge"))
    refused(audit(p, tmp_path), merge, "time-before-parent")


def test_a_merge_from_the_future_is_refused(tmp_path: Path) -> None:
    p = proposed()
    late = Writer("Forge", ADDRESS, 1830000000)
    merge = p.merge("n.nurse", "topic", message=f"Merge\n\nApproved-by: {QUALITY}\n", committer=late, sign=by("forge"))
    refused(audit(p, tmp_path), merge, "time-in-future")


def test_a_role_withdrawn_while_the_branch_was_open_is_dead(tmp_path: Path) -> None:
    p = proposed()
    q = entry("q.manager", PEOPLE["q.manager"][0], ["admin"])
    p.change_authority(people=people({"q.manager": q}), signers=("m.director", "a.admin"))
    merge = merged(p, QUALITY)
    refused(audit(p, tmp_path), merge, "role-not-held")


def test_the_forges_own_signature_twice_is_refused(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY)
    raw = p.chronicle.objects[p.tips["main"]][1]
    head, _, _ = raw.partition(b"\n\n")
    again = head[head.index(b"gpgsig ") :]
    p.tips["main"] = p.chronicle.add(b"commit", raw.replace(again, again + b"\n" + again))
    refused(audit(p, tmp_path), p.tips["main"], "malformed", says="more than one")


# --- how it is shown


def test_every_output_says_that_a_forge_attested_it(tmp_path: Path) -> None:
    p = proposed()
    merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    shown = json.loads(answers.json_text(a))["sign_offs"][0]
    assert (shown["signer"], shown["assurance"], shown["attested_by"]) == ("q.manager", "forge", "gitlab")
    folder = TOP / "templates" / "manual"
    pages = {file.relative_to(folder).as_posix(): file.read_text() for file in folder.rglob("*.*") if file.is_file()}
    with git.Repository(place.find(tmp_path / "r"), PATH) as repository:
        manual_pages = manual.pages(a, blob=repository.blob, templates=pages)
        binder_files = binder.files(a, blob=repository.blob, manual={}, forms={}, bundle=b"", answer="{}")
    assert b"attested by the forge (gitlab)" in manual_pages["manual.json"]
    assert any(b"forge (gitlab)" in content for name, content in binder_files.items() if name.endswith(".html"))
    assert wording.ASSURANCE.keys() == set(Assurance)


# --- what an inspector's own tools say


def verdict(repository: Path, commit: str, signers: str) -> str:
    """What git and ssh-keygen say of a commit's signature; the word of success comes first."""
    file = repository.parent / "allowed_signers"
    file.write_text(signers)
    words = ("-c", f"gpg.ssh.allowedSignersFile={file}", "verify-commit", commit)
    done = subprocess.run(["git", "-C", str(repository), *words], env=PATH, capture_output=True, text=True, check=False)
    return f"{'good' if done.returncode == 0 else 'bad'}: {done.stderr}"


def test_stock_ssh_keygen_verifies_a_forges_merge_by_the_binders_file(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    signers = proof.allowed_signers(a.register.ledger)
    said = verdict(tmp_path / "r", merge, signers)
    assert said.startswith('good: Good "git" signature for forge:gitlab with ED25519 key ')
    assert str(sign_off(a, merge).key) in said
    assert f"{public('forge')} key of the forge gitlab" in signers
    people_only = "".join(line for line in signers.splitlines(keepends=True) if not line.startswith("forge:"))
    assert verdict(tmp_path / "r", merge, people_only).startswith("bad: ")


def test_a_forges_key_is_good_for_merges_only_and_until_it_was_taken_out(tmp_path: Path) -> None:
    p = proposed()
    merge = merged(p, QUALITY, DIRECTOR)
    p.change_authority(policy=forge(keys=""))
    p.clock += timedelta(days=3)
    p.branch("topic")
    p.commit("w.writer", {DOC: document(version="1.1")}, branch="topic")
    late = merged(p, QUALITY, DIRECTOR)
    a = audit(p, tmp_path)
    signers = proof.allowed_signers(a.register.ledger)
    (line,) = [line for line in signers.splitlines() if line.startswith("forge:")]
    assert line.startswith('forge:gitlab namespaces="git",valid-before="20260105235959Z" ssh-ed25519 ')
    assert verdict(tmp_path / "r", merge, signers).startswith("good: ")
    assert verdict(tmp_path / "r", late, signers).startswith("bad: ")
    refused(a, late, "unknown-key")


def test_a_bots_key_stands_under_the_bot_alone(tmp_path: Path) -> None:
    bot = entry("x.both", "Bot", [], keys=f'[{{key: "{public("forge")}", to: 2026-01-31}}]')
    signers = proof.allowed_signers(audit(proposed(people=bot), tmp_path).register.ledger)
    assert signers.count(public("forge")) == 1
    assert f"# {email('x.both')} (above) signs for the forge gitlab" in signers.splitlines()


def test_without_forges_the_file_speaks_of_none(tmp_path: Path) -> None:
    assert "forge" not in proof.allowed_signers(audit(proposed(POLICY), tmp_path).register.ledger)
