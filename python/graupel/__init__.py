"""Graupel: from a trained ONNX model to a compiled program that runs on any CPU, with one exact meaning.

    import graupel
    model = graupel.parse("model.onnx")
    model.optimize(calibration)                  # [N, rows, columns, channels]
    hef = model.compile()
    scores = model.run(pictures, stage="compiled")
    assert model.verify(pictures)["difference"] is None
"""

from graupel.errors import CorruptError, Error, InvalidError, IoError, MismatchError, NotFoundError, UnsupportedError
from graupel.frames import Frames
from graupel.model import STAGES, Model, Port, Runner, Summary, load, parse
from graupel.native import __version__, hw_archs, onnx_inputs, onnx_operators, recommended_end_nodes

__all__ = [
    "STAGES",
    "CorruptError",
    "Error",
    "Frames",
    "InvalidError",
    "IoError",
    "MismatchError",
    "Model",
    "NotFoundError",
    "Port",
    "Runner",
    "Summary",
    "UnsupportedError",
    "__version__",
    "hw_archs",
    "load",
    "onnx_inputs",
    "onnx_operators",
    "parse",
    "recommended_end_nodes",
]
