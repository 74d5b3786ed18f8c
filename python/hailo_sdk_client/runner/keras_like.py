"""What `get_keras_model` gives: a callable on arrays, with the members that evaluation loops use."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import graupel


@dataclasses.dataclass(frozen=True)
class KerasLikeLayer:
    """A layer of a `KerasLikeModel`."""

    name: str
    num_outputs: int = 1


class KerasLikeModel:
    """Runs a context on batches.

    It is no TensorFlow object. Given a tensor of TensorFlow it returns tensors of TensorFlow; given arrays, arrays.
    """

    def __init__(self, runner: Any, context: Any):
        self._runner = runner
        self._context = context
        self._saved: list[str] = []
        self.built = True
        #: Layer → its output in the last call, of the layers that `compile` named.
        self.interlayer_tensors: dict[str, Any] = {}

    def __call__(self, data: Any, training: bool = False) -> Any:
        """`data`: a batch [N, rows, columns, channels] or a dict of them by input layer. Returns as `ClientRunner.infer`."""
        if training:
            raise NotImplementedError("training=True: this model runs, it does not train")
        arrays = {name: _numpy(batch) for name, batch in data.items()} if isinstance(data, Mapping) else _numpy(data)
        tapped: dict[str, np.ndarray] = {}
        if self._saved:
            outputs, tapped = self._runner._infer_and_tap(self._context, arrays, self._saved)
        else:
            outputs = self._runner.infer(self._context, arrays)
        convert = sys.modules["tensorflow"].convert_to_tensor if _is_tensor(data) else lambda array: array
        self.interlayer_tensors = {name: convert(array) for name, array in tapped.items()}
        return [convert(output) for output in outputs] if isinstance(outputs, list) else convert(outputs)

    @property
    def _model(self) -> KerasLikeModel:
        return self

    @property
    def layers(self) -> dict[str, KerasLikeLayer]:
        """Every layer whose output can be seen, by its full name, in execution order."""
        return {name: KerasLikeLayer(name) for name in self._runner._tapped_layers(self._context)}

    def compile(self, save_interlayer: Sequence[str] = (), **unused: Any) -> None:
        """`save_interlayer`: full names of layers whose outputs every call leaves in `interlayer_tensors`; nothing is compiled,
        and a warning names other arguments.

        Raises:
            graupel.NotFoundError: a layer without an output of its own.
        """
        self._runner._say_unused("compile", unused)
        unknown = sorted(set(save_interlayer) - set(self.layers))
        if unknown:
            raise graupel.NotFoundError(f"compile: there is no layer {', '.join(map(repr, unknown))}; `layers` has them all")
        self._saved = list(save_interlayer)

    def predict(self, data: Any, batch_size: int | None = None, verbose: Any = None) -> Any:
        """As a call; no result depends on `batch_size`, and nothing is printed."""
        return self(data)

    def is_jit_compile_supported(self, training: bool = False) -> bool:
        """False: nothing here is traced by XLA."""
        return False

    def build(self, input_shape: Any = None) -> None:
        """Nothing is left to build."""


def _is_tensor(data: Any) -> bool:
    first = next(iter(data.values())) if isinstance(data, Mapping) else data
    return type(first).__module__.startswith("tensorflow") and "tensorflow" in sys.modules


def _numpy(batch: Any) -> np.ndarray:
    return batch.numpy() if hasattr(batch, "numpy") else np.asarray(batch)
