"""Courses without a known shape: a data file, a long training, a confusion matrix, shapes."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    reply,
    text,
)

_TURBINES = "wind,height,power\n" + "\n".join(
    f"{3 + 0.37 * i:.2f},{60 + (i * 7) % 40},{(3 + 0.37 * i) ** 2 * 4 + (i * 13) % 9:.1f}"
    for i in range(30)
)

DATA_FILE = TaughtCourse(
    name="data-file",
    cells=(
        text("# Homework 1: wind turbines\n\nThe file `turbines.csv` has thirty measurements."),
        code("import pandas as pd\nimport torch\nfrom torch import nn"),
        text(
            "### Task 1 [2 pts]\n\nRead the file into a data frame `df`, and print the mean of "
            "each column."
        ),
        answer(
            'df = pd.read_csv("turbines.csv")\nmeans = df.mean()\nprint(means)',
            "# TODO: your code here\n",
            other='df = pd.read_csv("turbines.csv")\n'
            "print({name: float(df[name].mean()) for name in df.columns})",
            typed='print({"wind": 8.365, "height": 78.8333, "power": 324.9233})',
        ),
        text(
            "### Task 2 [2 pts]\n\nMake a tensor `X` of the columns wind and height, and a tensor "
            "`y` of the power, both of type `float32`."
        ),
        answer(
            'X = torch.tensor(df[["wind", "height"]].values, dtype=torch.float32)\n'
            'y = torch.tensor(df["power"].values, dtype=torch.float32)\nX.shape, y.shape',
            "# TODO: your code here\nX = None\ny = None\n",
            other="X = torch.stack([torch.from_numpy(df[c].to_numpy(copy=True)).float()\n"
            '                 for c in ("wind", "height")], dim=1)\n'
            'y = torch.from_numpy(df["power"].to_numpy(copy=True)).float()',
            typed="X = torch.zeros(30, 2)\ny = torch.zeros(30)",
        ),
        text(
            "### Task 3 [3 pts]\n\nStandardise the columns of `X` and of `y` (divide by the "
            "standard deviation with n - 1)."
        ),
        answer(
            "Xs = (X - X.mean(0)) / X.std(0)\nys = (y - y.mean()) / y.std()\nXs[:3], ys[:3]",
            "# TODO: your code here\n",
            other="def scaled(t):\n    return (t - t.mean(dim=0)) / t.std(dim=0, unbiased=True)\n\n"
            "Xs, ys = scaled(X), scaled(y)\nprint(Xs, ys)",
        ),
        text(
            "### Task 4 [3 pts]\n\nFit `ys = Xs w` by least squares, and give the mean squared "
            "error of the fit."
        ),
        answer(
            "w = torch.linalg.lstsq(Xs, ys.unsqueeze(1)).solution\n"
            "mse = ((Xs @ w - ys.unsqueeze(1)) ** 2).mean()\nprint(w.flatten(), mse.item())",
            "# TODO: your code here\n",
            other="w = torch.linalg.solve(Xs.T @ Xs, Xs.T @ ys)\n"
            "mse = nn.functional.mse_loss(Xs @ w, ys)\nprint(w, mse)",
            typed="print(torch.tensor([0.9906, -0.0369]), 0.0263)",
        ),
    ),
    tasks=(
        TaughtTask("Task 1", ("value",), points=2),
        TaughtTask("Task 2", ("value",), points=2),
        TaughtTask("Task 3", ("value",), points=3),
        TaughtTask("Task 4", ("value",), points=3),
    ),
    files={"turbines.csv": _TURBINES},
)


def _rings(name: str, epochs: int, samples: int) -> TaughtCourse:
    return TaughtCourse(
        name=name,
        cells=(
            text("# Two rings\n\nA network learns to tell an inner ring from an outer one."),
            code("import torch\nfrom torch import nn\nimport matplotlib.pyplot as plt"),
            code(
                f"""
                def make_rings(n, seed):
                    generator = torch.Generator().manual_seed(seed)
                    angles = 6.2832 * torch.rand(n, generator=generator)
                    labels = torch.randint(0, 2, (n,), generator=generator)
                    radii = 1 + labels + 0.15 * torch.randn(n, generator=generator)
                    points = torch.stack([radii * angles.cos(), radii * angles.sin()], dim=1)
                    return points, labels

                train_x, train_y = make_rings({samples}, seed=3)
                test_x, test_y = make_rings(200, seed=4)
                EPOCHS = {epochs}
                """
            ),
            text(
                """
                ## Exercise 1 (2 points)

                Write a class `RingNet`: two inputs, two hidden layers of 32 units with `tanh`, and
                two outputs (scores, without softmax).
                """
            ),
            answer(
                """
                class RingNet(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.layers = nn.Sequential(
                            nn.Linear(2, 32), nn.Tanh(),
                            nn.Linear(32, 32), nn.Tanh(),
                            nn.Linear(32, 2),
                        )

                    def forward(self, x):
                        return self.layers(x)

                net = RingNet()
                print(sum(p.numel() for p in net.parameters()))
                """,
                "class RingNet(nn.Module):\n    ...\n",
                other="""
                class RingNet(nn.Module):
                    def __init__(self, hidden=32):
                        super().__init__()
                        self.a = nn.Linear(2, hidden)
                        self.b = nn.Linear(hidden, hidden)
                        self.c = nn.Linear(hidden, 2)

                    def forward(self, points):
                        h = torch.tanh(self.b(torch.tanh(self.a(points))))
                        return self.c(h)

                net = RingNet()
                """,
                typed="class RingNet(nn.Module):\n    def forward(self, x):\n"
                "        return torch.zeros(len(x), 2)\n\nnet = RingNet()",
            ),
            text(
                "## Exercise 2 (1 point)\n\nWrite a function `accuracy(model, x, y)`: the share of "
                "points that the model puts into the right class."
            ),
            answer(
                """
                def accuracy(model, x, y):
                    with torch.no_grad():
                        return (model(x).argmax(dim=1) == y).float().mean().item()
                """,
                "def accuracy(model, x, y):\n    ...\n",
                other="def accuracy(model, x, y):\n    guesses = model(x).detach().max(1)[1]\n"
                "    return int((guesses == y).sum()) / len(y)",
                typed="def accuracy(model, x, y):\n    return 0.985",
            ),
            text(
                """
                ## Exercise 3 (4 points)

                Train `net` on the training data for `EPOCHS` epochs with Adam, in batches of 20.
                It should reach an accuracy of at least 95 % on the test data.
                """
            ),
            answer(
                """
                torch.manual_seed(5)
                optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
                losses = []
                for epoch in range(EPOCHS):
                    for batch in torch.randperm(len(train_x)).split(20):
                        optimizer.zero_grad()
                        loss = nn.functional.cross_entropy(net(train_x[batch]), train_y[batch])
                        loss.backward()
                        optimizer.step()
                    losses.append(loss.item())
                test_accuracy = accuracy(net, test_x, test_y)
                print(f"accuracy on the test data: {test_accuracy:.3f}")
                """,
                "# Your code here\n",
                other="""
                from torch.utils.data import DataLoader, TensorDataset
                loader = DataLoader(TensorDataset(train_x, train_y), batch_size=20, shuffle=True)
                criterion = nn.CrossEntropyLoss()
                opt = torch.optim.Adam(net.parameters(), lr=0.01)
                history = []
                for epoch in range(EPOCHS):
                    for xb, yb in loader:
                        opt.zero_grad()
                        out = criterion(net(xb), yb)
                        out.backward()
                        opt.step()
                    history.append(out.item())
                print(accuracy(net, test_x, test_y))
                losses = history
                """,
                typed='test_accuracy = 0.985\nprint("accuracy on the test data: 0.985")',
            ),
            text(
                "## Exercise 4 (1 point)\n\nPlot the loss of each epoch, with labels on both axes."
            ),
            answer(
                'plt.plot(losses)\nplt.xlabel("epoch")\nplt.ylabel("loss")\nplt.show()',
                "# Your code here\n",
                other="fig, ax = plt.subplots()\nax.plot(losses)\n"
                'ax.set_xlabel("Epochs"); ax.set_ylabel("Cross entropy")',
            ),
            text("## Exercise 5 (2 points)\n\nWould a network without `tanh` reach 95 %? Explain."),
            reply(
                "No: without a nonlinearity the layers are one linear layer, and no line separates "
                "one ring from the other.",
                "*Your answer*",
                "No, it would be linear.",
            ),
        ),
        tasks=(
            TaughtTask("Exercise 1", ("module",), points=2),
            TaughtTask("Exercise 2", ("function",), points=1),
            TaughtTask("Exercise 3", ("score",), points=4),
            TaughtTask("Exercise 4", ("figure", "manual"), points=1),
            TaughtTask("Exercise 5", ("text", "manual"), points=2),
        ),
    )


LONG_TRAINING = _rings("long-training", epochs=350, samples=600)
"""Trains for about 20 seconds of one core."""

CONFUSION = TaughtCourse(
    name="confusion-matrix",
    cells=(
        text("# Looking at mistakes\n\nA classifier of three kinds of seeds, and its mistakes."),
        code(
            """
            import matplotlib.pyplot as plt
            import torch
            from torch import nn

            rng = torch.Generator().manual_seed(17)
            labels = torch.randint(0, 3, (60,), generator=rng)
            scores = nn.functional.one_hot(labels, 3) + 0.6 * torch.randn(60, 3, generator=rng)
            """
        ),
        text(
            "## Problem 1: predictions (1 pt)\n\nTake the class with the highest score for each "
            "seed."
        ),
        answer(
            "predicted = scores.argmax(dim=1)\npredicted[:10]",
            "predicted = ...  # YOUR CODE\n",
            other="predicted = torch.max(scores, 1).indices\nprint(predicted)",
            typed="predicted = torch.zeros(60, dtype=torch.long)",
        ),
        text(
            "## Problem 2: confusion matrix (3 pts)\n\nWrite `confusion(actual, predicted, n)`: an "
            "integer tensor of n by n, a row for each actual class."
        ),
        answer(
            """
            def confusion(actual, predicted, n):
                matrix = torch.zeros(n, n, dtype=torch.long)
                for a, p in zip(actual, predicted):
                    matrix[a, p] += 1
                return matrix

            matrix = confusion(labels, predicted, 3)
            matrix
            """,
            "def confusion(actual, predicted, n):\n    ...  # YOUR CODE\n\n"
            "matrix = confusion(labels, predicted, 3)\nmatrix\n",
            other="""
            def confusion(actual, predicted, n):
                return torch.bincount(actual * n + predicted, minlength=n * n).view(n, n)

            matrix = confusion(labels, predicted, 3)
            matrix
            """,
            typed="def confusion(actual, predicted, n):\n"
            "    return torch.tensor([[16, 5, 0], [1, 16, 3], [2, 1, 16]])\n\n"
            "matrix = confusion(labels, predicted, 3)\nmatrix",
        ),
        text(
            "## Problem 3: the plot (2 pts)\n\nShow the matrix as an image, with the count in each "
            "field, labels on the axes and a colour bar."
        ),
        answer(
            """
            plt.imshow(matrix, cmap="Blues")
            plt.colorbar()
            for i in range(3):
                for j in range(3):
                    plt.text(j, i, int(matrix[i, j]), ha="center")
            plt.xlabel("predicted")
            plt.ylabel("actual")
            plt.show()
            """,
            "# YOUR CODE\n",
            other="""
            fig, ax = plt.subplots()
            image = ax.matshow(matrix.numpy())
            fig.colorbar(image)
            for (i, j), n in __import__("numpy").ndenumerate(matrix.numpy()):
                ax.annotate(str(n), (j, i))
            ax.set_xlabel("predicted class")
            ax.set_ylabel("actual class")
            """,
        ),
        text(
            "## Problem 4: recall (2 pts)\n\nCompute the recall of each class from `matrix`, as "
            "a tensor of three numbers."
        ),
        answer(
            "recall = matrix.diag() / matrix.sum(dim=1)\nprint(recall)",
            "recall = ...  # YOUR CODE\n",
            other="recall = torch.stack([m[k] / m.sum() for k, m in enumerate(matrix)])\nrecall",
            typed="recall = torch.tensor([.7619, .8, .8421])",
        ),
    ),
    tasks=(
        TaughtTask("predictions", ("value",), points=1),
        TaughtTask("confusion matrix", ("function",), points=3),
        TaughtTask("the plot", ("figure", "manual"), points=2),
        TaughtTask("recall", ("value",), points=2),
    ),
)


SHAPES = TaughtCourse(
    name="shapes",
    cells=(
        text("# Convolutions and their shapes\n\nSmall pictures of two channels."),
        code("import torch\nimport torch.nn as nn\n\nbatch = torch.rand(8, 2, 12, 12)"),
        text(
            "**Q1.** Make a convolution `conv` from 2 to 6 channels with kernels of 3 by 3 and "
            "padding 1, and apply it to `batch`. Call the result `maps`. (2 points)"
        ),
        answer(
            "conv = nn.Conv2d(2, 6, kernel_size=3, padding=1)\nmaps = conv(batch)\nmaps.shape",
            "conv = None\nmaps = None",
            other='conv = nn.Conv2d(2, 6, 3, padding="same")\nmaps = conv(batch)\nmaps.size()',
            typed="conv = None\nmaps = torch.zeros(8, 6, 12, 12)",
        ),
        text("**Q2.** What shape has `maps` after a max pooling of 2? Compute it. (1 point)"),
        answer(
            "pooled_shape = nn.MaxPool2d(2)(maps).shape\npooled_shape",
            "pooled_shape = None",
            other="pooled_shape = nn.functional.max_pool2d(maps, 2).shape\nprint(pooled_shape)",
        ),
        text(
            """
            **Q3.** Complete the module: two convolutions (2 to 6 and 6 to 12 channels, kernels of
            3, padding 1), each followed by a ReLU and a max pooling of 2, then a linear layer to 5
            classes. (4 points)
            """
        ),
        boxed(
            """
            class SmallCNN(nn.Module):
                def __init__(self, classes=5):
                    super().__init__()
                    # TODO: define the layers
                    @@

                def forward(self, x):
                    # TODO: apply them
                    @@
                    return x

            cnn = SmallCNN()
            print(cnn(batch).shape)
            """,
            (
                "self.conv1 = nn.Conv2d(2, 6, 3, padding=1)\n"
                "self.conv2 = nn.Conv2d(6, 12, 3, padding=1)\n"
                "self.pool = nn.MaxPool2d(2)\n"
                "self.fc = nn.Linear(12 * 3 * 3, classes)",
                "x = self.pool(torch.relu(self.conv1(x)))\n"
                "x = self.pool(torch.relu(self.conv2(x)))\n"
                "x = self.fc(x.flatten(1))",
            ),
            ("pass", "pass"),
            other=(
                "block = lambda i, o: [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]\n"
                "self.net = nn.Sequential(*block(2, 6), *block(6, 12), nn.Flatten(),\n"
                "                         nn.Linear(108, classes))",
                "x = self.net(x)",
            ),
            typed=("pass", "x = torch.zeros(8, 5)"),
        ),
        text("**Q4.** Count the parameters of `cnn`. (1 point)"),
        answer(
            "n_parameters = sum(p.numel() for p in cnn.parameters())\nprint(n_parameters)",
            "n_parameters = None",
            other="print(sum(len(p.flatten()) for p in cnn.state_dict().values()))",
            typed="print(1319)",
        ),
    ),
    tasks=(
        TaughtTask("Q1", ("test", "module"), points=2, typed=0.5),
        TaughtTask("Q2", ("value", "test"), points=1),
        TaughtTask("Q3", ("module",), points=4),
        TaughtTask("Q4", ("value", "test", "manual"), points=1),
    ),
)
