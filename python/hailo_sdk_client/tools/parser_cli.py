"""The parser's command line as an object: the Model Zoo drives parsing through it."""

from __future__ import annotations

import argparse
from typing import Any

from hailo_sdk_client.exposed_definitions import SUPPORTED_HW_ARCHS
from hailo_sdk_client.runner.exceptions import InvalidArgumentsException
from hailo_sdk_common.hailo_nn.exceptions import UnsupportedModelError


class NetParser:
    """Adds the parser's options to an `argparse.ArgumentParser`, and parses a model into a runner.

    Attributes:
        runner: the `ClientRunner` that gets the model; set it before `run`.
    """

    def __init__(self, parser: argparse.ArgumentParser):
        self.runner: Any = None
        frameworks = parser.add_subparsers(dest="input_framework")
        for framework in ("onnx", "tf"):
            verb = frameworks.add_parser(framework)
            verb.add_argument("model_path")
            verb.add_argument("--net-name")
            verb.add_argument("--har-path")
            verb.add_argument("--start-node-names", nargs="+")
            verb.add_argument("--end-node-names", nargs="+")
            verb.add_argument("--tensor-shapes", nargs="+")
            verb.add_argument("--hw-arch", choices=SUPPORTED_HW_ARCHS, help="default: the runner's")
            verb.add_argument("--augmented-path")
            verb.add_argument("--parsing-report-path")
            verb.add_argument("--disable-rt-metadata-extraction", action="store_true")
            verb.add_argument("--compare", action="store_true")
            verb.add_argument("-y", "--yes", dest="y", action="store_true")
        parser.set_defaults(func=self.run)

    def run(self, args: argparse.Namespace, save_model: bool = True) -> None:
        """Parses what `args` says; with `args.y` as recommended: of a detector its heads, with nms_postprocess in the model script.

        Raises:
            ParsingWithRecommendationException: as the runner does, when `args.y` is not set.
        """
        if self.runner is None:
            raise InvalidArgumentsException("NetParser: set .runner to a ClientRunner first")
        if str(args.input_framework).lstrip(".") != "onnx":
            raise UnsupportedModelError(f"'{args.model_path}': framework '{args.input_framework}' is not read (accepted: onnx); convert the "
                                        "model to ONNX")
        advice = "follow" if getattr(args, "y", False) else "mention"
        unused = {name: getattr(args, name, None) for name in ("augmented_path", "parsing_report_path", "disable_rt_metadata_extraction",
                                                               "compare", "input_format")}
        self.runner._say_unused("parser", unused)
        if getattr(args, "hw_arch", None) is not None:
            self.runner._arch = args.hw_arch
        self.runner._translate_onnx(args.model_path, args.net_name, args.start_node_names, args.end_node_names, _shapes(args.tensor_shapes),
                                    {}, advice)
        if save_model:
            self.runner.save_har(getattr(args, "har_path", None) or f"{self.runner.model_name}.har")


def _shapes(shapes: Any) -> Any:
    """None, a dict, a list of extents, or the command line's words: ``[1,3,320,320]`` or ``name=[1,3,320,320]``."""
    if not shapes or isinstance(shapes, dict) or not isinstance(shapes[0], str):
        return shapes or None
    parsed: dict[str, list[int]] = {}
    for word in shapes:
        name, _, extents = word.rpartition("=")
        try:
            parsed[name] = [int(extent) for extent in extents.strip("[]").split(",")]
        except ValueError:
            raise InvalidArgumentsException(f"tensor shape '{word}' (accepted: [1,3,320,320] or name=[1,3,320,320])") from None
    return parsed[""] if list(parsed) == [""] else parsed
