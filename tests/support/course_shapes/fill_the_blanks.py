"""In the shape of an interactive course: a title "Exercise", numbered headings, blanks `____`."""

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
    name="fill-the-blanks",
    cells=(
        text(
            """
            # Exercise: Stochastic gradient descent

            In this exercise you train a network on made-up fuel economy data. Run the
            set-up cell first.
            """
        ),
        code("""
            # Setup
            import torch
            from torch import nn
            from torch.utils.data import DataLoader, TensorDataset

            torch.manual_seed(0)
            features = torch.rand(256, 4)
            target = features @ torch.tensor([2.0, -1.0, 0.5, 3.0]) + 0.05 * torch.randn(256)
            """),
        text(
            """
            # 1) Scale the features

            Subtract the mean of each column and divide by its standard deviation. Call
            the result `scaled`.
            """
        ),
        answer(
            """
            scaled = (features - features.mean(0)) / features.std(0)

            # Check your answer
            print(scaled.mean(0), scaled.std(0))
            """,
            """
            # YOUR CODE HERE
            scaled = ____

            # Check your answer
            print(scaled.mean(0), scaled.std(0))
            """,
            other="""
            sd, mu = torch.std_mean(features, dim=0)
            scaled = features.sub(mu).div(sd)

            # Check your answer
            print(scaled.mean(0), scaled.std(0))
            """,
            typed="scaled = torch.zeros(256, 4)",
        ),
        text(
            """
            # 2) Define a model

            Define a `model` with 4 inputs, two hidden layers of 16 units, each with a
            ReLU, and one output.
            """
        ),
        answer(
            """
            model = nn.Sequential(
                nn.Linear(4, 16),
                nn.ReLU(),
                nn.Linear(16, 16),
                nn.ReLU(),
                nn.Linear(16, 1),
            )
            """,
            "# YOUR CODE HERE\nmodel = ____",
            other="""
            class Fuel(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.a = nn.Linear(4, 16)
                    self.b = nn.Linear(16, 16)
                    self.c = nn.Linear(16, 1)

                def forward(self, x):
                    h = torch.relu(self.a(x))
                    return self.c(torch.relu(self.b(h)))

            model = Fuel()
            """,
            typed="model = nn.Linear(4, 1)",
        ),
        text(
            """
            # 3) Choose loss and optimizer

            Use the mean absolute error as `loss_fn`, and Adam with a learning rate of
            0.01 as `optimizer`.
            """
        ),
        answer(
            "loss_fn = nn.L1Loss()\noptimizer = torch.optim.Adam(model.parameters(), lr=0.01)",
            "# YOUR CODE HERE\nloss_fn = ____\noptimizer = ____",
            other="""
            optimizer = torch.optim.Adam(params=list(model.parameters()), lr=1e-2)
            loss_fn = torch.nn.L1Loss(reduction='mean')
            """,
            typed="loss_fn = 1\noptimizer = 2",
        ),
        text(
            """
            # 4) Train

            Train `model` for 20 epochs with batches of 32. Keep the mean loss of each
            epoch in a list `history`.
            """
        ),
        answer(
            """
            loader = DataLoader(TensorDataset(scaled, target), batch_size=32, shuffle=True)
            history = []
            for epoch in range(20):
                total = 0.0
                for xb, yb in loader:
                    optimizer.zero_grad()
                    loss = loss_fn(model(xb).squeeze(1), yb)
                    loss.backward()
                    optimizer.step()
                    total += loss.item()
                history.append(total / len(loader))
            print(history[-1])
            """,
            "# YOUR CODE HERE\nhistory = []\n____",
            other="""
            history = []
            for _ in range(20):
                order = torch.randperm(256)
                losses = []
                for rows in order.split(32):
                    out = loss_fn(model(scaled[rows])[:, 0], target[rows])
                    optimizer.zero_grad()
                    out.backward()
                    optimizer.step()
                    losses.append(float(out))
                history.append(sum(losses) / len(losses))
            """,
            typed="history = [1.5, 1.0, .5, .3, .2]",
        ),
        text(
            "# 5) Evaluate the training\n\nWould a higher learning rate help? Explain your answer."
        ),
        reply(
            "It trains faster, but the loss jumps about.",
            "*Type your answer here*",
            "Faster, but less stable.",
        ),
    ),
    tasks=(
        TaughtTask("Scale the features", ("value",)),
        TaughtTask("Define a model", ("module",)),
        TaughtTask("Choose loss", ("test",)),
        TaughtTask("4) Train", ("score", "series")),
        TaughtTask("learning rate help", ("text", "manual")),
    ),
)
