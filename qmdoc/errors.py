"""The one family of errors: qmdoc could not do its work.

A finding about a document is never an error, and an error is never a finding: it ends the run with exit status 2.
"""


class QmdocError(Exception):
    """qmdoc could not do its work.

    `message` says in one plain sentence what is wrong and where; `fix` says what to do; `code` is a stable word for
    programs (`{"error": {"code": …}}` in JSON output).
    """

    code = "cannot-work"

    def __init__(self, message: str, *, fix: str = "", code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        """The message and the remedy, as one line."""
        return f"{self.message}; {self.fix}" if self.fix else self.message


class NoRepository(QmdocError):
    """The folder is no git repository, or one without a commit."""

    code = "no-repository"


class GitFailed(QmdocError):
    """git is missing, ended with an error, or answered less than it was asked."""

    code = "git-failed"


class FileTooLarge(QmdocError):
    """A file in history is larger than anything that qmdoc reads."""

    code = "file-too-large"


class HistoryIncomplete(QmdocError):
    """A commit that history names is not there: a shallow or partial clone, a graft, a damaged disk."""

    code = "history-incomplete"


class ObjectDamaged(QmdocError):
    """An object's content does not hash to its name."""

    code = "object-damaged"


class NoAuthority(QmdocError):
    """The repository holds no readable authority to start from."""

    code = "no-authority"


class TrustRootInvalid(QmdocError):
    """The trust root that was given is not a commit on this mainline, or holds another authority."""

    code = "trust-root-invalid"


class ConfigError(QmdocError):
    """An option or a setting is unknown, impossible or contradicts another."""

    code = "impossible-option"


class RefusedToSign(QmdocError):
    """The sign-off would be refused later, so it is not made."""

    code = "refused-to-sign"


class NotAnchored(QmdocError):
    """No time stamp was committed: none was to be had, or it would count for nothing."""

    code = "not-anchored"


class SshFailed(QmdocError):
    """ssh-keygen is missing, or made nothing."""

    code = "ssh-failed"


class OutputFailed(QmdocError):
    """An output could not be made or written."""

    code = "output-failed"


class ImportFailed(QmdocError):
    """A Word file can't be read, or its document has no place to go."""

    code = "import-failed"


class FormRefused(QmdocError):
    """A filled form, or a scan of one, is not recorded: nothing of it is."""

    code = "form-refused"
