"""Interface words: every one is in the catalogue, every catalogue is whole, and a manual speaks the chosen language."""

from __future__ import annotations

import io
import os
import re
from datetime import date
from pathlib import Path

import catalogue
import pytest
from babel.messages.pofile import read_po
from programme import NOW, POLICY, Programme, document, path

from qmdoc import building, publishing
from qmdoc.audit import Request
from qmdoc.errors import OutputFailed, QmdocError
from qmdoc.model import Meaning
from qmdoc.outputs import languages
from qmdoc.outputs.languages import Language
from qmdoc.saying import counted, said

MANUAL = catalogue.ROOT / "templates" / "manual"
TEMPLATES = {
    str(file.relative_to(MANUAL)): file.read_text(encoding="utf-8")
    for file in sorted(MANUAL.rglob("*"))
    if file.is_file()
}
TRANSLATIONS = sorted(catalogue.FOLDER.glob("*.po"))
_LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names and signs that are the same in every language: file types, an example of what to type, CSS in its own words.
_SAME_EVERYWHERE = {"QM", "SHA", "ab"}
# Words that templates and scripts compare with, and never show.
_COMPARED = {"Write an e-mail", "Document", "not applicable", "In force", "use strict"}


def test_the_catalogue_of_english_words_is_up_to_date() -> None:
    assert catalogue.POT.read_text(encoding="utf-8") == catalogue.written(catalogue.catalogue()), "run: make words"


@pytest.mark.parametrize("place", TRANSLATIONS, ids=lambda place: place.name)
def test_a_translation_has_every_word_and_no_other_with_the_same_values_tags_and_blanks(place: Path) -> None:
    messages = catalogue.messages()
    read = {
        each.id if isinstance(each.id, str) else tuple(each.id): each
        for each in read_po(io.BytesIO(place.read_bytes()))
        if each.id
    }
    assert set(read) == set(messages)
    for key, each in read.items():
        ids = (key,) if isinstance(key, str) else key
        forms = (each.string,) if isinstance(each.string, str) else tuple(each.string or ())
        assert not each.fuzzy and len(forms) >= len(ids)
        for form in forms:
            assert languages.problem(ids, form) == "", (key, form)
            assert (form[:1].isspace(), form[-1:].isspace()) == (ids[0][:1].isspace(), ids[0][-1:].isspace()), key


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_a_template_has_no_words_outside_the_catalogue(name: str) -> None:
    written = re.sub(r"\{#.*?#\}|<style>.*?</style>", lambda match: "".join(re.findall(r'content: "[^;]*', match[0])), TEMPLATES[name], flags=re.DOTALL)  # fmt: skip
    written = re.sub(r"\{% trans .*?\{% endtrans %\}|\{% trans %\}.*?\{% endtrans %\}", "", written, flags=re.DOTALL)
    if name == "theme/page.html":  # what it says for the theme's own frames is asked of a German page
        written = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", written, flags=re.DOTALL)
    shown = re.findall(
        r'\s(?:aria-label|title|placeholder|alt|data-qm-one|data-qm-many)="((?:\{\{.*?\}\}|[^"])*)"', written
    )
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", written, flags=re.DOTALL)
    shown += [re.sub(r'<(?:[^<>"]|"[^"]*")*>', "", re.sub(r"content: |counter\(pages?\)", "", bare))]
    outside = {word for text in shown for word in _LETTERS.findall(re.sub(r"\{\{.*?\}\}", "", text))}
    assert outside - _SAME_EVERYWHERE == set()


@pytest.mark.parametrize(
    "name", [name for name in TEMPLATES if name.endswith(".html") and not name.startswith("theme/")]
)
def test_an_expression_of_a_template_has_no_words_outside_the_catalogue(name: str) -> None:
    """A text in quotation marks within an expression is a message, a name that programs use, or no word."""
    for expression in re.findall(r"\{\{(.*?)\}\}|\{%(.*?)%\}", TEMPLATES[name], flags=re.DOTALL):
        inside = re.sub(r'\b_\("[^"]*"', "", "".join(expression))
        for text in re.findall(r'"([^"]*)"', inside):
            assert not re.search(r"[A-Za-z]\s|[A-Z][a-z]", text) or text in _COMPARED, text


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("scripts/")])
def test_a_script_says_no_sentence_outside_the_catalogue(name: str) -> None:
    written = re.sub(r"/\*.*?\*/", "", TEMPLATES[name], flags=re.DOTALL)
    written = re.sub(r'\bsay\(\s*"(?:[^"\\\n]|\\.)*"', "", written)
    for text in re.findall(r'"((?:[^"\\\n]|\\.)*)"', written):
        assert not re.search(r"[A-Za-z]{2,} [a-z]{2,}|[a-z][.?!]$|^[A-Z][a-z]+ ", text) or text in _COMPARED, text
    for text in re.findall(r"`([^`]*)`", written):
        assert not re.search(r"\b[A-Za-z]{3,} (?!qm-)[a-z]{2,}", re.sub(r"\$\{[^}]*\}", "", text)), text


def _programme(policy: str = POLICY) -> Programme:
    made = Programme(policy=policy)
    body = "## Zweck\n\nText.\n\n```{warning}\nNicht unter −150 °C.\n```\n\n1. Auftauen bei 37 °C.\n2. Waschen.\n"
    training = "{roles: [ward-nurse], kind: read-and-understood, within: 30}"
    made.commit("w.writer", {path(): document(body=body, training=training), path("QM-002"): document("QM-002")})
    made.approve("QM-001", "QM-002")
    made.commit("w.writer", {path(): document(version="2.0", body=body.replace("37", "38"), training=training)})
    made.approve("QM-001")
    made.sign("q.manager", "QM-002", role="quality-manager", meaning=Meaning.WITHDRAW, reason="Ersetzt.")
    made.commit("w.writer", {path("QM-003"): document("QM-003"), path(): document(version="3.0", body=body)})
    made.sign("w.writer", "QM-001", role="quality-manager")
    return made


def test_a_german_manual_says_it_in_german_and_leaves_the_approved_text_alone(tmp_path: Path) -> None:
    made = _programme(f"{POLICY}language: de\n")
    place = made.repository(tmp_path / "p")
    publishing.manual(Request(place, NOW, dict(os.environ), trust_root=made.root))
    site = place / "build" / "manual"
    page = (site / "documents" / "QM-001.html").read_text(encoding="utf-8")
    assert '<html class="no-js" lang="de"' in page and "In Kraft seit" in page and "Gelesen und verstanden" in page
    assert "<p>Nicht unter −150 °C.</p>" in page and '<p class="admonition-title">Warnung</p>' in page
    assert "Zum Inhalt springen" in page and "Skip to content" not in page
    assert "Versionsverlauf" in page and "Revision history" not in page
    assert "Zahlen, die sich geändert haben" in (site / "changes" / "QM-001.html").read_text(encoding="utf-8")
    assert "Ihr Ausdruck ist aktuell." in (site / "_static" / "words.js").read_text(encoding="utf-8")
    pytest.importorskip("typst")
    from qmdoc.outputs.pdf import reading

    sheets = "\n".join(reading.pages((site / "pdf" / "QM-001-2.0.pdf").read_bytes()))
    assert "Freigegeben durch" in sheets and "Approved by" not in sheets and "−150 °C" in sheets


def test_an_unknown_language_leaves_the_manual_before_and_names_those_present(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match=r"`language: fr`, and there is no templates/languages/fr.po; .*: de, en$"):
        languages.chosen("fr", {"de.po": "", "qmdoc.pot": ""})


@pytest.mark.parametrize(
    ("message", "translation", "wrong"),
    [
        ("by %(day)s", "am %(tag)s", "the value %(tag)s is unknown"),
        ("by %(day)s", "bald", "the value %(day)s is missing"),
        ("by %(day)s", "am %(day)s %", "the value % is unknown"),
        ("<b>now</b>", "jetzt", "its tags"),
        ("now", "<script>jetzt", "its tags"),
        ("now", 'jetzt\\"', "its tags"),
    ],
)
def test_a_translation_that_would_lose_something_is_refused_with_its_line(
    message: str, translation: str, wrong: str
) -> None:
    with pytest.raises(OutputFailed, match=r"^templates/languages/de.po, line 1: ") as raised:
        languages.read("de", f'msgid "{message}"\nmsgstr "{translation}"\n')
    assert wrong in raised.value.message


def test_what_is_no_catalogue_is_one_sentence() -> None:
    with pytest.raises(OutputFailed, match=r"^templates/languages/de.po is no catalogue: "):
        languages.read("de", "hello\n")


def test_words_remember_their_message_through_values_and_plurals() -> None:
    spoken = Language(
        "de",
        {"in force": "in Kraft", "%(a)s: %(b)s": "%(b)s (%(a)s)"},
        {"%(count)s day": ("%(count)s Tag", "%(count)s Tage")},
    )
    within = said("%(a)s: %(b)s", a=counted("%(count)s day", "%(count)s days", 2), b=said("in force"))
    assert (within, spoken.text(within)) == ("2 days: in force", "in Kraft (2 Tage)")
    assert spoken.text(said("100 %% of %(day)s", day=date(2026, 1, 2))) == "100 % of 2026-01-02"


@pytest.mark.parametrize(
    ("policy", "said"),
    [(f"{POLICY}language: de\n", "ENTWURF"), (POLICY, "DRAFT"), (f"{POLICY}language: [\n", "DRAFT")],
)
def test_a_draft_speaks_the_language_of_the_work_tree_and_english_while_the_policy_is_broken(
    policy: str, said: str, tmp_path: Path
) -> None:
    made = Programme()
    made.commit("w.writer", {path(): document()})
    place = made.repository(tmp_path / "p")
    (place / "sops" / "authority" / "policy.yaml").write_text(policy, encoding="utf-8")
    building.draft(Request(place, NOW, dict(os.environ), trust_root=made.root))
    assert said in (place / "build" / "draft" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("written", ["deutsch", "DE", "../de", "1"])
def test_what_is_no_code_of_a_language_makes_the_policy_unreadable(written: str, tmp_path: Path) -> None:
    with pytest.raises(QmdocError, match="the code of a language, as in `language: de`"):
        Programme(policy=f"{POLICY}language: {written}\n").audit(tmp_path / "p")
