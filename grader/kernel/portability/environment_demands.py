"""Let a cell continue that demands another machine. Runs inside the student's kernel.

`assert DATA_DIR.exists()`, `assert "google.colab" in sys.modules` and `if torch.__version__ != …:
raise …` are right where the notebook was written, and say nothing of the answers. Such a test still
runs, and its result is ignored. If a folder or a version was needed, the line that uses it raises.
Inside `try` tests keep their results: a notebook that asks where it is may go on in either case.
"""

from __future__ import annotations

import ast

from grader.kernel.gpu.demands import copy_place, ends_cell, is_stop

PATH_TESTS = frozenset(("exists", "lexists", "isdir", "is_dir", "isfile", "is_file", "ismount"))
"""Functions and methods that look for a file or a folder."""

MACHINE = frozenset(
    (
        "__version__",
        "version_info",
        "python_version",
        "python_version_tuple",
        "hexversion",
        "environ",
        "getenv",
        "which",
        "uname",
        "cpu_count",
        "virtual_memory",
        "disk_usage",
    )
)
"""Attributes and functions that describe a machine, whatever they belong to."""

MODULES = {
    "sys": frozenset(("modules", "platform", "version", "executable", "prefix")),
    "os": frozenset(("name", "getcwd", "getlogin")),
    "platform": frozenset(("system", "platform", "machine", "node", "release")),
    "socket": frozenset(("gethostname",)),
    "getpass": frozenset(("getuser",)),
}
"""Per module, further attributes that describe a machine."""


class EnvironmentDemands(ast.NodeVisitor):
    """Relaxes the statements of a notebook that stop it for want of another machine."""

    def __init__(self) -> None:
        """Initialise without names."""
        self._names: set[str] = set()
        """Names of values that describe the machine: `IN_COLAB = "google.colab" in sys.modules`."""

    def relax(self, tree: ast.AST) -> None:
        """Make the statements of a cell not stop it for want of another machine."""
        self.visit(tree)

    def visit_Try(self, node: ast.Try) -> None:
        """Leave the tests inside as they are, except where no exception is caught."""
        if not node.handlers:
            self.generic_visit(node)
            return
        for statement in (*node.orelse, *node.finalbody):
            self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Follow what describes the machine through names."""
        describes = self._describes_machine(node.value)
        for target in node.targets:
            if not isinstance(target, ast.Name):
                continue
            if describes:
                self._names.add(target.id)
            else:
                self._names.discard(target.id)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Make an assertion true."""
        node.test = self._relaxed(node.test, result=True)

    def visit_If(self, node: ast.If) -> None:
        """Make the branch that stops not be taken."""
        if ends_cell(node.body):
            node.test = self._relaxed(node.test, result=False)
        elif ends_cell(node.orelse):
            node.test = self._relaxed(node.test, result=True)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """Do `"google.colab" in sys.modules or sys.exit("on Colab only")`."""
        match node.value:
            case ast.BoolOp(op=ast.Or(), values=[*tests, last]) if is_stop(last):
                if all(map(self._is_demand, tests)):
                    node.value = _with_result(tests[-1], result=True)

    def _relaxed(self, test: ast.expr, *, result: bool) -> ast.expr:
        """Give the parts of a test that are about the machine the result that lets it go on."""
        if self._is_demand(test):
            return _with_result(test, result=result)
        operator = ast.And if result else ast.Or
        if isinstance(test, ast.BoolOp) and isinstance(test.op, operator):
            test.values = [self._relaxed(part, result=result) for part in test.values]
        return test

    def _is_demand(self, test: ast.expr) -> bool:
        """Return whether all parts of a test are about the machine."""
        match test:
            case ast.BoolOp(values=parts):
                return all(map(self._is_demand, parts))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._is_demand(operand)
        return self._describes_machine(test)

    def _describes_machine(self, value: ast.expr) -> bool:
        """Return whether an expression reads something that describes the machine."""
        for node in ast.walk(value):
            match node:
                case ast.Name(id=name) if name in self._names:
                    return True
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                    if name in PATH_TESTS or name in MACHINE:
                        return True
                case ast.Attribute(value=ast.Name(id=owner), attr=name):
                    if name in MACHINE or name in MODULES.get(owner, ()):
                        return True
                case ast.Attribute(attr=name) if name in MACHINE:
                    return True
        return False


def _with_result(test: ast.expr, *, result: bool) -> ast.expr:
    """Create a test that evaluates another one, and has the given result."""
    parts: list[ast.expr] = [test, ast.Constant(result)]
    operator = ast.Or() if result else ast.And()
    joined = ast.BoolOp(operator, parts)
    return copy_place(joined, test)
