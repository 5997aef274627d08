"""In the shape of EECS 498: functions with boxes of `#`, and cells that print their errors."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, boxed, code, text

_BAR = "#" * 74


COURSE = TaughtCourse(
    name="michigan",
    is_marked=True,
    cells=(
        text(
            """
            # Assignment 1-1: PyTorch 101

            Before we start, please put your name and UMID in following format

            : Firstname LASTNAME, #00000000   //   e.g.) Ada BYRON, #12345678
            """
        ),
        text("**Your Answer:**   \nHello WORLD, #XXXXXXXX"),
        text("# Setup Code\n\nRun these cells before anything else."),
        code(
            """
            %load_ext autoreload
            %autoreload 2
            """
        ),
        code(
            """
            import torch

            def rel_error(x, y, eps=1e-10):
                top = (x - y).abs().max().item()
                bot = (x.abs() + y.abs()).clamp(min=eps).max().item()
                return top / bot
            """
        ),
        text(
            """
            # Tensor Basics

            ## Accessing tensors

            **Your turn**: In the cell below, complete the functions `mutate_tensor` and
            `count_tensor_elements`.
            """
        ),
        boxed(
            '''
            def mutate_tensor(x, indices, values):
                """
                Mutate the tensor x: x[indices[0]] = values[0] and so on.

                Parameters:
                - x: A tensor of any shape
                - indices: list of tuples
                - values: list of numbers

                Return:
                - The input tensor
                """
                ####
                # TODO: Implement this function
                ####
                # Replace "pass" statement with your code
                @@
                ####
                # END OF YOUR CODE
                ####
                return x


            def count_tensor_elements(x):
                """
                Count the number of scalar elements in a tensor x, without x.numel().
                """
                num_elements = None
                ####
                # TODO: Implement this function with a loop over x.shape
                ####
                # Replace "pass" statement with your code
                @@
                ####
                # END OF YOUR CODE
                ####
                return num_elements
            '''.replace("####", _BAR),
            (
                "for index, value in zip(indices, values):\n    x[index] = value",
                "num_elements = 1\nfor size in x.shape:\n    num_elements *= size",
            ),
            ("pass", "pass"),
            other=(
                "for i in range(len(values)):\n    x[indices[i]] = values[i]",
                "num_elements = torch.Size(x.shape).numel()",
            ),
            typed=("pass", "num_elements = 6"),
        ),
        code(
            """
            # Create an empty torch tensor of shape (3, 2)
            x = torch.zeros(3, 2)
            indices = [(0, 0), (1, 0), (1, 1)]
            values = [4, 5, 6]
            mutate_tensor(x, indices, values)
            print('After mutating:\\n', x)
            print('Correct shape: ', x.shape == (3, 2))
            print('x[1, 1] correct: ', x[1, 1].item() == 6)
            print('Correctly counted: ', count_tensor_elements(x) == 6)
            """
        ),
        text("## Slicing\n\n**Your turn**: complete the function `slice_rows`."),
        boxed(
            '''
            def slice_rows(x):
                """
                Extract subtensors of x, which has shape (M, N) with M >= 3 and N >= 5.

                Returns a tuple of:
                - last_row: The last row of x, of shape (N,)
                - third_col: The third column of x, of shape (M, 1)
                - first_two_rows_three_cols: of shape (2, 3)
                """
                last_row = None
                third_col = None
                first_two_rows_three_cols = None
                ####
                # TODO: Implement this function
                ####
                # Replace "pass" statement with your code
                @@
                ####
                # END OF YOUR CODE
                ####
                out = (
                    last_row,
                    third_col,
                    first_two_rows_three_cols,
                )
                return out
            '''.replace("####", _BAR),
            "last_row = x[-1]\nthird_col = x[:, 2:3]\nfirst_two_rows_three_cols = x[:2, :3]",
            "pass",
            other="""
            M = x.shape[0]
            last_row = x[M - 1, :]
            third_col = x[:, 2].unsqueeze(1)
            first_two_rows_three_cols = x[0:2, 0:3]
            """,
            typed="last_row = torch.tensor([11, 12, 13, 14, 15])",
        ),
        code(
            """
            x = torch.tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12, 13, 14, 15]])
            last_row, third_col, corner = slice_rows(x)
            print('last_row:', last_row)
            if last_row is not None:
                print('Correct: ', (last_row == torch.tensor([11, 12, 13, 14, 15])).all().item())
            print('third_col:', third_col)
            print('corner:', corner)
            """
        ),
        text(
            """
            # Linear classifiers

            ## Naive loss

            Complete the implementation of `hinge_loss`. It should use no explicit loops over the
            classes.
            """
        ),
        boxed(
            '''
            def hinge_loss(scores, y):
                """
                Multiclass SVM loss with margin 1.

                Inputs:
                - scores: A tensor of shape (N, C)
                - y: A tensor of shape (N,) of labels

                Returns a tuple of:
                - loss as a scalar
                - number of scores that violate the margin, as an integer
                """
                loss = 0.0
                violations = 0
                ####
                # TODO: Sum the margins over the wrong classes,
                # and average over the batch
                ####
                # Replace "pass" statement with your code
                @@
                ####
                # END OF YOUR CODE
                ####
                return loss, violations
            '''.replace("####", _BAR),
            """
            correct = scores.gather(1, y.view(-1, 1))
            margins = (scores - correct + 1).clamp(min=0)
            margins[torch.arange(len(y)), y] = 0
            loss = margins.sum() / len(y)
            violations = int((margins > 0).sum())
            """,
            "pass",
            other="""
            n = scores.shape[0]
            own = scores[torch.arange(n), y][:, None]
            wrong = torch.ones_like(scores).scatter(1, y[:, None], 0.0)
            m = torch.relu(scores - own + 1.0) * wrong
            loss = m.sum(dim=1).mean()
            violations = (m > 0).sum().item()
            """,
            typed="loss = torch.tensor(2.3122)\nviolations = 7",
        ),
        code(
            """
            torch.manual_seed(0)
            scores = torch.randn(5, 3, dtype=torch.float64)
            y = torch.tensor([0, 2, 1, 1, 0])
            loss, violations = hinge_loss(scores, y)
            print('loss: ', loss)
            print('violations: ', violations)
            """
        ),
    ),
    tasks=(
        TaughtTask("mutate_tensor", ("function",)),
        TaughtTask("count_tensor_elements", ("function",)),
        TaughtTask("slice_rows", ("function",)),
        TaughtTask("hinge_loss", ("function",)),
    ),
)
