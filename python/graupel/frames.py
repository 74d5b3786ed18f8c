"""Inputs of a model from arrays, files or iterables, as one C-contiguous array per input."""

from __future__ import annotations

import itertools
import os
import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from graupel.errors import InvalidError, MismatchError, NotFoundError, UnsupportedError

if TYPE_CHECKING:
    from graupel.model import Port

Frames = Union[np.ndarray, "Mapping[str, np.ndarray]", str, "os.PathLike[str]", "Callable[[], Iterable[Any]]", "Iterable[Any]"]
"""What may give frames:

* an array ``[N, ...]`` (one input), or a mapping from input name (``input_layer1``, ``net/input_layer1`` or the
  original model's name) to such arrays;
* a path: ``.npy``, ``.npz``, or a folder of ``.npy`` files, each one frame or several;
* an iterable, or a callable without arguments that returns one, of frames: an array, a mapping of arrays, or a pair
  of one of these and anything (labels, an info dict), without a batch axis.
"""


def arrays_of(frames: Frames, inputs: list[Port], limit: int | None = None) -> list[np.ndarray]:
    """One array per input, frames along the first axis; no copy of an array that is contiguous already.

    Args:
        frames: see `Frames`.
        inputs: the model's inputs.
        limit: take at most so many frames; an iterable is read no further.

    Raises:
        MismatchError: arrays that do not fit the inputs; both shapes are named.
        NotFoundError: a path that does not exist.
        InvalidError: no frames at all.
    """
    if frames is None:
        raise InvalidError("no frames are given; pass an array [N, ...], a dict of arrays, a path or a callable")
    if isinstance(frames, (str, os.PathLike)):
        frames = _read(pathlib.Path(frames), inputs)
    if not isinstance(frames, Mapping) and not hasattr(frames, "__array__"):
        frames = _collect(frames, inputs, limit)
    arrays = [_fit(array, port) for array, port in zip(_by_input(frames, inputs), inputs)]
    if limit is not None:
        arrays = [array[:limit] for array in arrays]
    if not arrays or len(arrays[0]) == 0:
        raise InvalidError("there are no frames: the input is empty")
    return [np.ascontiguousarray(array) for array in arrays]


def _by_input(frames: Any, inputs: list[Port]) -> list[np.ndarray]:
    if not isinstance(frames, Mapping):
        if len(inputs) != 1:
            names = ", ".join(port.name for port in inputs)
            raise MismatchError(f"one array is given but the model has {len(inputs)} inputs; pass a dict with {names}")
        return [np.asarray(frames)]
    by_name = {str(name).rsplit("/", 1)[-1]: array for name, array in frames.items()}
    by_name.update({str(name): array for name, array in frames.items()})
    arrays = []
    for port in inputs:
        found = [by_name[name] for name in (port.name, port.origin) if name in by_name]
        if not found:
            names = ", ".join(map(str, frames))
            raise MismatchError(f"input '{port.name}' ('{port.origin}' in the original model) is missing among: {names}")
        arrays.append(np.asarray(found[0]))
    if len(frames) > len(inputs):
        raise MismatchError(f"{len(frames)} arrays are given but the model has {len(inputs)} inputs")
    return arrays


def _fit(array: np.ndarray, port: Port) -> np.ndarray:
    """`array` as [N, ...]: a missing batch axis is added, extents of 1 that only pad the rank are dropped."""
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    frame = port.shape[1:] if port.shape and port.shape[0] == 1 else port.shape
    original = port.original_shape[1:] if port.shape and port.shape[0] == 1 else port.original_shape
    for shape in (frame, original):
        if array.shape[1:] == shape:
            return array
    for shape in (frame, original):
        if array.shape == shape:
            return array[np.newaxis]
    squeezed = tuple(extent for extent in array.shape[1:] if extent != 1)
    if array.ndim > 1 and squeezed == tuple(extent for extent in frame if extent != 1):
        return array.reshape(len(array), *frame)
    raise MismatchError(
        f"the array is {array.shape} but input '{port.name}' takes [N, {', '.join(map(str, frame))}] "
        f"(N frames, extents as stored: rows, columns, channels for pictures)"
    )


def _collect(source: Any, inputs: list[Port], limit: int | None) -> Any:
    if callable(source):
        source = source()
    if not isinstance(source, Iterable):
        raise UnsupportedError(
            f"frames of type {type(source).__name__} (accepted: array, dict of arrays, path, iterable, callable returning one)"
        )
    columns: dict[str, list[np.ndarray]] = {}
    for element in itertools.islice(source, limit):
        if isinstance(element, (tuple, list)) and len(element) == 2 and not np.isscalar(element[0]):
            element = element[0]
        images = element if isinstance(element, Mapping) else {inputs[0].name: element}
        for name, image in images.items():
            columns.setdefault(name, []).append(np.asarray(image))
    if not columns:
        raise InvalidError("there are no frames: the iterable gave none")
    stacked = {name: np.stack(images) for name, images in columns.items()}
    return stacked if len(inputs) > 1 or len(stacked) > 1 else next(iter(stacked.values()))


def _read(path: pathlib.Path, inputs: list[Port]) -> Any:
    if not path.exists():
        raise NotFoundError(f"'{path}' does not exist; give a .npy or .npz file or a folder of .npy files")
    if path.is_dir():
        files = sorted(path.glob("*.npy"))
        if not files:
            raise InvalidError(f"folder '{path}' holds no .npy file")
        frame = inputs[0].shape[1:]
        parts = [np.load(file) for file in files]
        return np.concatenate([part[np.newaxis] if part.shape == frame else part for part in parts])
    try:
        loaded = np.load(path, mmap_mode="r" if path.suffix == ".npy" else None)
    except (OSError, ValueError) as fault:
        raise InvalidError(f"'{path}' cannot be read as .npy or .npz: {fault}") from fault
    if isinstance(loaded, np.ndarray):
        return loaded
    return dict(loaded) if len(loaded.files) > 1 or len(inputs) > 1 else loaded[loaded.files[0]]
