"""translate_onnx_model's arguments as graupel takes them, and its lines."""

from __future__ import annotations

import os
import pathlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import graupel
from hailo_sdk_client.model_translator.exceptions import MisspellNodeError, ParsingWithRecommendationException
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException
from hailo_sdk_common.hailo_nn.exceptions import UnsupportedModelError

#: Accepted for the sake of callers; nothing here depends on them, and a warning says so.
_WITHOUT_MEANING = {"augmented_path", "disable_shape_inference", "disable_rt_metadata_extraction", "disable_onnx_simplifier",
                    "net_input_format", "parsing_report_path"}


@contextmanager
def _model_path(model: Any) -> Iterator[str]:
    """A file that holds `model`: a path, bytes, or a message with SerializeToString()."""
    if isinstance(model, (str, os.PathLike)):
        yield os.fspath(model)
        return
    data = model.SerializeToString() if hasattr(model, "SerializeToString") else model
    if not isinstance(data, (bytes, bytearray)):
        raise InvalidArgumentsException(f"model of type {type(model).__name__} (accepted: path, bytes, ModelProto)")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        path.write_bytes(data)
        yield str(path)


def _shapes(path: str, shapes: Mapping[str, Sequence[int]] | Sequence[int] | None) -> dict[str, Sequence[int]]:
    if shapes is None:
        return {}
    if isinstance(shapes, Mapping):
        return dict(shapes)
    names = graupel.onnx_inputs(path)
    if len(names) != 1:
        raise InvalidArgumentsException(f"net_input_shapes is a list but the model has {len(names)} inputs; give a dict with {names}")
    return {names[0]: shapes}


def translate(model: Any, net_name: str | None, start: Sequence[str] | str | None, end: Sequence[str] | str | None, shapes: Any,
              options: Mapping[str, Any], advice: str, logger: Any) -> graupel.Model:
    """Parses, with the vendor's lines on the logger. `advice`: as `graupel.parse` has it."""
    unknown = sorted(set(options) - _WITHOUT_MEANING)
    if unknown:
        raise InvalidArgumentsException(f"translate_onnx_model: unknown arguments {unknown} (accepted: model, net_name, "
                                        "start_node_names, end_node_names, net_input_shapes)")
    given = sorted(name for name, value in options.items() if value)
    if given:
        logger.warning(f"translate_onnx_model: without an effect here: {', '.join(given)}")
    begin = time.monotonic()
    with _model_path(model) as path:
        name = net_name or pathlib.Path(path).stem
        logger.info(f"Translation started on ONNX model {name}")
        try:
            parsed = graupel.parse(path, start_nodes=_list(start), end_nodes=_list(end), input_shapes=_shapes(path, shapes), name=name,
                                   preprocess=False, advice=advice)
        except graupel.UnsupportedError as fault:
            nodes = [] if end else graupel.recommended_end_nodes(path, _list(start), _shapes(path, shapes))
            if nodes:
                raise ParsingWithRecommendationException(str(fault), nodes) from fault
            raise UnsupportedModelError(str(fault)) from fault
        except graupel.NotFoundError as fault:
            if os.path.exists(path):
                raise MisspellNodeError(str(fault)) from fault
            raise
    for message in parsed.messages:
        logger.info(message)
    logger.info(f"Translation completed on ONNX model {name} (completion time: {_clock(time.monotonic() - begin)})")
    return parsed


def _list(names: Sequence[str] | str | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or [])


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds // 60 % 60):02d}:{seconds % 60:05.2f}"
