"""In the shape of a Korean practice: "문제 1 [10점]", boxes to fill between marks in Korean."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="korean-practice",
    cells=(
        text("# 실습 3. 선형 회귀\n\n아래 문제의 코드를 완성하세요."),
        code(
            "import torch\n\nx = torch.tensor([1.0, 2.0, 3.0, 4.0])\n"
            "y = torch.tensor([2.1, 3.9, 6.2, 7.8])"
        ),
        text("## 문제 1 [10점]\n\n`x`와 `y`의 평균 `mx`, `my`를 구하세요."),
        answer(
            "mx = x.mean()\nmy = y.mean()\nprint(mx, my)",
            "# 여기에 코드를 작성하세요\n",
            other="mx, my = torch.stack([x, y]).mean(1)",
            typed="mx, my = 2.5, 5.0",
        ),
        text("## 문제 2 [15점]\n\n최소제곱법으로 기울기 `w`를 구하세요. (절편은 0)"),
        answer(
            "w = (x * y).sum() / (x * x).sum()\nprint(w)",
            "# 여기에 코드를 작성하세요\n",
            other="w = torch.linalg.lstsq(x[:, None], y[:, None]).solution.item()",
            typed="w = 1.99",
        ),
        text(
            "## 문제 3 [20점]\n\n평균 제곱 오차를 계산하는 함수 `mse(pred, target)`를 구현하세요."
        ),
        answer(
            "def mse(pred, target):\n    return ((pred - target) ** 2).mean()\n\nmse(w * x, y)",
            "def mse(pred, target):\n    # 여기에 코드를 작성하세요\n    return None\n\n"
            "mse(w * x, y)",
            other="def mse(pred, target):\n    return torch.nn.functional.mse_loss(pred, target)\n",
            typed="def mse(pred, target):\n    return torch.tensor(0.03)\n",
        ),
        text("## 문제 4 [5점]\n\n학습률이 너무 크면 어떤 일이 생기나요?"),
        reply("답: 손실이 발산한다.", "답:", "답: 손실이 점점 커진다."),
    ),
    tasks=(
        TaughtTask("문제 1", ("value", "test"), 10),
        TaughtTask("문제 2", ("value",), 15),
        TaughtTask("문제 3", ("function",), 20),
        TaughtTask("문제 4", ("text", "manual"), 5),
    ),
)
