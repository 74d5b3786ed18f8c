"""What the runner raises, besides what graupel raises (`graupel.Error` and its classes)."""

from __future__ import annotations


class ClientRunnerException(Exception):
    """Any misuse of a runner."""


class InvalidArgumentsException(ClientRunnerException, ValueError):
    """An argument that cannot be meant."""


class InvalidStateException(ClientRunnerException):
    """A call that the model's state does not allow."""


class UnsupportedFeatureException(ClientRunnerException, NotImplementedError):
    """A member that has no meaning here."""


class AllocatorScriptParserException(ClientRunnerException):
    """A model script that is wrong, with line and column."""
