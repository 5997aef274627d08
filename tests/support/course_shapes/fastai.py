"""In the shape of fast.ai: a questionnaire in words at the end, and free research."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text


def _asked(number: int, question: str, solved: str, other: str) -> tuple:
    return (text(f"{number}. {question}"), reply(solved, None, other))


COURSE = TaughtCourse(
    name="fastai-questionnaire",
    cells=(
        text("# Under the hood: telling two kinds of images apart\n\nA lesson with small images."),
        code("import torch\nfrom torch import tensor"),
        text("## Pixels\n\nAn image is a tensor of numbers. Here are six of 4 by 4 pixels."),
        code(
            """
            bars = torch.zeros(3, 4, 4)
            rows = torch.zeros(3, 4, 4)
            for i in range(3):
                bars[i, :, i] = 1.0
                rows[i, i, :] = 1.0
            """
        ),
        text("The ideal bar is the mean of all bars."),
        code("mean_bar = bars.mean(0)\nmean_row = rows.mean(0)\nmean_bar.shape"),
        text(
            """
            > **Try it yourself:** compute the mean absolute difference between the first of the
            > `rows` and each of the two ideals.
            """
        ),
        answer(
            """
            a_row = rows[0]
            distances = tensor([(a_row - mean_bar).abs().mean(), (a_row - mean_row).abs().mean()])
            distances
            """,
            "",
            other="""
            to_bar = torch.nn.functional.l1_loss(rows[0], mean_bar)
            to_row = torch.nn.functional.l1_loss(rows[0], mean_row)
            print(to_bar, to_row)
            """,
            typed="distances = tensor([0.3750, 0.3333])",
        ),
        text("## Questionnaire"),
        *_asked(
            1,
            "How is a greyscale image represented on a computer?",
            "As a grid of numbers, one for the brightness of each pixel.",
            "A matrix with a number for each pixel.",
        ),
        *_asked(
            2,
            'What is the "pixel similarity" approach, and how does it work?',
            "An image belongs to the class of the ideal that is nearest to it, pixel by pixel.",
            "Compare with the mean image of each class, and take the nearest.",
        ),
        text(
            """
            3. Create a list of the numbers from 1 to 9, keep the odd ones, and double them, in a
               single expression.
            """
        ),
        answer(
            "doubled = [2 * n for n in range(1, 10) if n % 2 == 1]\ndoubled",
            "",
            other="print(list(map(lambda n: n * 2, filter(lambda n: n % 2, range(1, 10)))))",
        ),
        *_asked(
            4,
            "What is a rank of a tensor?",
            "The number of its dimensions.",
            "How many axes it has.",
        ),
        text("5. Create a 3 by 3 tensor `grid` of the numbers 1 to 9. Double it. Take its corner."),
        answer(
            """
            grid = torch.arange(1, 10).view(3, 3)
            doubled_grid = grid * 2
            corner = doubled_grid[1:, 1:]
            corner
            """,
            "",
            other="grid = tensor([[1, 2, 3], [4, 5, 6], [7, 8, 9]])\n"
            "corner = (grid + grid)[-2:, -2:]\nprint(corner)",
        ),
        text(
            """
            ### Further research

            1. Create your own function `batch_accuracy` that takes predictions between 0 and 1
               and labels of 0 and 1, and returns the share of right ones.
            """
        ),
        answer(
            """
            def batch_accuracy(preds, labels):
                return ((preds > 0.5) == labels.bool()).float().mean()

            batch_accuracy(tensor([0.2, 0.9, 0.6]), tensor([0, 1, 0]))
            """,
            "",
            other="""
            def batch_accuracy(preds, labels):
                hits = [float((p > 0.5) == bool(t)) for p, t in zip(preds, labels)]
                return sum(hits) / len(hits)

            batch_accuracy(tensor([0.2, 0.9, 0.6]), tensor([0, 1, 0]))
            """,
            typed="def batch_accuracy(preds, labels):\n    return tensor(0.6667)",
        ),
    ),
    tasks=(
        TaughtTask("mean absolute difference", ("value",)),
        TaughtTask("greyscale", ("text", "manual")),
        TaughtTask("pixel similarity", ("text", "manual")),
        TaughtTask("list of the numbers", ("value", "manual"), typed=1),
        TaughtTask("rank of a tensor", ("text", "manual")),
        TaughtTask("3 by 3 tensor", ("value", "manual"), typed=1),
        TaughtTask("batch_accuracy", ("function",)),
    ),
)
