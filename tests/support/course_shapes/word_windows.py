"""In the shape of an assignment on language: lines of dashes around each implementation."""

from __future__ import annotations

from tests.support.course_shapes.shape import (
    TaughtCourse,
    TaughtTask,
    boxed,
    code,
    reply,
    text,
)

COURSE = TaughtCourse(
    name="word-windows",
    cells=(
        text(
            """
            # Assignment: word window classification

            Natural language processing with PyTorch. Please fill in the code between
            the markers.
            """
        ),
        code("""
            import random
            import torch
            import torch.nn as nn
            from functools import partial
            from torch.utils.data import DataLoader

            corpus = ["we always come to paris", "the professor is from australia",
                      "i live in stanford", "he comes from taiwan", "capital of turkey is ankara"]
            locations = {"paris", "australia", "stanford", "taiwan", "turkey", "ankara"}
            """),
        text(
            """
            ## Question 1.1: `preprocess_sentence` [code] (1 point)

            Write a function that lowers and splits a sentence, and `train_labels`: for
            each sentence a list of 1 for a location and 0 otherwise.
            """
        ),
        boxed(
            """
            def preprocess_sentence(sentence):
                \"\"\" Split a sentence.
                    Params:
                        sentence (string): words with spaces
                    Return:
                        list of strings
                \"\"\"
                # ------------------
                # Write your implementation here.
                @@
                # ------------------

            train_sentences = [preprocess_sentence(s) for s in corpus]
            # ------------------
            # Write your implementation here.
            @@
            # ------------------
            """,
            solved=(
                "return sentence.lower().split()",
                "train_labels = [[int(word in locations) for word in s] for s in train_sentences]",
            ),
            blank=("", ""),
            other=(
                "words = sentence.strip().split(' ')\nreturn [each.lower() for each in words]",
                """
                train_labels = []
                for s in train_sentences:
                    train_labels.append([int(w in locations) for w in s])
                """,
            ),
            typed=("return ['we']", "train_labels = [[0, 1]]"),
        ),
        text(
            """
            ## Question 1.2: the vocabulary [code] (1 point)

            Make `vocabulary`, the set of all words, and `word_to_ix`, which gives each
            word of the sorted list `['<pad>', '<unk>'] + sorted(vocabulary)` its index.
            """
        ),
        boxed(
            """
            # ------------------
            # Write your implementation here.
            @@
            # ------------------
            print(len(vocabulary), word_to_ix['<unk>'])
            """,
            solved="""
            vocabulary = set(w for s in train_sentences for w in s)
            ix_to_word = ['<pad>', '<unk>'] + sorted(vocabulary)
            word_to_ix = {word: ind for ind, word in enumerate(ix_to_word)}
            """,
            blank="",
            other="""
            vocabulary = set()
            for s in train_sentences:
                vocabulary.update(s)
            words = ['<pad>', '<unk>'] + sorted(vocabulary)
            word_to_ix = dict(zip(words, range(len(words))))
            """,
            typed="vocabulary = {'a'}\nword_to_ix = {'<unk>': 1}",
        ),
        text(
            """
            ## Question 1.3: padding [code] (1 point)

            Write `pad_window(sentence, window_size, pad_token='<pad>')`.
            """
        ),
        boxed(
            """
            def pad_window(sentence, window_size, pad_token='<pad>'):
                # ------------------
                # Write your implementation here.
                @@
                # ------------------

            window_size = 2
            pad_window(train_sentences[0], window_size)
            """,
            solved="window = [pad_token] * window_size\nreturn window + sentence + window",
            blank="",
            other="""
            out = list(sentence)
            for _ in range(window_size):
                out.insert(0, pad_token)
                out.append(pad_token)
            return out
            """,
            typed="return ['<pad>']",
        ),
        text(
            """
            ## Question 2: the model [code] (3 points)

            Implement `WindowClassifier`: embeddings, the window flattened, a linear
            layer with tanh, and a linear layer with a sigmoid that gives one
            probability per window.
            """
        ),
        boxed(
            """
            class WindowClassifier(nn.Module):
                def __init__(self, vocab_size, embed_dim=6, hidden=8, window_size=2):
                    super().__init__()
                    self.window_size = window_size
                    self.embeds = nn.Embedding(vocab_size, embed_dim, padding_idx=0)
                    full = 2 * window_size + 1
                    # ------------------
                    # Write your implementation here.
                    @@
                    # ------------------

                def forward(self, inputs):
                    B, L = inputs.size()
                    windows = inputs.unfold(1, 2 * self.window_size + 1, 1)
                    # ------------------
                    # Write your implementation here.
                    @@
                    # ------------------
            """,
            solved=(
                """
                self.hidden_layer = nn.Sequential(nn.Linear(full * embed_dim, hidden), nn.Tanh())
                self.output_layer = nn.Linear(hidden, 1)
                """,
                """
                embedded = self.embeds(windows)
                flat = embedded.view(B, windows.size(1), -1)
                return torch.sigmoid(self.output_layer(self.hidden_layer(flat))).view(B, -1)
                """,
            ),
            blank=("", "return None"),
            other=(
                "self.fc1 = nn.Linear(full * embed_dim, hidden)\nself.fc2 = nn.Linear(hidden, 1)",
                """
                x = self.embeds(windows).flatten(2)
                x = self.fc2(torch.tanh(self.fc1(x)))
                return x.squeeze(-1).sigmoid()
                """,
            ),
            typed=("", "return torch.zeros(B, L - 4)"),
        ),
        code("""
            torch.manual_seed(3)
            model = WindowClassifier(len(word_to_ix))
            def as_batch(sentences, labels):
                windows = [pad_window(s, 2) for s in sentences]
                padded = [torch.tensor([word_to_ix.get(w, 1) for w in s]) for s in windows]
                x = nn.utils.rnn.pad_sequence(padded, batch_first=True)
                y = nn.utils.rnn.pad_sequence([torch.tensor(l) for l in labels], batch_first=True)
                return x, y
            inputs, targets = as_batch(train_sentences, train_labels)
            model(inputs).shape
            """),
        text(
            """
            ## Question 3: training [code] (2 points)

            Train `model` with SGD for 200 epochs so that its accuracy on the training
            sentences is at least 95 %.
            """
        ),
        boxed(
            """
            optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
            losses = []
            for epoch in range(200):
                # ------------------
                # Write your implementation here.
                @@
                # ------------------
            """,
            solved="""
            optimizer.zero_grad()
            output = model(inputs)
            loss = nn.functional.binary_cross_entropy(output, targets.float())
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            """,
            blank="pass",
            other="""
            loss = nn.BCELoss()(model(inputs), targets.to(torch.float32))
            model.zero_grad()
            loss.backward()
            optimizer.step()
            losses += [float(loss)]
            """,
            typed="losses.append(0.1)",
        ),
        text("## Question 4 [written] (1 point)\n\nWhy is `padding_idx=0` given?"),
        reply(
            "### Answer\nSo that the embedding of the padding stays zero and is not trained.",
            "### Answer\n",
            "### Answer\nIts vector is not updated.",
        ),
    ),
    tasks=(
        TaughtTask("preprocess_sentence", ("test", "function"), points=1),
        TaughtTask("the vocabulary", ("value", "test"), points=1),
        TaughtTask("padding [code]", ("function",), points=1),
        TaughtTask("the model", ("module",), points=3),
        TaughtTask("training", ("score", "series"), points=2),
        TaughtTask("padding_idx", ("text", "manual"), points=1),
    ),
    is_marked=True,
)
