"""In the shape of a course on Colab: forms with questions to choose in, and cells with titles."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

COURSE = TaughtCourse(
    name="colab-quiz",
    cells=(
        text("# Week 2 quiz and lab\n\nRun the setup, then answer the questions."),
        code(
            """
            #@title Setup { display-mode: "form" }
            import torch
            import torch.nn.functional as F

            torch.manual_seed(11)
            logits = torch.randn(6, 4)
            target = torch.tensor([0, 3, 1, 1, 2, 0])
            """
        ),
        text("## Quiz"),
        answer(
            """
            #@title Question 1
            #@markdown Which call turns logits into probabilities?
            answer_1 = "F.softmax"  #@param ["", "F.relu", "F.softmax", "F.mse_loss"]
            """,
            """
            #@title Question 1
            #@markdown Which call turns logits into probabilities?
            answer_1 = ""  #@param ["", "F.relu", "F.softmax", "F.mse_loss"]
            """,
            other="""
            #@title Question 1
            #@markdown Which call turns logits into probabilities?
            answer_1 = "F.softmax"  #@param ["", "F.relu", "F.softmax", "F.mse_loss"]
            """,
        ),
        answer(
            """
            #@title Question 2
            #@markdown How many rows has `logits`?
            answer_2 = 6  #@param {type:"integer"}
            """,
            """
            #@title Question 2
            #@markdown How many rows has `logits`?
            answer_2 = 0  #@param {type:"integer"}
            """,
            other="""
            #@title Question 2
            #@markdown How many rows has `logits`?
            answer_2 = 6  #@param {type:"integer"}
            """,
        ),
        text("## Lab\n\n### Task A (5 pts): probabilities\n\nTurn `logits` into `probs`, per row."),
        answer(
            "probs = F.softmax(logits, dim=1)\nprobs.sum(1)",
            "probs = None  # your code\n",
            other="e = torch.exp(logits)\nprobs = e / e.sum(1, keepdim=True)",
            typed="probs = torch.full((6, 4), 0.25)",
        ),
        text(
            "### Task B (5 pts): accuracy\n\nCompute the share of rows in which `probs` is largest "
            "at `target`; store it in `acc`."
        ),
        answer(
            "acc = (probs.argmax(1) == target).float().mean()\nacc",
            "acc = None  # your code\n",
            other="acc = sum(int(p.argmax()) == int(t) for p, t in zip(probs, target)) / 6",
            typed="acc = 0.5",
        ),
    ),
    tasks=(
        TaughtTask("Question 1", ("value", "text", "manual"), 1, typed=1),
        TaughtTask("Question 2", ("value", "text", "manual"), 1, typed=1),
        TaughtTask("Task A", ("value",), 5),
        TaughtTask("Task B", ("value",), 5),
    ),
)
