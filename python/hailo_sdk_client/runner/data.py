"""Data arguments as arrays by input."""

from __future__ import annotations

import dataclasses
import os
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import graupel
from graupel.frames import arrays_of
from hailo_sdk_client.exposed_definitions import CalibrationDataType
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException

#: What each type of data may be.
_KINDS = {
    CalibrationDataType.auto: lambda _: True,
    CalibrationDataType.np_array: lambda data: hasattr(data, "__array__") or isinstance(data, Mapping),
    CalibrationDataType.dataset: lambda data: callable(data) or hasattr(data, "__iter__"),
    CalibrationDataType.npy_file: lambda data: isinstance(data, (str, os.PathLike)) and not pathlib.Path(data).is_dir(),
    CalibrationDataType.npy_dir: lambda data: isinstance(data, (str, os.PathLike)) and not pathlib.Path(data).is_file(),
}


def stored_arrays(inputs: Sequence[graupel.Port], dataset: Any, limit: int | None = None,
                  data_type: Any = CalibrationDataType.auto) -> dict[str, np.ndarray]:
    """Input name → [N, rows, columns, channels]. The vendor's calls take data as stored and never channels first.

    Raises:
        graupel.MismatchError: both shapes are named.
        InvalidArgumentsException: data that are not of `data_type`.
    """
    try:
        kind = CalibrationDataType(getattr(data_type, "value", data_type))
    except ValueError:
        names = ", ".join(CalibrationDataType.__members__)
        raise InvalidArgumentsException(f"data_type '{data_type}' (accepted: CalibrationDataType {names})") from None
    if not _KINDS[kind](dataset):
        raise InvalidArgumentsException(f"data_type is {kind.name} but the data are {type(dataset).__name__} "
                                        f"{dataset if isinstance(dataset, (str, os.PathLike)) else ''}".rstrip())
    stored = [dataclasses.replace(port, order=tuple(range(len(port.shape)))) for port in inputs]
    return {port.name: array for port, array in zip(inputs, arrays_of(dataset, stored, limit))}
