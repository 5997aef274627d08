"""In the shape of a chapter of a course on language: prose and code, between them "Try it out!"."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    answer,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="try-it-out",
    cells=(
        text("# Word vectors (PyTorch)"),
        text("Install the library to run this notebook."),
        code(
            """
            import torch
            import torch.nn.functional as F

            words = ["king", "queen", "man", "woman", "apple", "pear"]
            vectors = torch.tensor([
                [0.9, 0.8, 0.1, 0.3],
                [0.9, 0.1, 0.2, 0.3],
                [0.2, 0.9, 0.1, 0.1],
                [0.2, 0.1, 0.2, 0.1],
                [0.0, 0.1, 0.9, 0.8],
                [0.1, 0.0, 0.8, 0.9],
            ])
            index = {word: i for i, word in enumerate(words)}
            """
        ),
        text(
            """
            Word vectors are compared by their angle. The cell below does so for two words.
            """
        ),
        code('F.cosine_similarity(vectors[index["king"]], vectors[index["queen"]], dim=0)'),
        text(
            """
            <Tip>

            ✏️ **Try it out!** Compute the matrix `similarities` of the cosines of all
            pairs of words.

            </Tip>
            """
        ),
        answer(
            """
            normed = vectors / vectors.norm(dim=1, keepdim=True)
            similarities = normed @ normed.T
            similarities
            """,
            "",
            other="similarities = F.cosine_similarity(vectors[:, None], vectors[None], dim=-1)",
            typed="similarities = torch.eye(6)",
        ),
        text(
            """
            Now we want to search: given a word, which other words are nearest?

            <Tip>

            ✏️ **Try it out!** Write `nearest(word, k)`, which returns the list of the `k`
            words with the highest cosine to the given one, itself left out.

            </Tip>
            """
        ),
        answer(
            """
            def nearest(word, k=2):
                scores = similarities[index[word]].clone()
                scores[index[word]] = -1
                return [words[i] for i in scores.topk(k).indices.tolist()]

            nearest("king")
            """,
            "",
            other="""
            def nearest(word, k=2):
                me = vectors[index[word]]
                others = [w for w in words if w != word]
                key = lambda w: -F.cosine_similarity(me, vectors[index[w]], dim=0).item()
                return sorted(others, key=key)[:k]
            """,
            typed="""
            def nearest(word, k=2):
                return ["queen", "man"]
            """,
        ),
        text(
            """
            ## Analogies

            The famous example is *king - man + woman*.

            <Tip>

            ✏️ **Try it out!** Compute the vector `guess` of this analogy, and find the word that is
            nearest to it as `answer`.

            </Tip>
            """
        ),
        answer(
            """
            guess = vectors[index["king"]] - vectors[index["man"]] + vectors[index["woman"]]
            answer = words[F.cosine_similarity(guess[None], vectors, dim=1).argmax()]
            print(guess, answer)
            """,
            "",
            other="""
            king, man, woman = (vectors[index[w]] for w in ("king", "man", "woman"))
            guess = king + (woman - man)
            angles = [float(F.cosine_similarity(guess, v, dim=0)) for v in vectors]
            answer = words[angles.index(max(angles))]
            """,
            typed='answer = "queen"\nguess = torch.tensor([0.9, 0.0, 0.2, 0.3])',
        ),
        text("## Pooling"),
        code(
            """
            batch = torch.stack([vectors[:3], vectors[3:]])
            mask = torch.tensor([[1, 1, 0], [1, 1, 1]])
            """
        ),
        text(
            """
            A sentence gets the mean of the vectors of its words; padding does not count.

            <Tip>

            ✏️ **Try it out!** Complete the pooling of `batch` with `mask`, as `pooled` of
            shape (2, 4).

            </Tip>
            """
        ),
        answer(
            """
            weights = mask.unsqueeze(-1)
            pooled = (batch * weights).sum(dim=1) / weights.sum(dim=1)
            pooled
            """,
            "",
            other="pooled = torch.stack([b[m.bool()].mean(0) for b, m in zip(batch, mask)])",
            typed="pooled = torch.zeros(2, 4)",
        ),
        text(
            """
            <Tip>

            ✏️ **Try it out!** What would happen to a long sentence with much padding
            without the mask?

            </Tip>
            """
        ),
        reply(
            "Its mean would shrink towards the padding's vector.",
            "",
            "The mean is pulled to zero.",
        ),
    ),
    tasks=(
        TaughtTask("similarities", ("value",)),
        TaughtTask("nearest", ("function",)),
        TaughtTask("guess", ("value", "test"), typed=1),
        TaughtTask("pooled", ("value",)),
        TaughtTask("long sentence", ("text", "manual")),
    ),
)
