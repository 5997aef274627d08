"""Draw the rooms of `grader/` and the imports between them, as docs/architecture.svg.

Rows are the layers of the contract in pyproject.toml. A line is a room that imports another; a
line that others add up to is left out.

With `--check`, end with 1 where the drawing in docs/ is out of date.

    python scripts/draw_rooms.py [--check]
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import grimp

ROOT = Path(__file__).parent.parent
DRAWING = ROOT / "docs" / "architecture.svg"
CONTRACTS = ROOT / "pyproject.toml"

WIDTH = 760
ROW_HEIGHT = 78
BOX_WIDTH, BOX_HEIGHT = 130, 40
TOP = 30

STYLE = """
  .room { fill: #f6f8fa; stroke: #57606a; }
  .name { fill: #1f2328; font: 15px ui-monospace, monospace; text-anchor: middle; }
  .import { stroke: #0969da; stroke-width: 1.4; fill: none; opacity: .6; }
"""

Imports = set[tuple[str, str]]
"""Pairs of rooms of which the first imports the second."""


@dataclass(frozen=True)
class Box:
    """Where a room is drawn: the middle of its upper edge, in pixels."""

    x: float
    y: float


def read_layers() -> list[list[str]]:
    """Read the layers, top first, each with its rooms and modules."""
    tables = tomllib.loads(CONTRACTS.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(table["layers"] for table in tables if table["type"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in layers]


def find_imports(rooms: set[str]) -> Imports:
    """Find the imports between rooms."""
    graph = grimp.build_graph("grader")
    imports: Imports = set()
    for importer in graph.modules:
        source = _room(importer)
        for imported in graph.find_modules_directly_imported_by(importer):
            target = _room(imported)
            if source in rooms and target in rooms and source != target:
                imports.add((source, target))
    return imports


def _room(module: str) -> str:
    _, _, rest = module.partition(".")
    return rest.partition(".")[0]


def without_shortcuts(imports: Imports) -> Imports:
    """Leave out imports between rooms that are also connected by way of other rooms."""
    targets: dict[str, set[str]] = {}
    for source, target in imports:
        targets.setdefault(source, set()).add(target)

    def is_shortcut(source: str, target: str) -> bool:
        others = targets[source] - {target}
        return any(target in _reachable(other, targets) for other in others)

    return {pair for pair in imports if not is_shortcut(*pair)}


def _reachable(room: str, targets: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [room]
    while waiting:
        for target in targets.get(waiting.pop(), ()):
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def place(layers: list[list[str]]) -> dict[str, Box]:
    """Place each row in the middle of the drawing, one below the other."""
    boxes: dict[str, Box] = {}
    for row, layer in enumerate(layers):
        step = WIDTH / (len(layer) + 1)
        for column, room in enumerate(layer, 1):
            # Every other row is moved a little, so that lines do not run through boxes.
            shift = 60 if row % 2 and len(layer) == 1 else 0
            boxes[room] = Box(step * column + shift, TOP + row * ROW_HEIGHT)
    return boxes


def draw(layers: list[list[str]], imports: Imports) -> str:
    """Draw rooms and imports as SVG."""
    boxes = place(layers)
    height = TOP + len(layers) * ROW_HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>The rooms of grader/ and the imports between them</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for source, target in sorted(imports):
        parts.append(_line(boxes[source], boxes[target]))
    for room, box in boxes.items():
        parts.append(_box(room, box))
    return "\n".join([*parts, "</svg>", ""])


def _line(source: Box, target: Box) -> str:
    start_y = source.y + BOX_HEIGHT
    middle_y = (start_y + target.y) / 2
    return (
        f'<path class="import" d="M {source.x:.0f} {start_y:.0f} '
        f"C {source.x:.0f} {middle_y:.0f}, {target.x:.0f} {middle_y:.0f}, "
        f'{target.x:.0f} {target.y:.0f}"/>'
    )


def _box(room: str, box: Box) -> str:
    left = box.x - BOX_WIDTH / 2
    return (
        f'<rect class="room" x="{left:.0f}" y="{box.y:.0f}" width="{BOX_WIDTH}" '
        f'height="{BOX_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{box.x:.0f}" y="{box.y + 26:.0f}">{escape(room)}</text>'
    )


def main(*, check: bool) -> int:
    """Write the drawing, or say whether it is out of date.

    Returns:
        The exit code: 1 where the drawing in docs/ is out of date.
    """
    layers = read_layers()
    rooms = {room for layer in layers for room in layer}
    drawing = draw(layers, without_shortcuts(find_imports(rooms)))
    if not check:
        DRAWING.write_text(drawing, "utf-8")
        return 0
    if DRAWING.exists() and DRAWING.read_text("utf-8") == drawing:
        return 0
    print("docs/architecture.svg is out of date: run scripts/draw_rooms.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
