"""In the shape of an exam: all tasks in one list at the top, and a cell for each below."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

COURSE = TaughtCourse(
    name="list-of-tasks",
    cells=(
        text("# Mock exam, 45 minutes\n\nName:\n\nOnly the documentation of PyTorch is allowed."),
        code(
            """
            import torch

            scores = torch.tensor([[3.0, 9.0, 4.0], [8.0, 2.0, 7.0], [5.0, 6.0, 1.0]])
            """
        ),
        text(
            """
            ## Tasks

            1. Compute the largest score of each row as `best`. *(2 marks)*
            2. Compute the position of the smallest score of each column as `worst`. *(2 marks)*
            3. Write a function `rank(v)` that gives the rank of each element of a vector, 0 for
               the largest one. *(4 marks)*
            4. Replace every score above the mean of all scores by 0; call the result `low`.
               *(2 marks)*
            """
        ),
        answer(
            "# 1.\nbest = scores.max(dim=1).values\nbest",
            "# 1.\n",
            other="# 1.\nbest, _ = torch.max(scores, -1)\nprint(best)",
            typed="# 1.\nbest = torch.tensor([9.0, 8.0, 6.0])",
        ),
        answer(
            "# 2.\nworst = scores.argmin(dim=0)\nworst",
            "# 2.\n",
            other="# 2.\nworst = torch.min(scores, 0)[1]",
            typed="# 2.\nworst = torch.tensor([0, 1, 2])",
        ),
        answer(
            "# 3.\ndef rank(v):\n    return v.argsort(descending=True).argsort()\n\n"
            "rank(scores[0])",
            "# 3.\n",
            other="# 3.\ndef rank(v):\n    return (v[None, :] > v[:, None]).sum(dim=1)",
            typed="# 3.\ndef rank(v):\n    return torch.tensor([2, 0, 1])",
        ),
        answer(
            "# 4.\nlow = torch.where(scores > scores.mean(), 0.0, scores)\nlow",
            "# 4.\n",
            other="# 4.\nlow = scores.clone()\nlow[low > scores.mean()] = 0",
            typed="# 4.\nlow = torch.zeros(3, 3)",
        ),
    ),
    tasks=(
        TaughtTask("largest score", ("value",), 2),
        TaughtTask("smallest score", ("value",), 2),
        TaughtTask("rank", ("function",), 4),
        TaughtTask("above the mean", ("value",), 2),
    ),
)
