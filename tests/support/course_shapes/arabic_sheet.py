"""In the shape of an Arabic sheet of exercises, from right to left."""

from __future__ import annotations

from tests.support.course_shapes.shape import TaughtCourse, TaughtTask, answer, code, reply, text

COURSE = TaughtCourse(
    name="arabic-sheet",
    cells=(
        text("<div dir='rtl'>\n\n# ورقة عمل: الموترات\n\nأكمل الخلايا التالية.\n\n</div>"),
        code(
            "import torch\n\nx = torch.tensor([2.0, 7.0, 1.0, 8.0])\n"
            "y = torch.tensor([3.0, 1.0, 4.0, 1.0])"
        ),
        text("## التمرين ١: الضرب (درجتان)\n\nاحسب حاصل الضرب الداخلي `dot` للمتجهين `x` و `y`."),
        answer(
            "dot = (x * y).sum()\nprint(dot)",
            "# اكتب الكود هنا",
            other="dot = x @ y",
            typed="dot = torch.tensor(25.0)",
        ),
        text(
            "## التمرين ٢: الدالة (٣ درجات)\n\n"
            "اكتب الدالة `scale(v)` التي تقسم المتجه على أكبر عنصر فيه."
        ),
        answer(
            "def scale(v):\n    return v / v.max()\n\nscale(x)",
            "def scale(v):\n    # اكتب الكود هنا\n    ...",
            other="def scale(v):\n    return v.div(torch.max(v))",
            typed="def scale(v):\n    return torch.tensor([0.25, 0.875, 0.125, 1.0])",
        ),
        reply(
            "## سؤال ٣\n\nلماذا نستخدم الموترات؟\n\n**الإجابة:** لأنها تعمل على المعالج الرسومي.",
            "## سؤال ٣\n\nلماذا نستخدم الموترات؟\n\n**الإجابة:**",
        ),
    ),
    tasks=(
        TaughtTask("التمرين ١", ("value",), 2),
        TaughtTask("التمرين ٢", ("function",), 3),
        TaughtTask("نستخدم الموترات", ("text", "manual")),
    ),
)
