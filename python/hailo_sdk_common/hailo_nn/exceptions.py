"""What is raised about models and HN documents."""

from __future__ import annotations


class HailoNNException(Exception):
    """Any fault of a model or an HN."""


class UnsupportedModelError(HailoNNException):
    """A model, or a part of one, that cannot be taken."""


class InvalidHNError(HailoNNException):
    """An HN document that is wrong in itself."""
