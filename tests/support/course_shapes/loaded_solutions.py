"""In the shape of a tutorial with solutions in files: `# %load solutions/exercise_1.py`."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

COURSE = TaughtCourse(
    name="loaded-solutions",
    cells=(
        text("# PyTorch in an afternoon\n\n## 1. Data sets and loaders"),
        code(
            """
            %matplotlib inline
            import torch
            from torch import nn
            from torch.utils.data import DataLoader, Dataset

            grid = torch.linspace(-1, 1, 12)
            values = grid ** 3 - grid
            """
        ),
        text(
            '<div class="alert alert-success">\n\n**EXERCISE:** Write a data set `Curve` whose '
            "items are pairs of an x and a y, and that has a length.\n\n</div>"
        ),
        answer(
            """
            # %load solutions/exercise_1.py
            class Curve(Dataset):
                def __init__(self, x, y):
                    self.x = x
                    self.y = y

                def __len__(self):
                    return len(self.x)

                def __getitem__(self, index):
                    return self.x[index], self.y[index]
            """,
            "# %load solutions/exercise_1.py\n",
            other="""
            class Curve(Dataset):
                def __init__(self, x, y):
                    self.pairs = list(zip(x, y))

                def __getitem__(self, i):
                    return self.pairs[i]

                def __len__(self):
                    return len(self.pairs)
            """,
            typed="class Curve(Dataset):\n    def __init__(self, x, y):\n        pass\n\n"
            "    def __len__(self):\n        return 3",
        ),
        code("curve = Curve(grid, values)\nprint(len(curve), curve[3])"),
        text(
            '<div class="alert alert-success">\n\n**EXERCISE:** Make a loader of `curve` with '
            "batches of five, in order, and put the sum of the y of each batch into the list "
            "`sums`.\n\n</div>"
        ),
        answer(
            """
            # %load solutions/exercise_2.py
            loader = DataLoader(curve, batch_size=5, shuffle=False)
            sums = []
            for x, y in loader:
                sums.append(y.sum().item())
            print(sums)
            """,
            "# %load solutions/exercise_2.py\n",
            other="sums = [float(torch.sum(y)) for _, y in DataLoader(curve, 5)]",
            typed="sums = [0.5, 0.1, -0.6]",
        ),
        text("## 2. A layer of one's own"),
        text(
            '<div class="alert alert-success">\n\n**EXERCISE:** Write a module `Cubic` with one '
            "parameter `scale` (at first 1) that gives `scale * x ** 3`.\n\n</div>"
        ),
        answer(
            """
            # %load solutions/exercise_3.py
            class Cubic(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.scale = nn.Parameter(torch.tensor(1.0))

                def forward(self, x):
                    return self.scale * x ** 3
            """,
            "# %load solutions/exercise_3.py\n",
            other="""
            class Cubic(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.scale = nn.Parameter(torch.ones(()))

                def forward(self, x):
                    return x * x * x * self.scale
            """,
            typed="class Cubic(nn.Module):\n    def forward(self, x):\n        return x",
        ),
    ),
    tasks=(
        TaughtTask("data set Curve", ("test", "module", "manual")),
        TaughtTask("Make a loader", ("value", "series", "test")),
        TaughtTask("module Cubic", ("module",)),
    ),
)
