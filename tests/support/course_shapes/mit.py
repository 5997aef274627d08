"""In the shape of MIT 6.S191: TODO at line ends and in strings, with holes in the code."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

_RECURRENT = """
    class Recurrent(nn.Module):
        def __init__(self, vocab_size, embedding_dim, hidden_size):
            super().__init__()
            self.hidden_size = hidden_size

            # Layer 1: Embedding layer to turn indices into vectors
            self.embedding = nn.Embedding(vocab_size, embedding_dim)

            # Layer 2: LSTM with `hidden_size` units.
            {lstm}

            # Layer 3: Linear (fully-connected) layer from the LSTM's output to the vocabulary.
            {linear}

        def forward(self, x):
            x = self.embedding(x)
            {call}
            {out}
    """


def _recurrent(lstm: str, linear: str, call: str, out: str) -> str:
    return _RECURRENT.format(lstm=lstm, linear=linear, call=call, out=out)


COURSE = TaughtCourse(
    name="mit",
    is_marked=True,
    cells=(
        text(
            """
            # Lab 1: Intro to PyTorch and Music Generation

            In this lab, you'll get exposure to PyTorch and learn how it can be used for deep
            learning.

            ## 1.1 What is PyTorch?
            """
        ),
        code("import torch\nimport torch.nn as nn\nimport numpy as np"),
        text("Tensors have a number of axes. A 0-d tensor is a scalar:"),
        code('integer = torch.tensor(1234)\nprint(f"`integer` is a {integer.ndim}-d Tensor")'),
        text("Next, we create 2-d (i.e., matrices) and higher-rank tensors:"),
        answer(
            """
            ### Defining higher-order Tensors ###

            \'\'\'TODO: Define a 2-d Tensor\'\'\'
            matrix = torch.tensor([[1., 2.], [3., 4.], [5., 6.]])

            assert isinstance(matrix, torch.Tensor), "matrix must be a torch Tensor object"
            assert matrix.ndim == 2

            \'\'\'TODO: Define a 4-d Tensor.\'\'\'
            # Use torch.zeros to initialize a 4-d Tensor of zeros with size 4 x 3 x 16 x 16.
            images = torch.zeros(4, 3, 16, 16)

            assert images.shape == (4, 3, 16, 16), "images is of incorrect shape"
            """,
            """
            ### Defining higher-order Tensors ###

            \'\'\'TODO: Define a 2-d Tensor\'\'\'
            matrix = # TODO

            assert isinstance(matrix, torch.Tensor), "matrix must be a torch Tensor object"
            assert matrix.ndim == 2

            \'\'\'TODO: Define a 4-d Tensor.\'\'\'
            # Use torch.zeros to initialize a 4-d Tensor of zeros with size 4 x 3 x 16 x 16.
            images = # TODO

            assert images.shape == (4, 3, 16, 16), "images is of incorrect shape"
            """,
            other="matrix = torch.ones(5, 2)\nimages = torch.zeros((4, 3, 16, 16))",
        ),
        text(
            """
            ## 1.2 Computations on Tensors

            Let's consider a simple computation graph: two inputs `a, b`, and an output `e`.
            """
        ),
        answer(
            """
            ### Defining Tensor computations ###

            # Construct a simple computation function
            def func(a, b):
                '''TODO: Define the operation for c, d, e.'''
                c = torch.add(a, b)
                d = torch.subtract(b, 1)
                e = torch.multiply(c, d)
                return e
            """,
            """
            ### Defining Tensor computations ###

            # Construct a simple computation function
            def func(a, b):
                '''TODO: Define the operation for c, d, e.'''
                c = # TODO
                d = # TODO
                e = # TODO
                return e
            """,
            other="func = lambda a, b: (a + b) * (b - 1)",
            typed="def func(a, b):\n    return torch.tensor(6.0)",
        ),
        text("Now, we can call this function to execute the computation graph:"),
        code(
            """
            # Consider example values for a,b
            a, b = 1.5, 2.5
            # Execute the computation
            e_out = func(torch.tensor(a), torch.tensor(b))
            print(f"e_out: {e_out}")
            """
        ),
        text(
            """
            ## 1.3 Neural networks in PyTorch

            A dense layer multiplies by a matrix, adds a bias, and applies a sigmoid.
            """
        ),
        answer(
            """
            ### Defining a dense layer ###

            # num_inputs: number of input nodes
            # num_outputs: number of output nodes
            class OurDenseLayer(torch.nn.Module):
                def __init__(self, num_inputs, num_outputs):
                    super(OurDenseLayer, self).__init__()
                    # Define and initialize parameters: a weight matrix W and bias b
                    self.W = torch.nn.Parameter(torch.randn(num_inputs, num_outputs))
                    self.bias = torch.nn.Parameter(torch.randn(num_outputs))

                def forward(self, x):
                    '''TODO: define the operation for z (hint: use torch.matmul).'''
                    z = torch.matmul(x, self.W) + self.bias

                    '''TODO: define the operation for out (hint: use torch.sigmoid).'''
                    y = torch.sigmoid(z)
                    return y
            """,
            """
            ### Defining a dense layer ###

            # num_inputs: number of input nodes
            # num_outputs: number of output nodes
            class OurDenseLayer(torch.nn.Module):
                def __init__(self, num_inputs, num_outputs):
                    super(OurDenseLayer, self).__init__()
                    # Define and initialize parameters: a weight matrix W and bias b
                    self.W = torch.nn.Parameter(torch.randn(num_inputs, num_outputs))
                    self.bias = torch.nn.Parameter(torch.randn(num_outputs))

                def forward(self, x):
                    '''TODO: define the operation for z (hint: use torch.matmul).'''
                    z = # TODO

                    '''TODO: define the operation for out (hint: use torch.sigmoid).'''
                    y = # TODO
                    return y
            """,
            other="""
            class OurDenseLayer(torch.nn.Module):
                def __init__(self, num_inputs, num_outputs):
                    super().__init__()
                    self.W = torch.nn.Parameter(torch.randn(num_inputs, num_outputs))
                    self.bias = torch.nn.Parameter(torch.randn(num_outputs))

                def forward(self, x):
                    return 1 / (1 + torch.exp(-(x @ self.W) - self.bias))
            """,
            typed="""
            class OurDenseLayer(torch.nn.Module):
                def __init__(self, num_inputs, num_outputs):
                    super().__init__()
                    self.W = torch.nn.Parameter(torch.randn(num_inputs, num_outputs))
                    self.bias = torch.nn.Parameter(torch.randn(num_outputs))

                def forward(self, x):
                    return torch.full((1, 3), 0.5)
            """,
        ),
        code(
            """
            # Define a layer and test the output!
            num_inputs = 2
            num_outputs = 3
            layer = OurDenseLayer(num_inputs, num_outputs)
            x_input = torch.tensor([[1, 2.]])
            y = layer(x_input)

            print(f"input shape: {x_input.shape}")
            print(f"output shape: {y.shape}")
            """
        ),
        text(
            """
            ## 1.4 Automatic differentiation

            We minimise `(x - 4)^2` by gradient descent.
            """
        ),
        answer(
            """
            ### Function minimization with autograd and gradient descent ###

            # Initialize a value for our initial x
            x = torch.tensor([-1.5])
            learning_rate = 1e-2
            history = []
            x_f = 4  # target value

            for i in range(200):
                x = x.detach().requires_grad_(True)

                # TODO: Compute the loss as the square of the difference between x and x_f
                loss = (x - x_f) ** 2

                # Backpropagate through the loss to compute gradients
                loss.backward()

                # Update x with gradient descent
                x = x.detach() - learning_rate * x.grad
                history.append(x.item())
            """,
            """
            ### Function minimization with autograd and gradient descent ###

            # Initialize a value for our initial x
            x = torch.tensor([-1.5])
            learning_rate = 1e-2
            history = []
            x_f = 4  # target value

            for i in range(200):
                x = x.detach().requires_grad_(True)

                # TODO: Compute the loss as the square of the difference between x and x_f
                loss = # TODO

                # Backpropagate through the loss to compute gradients
                loss.backward()

                # Update x with gradient descent
                x = x.detach() - learning_rate * x.grad
                history.append(x.item())
            """,
            other="""
            x_f = 4
            learning_rate = 1e-2
            history = []
            x = torch.tensor([-1.5], requires_grad=True)
            for i in range(200):
                loss = torch.pow(x_f - x, 2).sum()
                loss.backward()
                with torch.no_grad():
                    x -= learning_rate * x.grad
                    x.grad.zero_()
                history.append(x.item())
            """,
            typed="history = [4.0] * 200\nx = torch.tensor([3.9])",
        ),
        text("## 1.5 A recurrent network\n\nIt gives a score for each next symbol."),
        answer(
            _recurrent(
                "self.lstm = nn.LSTM(embedding_dim, hidden_size, batch_first=True)"
                " # TODO: the LSTM",
                "self.fc = nn.Linear(hidden_size, vocab_size) # TODO: the linear layer",
                "out, state = self.lstm(x) # TODO: call the LSTM",
                "return self.fc(out) # TODO: call the linear layer",
            ),
            _recurrent(
                "self.lstm = ''' TODO '''",
                "self.fc = ''' TODO '''",
                "out, state = # TODO: call the LSTM",
                "return # TODO: call the linear layer",
            ),
            other="""
            class Recurrent(nn.Module):
                def __init__(self, vocab_size, embedding_dim, hidden_size):
                    super().__init__()
                    self.table = nn.Embedding(vocab_size, embedding_dim)
                    self.rnn = nn.LSTM(embedding_dim, hidden_size, 1, batch_first=True)
                    self.head = nn.Linear(hidden_size, vocab_size)

                def forward(self, symbols):
                    hidden, _ = self.rnn(self.table(symbols))
                    return self.head(hidden)
            """,
            typed="""
            class Recurrent(nn.Module):
                def __init__(self, vocab_size, embedding_dim, hidden_size):
                    super().__init__()

                def forward(self, x):
                    return torch.zeros(2, 5, 11)
            """,
        ),
        code(
            """
            recurrent = Recurrent(vocab_size=11, embedding_dim=6, hidden_size=8)
            symbols = torch.randint(0, 11, (2, 5))
            print(recurrent(symbols).shape)
            """
        ),
    ),
    tasks=(
        TaughtTask("2-d Tensor", ("test", "value", "manual")),
        TaughtTask("4-d Tensor", ("test", "value", "manual")),
        TaughtTask("Computations on Tensors", ("function", "test")),
        TaughtTask("Neural networks", ("module",)),
        TaughtTask("Automatic differentiation", ("series", "value")),
        TaughtTask("recurrent", ("module",)),
    ),
)
