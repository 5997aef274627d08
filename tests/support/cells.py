"""Cells of every kind of statement that end well, for the test that probes change nothing."""

from __future__ import annotations

SAME = {
    "assignment": """
        a = b = 3
        (c, d), *e = (1, 2), 3, 4
        a += d
        f: int = 3
        g: int
    """,
    "star-assignment": """
        first, *rest = range(5)
        *init, last = 'abc'
    """,
    "chained": """
        a = [0, 0]
        i = 1
        a[i], i = 5, 0
        print(a, i)
    """,
    "walrus": """
        if (n := 10) > 5: print(n)
        while (n := n - 4) > 0: print(n)
        [last := k for k in range(3)]
    """,
    "comprehension": """
        a = [k * j for k in range(3) for j in range(k) if j]
        b = {k: k for k in a}
        c = sum(k for k in a)
    """,
    "lambda": """
        f = lambda x, y=2, *z: x + y
        print(f(1), f(1, 3))
    """,
    "function": """
        def f(x, /, y=[1], *a, k=3, **kw):
            z = x
            return z + k
        print(f(1), f(1, 2, 3, k=4, m=5))
    """,
    "nested-functions": """
        def f():
            n = 0
            def g():
                nonlocal n
                n += 1
                return n
            g()
            return g()
        x = f()
    """,
    "global": """
        n = 1
        def f():
            global n
            n += 1
            n
        f()
        f()
    """,
    "docstring": """
        '''cell'''
        def f():
            '''words'''
        def g():
            '''words'''
            return 1
        class C:
            '''words'''
        print(f.__doc__, g.__doc__, C.__doc__, __doc__)
    """,
    "generator": """
        def f():
            got = yield 1
            print(got)
            yield from (2, 3)
            return 4
        g = f()
        print(next(g), g.send('x'), list(g))
    """,
    "generator-return": """
        def f():
            x = yield from h()
            print(x)
        def h():
            yield 1
            return 7
        print(list(f()))
    """,
    "async": """
        import asyncio
        async def f(x):
            await asyncio.sleep(0)
            y = await g(x)
            return y
        async def g(x):
            async for k in h():
                x += k
            return [k async for k in h()] and x
        async def h():
            yield 1
            yield 2
        loop = asyncio.new_event_loop()
        r = loop.run_until_complete(f(1))
        loop.close()
    """,
    "async-with": """
        import asyncio, contextlib
        @contextlib.asynccontextmanager
        async def c():
            yield 3
        async def f():
            async with c() as v:
                return v
        loop = asyncio.new_event_loop()
        r = loop.run_until_complete(f())
        loop.close()
    """,
    "class": """
        class A:
            n = 1
            m: int = n + 1
            def f(self): return self.n
        class B(A):
            def __init__(self):
                super().__init__()
                self.__k = 2
            def f(self):
                r = super().f() + self.__k
                return r
        x = B().f()
        y = B.m
    """,
    "class-private": """
        class A:
            __p = 5
            def f(self):
                __q = self.__p
                return __q
        x = A().f()
    """,
    "property": """
        class A:
            @property
            def w(self):
                v = 3
                return v
            @w.setter
            def w(self, v): self.v = v
            @staticmethod
            def s(): return 1
            @classmethod
            def c(cls): return cls.s()
        a = A()
        a.w = 4
        print(a.w, a.v, A.c())
    """,
    "dataclass": """
        from dataclasses import dataclass, field
        @dataclass
        class P:
            x: int
            y: list = field(default_factory=list)
        print(P(1), P(1) == P(1))
    """,
    "enum": """
        from enum import Enum
        class E(Enum):
            A = 1
            B = A + 1
        print(E.B.value, list(E))
    """,
    "decorator": """
        def d(n):
            def w(f):
                def g(*a):
                    r = f(*a)
                    return r * n
                return g
            return w
        @d(2)
        @d(3)
        def f(x):
            return x
        print(f(1))
    """,
    "match": """
        def f(v):
            match v:
                case {'k': [a, *b], **c} if a:
                    r = a, b, c
                case int(n) | [n]:
                    r = n
                case _:
                    r = None
            return r
        print(f({'k': [1, 2], 'j': 3}), f(3), f([4]), f('x'))
    """,
    "try": """
        def f(k):
            try:
                x = 1 / k
            except ZeroDivisionError as e:
                x = str(e)
            else:
                x = 'else'
            finally:
                print('finally')
            return x
        print(f(0), f(1))
    """,
    "finally-return": """
        def f():
            try:
                return 1
            finally:
                return 2
        x = f()
    """,
    "except-group": """
        try:
            raise ExceptionGroup('g', [ValueError(1)])
        except* ValueError as e:
            n = len(e.exceptions)
    """,
    "with": """
        import contextlib
        with contextlib.suppress(ValueError), contextlib.nullcontext((1, 2)) as (a, b):
            c = a
            int('x')
        print(a, b, c)
    """,
    "loops": """
        for i in range(3):
            if i == 1: continue
            for j in 'ab':
                if j == 'b': break
            else: print('no')
        else:
            print(i, j)
        while i:
            i -= 1
        else:
            k = 1
    """,
    "del": """
        a = [1, 2]
        b = a
        del a[0], b
        print(a)
        x = 1
        del x
    """,
    "conditional": """
        x = 1 if True else 2
        if x == 2: y = 1
        elif x == 1: y = 2
        else: y = 3
    """,
    "strings": """
        x = 3
        print(f'{x!r:>{x}} {x=}', 'a' 'b', b'c')
        print(*[1, 2], sep='-')
    """,
    "locals": """
        def f(a):
            b = 2
            return sorted(locals())
        print(f(1))
        def g():
            x = 1
            exec('y = x')
            return eval('x + 1')
        print(g())
    """,
    "slices": """
        a = list(range(9))
        a[1:3] = [0]
        b = a[::2], a[-1:]
        a[0], a[1:2] = 5, [6, 7]
    """,
    "semicolon": """
        a = 1; b = 2; a, b
        print(a); print(b)
    """,
    "future": """
        from __future__ import annotations
        def f(x: Nope) -> Nada:
            y: Nope = x
            return y
        print(f(1), f.__annotations__)
    """,
    "empty": "",
    "comment": """
        # nothing
    """,
    "ellipsis": """
        def f(): ...
        class A: ...
        ...
        None
        1
    """,
    "star-import": """
        from math import *
        x = floor(pi)
    """,
    "recursion": """
        def f(n):
            return 1 if n == 0 else n * f(n - 1)
        x = f(20)
    """,
    "type-parameters": """
        x: 'list[int]' = [1]
        y = x[0]
    """,
}
"""Cells that end well."""
