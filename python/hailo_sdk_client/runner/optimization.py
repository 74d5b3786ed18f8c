"""The part of a runner that changes the model: model scripts, optimization in floats, quantization, and its analysis."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import graupel
from hailo_sdk_client.exposed_definitions import CalibrationDataType, States
from hailo_sdk_client.runner.base import PathLike, RunnerBase
from hailo_sdk_client.runner.data import stored_arrays
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException
from hailo_sdk_client.runner.script import first_frames, flavor, load_script, modifications

_ANALYZE_MODES = ("simple", "advanced")


class Optimization(RunnerBase):
    """Model scripts and what they steer."""

    def load_model_script(self, model_script: PathLike | None = None, append: bool = False) -> None:
        """Takes a model script: a path, the text itself, or None. Without `append` it replaces the one before. Paths in a
        script file are relative to the file's folder.

        Raises:
            AllocatorScriptParserException: a script that is wrong, with line and column.
        """
        origin, sentences = load_script(self.model, model_script, append)
        self._logger.info(f"Loading model script commands to {self.model_name} from {origin}")
        for sentence in sentences:
            self._logger.warning(sentence)

    @property
    def model_script(self) -> str:
        """The loaded script: one command a line, arguments joined by ", ", paths absolute."""
        return self.model.script.strip()

    @property
    def modifications_meta_data(self) -> Any:
        """`inputs` and `outputs`: layer → what the model script did to it."""
        return modifications(self.model)

    def optimize_full_precision(self, calib_data: Any = None, data_type: CalibrationDataType = CalibrationDataType.auto) -> None:
        """Optimizes in floats, with what the model script changes.

        Args:
            calib_data, data_type: not read: no optimization in floats needs data here.
        """
        self._need_exactly("optimize_full_precision", [States.HAILO_MODEL])
        self._report(self.model.optimize_full_precision())

    def optimize(self, calib_data: Any, data_type: CalibrationDataType = CalibrationDataType.auto, *, work_dir: Any = None,
                 checkpoint: Any = None, memento: Any = None) -> None:
        """Optimizes in floats unless that is done, then quantizes.

        Args:
            calib_data: an array [N, rows, columns, channels]; a dict of them by input layer; the path of an npy file or of a
                folder of them; or a callable without arguments that returns an iterable of (image, info) pairs, such as a
                tf.data.Dataset. The first 64 (or what the model script's calibset_size says) are used.
            data_type: what `calib_data` is; auto looks at it.
            work_dir, checkpoint, memento: without an effect; a warning says so.

        Raises:
            graupel.Error: data that do not fit; layers that cannot be quantized.
            InvalidStateException: the model is quantized already.
        """
        self._need_exactly("optimize", [States.HAILO_MODEL, States.FP_OPTIMIZED_MODEL])
        if calib_data is None:
            raise InvalidArgumentsException("optimize: calib_data is None; give an array [N, rows, columns, channels], a dict, a path "
                                            "or a callable that returns an iterable of (image, info) pairs")
        self._say_unused("optimize", {"work_dir": work_dir, "checkpoint": checkpoint, "memento": memento})
        done = self.model.copy()
        floats = None if self.state is States.FP_OPTIMIZED_MODEL else done.optimize_full_precision()
        summary = done.optimize(stored_arrays(done.inputs, calib_data, first_frames(done), data_type))
        self._model = done
        if floats is not None:
            self._say(floats)
        self._report(summary)

    def analyze_noise(self, dataset: Any, data_type: CalibrationDataType = CalibrationDataType.auto, data_count: int | None = None,
                      batch_size: int = 1, analyze_mode: str = "simple") -> None:
        """Signal-to-noise ratio in dB, quantized against optimized; kept in the HAR, and in `get_params_statistics`.

        Args:
            dataset, data_type: as for `optimize`.
            data_count: use at most so many samples.
            batch_size: no result depends on it.
            analyze_mode: simple: of every layer in the quantized network (``layer_noise_analysis/snr``); advanced: also of every
                output where that layer alone is quantized (``layer_noise_analysis/partial_snr``).
        """
        self._need("analyze_noise", States.QUANTIZED_MODEL, "optimize()")
        if analyze_mode not in _ANALYZE_MODES:
            raise InvalidArgumentsException(f"analyze_noise: analyze_mode '{analyze_mode}' (accepted: {', '.join(_ANALYZE_MODES)})")
        frames = stored_arrays(self.model.inputs, dataset, data_count, data_type)
        for name, snr in self.model.analyze_noise(frames, each_alone=analyze_mode == "advanced").items():
            self._logger.info(f"Output layer signal-to-noise ratio (SNR): {name}: {snr:.2f} dB")

    @property
    def _sdk_backend(self) -> Any:
        return SimpleNamespace(mo_flavor=flavor(self.model))

    def _say(self, summary: graupel.Summary) -> None:
        for message in summary.messages:
            self._logger.info(message)
        for warning in summary.warnings:
            self._logger.warning(warning)

    def _report(self, summary: graupel.Summary) -> None:
        self._runners.clear()
        self._say(summary)
        frames = f" ({summary.frames} calibration frames)" if summary.frames else ""
        self._logger.info(f"Model Optimization is done{frames}")
