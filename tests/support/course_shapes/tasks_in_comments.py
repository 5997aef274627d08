"""Without any text: tasks, with their points, stand in comments of code, several in a cell."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, boxed, code

COURSE = TaughtCourse(
    name="tasks-in-comments",
    cells=(
        code(
            """
            # Tutorial 3: batches of sequences
            import torch
            from torch import nn
            from torch.nn.utils.rnn import pad_sequence

            seqs = [torch.tensor([4.0, 1.0, 2.0]), torch.tensor([5.0, 3.0]), torch.tensor([7.0])]
            """
        ),
        boxed(
            """
            # Exercise 1 (2 points): pad the sequences with zeros into one tensor `padded` with a
            # row for each sequence.
            @@
            print(padded)

            # Exercise 2 (2 points): make a mask `valid` that is True where there is no padding.
            @@
            print(valid)
            """,
            [
                "padded = pad_sequence(seqs, batch_first=True)",
                "lengths = torch.tensor([len(s) for s in seqs])\n"
                "valid = torch.arange(padded.shape[1]) < lengths[:, None]",
            ],
            ["padded = ...", "valid = ..."],
            other=[
                "padded = torch.zeros(3, 3)\nfor i, s in enumerate(seqs):\n"
                "    padded[i, : len(s)] = s",
                "valid = padded != 0",
            ],
            typed=[
                "padded = torch.zeros(3, 3)",
                "T, F = True, False\nvalid = torch.tensor([[T, T, T], [T, T, F], [T, F, F]])",
            ],
        ),
        boxed(
            """
            # Exercise 3 (4 points): write a function that averages each row of x, without the
            # elements where mask is False.
            def masked_mean(x, mask):
                @@

            print(masked_mean(padded, valid))
            """,
            "total = (x * mask).sum(dim=1)\nreturn total / mask.sum(dim=1)",
            "...",
            other="return torch.stack([row[m].mean() for row, m in zip(x, mask)])",
            typed="return torch.tensor([2.3333, 4.0, 7.0])",
        ),
        boxed(
            """
            # Exercise 4 (2 points): make a recurrent layer `rnn` with one input and 8 hidden units,
            # batch first.
            @@
            out, last = rnn(padded.unsqueeze(-1))
            print(out.shape)
            """,
            "rnn = nn.GRU(1, 8, batch_first=True)",
            "rnn = ...",
            other="rnn = nn.GRU(input_size=1, hidden_size=8, batch_first=True)",
            typed="rnn = lambda x: (torch.zeros(3, 3, 8), None)",
        ),
    ),
    tasks=(
        TaughtTask("pad the sequences", ("value",), 2),
        TaughtTask("make a mask", ("value",), 2),
        TaughtTask("averages each row", ("function",), 4),
        TaughtTask("recurrent layer", ("module", "test", "manual"), 2),
    ),
)
