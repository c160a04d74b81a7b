"""Every id fires where its rule is broken and stays silent where it is only nearly so: real histories, one table."""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import programme
import pytest
import training_scenes
from programme import NOW, POLICY, Programme, document, entry, key, path, people

from qmdoc import checks, standards
from qmdoc.model import Finding, Meaning, Outcome, Severity
from qmdoc.register import Audit
from qmdoc.signing import sshsig, statement
from qmdoc.signing.statement import Subject

Scenario = Callable[[Path], Audit]
FIRES: dict[str, Scenario] = {}
SILENT: dict[str, Scenario] = {}
STANDARDS = Path(__file__).parents[2] / "sops" / "standards"
# DESIGN.md §3.5; the ids about training records that it does not name came with issue 6 (tests/training_scenes.py); `review-action-open` is
# SIGNOFF.md §2's "findings until acted upon", `anchor-ignored` §6's "ignored and named"; `manual-restyled` closes a way by
# which an unsigned line could reach staff, `unreadable-staff` one by which a reader could be forgotten. The checks of how a text
# is written (`list-gap`, `sign-not-shown`, `block-not-closed`, `picture-not-shown`, `step-not-imperative`, `limit-without-unit`, `form-absent`, `reference-without-year`,
# `limits-disagree`) came with the starter library; tests/checks/test_writing.py has their cases.
TABLE = """
error unreadable-document front-matter-invalid duplicate-id id-changed path-collision not-a-plain-file unsafe-markup
error second-title changed-after-approval version-not-raised effective-document-deleted withdrawn-document-changed
error nothing-in-force review-overdue review-interval-too-long effective-before-approval unknown-owner owner-left
error unknown-editor edit-unsigned time-in-future signed-by-revoked-key unknown-standard unreadable-standard unknown-clause
error clause-uncovered clause-covered-only-by-draft broken-reference chart-outdated local-value-missing history-rewritten
error authority-unreadable unreadable-staff list-gap sign-not-shown block-not-closed picture-not-shown
error training-missing training-outdated competency-overdue assessor-not-competent attestation-before-approval
error attestation-by-non-holder attestation-for-other-bytes attestation-unproved module-unknown-document unreadable-leave
error unreadable-modules unreadable-training
error sign-off-malformed sign-off-changes-files sign-off-unsigned sign-off-bad-signature sign-off-weak-key
error sign-off-wrong-namespace sign-off-no-touch sign-off-unknown-key sign-off-expired-key sign-off-revoked-key
error sign-off-signer-mismatch sign-off-person-not-active sign-off-unknown-authority sign-off-role-not-held
error sign-off-assurance-too-low sign-off-subject-mismatch sign-off-time-before-parent sign-off-time-in-future
error sign-off-time-mismatch sign-off-outside-anchor sign-off-not-effective sign-off-nothing-to-revoke sign-off-own-entry
error sign-off-role-not-granted sign-off-rewritten
warning never-approved review-due-soon review-action-open edition-superseded missing-section stray-file seat-vacant
warning anchor-ignored manual-restyled authority-fragile clause-removed trust-root-not-pinned authority-pending work-tree-differs
warning change-understated step-not-imperative limit-without-unit form-absent reference-without-year
note clause-recalled awaiting-sign-off limits-disagree
"""
EXPECTED = {word: row.split()[0] for row in TABLE.strip().splitlines() for word in row.split()[1:]}
CATALOGUE = """\
id: house
title: House rules
edition: "1"
clauses:
  - {id: "1", title: Chapter one, heading: true, confidence: confirmed}
  - {id: "1.1", title: Document control, confidence: confirmed}
  - {id: "1.2", title: Training, confidence: confirmed}
"""
HOUSE = "sops/standards/house.yaml"


def fires(check: str) -> Callable[[Scenario], Scenario]:
    """Enters a history in which the rule is broken."""

    def enter(scenario: Scenario) -> Scenario:
        assert check not in FIRES
        FIRES[check] = scenario
        return scenario

    return enter


def silent(*ids: str) -> Callable[[Scenario], Scenario]:
    """Enters a history that keeps the rules."""

    def enter(scenario: Scenario) -> Scenario:
        SILENT.update(dict.fromkeys(ids, scenario))
        return scenario

    return enter


def approved(
    text: str | None = None,
    *,
    policy: str = POLICY,
    listed: str | None = None,
    files: dict[str, str | bytes] | None = None,
) -> Programme:
    """A programme with QM-001 approved, and files beside it."""
    made = Programme(policy=policy, people=listed or people())
    made.commit("w.writer", {path(): text or document(), **(files or {})})
    made.approve("QM-001")
    return made


def draft(text: str | None = None, *, policy: str = POLICY, listed: str | None = None) -> Programme:
    """A programme with QM-002 in force and QM-001 a draft."""
    made = Programme(policy=policy, people=listed or people())
    made.commit("w.writer", {path("QM-002"): document("QM-002")})
    made.approve("QM-002")
    made.commit("w.writer", {path(): text or document()})
    return made


def of(audit: Audit, check: str) -> list[Finding]:
    """The findings under one id."""
    return [finding for finding in audit.findings if finding.check == check]


def catalogue(**more: str) -> str:
    """The house catalogue with more lines above its clauses."""
    return CATALOGUE.replace("clauses:", "".join(f"{name}: {value}\n" for name, value in more.items()) + "clauses:")


# --- the honest programme -------------------------------------------------------------------------------------------


@silent(*EXPECTED)
def an_honest_programme(folder: Path) -> Audit:
    return approved().audit(folder)


# --- files ----------------------------------------------------------------------------------------------------------


@fires("unreadable-document")
def a_file_without_front_matter(folder: Path) -> Audit:
    return draft("just text\n").audit(folder)


@fires("front-matter-invalid")
def a_type_that_the_policy_does_not_name(folder: Path) -> Audit:
    return draft(document(type="recipe")).audit(folder)


@silent("front-matter-invalid")
def a_site_and_a_programme_that_the_policy_names(folder: Path) -> Audit:
    return approved(document(sites="[main]", programmes="[hct, iec]")).audit(folder)


@fires("duplicate-id")
def two_files_with_one_number(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {"sops/strategy/QM-001-other.md": document()})
    return made.audit(folder)


@fires("id-changed")
def an_approved_document_under_a_new_number(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path(): None, path("QM-009"): document("QM-009")})
    return made.audit(folder)


@silent("id-changed", "effective-document-deleted")
def a_withdrawn_document_under_a_new_number(folder: Path) -> Audit:
    made = approved()
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    made.commit("w.writer", {path(): None, path("QM-009"): document("QM-009", supersedes="[QM-001]")})
    return made.audit(folder)


@fires("path-collision")
def two_names_that_differ_by_a_capital_letter(folder: Path) -> Audit:
    made = approved(files={"sops/quality/QM-001/a.txt": "a", "sops/quality/QM-001/A.txt": "b"})
    return made.audit(folder)


@silent("path-collision", "stray-file")
def attachments_whose_names_differ(folder: Path) -> Audit:
    return approved(files={"sops/quality/QM-001/a.txt": "a", "sops/quality/README.md": "What is here.\n"}).audit(folder)


@fires("not-a-plain-file")
def a_link_in_a_document_s_place(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path("QM-003"): "QM-001-title.md"}, modes={path("QM-003"): "120000"})
    return made.audit(folder)


@silent("not-a-plain-file")
def an_executable_file_is_plain(folder: Path) -> Audit:
    made = Programme()
    made.commit("w.writer", {path(): document()}, modes={path(): "100755"})
    made.approve("QM-001")
    return made.audit(folder)


@fires("stray-file")
def a_note_that_belongs_to_nothing(folder: Path) -> Audit:
    return approved(files={"sops/quality/notes.txt": "x"}).audit(folder)


@fires("unsafe-markup")
def raw_html_in_a_text(folder: Path) -> Audit:
    return draft(document(body="## Purpose\n\n<script>x</script>\n")).audit(folder)


@silent("unsafe-markup")
def a_plain_drawing_and_a_web_address(folder: Path) -> Audit:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><a href="#x"><path id="x" style="fill:url(#x)"/></a></svg>'
    text = document(body="## Purpose\n\n[web](https://programme.example) ![x](QM-001/x.svg)\n")
    return approved(text, files={"sops/quality/QM-001/x.svg": drawing}).audit(folder)


@fires("second-title")
def a_first_level_heading(folder: Path) -> Audit:
    return draft(document(body="# Purpose\n\nText.\n")).audit(folder)


@fires("chart-outdated")
def a_chart_changed_after_it_was_drawn(folder: Path) -> Audit:
    files = {"sops/quality/QM-001/x.dot": "digraph {a -> b}", "sops/quality/QM-001/x.svg": "<svg/>"}
    return approved(files=dict(files)).audit(folder)


@silent("chart-outdated")
def a_drawing_that_names_its_chart_s_digest(folder: Path) -> Audit:
    source = b"digraph {a -> b}"
    desc = f"sha256:{hashlib.sha256(source).hexdigest()}"
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><desc>{desc}</desc></svg>'
    return approved(files={"sops/quality/QM-001/x.dot": source, "sops/quality/QM-001/x.svg": drawing}).audit(folder)


@fires("local-value-missing")
def a_place_that_nobody_decided(folder: Path) -> Audit:
    return draft(document(body="## Purpose\n\nCall [[local: on-call pager]].\n")).audit(folder)


@fires("broken-reference")
def a_link_to_a_draft(folder: Path) -> Audit:
    made = draft()
    made.commit("w.writer", {path("QM-002"): document("QM-002", "1.1", body="## Purpose\n\n[it](QM-001)\n")})
    return made.audit(folder)


@silent("broken-reference")
def links_to_a_document_in_force_an_attachment_a_heading_and_the_web(folder: Path) -> Audit:
    body = "## Purpose\n\n[it](QM-002) [me](QM-001) [a](QM-001/a.txt) [h](#purpose) [w](https://x.example) [m](mailto:a@x.example)\n"
    made = draft(document(body=body))
    made.commit("w.writer", {"sops/quality/QM-001/a.txt": "a"})
    return made.audit(folder)


@fires("missing-section")
def a_section_that_the_policy_asks_for(folder: Path) -> Audit:
    policy = POLICY.replace("sop: {review_months: 24}", "sop: {review_months: 24, sections: [Purpose, Scope]}")
    return approved(document(body="## Purpose\n\n### Scope\n"), policy=policy).audit(folder)


@silent("missing-section")
def numbered_sections_in_other_capitals(folder: Path) -> Audit:
    policy = POLICY.replace("sop: {review_months: 24}", "sop: {review_months: 24, sections: [Purpose, Scope]}")
    return approved(document(body="## 1. PURPOSE\n\nText.\n\n## 2 scope\n\nText.\n"), policy=policy).audit(folder)


@fires("list-gap")
def a_step_left_out_of_the_count(folder: Path) -> Audit:
    return draft(document(body="## Procedure\n\n1. Open.\n2. Read.\n4. Close.\n")).audit(folder)


@fires("sign-not-shown")
def a_minus_that_became_the_mark_of_a_list(folder: Path) -> Audit:
    return draft(document(body="## Purpose\n\nStore the bag at\n- 80 °C or below.\n")).audit(folder)


@fires("block-not-closed")
def a_box_that_no_line_closes(folder: Path) -> Audit:
    return draft(document(body="## Purpose\n\n```{danger}\nNever above 37 °C.\n\nLabel the bag.\n")).audit(folder)


@fires("picture-not-shown")
def a_picture_of_which_the_repository_has_a_pointer_alone(folder: Path) -> Audit:
    made = draft(document(body="## Purpose\n\n![The flow](QM-001/flow.png)\n"))
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
    made.commit("w.writer", {"sops/quality/QM-001/flow.png": pointer})
    return made.audit(folder)


@silent("picture-not-shown")
def a_drawing_in_a_text_and_a_page_of_text_beside_it(folder: Path) -> Audit:
    made = draft(document(body="## Purpose\n\n![The flow](QM-001/flow.svg) [a](QM-001/a.png)\n"))
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    made.commit("w.writer", {"sops/quality/QM-001/flow.svg": drawing, "sops/quality/QM-001/a.png": "no picture"})
    return made.audit(folder)


@fires("step-not-imperative")
def a_step_that_says_what_should_be(folder: Path) -> Audit:
    return draft(document(body="## Procedure\n\n1. The bag should be labelled.\n")).audit(folder)


@fires("limit-without-unit")
def a_temperature_without_a_unit(folder: Path) -> Audit:
    body = "## Purpose\n\n| Point | Limit |\n| --- | --- |\n| Storage temperature | -150 |\n"
    return draft(document(body=body)).audit(folder)


@fires("form-absent")
def a_form_that_nobody_wrote(folder: Path) -> Audit:
    return draft(document(body="## Purpose\n\nWrite it on form QM-101.\n")).audit(folder)


@fires("reference-without-year")
def a_source_without_a_year(folder: Path) -> Audit:
    return draft(document(body="## References\n\n- Lee DW, Biol Blood Marrow Transplant 25:625.\n")).audit(folder)


def two_limits(folder: Path, *, clause: str, limit: str) -> Audit:
    """QM-001 claims 1.1 and keeps cells at -150 °C; QM-002 claims `clause` and keeps them at `limit`."""
    body = "## Purpose\n\n| Point | Limit |\n| --- | --- |\n| Storage temperature | at or below {} |\n"
    made = approved(document(standards='{house: ["1.1"]}', body=body.format("-150 °C")), files={HOUSE: catalogue()})
    made.commit(
        "w.writer",
        {path("QM-002"): document("QM-002", standards=f'{{house: ["{clause}"]}}', body=body.format(limit))},
    )
    made.approve("QM-002")
    return made.audit(folder)


@fires("limits-disagree")
def two_limits_under_one_clause(folder: Path) -> Audit:
    return two_limits(folder, clause="1.1", limit="-130 °C")


@silent("limits-disagree")
def two_limits_under_two_clauses(folder: Path) -> Audit:
    return two_limits(folder, clause="1.2", limit="-130 °C")


@silent(
    "list-gap",
    "sign-not-shown",
    "block-not-closed",
    "step-not-imperative",
    "limit-without-unit",
    "form-absent",
    "reference-without-year",
)
def a_procedure_as_it_is_to_be_written(folder: Path) -> Audit:
    body = (
        "## Procedure\n\n1. Check that the bag is labelled.\n\n   | Point | Limit |\n   | --- | --- |\n"
        "   | Storage temperature | at or below -150 °C |\n\n2. Write it on form QM-002.\n\n"
        "## References\n\n- House rules, 1st edition; ICCBBA ST-028, 2022.\n"
    )
    return draft(document(body=body)).audit(folder)


@fires("work-tree-differs")
def a_change_that_nobody_committed(folder: Path) -> Audit:
    place = approved().repository(folder)
    (place / path()).write_text("changed")
    return approved().audit(folder)


# --- life cycle -----------------------------------------------------------------------------------------------------


@fires("changed-after-approval")
def a_letter_changed_under_an_approved_number(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path(): document(body="## Purpose\n\nOther text.\n")})
    return made.audit(folder)


@silent("changed-after-approval", "version-not-raised", "nothing-in-force")
def a_change_under_a_higher_number(folder: Path) -> Audit:
    made = approved(document(version="1.9"))
    made.commit("w.writer", {path(): document(version="1.10")})
    return made.audit(folder)


@fires("version-not-raised")
def a_change_under_a_lower_number(folder: Path) -> Audit:
    made = approved(document(version="2.0"))
    made.commit("w.writer", {path(): document(version="1.5")})
    return made.audit(folder)


@fires("effective-document-deleted")
def a_file_deleted_while_in_force(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path(): None})
    return made.audit(folder)


@fires("withdrawn-document-changed")
def a_withdrawn_document_edited(folder: Path) -> Audit:
    made = approved()
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    made.commit("w.writer", {path(): document(body="## Purpose\n\nOther text.\n")})
    return made.audit(folder)


@silent("withdrawn-document-changed")
def a_withdrawn_document_that_returns_with_a_higher_number(folder: Path) -> Audit:
    made = approved()
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.WITHDRAW)
    made.commit("w.writer", {path(): document(version="2.0")})
    return made.audit(folder)


@fires("nothing-in-force")
def a_day_before_the_first_commit(folder: Path) -> Audit:
    return approved().audit(folder, as_of=date(2020, 1, 1))


@fires("never-approved")
def a_draft_with_one_signature_of_two(folder: Path) -> Audit:
    made = draft()
    made.sign("q.manager", "QM-001", role="quality-manager")
    return made.audit(folder)


@fires("awaiting-sign-off")
def a_proposal_with_one_signature_of_two(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path(): document(version="1.1")})
    made.sign("q.manager", "QM-001", role="quality-manager")
    return made.audit(folder)


@silent("awaiting-sign-off", "never-approved", "effective-before-approval")
def an_approved_version_that_waits_for_its_day(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path(): document(version="1.1", effective_date="2026-12-24")})
    made.approve("QM-001")
    return made.audit(folder)


@fires("review-overdue")
def a_day_after_the_review_was_due(folder: Path) -> Audit:
    return approved(document(review_date="2026-11-21")).audit(folder)


@silent("review-overdue")
def the_day_on_which_the_review_is_due(folder: Path) -> Audit:
    return approved(document(review_date="2026-11-22")).audit(folder)


@fires("review-due-soon")
def a_review_due_in_sixty_days(folder: Path) -> Audit:
    return approved(document(review_date=str(NOW.date() + timedelta(days=60)))).audit(folder)


@silent("review-due-soon")
def a_review_due_in_sixty_one_days(folder: Path) -> Audit:
    return approved(document(review_date=str(NOW.date() + timedelta(days=61)))).audit(folder)


@fires("review-interval-too-long")
def a_review_a_day_after_the_interval_s_end(folder: Path) -> Audit:
    return approved(document(review_date="2028-01-06")).audit(folder)


@silent("review-interval-too-long")
def a_review_at_the_interval_s_end(folder: Path) -> Audit:
    return approved(document(review_date="2028-01-05")).audit(folder)


@fires("review-action-open")
def a_review_that_asks_for_a_revision(folder: Path) -> Audit:
    made = approved()
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, outcome=Outcome.REVISE)
    return made.audit(folder)


@silent("review-action-open")
def a_review_acted_upon(folder: Path) -> Audit:
    made = approved()
    made.sign("q.manager", "QM-001", role="quality-manager", meaning=Meaning.PERIODIC_REVIEW, outcome=Outcome.REVISE)
    made.commit("w.writer", {path(): document(version="1.1")})
    made.approve("QM-001")
    return made.audit(folder)


@fires("effective-before-approval")
def an_effective_date_before_the_signatures(folder: Path) -> Audit:
    return approved(document(effective_date="2026-01-04")).audit(folder)


@fires("anchor-ignored")
def a_text_in_the_place_of_a_time_stamp(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {f"records/anchors/{made.root}.tsr": "Stamped on Monday.\n"})
    return made.audit(folder)


@silent("anchor-ignored")
def such_a_text_taken_out_again(folder: Path) -> Audit:
    made = approved()
    name = f"records/anchors/{made.root}.tsr"
    made.commit("w.writer", {name: "Stamped on Monday.\n", "records/anchors/README.md": "What is here.\n"})
    made.commit("w.writer", {name: None})
    return made.audit(folder)


@fires("manual-restyled")
def a_template_of_ones_own(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {"templates/manual/home.html": "<p>Give 500 mg.</p>\n"})
    return made.audit(folder)


@silent("manual-restyled")
def a_template_of_ones_own_that_the_admins_signed(folder: Path) -> Audit:
    made = approved()
    text = "<p>Ours.</p>\n"
    made.commit("w.writer", {"templates/manual/home.html": text})
    line = f"{hashlib.sha256(text.encode()).hexdigest()} templates/manual/home.html\n"
    made.change_authority(policy=f"{made.policy}templates: sha256:{hashlib.sha256(line.encode()).hexdigest()}\n")
    return made.audit(folder)


@fires("unreadable-staff")
def a_line_of_the_staff_list_without_its_sites(folder: Path) -> Audit:
    made = approved()
    made.commit(
        "a.admin", {"records/staff.csv": "id,name,email,roles,sites,from,to\nn.two,Nurse two,,ward-nurse,2026-01-01,\n"}
    )
    return made.audit(folder)


@silent("unreadable-staff")
def a_staff_list_that_can_be_read(folder: Path) -> Audit:
    made = approved()
    made.commit(
        "a.admin",
        {"records/staff.csv": "id,name,email,roles,sites,from,to\nn.two,Nurse two,,ward-nurse,,2026-01-01,\n"},
    )
    return made.audit(folder)


# --- people ---------------------------------------------------------------------------------------------------------


@fires("unknown-owner")
def an_owner_whose_name_is_misspelt(folder: Path) -> Audit:
    return draft(document(owner="qualty-manager")).audit(folder)


@silent("unknown-owner", "owner-left")
def an_owner_by_id(folder: Path) -> Audit:
    return approved(document(owner="w.writer")).audit(folder)


@fires("owner-left")
def an_owner_whose_last_day_has_passed(folder: Path) -> Audit:
    listed = people({"n.nurse": entry("n.nurse", "Ward Nurse", ["ward-nurse"], extra="    to: 2026-11-21\n")})
    return approved(document(owner="n.nurse"), listed=listed).audit(folder)


@fires("unknown-editor")
def an_edit_by_somebody_unknown(folder: Path) -> Audit:
    made = approved()
    made.commit("stranger", {path("QM-002"): document("QM-002")})
    return made.audit(folder)


@silent("unknown-editor")
def an_edit_by_a_listed_bot(folder: Path) -> Audit:
    made = Programme(people=people({"f.bot": entry("f.bot", "Formatter", [], keys="[]")}))
    made.commit("f.bot", {path(): document()})
    made.approve("QM-001")
    return made.audit(folder)


@fires("edit-unsigned")
def an_unsigned_edit_where_the_policy_asks_for_signed_ones(folder: Path) -> Audit:
    return approved(policy=POLICY + "edits: signed\n").audit(folder)


@silent("edit-unsigned")
def a_signed_edit_where_the_policy_asks_for_it(folder: Path) -> Audit:
    made = Programme(policy=POLICY + "edits: signed\n")
    made.commit(
        "w.writer", {path(): document()}, sign=lambda payload: sshsig.sign(key("w.writer"), payload, namespace="git")
    )
    made.approve("QM-001")
    return made.audit(folder)


@fires("time-in-future")
def a_commit_dated_ahead(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path("QM-002"): document("QM-002")}, at=NOW + timedelta(days=2))
    return made.audit(folder)


@silent("time-in-future")
def a_clock_two_minutes_fast(folder: Path) -> Audit:
    made = approved()
    made.commit("w.writer", {path("QM-002"): document("QM-002")}, at=NOW + timedelta(minutes=2))
    return made.audit(folder)


def revoked(reason: str) -> str:
    """people.yaml in which the deputy's key was revoked long after it signed."""
    keys = f'[{{key: "{programme.public("d.manager")}", revoked: 2026-10-01, reason: {reason}}}]'
    return people({"d.manager": entry("d.manager", "Deputy Quality Manager", ["quality-manager"], keys=keys)})


def signed_by_the_deputy(reason: str) -> Programme:
    made = Programme()
    made.commit("w.writer", {path(): document()})
    made.sign("d.manager", "QM-001", role="quality-manager")
    made.sign("m.director", "QM-001", role="medical-director")
    made.change_authority(people=revoked(reason))
    return made


@fires("signed-by-revoked-key")
def a_document_in_force_by_a_stolen_key(folder: Path) -> Audit:
    return signed_by_the_deputy("stolen").audit(folder)


@silent("signed-by-revoked-key")
def a_document_in_force_by_a_key_replaced_later(folder: Path) -> Audit:
    return signed_by_the_deputy("replaced").audit(folder)


# --- standards ------------------------------------------------------------------------------------------------------


def binding(clauses: str = "house") -> str:
    return POLICY.replace("standards: []", f"standards: [{clauses}]")


@fires("unknown-standard")
def a_standard_whose_name_is_misspelt(folder: Path) -> Audit:
    return approved(document(standards='{hose: ["1.1"]}'), files={HOUSE: CATALOGUE}).audit(folder)


@fires("unreadable-standard")
def a_clause_listed_twice(folder: Path) -> Audit:
    return approved(files={HOUSE: CATALOGUE + '  - {id: "1.1", title: Again}\n'}).audit(folder)


@fires("unknown-clause")
def a_clause_that_the_standard_does_not_have(folder: Path) -> Audit:
    return approved(document(standards='{house: ["1.11"]}'), files={HOUSE: CATALOGUE}).audit(folder)


@fires("clause-uncovered")
def a_binding_clause_that_no_document_names(folder: Path) -> Audit:
    return approved(document(standards='{house: ["1.1"]}'), policy=binding(), files={HOUSE: CATALOGUE}).audit(folder)


@silent(
    "clause-uncovered",
    "unknown-standard",
    "unreadable-standard",
    "unknown-clause",
    "clause-recalled",
    "edition-superseded",
)
def every_binding_clause_answered_or_explained_away(folder: Path) -> Audit:
    text = document(standards='{house: ["1.1"]}', not_applicable='{house: {"1.2": we train nobody}}')
    return approved(text, policy=binding(), files={HOUSE: CATALOGUE}).audit(folder)


@fires("clause-covered-only-by-draft")
def a_binding_clause_that_a_draft_names(folder: Path) -> Audit:
    made = draft(document(standards='{house: ["1.1", "1.2"]}'), policy=binding())
    made.commit("w.writer", {HOUSE: CATALOGUE})
    return made.audit(folder)


@fires("clause-recalled")
def a_claimed_clause_written_from_memory(folder: Path) -> Audit:
    text = CATALOGUE.replace("Document control, confidence: confirmed", "Document control, confidence: recalled")
    return approved(document(standards='{house: ["1.1", "1.2"]}'), files={HOUSE: text}).audit(folder)


@fires("clause-removed")
def a_clause_taken_out_of_an_edition(folder: Path) -> Audit:
    made = approved(files={HOUSE: CATALOGUE})
    made.commit("w.writer", {HOUSE: "".join(CATALOGUE.splitlines(keepends=True)[:-1])})
    return made.audit(folder)


@silent("clause-removed")
def a_clause_that_a_new_edition_does_not_have(folder: Path) -> Audit:
    made = approved(files={HOUSE: CATALOGUE})
    made.commit(
        "w.writer", {HOUSE: "".join(CATALOGUE.splitlines(keepends=True)[:-1]).replace('"1"\nclauses', '"2"\nclauses')}
    )
    return made.audit(folder)


@fires("edition-superseded")
def a_binding_edition_that_was_superseded(folder: Path) -> Audit:
    return approved(policy=binding(), files={HOUSE: catalogue(superseded_by="Edition 2")}).audit(folder)


# --- authority ------------------------------------------------------------------------------------------------------


@fires("authority-unreadable")
def people_yaml_deleted(folder: Path) -> Audit:
    made = approved()
    made.commit("a.admin", {"sops/authority/people.yaml": None})
    return made.audit(folder)


@fires("authority-pending")
def a_change_of_people_that_one_admin_signed(folder: Path) -> Audit:
    made = approved()
    made.change_authority(people=people({"x.new": entry("x.new", "Newcomer", ["ward-nurse"])}), signers=("q.manager",))
    return made.audit(folder)


@silent("authority-unreadable", "authority-pending")
def a_change_of_people_that_the_quorum_signed(folder: Path) -> Audit:
    made = approved()
    made.change_authority(policy=POLICY.replace("notice_days: 60", "notice_days: 61"))
    return made.audit(folder)


def third_admin_s_key_ends(day: str) -> str:
    keys = f'[{{key: "{programme.public("a.admin")}", to: {day}}}]'
    return people({"a.admin": entry("a.admin", "Administrator", ["admin"], keys=keys)})


@fires("authority-fragile")
def a_third_admin_whose_key_ends_in_eighty_nine_days(folder: Path) -> Audit:
    return approved(listed=third_admin_s_key_ends("2027-02-19")).audit(folder)


@silent("authority-fragile")
def a_third_admin_whose_key_ends_in_ninety_days(folder: Path) -> Audit:
    return approved(listed=third_admin_s_key_ends("2027-02-20")).audit(folder)


@fires("seat-vacant")
def a_seat_whose_only_holder_has_left(folder: Path) -> Audit:
    listed = people(
        {
            "m.director": entry(
                "m.director", "Medical Director", ["medical-director", "admin"], extra="    to: 2026-11-21\n"
            )
        }
    )
    return approved(listed=listed).audit(folder)


@silent("seat-vacant")
def a_seat_whose_holder_s_last_day_is_today(folder: Path) -> Audit:
    listed = people(
        {
            "m.director": entry(
                "m.director", "Medical Director", ["medical-director", "admin"], extra="    to: 2026-11-22\n"
            )
        }
    )
    return approved(listed=listed).audit(folder)


@fires("trust-root-not-pinned")
def a_trust_root_that_nobody_gave(folder: Path) -> Audit:
    return approved().audit(folder, trust_root=None)


@fires("history-rewritten")
def a_history_without_the_commit_audited_before(folder: Path) -> Audit:
    audit = approved().audit(folder)
    register = replace(audit.register, lost_tip="ab" * 20)
    return Audit(register, checks.run(register, is_strict=False))


# --- sign-offs ------------------------------------------------------------------------------------------------------


def refused(folder: Path, *, policy: str = POLICY, listed: str | None = None, **bent: object) -> Audit:
    """A draft with one sign-off by the quality manager, bent in one way."""
    made = draft(policy=policy, listed=listed) if policy == POLICY and listed is None else drafted_only(policy, listed)
    made.sign("q.manager", "QM-001", **{"role": "quality-manager", **bent})  # type: ignore[arg-type]
    return made.audit(folder)


def drafted_only(policy: str, listed: str | None) -> Programme:
    made = Programme(policy=policy, people=listed or people())
    made.commit("w.writer", {path(): document()})
    return made


def with_code(folder: Path, code: str) -> Audit:
    """A refused sign-off whose code no test key can bring about here: the same value with that code."""
    audit = refused(folder, unsigned=True)
    ledger = audit.register.ledger
    rows = tuple(each if each.is_accepted else each._replace(code=code) for each in ledger.sign_offs)
    bent = replace(ledger, sign_offs=rows, refused=tuple(each for each in rows if not each.is_accepted))
    register = replace(audit.register, ledger=bent)
    return Audit(register, checks.run(register, is_strict=False))


def quality_manager(keys: str = "", extra: str = "") -> str:
    listed = f'[{{key: "{programme.public("q.manager")}"{keys}}}]'
    return people(
        {"q.manager": entry("q.manager", "Quality Manager", ["quality-manager", "admin"], keys=listed, extra=extra)}
    )


def said(made: Programme, **bent: object) -> str:
    return statement.write(made.statement("q.manager", "QM-001", role="quality-manager", **bent))  # type: ignore[arg-type]


def signed(payload: bytes) -> bytes:
    return sshsig.sign(key("q.manager"), payload, namespace="git")


def a_change_inside_a_sign_off(folder: Path) -> Audit:
    made = draft()
    made.commit("q.manager", {path(): document(body="## Purpose\n\nMine.\n")}, message=said(made), sign=signed)
    return made.audit(folder)


def a_signature_over_other_bytes(folder: Path) -> Audit:
    made = draft()
    made.commit("q.manager", message=said(made), sign=lambda payload: signed(payload + b"x"))
    return made.audit(folder)


def a_signature_made_for_files(folder: Path) -> Audit:
    made = draft()
    made.commit(
        "q.manager", message=said(made), sign=lambda payload: sshsig.sign(key("q.manager"), payload, namespace="file")
    )
    return made.audit(folder)


def a_statement_of_another_time(folder: Path) -> Audit:
    made = draft()
    made.commit("q.manager", message=said(made, at=programme.START + timedelta(days=3)), sign=signed)
    return made.audit(folder)


def a_sign_off_copied_by_a_squash(folder: Path) -> Audit:
    made = draft()
    made.branch("topic")
    first = made.sign("q.manager", "QM-001", role="quality-manager", branch="topic")
    message = made.chronicle.objects[first][1].partition(b"\n\n")[2].decode()
    made.commit("w.writer", message=f"squashed\n\n{message}")
    made.merge("w.writer", "topic")
    return made.audit(folder)


def another_digest(folder: Path) -> Audit:
    made = draft()
    subject = made.subject("QM-001")
    made.sign(
        "q.manager", role="quality-manager", subjects=(Subject(subject.id, subject.version, subject.blob, "0" * 64),)
    )
    return made.audit(folder)


def an_admin_under_a_change_of_their_own_entry(folder: Path) -> Audit:
    made = approved()
    changed = entry("q.manager", "Quality Manager", ["quality-manager", "admin", "medical-director"])
    made.change_authority(people=people({"q.manager": changed}), signers=("q.manager",))
    return made.audit(folder)


def an_admin_who_gives_a_role_they_do_not_hold(folder: Path) -> Audit:
    made = approved()
    made.change_authority(
        people=people({"x.new": entry("x.new", "Newcomer", ["quality-manager"])}), signers=("m.director",)
    )
    return made.audit(folder)


FIRES |= training_scenes.FIRES
FIRES |= {
    "sign-off-malformed": lambda folder: refused(folder, message="Approved\n\nQM-Signoff: 1\nQM-Signer: q.manager\n"),
    "sign-off-changes-files": a_change_inside_a_sign_off,
    "sign-off-unsigned": lambda folder: refused(folder, unsigned=True),
    "sign-off-bad-signature": a_signature_over_other_bytes,
    "sign-off-weak-key": lambda folder: with_code(folder, "weak-key"),
    "sign-off-wrong-namespace": a_signature_made_for_files,
    "sign-off-no-touch": lambda folder: with_code(folder, "no-touch"),
    "sign-off-unknown-key": lambda folder: refused(folder, signing_key=key("stranger")),
    "sign-off-expired-key": lambda folder: refused(folder, listed=quality_manager(", to: 2026-01-04")),
    "sign-off-revoked-key": lambda folder: refused(
        folder, listed=quality_manager(", revoked: 2026-01-04, reason: lost")
    ),
    "sign-off-signer-mismatch": lambda folder: refused(folder, signing_key=key("d.manager")),
    "sign-off-person-not-active": lambda folder: refused(folder, listed=quality_manager(extra="    to: 2026-01-04\n")),
    "sign-off-unknown-authority": lambda folder: refused(folder, authority="0" * 64),
    "sign-off-role-not-held": lambda folder: refused(folder, role="medical-director"),
    "sign-off-assurance-too-low": lambda folder: refused(
        folder, policy=POLICY.replace("assurance: signed", "assurance: hardware")
    ),
    "sign-off-subject-mismatch": another_digest,
    "sign-off-time-before-parent": lambda folder: refused(folder, at=programme.START - timedelta(days=1)),
    "sign-off-time-in-future": lambda folder: refused(folder, at=NOW + timedelta(days=1)),
    "sign-off-time-mismatch": a_statement_of_another_time,
    "sign-off-outside-anchor": lambda folder: with_code(folder, "outside-anchor"),
    "sign-off-not-effective": lambda folder: refused(folder, meaning=Meaning.PERIODIC_REVIEW),
    "sign-off-nothing-to-revoke": lambda folder: refused(folder, meaning=Meaning.REVOKE),
    "sign-off-own-entry": an_admin_under_a_change_of_their_own_entry,
    "sign-off-role-not-granted": an_admin_who_gives_a_role_they_do_not_hold,
    "sign-off-rewritten": a_sign_off_copied_by_a_squash,
}


# --- the promises ---------------------------------------------------------------------------------------------------


def test_the_ids_and_severities_are_those_of_the_design() -> None:
    assert {check: str(severity) for check, severity in checks.ids().items()} == EXPECTED


def test_the_ids_about_the_authority_are_ids() -> None:
    assert set(checks.ids()) >= checks.ABOUT_THE_AUTHORITY


def test_every_id_has_a_history_that_fires_it_and_one_that_does_not() -> None:
    assert set(FIRES) == set(SILENT) == set(checks.ids())


@pytest.mark.parametrize("check", sorted(EXPECTED))
def test_it_fires_where_its_rule_is_broken(check: str, tmp_path: Path) -> None:
    found = of(FIRES[check](tmp_path), check)
    assert found
    assert {str(finding.severity) for finding in found} == {EXPECTED[check]}


@pytest.mark.parametrize("scenario", sorted(set(SILENT.values()), key=lambda each: each.__name__))
def test_it_stays_silent_where_its_rule_is_kept(scenario: Scenario, tmp_path: Path) -> None:
    found = {finding.check for finding in scenario(tmp_path).findings}
    assert not found & {check for check, kept in SILENT.items() if kept is scenario}


def test_an_honest_programme_has_no_finding_at_all(tmp_path: Path) -> None:
    assert an_honest_programme(tmp_path).findings == ()


@pytest.mark.parametrize("check", sorted(EXPECTED))
def test_every_finding_is_a_plain_sentence_with_a_remedy(check: str, tmp_path: Path) -> None:
    for finding in FIRES[check](tmp_path).findings:
        assert finding.message and finding.fix and not finding.message.endswith(".")
        assert "\n" not in finding.message + finding.fix
        assert not re.search(
            r"\b(blob|HEAD|ref|SHA-1|None|rebase)\b", finding.message.replace("a rebase or a cherry-pick", "")
        ), finding.message
        assert finding.path is None or finding.line is not None
        assert finding.check in checks.ids()


def by_id(check: checks.Check) -> str:
    return check.ID


def test_every_module_of_the_package_is_called() -> None:
    folder = Path(checks.__file__).parent
    written = {file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")}
    assert {check.__name__.rpartition(".")[2] for check in checks.ALL} == written  # type: ignore[attr-defined]
    assert all(check.ID.replace("-", "_") in written for check in checks.ALL)
    assert [check for check in checks.ALL if hasattr(check, "check_document")] == sorted(checks.OF_ONE, key=by_id)
    assert [check for check in checks.ALL if hasattr(check, "check")] == sorted(checks.OF_ALL, key=by_id)
    assert checks.MADE_OF.keys() <= {check.ID for check in checks.OF_ALL}


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.ID)
def test_every_module_says_what_it_promises_and_serves_and_shows_both_cases(check: object) -> None:
    page = ast.get_docstring(ast.parse(inspect.getsource(check)))  # type: ignore[arg-type]
    assert page and page.splitlines()[0].endswith(".")
    assert all(word in page for word in ("Serves ", "\nPasses: ", "\nFails: "))


def test_every_clause_that_a_check_serves_stands_in_a_catalogue_and_is_named_with_its_confidence() -> None:
    catalogues = {file.stem: standards.read(file.name, file.read_bytes()) for file in STANDARDS.glob("*.yaml")}
    for check in checks.ALL:
        page = " ".join((check.__doc__ or "").split())
        for row in getattr(check, "CLAUSES", ()):
            name, _, clause_id = row.partition(" ")
            found = catalogues[name]
            assert isinstance(found, standards.Catalogue)
            clause = found.clause(clause_id)
            assert clause, f"{check.ID}: {row}"
            assert clause_id in page and str(clause.confidence) in page, f"{check.ID}: {row} is {clause.confidence}"


def test_the_same_history_gives_the_same_findings_in_the_same_order(tmp_path: Path) -> None:
    assert (
        a_sign_off_copied_by_a_squash(tmp_path / "a").findings == a_sign_off_copied_by_a_squash(tmp_path / "b").findings
    )


def test_strict_turns_warnings_into_errors_and_leaves_notes(tmp_path: Path) -> None:
    made = approved()
    made.commit("w.writer", {path(): document(version="1.1"), "sops/quality/x.txt": "x"})
    found = {finding.check: finding.severity for finding in made.audit(tmp_path, is_strict=True).findings}
    assert found == {"stray-file": Severity.ERROR, "awaiting-sign-off": Severity.NOTE}
