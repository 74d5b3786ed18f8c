"""What the libraries refuse, as exceptions: one class per code, which names who must act."""

from __future__ import annotations


class Error(Exception):
    """Any refusal of the libraries.

    Attributes:
        code: ``"invalid"``, ``"unsupported"``, ``"corrupt"``, ``"mismatch"``, ``"not_found"`` or ``"io"``.
        message: what is wrong, with the value seen, what is accepted and what to do.
        where: the frames around it, innermost first.
    """

    code = ""

    def __init__(self, message: str, where: list[str] | None = None, text: str | None = None):
        super().__init__(text or message)
        self.message = message
        self.where = list(where or [])


class InvalidError(Error, ValueError):
    """The caller passed something that cannot be meant."""

    code = "invalid"


class UnsupportedError(Error, NotImplementedError):
    """The model or the call asks for something that this project does not do."""

    code = "unsupported"


class CorruptError(Error, ValueError):
    """A file is damaged, or is not what its name says."""

    code = "corrupt"


class MismatchError(Error, ValueError):
    """Two sides that must agree do not."""

    code = "mismatch"


class NotFoundError(Error, LookupError):
    """A named thing does not exist."""

    code = "not_found"


class IoError(Error, OSError):
    """The operating system refused."""

    code = "io"


_CLASSES = {c.code: c for c in (InvalidError, UnsupportedError, CorruptError, MismatchError, NotFoundError, IoError)}


def make_error(code: str, message: str, where: list[str], text: str) -> Error:
    """The exception of a library's error; ``text`` is its one line, frames first."""
    return _CLASSES.get(code.replace(" ", "_"), Error)(message, where, text)
