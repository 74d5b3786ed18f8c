"""What all parts of a runner share: the model, its state, and what is refused or warned of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np

import graupel
from hailo_sdk_client.exposed_definitions import States
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException, InvalidStateException
from hailo_sdk_common.logger.logger import default_logger

PathLike = Union[str, "os.PathLike[str]"]

_STATES = {"parsed": States.HAILO_MODEL, "optimized": States.FP_OPTIMIZED_MODEL, "quantized": States.QUANTIZED_MODEL,
           "compiled": States.COMPILED_MODEL}
_ORDER = [States.UNINITIALIZED, States.HAILO_MODEL, States.FP_OPTIMIZED_MODEL, States.QUANTIZED_MODEL, States.COMPILED_MODEL]


class RunnerBase:
    """Holds the model; the parts of `ClientRunner` derive from it."""

    def __init__(self, hw_arch: str | None):
        self._model: graupel.Model | None = None
        self._arch = hw_arch
        self._logger = default_logger()
        self._runners: dict[Any, graupel.Runner] = {}
        self._hardware_hef: Any = None

    @property
    def state(self) -> States:
        """How far the model has come."""
        return States.UNINITIALIZED if self._model is None else _STATES[self._model.stage]

    @property
    def model_name(self) -> str | None:
        """The network's name."""
        return None if self._model is None else self._model.name

    @property
    def hw_arch(self) -> str:
        """The chip."""
        return self._model.hw_arch if self._model is not None else self._arch or "hailo8"

    @property
    def _hw_arch(self) -> str:
        return self.hw_arch

    @property
    def model(self) -> graupel.Model:
        """The model under the vendor's names.

        Raises:
            InvalidStateException: nothing has been loaded or translated.
        """
        if self._model is None:
            raise InvalidStateException("the runner has no model: call translate_onnx_model(path) or load_har(path) first")
        return self._model

    @property
    def _original_model_meta(self) -> dict[str, Any]:
        return self.model.original_meta

    def _replace_model(self, model: graupel.Model) -> None:
        self._model = model
        self._runners.clear()
        self._hardware_hef = None
        if self._arch is not None:
            model.hw_arch = self._arch

    def _need(self, what: str, state: States, bring: str) -> None:
        self.model  # noqa: B018: raises when there is none
        if _ORDER.index(self.state) < _ORDER.index(state):
            raise InvalidStateException(f"{what} needs state {state.name}, the model is in state {self.state.name}; call {bring} first")

    def _need_exactly(self, what: str, states: Sequence[States]) -> None:
        self.model  # noqa: B018
        if self.state not in states:
            names = " or ".join(state.name for state in states)
            raise InvalidStateException(f"{what} needs state {names}, the model is in state {self.state.name}; load the HAR of an "
                                        "earlier state or translate the model again")

    def _say_unused(self, what: str, arguments: Mapping[str, Any]) -> None:
        """Warns, by name, of arguments that were given and change nothing here."""
        given = [name for name, value in arguments.items() if not _is_left_out(value)]
        if given:
            self._logger.warning(f"{what}: without an effect here: {', '.join(given)}")

    @staticmethod
    def _refuse_unknown(what: str, arguments: Mapping[str, Any], accepted: str) -> None:
        if arguments:
            raise InvalidArgumentsException(f"{what}: unknown arguments {sorted(arguments)} (accepted: {accepted})")


def _is_left_out(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return False
    return value is None or value is False or value == "" or getattr(value, "name", "") == "NONE"
