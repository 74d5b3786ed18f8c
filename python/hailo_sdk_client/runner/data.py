"""Data arguments as arrays by input."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

import graupel
from graupel.frames import arrays_of


def stored_arrays(inputs: Sequence[graupel.Port], dataset: Any, limit: int | None = None) -> dict[str, np.ndarray]:
    """Input name → [N, rows, columns, channels]. The vendor's calls take data as stored and never channels first.

    Raises:
        graupel.MismatchError: both shapes are named.
    """
    stored = [dataclasses.replace(port, order=tuple(range(len(port.shape)))) for port in inputs]
    return {port.name: array for port, array in zip(inputs, arrays_of(dataset, stored, limit))}
