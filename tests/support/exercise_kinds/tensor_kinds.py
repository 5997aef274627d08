"""Kinds of exercises about tensors: their form, their memory, random ones, and other values."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import LOOKED_AT, Kind, wrong

_FORM = (
    Kind(
        id="column",
        words="`col` is the second column of `grid`, as a matrix with one column.",
        given="grid = torch.tensor([[1., 15., 2.], [4., 18., 3.], [7., 16., 9.]])",
        reference="col = grid[:, 1:2]\n# grade: column = col",
        table="""
            check = "value"
            strict = ["rank"]
            """,
        variants="""
            [[inputs]]
            name = "grid"
            variants = [
                "torch.tensor([[2., 4., 1.], [3., 9., 5.], [8., 7., 6.]])",
                "torch.tensor([[.3, 1.7, 2.1], [4.2, .6, 3.3], [5.9, 7.7, .1]])",
            ]
            """,
        right=(
            "col = grid[:, 1:2]",
            "col = grid[:, 1].unsqueeze(1)",
            "second = grid[:, [1]]\ncol = second.clone()",
        ),
        wrong=(
            wrong("col = grid[:, 1]", earns=0.5, reads="value.other-shape"),
            wrong("col = grid[1:2]"),
            wrong("col = grid[:, 0:1]"),
        ),
        hard_coded=wrong("col = torch.tensor([[15.], [18.], [16.]])"),
    ),
    Kind(
        id="int16",
        words="`codes` holds twice the numbers of `pixels`, as a tensor of type int16.",
        given="pixels = [112, 140, 17, 255, 31]",
        reference="codes = 2 * torch.tensor(pixels, dtype=torch.int16)\n# grade: int16 = codes",
        table="""
            check = "value"
            strict = ["dtype"]
            """,
        variants="""
            [[inputs]]
            name = "pixels"
            variants = ["[120, 18, 201, 77, 43]", "[19, 98, 250, 131, 66]"]
            """,
        right=(
            "codes = torch.tensor(pixels, dtype=torch.int16) * 2",
            "codes = torch.tensor([2 * p for p in pixels]).short()",
            "wide = torch.tensor(pixels) * 2\ncodes = wide.to(torch.int16)",
        ),
        wrong=(
            wrong("codes = torch.tensor(pixels) * 2", earns=0.5, reads="value.other-dtype"),
            wrong("codes = torch.tensor(pixels, dtype=torch.int16)"),
            wrong("codes = torch.tensor(pixels, dtype=torch.int16) ** 2"),
        ),
        hard_coded=wrong("codes = torch.tensor([224, 280, 34, 510, 62], dtype=torch.int16)"),
    ),
    Kind(
        id="view",
        words="`square` shows the numbers of `flat` as 3 × 4, in the same memory.",
        given="flat = torch.rand(12)",
        reference="square = flat.view(3, 4)",
        table="""
            check = "test"
            holds = [
                "torch.equal(square, flat.view(3, 4))",
                "square.shape == (3, 4) and square.data_ptr() == flat.data_ptr()",
            ]
            """,
        right=(
            "square = flat.view(3, 4)",
            "square = flat.reshape(3, -1)",
            "square = flat.unflatten(0, (3, 4))",
        ),
        wrong=(
            wrong("square = flat.clone().view(3, 4)", earns=0.5),
            wrong("square = flat.view(4, 3)"),
            wrong("square = flat.view(3, 4).T"),
        ),
        hard_coded=wrong(
            "square = torch.tensor([[.1, .2, .3, .4], [.5, .6, .7, .8], [.9, .15, .25, .35]])"
        ),
    ),
    Kind(
        id="in-place",
        words="Double the numbers of `base` in place: `same` is the same tensor, and sees it.",
        given="base = torch.rand(6)\nsame = base\nbefore = base.clone()",
        reference="base *= 2",
        table="""
            check = "test"
            holds = ["same is base and torch.allclose(same, 2 * before)"]
            """,
        right=("base *= 2", "base.mul_(2)", "base[:] = base + base"),
        wrong=(
            wrong("base = base * 2"),
            wrong("base.mul(2)"),
            wrong("base += 2"),
        ),
        hard_coded=wrong("base.copy_(torch.tensor([.2, .4, .6, .8, 1.2, 1.4]))"),
    ),
)

_RANDOM = (
    Kind(
        id="seeded-product",
        words="""
            Set the seed to 0. Draw `left` (2 × 3) and then `right` (3 × 2) with `torch.rand`.
            `product` is their matrix product.
            """.replace("            ", ""),
        reference="""
            torch.manual_seed(0)
            left = torch.rand(2, 3)
            right = torch.rand(3, 2)
            product = left @ right
            # grade: seeded-product = product
            """,
        table='check = "value"',
        variants="""
            [[seeds]]
            variants = [1, 2]
            """,
        right=(
            "torch.manual_seed(0)\nproduct = torch.rand(2, 3) @ torch.rand(3, 2)",
            """
            torch.manual_seed(7)
            left, right = torch.rand(2, 3), torch.rand(3, 2)
            product = torch.mm(left, right)
            """,
            """
            chance = torch.Generator().manual_seed(0)
            left = torch.rand((2, 3), generator=chance)
            right = torch.rand((3, 2), generator=chance)
            product = torch.einsum("ij,jk->ik", left, right)
            """,
        ),
        wrong=(
            wrong(
                "left = torch.rand(2, 3)\nright = torch.rand(3, 2)\nproduct = left @ right",
                earns=LOOKED_AT,
            ),
            wrong(
                "torch.manual_seed(0)\nleft = torch.rand(2, 3)\nright = torch.rand(3, 2)\n"
                "product = left * right.T"
            ),
            wrong(
                "torch.manual_seed(0)\nleft = torch.randn(2, 3)\nright = torch.randn(3, 2)\n"
                "product = left @ right",
                earns=LOOKED_AT,
            ),
        ),
        # The right numbers, without a seed that could be moved.
        hard_coded=wrong(
            "product = torch.tensor([[0.62410, 0.96616], [0.42600, 0.56746]])",
            earns=LOOKED_AT,
        ),
    ),
    Kind(
        id="own-product",
        words="""
            Make two tensors of random numbers, `m` (3 × 4) and `n` (4 × 2). `mn` is their product.
            """,
        reference="m = torch.rand(3, 4)\nn = torch.rand(4, 2)\nmn = m @ n",
        table="""
            check = "test"
            holds = [
                "(m.shape, m.unique().numel()) == ((3, 4), 12)",
                "mn.shape == (3, 2) and torch.allclose(mn, m @ n)",
            ]
            """,
        right=(
            "m = torch.rand(3, 4)\nn = torch.rand(4, 2)\nmn = m @ n",
            "m, n = torch.randn(3, 4), torch.randn(4, 2)\nmn = torch.mm(m, n)",
            """
            torch.manual_seed(3)
            m = torch.empty(3, 4).uniform_()
            n = torch.empty(4, 2).uniform_()
            mn = (m[:, :, None] * n[None]).sum(1)
            """,
        ),
        wrong=(
            wrong("m = torch.rand(3, 4)\nn = torch.rand(4, 2)\nmn = (m @ n).T", earns=0.5),
            wrong("m = torch.ones(3, 4)\nn = torch.rand(4, 2)\nmn = m @ n", earns=0.5),
            wrong("m = torch.rand(4, 4)\nn = torch.rand(4, 4)\nmn = m * n"),
        ),
        hard_coded=wrong(
            "m = torch.rand(3, 4)\nn = torch.rand(4, 2)\n"
            "mn = torch.tensor([[.8, .9], [1.1, .7], [.6, 1.2]])",
            earns=0.5,
        ),
    ),
    Kind(
        id="permuted-rows",
        words="Write a function `mix(rows)` that gives the rows of a matrix in a random order.",
        reference="def mix(rows):\n    return rows[torch.randperm(len(rows))]",
        table="""
            check = "test"
            setup = "rows = torch.arange(24.).view(12, 2)"
            holds = ["mixes(mix, rows)"]
            """,
        probes="""
            def mixes(mix, rows):
                once, again = mix(rows.clone()).tolist(), mix(rows.clone()).tolist()
                kept = sorted(once) == sorted(again) == rows.tolist()
                return kept and once != again
            """,
        right=(
            "def mix(rows):\n    return rows[torch.randperm(len(rows))]",
            """
            def mix(rows):
                order = np.random.permutation(rows.shape[0])
                return torch.index_select(rows, 0, torch.from_numpy(order))
            """,
            """
            import random
            def mix(rows):
                listed = list(rows)
                random.shuffle(listed)
                return torch.stack(listed)
            """,
        ),
        wrong=(
            wrong("def mix(rows):\n    return rows.flip(0)"),
            wrong(
                "def mix(rows):\n"
                "    flat = rows.flatten()\n"
                "    return flat[torch.randperm(len(flat))].view(rows.shape)"
            ),
            wrong("def mix(rows):\n    return rows[torch.randint(len(rows), (len(rows),))]"),
        ),
        hard_coded=wrong("def mix(rows):\n    return rows[[3, 1, 0, 2, 7, 6, 5, 4, 11, 10, 8, 9]]"),
    ),
    Kind(
        id="standard-normal",
        words="`z` holds 1000 numbers from the standard normal distribution.",
        reference="z = torch.randn(1000)",
        table="""
            check = "test"
            holds = [
                "z.shape == (1000,) and torch.as_tensor(z).unique().numel() > 900",
                "abs(z.mean()) < .15 and abs(z.std() - 1) < .15 and (abs(z) > 2).any()",
            ]
            """,
        right=(
            "z = torch.randn(1000)",
            "z = torch.normal(0., 1., (1000,))",
            "z = np.random.standard_normal(1000)",
        ),
        wrong=(
            wrong("z = torch.rand(1000)", earns=0.5),
            wrong("z = (torch.rand(1000) - .5) * 12 ** .5", earns=0.5),
            wrong("z = torch.randn(10, 100)", earns=0.5),
        ),
        hard_coded=wrong("z = torch.tensor([.3, -1.2, .8, 2.1, -.4] * 200)"),
    ),
)

_VALUES = (
    Kind(
        id="bmm",
        words="`batched` holds the same numbers as `looped`, computed without a loop.",
        given="""
            lefts = torch.tensor([[[1., 2.], [0., 1.]], [[3., 1.], [1., 1.]], [[2., 0.], [1., 4.]]])
            rights = torch.tensor([[[2.], [1.]], [[0.], [5.]], [[1.], [3.]]])
            looped = torch.zeros(3, 2, 1)
            for i in range(3):
                looped[i] = lefts[i] @ rights[i]
            """,
        reference="batched = torch.bmm(lefts, rights)\n# grade: bmm = batched",
        table="""
            check = "value"
            where = "here"
            """,
        variants="""
            [[inputs]]
            name = "lefts"
            variants = [
                "torch.tensor([[[2., 1.], [1., 3.]], [[0., 1.], [2., 1.]], [[4., 1.], [1., 0.]]])",
                "torch.tensor([[[.3, 1.2], [2, .7]], [[.4, 9], [1, 2.2]], [[.6, 3], [.2, 8]]])",
            ]

            [[inputs]]
            name = "rights"
            variants = [
                "torch.tensor([[[1.], [2.]], [[3.], [1.]], [[0.], [4.]]])",
                "torch.tensor([[[.7], [1.9]], [[2.3], [.4]], [[1.1], [.6]]])",
            ]
            """,
        right=(
            "batched = torch.bmm(lefts, rights)",
            "batched = lefts @ rights\nassert torch.allclose(batched, looped)",
            'batched = torch.einsum("bij,bjk->bik", lefts, rights)',
        ),
        wrong=(
            wrong("batched = torch.bmm(lefts.transpose(1, 2), rights)"),
            wrong("batched = lefts * rights"),
            wrong("batched = (lefts @ rights).sum(0)"),
        ),
        hard_coded=wrong("batched = torch.tensor([[[4.], [1.]], [[5.], [5.]], [[2.], [13.]]])"),
    ),
    Kind(
        id="truth",
        words="`passed` tells for each of `marks` whether it is at least 10.",
        given="marks = torch.tensor([12., 9.5, 10., 17., 4., 10.5])",
        reference="passed = marks >= 10\n# grade: truth = passed",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "marks"
            variants = [
                "torch.tensor([8., 10., 4., 16., 12., 9.])",
                "torch.tensor([9.9, 10.1, 3.2, 10., 15.7, .4])",
            ]
            """,
        right=(
            "passed = marks >= 10",
            "passed = torch.ge(marks, 10)",
            "passed = [mark >= 10 for mark in marks.tolist()]",
        ),
        wrong=(
            wrong("passed = marks > 10"),
            wrong("passed = marks < 10"),
            wrong("passed = marks[marks >= 10]"),
        ),
        hard_coded=wrong("passed = torch.tensor([True, False, True, True, False, True])"),
    ),
    Kind(
        id="text",
        words="`best` is the word of `animals` that has the highest of `votes`.",
        given="""
            animals = ["cat", "dog", "owl", "fox"]
            votes = torch.tensor([12., 31., 27., 5.])
            """,
        reference="best = animals[votes.argmax()]\n# grade: text = best",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "votes"
            variants = ["torch.tensor([7., 11., 28., 30.])", "torch.tensor([9.5, 2.5, 8.1, 4.7])"]
            """,
        right=(
            "best = animals[votes.argmax()]",
            "best = max(zip(votes.tolist(), animals))[1]",
            """
            best = ""
            most = -1.0
            for animal, vote in zip(animals, votes):
                if vote > most:
                    most, best = float(vote), animal
            print(best)
            """,
        ),
        wrong=(
            wrong("best = animals[votes.argmin()]"),
            wrong("best = votes.argmax()"),
            wrong("best = animals[votes.argmax()].upper()"),
        ),
        hard_coded=wrong('best = "dog"'),
    ),
    Kind(
        id="no-gradient",
        words="Call `backward` on `cost`. `reached` is the gradient of `v` then.",
        given="""
            u = torch.tensor([2.], requires_grad=True)
            v = torch.tensor([3.], requires_grad=True)
            cost = (u ** 2).sum()
            """,
        reference="cost.backward()\nreached = v.grad\n# grade: no-gradient = reached",
        table="""
            check = "value"
            where = "here"
            """,
        right=(
            "cost.backward()\nreached = v.grad",
            "cost.backward(retain_graph=True)\nreached = getattr(v, 'grad')\nprint(reached)",
            "(reached,) = torch.autograd.grad(cost, v, allow_unused=True)",
        ),
        wrong=(
            wrong("cost.backward()\nreached = u.grad"),
            wrong("cost.backward()\nreached = torch.zeros(1)"),
            wrong("(cost + v.sum()).backward()\nreached = v.grad"),
        ),
        hard_coded=wrong("reached = None"),
    ),
    Kind(
        id="statistics",
        words='`stats` is a dict with the `"mean"`, `"std"` and `"largest"` of `heights`.',
        given="heights = torch.tensor([1.62, 1.75, 1.58, 1.91, 1.70])",
        reference="""
            stats = {"mean": heights.mean(), "std": heights.std(), "largest": heights.max()}
            # grade: statistics = stats
            """,
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "heights"
            variants = [
                "torch.tensor([1., 2., 4., 3., 9.])",
                "torch.tensor([1.81, 1.69, 1.53, 1.66, 1.98])",
            ]
            """,
        right=(
            'stats = {"mean": heights.mean(), "std": heights.std(), "largest": heights.max()}',
            """
            stats = {}
            stats["largest"] = max(heights.tolist())
            stats["mean"] = heights.mean().item()
            stats["std"] = heights.std().item()
            """,
            """
            std, mean = torch.std_mean(heights)
            stats = dict(mean=float(mean), std=float(std), largest=float(heights.max()))
            """,
        ),
        wrong=(
            wrong(
                'stats = {"mean": heights.mean(), "std": heights.std(unbiased=False), '
                '"largest": heights.max()}'
            ),
            wrong('stats = {"mean": heights.mean(), "std": heights.std()}'),
            wrong('stats = {"mean": heights.mean(), "std": heights.std(), "max": heights.max()}'),
        ),
        hard_coded=wrong('stats = {"mean": 1.712, "std": 0.129112, "largest": 1.91}'),
    ),
)

KINDS = (*_FORM, *_RANDOM, *_VALUES)
