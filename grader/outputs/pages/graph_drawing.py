"""Draw an autograd graph with Graphviz's `dot`, if it is installed.

SECURITY: the DOT source is generated here from the recorded graph, and never taken from a student's
kernel: DOT can name files to read. Labels are quoted.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import shutil
import subprocess

from grader.grading.graphs import operation, operations
from grader.outputs.safe_text import plain
from grader.trace import Graph

MAX_NODES = 400
"""A larger graph is not drawn: dot takes minutes for thousands of nodes, and nobody reads them."""
TIMEOUT_S = 20.0
"""Longest time for one drawing."""

_STYLE = (
    'graph [rankdir=TB, nodesep=.15, ranksep=.22, margin=.1, bgcolor="transparent"]'
    'node [shape=box, style="filled", color="#c9c5bb", fillcolor="#f4f2ec",'
    ' fontname="Helvetica", fontsize=10, height=.22, margin="0.09,0.03"]'
    'edge [color="#8b8880", arrowhead=none]'
)
_PARAMETER = 'color="#8b90c9", fillcolor="#e9eafb"'
_LEAF = 'color="#d59a2e", fillcolor="#fff4d6"'
_FONT = 'text-anchor="middle" font-family="Helvetica,Arial,sans-serif" font-size="10"'
_NOISE = re.compile(
    r"<!--.*?-->|<title>.*?</title>|<\?xml.*?\?>|<!DOCTYPE[^>]*>|</?g\b[^>]*>|\n"
    r'| (?:text-anchor|font-family|font-size|xmlns:xlink)="[^"]*"',
    re.DOTALL,
)
"""Removable parts of a drawing.

Its groups are flat, and every text has the same font, which is set on the root element.
"""
_ROOT = re.compile(r"<svg\b([^>]*)>")
_TRANSLATION = re.compile(r'<g id="graph0"[^>]*translate\(([^)]*)\)')


class Drawings:
    """Draws graphs, each only once for a class."""

    def __init__(self) -> None:
        self._address_by_hash: dict[str, str] = {}

    def draw(self, graph: Graph) -> str:
        """Draw a graph.

        Returns:
            A `data:` address; empty without `dot`, and for a graph that is empty or too large.
        """
        dot = _dot()
        if dot is None:
            return ""
        if not 0 < len(graph.labels) <= MAX_NODES:
            return ""

        source = _dot_source(graph)
        key = hashlib.sha256(source.encode()).hexdigest()
        if key not in self._address_by_hash:
            self._address_by_hash[key] = _draw(dot, source)
        return self._address_by_hash[key]


def operation_counts(graph: Graph) -> str:
    """Count the operations of a graph on one line, the most frequent first."""
    counts = operations(graph)
    by_frequency = sorted(counts, key=lambda name: (-counts[name], name))
    parts = []
    for name in by_frequency:
        shown_name = plain(name)
        parts.append(f"{counts[name]} {shown_name}")
    return ", ".join(parts)


@functools.cache
def _dot() -> str | None:
    return shutil.which("dot")


def _dot_source(graph: Graph) -> str:
    """Format a graph as DOT, inputs above their results, as `torchviz` draws."""
    node_count = len(graph.labels)
    statements = [_STYLE]

    for index, label in enumerate(graph.labels):
        text = _quote(_short_label(label))
        statements.append(f"{index} [label={text}{_node_style(label)}];")

    for node, child in graph.edges:
        if 0 <= node < node_count and 0 <= child < node_count:
            statements.append(f"{child}->{node};")

    return f"digraph {{{''.join(statements)}}}"


def _short_label(label: str) -> str:
    """Shorten `ConvolutionBackward0` to `Convolution`, `parameter(64, 3, 7, 7)` to `64×3×7×7`."""
    name, bracket, shape = plain(label)[:80].partition("(")
    if not bracket:
        return operation(name)
    return shape.rstrip("),").replace(", ", "×") or "1"


def _node_style(label: str) -> str:
    if label.startswith("parameter("):
        return f", {_PARAMETER}"
    if label.startswith("leaf("):
        return f", {_LEAF}"
    return ""


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _draw(dot: str, source: str) -> str:
    """Run dot, and return its drawing as a `data:` URL; empty if it fails or hangs."""
    try:
        process = subprocess.run(
            [dot, "-Tsvg"],
            input=source,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if process.returncode:
        return ""
    svg = _slim(process.stdout)
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _slim(svg: str) -> str:
    """Remove repetitions from a drawing of dot, which halves its size."""
    translation = _TRANSLATION.search(svg)
    group = "<g>"
    if translation:
        group = f'<g transform="translate({translation[1]})">'
    slim = _NOISE.sub("", svg).strip()
    opened = _ROOT.sub(rf"<svg\1 {_FONT}>{group}", slim, count=1)
    return opened.replace("</svg>", "</g></svg>")
