"""Sphinx's own search index, which serves where no server answers: words of what is in force, and nothing else."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from typing import Any

from sphinx.application import Sphinx
from sphinx.search import IndexBuilder, js_index
from sphinx.search.en import SearchEnglish

from qmdoc.errors import OutputFailed
from qmdoc.outputs.manual_pages import source
from qmdoc.outputs.manual_pages.source import Source

FILE = "searchindex.js"


class EnglishOnce(SearchEnglish):
    """English for the search index, each word's stem worked out once: most words stand in a manual many times."""

    def __init__(self, options: dict[str, str]) -> None:
        """No word is known yet."""
        self._stems: dict[str, str] = {}
        super().__init__(options)

    def stem(self, word: str) -> str:
        """The word's stem."""
        if word not in self._stems:
            self._stems[word] = super().stem(word)
        return self._stems[word]


def complete(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Takes in what an earlier index says of the pages that are not read again, and leaves out what is not in force."""
    read: Source = app.config.qmdoc_source
    indexer: IndexBuilder | None = getattr(app.builder, "indexer", None)
    if indexer and not read.is_draft:
        if kept := app.config.qmdoc_kept:
            earlier = IndexBuilder(app.env, indexer.lang.lang, {}, "")
            _take_over(indexer, earlier, kept, app.config.qmdoc_index)
        shown = {page.name for page in read.pages if page.filters.get("status") == source.IN_FORCE}
        indexer.prune({source.HOME, *shown})  # it can't do without any page
        for words in (indexer._mapping, indexer._title_mapping):
            for word in [word for word, names in words.items() if not names]:
                del words[word]  # else it would tell which words stand in what is not in force
        indexer.prune = lambda docnames: None  # type: ignore[method-assign]  # Sphinx would drop what it did not read
    return iter(())


def _take_over(indexer: IndexBuilder, earlier: IndexBuilder, names: Collection[str], written: str) -> None:
    """Gives an index what an earlier one knows of these pages. Raises OutputFailed for what Sphinx did not write."""
    try:
        earlier.load(io.StringIO(written), js_index)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise OutputFailed(
            f"the search index of the manual before can't be read: {error}",
            fix="take away build/manual, and build again",
        ) from error
    earlier.prune(names)
    indexer._titles |= earlier._titles
    indexer._filenames |= earlier._filenames
    indexer._all_titles |= earlier._all_titles
    for words, before in ((indexer._mapping, earlier._mapping), (indexer._title_mapping, earlier._title_mapping)):
        for word, found in before.items():
            words.setdefault(word, set()).update(found)
