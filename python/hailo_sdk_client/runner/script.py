"""The loaded model script, and what it does to a model."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import graupel
from hailo_sdk_client.runner.data import stored_arrays
from hailo_sdk_client.runner.exceptions import AllocatorScriptParserException

#: How many samples the statistics are taken of, unless the script says otherwise.
_CALIBRATION_SIZE = 64


class Script:
    """Text, and the folder that its paths are relative to."""

    def __init__(self, text: str = "", folder: str = "", origin: str = "string"):
        self.text = text
        self.folder = folder
        self.origin = origin

    @classmethod
    def read(cls, source: str | os.PathLike[str] | None) -> Script:
        """A path to a script, the text itself, or None."""
        if source is None:
            return cls()
        if isinstance(source, os.PathLike) or ("\n" not in source and "(" not in source):
            path = pathlib.Path(source)
            try:
                return cls(path.read_text(), str(path.resolve().parent), str(path))
            except OSError as fault:
                raise AllocatorScriptParserException(f"model script '{path}' cannot be read: {fault.strerror}; give a path or the text "
                                                     "of the commands") from fault
        return cls(source)

    def followed_by(self, other: Script) -> Script:
        """Both, one after another."""
        text = f"{self.text.rstrip()}\n{other.text}" if self.text.strip() else other.text
        return Script(text, other.folder or self.folder, other.origin)

    def normal_form(self) -> str:
        return "\n".join(line.rstrip() for line in self.text.strip().splitlines())

    def modifications(self, model: graupel.Model) -> Any:
        raise NotImplementedError

    def apply_full_precision(self, model: graupel.Model, frames: Any, logger: Any) -> None:
        raise NotImplementedError

    def apply_optimize(self, model: graupel.Model, frames: Any, logger: Any) -> None:
        self._warn(model.optimize(stored_arrays(model, frames, _CALIBRATION_SIZE)), logger)

    def backend_view(self) -> Any:
        raise NotImplementedError

    @staticmethod
    def _warn(summary: graupel.Summary, logger: Any) -> None:
        for warning in summary.warnings:
            logger.warning(warning)
        logger.info(f"Model Optimization is done ({summary.frames} calibration frames)")
