"""In the shape of DeepLearning.AI: graded functions, `START CODE HERE`, expected outputs."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, boxed, code, text

_TESTS = """
    def check_close(name, value, expected):
        ok = torch.allclose(torch.as_tensor(value), torch.as_tensor(expected), atol=1e-4)
        print(f"{name}:", "All tests passed" if ok else "Wrong value")
    """

COURSE = TaughtCourse(
    name="deeplearning-ai",
    is_marked=True,
    cells=(
        text(
            """
            # Logistic Regression with a Neural Network mindset

            Welcome to your first (required) programming assignment!

            ## Table of Contents
            - [1 - Packages](#1)
            - [2 - Building blocks](#2)
                - [Exercise 1 - sigmoid](#ex-1)
                - [Exercise 2 - propagate](#ex-2)
                - [Exercise 3 - optimize](#ex-3)
                - [Exercise 4 - predict](#ex-4)
            """
        ),
        text("<a name='1'></a>\n## 1 - Packages ##\n\nFirst, let's run the cell below."),
        code("import torch\nimport copy\nimport matplotlib.pyplot as plt\n\n%matplotlib inline"),
        code(_TESTS),
        text(
            """
            <a name='2'></a>
            ## 2 - Building the parts of our algorithm ##

            <a name='ex-1'></a>
            ### Exercise 1 - sigmoid
            Using what you know about tensors, implement `sigmoid()`. You need to compute
            $sigmoid(z) = \\frac{1}{1 + e^{-z}}$ for $z = w^T x + b$. Use torch.exp().
            """
        ),
        boxed(
            '''
            # UNQ_C1 (UNIQUE CELL IDENTIFIER, DO NOT EDIT)
            # GRADED FUNCTION: sigmoid

            def sigmoid(z):
                """
                Compute the sigmoid of z

                Arguments:
                z -- A scalar or tensor of any size.

                Return:
                s -- sigmoid(z)
                """

                #(≈ 1 line of code)
                # s = ...
                ### START CODE HERE ###
                @@
                ### END CODE HERE ###

                return s
            ''',
            "s = 1 / (1 + torch.exp(-z))",
            "\n",
            other="s = torch.reciprocal(1 + (-z).exp())",
            typed="s = torch.tensor([0.5, 0.8808])",
        ),
        code(
            """
            print ("sigmoid([0, 2]) = " + str(sigmoid(torch.tensor([0., 2.]))))

            check_close("sigmoid", sigmoid(torch.tensor([0., 2.])), [0.5, 0.8808])
            """
        ),
        text(
            """
            <a name='ex-2'></a>
            ### Exercise 2 - propagate
            Implement a function `propagate()` that computes the cost and its gradients.
            """
        ),
        boxed(
            '''
            # UNQ_C2 (UNIQUE CELL IDENTIFIER, DO NOT EDIT)
            # GRADED FUNCTION: propagate

            def propagate(w, b, X, Y):
                """
                Implement the cost function and its gradient

                Arguments:
                w -- weights, a tensor of size (num_px, 1)
                b -- bias, a scalar
                X -- data of size (num_px, number of examples)
                Y -- true labels of size (1, number of examples)

                Return:
                grads -- dictionary with the gradients "dw" and "db"
                cost -- negative log-likelihood cost
                """

                m = X.shape[1]

                # FORWARD PROPAGATION (FROM X TO COST)
                #(≈ 2 lines of code)
                # compute activation
                # A = ...
                # compute cost by using torch.sum
                # cost = ...
                ### START CODE HERE ###
                @@
                ### END CODE HERE ###

                # BACKWARD PROPAGATION (TO FIND GRAD)
                #(≈ 2 lines of code)
                # dw = ...
                # db = ...
                ### START CODE HERE ###
                @@
                ### END CODE HERE ###

                grads = {"dw": dw,
                         "db": db}

                return grads, cost
            ''',
            (
                "A = sigmoid(torch.mm(w.T, X) + b)\n"
                "cost = -torch.sum(Y * torch.log(A) + (1 - Y) * torch.log(1 - A)) / m",
                "dw = torch.mm(X, (A - Y).T) / m\ndb = torch.sum(A - Y) / m",
            ),
            ("\n", "\n"),
            other=(
                "A = torch.sigmoid(w.T @ X + b)\n"
                "cost = torch.nn.functional.binary_cross_entropy(A, Y)",
                "error = A - Y\ndw = (X * error).mean(dim=1, keepdim=True)\ndb = error.mean()",
            ),
            typed=(
                "cost = torch.tensor(0.1590)",
                "dw = torch.tensor([[0.2507], [-0.0660]])\ndb = torch.tensor(-0.1250)",
            ),
        ),
        code(
            """
            w =  torch.tensor([[1.], [2.]])
            b = 1.5
            X = torch.tensor([[1., -2., -1.], [3., 0.5, -3.2]])
            Y = torch.tensor([[1., 1., 0.]])
            grads, cost = propagate(w, b, X, Y)

            print ("dw = " + str(grads["dw"]))
            print ("db = " + str(grads["db"]))
            print ("cost = " + str(cost))
            """
        ),
        text(
            """
            **Expected output**

            ```
            dw = tensor([[ 0.2507], [-0.0660]])
            db = tensor(-0.1250)
            cost = tensor(0.1590)
            ```
            """
        ),
        text(
            """
            <a name='ex-3'></a>
            ### Exercise 3 - optimize
            Write down the optimization function. The goal is to learn $w$ and $b$ by minimizing
            the cost. For a parameter $\\theta$, the update rule is
            $ \\theta = \\theta - \\alpha \\text{ } d\\theta$, where $\\alpha$ is the learning rate.
            """
        ),
        boxed(
            '''
            # UNQ_C3 (UNIQUE CELL IDENTIFIER, DO NOT EDIT)
            # GRADED FUNCTION: optimize

            def optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009):
                """
                This function optimizes w and b by running a gradient descent algorithm

                Returns:
                params -- dictionary containing the weights w and bias b
                grads -- dictionary containing the gradients
                costs -- list of the costs at each tenth iteration
                """

                w = w.clone()
                b = copy.deepcopy(b)

                costs = []

                for i in range(num_iterations):
                    # (≈ 1 lines of code)
                    # Cost and gradient calculation
                    # grads, cost = ...
                    ### START CODE HERE ###
                    @@
                    ### END CODE HERE ###

                    # Retrieve derivatives from grads
                    dw = grads["dw"]
                    db = grads["db"]

                    # update rule (≈ 2 lines of code)
                    # w = ...
                    # b = ...
                    ### START CODE HERE ###
                    @@
                    ### END CODE HERE ###

                    # Record the costs
                    if i % 10 == 0:
                        costs.append(float(cost))

                params = {"w": w,
                          "b": b}

                grads = {"dw": dw,
                         "db": db}

                return params, grads, costs
            ''',
            (
                "grads, cost = propagate(w, b, X, Y)",
                "w = w - learning_rate * dw\nb = b - learning_rate * db",
            ),
            ("\n", "\n"),
            other=(
                "grads, cost = propagate(w, b, X, Y)",
                "w -= dw * learning_rate\nb = b - db * learning_rate",
            ),
            typed=(
                "grads, cost = {'dw': torch.zeros(2, 1), 'db': torch.tensor(0.)}, 0.15",
                "w = torch.tensor([[0.8096], [2.0508]])",
            ),
        ),
        code(
            """
            params, grads, costs = optimize(w, b, X, Y, num_iterations=100, learning_rate=0.009)

            print ("w = " + str(params["w"]))
            print ("b = " + str(params["b"]))
            print("Costs = " + str(costs))
            """
        ),
        text(
            """
            <a name='ex-4'></a>
            ### Exercise 4 - predict
            Implement the `predict()` function: calculate $\\hat{Y} = A$ and convert its entries
            into 0 (if activation <= 0.5) or 1 (if activation > 0.5).
            """
        ),
        boxed(
            """
            # UNQ_C4 (UNIQUE CELL IDENTIFIER, DO NOT EDIT)
            # GRADED FUNCTION: predict

            def predict(w, b, X):
                \'\'\'
                Predict whether the label is 0 or 1

                Returns:
                Y_prediction -- a tensor with all predictions (0/1) for the examples in X
                \'\'\'

                m = X.shape[1]
                Y_prediction = torch.zeros((1, m))
                w = w.reshape(X.shape[0], 1)

                ### START CODE HERE ###
                @@
                ### END CODE HERE ###

                return Y_prediction
            """,
            "A = sigmoid(torch.mm(w.T, X) + b)\nY_prediction[A > 0.5] = 1",
            "\n",
            other="Y_prediction = (torch.sigmoid(w.T @ X + b) > 0.5).float()",
            typed="Y_prediction = torch.tensor([[1., 1., 0.]])",
        ),
        code(
            """
            w = torch.tensor([[0.1124579], [0.23106775]])
            b = -0.3
            X = torch.tensor([[1., -1.1, -3.2],[1.2, 2., 0.1]])
            print ("predictions = " + str(predict(w, b, X)))
            """
        ),
    ),
    tasks=(
        TaughtTask("sigmoid", ("function",)),
        TaughtTask("propagate", ("function",)),
        TaughtTask("optimize", ("function",)),
        TaughtTask("predict", ("function",)),
    ),
)
