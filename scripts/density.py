"""Print how densely the code is packed, room by room, and end with 1 where it is too dense to read.

Density is the number of expressions and statements (`ast.expr`, `ast.stmt`) per line of code.
Comments, blank lines and docstrings, also those below a field, are no lines of code. Modules and
functions that are too long are named, too.

    python scripts/density.py [FOLDER]
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_DENSITY = 4.8
"""Most expressions and statements a line, over the whole folder."""

MAX_MODULE_LINES = 450
MAX_FUNCTION_LINES = 50

NO_CODE = frozenset(
    (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
)


@dataclass
class Size:
    """Expressions and statements, and the lines of code they stand on."""

    nodes: int = 0
    lines: int = 0

    @property
    def density(self) -> float:
        """Expressions and statements a line; 0 where there is no code."""
        return self.nodes / self.lines if self.lines else 0.0

    def add(self, other: Size) -> None:
        """Add the size of another piece of code."""
        self.nodes += other.nodes
        self.lines += other.lines


def measure(source: str) -> Size:
    """Measure the source of one module."""
    tree = ast.parse(source)
    nodes = sum(isinstance(node, ast.expr | ast.stmt) for node in ast.walk(tree))
    lines = _token_lines(source) - _docstring_lines(tree)
    return Size(nodes, len(lines))


def _token_lines(source: str) -> set[int]:
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and _is_text(node.value):
            lines.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def too_long(path: Path) -> Iterator[str]:
    """Name the module if it is too long, and its functions that are."""
    source = path.read_text("utf-8")
    length = len(source.splitlines())
    if length > MAX_MODULE_LINES:
        yield f"{path} has {length} lines, at most {MAX_MODULE_LINES} are allowed"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES:
                where = f"{path}:{node.lineno}"
                yield f"{where} {node.name} has {length} lines, at most {MAX_FUNCTION_LINES}"


def main(folder: Path) -> int:
    """Print the table and what is too long.

    Returns:
        The exit code: 1 where the whole is too dense or a part too long.
    """
    rooms: dict[str, Size] = {}
    whole = Size()
    faults: list[str] = []
    for path in sorted(folder.rglob("*.py")):
        size = measure(path.read_text("utf-8"))
        rooms.setdefault(str(path.parent.relative_to(folder)), Size()).add(size)
        whole.add(size)
        faults.extend(too_long(path))
    for room, size in rooms.items():
        print(f"{room:32}{size.lines:7} lines{size.density:7.2f}")
    print(f"{folder.name + '/':32}{whole.lines:7} lines{whole.density:7.2f}")
    if whole.density > MAX_DENSITY:
        faults.append(f"{whole.density:.2f} a line is more than {MAX_DENSITY}: give steps a name")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "grader")))
