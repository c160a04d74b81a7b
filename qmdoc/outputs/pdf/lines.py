"""The pieces of a line: words, emphasis, links, pictures, clause marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it.token import Token

from qmdoc import markup
from qmdoc.model import DOCUMENT_ID
from qmdoc.outputs.pdf.nodes import Node

NOT_IN_FORCE = " (not in force)"
NOT_AVAILABLE = " (not available)"
_PLAIN = {"text": "text", "text_special": "text", "code_inline": "code"}
_GROUPS = {"em_open": "emphasis", "strong_open": "strong"}


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a text: its document's number, the pages of the documents in force, its headings and attachments."""

    number: str
    pages: Mapping[str, str]
    anchors: frozenset[str]
    attachments: Mapping[str, bytes]

    def attachment(self, target: str) -> str | None:
        """The name of an own attachment that a link or a picture leads to; None where there is none."""
        folder, _, name = unquote(target).partition("/")
        return name if folder == self.number and name in self.attachments else None


def pieces(tokens: Sequence[Token] | None, around: Around) -> tuple[Node, ...]:
    """The tokens of a line as nodes."""
    return tuple(_pieces(iter(tokens or ()), around, ""))


def picture(target: str, alt: str, around: Around, **told: object) -> Node:
    """An attachment to be shown; what is none is named, as the page of the manual names it."""
    name = around.attachment(target)
    if name is None:
        return Node("code", target)
    return Node("picture", alt or f"Picture {name}", told={"name": f"{around.number}/{name}", **told})


def _pieces(tokens: Iterator[Token], around: Around, until: str) -> Iterator[Node]:
    for token in tokens:
        if token.type == until:
            return
        if token.type in _PLAIN:
            yield Node(_PLAIN[token.type], token.content)
        elif token.type == "softbreak":
            yield Node("text", " ")
        elif token.type == "hardbreak":
            yield Node("break")
        elif token.type in _GROUPS:
            close = token.type.replace("_open", "_close")
            yield Node(_GROUPS[token.type], children=tuple(_pieces(tokens, around, close)))
        elif token.type == "link_open":
            yield from _link(token, tuple(_pieces(tokens, around, "link_close")), around)
        elif token.type == "image":
            yield picture(str(token.attrs["src"]), token.content, around)
        else:
            yield _other(token)


def _other(token: Token) -> Node:
    """A clause mark by its clauses; whatever else there may be, as it was written."""
    if token.type != "myst_role":
        return Node("code", token.content)
    named = markup.clauses_named(token.content) if token.meta["name"] == markup.CLAUSE else None
    if named is None:
        return Node("code", f"{{{token.meta['name']}}}`{token.content}`")
    return Node("clause", ", ".join(named[1]))


def _link(token: Token, inside: tuple[Node, ...], around: Around) -> Iterator[Node]:
    """Where paper can't follow: the number of a document, the address outside, stand behind the words."""
    target = str(token.attrs["href"])
    shown = "".join(node.text for each in inside for node in each.walk())
    if target.startswith("#"):
        is_known = unquote(target[1:]) in around.anchors
        yield Node("link", children=inside, told={"to": f"{around.number}{unquote(target)}" if is_known else ""})
    elif re.match(r"(?:https?|mailto):", target):
        yield Node("link", children=inside, told={"to": target, "is_outside": True})
        address = target.removeprefix("mailto:")
        if unquote(address) not in shown and address not in shown:
            yield Node("address", f" ({address})")
    elif DOCUMENT_ID.fullmatch(target):
        is_known = target in around.pages
        yield Node("link", children=inside, told={"to": around.pages.get(target, ""), "is_outside": is_known})
        if target not in shown:
            yield Node("address", f" ({target})")
        if not is_known:
            yield Node("beside", NOT_IN_FORCE)
    else:
        name = around.attachment(target)
        yield Node("link", children=inside, told={"to": ""})
        if name is None:
            yield Node("beside", NOT_AVAILABLE)
        elif name not in shown:
            yield Node("address", f" (attachment {name})")
