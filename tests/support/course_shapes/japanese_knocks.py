"""In the shape of a Japanese collection of drills: "問1.", a cell to write in, answers below."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="japanese-knocks",
    cells=(
        text("# PyTorch 10本ノック\n\n指示に従ってコードを書いてください。"),
        code(
            """
            import torch
            import numpy as np

            data = [[3, 1, 4], [1, 5, 9]]
            """
        ),
        text("### 問1. `data` から float32 のテンソル `a` を作成し、表示しなさい。"),
        answer(
            "a = torch.tensor(data, dtype=torch.float32)\nprint(a)",
            "# ここにコードを書いてください\n",
            other="a = torch.Tensor(np.array(data))\na",
            typed="# ここにコードを書いてください\na = torch.zeros(2, 3)",
        ),
        text("### 問2. `a` の各列の平均を求めなさい。"),
        answer(
            "mean = a.mean(dim=0)\nprint(mean)",
            "# ここにコードを書いてください\n",
            other="print(torch.sum(a, 0) / a.shape[0])",
            typed="mean = torch.tensor([2.0, 3.0, 6.5])",
        ),
        text("### 問3. `a` を転置し、形を確認しなさい。結果を `b` とする。"),
        answer(
            "b = a.T\nprint(b.shape)",
            "# ここにコードを書いてください\n",
            other="b = torch.permute(a, (1, 0))",
            typed="b = torch.zeros(3, 2)",
        ),
        text("### 問4. ベクトルを正規化する関数 `normalize(v)` を実装しなさい。"),
        answer(
            "def normalize(v):\n    return v / v.norm()\n\nnormalize(a[0])",
            "def normalize(v):\n    # ここにコードを書いてください\n    pass\n\nnormalize(a[0])",
            other="def normalize(v):\n    return torch.nn.functional.normalize(v, dim=0)",
            typed="def normalize(v):\n    return torch.tensor([0.5883, 0.1961, 0.7845])",
        ),
        text("### 問5. `requires_grad=True` は何のために指定するか説明しなさい。"),
        reply(
            "**解答：** 自動微分で勾配を計算するため。",
            "**解答：**",
            "**解答：** 勾配を求めるテンソルだと示すため。",
        ),
    ),
    tasks=(
        TaughtTask("問1", ("value",)),
        TaughtTask("問2", ("value",)),
        TaughtTask("問3", ("value", "test")),
        TaughtTask("問4", ("function",)),
        TaughtTask("requires_grad", ("text", "manual")),
    ),
)
