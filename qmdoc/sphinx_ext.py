"""The Sphinx extension: puts the parts of a manual's page together. It decides nothing (STYLE.md §6).

The Markdown file of a page holds approved text and nothing else; this reads it with a parser of its own, which knows no
role and no directive beyond `qmdoc.markup.DIRECTIVES`: the second wall behind `markup.neutralised`. Titles, control
blocks and lists come from `manual.json` and meet the text only as nodes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml, unichar2tex
from markdown_it.tree import SyntaxTreeNode
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

from qmdoc import markup
from qmdoc.errors import OutputFailed
from qmdoc.fidelity import formula
from qmdoc.fidelity import page as fidelity_page
from qmdoc.model import DOCUMENT_ID
from qmdoc.outputs import stamps, word_index
from qmdoc.outputs.manual_pages import navigation, reaching, source
from qmdoc.outputs.manual_pages.source import Page, Source
from qmdoc.outputs.manual_pages.templates import LOGO, STYLE
from qmdoc.saying import said

DRAFT_WORDS = said("DRAFT - not approved, not for use")
NOT_IN_FORCE = said(" (not in force)")
NOT_AVAILABLE = said(" (not available)")
_IN_THE_TEXT = {
    "table": said("Table %(number)s in the text", number="%(number)s"),
    "math": said("Formula %(number)s in the text", number="%(number)s"),
}
_PICTURE = said("Picture %(number)s in the text", number="%(number)s")
_ANSWERS = said("answers %(clause)s", clause="%(clause)s")
# What the theme's frames lack: a wide table scrolls by keyboard, and header cells say what they head (WCAG 1.3.1, 2.1.1).
_SCROLLS = re.compile(r'<div class="(table|math)-wrapper(?: [\w-]+)* docutils container"(?! tabindex)')
# A drawing keeps a size that can be read, and scrolls on a phone; one that is a link itself can't hold a frame.
_DRAWING = re.compile(r'(<a [^>]*>\s*)?(<img [^>]*src="[^"]*\.svg"[^>]*>)')
_ACCESSIBLE = (
    (re.compile(r'<th class="head stub"'), '<th scope="col" class="head stub"'),
    (re.compile(r'<th class="head"(?! scope)'), '<th scope="col" class="head"'),
    (re.compile(r'<th class="stub"(?! scope)'), '<th scope="row" class="stub"'),
)

# A day within a paragraph of qmdoc's own, with the sign that follows it.
_PARAGRAPH = re.compile(r"<p\b[^>]*>.*?</p>", re.DOTALL)
_DAY = re.compile(r"(?<=[\s(])(\d{4}-\d\d-\d\d[.,;:)]?)(?=[^<>]*<)")
_WORDS_IN_FORMULA = re.compile(r"(\\(?:text|operatorname)\s*\{(?:[^{}\\]|\\.)*\})")
_MARKS = "qmdoc-clause-marks"
# what Sphinx tells the frame about a page that it has read, for a page without headings of its own
_FRAMED = {"parents": (), "meta": {}, "metatags": "", "sourcename": "", "toc": "", "display_toc": False}

_log = logging.getLogger(__name__)


class Fragment(nodes.General, nodes.Element):
    """HTML that qmdoc made; no directive makes this node."""


class ClauseMark(nodes.Inline, nodes.Element):
    """A clause that this place answers, shown small and linked to the clause's row in the coverage matrix.

    It has no text of its own: the name and the anchor of a heading are made of the heading's words alone.
    """


class TextRenderer(SphinxRenderer):
    """Turns approved text into nodes; whatever is not on the allow-list appears as it was written."""

    def run_directive(self, name: str, *args: Any, **keywords: Any) -> list[nodes.Element]:  # Any: as MyST calls it
        """A directive of the allow-list; any other is shown as a block of code."""
        if name in markup.DIRECTIVES:
            return super().run_directive(name, *args, **keywords)
        written = "\n".join(str(arg) for arg in args[:2])
        return [nodes.literal_block(written, f"{{{name}}} {written}")]

    def render_hr(self, token: SyntaxTreeNode) -> None:
        """A line across the page, wherever it stands: docutils would refuse one right below a heading."""
        self.current_node.append(Fragment(html='<hr class="docutils" />\n'))

    def render_myst_role(self, token: SyntaxTreeNode) -> None:
        """A clause mark; any other role is shown as it was written."""
        named = markup.clauses_named(token.content) if token.meta["name"] == markup.CLAUSE else None
        if named is None:
            self._shown(token)
            return
        for clause in named[1]:
            self.current_node += ClauseMark(catalogue=named[0], clause=clause)

    def _shown(self, token: SyntaxTreeNode) -> None:
        shown = nodes.literal_block if token.type in ("html_block", "front_matter", "fence") else nodes.literal
        name = token.meta.get("name") if token.type == "myst_role" else None
        written = f"{{{name}}}`{token.content}`" if name else str(token.content)
        self.current_node.append(shown(written, written))

    render_html_block = _shown
    render_html_inline = _shown
    render_front_matter = _shown
    render_restructuredtext = _shown


class TextParser(MystParser):
    """MyST without what a text could switch on by itself: its front matter is not read."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Fills the document with the nodes of a text."""
        parser = create_md_parser(document.settings.env.myst_config, TextRenderer)
        parser.core.ruler.push("drop_blanks_before_marks", markup.drop_blanks_before_marks)
        parser.options["document"] = document
        parser.render(inputstring)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Registers everything."""
    app.setup_extension("myst_parser")
    app.add_source_parser(TextParser, override=True)
    app.add_search_language(word_index.EnglishOnce)
    app.add_config_value("qmdoc_source", None, "env")
    app.add_config_value("qmdoc_kept", frozenset(), "", frozenset)  # pages that stand as an earlier build made them
    app.add_config_value("qmdoc_index", "", "", str)  # the search index that this build wrote
    app.add_config_value(
        "qmdoc_stamps", False, "", bool
    )  # letters in the place of day and commit (qmdoc.outputs.stamps)
    app.add_node(Fragment, html=(_visit_fragment, None))
    for kind in (nodes.note, nodes.tip, nodes.important, nodes.warning, nodes.danger):
        app.add_node(kind, override=True, html=(_visit_box, HTML5Translator.depart_admonition))
    app.add_node(ClauseMark, html=(_visit_clause_mark, None))
    app.add_html_math_renderer("mathml", inline_renderers=(_visit_math, None), block_renderers=(_visit_math, None))
    app.connect("config-inited", _configure)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-before-read-docs", _close)
    app.connect("doctree-read", _assemble, priority=100)
    app.connect("doctree-resolved", _put_marks_back)
    app.connect("html-page-context", _frame, priority=100)
    app.connect("env-updated", _name_images)
    app.connect("html-collect-pages", word_index.complete)
    app.connect("html-collect-pages", _without_text)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _configure(app: Sphinx, config: Config) -> None:
    """The settings that the source folder brings: title, templates, style sheet."""
    folder = Path(app.srcdir)
    try:
        read = source.read((folder / source.NAME).read_bytes())
    except (OSError, OutputFailed) as error:
        raise ExtensionError(f"{source.NAME}: {error}", orig_exc=error, modname=__name__) from error
    config.qmdoc_source = read
    config.html_title = html.escape(read.programme)
    config.templates_path = [str(folder / source.TEMPLATES), *config.templates_path]
    config.html_static_path = [str(folder / source.STATIC), *config.html_static_path]
    static = folder / source.STATIC
    if (static / LOGO).is_file():
        config.html_logo = str(static / LOGO)
    # the manual's own sheet first: the others are written over it
    config.html_css_files = sorted((each.name for each in static.glob("*.css")), key=lambda each: (each != STYLE, each))
    config.exclude_patterns = [*config.exclude_patterns, "versions/*/**"]  # attachments of earlier versions
    config.html_theme_options = {"announcement": read.say(DRAFT_WORDS)} if read.is_draft else {}


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> Sequence[str]:
    """Every page, when anything but a text changed: the day and the commit stand on each of them."""
    digest = sha256((Path(app.srcdir) / source.NAME).read_bytes()).hexdigest()
    before, env.qmdoc_digest = getattr(env, "qmdoc_digest", None), digest  # type: ignore[attr-defined]
    return [] if before == digest else sorted(env.found_docs)


def _close(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
    """Neither raw HTML nor other files enter a page, whatever a text asks for."""
    env.settings.update(raw_enabled=False, file_insertion_enabled=False)


def _assemble(app: Sphinx, doctree: nodes.document) -> None:
    """Title, what stands above the text, the text, what stands below it, and the pages that hang below this one."""
    read: Source = app.config.qmdoc_source
    page = read.page(app.env.docname)
    if page is None or not page.has_text:
        raise ExtensionError(f"{app.env.docname} is not named in {source.NAME} as a page with a text")
    _bind_links(doctree, page, read)
    _bind_attachments(doctree, page, read)
    _bind_clause_marks(doctree, page, read)
    section = nodes.section("", nodes.title(page.title, "", nodes.Text(page.title)), classes=["qm-page"])
    section["ids"] = [next(name for name in ("qm-top", "qm-top-0", "qm-top-00") if name not in doctree.ids)]
    if page.number:
        section["classes"].append("qm-document")
    text = doctree.children
    doctree.clear()
    doctree += section
    if page.number:
        text = [Fragment(html=fidelity_page.BEGIN), *text, Fragment(html=fidelity_page.END)]
    section += [Fragment(html=page.above), *text, Fragment(html=page.below)]
    app.env.metadata[page.name]["orphan"] = True  # it hangs in the sidebar, which Sphinx does not know of


def _bind_links(doctree: nodes.document, page: Page, read: Source) -> None:
    """A link leads to a document in force, into this page, to an attachment or out by http, https, mailto; or nowhere."""
    for reference in list(doctree.findall(nodes.reference)):
        address = reference.get("refuri", "")
        if address and not address.startswith("#") and address.partition(":")[0].lower() not in markup.LINK_SCHEMES:
            reference.replace_self(reference.children)
    for link in list(doctree.findall(addnodes.pending_xref)):
        target = read.numbers.get(link.get("reftarget", ""))
        words = [nodes.inline("", "", *(child.deepcopy() for child in link.children))]
        if target:
            link.replace_self(nodes.reference("", "", *words, refuri=source.href(page.name, target), internal=True))
        else:
            is_number = DOCUMENT_ID.fullmatch(link.get("reftarget", ""))
            link.replace_self([*words, _added(read.say(NOT_IN_FORCE if is_number else NOT_AVAILABLE))])


def _bind_attachments(doctree: nodes.document, page: Page, read: Source) -> None:
    """A picture, and a file to download, is an attachment of the same document."""
    for image in list(doctree.findall(nodes.image)):
        if not _is_attachment(image["uri"], page):
            _log.warning(
                "image not readable: %s", image["uri"], type="qmdoc", subtype="broken-reference", location=image
            )
            image.replace_self(nodes.literal("", image["uri"]))
        else:
            image["uri"] = _placed(image["uri"], page)
    for link in list(doctree.findall(addnodes.download_reference)):
        if not _is_attachment(link["reftarget"], page):
            link.replace_self([*link.children, _added(read.say(NOT_AVAILABLE))])
        else:
            link["reftarget"] = _placed(link["reftarget"], page)


def _added(words: str) -> nodes.inline:
    """Words of qmdoc beside those of the text, which the comparison with the source leaves out."""
    return nodes.inline("", words, classes=[fidelity_page.ADDED])


def _placed(address: str, page: Page) -> str:
    """Where a page's own attachment lies, seen from the page; an earlier version has its own folder."""
    return f"{page.attachments or page.number}/{address.partition('/')[2]}"


def _bind_clause_marks(doctree: nodes.document, page: Page, read: Source) -> None:
    """Each mark has its anchor, and leads to its clause where there is a matrix of its catalogue.

    Titles lay their marks aside until they are shown: lists of contents are made of titles.
    """
    taken: set[str] = set()
    for mark in list(doctree.findall(ClauseMark)):
        mark["anchor"] = markup.anchor_of(mark["catalogue"], mark["clause"], taken)
        taken.add(mark["anchor"])
        matrix = read.matrices.get(mark["catalogue"])
        place = source.part(source.anchor(mark["clause"]))
        mark["address"] = f"{source.href(page.name, matrix)}{place}" if matrix else ""
        if isinstance(mark.parent, nodes.title):
            mark.parent[_MARKS] = [*mark.parent.get(_MARKS, []), mark]
            mark.parent.remove(mark)


def _put_marks_back(app: Sphinx, doctree: nodes.document, name: str) -> None:
    for title in list(doctree.findall(nodes.title)):
        title += title.attributes.pop(_MARKS, [])


def _is_attachment(address: str, page: Page) -> bool:
    folder, _, name = address.partition("/")
    return bool(page.number) and folder == page.number and bool(name) and ".." not in name.split("/")


def _name_images(app: Sphinx, env: BuildEnvironment) -> None:
    """Gives each picture a name in the site that no other page changes."""
    for path, (pages, _) in env.images.items():
        env.images[path] = (pages, source.picture(path))


def _without_text(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages that hold nothing to be read: they go right into the frame, which costs a tenth of reading them."""
    read: Source = app.config.qmdoc_source
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    for page in read.pages:
        if page.has_text or read.page(page.name) is not page or page.name in app.config.qmdoc_kept:
            continue
        title = app.builder.render_partial(nodes.title("", "", nodes.Text(page.title)))["title"]
        kind = "qm-page qm-document" if page.number else "qm-page"
        shown = f"{fidelity_page.BEGIN}{fidelity_page.END}" if page.number else ""
        above, below = (_PARAGRAPH.sub(_unbroken, part) for part in (page.above, page.below))
        body = f'<section class="{kind}" id="qm-top">\n<h1>{title}</h1>\n{above}{shown}{below}</section>\n'
        yield page.name, _FRAMED | {"title": title, "body": body}, "page.html"


def _frame(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """What the frame around a page needs; the theme's own tree, parsed once for each page, is left out."""
    read: Source = app.config.qmdoc_source
    page = read.page(pagename)
    context.pop("toctree", None)
    context["next"] = context["prev"] = None
    if "body" in context:
        context["body"] = _accessible(reaching.drawn(context["body"]), read)
    as_of = stamps.day(read.as_of) if app.config.qmdoc_stamps else read.as_of
    commit = stamps.commit(read.commit) if app.config.qmdoc_stamps else read.commit
    context["qmdoc"] = {
        "programme": read.programme,
        "as_of": as_of,
        "commit": commit,
        "is_draft": read.is_draft,
        "draft_words": read.say(DRAFT_WORDS),
        "say": read.say,
        "navigation": navigation.links(pagename, read),
        "scripts": [source.beside(pagename, f"{source.STATIC}/{name}") for name in (page.scripts if page else ())],
        "styles": [source.beside(pagename, f"{source.STATIC}/{name}") for name in (page.styles if page else ())],
        "state": f"{as_of}-{commit[:12]}",  # so that no browser answers from what an older manual knew
        "watermark": page.watermark if page else "",
    }
    if page and page.filters and "body" in context:
        context["body"] = context["body"].replace("<section ", f"<section {_found_by(page)} ", 1)


def _found_by(page: Page) -> str:
    """What tells a search of texts that it may look here, and what its answers say besides."""
    values = " ".join(f'data-qm-{name}="{html.escape(value)}"' for name, value in sorted(page.filters.items()))
    names = ", ".join(f"{name}[data-qm-{name}]" for name in sorted(page.filters))
    return f'data-pagefind-body data-pagefind-meta="{names}" {values}'


def _accessible(body: str, read: Source) -> str:
    """The body with what the theme's frames lack; what scrolls is numbered, so that each has a name of its own."""
    for pattern, replacement in _ACCESSIBLE:
        body = pattern.sub(replacement, body)
    pictures = count(1)
    body = _DRAWING.sub(lambda match: match[0] if match[1] else _framed(match[0], next(pictures), read), body)
    numbers = count(1)
    return _SCROLLS.sub(
        lambda match: (
            f'{match[0]} tabindex="0" role="region" '
            f'aria-label="{html.escape(read.say(_IN_THE_TEXT[match[1]], number=str(next(numbers))))}"'
        ),
        body,
    )


def _framed(picture: str, number: int, read: Source) -> str:
    label = html.escape(read.say(_PICTURE, number=str(number)))
    return f'<span class="qm-picture" tabindex="0" role="region" aria-label="{label}">{picture}</span>'


def _visit_fragment(self: HTML5Translator, node: Fragment) -> None:
    self.body.append(_PARAGRAPH.sub(_unbroken, node["html"]))
    raise nodes.SkipNode


def _unbroken(paragraph: re.Match[str]) -> str:
    """A paragraph in which no line's end parts a day: browsers break after hyphens."""
    return _DAY.sub(r'<span class="qm-day">\1</span>', paragraph[0])


def _visit_clause_mark(self: HTML5Translator, node: ClauseMark) -> None:
    shown, anchor, address = (html.escape(each) for each in (node["clause"], node["anchor"], node["address"]))
    read: Source = self.config.qmdoc_source
    title = html.escape(read.say(_ANSWERS, clause=f"{node['catalogue']} {node['clause']}"))
    link = f' href="{address}"' if address else ""
    self.body.append(f' <a class="qm-clause-mark" id="{anchor}" title="{title}"{link}>{shown}</a>')
    raise nodes.SkipNode


def _visit_box(self: HTML5Translator, node: nodes.Element) -> None:
    """A box with its label in the manual's language; what a text says in it is as it was signed."""
    read: Source = self.config.qmdoc_source
    self.visit_admonition(node, node.tagname)
    node[0] = nodes.title(node.tagname, read.say(node.tagname.capitalize()))


def _visit_math(self: HTML5Translator, node: nodes.Element) -> None:
    """A formula as MathML, which browsers show without script; one that can't be read is shown as it was written."""
    is_block, tex = isinstance(node, nodes.math_block), node.astext()
    try:
        formula.linear(tex)  # what nobody can compare with its page is shown as it was written
        made = latex2mathml.tex2mathml(_for_docutils(tex), as_block=is_block)
    except (formula.Unclear, MathError, AttributeError, LookupError, TypeError, ValueError):
        made = f"<code>{html.escape(tex)}</code>"  # docutils' reader stumbles over wrong TeX
    self.body.append(f'<div class="math">{made}</div>\n' if is_block else made)
    raise nodes.SkipNode


def _for_docutils(tex: str) -> str:
    """A formula with the names of signs that docutils asks for: not among words, where it would show the names."""
    parts = _WORDS_IN_FORMULA.split(tex)
    for number, part in enumerate(parts):
        if number % 2:
            parts[number] = re.sub(r"\\([%#&$_])", r"\1", part)
        else:
            parts[number] = re.sub(r"\\dots(?![A-Za-z])", r"\\ldots", part.translate(unichar2tex.uni2tex_table))
    return "".join(parts)
