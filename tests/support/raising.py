"""Cells that raise, for the test that probes change neither the error nor its lines."""

from __future__ import annotations

RAISES = {
    "statement": """
        a = 1
        b = a / 0
        c = 2
    """,
    "second-line": """
        a = 1
        b = (a +
             1 / 0)
    """,
    "expression": """
        a = 1

        a.nothing
    """,
    "function": """
        def f(x):
            y = x
            return y / 0


        f(1)
    """,
    "loop": """
        for i in range(3):
            a = 1 / (2 - i)
    """,
    "nested": """
        def f():
            def g():
                z = undefined
                return z
            return g()
        f()
    """,
    "with": """
        with open('/nowhere') as f:
            x = f.read()
    """,
    "assert": """
        x = 1
        assert x == 2, 'no'
    """,
    "print": """
        print(1,
              1 / 0)
    """,
    "own-exception": """
        class Odd(Exception): pass
        try:
            raise KeyError(1)
        except KeyError as e:
            raise Odd('x') from e
    """,
    "system-exit": """
        import sys
        sys.exit(3)
    """,
    "interrupt": "raise KeyboardInterrupt",
    "unbound": """
        def f():
            print(x)
            x = 1
        f()
    """,
    "generator": """
        def g():
            yield 1
            raise ValueError(2)
        for k in g():
            m = k
    """,
    "finally": """
        try:
            a = 1 / 0
        finally:
            b = 1
    """,
    "class": """
        class A:
            x = 1
            y = x / 0
    """,
    "default": "def f(a=1/0): pass",
    "decorator": """
        @undefined
        def f(): pass
    """,
    "lambda": """
        f = lambda:(
         1/0)
        f()
    """,
    "unpacking": "a, b = 1, 2, 3",
    "del": """
        x = 1
        del x
        x
    """,
    "recursion": """
        def f(n):
            return f(n + 1)
        try:
            f(0)
        except RecursionError:
            deep = True
        else:
            deep = False
        1 / 0
    """,
}
"""Cells that raise, from a line that has to stay the same."""
