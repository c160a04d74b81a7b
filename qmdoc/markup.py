"""What is in a document's text: its headings, its references, its open questions, and what may not be there.

The text is CommonMark 0.31 with tables (GFM) and the fenced directives of `DIRECTIVES` (DESIGN.md §3.1). It is read with
the parser and the syntax plugins that MyST-Parser 5 uses (`myst_parser.parsers.mdit.create_md_parser`), so both see the
same constructs. Whatever is not known to be harmless is a fault.

The one role is qmdoc's own clause mark: {clause}`us-21cfr1271 1271.180(b)` at the end of a heading or a paragraph says
that this section answers that clause, or several of one catalogue, parted by commas.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, pairwise
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, reference, table
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from qmdoc.model import UNPRINTABLE, Fault, is_unprintable

MYST_EXTENSIONS: tuple[str, ...] = ()
LINK_SCHEMES = ("http", "https", "mailto")
ADMONITIONS = frozenset({"note", "tip", "warning", "danger", "important"})
DIRECTIVES: Mapping[str, frozenset[str]] = MappingProxyType(
    dict.fromkeys(sorted(ADMONITIONS), frozenset[str]())
    | {
        "figure": frozenset({"alt", "width", "align"}),
        "image": frozenset({"alt", "width", "align"}),
        "list-table": frozenset({"header-rows", "stub-columns", "widths", "align"}),
        "math": frozenset[str](),
    }
)

# An option's value stands on its own line as a plain scalar: what the option parser of MyST would fold, quote or cut is
# refused (myst_parser.parsers.options). A picture can't be made too small to see.
OPTION = re.compile(r":(?P<name>[a-z]+(?:-[a-z]+)*):(?: +(?P<value>\S.*?))? *")
VALUES: Mapping[str, re.Pattern[str]] = {
    "align": re.compile(r"left|center|right"),
    "alt": re.compile(r"(?:(?![\"'|>#\t])(?:(?! #)[^\t])*)?"),
    "header-rows": re.compile(r"[0-9]"),
    "stub-columns": re.compile(r"[0-9]"),
    "width": re.compile(r"(?:[1-9][0-9]|100)%|[1-9][0-9]{2,3}(?:px)?"),
    "widths": re.compile(r"auto|[1-9][0-9]{0,2}(?:[ ,] ?[1-9][0-9]{0,2})*"),
}
# A comment, a link, a macro or white ink would make a formula say something else than its source.
FORMULA_COMMANDS = frozenset(
    re.findall(
        r"\w+",
        """
        alpha approx bar begin beta bigl bigr cap cdot cdots circ cup Delta delta dfrac div dots end epsilon equiv
        eta exp frac gamma ge geq gg hat in infty int kappa lambda Lambda ldots le left leq lfloor lceil ll ln log
        max mathrm mathbf mid min mp mu nabla ne neq nu Omega omega operatorname overline partial Phi phi pi pm
        prod propto psi qquad quad rceil rfloor rho right rightarrow Rightarrow sigma Sigma sim sqrt sum tau text
        tfrac theta Theta tilde times to underline vec xi zeta
        """,
    )
)

CLAUSE = "clause"
_MARK = re.compile(rf"[ \t]*\{{{CLAUSE}\}}(`+)[^`\n]+\1(?!`)")
_CLAUSE_FIX = "write the catalogue's id and the clause's, as in {clause}`us-21cfr1271 1271.180(b)`"
# A word beside a fence shows on no page, so it may only name a language.
LANGUAGES = frozenset(
    re.findall(
        r"\w+", "bash console csv diff dot html ini json markdown md powershell python r sh sql text toml xml yaml"
    )
) | {""}

MAX_DIRECTIVES = 4
MAX_BLOCKS = 20  # markdown-it's maxNesting for CommonMark, and MyST's
MAX_EMPHASIS = 20
MAX_PARAGRAPH = 10_000
MAX_COLUMNS = 60
MAX_FILLED_CELLS = 20_000
WRITE_INSTEAD = "write it as plain text, or use a pipe table, a note, a warning or another permitted block"
LINK_FIX = {
    "link": "write a document's id, an attachment, #anchor, or an address with https://, http:// or mailto:",
    "image": "write the path of an attachment, as QM-001/flow.svg",
}
_CLOSE = "write {} on a line of its own below the block's last line, as far from the left as the line that opens it"
LOCAL_VALUE = re.compile(r"\\?\[\\?\[\s*local\s*:[ \t]*(.*?)[ \t]*(?:\\?\]\\?\]|$)", re.IGNORECASE | re.MULTILINE)
LINE_SEPARATORS = "\u2028\u2029"
# Python, YAML or a browser would read more into these than a reader sees; tab and line feed are plain.
_CONTROL = re.compile(f"{UNPRINTABLE.pattern}|[{LINE_SEPARATORS}]")
SAFE_TOKENS = frozenset(
    re.findall(
        r"\w+",
        """
        blockquote_close blockquote_open bullet_list_close bullet_list_open code_block code_inline em_close
        em_open fence hardbreak heading_close heading_open hr image inline link_close link_open list_item_close
        list_item_open ordered_list_close ordered_list_open paragraph_close paragraph_open softbreak strong_close
        strong_open table_close table_open tbody_close tbody_open td_close td_open text text_special th_close
        th_open thead_close thead_open tr_close tr_open
        """,
    )
)
WHAT_IT_IS = {
    "html_block": "raw HTML",
    "html_inline": "raw HTML",
    "myst_role": "role",
    "myst_line_comment": "comment line that no page shows",
    "myst_block_break": "block break",
    "myst_target": "link target",
    "front_matter": "second front matter",
    "footnote_ref": "footnote",
    "footnote_reference_open": "footnote",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading and the anchor that MyST gives it with `myst_heading_anchors = 3`; below level 3 it is empty."""

    level: int
    text: str
    line: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a link, an image or a figure leads, percent-decoded once."""

    target: str
    line: int
    is_image: bool


@dataclass(frozen=True, slots=True)
class LocalValue:
    """`[[local: question]]`: something that a programme must decide before the document can be signed."""

    question: str
    line: int


@dataclass(frozen=True, slots=True)
class ClauseMark:
    """A mark that says which clause the section under a heading answers; `anchor` is unique on the document's page."""

    catalogue: str
    clause: str
    line: int
    section: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Markup:
    """All that a text holds; `unsafe`, `titles` and `unclosed` are empty when nothing is wrong with it."""

    headings: tuple[Heading, ...]
    references: tuple[Reference, ...]
    local_values: tuple[LocalValue, ...]
    unsafe: tuple[Fault, ...]
    titles: tuple[Fault, ...]
    clause_marks: tuple[ClauseMark, ...] = ()
    unclosed: tuple[Fault, ...] = ()


def read(body: str, *, first_line: int = 1) -> Markup:
    """What `body` holds; its first line has the number `first_line`."""
    reader = _Reader()
    text = without_controls(body)
    if text != body:
        reader.unsafe += _control_faults(body, first_line)
    if text.startswith("---"):
        reader.fault(first_line, "second front matter `---`", "begin the text with a heading or a sentence")
    reader.read(text, first_line)
    return Markup(
        tuple(reader.headings),
        tuple(reader.references),
        tuple(_local_values(body, first_line)),
        tuple(sorted(set(reader.unsafe), key=lambda fault: (fault.line, fault.message))),
        tuple(reader.titles),
        tuple(reader.clause_marks),
        tuple(reader.unclosed),
    )


def parser() -> MarkdownIt:
    """A parser that makes the tokens that `read` judges; one for each text, for it notes what it meets."""
    return _Parser()


def key(body: str, first_line: int) -> str:
    """A text's own name: the SHA-256 of its first line's number and of its letters."""
    return hashlib.sha256(f"{first_line}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=4096)
def clause_marks(body: str, first_line: int) -> tuple[ClauseMark, ...]:
    """The clause marks in a text. Most texts have none, and are not read for it: that takes 10 ms."""
    return read(body, first_line=first_line).clause_marks if f"{{{CLAUSE}}}" in body else ()


def without_clause_marks(body: str) -> str:
    """The text as people read it, each line where it was."""
    return _MARK.sub("", body) if f"{{{CLAUSE}}}" in body else body


def clauses_named(written: str) -> tuple[str, tuple[str, ...]] | None:
    """The catalogue and the clauses that a mark names; None where it does not name both."""
    catalogue, _, rest = " ".join(written.split()).partition(" ")
    clauses = tuple(each.strip() for each in rest.split(","))
    return (catalogue, clauses) if all(clauses) and not any(" " in each for each in clauses) else None


def anchor_of(catalogue: str, clause: str, taken: Container[str]) -> str:
    """Where a clause mark stands on its page: `clause-us-21cfr1271-1271.180(b)`, with a number from the second on."""
    return next(name for name in _numbered(f"{CLAUSE}-{catalogue}-{clause}") if name not in taken)


def drop_blanks_before_marks(state: StateCore) -> None:
    """A heading's anchor and name are made of its words, not of the blank between them and a clause mark."""
    for before, token in pairwise(state.tokens):
        if before.type == "heading_open" and token.children:
            last = len(token.children)
            while last and (_is_mark(token.children[last - 1]) or not token.children[last - 1].content.strip()):
                last -= 1
            if last < len(token.children) and last and token.children[last - 1].type == "text":
                token.children[last - 1].content = token.children[last - 1].content.rstrip()


def _is_mark(token: Token) -> bool:
    return token.type == "myst_role" and token.meta["name"] == CLAUSE


@lru_cache(maxsize=4096)  # asked for by pages, PDFs and the comparison of each: it takes 10 ms
def neutralised(body: str) -> str:
    """`body`, in which every block that holds something unsafe is a code block that shows its source.

    A control character becomes U+FFFD. A text with nothing unsafe comes back as it is.
    """
    text = body
    for _ in range(8):
        unsafe = read(text).unsafe
        if not unsafe:
            return text
        text = without_controls(text)
        text = _fenced_units(text, {fault.line - 1 for fault in unsafe})
    return _fenced(without_controls(body).split("\n"))


def without_controls(text: str) -> str:
    """A text with U+FFFD for each character that is not to be seen."""
    return _CONTROL.sub("\ufffd", text)


def _control_faults(body: str, first_line: int) -> list[Fault]:
    return [
        Fault(first_line + number, f"hidden character U+{ord(character):04X}", "delete it")
        for number, line in enumerate(body.split("\n"))
        for character in dict.fromkeys(_CONTROL.findall(line))
    ]


def _local_values(body: str, first_line: int) -> Iterator[LocalValue]:
    line, position = first_line, 0
    for match in LOCAL_VALUE.finditer(body):
        line, position = line + body.count("\n", position, match.start()), match.start()
        yield LocalValue(match[1].strip(), line)


def _fenced_units(text: str, lines_at_fault: set[int]) -> str:
    lines, result = text.split("\n"), list[str]()
    for start, end in _units(text, len(lines)):
        unit = lines[start:end]
        is_at_fault = not lines_at_fault.isdisjoint(range(start, end))
        result.append(_fenced(unit) if is_at_fault else "\n".join(unit))
    return "\n".join(result)


def _units(text: str, end: int) -> Iterator[tuple[int, int]]:
    """The line ranges of the outermost blocks, and of the lines between them (blank, or link definitions)."""
    reached = 0
    for token in _Parser().parse(text if text.endswith("\n") else text + "\n", {}):
        if token.level == 0 and token.map and token.nesting >= 0:
            start, stop = token.map[0], min(token.map[1], end)
            if reached < start:
                yield reached, start
            if stop > max(start, reached):
                yield max(start, reached), stop
            reached = max(reached, stop)
    if reached < end:
        yield reached, end


def _fenced(lines: list[str]) -> str:
    """The lines as a code block (CommonMark §4.5): its fence is longer than any run of backticks in them."""
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


class _Reader:
    """Reads a text and the texts nested in it, in the order in which MyST renders them; they share link definitions."""

    def __init__(self) -> None:
        self.headings: list[Heading] = []
        self.references: list[Reference] = []
        self.unsafe: list[Fault] = []
        self.titles: list[Fault] = []
        self.clause_marks: list[ClauseMark] = []
        self.unclosed: list[Fault] = []
        self.mark_anchors: set[str] = set()
        self.markdown = _Parser()
        self.environment: dict[str, Any] = {}  # markdown-it's own type for it
        self.anchors: set[str] = set()

    def fault(self, line: int, message: str, fix: str = WRITE_INSTEAD) -> None:
        self.unsafe.append(Fault(line, message, fix))

    def read(self, text: str, line: int, depth: int = 0) -> list[Token]:
        """Note what is in `text`, whose first line has the number `line`."""
        if depth > MAX_DIRECTIVES:
            self.fault(line, f"blocks nested more than {MAX_DIRECTIVES} deep", "write it with fewer levels")
            return []
        tokens = self.markdown.parse(text + "\n", self.environment)
        for fault in self.markdown.block_faults:
            self.fault(line + fault.line, fault.message, fault.fix)
        self.markdown.block_faults.clear()
        at = line
        for number, token in enumerate(tokens):
            at = line + token.map[0] if token.map else at
            if token.type == "heading_open":
                self.heading(token, tokens[number + 1], at)
            self.block(token, at, depth)
        return tokens

    def heading(self, token: Token, inline: Token, line: int) -> None:
        """A heading and its anchor, as `compute_unique_slug` and `github_slugify` of MyST make it."""
        level, children = int(token.tag[1]), inline.children or []
        written = "".join(child.content for child in children if child.type in ("text", "code_inline"))
        slug = re.sub(r"[^\w\u4e00-\u9fff\- ]", "", written.lower().replace(" ", "-")) if level <= 3 else ""
        anchor = next(name for name in _numbered(slug) if name not in self.anchors) if slug else ""
        self.anchors.add(anchor)
        text = "".join(
            " " if child.type.endswith("break") else child.content for child in children if not _is_mark(child)
        ).strip()
        self.headings.append(Heading(level, text, line, anchor))
        if not text and any(_is_mark(child) for child in children):
            self.fault(line, "heading that is nothing but a clause mark", "write the heading's words before the mark")
        if level == 1:
            fix = "begin it with `##`: the title in the front matter is the page's only title"
            self.titles.append(Fault(line, f"second title `{_excerpt(text)}`", fix))

    def block(self, token: Token, line: int, depth: int) -> None:
        if token.type not in SAFE_TOKENS:
            if token.nesting >= 0:
                self.fault(line, _what_it_is(token))
        elif token.type == "inline":
            self.inline(token, line)
        elif token.type == "fence":
            self.fence(token, line, depth)
        elif token.type in ("blockquote_open", "list_item_open") and token.level + 1 >= MAX_BLOCKS:
            # markdown-it leaves out what is nested deeper (ParserBlock.tokenize), and so does MyST.
            self.fault(line, "lists or quotes nested so deeply that text would be lost", "write it with fewer levels")

    def inline(self, token: Token, line: int) -> None:
        if token.meta.get("tangled"):
            self.fault(line, "paragraph too long or too tangled to be read", "write several shorter paragraphs")
        for url in token.meta.get("refused", ()):
            self.link_fault(url, line, what="link")
        self.children(token.children or [], line)

    def children(self, children: list[Token], line: int, *, is_open: bool = True) -> None:
        """What stands in a line of text; in a picture's words (not `is_open`) or a link, no mark would show."""
        links = 0
        for child in children:
            links += child.type == "link_open"
            links -= child.type == "link_close"
            if _is_mark(child) and is_open and not links:
                self.clause_mark(child.content, line)
            elif child.type not in SAFE_TOKENS:
                self.fault(line, _what_it_is(child))
            elif child.type == "link_open":
                self.reference(str(child.attrs["href"]), line, is_image=False)
            elif child.type == "image":
                self.reference(str(child.attrs["src"]), line, is_image=True)
                self.children(child.children or [], line, is_open=False)
            if child.level > MAX_EMPHASIS:
                self.fault(line, "emphasis nested too deeply", "write it with fewer levels")
            line += child.type in ("softbreak", "hardbreak") or child.content.count("\n")

    def clause_mark(self, written: str, line: int) -> None:
        named = clauses_named(written)
        if named is None:
            self.fault(line, f"clause mark `{_excerpt(written)}` without a catalogue and a clause", _CLAUSE_FIX)
            return
        catalogue, clauses = named
        section = self.headings[-1].text if self.headings else ""
        for clause in clauses:
            anchor = anchor_of(catalogue, clause, self.mark_anchors)
            self.mark_anchors.add(anchor)
            self.clause_marks.append(ClauseMark(catalogue, clause, line, section, anchor))

    def reference(self, url: str, line: int, *, is_image: bool) -> None:
        self.references.append(Reference(unquote(url), line, is_image))
        self.link_fault(url, line, what="image" if is_image else "link")

    def link_fault(self, url: str, line: int, *, what: str) -> None:
        if reason := _link_trouble(url, is_image=what == "image"):
            self.fault(line, f"{what} to `{_excerpt(unquote(url))}`: {reason}", LINK_FIX[what])

    def fence(self, token: Token, line: int, depth: int) -> None:
        """A code block, or a directive: what `DocutilsRenderer.render_fence` of MyST would take it for."""
        if token.map and token.map[1] - token.map[0] < token.content.count("\n") + 2:  # no line of it is the last
            message = f"the block `{_excerpt(f'{token.markup}{token.info}')}` is never closed: what follows is read as a part of it"
            self.unclosed.append(Fault(line, message, _CLOSE.format(token.markup)))
        words = token.info.strip().split(maxsplit=1)
        name, first_line = words[0] if words else "", words[1] if len(words) > 1 else ""
        if not (name.startswith("{") and name.endswith("}")):
            if token.info.strip() not in LANGUAGES:
                fix = "write the text on the next line, a directive as `{note}`, a language as `text`"
                self.fault(
                    line,
                    f"text beside the fence of a code block, which no page would show `{_excerpt(token.info)}`",
                    fix,
                )
            return
        name = name[1:-1]
        if name not in DIRECTIVES:
            self.fault(line, f"directive `{{{_excerpt(name)}}}`", f"use one of {', '.join(DIRECTIVES)}, or plain text")
            return
        if token.content.startswith("---"):
            self.fault(line + 1, "options between `---` lines", "write each option as a line `:name: value`")
            return
        body = token.content.splitlines()
        options = self.options(name, body, line + 1)
        start = line + 1 + len(token.content.splitlines()) - len(body)
        if name in ADMONITIONS and first_line:
            body, start, first_line = [first_line, *body], start - 1, ""
        if body and not body[0].strip():
            body, start = body[1:], start + 1
        self.directive(_Directive(name, first_line, options, "".join(f"{each}\n" for each in body), start), line, depth)

    def options(self, name: str, body: list[str], line: int) -> dict[str, str]:
        """The option lines at the start of `body`, which are taken from it (`_parse_directive_options` of MyST)."""
        options: dict[str, str] = {}
        while body and body[0].lstrip().startswith(":") and not body[0].lstrip().startswith(":::"):
            written = body.pop(0)
            match = OPTION.fullmatch(written)
            option, value = (match["name"], match["value"] or "") if match else (written, "")
            if option in DIRECTIVES[name] and option not in options and VALUES[option].fullmatch(value):
                options[option] = value
            else:
                allowed = ", ".join(f"`:{each}:`" for each in sorted(DIRECTIVES[name])) or "none"
                self.fault(line, f"option `{_excerpt(written)}` of `{{{name}}}`", f"options here: {allowed}")
            line += 1
        return options

    def directive(self, directive: _Directive, line: int, depth: int) -> None:
        if directive.name == "math":
            self.formula(f"{directive.first_line}\n{directive.body}", line)
        elif directive.name in ADMONITIONS:
            if not directive.body.strip():
                self.fault(line, f"`{{{directive.name}}}` without text", "write its text, or delete it")
            self.read(directive.body, directive.line, depth + 1)
        elif directive.name == "list-table":
            self.table(directive, line, depth)
        else:
            self.picture(directive, line, depth)

    def formula(self, source: str, line: int) -> None:
        source = source.replace("\\\\", "")
        commands = re.findall(r"\\([A-Za-z]+|!)", source)
        unknown = [f"\\{command}" for command in commands if command not in FORMULA_COMMANDS]
        if re.search(r"(?<!\\)%", source):
            unknown.append("%")
        for command in dict.fromkeys(unknown):
            self.fault(
                line, f"`{command}` in a formula", "use plain mathematical commands, and `\\%` for a percent sign"
            )

    def picture(self, directive: _Directive, line: int, depth: int) -> None:
        """A figure or an image: docutils joins the words of its first line and takes the result as it is."""
        if len(directive.first_line.split()) != 1:
            self.fault(line, f"`{{{directive.name}}}` without exactly one file name", LINK_FIX["image"])
            return
        self.reference(directive.first_line, line, is_image=True)
        if directive.name == "image":
            if directive.body.strip():
                self.fault(directive.line, "text in an `{image}`, which no page would show", "use `{figure}`")
            return
        tokens = self.read(directive.body, directive.line, depth + 1)
        if directive.body and not (tokens and tokens[0].type == "paragraph_open"):
            # docutils shows an error instead, and fails on a caption of blank lines (Figure.run).
            self.fault(line, "figure whose caption is not a paragraph", "begin with the caption's sentence")

    def table(self, directive: _Directive, line: int, depth: int) -> None:
        """A list-table, whose title is inline text; docutils shows an error in place of one that is not rectangular."""
        for token in self.markdown.parseInline(directive.first_line, self.environment):
            self.block(token, line, depth)
        columns = _columns(self.read(directive.body, directive.line, depth + 1))
        heads, stubs = (int(directive.options.get(name, "0")) for name in ("header-rows", "stub-columns"))
        widths = re.split("[ ,]+", directive.options.get("widths", "auto"))
        fits = len(set(columns)) == 1 and (not heads or heads < len(columns)) and (not stubs or stubs < columns[0])
        if not fits or (widths != ["auto"] and len(widths) != columns[0]):
            fix = "write `* - cell` and `  - cell`, with as many cells in each row and as many widths"
            self.fault(line, "list-table that is not rectangular: no page would show it", fix)


@dataclass(frozen=True, slots=True)
class _Directive:
    """A fenced directive of the table; the first line of its body has the number `line`."""

    name: str
    first_line: str
    options: Mapping[str, str]
    body: str
    line: int


class _Parser(MarkdownIt):
    """The parser of MyST without its extensions; it also tells which link addresses it met and which cells it lost."""

    def __init__(self) -> None:
        super().__init__("commonmark")
        self.enable("table").use(front_matter_plugin).use(myst_block_plugin).use(myst_role_plugin)
        self.use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
        self.block.ruler.at("table", self.table, {"alt": ["paragraph", "reference"]})
        self.block.ruler.at("reference", self.reference)
        self.core.ruler.at("inline", self.inlines)
        self.core.ruler.push("drop_blanks_before_marks", drop_blanks_before_marks)
        self.block_faults: list[Fault] = []
        self.met: list[str] = []
        self.filled_cells = 0

    def validateLink(self, url: str) -> bool:  # noqa: N802 (markdown-it's name)
        self.met.append(url)
        return super().validateLink(url)

    def is_refused(self, url: str) -> bool:
        """Whether markdown-it, and so MyST, leaves a link to `url` as plain text."""
        return not super().validateLink(url)

    def table(self, state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if not table(state, start, end, True):
            return False
        columns = len(_cells(getLine(state, start)))
        if columns > MAX_COLUMNS:
            self.block_faults.append(Fault(start, f"table of {columns} columns", f"use {MAX_COLUMNS} at most"))
            return False
        if self.filled_cells > MAX_FILLED_CELLS:
            self.block_faults.append(Fault(start, "too many table cells left out", "write every cell of each row"))
            return False
        if silent or not table(state, start, end, False):
            return silent
        for line in range(start + 2, state.line):
            cells = _cells(getLine(state, line))
            self.filled_cells += max(0, columns - len(cells))
            if any(cell.strip() for cell in cells[columns:]):
                fix = "give the row as many cells as the head of the table, and write `\\|` for a bar in a cell"
                self.block_faults.append(
                    Fault(line, "table row with more cells than the head: no page shows them", fix)
                )
        return True

    def reference(self, state: StateBlock, start: int, end: int, silent: bool) -> bool:
        self.met.clear()
        is_definition = reference(state, start, end, silent)
        for url in self.met:
            if (is_definition or self.is_refused(url)) and (reason := _link_trouble(url)):
                message = f"link to `{_excerpt(unquote(url))}`: {reason}"
                self.block_faults.append(Fault(start, message, LINK_FIX["link"]))
        return is_definition

    def inlines(self, state: StateCore) -> None:
        for token in state.tokens:
            if token.type != "inline":
                continue
            token.children = []
            # Reading `[^` costs the square of their number (mdit_py_plugins.footnote).
            if len(token.content) > MAX_PARAGRAPH or token.content.count("[^") > 50:
                token.meta["tangled"] = True
                continue
            self.met.clear()
            self.inline.parse(token.content, self, state.env, token.children)
            token.meta["refused"] = [url for url in self.met if self.is_refused(url)]


def _link_trouble(url: str, *, is_image: bool = False) -> str | None:
    """Why a link may not stand, judged as written and as decoded."""
    target = unquote(url)
    is_plain = not any(is_unprintable(character) or character in LINE_SEPARATORS for character in target)
    if target != target.strip() or "\\" in target or "\ufffd" in target or not is_plain:
        return "it holds a hidden character or a backslash"
    if re.match(r"[^/?#]*:", target):
        return _scheme_trouble(url) if not is_image else "a picture is an attachment of the document"
    if target.startswith("//"):
        return "it leads to another host without saying how"
    if "%" in target and not target.startswith("#"):
        return "it is encoded twice"
    if is_image and not re.fullmatch(r"[A-Za-z0-9._/-]+", url):
        return "its name has characters other than plain letters, digits, `-`, `_`, `.` and `/`"
    return None


def _scheme_trouble(url: str) -> str | None:
    scheme, _, rest = url.partition(":")
    if scheme not in LINK_SCHEMES or (scheme != "mailto") != rest.startswith("//"):
        return "only http://, https:// and mailto: lead out of the manual"
    try:
        urlsplit(unquote(url))
    except ValueError:
        return "it is no address"
    return None


def _what_it_is(token: Token) -> str:
    content = f"{{{token.meta['name']}}}" if token.type == "myst_role" else token.content or token.meta.get("label", "")
    return f"{WHAT_IT_IS.get(token.type, token.type)} `{_excerpt(content)}`"


def _excerpt(text: str) -> str:
    words = " ".join(without_controls(text).split())
    return words if len(words) <= 60 else words[:59] + "…"


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    for number in count(1):
        yield f"{slug}-{number}"


def _columns(tokens: list[Token]) -> list[int]:
    """The number of cells in each row of a list-table; empty when it is not one list of lists."""
    shape = [(token.level, token.type) for token in tokens if token.level in (0, 2) and token.nesting != -1]
    rows = [index for index, token in enumerate(tokens) if token.level == 1 and token.type == "list_item_open"]
    if shape != [(0, "bullet_list_open"), *[(2, "bullet_list_open")] * len(rows)]:
        return []
    ends = [*rows[1:], len(tokens)]
    columns = [
        sum(token.level == 3 and token.type == "list_item_open" for token in tokens[row:end])
        for row, end in zip(rows, ends, strict=True)
    ]
    return columns if all(columns) else []


def _cells(line: str) -> list[str]:
    """The cells of a table's row, as markdown-it's table rule divides it."""
    cells = escapedSplit(line.strip())
    if cells and cells[0] == "":
        cells.pop(0)
    if cells and cells[-1] == "":
        cells.pop()
    return cells
