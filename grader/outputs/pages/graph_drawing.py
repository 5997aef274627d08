"""Draws an autograd graph with Graphviz's `dot`, where there is one.

SECURITY: what is drawn is the recorded graph, in DOT of ours, never the DOT source that a student's kernel gave: that
language can name files to read. Labels are quoted.
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
    'node [shape=box, style="filled", color="#c9c5bb", fillcolor="#f4f2ec", fontname="Helvetica", fontsize=10,'
    ' height=.22, margin="0.09,0.03"]'
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
"""What a drawing does without: its groups are flat, and every text has the same font, which the root is given."""
_ROOT = re.compile(r"<svg\b([^>]*)>")
_MOVED = re.compile(r'<g id="graph0"[^>]*translate\(([^)]*)\)')


class Drawings:
    """Draws graphs, each of a class once."""

    def __init__(self) -> None:
        self._drawn: dict[str, str] = {}

    def of(self, graph: Graph) -> str:
        """A drawing as a `data:` address; empty without `dot`, and where the graph is too large or has no nodes."""
        dot = _dot()
        if dot is None or not 0 < len(graph.labels) <= MAX_NODES:
            return ""
        source = _dot_source(graph)
        key = hashlib.sha256(source.encode()).hexdigest()
        if key not in self._drawn:
            self._drawn[key] = _drawn(dot, source)
        return self._drawn[key]


def counted(graph: Graph) -> str:
    """A graph in one line: its operations, the most frequent first."""
    found = sorted(operations(graph).items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {plain(name)}" for name, count in found)


@functools.cache
def _dot() -> str | None:
    return shutil.which("dot")


def _dot_source(graph: Graph) -> str:
    """DOT: inputs above what is made of them, as `torchviz` draws."""
    nodes = (
        f"{place} [label={_quoted(_label(label))}{_look(label)}];"
        for place, label in enumerate(graph.labels)
    )
    known = range(len(graph.labels))
    edges = (f"{child}->{node};" for node, child in graph.edges if node in known and child in known)
    return f"digraph {{{_STYLE}{''.join(nodes)}{''.join(edges)}}}"


def _label(label: str) -> str:
    """`Convolution` of `ConvolutionBackward0`, `64×3×7×7` of `parameter(64, 3, 7, 7)`."""
    name, bracket, shape = plain(label)[:80].partition("(")
    if not bracket:
        return operation(name)
    return shape.rstrip("),").replace(", ", "×") or "1"


def _look(label: str) -> str:
    if label.startswith("parameter("):
        return f", {_PARAMETER}"
    return f", {_LEAF}" if label.startswith("leaf(") else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _drawn(dot: str, source: str) -> str:
    """What dot makes of a source, as a `data:` address; empty if it fails or takes too long."""
    try:
        done = subprocess.run(
            [dot, "-Tsvg"],
            input=source,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    if done.returncode:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(_slim(done.stdout).encode()).decode()}"


def _slim(svg: str) -> str:
    """A drawing of dot's without what it repeats: half its size."""
    moved = _MOVED.search(svg)
    slim = _NOISE.sub("", svg).strip()
    group = f'<g transform="translate({moved[1]})">' if moved else "<g>"
    return _ROOT.sub(rf"<svg\1 {_FONT}>{group}", slim, count=1).replace("</svg>", "</g></svg>")
