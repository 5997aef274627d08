"""Names that code binds."""

from __future__ import annotations

import ast

from grader.authoring.drafting.syntax import names_bound


def test_what_functions_and_classes_assign_is_not_bound_outside():
    source = (
        "def f(x):\n    y = x\n    return y\n\nclass C:\n    z = 1\n\nfor i in r:\n    w = f(i)"
    )
    assert ["w"] == names_bound(ast.parse(source))
