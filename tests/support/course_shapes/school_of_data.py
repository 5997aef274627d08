"""In the shape of a practical of a school of data: `<YOUR CODE>`, in Russian, with assertions."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    boxed,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="school-of-data",
    cells=(
        text(
            """
            # Практикум 2: логистическая регрессия на PyTorch

            Заполните пропуски `<YOUR CODE>`. Всего 8 баллов.
            """
        ),
        code("""
            import numpy as np
            import torch
            import torch.nn.functional as F
            import matplotlib.pyplot as plt

            rng = np.random.RandomState(7)
            X = np.concatenate([rng.randn(60, 2) - 1.0, rng.randn(60, 2) + 1.2]).astype("float32")
            y = np.concatenate([np.zeros(60), np.ones(60)]).astype("float32")
            X_t = torch.from_numpy(X)
            y_t = torch.from_numpy(y)
            """),
        text(
            """
            ### Задание 1 (1 балл)

            Постройте матрицу признаков `X1`: к `X_t` добавьте столбец из единиц справа.
            """
        ),
        answer(
            "X1 = torch.cat([X_t, torch.ones(len(X_t), 1)], dim=1)\nassert X1.shape == (120, 3)",
            "X1 = <YOUR CODE>\nassert X1.shape == (120, 3)",
            other="""
            ones = X_t.new_ones((X_t.shape[0], 1))
            X1 = torch.hstack((X_t, ones))
            assert X1.shape == (120, 3)
            """,
            typed="X1 = torch.zeros(120, 3)\nassert X1.shape == (120, 3)",
        ),
        text(
            """
            ### Задание 2 (2 балла)

            Напишите функцию `probability(X, w)`: вероятность класса 1, и функцию
            `compute_loss(X, y, w)`: среднюю кросс-энтропию.
            """
        ),
        answer(
            """
            def probability(X, w):
                return torch.sigmoid(X @ w)


            def compute_loss(X, y, w):
                p = probability(X, w)
                return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
            """,
            """
            def probability(X, w):
                <YOUR CODE>


            def compute_loss(X, y, w):
                <YOUR CODE>
            """,
            other="""
            def probability(X, w):
                z = X.matmul(w)
                return 1 / (1 + (-z).exp())


            def compute_loss(X, y, w):
                return F.binary_cross_entropy(probability(X, w), y)
            """,
            typed="""
            def probability(X, w):
                return torch.full((len(X),), .5)


            def compute_loss(X, y, w):
                return torch.tensor(0.6931)
            """,
        ),
        code(
            """
            dummy_w = torch.linspace(-1, 1, 3)
            print(probability(X1, dummy_w)[:5])
            print(compute_loss(X1, y_t, dummy_w))
            """
        ),
        text(
            """
            ### Задание 3 (3 балла)

            Обучите `w` градиентным спуском (30 шагов, шаг 0.5), сохраняя потери в
            `loss_history`.
            """
        ),
        boxed(
            """
            w = torch.zeros(3, requires_grad=True)
            loss_history = []
            for step in range(30):
                @@
            print(loss_history[-1])
            """,
            solved="""
            loss = compute_loss(X1, y_t, w)
            loss.backward()
            with torch.no_grad():
                w -= 0.5 * w.grad
            w.grad.zero_()
            loss_history.append(loss.item())
            """,
            blank="<YOUR CODE>",
            other="""
            J = compute_loss(X1, y_t, w)
            (g,) = torch.autograd.grad(J, w)
            w = (w - 0.5 * g).detach().requires_grad_()
            loss_history.append(float(J))
            """,
            typed="loss_history.append(0.2)",
        ),
        text(
            """
            ### Задание 4 (1 балл)

            Вычислите долю правильных ответов `accuracy` на обучающей выборке.
            """
        ),
        answer(
            "accuracy = ((X1 @ w > 0).float() == y_t).float().mean().item()\nprint(accuracy)",
            "accuracy = <YOUR CODE>\nprint(accuracy)",
            other="""
            pred = probability(X1, w).detach().numpy() > .5
            accuracy = np.mean(pred == (y == 1))
            print(accuracy)
            """,
            typed="accuracy = 0.9\nprint(accuracy)",
        ),
        text("### Задание 5 (1 балл)\n\nПочему потери убывают всё медленнее?"),
        reply(
            "Потому что градиент уменьшается вблизи минимума.",
            "*Ваш ответ*",
            "Градиент становится мал.",
        ),
    ),
    tasks=(
        TaughtTask("Задание 1", ("value",), points=1),
        TaughtTask("probability", ("test", "function"), points=1),
        TaughtTask("compute_loss", ("test", "function"), points=1),
        TaughtTask("Задание 3", ("series", "score", "value"), points=3),
        TaughtTask("Задание 4", ("value", "test"), points=1),
        TaughtTask("Задание 5", ("text", "manual"), points=1),
    ),
)
