"""In the shape of CS231n: `START OF YOUR CODE` with stars, and inline questions in colour."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, boxed, code, reply, text

_START = "# *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"
_END = "# *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"
_BAR = "#" * 79


def _stars(template: str) -> str:
    marked = template.replace("####", _BAR)
    return marked.replace("# START", _START).replace("# END", _END)


COURSE = TaughtCourse(
    name="stanford",
    is_marked=True,
    cells=(
        code(
            """
            # This has to be run first.
            import torch
            import torch.nn as nn
            import matplotlib.pyplot as plt
            %matplotlib inline
            plt.rcParams["figure.figsize"] = (6.0, 4.0)
            """
        ),
        text(
            """
            # Nearest neighbours and two layers

            *Complete and hand in this worksheet (including its outputs).*

            The classifier has two stages: it memorises the training data, and then compares each
            test point with all of it.
            """
        ),
        code(
            """
            gen = torch.Generator().manual_seed(231)
            X_train = torch.randn(40, 5, generator=gen)
            y_train = (X_train[:, 0] > 0).long() + (X_train[:, 1] > 0).long()
            X_test = torch.randn(8, 5, generator=gen)
            """
        ),
        text(
            """
            First, implement the function `distances` below that uses no loops at all.
            """
        ),
        boxed(
            _stars(
                '''
            def distances(X, X_train):
                """
                Compute the L2 distance between each row of X and each row of X_train.

                Inputs:
                - X: A tensor of shape (num_test, D)
                - X_train: A tensor of shape (num_train, D)

                Returns:
                - dists: A tensor of shape (num_test, num_train)
                """
                num_test = X.shape[0]
                num_train = X_train.shape[0]
                dists = torch.zeros((num_test, num_train))
                ####
                # TODO:                                                                 #
                # Compute the distances without loops, and store them in dists.         #
                # You should not use torch.cdist.                                       #
                ####
                # START

                @@

                # END
                return dists
            '''
            ),
            """
            squares = (X ** 2).sum(dim=1, keepdim=True) + (X_train ** 2).sum(dim=1)
            dists = (squares - 2 * X @ X_train.T).clamp(min=0).sqrt()
            """,
            "pass",
            other="""
            difference = X[:, None, :] - X_train[None, :, :]
            dists = torch.linalg.norm(difference, dim=2)
            """,
            typed="dists = torch.full((num_test, num_train), 3.1)",
        ),
        code(
            """
            dists = distances(X_test, X_train)
            print(dists.shape)
            """
        ),
        code("# We can look at the distances\nplt.imshow(dists)\nplt.show()"),
        text(
            r"""
            **Inline Question 1**

            Some rows of the distance matrix are brighter than others, and so are some columns.

            - What in the data causes the bright rows?
            - What causes the columns?
            """
        ),
        reply(
            r"""
            $\color{blue}{\textit Your Answer:}$ *A bright row is a test point that lies far from
            all training points. A bright column is a training point far from all test points.*
            """,
            r"$\color{blue}{\textit Your Answer:}$ *fill this in.*",
            other=r"$\color{blue}{\textit Your Answer:}$ Outliers among test or training points.",
        ),
        text("Now implement the function `predict` and run the code below: with `k = 1`."),
        boxed(
            _stars(
                '''
            def predict(dists, y_train, k=1):
                """
                Predict a label for each test point: the most frequent among its k nearest
                neighbours, and the smaller of two that are as frequent.
                """
                num_test = dists.shape[0]
                y_pred = torch.zeros(num_test, dtype=torch.long)
                ####
                # TODO: find the labels of the k nearest neighbours of each test point  #
                ####
                # START

                @@

                # END
                return y_pred
            '''
            ),
            """
            for i in range(num_test):
                nearest = y_train[dists[i].argsort()[:k]]
                y_pred[i] = torch.bincount(nearest).argmax()
            """,
            "pass",
            other="""
            near = dists.topk(k, dim=1, largest=False).indices
            votes = torch.nn.functional.one_hot(y_train[near], int(y_train.max()) + 1).sum(dim=1)
            y_pred = votes.argmax(dim=1)
            """,
            typed="y_pred = torch.tensor([1, 1, 1, 0, 1, 0, 0, 1])",
        ),
        code(
            """
            y_pred = predict(dists, y_train, k=1)
            print(y_pred)
            """
        ),
        text(
            """
            # A network of two layers

            Implement `forward` of `TwoLayerNet`: an affine layer, a ReLU, and another affine
            layer. The layers are made in the constructor.
            """
        ),
        boxed(
            _stars(
                """
            class TwoLayerNet(nn.Module):
                def __init__(self, input_size, hidden_size, num_classes):
                    super().__init__()
                    ####
                    # TODO: Set up the two layers                                       #
                    ####
                    # START

                    @@

                    # END

                def forward(self, x):
                    scores = None
                    ####
                    # TODO: Implement the forward function                              #
                    ####
                    # START

                    @@

                    # END
                    return scores
            """
            ),
            (
                "self.fc1 = nn.Linear(input_size, hidden_size)\n"
                "self.fc2 = nn.Linear(hidden_size, num_classes)",
                "hidden = torch.relu(self.fc1(x))\nscores = self.fc2(hidden)",
            ),
            ("pass", "pass"),
            other=(
                "self.layers = nn.ModuleList([nn.Linear(input_size, hidden_size),\n"
                "                             nn.Linear(hidden_size, num_classes)])",
                "first, second = self.layers\nscores = second(first(x).clamp(min=0))",
            ),
            typed=("pass", "scores = torch.zeros(3, 4)"),
        ),
        code(
            """
            def test_TwoLayerNet():
                x = torch.zeros((3, 5))
                model = TwoLayerNet(5, 6, 4)
                scores = model(x)
                print(scores.size())  # you should see [3, 4]

            test_TwoLayerNet()
            """
        ),
        reply(
            r"""
            **Inline Question 2**

            Which of these change the training accuracy of a 1-nearest-neighbour classifier?
            (Select all that apply.)

            1. Doubling all features
            2. Doubling one feature
            3. Neither

            $\color{blue}{\textit Your Answer:}$ 3

            $\color{blue}{\textit Your Explanation:}$ Each training point is its own nearest
            neighbour at distance 0, however the features are scaled.
            """,
            r"""
            **Inline Question 2**

            Which of these change the training accuracy of a 1-nearest-neighbour classifier?
            (Select all that apply.)

            1. Doubling all features
            2. Doubling one feature
            3. Neither

            $\color{blue}{\textit Your Answer:}$


            $\color{blue}{\textit Your Explanation:}$
            """,
        ),
    ),
    tasks=(
        TaughtTask("distances", ("function",)),
        TaughtTask("Inline Question 1", ("text", "manual")),
        TaughtTask("predict", ("function",)),
        TaughtTask("TwoLayerNet", ("module",)),
        TaughtTask("Inline Question 2", ("text", "manual")),
    ),
)
