"""Portable sign-offs: the statement as a file, for forges that only squash; judged where both files land (SIGNOFF.md §8)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from forgeries.court import DOC, approved, audit, day, git, in_force, missing, written
from programme import NOW, POLICY, Programme, document, email, entry, key, people, public

from qmdoc.model import Meaning, Severity
from qmdoc.outputs import answers, proof
from qmdoc.register import Audit
from qmdoc.signing import portable, sshsig, statement
from qmdoc.signing.acceptance import SignOff
from qmdoc.signing.statement import AUTHORITY_SUBJECT, Subject

SEATS = (("q.manager", "quality-manager"), ("m.director", "medical-director"))
Files = dict[str, str | bytes | None]


def files(p: Programme, who: str, *numbers: str, role: str, namespace: str = portable.NAMESPACE, number: int = 1, where: str | None = None,
          bend: Callable[[bytes], bytes] = bytes, **bent: object) -> Files:  # fmt: skip
    """The two files that a signer hands in; keywords bend the statement, `bend` the bytes before they are signed."""
    said = p.statement(who, *(numbers or ("QM-001",)), role=role, **bent)  # type: ignore[arg-type]
    text = bend(statement.write(said).encode())
    place = where or portable.path(said)
    return {place: text, f"{place}.sig": sshsig.sign(key(who, number), text, namespace=namespace)}


def hand_in(p: Programme, made: Mapping[str, str | bytes | None], *, who: str = "w.writer", **how: object) -> str:
    """A colleague commits them: who commits them does not matter."""
    return p.commit(who, made, **how)  # type: ignore[arg-type]


def both(p: Programme, **bent: object) -> Files:
    """Both seats of the default rule."""
    return {name: text for who, role in SEATS for name, text in files(p, who, role=role, **bent).items()}  # type: ignore[arg-type]


def rows(a: Audit) -> list[SignOff]:
    """The sign-offs that are files."""
    return [each for each in a.register.sign_offs if each.evidence]


def only(a: Audit) -> SignOff:
    """The one sign-off that is a file."""
    assert len(rows(a)) == 1, [(each.evidence, each.code) for each in rows(a)]
    return rows(a)[0]


def refused(a: Audit, code: str, *, says: str = "") -> SignOff:
    """The one file does not count, for this reason, in words that tell what to do; the finding names the file."""
    row = only(a)
    assert row.code == code and says in row.explanation, (row.code, row.explanation)
    assert len(row.explanation.split()) >= 3 and len(row.fix.split()) >= 3
    finding = next(each for each in a.findings if each.check == f"sign-off-{code}")
    assert row.evidence in finding.message and finding.severity is Severity.ERROR
    return row


def test_two_portable_sign_offs_bring_a_version_into_force(tmp_path: Path) -> None:
    p = written()
    landing = hand_in(p, both(p))
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0"
    assert [(each.commit, each.signer, each.code, str(each.assurance)) for each in rows(a)] == [
        (landing, "m.director", None, "signed"),
        (landing, "q.manager", None, "signed"),
    ]
    assert f'"evidence": "{rows(a)[0].evidence}"' in answers.json_text(a)
    assert not a.has_errors


def test_text_and_signatures_may_land_in_one_squashed_commit(tmp_path: Path) -> None:
    p = Programme()
    p.branch("change")
    p.commit("w.writer", {DOC: document()}, branch="change")
    signed = both(p, branch="change")
    p.commit("w.writer", {DOC: document(), **signed}, message="squashed (#12)")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_a_squash_that_names_the_signer_as_co_author_leaves_their_seat_empty(tmp_path: Path) -> None:
    p = Programme()
    p.branch("change")
    p.commit("w.writer", {DOC: document()}, branch="change")
    signed = both(p, branch="change")
    p.commit("w.writer", {DOC: document(), **signed}, message=f"squashed\n\nCo-authored-by: Q <{email('q.manager')}>\n")
    assert "not independent" in missing(audit(p, tmp_path))[0]


def test_who_signs_a_file_and_commits_it_alone_is_no_author(tmp_path: Path) -> None:
    p = written()
    for who, role in SEATS:
        hand_in(p, files(p, who, role=role), who=who)
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_a_seat_may_be_filled_by_a_file_and_another_by_a_commit(tmp_path: Path) -> None:
    p = written()
    hand_in(p, files(p, "q.manager", role="quality-manager"))
    p.sign("m.director", "QM-001", role="medical-director")
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_one_person_fills_one_seat_by_commit_and_file(tmp_path: Path) -> None:
    p = Programme(policy=POLICY.replace("count: 1", "count: 2", 1))
    p.commit("w.writer", {DOC: document()})
    hand_in(p, both(p))
    p.sign("q.manager", "QM-001", role="quality-manager")
    assert missing(audit(p, tmp_path)) == ["quality-manager approval 1/2"]


def test_statement_and_signature_count_from_the_commit_that_completes_them(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    (text, content), (signature, armor) = made.items()
    hand_in(p, {text: content})
    last = hand_in(p, {signature: armor})
    assert only(audit(p, tmp_path)).commit == last and only(audit(p, tmp_path)).is_accepted


@pytest.mark.parametrize(("half", "says"), [(0, "is not beside it"), (1, "without the statement")])
def test_half_a_sign_off_is_unsigned(tmp_path: Path, half: int, says: str) -> None:
    p = written()
    made = list(files(p, "q.manager", role="quality-manager").items())[half]
    landing = hand_in(p, dict([made]))
    hand_in(p, {made[0]: None})
    row = only(audit(p, tmp_path))
    assert (row.code, row.commit) == ("unsigned", landing) and says in row.explanation


def test_an_unsigned_file_does_not_count_even_where_statements_need_no_signature(tmp_path: Path) -> None:
    p = Programme(policy=POLICY.replace("assurance: signed", "assurance: recorded"))
    p.commit("w.writer", {DOC: document()})
    made = files(p, "q.manager", role="quality-manager")
    hand_in(p, made | {name: b"" for name in made if name.endswith(".sig")})
    refused(audit(p, tmp_path), "unsigned")


def test_a_copy_for_another_document_is_refused(tmp_path: Path) -> None:
    p = written("QM-001", "QM-002")
    made = files(p, "q.manager", role="quality-manager")
    hand_in(p, made)
    folder = f"{portable.TOP}{p.subject('QM-002').digest[:12]}/"
    hand_in(p, {folder + name.rpartition("/")[2]: text for name, text in made.items()})
    first, second = rows(audit(p, tmp_path))
    assert first.is_accepted and second.code == "malformed" and "another place" in second.explanation


@pytest.mark.parametrize("name", [
    "{d}/m.director.quality-manager.approval.txt", "{d}/q.manager.medical-director.approval.txt", "{d}/q.manager.quality-manager.review.txt",
    "000000000000/q.manager.quality-manager.approval.txt", "q.manager.quality-manager.approval.txt", "{d}/sub/q.manager.quality-manager.approval.txt",
    "{d}/q.manager.quality-manager.approval.TXT.txt",
])  # fmt: skip
def test_a_path_that_says_something_else_than_the_statement_is_refused(tmp_path: Path, name: str) -> None:
    p = written()
    where = portable.TOP + name.format(d=p.subject("QM-001").digest[:12])
    hand_in(p, files(p, "q.manager", role="quality-manager", where=where))
    refused(audit(p, tmp_path), "malformed", says="another place")


def test_a_file_in_the_wrong_place_counts_once_it_is_in_its_own(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    wrong = {f"{portable.TOP}{name.rpartition('/')[2]}": text for name, text in made.items()}
    hand_in(p, wrong)
    hand_in(p, {**made, **dict.fromkeys(wrong)})
    assert [each.code for each in rows(audit(p, tmp_path))] == ["malformed", None]


def test_a_changed_byte_is_a_bad_signature(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    text = next(iter(made))
    assert isinstance(made[text], bytes)
    hand_in(p, made | {text: made[text].replace(b"QM-001 1.0: approval", b"QM-001 1.0: Approval")})  # type: ignore[union-attr]
    refused(audit(p, tmp_path), "bad-signature")


def test_a_file_changed_after_it_counted_is_a_new_attempt_and_undoes_nothing(tmp_path: Path) -> None:
    p = written()
    made = both(p)
    hand_in(p, made)
    text = next(name for name in made if name.endswith(".txt"))
    hand_in(p, {text: made[text] + b" "})  # type: ignore[operator]
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0" and [each.code for each in rows(a)] == [None, None, "malformed"]


def test_a_signature_for_git_is_none_for_a_file(tmp_path: Path) -> None:
    p = written()
    hand_in(p, files(p, "q.manager", role="quality-manager", namespace="git"))
    refused(audit(p, tmp_path), "wrong-namespace")


def test_a_signature_for_a_file_is_none_for_a_commit(tmp_path: Path) -> None:
    p = written()
    said = p.statement("q.manager", "QM-001", role="quality-manager")
    made = p.commit(
        "q.manager",
        message=statement.write(said),
        sign=lambda payload: sshsig.sign(key("q.manager"), payload, namespace=portable.NAMESPACE),
    )
    row = next(each for each in audit(p, tmp_path).register.sign_offs if each.commit == made)
    assert row.code == "wrong-namespace"


def test_another_s_name_with_one_s_own_key(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    text, armor = made
    hand_in(p, {text: made[text], armor: sshsig.sign(key("n.nurse"), made[text], namespace=portable.NAMESPACE)})  # type: ignore[arg-type]
    refused(audit(p, tmp_path), "signer-mismatch", says="Ward Nurse")


def test_a_key_that_nobody_listed(tmp_path: Path) -> None:
    p = written()
    hand_in(p, files(p, "q.manager", role="quality-manager", number=2))
    refused(audit(p, tmp_path), "unknown-key")


def test_a_role_that_is_not_held(tmp_path: Path) -> None:
    p = written()
    hand_in(p, files(p, "q.manager", role="medical-director"))
    refused(audit(p, tmp_path), "role-not-held")


def test_a_role_withdrawn_while_the_file_waited(tmp_path: Path) -> None:
    p = written()
    waiting = files(p, "d.manager", role="quality-manager")
    p.change_authority(people=people({"d.manager": entry("d.manager", "Deputy Quality Manager", [])}))
    hand_in(p, waiting)
    refused(audit(p, tmp_path), "role-not-held")


def test_an_author_s_own_file_fills_no_seat(tmp_path: Path) -> None:
    p = Programme()
    p.commit("q.manager", {DOC: document()})
    hand_in(p, files(p, "q.manager", role="quality-manager"), who="n.nurse")
    a = audit(p, tmp_path)
    assert only(a).is_accepted and "not independent" in missing(a)[0]


def test_a_file_that_lands_before_the_text_is_refused_and_stays_so(tmp_path: Path) -> None:
    p = Programme()
    p.branch("side")
    p.commit("w.writer", {DOC: document()}, branch="side")
    made = both(p, branch="side")
    hand_in(p, made)
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    assert in_force(a) is None and {each.code for each in rows(a)} == {"subject-mismatch"}


def test_what_never_stands_on_the_mainline_never_counts(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    made = both(p)
    hand_in(p, made, branch="side")
    hand_in(p, dict.fromkeys(made), branch="side")
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    assert in_force(a) is None and rows(a) == []


def test_files_on_a_side_branch_count_where_the_branch_lands(tmp_path: Path) -> None:
    p = written()
    p.branch("side")
    hand_in(p, both(p), branch="side")
    landing = p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0" and {each.commit for each in rows(a)} == {landing}


def test_taking_out_putting_back_and_moving_change_nothing(tmp_path: Path) -> None:
    p = written()
    made = both(p)
    hand_in(p, made)
    hand_in(p, dict.fromkeys(made))
    hand_in(p, made)
    moved = {f"{portable.TOP}old/{name.rpartition('/')[2]}": text for name, text in made.items()}
    hand_in(p, {**moved, **dict.fromkeys(made)})
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0" and len(rows(a)) == 2


def test_a_statement_that_was_taken_back_does_not_return_with_its_file(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    hand_in(p, made)
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    hand_in(p, dict.fromkeys(made))
    hand_in(p, made)
    hand_in(p, files(p, "m.director", role="medical-director"))
    assert missing(audit(p, tmp_path)) == ["quality-manager approval 0/1"]


@pytest.mark.parametrize("is_file", [True, False])
def test_what_was_taken_back_on_a_branch_does_not_count_where_both_land_as_one(tmp_path: Path, is_file: bool) -> None:
    """The revocation is another role's file, that comes first by its name, or a commit, which git's order puts first."""
    held = entry("q.manager", "Quality Manager", ["quality-manager", "admin", "a-role"])
    p = Programme(people=people({"q.manager": held}))
    p.commit("w.writer", {DOC: document()})
    p.branch("side")
    hand_in(p, both(p), branch="side")
    if is_file:
        hand_in(p, files(p, "q.manager", role="a-role", meaning=Meaning.REVOKE), branch="side")
    else:
        p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE, branch="side")
    p.merge("w.writer", "side")
    a = audit(p, tmp_path)
    assert in_force(a) is None and missing(a) == ["quality-manager approval 0/1"]
    assert all(each.is_accepted for each in a.register.sign_offs)


def test_files_that_came_with_windows_line_ends_name_that_and_the_person_to_ask(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    text, armor = made
    hand_in(p, {text: made[text].replace(b"\n", b"\r\n"), armor: made[armor]})  # type: ignore[union-attr,arg-type]
    a = audit(p, tmp_path)
    row = refused(a, "malformed", says="line ends as Windows writes them")
    assert row.name == "Quality Manager" and "--portable" in row.fix
    assert "by Quality Manager" in next(each.message for each in a.findings if each.check == "sign-off-malformed")


def test_a_second_signature_over_the_same_statement_revives_nothing(tmp_path: Path) -> None:
    """An ECDSA signature has a twin that anybody can compute; here another hash makes one."""
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    text, armor = made
    twin = sshsig.sign(key("q.manager"), made[text], namespace=portable.NAMESPACE, hash_algorithm="sha256")  # type: ignore[arg-type]
    hand_in(p, made)
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    hand_in(p, {armor: twin})
    a = audit(p, tmp_path)
    assert missing(a)[0] == "quality-manager approval 0/1" and len(rows(a)) == 1


def test_a_signature_that_came_with_windows_line_ends_is_named_as_such(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    armor = list(made)[1]
    hand_in(p, made | {armor: made[armor].replace(b"\n", b"\r\n")})  # type: ignore[union-attr,arg-type]
    row = refused(audit(p, tmp_path), "bad-signature", says="line ends as Windows writes them")
    assert "--portable" in row.fix


@pytest.mark.parametrize("spelt", ["records/Sign-Offs", "records/\u017fign-offs"])
def test_a_folder_spelt_otherwise_is_no_place_and_is_named(tmp_path: Path, spelt: str) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    hand_in(p, {name.replace(portable.FOLDER, spelt): text for name, text in made.items()})
    refused(audit(p, tmp_path), "malformed", says=f"another place than its statement says, which is {portable.TOP}")


def other_hash(made: Files) -> Files:
    """The signature made once more with another hash, as from an ECDSA signature anybody computes a second."""
    text, armor = made
    return made | {
        armor: sshsig.sign(key("d.manager"), made[text], namespace=portable.NAMESPACE, hash_algorithm="sha256")
    }  # type: ignore[arg-type]


def without_line_end(made: Files) -> Files:
    """The same signature without its last line end, which proves the same whatever the kind of key."""
    armor = list(made)[1]
    return made | {armor: made[armor].rstrip(b"\n")}  # type: ignore[union-attr,arg-type]


@pytest.mark.parametrize("again", [other_hash, without_line_end, dict])
@pytest.mark.parametrize("mode", ["100644", "100755"])
def test_a_refused_statement_is_not_judged_anew_under_another_signature_or_mode(tmp_path: Path, again: Callable[[Files], Files], mode: str) -> None:  # fmt: skip
    p = Programme(policy=POLICY.replace("authority_quorum: 2", "authority_quorum: 1"))
    p.commit("w.writer", {DOC: document()})
    made = files(p, "d.manager", role="quality-manager")
    without_role = entry("d.manager", "Deputy Quality Manager", [])
    p.change_authority(people=people({"d.manager": without_role}), signers=("q.manager",))
    landing = hand_in(p, made)
    refused(audit(p, tmp_path / "first"), "role-not-held")
    p.change_authority(people=people(), signers=("q.manager",))
    hand_in(p, again(made), modes=dict.fromkeys(made, mode))
    a = audit(p, tmp_path)
    assert in_force(a) is None and missing(a)[0] == "quality-manager approval 0/1"
    assert {each.code for each in rows(a)} <= {"role-not-held", "rewritten"} and rows(a)[0].commit == landing


def test_a_withdrawal_that_came_to_nothing_is_revived_by_nobody(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager", meaning=Meaning.WITHDRAW)
    first = hand_in(p, made)
    p.approve("QM-001")
    hand_in(p, without_line_end(made))
    a = audit(p, tmp_path)
    assert in_force(a) == "1.0" and [each.code for each in rows(a)] == ["not-effective", "rewritten"]
    assert first[:12] in rows(a)[1].explanation and "sign again" in rows(a)[1].fix


def test_who_can_not_sign_for_another_burns_nothing_of_theirs(tmp_path: Path) -> None:
    """A copy with a bad signature, by another's key or in another place lands first; the real one counts all the same."""
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    text, armor = made
    hand_in(p, made | {armor: sshsig.sign(key("n.nurse"), made[text], namespace=portable.NAMESPACE)})  # type: ignore[arg-type]
    hand_in(p, made | {armor: sshsig.sign(key("q.manager"), b"other", namespace=portable.NAMESPACE)})
    hand_in(p, {f"{portable.TOP}{name.rpartition('/')[2]}": text for name, text in made.items()})
    hand_in(p, made)
    hand_in(p, files(p, "m.director", role="medical-director"))
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_two_signatures_in_one_file(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    text, armor = made
    second = sshsig.sign(key("m.director"), made[text], namespace=portable.NAMESPACE)  # type: ignore[arg-type]
    hand_in(p, made | {armor: made[armor] + second})  # type: ignore[operator]
    refused(audit(p, tmp_path), "bad-signature")


@pytest.mark.parametrize("which", [".txt", ".sig"])
def test_a_link_in_place_of_a_file(tmp_path: Path, which: str) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    linked = next(name for name in made if name.endswith(which))
    hand_in(p, made | {linked: "../elsewhere"}, modes={linked: "120000"})
    refused(audit(p, tmp_path), "malformed", says="link")


def test_a_link_in_place_of_the_folder(tmp_path: Path) -> None:
    p = written()
    hand_in(p, {portable.FOLDER: "../elsewhere"}, modes={portable.FOLDER: "120000"})
    refused(audit(p, tmp_path), "malformed")


@pytest.mark.parametrize("bend", [
    lambda text: text.replace(b"\n", b"\r\n"), lambda text: text + b"\n", lambda text: text.replace(b"approve them", b"do not approve them"),
    lambda text: text.replace(b"QM-Signer:", b"QM-Signer: q.manager\nQM-Signer:"), lambda text: text.replace(b"(quality", b"\0(quality"),
    lambda _: b"", lambda _: b"\xff\xfe", lambda text: text + b"QM-On-Behalf: m.director\nQM-Evidence: https://x 0\n",
], ids=["crlf", "line", "not", "twice", "nul", "empty", "bytes", "bot"])  # fmt: skip
def test_what_is_not_to_the_letter_is_refused_however_well_it_is_signed(tmp_path: Path, bend: Callable[[bytes], bytes]) -> None:  # fmt: skip
    p = written()
    hand_in(p, files(p, "q.manager", role="quality-manager", bend=bend))
    a = audit(p, tmp_path)
    assert only(a).code == "malformed" and in_force(a) is None


@pytest.mark.parametrize("name", ["note.md", "d/x.sig", "d/scan.pdf", "d/x.txt/y"])
def test_nothing_else_may_lie_there_unseen(tmp_path: Path, name: str) -> None:
    p = written()
    hand_in(p, {portable.TOP + name: "x", f"{portable.TOP}README.md": "Sign-offs.\n"})
    refused(audit(p, tmp_path), "malformed")


def test_an_expired_key(tmp_path: Path) -> None:
    p = Programme(people=with_key(", to: 2026-01-31"))
    p.commit("w.writer", {DOC: document()})
    hand_in(p, files(p, "q.manager", role="quality-manager", at=day("2026-02-01")), at=day("2026-02-01"))
    refused(audit(p, tmp_path), "expired-key")


def test_a_key_that_expired_while_the_file_waited_still_serves(tmp_path: Path) -> None:
    p = Programme(people=with_key(", to: 2026-01-31"))
    p.commit("w.writer", {DOC: document()})
    hand_in(p, files(p, "q.manager", role="quality-manager", at=day("2026-01-31")), at=day("2026-02-05"))
    assert only(audit(p, tmp_path)).is_accepted


def test_a_file_dated_back_before_the_text_was_there(tmp_path: Path) -> None:
    p = Programme(people=with_key(", to: 2026-01-31"))
    p.commit("w.writer", {DOC: document()}, at=day("2026-02-10"))
    hand_in(p, files(p, "q.manager", role="quality-manager", at=day("2026-01-31")), at=day("2026-02-11"))
    refused(audit(p, tmp_path), "time-before-parent", says="2026-02-10")


def test_a_time_ahead(tmp_path: Path) -> None:
    p = written()
    hand_in(p, files(p, "q.manager", role="quality-manager", at=NOW + timedelta(days=1)), at=day("2026-02-11"))
    refused(audit(p, tmp_path), "time-in-future")


def test_a_stolen_key_serves_nothing_that_lands_after_it_was_revoked(tmp_path: Path) -> None:
    p = written()
    waiting = files(p, "q.manager", role="quality-manager")
    p.change_authority(people=with_key(", revoked: 2026-01-05, reason: stolen"), signers=("m.director", "a.admin"))
    hand_in(p, waiting)
    refused(audit(p, tmp_path), "revoked-key")


def test_what_a_file_signed_before_the_key_was_revoked_stays(tmp_path: Path) -> None:
    p = written()
    hand_in(p, both(p))
    p.change_authority(people=with_key(", revoked: 2026-01-06, reason: stolen"), signers=("m.director", "a.admin"))
    assert in_force(audit(p, tmp_path)) == "1.0"


def test_admins_may_sign_the_authority_by_file(tmp_path: Path) -> None:
    p = written()
    changed = POLICY.replace("notice_days: 60", "notice_days: 30")
    p.commit("a.admin", {"sops/authority/policy.yaml": changed})
    subject = Subject(AUTHORITY_SUBJECT, None, "", p.authority_digest())
    made: Files = {}
    for who in ("q.manager", "m.director"):
        made |= files(p, who, role="admin", meaning=Meaning.AUTHORITY, subjects=(subject,))
    hand_in(p, made)
    a = audit(p, tmp_path)
    assert a.register.authority.policy.notice_days == 30 and all(each.is_accepted for each in rows(a))


def test_a_withdrawal_by_file_ends_the_version_in_force_once(tmp_path: Path) -> None:
    p = approved()
    made = files(p, "q.manager", role="quality-manager", meaning=Meaning.WITHDRAW)
    hand_in(p, made)
    p.commit("w.writer", {DOC: document(version="2.0")})
    p.approve("QM-001")
    hand_in(p, dict.fromkeys(made))
    hand_in(p, made)
    assert in_force(audit(p, tmp_path)) == "2.0"


def test_what_stands_at_the_trust_root_is_not_judged_anew(tmp_path: Path) -> None:
    p = written()
    made = both(p)
    hand_in(p, made)
    later = p.commit("w.writer", {"notes.txt": "x"})
    hand_in(p, dict.fromkeys(made))
    hand_in(p, made)
    a = audit(p, tmp_path, trust_root=later)
    assert rows(a) == [] and in_force(a) is None


@pytest.mark.parametrize("again", [dict, without_line_end])
def test_what_lay_before_the_trust_root_does_not_return_after_it(tmp_path: Path, again: Callable[[Files], Files]) -> None:  # fmt: skip
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    hand_in(p, made)
    p.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.REVOKE)
    root = hand_in(p, dict.fromkeys(made))
    hand_in(p, again(made))
    a = audit(p, tmp_path, trust_root=root)
    assert rows(a) == [] and missing(a)[0] == "quality-manager approval 0/1"


def test_the_past_does_not_know_a_file_that_landed_later(tmp_path: Path) -> None:
    p = written()
    hand_in(p, both(p), at=day("2026-03-01"))
    assert in_force(audit(p, tmp_path, as_of=day("2026-02-28").date())) is None
    assert in_force(audit(p, tmp_path, as_of=day("2026-03-01").date())) == "1.0"


def test_a_refused_file_is_closed_by_a_record_that_names_it(tmp_path: Path) -> None:
    p = written()
    landing = hand_in(p, files(p, "q.manager", role="quality-manager", namespace="git"))
    place = only(audit(p, tmp_path / "before")).evidence
    p.commit("w.writer", {"records/deviations/D-1.md": f"The file of commit {landing}: another one.\n"})
    p.commit("w.writer", {"records/deviations/D-2.md": f"{place}, which came with commit {landing}, was a slip.\n"})
    found = next(each for each in audit(p, tmp_path / "after").findings if each.check == "sign-off-wrong-namespace")
    assert found.severity is Severity.NOTE and "D-2" in found.fix


def test_stock_ssh_keygen_verifies_what_counts(tmp_path: Path) -> None:
    p = written()
    made = files(p, "q.manager", role="quality-manager")
    hand_in(p, made)
    a = audit(p, tmp_path)
    (tmp_path / "signers").write_text(proof.allowed_signers(a.register.ledger))
    (tmp_path / "s").write_bytes(made[f"{only(a).evidence}.sig"])  # type: ignore[arg-type]
    command = ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", email("q.manager"), "-n", portable.NAMESPACE, "-s", tmp_path / "s"]  # fmt: skip
    done = subprocess.run(command, input=made[only(a).evidence], capture_output=True, check=False)  # type: ignore[arg-type]
    assert done.returncode == 0 and b"Good" in done.stdout, done


def test_a_real_squash_merge_brings_a_version_into_force(tmp_path: Path) -> None:
    p = written()
    place = p.repository(tmp_path / "r")
    git(place, "checkout", "--quiet", "-b", "change")
    (place / DOC).write_text(document(version="2.0", body="## Purpose\n\nMore.\n"))
    git(place, "commit", "--quiet", "-am", "version 2.0")
    p.commit(
        "w.writer", {DOC: document(version="2.0", body="## Purpose\n\nMore.\n")}
    )  # only to learn what is to be signed
    now = datetime.now(UTC)
    made = both(p, at=now)
    for name, text in made.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(text)  # type: ignore[arg-type]
    git(place, "add", "records")
    git(place, "commit", "--quiet", "-m", "sign-offs")
    git(place, "checkout", "--quiet", "main")
    git(place, "merge", "--quiet", "--squash", "change")
    git(place, "commit", "--quiet", "-m", "version 2.0 (#7)")
    assert in_force(audit(p, tmp_path, now=datetime.now(UTC))) == "2.0"


def with_key(life: str) -> str:
    """people.yaml with q.manager's key in a period."""
    listed = f'[{{key: "{public("q.manager")}"{life}}}]'
    return people({"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "admin"], keys=listed)})
