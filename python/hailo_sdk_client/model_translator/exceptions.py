"""What parsing raises."""

from __future__ import annotations

from hailo_sdk_common.hailo_nn.exceptions import UnsupportedModelError


class ParsingWithRecommendationException(UnsupportedModelError):
    """The model cannot be parsed whole, but a part can.

    Attributes:
        recommended_end_node_names: end nodes with which it parses.
    """

    def __init__(self, message: str, recommended_end_node_names: list[str]):
        super().__init__(message)
        self.recommended_end_node_names = list(recommended_end_node_names)


class MisspellNodeError(UnsupportedModelError):
    """A start or end node that the model does not have."""
