"""A model at its stages: parsed, optimized, quantized, compiled."""

from __future__ import annotations

import dataclasses
import io
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np

from graupel.errors import InvalidError
from graupel.frames import Frames, arrays_of
from graupel.native import _graupel

PathLike = Union[str, "os.PathLike[str]"]

#: How a model is run: floats as parsed, floats as optimized, the quantized emulation, the compiled program. The last two
#: give the same bytes.
STAGES = ("native", "optimized", "quantized", "compiled")


@dataclasses.dataclass(frozen=True)
class Port:
    """An input or output.

    Attributes:
        name: of the input, or of the layer that makes the output.
        shape: extents of one frame as stored; pictures are 1, rows, columns, channels.
        origin: the tensor's name in the original model.
        order: stored extent ``i`` is the original's extent ``order[i]``; empty when not known.
        preprocess: how a picture becomes the input, as declared beside the model.
    """

    name: str
    shape: tuple[int, ...]
    origin: str
    order: tuple[int, ...] = ()
    preprocess: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def original_shape(self) -> tuple[int, ...]:
        """Extents as the original model has them."""
        shape = list(self.shape)
        for i, axis in enumerate(self.order):
            shape[axis] = self.shape[i]
        return tuple(shape)


@dataclasses.dataclass(frozen=True)
class Summary:
    """What optimizing did: rewrites by rule, warnings, frames used, and what the vendor's tools print of it."""

    rewrites: Mapping[str, int]
    warnings: Sequence[str]
    frames: int
    messages: Sequence[str] = ()


class Runner:
    """A stage of a model bound to this machine; later changes of the model do not reach it.

    The compiled stage can fill every buffer with a byte (``poison``) before each frame, which must not change a result, and
    check first that this CPU computes what the compiler computed (``self_test``).
    """

    def __init__(self, model: Model, stage: str = "", threads: int = 0, *, poison: int | None = None, self_test: bool = False,
                 nms_score_threshold: float | None = None):
        self._native = _graupel.Runner(model._native, stage, threads, poison, self_test, nms_score_threshold)
        #: Inputs of the graph that this stage runs.
        self.inputs: list[Port] = [_port(p) for p in self._native.inputs()]
        #: Names of the outputs in the original model.
        self.output_names: list[str] = [name for name, _ in self._native.outputs()]

    def __call__(self, frames: Frames, limit: int | None = None) -> list[np.ndarray]:
        """Runs all frames.

        Args:
            frames: the inputs (see `graupel.frames.Frames`), values as the stage takes them. An array of uint8 gets the
                declared preprocess, if there is one.
            limit: run at most so many frames.

        Returns:
            One float32 array ``[N, ...]`` per output, extents as stored (NHWC).

        Raises:
            MismatchError: shapes that do not fit. InvalidError: NaN or infinity in an input.
        """
        return [np.asarray(output) for output in self._native.run(arrays_of(frames, self.inputs, limit), [], {})]

    @property
    def layers(self) -> list[str]:
        """Layers that `tap` can show, in execution order. Of the compiled stage: those not fused into another."""
        return self._native.layers()

    def tap(self, frames: Frames, layers: str | Sequence[str] = "all", limit: int | None = None) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
        """Runs all frames and looks inside; no output changes by a byte.

        Args:
            frames, limit: as for a call.
            layers: names, with or without the network's (``"net/conv1"``, ``"conv1"``), or ``"all"``. At the compiled stage a
                layer that is fused into the next is shown by that one.

        Returns:
            The outputs, and layer name → float32 array ``[N, ...]`` of that layer's output, in execution order.

        Raises:
            NotFoundError: a name without an output of its own; the nearest are told.
        """
        tapped: dict[str, Any] = {}
        wanted = [layers] if isinstance(layers, str) else list(layers)
        outputs = self._native.run(arrays_of(frames, self.inputs, limit), wanted, tapped)
        return [np.asarray(output) for output in outputs], {name: np.asarray(tapped[name]) for name in self.layers if name in tapped}


class Model:
    """A model from an ONNX file, a HAR or a HEF. Made by `parse` or `load`."""

    def __init__(self, native: Any):
        self._native = native
        #: What the vendor's parser prints, line by line, when the model was just parsed.
        self.messages: list[str] = []

    def __repr__(self) -> str:
        return f"<graupel.Model '{self.name}', {self.stage}>"

    @property
    def name(self) -> str:
        """The network's name."""
        return self._native.name

    @property
    def kind(self) -> str:
        """What the file was: onnx, har or hef."""
        return self._native.kind

    @property
    def stage(self) -> str:
        """How far it has come: parsed, optimized, quantized or compiled."""
        return self._native.stage

    @property
    def stages(self) -> list[str]:
        """Every stage that is held."""
        return self._native.stages

    @property
    def inputs(self) -> list[Port]:
        """Inputs in order."""
        return [_port(p) for p in self._native.ports(True)]

    @property
    def outputs(self) -> list[Port]:
        """Outputs in order."""
        return [_port(p) for p in self._native.ports(False)]

    @property
    def recipe(self) -> str:
        """The model script's text, or an empty string."""
        return self._native.recipe

    def load_recipe(self, recipe: str | os.PathLike[str], *, append: bool = False, folder: PathLike = "") -> list[str]:
        """Takes a model script, which acts when the model is optimized.

        Args:
            recipe: the text, or an `os.PathLike` of a file.
            append: add to the one before.
            folder: what relative paths in a text start from; those of a file start from its folder.

        Returns:
            Sentences on commands that have no effect.

        Raises:
            InvalidError: syntax, commands, arguments, layers; line, column and the nearest names are told.
        """
        if isinstance(recipe, os.PathLike):
            return self._native.load_recipe_file(os.fspath(recipe), append)
        return self._native.load_recipe(recipe, os.fspath(folder), append)

    @property
    def script(self) -> str:
        """The recipe as commands, one a line, arguments joined by ", ", paths absolute."""
        return self._native.script()

    @property
    def calibration_frames(self) -> int | None:
        """How many frames the recipe says calibration should use."""
        return self._native.calibration_frames()

    @property
    def modifications(self) -> list[dict[str, Any]]:
        """What the recipe did to inputs and outputs: ``of_input``, ``port``, ``command``, ``kind``, ``emulated``, ``shape``, ``layers``."""
        return self._native.modifications()

    @property
    def modifications_meta(self) -> dict[str, Any]:
        """The same by HN layer, ``inputs`` and ``outputs``, with the vendor's keys, and where boxes come out (docs/formats.md)."""
        return json.loads(self._native.modifications_meta())

    @property
    def hw_arch(self) -> str:
        """The chip that the vendor's tools would compile for; no number depends on it."""
        return self._native.hw_arch

    @hw_arch.setter
    def hw_arch(self, arch: str) -> None:
        self._native.hw_arch = arch

    @property
    def hef(self) -> bytes | None:
        """The compiled file, once there is one."""
        return self._native.hef or None

    @hef.setter
    def hef(self, data: bytes | None) -> None:
        self._native.hef = data

    def join(self, other: Model, edges: Mapping[str, str] | str = "none", *, outputs: str = "last") -> None:
        """Puts another model's layers behind this one's: one network under this one's name.

        Args:
            other: at the same stage.
            edges: this model's layer, input or output → the other's input that it feeds; or ``"none"``, ``"chain"`` (each output
                feeds the input in its place), ``"inputs"`` (both read the same inputs). With edges both must be parsed only.
            outputs: where the other's outputs go: ``"last"``, ``"first"``, ``"in_place"`` (of the first output that is consumed).

        Raises:
            InvalidError: stages, a model script of the other's that has not acted. NotFoundError: a name. MismatchError: shapes.
        """
        named = isinstance(edges, str)
        self._native.join(other._native, edges if named else "custom", [] if named else list(edges.items()), outputs)

    @property
    def original_meta(self) -> dict[str, Any]:
        """Where the original model's ``inputs`` and ``outputs`` went, and in ``inverse_postprocess_io_map`` which layer makes what an
        input of the cut-off tail takes (docs/formats.md)."""
        return json.loads(self._native.original_meta())

    @property
    def noise(self) -> dict[str, np.ndarray]:
        """What `analyze_noise` found: ``<net>/<layer>/layer_noise_analysis/snr`` and ``…/partial_snr``, in dB."""
        return {name: np.asarray(array) for name, array in self._native.noise().items()}

    def copy(self) -> Model:
        """An independent copy; data is shared until it is replaced."""
        return Model(self._native.copy())

    def save(self, path: PathLike) -> None:
        """Writes a HAR: the same model gives the same bytes. The file is either whole or as it was."""
        self._native.save(os.fspath(path))

    def optimize(self, frames: Frames, *, method: str = "mse", percentile: float = 99.99, threads: int = 0,
                 limit: int | None = None) -> Summary:
        """Optimizes in floats unless that is done, with what the recipe changes, then quantizes.

        Args:
            frames: calibration inputs (see `graupel.frames.Frames`).
            method: how ranges of activations are found: ``"mse"``, ``"percentile"`` or ``"minmax"``.
            percentile: for ``"percentile"``, and where ``"mse"`` starts.
            threads: 0 is all CPUs; results never depend on it.
            limit: use at most so many frames.

        Raises:
            InvalidError: no frames, NaN in a frame. MismatchError: frames that do not fit. UnsupportedError: a layer
                without an integer meaning.
        """
        native = self._native.copy()
        floats: Mapping[str, Any] = {"rewrites": {}, "warnings": [], "messages": []}
        if self.stage != "optimized":
            floats = native.optimize_full_precision()
        arrays = arrays_of(frames, Model(native).inputs, limit)
        done = native.optimize(arrays, method, percentile, threads)
        self._native = native
        return Summary(floats["rewrites"], floats["warnings"] + done["warnings"], done["frames"], floats["messages"])

    def optimize_full_precision(self) -> Summary:
        """Optimizes in floats, with what the recipe changes; drops later stages.

        Raises:
            InvalidError: a command that cannot be carried out, with line and column.
        """
        done = self._native.optimize_full_precision()
        return Summary(done["rewrites"], done["warnings"], done["frames"], done["messages"])

    def compile(self, *, vendor_inspectable: bool = False) -> bytes:
        """Compiles the quantized graph; the bytes of the HEF, which the model also keeps.

        Args:
            vendor_inspectable: let the vendor's tools open the file: leave out the extension at which their runtimes refuse it.

        Raises:
            InvalidError: the model is not quantized.
        """
        self._native.compile(vendor_inspectable)
        return self._native.hef

    def runner(self, stage: str = "", threads: int = 0, *, poison: int | None = None, self_test: bool = False,
               nms_score_threshold: float | None = None) -> Runner:
        """A stage ready to run many times (see `STAGES`; empty: the latest, and `Runner`).

        Args:
            nms_score_threshold: replaces that of nms_postprocess.

        Raises:
            InvalidError: a stage that the model does not hold; those it holds are named. A threshold where nothing is suppressed.
            MismatchError: the self-test found the first layer that differs. UnsupportedError: there is nothing to test with.
        """
        return Runner(self, stage, threads, poison=poison, self_test=self_test, nms_score_threshold=nms_score_threshold)

    def run(self, frames: Frames, stage: str = "", threads: int = 0) -> dict[str, np.ndarray]:
        """Runs all frames at a stage: output name in the original model → float32 array ``[N, ...]``, NHWC."""
        runner = self.runner(stage, threads)
        return dict(zip(runner.output_names, runner(frames)))

    def compare(self, frames: Frames, *, stage: str = "", reference_stage: str = "", reference: Model | None = None,
                threads: int = 0) -> dict[str, Any]:
        """Two stages, or two models, tensor by tensor.

        Args:
            frames: what both sides are fed.
            stage: of this model; default: the latest.
            reference_stage: default: native, or optimized where the recipe changed inputs or added nms_postprocess; of another
                model its latest.
            reference: the other model; default: this one.

        Returns:
            ``frames``, ``reference_stage``, ``stage``, ``warnings`` (why the figures might be misread), ``outputs`` (in order) and ``layers`` (worst first); each tensor has ``name``, ``origins``, ``snr_db``,
            ``cosine``, ``max_abs``, ``mean_abs`` and mean and standard deviation of both sides.
        """
        reference = reference or self
        stage = stage or _run_stage(self.stage)
        arrays = arrays_of(frames, reference.inputs)
        return _graupel.compare(reference._native, reference_stage, self._native, stage, arrays, threads)

    def analyze_noise(self, frames: Frames, *, each_alone: bool = False, threads: int = 0) -> dict[str, float]:
        """Signal-to-noise ratios of the quantized graph against the optimized one; `noise` and the HAR keep them by layer.

        Args:
            frames: inputs (see `graupel.frames.Frames`).
            each_alone: also quantize one layer at a time: which layer costs how much at each output.

        Returns:
            Output → dB.

        Raises:
            InvalidError: the model is not quantized, or no frames.
        """
        return self._native.analyze_noise(arrays_of(frames, self.inputs), each_alone, threads)

    def verify(self, frames: Frames, *, hef: Model | None = None, threads: Sequence[int] = (1, 2),
               batches: Sequence[int] = (1, 2)) -> dict[str, Any]:
        """Whether the program (of `hef`, else what this compiles to) gives the bytes of the quantized emulation, at every
        instruction set of this CPU, thread count and batch.

        Returns:
            ``difference``: None when all bytes are equal, else the first that differs; ``runs``, ``combinations``,
            ``bytes_compared``.
        """
        arrays = arrays_of(frames, self.inputs)
        return _graupel.verify(self._native, hef and hef._native, arrays, list(threads), list(batches))

    def bench(self, seconds: float = 1.0, threads: int = 0) -> dict[str, Any]:
        """How fast the compiled program runs here: ``median_ms``, ``frames_per_second``, ``macs``, ``isa``, ``threads`` and
        ``layers``, slowest first, each with ``us`` and ``share``.

        Raises:
            InvalidError: nothing is compiled.
        """
        return _graupel.bench(self._native, seconds, threads)

    def inspect(self, stage: str = "") -> dict[str, Any]:
        """Name, stage, ports and layers (name, op, dtype, shape, scale, origins)."""
        return {"name": self.name, "stage": self.stage, "stages": self.stages, "hw_arch": self.hw_arch,
                "inputs": self.inputs, "outputs": self.outputs, "layers": self._native.layers(stage)}

    def hn(self, stage: str = "") -> dict[str, Any]:
        """The vendor's view of the graph: ``name``, ``net_params``, ``layers`` (docs/formats.md)."""
        return json.loads(self._native.hn(stage))

    def set_hn(self, hn: Mapping[str, Any]) -> None:
        """Applies edits of `hn`'s document to the latest graph: names of layers, order of outputs, interval activations.

        Raises:
            UnsupportedError: any other edit, named.
        """
        try:
            text = json.dumps(hn)
        except (TypeError, ValueError) as fault:
            raise InvalidError(f"the HN cannot be written as JSON: {fault}") from fault
        self._native.set_hn(text)

    def parameters(self, stage: str = "") -> dict[str, np.ndarray]:
        """Parameters of a graph (parsed, optimized or quantized; empty: the latest), read-only views named ``<net>/<layer>/<role>:0``;
        kernels are [rows, columns, in, out] or [in, out]. When quantized they are integers."""
        return {name: np.asarray(array) for name, array in self._native.parameters(stage).items()}

    def parameter_bytes(self, stage: str = "") -> bytes:
        """`parameters` as the bytes of an npz file."""
        buffer = io.BytesIO()
        np.savez(buffer, **self.parameters(stage))
        return buffer.getvalue()

    def set_parameters(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Replaces parameters of the latest graph by name; the others stay.

        Raises:
            NotFoundError: an unknown name. MismatchError: another shape or element type.
        """
        self._native.set_parameters({name: np.ascontiguousarray(array) for name, array in parameters.items()})


def _port(entry: Mapping[str, Any]) -> Port:
    return Port(entry["name"], tuple(entry["shape"]), entry["origin"], tuple(entry["order"]), entry["preprocess"])


def _run_stage(stage: str) -> str:
    return {"parsed": "native"}.get(stage, stage)


def parse(path: PathLike, *, start_nodes: Sequence[str] = (), end_nodes: Sequence[str] = (),
          input_shapes: Mapping[str, Sequence[int]] | None = None, name: str = "", preprocess: PathLike | bool = True, advice: str = "ignore") -> Model:
    """Parses an ONNX file.

    Args:
        path: the file; external data is read beside it.
        start_nodes, end_nodes: names of nodes or tensors that cut out a part; outputs come in the order of `end_nodes`.
        input_shapes: by tensor name, in ONNX order, for extents that the file leaves open.
        name: of the network; default: the file's stem.
        preprocess: a YAML that declares how pictures become inputs; True: ``<stem>.yaml`` beside the model if there is one;
            False: none.
        advice: where end nodes are recommended and none are given: ``"ignore"``; ``"mention"``: say so in `Model.messages`, or in
            the error; ``"follow"``: end there and, of a detector's heads, add nms_postprocess to the recipe.

    Raises:
        UnsupportedError: every node that is not supported, one line each. NotFoundError: file, node or input names.
        InvalidError: open extents, a batch above 1.
    """
    declared = None if preprocess is False else "" if preprocess is True else os.fspath(preprocess)
    shapes = {key: [int(extent) for extent in shape] for key, shape in (input_shapes or {}).items()}
    native, messages = _graupel.Model.parse(os.fspath(path), list(start_nodes), list(end_nodes), shapes, name, declared, advice)
    model = Model(native)
    model.messages = messages
    return model


def load(path: PathLike) -> Model:
    """A model from a file of any kind: ONNX (parsed), HAR or HEF, told apart by content.

    Raises:
        NotFoundError, IoError: the file. CorruptError, MismatchError: its content.
    """
    return Model(_graupel.Model.load(os.fspath(path)))
