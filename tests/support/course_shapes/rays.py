"""In the shape of a bootcamp: "Exercise - implement", difficulty boxes, solutions to unfold."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="rays",
    cells=(
        text(
            """
            # 0.1 Ray tracing warm-up

            ## Learning objectives

            > * Batched operations
            > * Broadcasting
            """
        ),
        code(
            """
            import torch as t
            from torch import Tensor

            def check_shape(x, shape):
                assert tuple(x.shape) == shape, x.shape
                print('All tests passed!')
            """
        ),
        text(
            """
            ### Exercise - implement `make_rays_1d`

            ```yaml
            Difficulty: 🔴🔴⚪⚪⚪
            Importance: 🔵🔵🔵⚪⚪

            You should spend up to 10-15 minutes on this exercise.
            ```

            Implement the `make_rays_1d` function using `t.linspace`.
            """
        ),
        answer(
            '''
            def make_rays_1d(num_pixels: int, y_limit: float) -> Tensor:
                """
                num_pixels: The number of pixels in the y dimension, and of rays.
                y_limit: At x=1, the rays extend from -y_limit to +y_limit, inclusive.

                Returns: shape (num_pixels, num_points=2, num_dim=3)
                """
                rays = t.zeros((num_pixels, 2, 3), dtype=t.float32)
                t.linspace(-y_limit, y_limit, num_pixels, out=rays[:, 1, 1])
                rays[:, 1, 0] = 1
                return rays

            rays1d = make_rays_1d(9, 10.0)
            check_shape(rays1d, (9, 2, 3))
            ''',
            '''
            def make_rays_1d(num_pixels: int, y_limit: float) -> Tensor:
                """
                num_pixels: The number of pixels in the y dimension, and of rays.
                y_limit: At x=1, the rays extend from -y_limit to +y_limit, inclusive.

                Returns: shape (num_pixels, num_points=2, num_dim=3)
                """
                raise NotImplementedError()

            rays1d = make_rays_1d(9, 10.0)
            check_shape(rays1d, (9, 2, 3))
            ''',
            other="""
            def make_rays_1d(num_pixels: int, y_limit: float) -> Tensor:
                ys = t.linspace(-y_limit, y_limit, steps=num_pixels)
                ends = t.stack([t.ones_like(ys), ys, t.zeros_like(ys)], dim=-1)
                return t.stack([t.zeros_like(ends), ends], dim=1)

            rays1d = make_rays_1d(9, 10.0)
            check_shape(rays1d, (9, 2, 3))
            """,
            typed="""
            def make_rays_1d(num_pixels, y_limit):
                return t.zeros(9, 2, 3)

            rays1d = make_rays_1d(9, 10.0)
            check_shape(rays1d, (9, 2, 3))
            """,
        ),
        reply(
            """
            <details>
            <summary>Solution</summary>

            ```python
            def make_rays_1d(num_pixels, y_limit):
                rays = t.zeros((num_pixels, 2, 3))
                return rays
            ```
            </details>
            """,
            "<details>\n<summary>Hint</summary>\nUse `t.linspace`.\n</details>",
        ),
        text(
            """
            ### Exercise - which segments intersect with the rays?

            ```yaml
            Difficulty: 🔴🔴🔴⚪⚪
            ```

            Write `intersect_ray_1d(ray, segment)`, which returns a bool. Ignore the z
            dimension. Parallel lines do not intersect.
            """
        ),
        code(
            """
            segments = t.tensor([
                [[1.0, -12.0, 0.0], [1, -6.0, 0.0]],
                [[0.5, 0.1, 0.0], [0.5, 1.15, 0.0]],
                [[2, 12.0, 0.0], [2, 21.0, 0.0]]
            ])
            """
        ),
        answer(
            '''
            def intersect_ray_1d(ray: Tensor, segment: Tensor) -> bool:
                """Return True if the segment intersects the ray."""
                ray, segment = ray[:, :2], segment[:, :2]
                O, D = ray
                L_1, L_2 = segment
                mat = t.stack([D, L_1 - L_2], dim=-1)
                vec = L_1 - O
                try:
                    sol = t.linalg.solve(mat, vec)
                except RuntimeError:
                    return False
                u, v = sol[0].item(), sol[1].item()
                return (u >= 0.0) and (v >= 0.0) and (v <= 1.0)

            print(intersect_ray_1d(rays1d[1], segments[0]))
            print(intersect_ray_1d(rays1d[5], segments[1]))
            ''',
            '''
            def intersect_ray_1d(ray: Tensor, segment: Tensor) -> bool:
                """Return True if the segment intersects the ray."""
                raise NotImplementedError()

            print(intersect_ray_1d(rays1d[1], segments[0]))
            print(intersect_ray_1d(rays1d[5], segments[1]))
            ''',
            other="""
            def intersect_ray_1d(ray, segment):
                (ox, oy), (dx, dy) = ray[:, :2].tolist()
                (ax, ay), (bx, by) = segment[:, :2].tolist()
                det = dx * (ay - by) - dy * (ax - bx)
                if abs(det) < 1e-12:
                    return False
                u = ((ax - ox) * (ay - by) - (ay - oy) * (ax - bx)) / det
                v = (dx * (ay - oy) - dy * (ax - ox)) / det
                return u >= 0 and 0 <= v <= 1

            print(intersect_ray_1d(rays1d[1], segments[0]))
            """,
            typed="def intersect_ray_1d(ray, segment):\n    return True",
        ),
        text(
            """
            ### Exercise - implement the dense layer

            Fill in the class `Linear` with uniform weights in [-1/sqrt(in),
            1/sqrt(in)].
            """
        ),
        answer(
            """
            class Linear(t.nn.Module):
                def __init__(self, in_features: int, out_features: int, bias=True):
                    super().__init__()
                    self.in_features = in_features
                    self.out_features = out_features
                    scale = in_features ** -0.5
                    weight = scale * (2 * t.rand(out_features, in_features) - 1)
                    self.weight = t.nn.Parameter(weight)
                    self.bias = None
                    if bias:
                        self.bias = t.nn.Parameter(scale * (2 * t.rand(out_features) - 1))

                def forward(self, x: Tensor) -> Tensor:
                    x = x @ self.weight.T
                    if self.bias is not None:
                        x = x + self.bias
                    return x
            """,
            """
            class Linear(t.nn.Module):
                def __init__(self, in_features: int, out_features: int, bias=True):
                    super().__init__()
                    raise NotImplementedError()

                def forward(self, x: Tensor) -> Tensor:
                    raise NotImplementedError()
            """,
            other="""
            class Linear(t.nn.Module):
                def __init__(self, in_features, out_features, bias=True):
                    super().__init__()
                    r = 1 / in_features ** .5
                    self.weight = t.nn.Parameter(t.empty(out_features, in_features).uniform_(-r, r))
                    b = t.nn.Parameter(t.empty(out_features).uniform_(-r, r)) if bias else None
                    self.register_parameter("bias", b)

                def forward(self, x):
                    return t.nn.functional.linear(x, self.weight, self.bias)
            """,
            typed="""
            class Linear(t.nn.Module):
                def __init__(self, in_features, out_features, bias=True):
                    super().__init__()
                def forward(self, x):
                    return x
            """,
        ),
        code("layer = Linear(64, 512)\ncheck_shape(layer(t.rand(10, 64)), (10, 512))"),
    ),
    tasks=(
        TaughtTask("make_rays_1d", ("function",)),
        TaughtTask("which segments intersect", ("function",)),
        TaughtTask("dense layer", ("module",)),
    ),
)
