"""In the shape of Udacity's introduction: exercises in blockquotes, several below one heading."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

_YOUR_SOLUTION = "## Your solution here\n"

COURSE = TaughtCourse(
    name="udacity",
    cells=(
        text(
            """
            # Part 1: a first network with tensors

            A unit of a network adds up its inputs, each times a weight, and squashes the result.
            In this notebook you build such units by hand, with nothing but tensors.
            """
        ),
        code(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn
            """
        ),
        code(
            '''
            def squash(x):
                """ Logistic function of a tensor

                    Arguments
                    ---------
                    x: torch.Tensor
                """
                return 1 / (1 + torch.exp(-x))
            '''
        ),
        code(
            """
            ### Make some data
            torch.manual_seed(11)  # so that everybody has the same numbers

            # One row with six features
            features = torch.randn((1, 6))
            # As many weights, and a bias
            weights = torch.randn_like(features)
            bias = torch.randn((1, 1))
            """
        ),
        text(
            """
            The tensors above hold one sample and the parameters of one unit.

            ## A single unit

            Tensors can be added and multiplied like numbers, and `.sum()` adds up their elements.

            > **Exercise**: Calculate the output of the unit with input features `features`,
            > weights `weights` and bias `bias`. Use the function `squash` defined above.
            """
        ),
        answer(
            """
            ## Solution

            # Weighted sum, bias, activation
            y = squash(torch.sum(features * weights) + bias)
            y
            """,
            _YOUR_SOLUTION,
            other="""
            ## Your solution here
            total = (features.flatten() * weights.flatten()).sum() + bias.item()
            output = torch.sigmoid(total)
            print(output)
            """,
            typed="## Your solution here\ny = torch.tensor([[0.7566]])\ny",
        ),
        text(
            """
            Networks of any size do the same with a matrix multiplication, which is much faster.
            Shapes have to fit: `weights.view(6, 1)` makes a column of the row.

            > **Exercise**: Calculate the output of the same unit with a matrix multiplication.
            """
        ),
        answer(
            """
            ## Solution
            y_matrix = squash(torch.mm(features, weights.view(6, 1)) + bias)
            print(y_matrix)
            """,
            _YOUR_SOLUTION,
            other="""
            ## Your solution here
            by_matrix = 1 / (1 + (-(features @ weights.T + bias)).exp())
            by_matrix
            """,
            typed="## Your solution here\nprint(torch.tensor([[0.7566]]))",
        ),
        text(
            """
            ### Stack them up

            Units side by side make a layer; layers on top of each other make a network.
            """
        ),
        code(
            """
            torch.manual_seed(11)

            # Four features of one sample
            inputs = torch.randn((1, 4))

            n_input = inputs.shape[1]
            n_hidden = 3
            n_output = 1

            W1 = torch.randn(n_input, n_hidden)
            W2 = torch.randn(n_hidden, n_output)
            B1 = torch.randn((1, n_hidden))
            B2 = torch.randn((1, n_output))
            """
        ),
        text(
            """
            > **Exercise:** Calculate the output of this network of two layers, with the weights
            > `W1` and `W2` and the biases `B1` and `B2`.
            """
        ),
        answer(
            """
            ## Solution
            h = squash(torch.mm(inputs, W1) + B1)
            output = squash(torch.mm(h, W2) + B2)
            print(output)
            """,
            _YOUR_SOLUTION,
            other="""
            ## Your solution here
            def forward(x):
                for w, b in ((W1, B1), (W2, B2)):
                    x = torch.sigmoid(x @ w + b)
                return x

            result = forward(inputs)
            result
            """,
            typed="## Your solution here\noutput = torch.tensor([[0.7467]])",
        ),
        text(
            """
            ## Probabilities

            For several classes the scores become probabilities with the softmax function.

            > **Exercise:** Implement a function `softmax` that performs the softmax for each row
            > of a tensor of shape `(batch, classes)`. Each row has to sum to 1.
            """
        ),
        answer(
            """
            ## Solution
            def softmax(x):
                return torch.exp(x) / torch.sum(torch.exp(x), dim=1).view(-1, 1)

            scores = torch.randn(5, 10)
            probabilities = softmax(scores)
            print(probabilities.shape)
            print(probabilities.sum(dim=1))
            """,
            """
            def softmax(x):
                ## TODO: Implement the softmax function here

            scores = torch.randn(5, 10)
            # Does it have the right shape? Should be (5, 10)
            probabilities = softmax(scores)
            print(probabilities.shape)
            # Does it sum to 1?
            print(probabilities.sum(dim=1))
            """,
            other="""
            def softmax(x):
                shifted = x - x.max(dim=1, keepdim=True).values
                e = shifted.exp()
                return e / e.sum(1, keepdim=True)

            scores = torch.randn(5, 10)
            # Does it have the right shape? Should be (5, 10)
            probabilities = softmax(scores)
            print(probabilities.shape)
            # Does it sum to 1?
            print(probabilities.sum(dim=1))
            """,
            typed="""
            def softmax(x):
                return torch.full((5, 10), 0.1)

            scores = torch.randn(5, 10)
            # Does it have the right shape? Should be (5, 10)
            probabilities = softmax(scores)
            print(probabilities.shape)
            # Does it sum to 1?
            print(probabilities.sum(dim=1))
            """,
        ),
        text(
            """
            ### A network as a class

            > **Exercise:** Create a network `Classifier` with 20 inputs, a hidden layer of 12
            > units with a ReLU, a hidden layer of 8 units with a ReLU, and an output layer of 4
            > units with a log-softmax. Name the layers as you like.
            """
        ),
        answer(
            """
            ## Solution
            class Classifier(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.fc1 = nn.Linear(20, 12)
                    self.fc2 = nn.Linear(12, 8)
                    self.fc3 = nn.Linear(8, 4)

                def forward(self, x):
                    x = F.relu(self.fc1(x))
                    x = F.relu(self.fc2(x))
                    return F.log_softmax(self.fc3(x), dim=1)

            model = Classifier()
            model
            """,
            _YOUR_SOLUTION,
            other="""
            ## Your solution here
            class Classifier(nn.Module):
                def __init__(self):
                    super(Classifier, self).__init__()
                    self.body = nn.Sequential(
                        nn.Linear(20, 12), nn.ReLU(), nn.Linear(12, 8), nn.ReLU(), nn.Linear(8, 4)
                    )

                def forward(self, images):
                    return torch.log_softmax(self.body(images), 1)

            net = Classifier()
            print(net)
            """,
            typed="""
            ## Your solution here
            class Classifier(nn.Module):
                def forward(self, x):
                    return torch.zeros(len(x), 4)
            model = Classifier()
            """,
        ),
    ),
    tasks=(
        TaughtTask("output of the unit", ("value",)),
        TaughtTask("matrix multiplication", ("value",)),
        TaughtTask("network of two layers", ("value",)),
        TaughtTask("softmax", ("function",)),
        TaughtTask("Classifier", ("module",)),
    ),
)
