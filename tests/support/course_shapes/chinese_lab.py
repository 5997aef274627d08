"""In the shape of a Chinese lab: tasks and questions, and marks around some of the code."""

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
    name="chinese-lab",
    cells=(
        text(
            """
            # 实验二：线性回归与自动求导

            本实验使用 PyTorch 实现线性回归。请在标记处补全代码，不要修改其他部分。
            """
        ),
        code(
            """
            import torch
            from torch import nn
            import matplotlib.pyplot as plt

            torch.manual_seed(2023)
            面积 = torch.linspace(0.3, 1.8, 24)
            price = 3.1 * 面积 + 0.8 + 0.05 * torch.randn(24)
            """
        ),
        text(
            """
            ## 任务1：数据标准化（10分）

            计算 `面积` 的均值与标准差，得到标准化后的张量 `x`。
            """
        ),
        boxed(
            """
            # TODO: 请补全下面的代码
            ### 代码开始 ###
            @@
            ### 代码结束 ###
            print(x.mean(), x.std())
            """,
            "mu, sigma = 面积.mean(), 面积.std()\nx = (面积 - mu) / sigma",
            "x = None",
            other="x = 面积.sub(torch.mean(面积)).div(torch.std(面积))",
            typed="x = torch.linspace(-1.6, 1.6, 24)",
        ),
        text(
            """
            ## 任务2：损失函数（10分）

            实现均方误差 `mse(y_hat, y)`，返回标量张量。
            """
        ),
        answer(
            '''
            def mse(y_hat, y):
                """均方误差"""
                return ((y_hat - y) ** 2).mean()
            ''',
            '''
            def mse(y_hat, y):
                """均方误差"""
                # 在此处编写代码
                pass
            ''',
            other="""
            def mse(y_hat, y):
                d = y_hat - y
                return torch.dot(d, d) / d.numel()
            """,
            typed="def mse(y_hat, y):\n    return torch.tensor(0.5)",
        ),
        text(
            """
            ## 任务3：训练模型（20分）

            用梯度下降训练参数 `w` 和 `b`，学习率 0.1，训练 200 轮，最终损失应小于 0.01。
            """
        ),
        answer(
            """
            w = torch.zeros(1, requires_grad=True)
            b = torch.zeros(1, requires_grad=True)
            for epoch in range(200):
                loss = mse(w * x + b, price)
                loss.backward()
                with torch.no_grad():
                    w -= 0.1 * w.grad
                    b -= 0.1 * b.grad
                    w.grad.zero_()
                    b.grad.zero_()
            print(w, b, loss)
            """,
            """
            w = torch.zeros(1, requires_grad=True)
            b = torch.zeros(1, requires_grad=True)
            # 在此处编写代码
            """,
            other="""
            w = torch.zeros(1, requires_grad=True)
            b = torch.zeros(1, requires_grad=True)
            opt = torch.optim.SGD([w, b], lr=0.1)
            for _ in range(200):
                opt.zero_grad()
                loss = mse(x * w + b, price)
                loss.backward()
                opt.step()
            """,
            typed="w = torch.tensor([1.0])\nb = torch.tensor([4.0])\nloss = torch.tensor(0.001)",
        ),
        text(
            """
            ## 任务4：可视化（5分）

            画出数据散点图和拟合直线，并标注坐标轴。
            """
        ),
        answer(
            """
            plt.scatter(x, price)
            plt.plot(x, (w * x + b).detach())
            plt.xlabel("x")
            plt.ylabel("price")
            plt.show()
            """,
            "# 在此处编写代码",
            other="""
            fig, ax = plt.subplots()
            ax.plot(x.numpy(), price.numpy(), "o")
            ax.plot(x.numpy(), (x * w + b).detach().numpy())
            ax.set(xlabel="area", ylabel="price")
            plt.show()
            """,
        ),
        text(
            "## 思考题（5分）\n\n1. 为什么每次迭代都要将梯度清零？\n2. 学习率过大会出现什么现象？"
        ),
        reply(
            "1. 因为 PyTorch 默认会累加梯度。\n2. 损失会震荡甚至发散。",
            "1. 答：\n2. 答：",
            "1. 答：梯度会累加。\n2. 答：发散。",
        ),
    ),
    tasks=(
        TaughtTask("任务1", ("value",), 10),
        TaughtTask("任务2", ("function",), 10),
        TaughtTask("任务3", ("value", "score", "test"), 20),
        TaughtTask("任务4", ("figure", "manual"), 5),
        TaughtTask("梯度清零", ("text", "manual"), 2.5),
        TaughtTask("学习率过大", ("text", "manual"), 2.5),
    ),
)
