"""The profiler's page: one HTML file without anything from elsewhere."""

from __future__ import annotations

import html
import os
import pathlib
import webbrowser
from collections.abc import Mapping
from typing import Any


class ReactReportGenerator:
    """Writes what `ClientRunner.profile` gave as a page.

    Args:
        export: the profile.
        out_path: the HTML file to write.
    """

    def __init__(self, export: Mapping[str, Any], out_path: str | os.PathLike[str]):
        self._export = export
        self._path = pathlib.Path(out_path)

    def create_report(self, should_open_web_browser: bool = True) -> list[dict[str, Any]]:
        """Writes the page and returns the rows of its table of layers."""
        layers = self._export["stats"]["layers"]
        model = self._export["stats"]["model"]
        columns = list(layers[0]) if layers else []
        summary = "".join(f"<tr><th>{_text(key)}<td>{_text(value)}" for key, value in {**model, **self._export["latency_data"]}.items()
                          if not isinstance(value, (list, dict)))
        head = "".join(f"<th>{_text(column)}" for column in columns)
        rows = "".join("<tr>" + "".join(f"<td>{_text(layer[column])}" for column in columns) for layer in layers)
        self._path.write_text(f"<!doctype html><meta charset=utf-8><title>{_text(model['name'])}</title>"
                              "<style>body{font:14px sans-serif;margin:2em}td,th{padding:2px 10px;text-align:left}"
                              "tr:nth-child(even){background:#f2f2f2}</style>"
                              f"<h1>{_text(model['name'])}</h1><table>{summary}</table><h2>Layers</h2><table><tr>{head}{rows}</table>")
        if should_open_web_browser:
            webbrowser.open(self._path.resolve().as_uri())
        return layers


def _text(value: Any) -> str:
    return html.escape(f"{value:.4g}" if isinstance(value, float) else str(value))
