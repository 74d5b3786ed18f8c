"""Loggers with the vendor's shape: plain lines with the level in brackets, and deprecation warnings."""

from __future__ import annotations

import enum
import logging
import os
import pathlib
import sys

#: A folder of the user's for what tools keep between runs.
DFC_FOLDER_PATH = str(pathlib.Path(os.environ.get("XDG_DATA_HOME", pathlib.Path.home() / ".local" / "share")) / "graupel" / "dataflow_compiler")

DEPRECATION_LEVEL = logging.WARNING - 1
logging.addLevelName(DEPRECATION_LEVEL, "DEPRECATION WARNING")


class DeprecationVersion(enum.Enum):
    """When something goes away."""

    FUTURE = "a future version"
    JAN2026 = "January 2026"
    JUL2026 = "July 2026"


class CustomLogger(logging.Logger):
    """A logger that can also warn of what will go away."""

    def deprecation_warning(self, message: str, version: DeprecationVersion = DeprecationVersion.FUTURE, *args: object) -> None:
        """Logs `message` and when it comes true."""
        if self.isEnabledFor(DEPRECATION_LEVEL):
            self._log(DEPRECATION_LEVEL, f"{message} (deprecated, goes away in {getattr(version, 'value', version)})", args)


class LevelFormatter(logging.Formatter):
    """``[info] text``."""

    def format(self, record: logging.LogRecord) -> str:
        record.level_in_brackets = f"[{record.levelname.lower()}]"
        return super().format(record)


class CurrentStdout(logging.StreamHandler):
    """Writes to whatever sys.stdout is at that moment, so that redirections hold."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self):  # noqa: ANN201
        return sys.stdout


def create_custom_logger(log_path: str | os.PathLike[str] | None = None, fmt: str | None = None, console: bool = False,
                         name: str | None = None) -> CustomLogger:
    """A logger that writes to a file, to the console, or to both.

    Args:
        log_path: the file to append to; a relative one lies in the current folder; None: no file.
        fmt: of `logging`; default ``[level] message`` on the console and with time in the file.
        console: also print.
        name: of the logger; default: the file's stem.
    """
    logger = CustomLogger(name or pathlib.Path(log_path or "hailo_sdk").stem)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    if log_path is not None:
        handler = logging.FileHandler(log_path, delay=True)
        handler.setFormatter(logging.Formatter(fmt or "%(asctime)s - %(levelname)s - %(message)s"))
        logger.addHandler(handler)
    if console:
        handler = CurrentStdout()
        handler.setLevel(logging.INFO)
        handler.setFormatter(LevelFormatter(fmt or "%(level_in_brackets)s %(message)s"))
        logger.addHandler(handler)
    return logger


def default_logger() -> CustomLogger:
    """The logger of runners: the console."""
    global _default
    if _default is None:
        _default = create_custom_logger(console=True, name="hailo_sdk_client")
    return _default


_default: CustomLogger | None = None
