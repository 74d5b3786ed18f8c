"""What `get_keras_model` gives: a callable on arrays, with the members that evaluation loops use."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np


class KerasLikeModel:
    """Runs a context on batches.

    It is no TensorFlow object. Given a tensor of TensorFlow it returns tensors of TensorFlow; given arrays, arrays.
    """

    def __init__(self, runner: Any, context: Any):
        self._runner = runner
        self._context = context
        self.built = True

    def __call__(self, data: Any, training: bool = False) -> Any:
        """`data`: a batch [N, rows, columns, channels] or a dict of them by input layer. Returns as `ClientRunner.infer`."""
        if training:
            raise NotImplementedError("training=True: this model runs, it does not train")
        arrays = {name: _numpy(batch) for name, batch in data.items()} if isinstance(data, Mapping) else _numpy(data)
        outputs = self._runner.infer(self._context, arrays)
        if not _is_tensor(data):
            return outputs
        convert = sys.modules["tensorflow"].convert_to_tensor
        return [convert(output) for output in outputs] if isinstance(outputs, list) else convert(outputs)

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
