"""In the shape of Zero to Mastery's exercises: a numbered heading for each."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, text

TENSORS = TaughtCourse(
    name="numbered-tensors",
    cells=(
        text(
            """
            # 00. Tensor exercises

            Work through the numbered exercises. The documentation of PyTorch helps with each.
            """
        ),
        text("## 1. Documentation reading\n\nSpend ten minutes with the pages on `torch.Tensor`."),
        answer(
            "# No code solution (reading)",
            "# No code solution (reading)",
            other="# No code solution (reading)",
        ),
        text("## 2. Create a random tensor with shape `(6, 6)`"),
        answer(
            """
            # Import torch
            import torch

            # Create random tensor
            A = torch.rand(size=(6, 6))
            A, A.shape
            """,
            "# Import torch\n\n\n# Create random tensor\n",
            other="import torch\n\nfirst = torch.rand(6, 6)\nprint(first.shape)",
            typed="import torch\n",
        ),
        text(
            "## 3. Multiply the tensor from 2 with another random tensor of shape `(1, 6)`\n\n"
            "Hint: you may have to transpose the second one."
        ),
        answer(
            """
            # Create another random tensor
            B = torch.rand(size=(1, 6))

            # Perform matrix multiplication
            C = torch.matmul(A, B.T)
            C, C.shape
            """,
            "# Create another random tensor\n\n\n# Perform matrix multiplication\n",
            other="second = torch.rand(1, 6)\nproduct = first @ second.t()\nproduct.shape",
        ),
        text("## 4. Set the random seed to `0` and do exercises 2 and 3 over again"),
        answer(
            """
            # Set manual seed
            torch.manual_seed(0)

            # Create two random tensors
            A = torch.rand(size=(6, 6))
            B = torch.rand(size=(1, 6))

            # Matrix multiply tensors
            C = torch.matmul(A, B.T)
            C, C.shape
            """,
            "# Set manual seed\n\n\n# Create two random tensors\n\n\n# Matrix multiply tensors\n",
            other="""
            torch.manual_seed(0)
            p = torch.rand(6, 6)
            q = torch.rand(1, 6)
            seeded = torch.mm(p, q.T)
            print(seeded)
            """,
        ),
        text("## 5. Find the maximum and minimum values of the output of 4"),
        answer(
            """
            # Find max
            largest = torch.max(C)
            # Find min
            smallest = torch.min(C)
            largest, smallest
            """,
            "# Find max\n\n# Find min\n",
            other="hi, lo = seeded.max(), seeded.min()\nprint(hi, lo)",
        ),
        text("## 6. Find the maximum and minimum index values of the output of 4"),
        answer(
            """
            # Find arg max
            where_largest = torch.argmax(C)

            # Find arg min
            where_smallest = torch.argmin(C)
            where_largest, where_smallest
            """,
            "# Find arg max\n\n\n# Find arg min\n",
            other="i_hi, i_lo = seeded.argmax(), seeded.argmin()\n(i_hi, i_lo)",
        ),
        text(
            """
            ## 7. Make a random tensor with shape `(1, 1, 1, 10)`

            Then create a new tensor without the dimensions of size 1, of shape `(10)`. Set the
            seed to `7`, and print out the first tensor and its shape as well as the second and
            its shape.
            """
        ),
        answer(
            """
            # Set seed
            torch.manual_seed(7)

            # Create random tensor
            D = torch.rand(size=(1, 1, 1, 10))

            # Remove single dimensions
            E = D.squeeze()

            # Print out tensors and their shapes
            print(D, D.shape)
            print(E, E.shape)
            """,
            "# Set seed\n\n\n# Create random tensor\n\n\n# Remove single dimensions\n\n\n"
            "# Print out tensors and their shapes\n",
            other="""
            torch.manual_seed(7)
            long = torch.rand(1, 1, 1, 10)
            short = long[0, 0, 0]
            print(long, long.shape)
            print(short, short.shape)
            """,
        ),
    ),
    tasks=(
        TaughtTask("Create a random tensor", ("test", "manual")),
        TaughtTask("Multiply the tensor from 2", ("test", "manual")),
        TaughtTask("Set the random seed", ("value",)),
        TaughtTask("maximum and minimum values", ("value",)),
        TaughtTask("maximum and minimum index", ("value",)),
        TaughtTask("Make a random tensor", ("value",)),
    ),
)


_FIT = """
    torch.manual_seed(42)

    # Train model for 300 epochs
    epochs = 300

    for epoch in range(epochs):
        ### Training
        model_1.train()
        y_pred = model_1(X_train)
        loss = loss_fn(y_pred, y_train)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

        ### Perform testing every 20 epochs
        if epoch % 20 == 0:
            model_1.eval()
            with torch.inference_mode():
                test_loss = loss_fn(model_1(X_test), y_test)
                print(f"Epoch: {epoch} | Train: {loss:.3f} | Test: {test_loss:.3f}")
    """

WORKFLOW = TaughtCourse(
    name="numbered-workflow",
    cells=(
        text("# 01. Workflow exercises\n\nFrom data to a trained model, in six steps."),
        code(
            """
            # Import necessary libraries
            import torch
            import matplotlib.pyplot as plt
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            device
            """
        ),
        text(
            """
            ## 1. Create a straight line dataset using the formula `weight * X + bias`

            * Set `weight=0.4` and `bias=0.8`. There should be at least 100 data points in total.
            * Split the data into 80% training, 20% testing.
            * Plot the training and testing data so it becomes visual.

            Your output should have 80 training and 20 test samples.
            """
        ),
        answer(
            """
            # Create the data parameters
            weight = 0.4
            bias = 0.8

            # Make X and y using linear regression formula
            X = torch.arange(0, 1, 0.01).unsqueeze(dim=1)
            y = weight * X + bias

            print(f"Number of X samples: {len(X)}")
            print(f"Number of y samples: {len(y)}")
            """,
            "# Create the data parameters\n\n\n# Make X and y using linear regression formula\n",
            other="""
            X = torch.linspace(0, 0.99, 100).view(-1, 1)
            y = X * 0.4 + 0.8
            """,
            typed="X = torch.zeros(100, 1)\ny = torch.zeros(100, 1)",
        ),
        answer(
            """
            # Split the data into training and testing
            split = int(len(X) * 0.8)
            X_train, y_train = X[:split], y[:split]
            X_test, y_test = X[split:], y[split:]
            len(X_train), len(y_train), len(X_test), len(y_test)
            """,
            "# Split the data into training and testing\n",
            other="X_train, X_test = X[:80], X[80:]\ny_train, y_test = y[:80], y[80:]",
            typed="X_train, X_test = X[:80], X[80:]\ny_train, y_test = y[:80], y[80:]",
        ),
        answer(
            """
            # Plot the training and testing data
            def plot_predictions(predictions=None):
                plt.figure(figsize=(6, 4))
                plt.scatter(X_train, y_train, c="b", s=4, label="Training data")
                plt.scatter(X_test, y_test, c="g", s=4, label="Testing data")
                if predictions is not None:
                    plt.scatter(X_test, predictions, c="r", s=4, label="Predictions")
                plt.legend()

            plot_predictions()
            """,
            "# Plot the training and testing data\n",
            other="""
            plt.scatter(X_train, y_train, label="train")
            plt.scatter(X_test, y_test, label="test")
            plt.legend();
            """,
        ),
        text(
            """
            ## 2. Build a PyTorch model by subclassing `nn.Module`

            * Inside should be a randomly initialised `nn.Parameter()` with `requires_grad=True`,
              one for `weights` and one for `bias`.
            * Implement the `forward()` method to compute the formula of exercise 1.
            * Make an instance and check its `state_dict()`.
            """
        ),
        answer(
            """
            # Create PyTorch linear regression model by subclassing nn.Module
            class LinearRegressionModel(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.weights = nn.Parameter(torch.randn(1), requires_grad=True)
                    self.bias = nn.Parameter(torch.randn(1), requires_grad=True)

                def forward(self, x: torch.Tensor) -> torch.Tensor:
                    return self.weights * x + self.bias
            """,
            "# Create PyTorch linear regression model by subclassing nn.Module\n",
            other="""
            class LinearRegressionModel(nn.Module):
                def __init__(self):
                    super().__init__()
                    w, b = torch.rand(1), torch.rand(1)
                    self.weights = nn.Parameter(w)
                    self.bias = nn.Parameter(b)

                def forward(self, inputs):
                    return torch.add(inputs * self.weights, self.bias)
            """,
            typed="""
            class LinearRegressionModel(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.weights = nn.Parameter(torch.randn(1))
                def forward(self, x):
                    return 0 * self.weights * x
            """,
        ),
        answer(
            """
            # Instantiate the model and put it to the target device
            torch.manual_seed(42)
            model_1 = LinearRegressionModel().to(device)
            model_1.state_dict()
            """,
            "# Instantiate the model and put it to the target device\n",
            other="model_1 = LinearRegressionModel()\nprint(model_1.state_dict())",
            typed="model_1 = LinearRegressionModel()",
        ),
        text(
            """
            ## 3. Create a loss function and optimizer

            Use `nn.L1Loss()` and `torch.optim.SGD(params, lr)`, with a learning rate of 0.01
            and the parameters of the model of exercise 2.
            """
        ),
        answer(
            """
            # Create the loss function and optimizer
            loss_fn = nn.L1Loss()
            optimizer = torch.optim.SGD(params=model_1.parameters(), lr=0.01)
            """,
            "# Create the loss function and optimizer\n",
            other="loss_fn = nn.L1Loss()\noptimizer = torch.optim.SGD(model_1.parameters(), 0.01)",
            typed="loss_fn = None\noptimizer = None",
        ),
        text(
            """
            ## 4. Write a training loop for 300 epochs

            Test the model on the test dataset every 20 epochs.
            """
        ),
        answer(
            _FIT,
            "# Training loop\n\n\n# Train model for 300 epochs\n",
            other="""
            losses = []
            for step in range(300):
                optimizer.zero_grad()
                out = loss_fn(model_1(X_train), y_train)
                out.backward()
                optimizer.step()
                losses.append(out.item())
                if step % 20 == 0:
                    with torch.no_grad():
                        print(step, loss_fn(model_1(X_test), y_test).item())
            """,
            typed="print('Epoch: 280 | Train: 0.010 | Test: 0.020')",
        ),
        text("## 5. Make predictions with the trained model on the test data"),
        answer(
            """
            # Make predictions with the model
            model_1.eval()
            with torch.inference_mode():
                y_preds = model_1(X_test)
            y_preds
            """,
            "# Make predictions with the model\n",
            other="with torch.no_grad():\n    y_preds = model_1(X_test)\nprint(y_preds[:3])",
            typed="y_preds = torch.full((20, 1), 1.2)",
        ),
        text("Visualize these predictions against the original training and testing data."),
        answer(
            "# Plot the predictions\nplot_predictions(predictions=y_preds.cpu())",
            "# Plot the predictions\n",
            other="""
            plt.scatter(X_train, y_train, label="train")
            plt.scatter(X_test, y_test, label="test")
            plt.scatter(X_test, y_preds, label="predictions")
            plt.legend();
            """,
        ),
        text("## 6. Save your trained model's `state_dict()` to file and load it again"),
        answer(
            """
            from pathlib import Path

            # 1. Create models directory
            MODEL_PATH = Path("models")
            MODEL_PATH.mkdir(parents=True, exist_ok=True)

            # 2. Save the model state dict
            torch.save(model_1.state_dict(), MODEL_PATH / "workflow.pth")

            # 3. Load it into a new instance
            loaded_model = LinearRegressionModel()
            loaded_model.load_state_dict(torch.load(MODEL_PATH / "workflow.pth"))
            """,
            "from pathlib import Path\n\n# 1. Create models directory\n\n"
            "# 2. Save the model state dict\n\n# 3. Load it into a new instance\n",
            other="""
            torch.save(model_1.state_dict(), "line.pt")
            loaded_model = LinearRegressionModel()
            loaded_model.load_state_dict(torch.load("line.pt", weights_only=True))
            """,
        ),
    ),
    tasks=(
        TaughtTask("straight line dataset", ("value", "test", "figure"), typed=0.5),
        TaughtTask("Build a PyTorch model", ("module",), typed=0.5),
        TaughtTask("loss function and optimizer", ("test",)),
        TaughtTask("training loop", ("score", "series")),
        TaughtTask("Make predictions", ("value", "test", "figure", "score", "manual")),
        TaughtTask("Save your trained", ("test", "manual")),
    ),
)
