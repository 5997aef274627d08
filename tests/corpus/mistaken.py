"""The credit that mistakes leave, and cells that their cases share."""

from __future__ import annotations

from collections.abc import Mapping

ZEROED: Mapping[str, float | str] = {"w-grad": 1.0, "gradient-step": 0.5, "loss-decrease": 0.25}
SLOW: Mapping[str, float | str] = {"w-grad": 1.0, "gradient-step": 0.5, "loss-decrease": 0.0}
STEP_ONLY: Mapping[str, float | str] = {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 0.0}
NO_CHANGE: Mapping[str, float | str] = {"w-grad": 1.0, "gradient-step": 1.0, "loss-decrease": 0.75}

DATA = """
        import torch
        import torch.nn.functional as F
        x = torch.arange(0., 4.)
        y = 2 * x
        w = torch.ones(1, requires_grad=True)
        lr = 0.1
        """
GRADIENT = """
        J = ((x * w - y) ** 2).sum()
        J.backward()
        """
STEP = "w.data = w.data - lr * w.grad.data"
CHANGE = """
        J_new = ((x * w - y) ** 2).sum()
        print((J_new - J).data.numpy())
        """
LINEAR = """
        import torch
        from torch import nn
        x = torch.arange(0., 4.).unsqueeze(1)
        y = 2 * x
        net = nn.Linear(1, 1, bias=False)
        nn.init.ones_(net.weight)
        """
