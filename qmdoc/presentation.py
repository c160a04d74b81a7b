"""What frames the outputs and a programme may restyle: `templates/` and Sphinx's `conf.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from qmdoc import controlled, shipped
from qmdoc.ledger import Ledger
from qmdoc.model import File, Objects
from qmdoc.outputs import languages
from qmdoc.outputs.languages import Language
from qmdoc.register import Register

_NO_TEXT = (".docx", ".png", ".ico", ".woff2")


@dataclass(frozen=True, slots=True)
class Presentation:
    """The files, by path: the programme's own over those that qmdoc ships."""

    files: Mapping[str, bytes]

    def text(self, folder: str) -> dict[str, str]:
        """The text files below a folder, by their path below it."""
        prefix = f"{folder}/"
        return {
            path.removeprefix(prefix): content.decode("utf-8")
            for path, content in self.files.items()
            if path.startswith(prefix) and not path.endswith(_NO_TEXT)
        }

    def language(self, register: Register) -> Language:
        """The language that the policy chooses."""
        return self.chosen(register.authority.policy.language)

    def chosen(self, code: str) -> Language:
        """The language of a code, from the catalogues under `templates/languages`."""
        return languages.chosen(code, self.text(languages.FOLDER))


def of(ledger: Ledger, objects: Objects) -> Presentation:
    """The presentation as committed; links and other odd files are no part of it."""
    own = {file.path: objects.blob(file.blob) for file in committed(ledger, objects) if file.is_plain}
    return over_shipped(own)


def over_shipped(own: Mapping[str, bytes]) -> Presentation:
    """A programme's own files over those that qmdoc ships."""
    return Presentation(shipped.presentation() | dict(own))


def committed(ledger: Ledger, objects: Objects) -> list[File]:
    """The files as main holds them."""
    if not ledger.root:
        return []
    entry = controlled.entry_at(objects, ledger.root, "conf.py")
    configuration = [File("conf.py", entry.mode, entry.id)] if entry else []
    return [*controlled.every_file(objects, ledger.root, "templates"), *configuration]
