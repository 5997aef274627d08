"""The same work inside functions, classes and dictionaries."""

from __future__ import annotations

from .case import Case, right

CASES: tuple[Case, ...] = (
    right(
        "parameters-in-a-dict",
        """
        import torch
        dados = {'x': torch.arange(0., 4.)}
        dados['y'] = 2 * dados['x']
        params = {'w': torch.ones(1, requires_grad=True)}
        """,
        """
        def perda():
            return ((dados['x'] * params['w'] - dados['y']) ** 2).sum()

        res = {'antes': perda()}
        res['antes'].backward()
        params['w'].data -= 0.1 * params['w'].grad
        res['depois'] = perda()
        res['mudanca'] = res['depois'] - res['antes']
        res
        """,
    ),
    right(
        "results-in-a-dict-display",
        """
        import torch
        x = torch.arange(0., 4.)
        y = 2 * x
        p = dict(w=torch.ones(1, requires_grad=True), lr=0.1)
        J = ((x * p['w'] - y) ** 2).sum()
        J.backward()
        with torch.no_grad():
            for k in ['w']:
                p[k] -= p['lr'] * p[k].grad
        J_new = ((x * p['w'] - y) ** 2).sum()
        {'w': p['w'].item(), 'J': J.item(), 'J_new': J_new.item(), 'dif': (J_new - J).item()}
        """,
    ),
    right(
        "parameters-in-a-class",
        """
        import torch

        class Modelo:
            def __init__(self):
                self.w = torch.ones(1, requires_grad=True)

            def perda(self, x, y):
                return ((x * self.w - y) ** 2).sum()

            def passo(self, lr):
                with torch.no_grad():
                    self.w -= lr * self.w.grad
        """,
        """
        x = torch.arange(0., 4.)
        y = 2 * x
        m = Modelo()
        J = m.perda(x, y)
        J.backward()
        m.passo(0.1)
        J_new = m.perda(x, y)
        print(J_new - J)
        """,
    ),
    right(
        "a-module-with-a-parameter",
        """
        import torch
        from torch import nn

        class Reta(nn.Module):
            def __init__(self):
                super().__init__()
                self.w = nn.Parameter(torch.ones(1))

            def forward(self, x):
                return self.w * x

        x = torch.arange(0., 4.)
        y = 2 * x
        modelo = Reta()
        otim = torch.optim.SGD(modelo.parameters(), lr=0.1)
        """,
        """
        J = nn.functional.mse_loss(modelo(x), y, reduction='sum')
        otim.zero_grad()
        J.backward()
        otim.step()
        J_new = nn.functional.mse_loss(modelo(x), y, reduction='sum')
        print('ΔJ =', (J_new - J).item())
        """,
    ),
    right(
        "a-class-that-keeps-its-history",
        """
        import torch

        class Treino:
            def __init__(self, lr=0.1):
                self.x = torch.arange(0., 4.)
                self.y = 2 * self.x
                self.w = torch.ones(1, requires_grad=True)
                self.lr = lr
                self.hist = []

            def J(self):
                return (self.x * self.w - self.y).pow(2).sum()

            def run(self):
                J = self.J()
                self.hist.append(J.item())
                J.backward()
                self.w.data -= self.lr * self.w.grad
                self.hist.append(self.J().item())
                return self.hist[1] - self.hist[0]

        Treino().run()
        """,
    ),
    right(
        "function-with-the-data-inside",
        """
        import torch

        def um_passo(lr=0.1):
            x = torch.arange(0., 4.)
            y = 2 * x
            w = torch.ones(1, requires_grad=True)
            J = (x * w - y).pow(2).sum()
            J.backward()
            w.data = w.data - lr * w.grad.data
            J_new = (x * w - y).pow(2).sum()
            return J_new - J

        um_passo()
        """,
    ),
    right(
        "main-function-that-only-prints",
        """
        import torch

        def main():
            x = torch.tensor([0., 1., 2., 3.])
            y = torch.tensor([0., 2., 4., 6.])
            w = torch.tensor([1.], requires_grad=True)
            before = ((x * w - y) ** 2).sum()
            before.backward()
            print("gradient:", w.grad.item())
            with torch.no_grad():
                w -= 0.1 * w.grad
            after = ((x * w - y) ** 2).sum()
            print("w:", w.item())
            print("change: %.4f" % (after.item() - before.item()))

        if __name__ == "__main__":
            main()
        """,
    ),
    right(
        "small-functions-that-take-everything",
        """
        import torch

        def forward(x, w):
            return x * w

        def loss_fn(y_pred, y):
            return torch.sum((y_pred - y) ** 2)

        def update(w, lr):
            return (w - lr * w.grad).detach()
        """,
        """
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)

        l0 = loss_fn(forward(x, w), y)
        l0.backward()
        w = update(w, lr=0.1)
        l1 = loss_fn(forward(x, w), y)
        print(f"Loss: {l0.item():.4f} -> {l1.item():.4f} (difference {l1.item() - l0.item():.4f})")
        """,
    ),
    right(
        "nested-functions-and-a-returned-tuple",
        """
        import torch

        def experimento(x, y):
            def J(w):
                return ((x * w - y) ** 2).sum()
            w = torch.ones(1, requires_grad=True)
            J0 = J(w)
            dw = torch.autograd.grad(J0, w)[0]
            w = w - 0.1 * dw
            return w, J0, J(w)

        x = torch.arange(0., 4.)
        w, J, J_new = experimento(x, 2 * x)
        w
        """,
        """
        print((J_new - J).data.numpy())
        """,
    ),
)
