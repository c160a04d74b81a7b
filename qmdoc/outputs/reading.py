"""An approved text as a page to read, for versions that the manual no longer shows.

It is plain CommonMark with tables. A directive is shown as it was written, under its name: nothing is left out, and
nothing is drawn that the signed file, which lies beside the page, does not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from mdit_py_plugins.myst_role import myst_role_plugin

from qmdoc import markup
from qmdoc.model import DOCUMENT_ID


def page(body: str, *, files: str) -> Markup:
    """The text below the front matter as HTML; `files` is the folder, from the page, that holds what was signed."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False}, renderer_cls=_Renderer).enable("table")
    parser.use(myst_role_plugin)
    return Markup(parser.render(body, {"files": files}))


class _Renderer(RendererHTML):
    """Links lead to the binder's own pages; a picture from elsewhere is named, never fetched."""

    def link_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[at]
        token.attrs["href"] = _target(str(token.attrs["href"]), str(env["files"]))
        return self.renderToken(tokens, at, options, env)

    def image(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        source, shown = str(tokens[at].attrs["src"]), str(escape(tokens[at].content))
        if ":" in source or source.startswith("/"):
            return f"<em>[picture: {shown}, {escape(source)}]</em>"
        return f'<img src="{escape(_target(source, str(env["files"])))}" alt="{shown}">'

    def myst_role(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        """A clause mark as its words; what else is written like one, as it was written."""
        token = tokens[at]
        if token.meta["name"] == markup.CLAUSE and markup.clauses_named(token.content):
            return f"<small>[{escape(' '.join(token.content.split()))}]</small>"
        return f"<code>{escape('{' + str(token.meta['name']) + '}`' + token.content + '`')}</code>"

    def th_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        tokens[at].attrs["scope"] = "col"
        return self.renderToken(tokens, at, options, env)

    def table_open(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        number = sum(token.type == "table_open" for token in tokens[: at + 1])
        return f'<div class="wide" role="region" aria-label="Table {number}" tabindex="0">\n<table>\n'

    def table_close(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        return "</table>\n</div>\n"

    def fence(self, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[at]
        name = f"<strong>{escape(token.info.strip())}</strong>\n" if token.info.strip() else ""
        return f'<pre class="text" tabindex="0">{name}{escape(token.content)}</pre>\n'


def _target(url: str, files: str) -> str:
    """A document's number leads to its page; an attachment to the signed file; what is absolute stays."""
    path, mark, part = url.partition("#")
    if DOCUMENT_ID.fullmatch(path):
        return f"../{path}.html"
    if not path or ":" in path or path.startswith("/"):
        return url
    return f"{quote(files)}/{quote(unquote(path))}{mark}{part}"
