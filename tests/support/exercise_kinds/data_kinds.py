"""Kinds of exercises about data, loaders and numbers."""

from __future__ import annotations

from tests.support.exercise_kinds.kind import Kind, wrong

_FLOWERS = "".join(
    f"{species},{length}\n"
    for species, length in zip(
        ("setosa", "virginica", "versicolor") * 6,
        (5.1, 6.3, 7.0, 4.9, 5.8, 6.4, 4.7, 7.1, 6.9, 4.6, 6.2, 5.5, 5.4, 6.5, 6.6, 5.0, 7.6, 5.7),
        strict=True,
    )
)

_SQUARES = """
    class Squares(torch.utils.data.Dataset):
        def __init__(self, n):
            self.n = n
        def __len__(self):
            return self.n
        def __getitem__(self, index):
            x = torch.tensor(float(index))
            return x, x ** 2
    """

_COUNTS = """
    def confusion(actual, predicted, classes):
        table = torch.zeros(classes, classes)
        for a, p in zip(actual, predicted):
            table[a, p] += 1
        return table
    """

KINDS: tuple[Kind, ...] = (
    Kind(
        id="loader",
        words="`batches` gives 8 of `items` at a time, shuffled, without an incomplete batch.",
        given="""
            from torch.utils.data import DataLoader, TensorDataset
            items = TensorDataset(torch.arange(50.).reshape(25, 2), torch.arange(25))
            """,
        reference="batches = DataLoader(items, batch_size=8, shuffle=True, drop_last=True)",
        table="""
            check = "test"
            equal = ["[len(x) for x, y in batches]"]
            holds = [
                "all(torch.equal(x[:, 0], 2. * y) for x, y in batches)",
                "order(batches) != order(batches)",
            ]
            """,
        probes="""
            def order(loader):
                return [int(label) for x, y in loader for label in y]
            """,
        right=(
            "batches = DataLoader(items, 8, shuffle=True, drop_last=True)",
            """
            from torch.utils.data import BatchSampler, RandomSampler
            sampler = BatchSampler(RandomSampler(items), batch_size=8, drop_last=True)
            batches = DataLoader(items, batch_sampler=sampler)
            """,
            """
            def loader_of(dataset, n):
                return DataLoader(dataset, batch_size=n, shuffle=True, drop_last=True)
            train_loader = loader_of(items, 8)
            """,
        ),
        wrong=(
            wrong(
                "batches = DataLoader(items, batch_size=8, drop_last=True)",
                earns=2 / 3,
                reads="test.not-true",
            ),
            wrong(
                "batches = DataLoader(items, batch_size=8, shuffle=True)",
                earns=2 / 3,
                reads="test.other",
            ),
            wrong("batches = DataLoader(items, batch_size=5)", earns=1 / 3),
        ),
        hard_coded=wrong("batches = [8, 8, 8]", reads="test.raises"),
        blank=wrong("# your code here", reads="probe.missing"),
    ),
    Kind(
        id="dataset",
        words="`Squares(n)` is a data set: item i is the pair of i and its square, as floats.",
        reference=_SQUARES,
        table="""
            check = "test"
            equal = [
                "len(Squares(7))",
                "Squares(9)[3]",
                "next(iter(torch.utils.data.DataLoader(Squares(12), batch_size=6)))[1]",
            ]
            """,
        right=(
            """
            from torch.utils.data import Dataset
            class Squares(Dataset):
                def __init__(self, count):
                    super().__init__()
                    self.x = torch.arange(float(count))
                    self.y = self.x * self.x
                def __len__(self):
                    return len(self.x)
                def __getitem__(self, i):
                    return self.x[i], self.y[i]
            """,
            """
            class Squares(torch.utils.data.TensorDataset):
                def __init__(self, n):
                    x = torch.arange(n, dtype=torch.float32)
                    super().__init__(x, x.pow(2))
            """,
            """
            class Squares:
                def __init__(self, n):
                    self.pairs = [(float(i), float(i * i)) for i in range(n)]
                def __len__(self):
                    return len(self.pairs)
                def __getitem__(self, i):
                    return self.pairs[i]
            """,
        ),
        wrong=(
            wrong(_SQUARES.replace("return self.n", "return self.n - 1"), earns=2 / 3),
            wrong(_SQUARES.replace("x ** 2", "x ** 3"), earns=1 / 3),
            wrong(_SQUARES.replace("x, x ** 2", "x"), earns=1 / 3),
        ),
        hard_coded=wrong("Squares = [(0., 0.), (1., 1.), (2., 4.), (3., 9.)]"),
    ),
    Kind(
        id="group-means",
        words="`means` has the mean length of each species, in alphabetical order.",
        given='flowers = pd.read_csv("flowers.csv")',
        files={"flowers.csv": "species,length\n" + _FLOWERS},
        reference="""
            means = flowers.groupby("species")["length"].mean()
            # grade: group-means = means
            """,
        table='check = "value"',
        variants="""
            [[files]]
            name = "flowers.csv"
            make = "jitter"
            """,
        right=(
            'means = flowers.groupby("species").length.mean()\nprint(means)',
            """
            names = sorted(flowers["species"].unique())
            means = [flowers[flowers.species == name]["length"].mean() for name in names]
            """,
            """
            table = flowers.pivot_table(values="length", index="species", aggfunc="mean")
            means = torch.tensor(table["length"].values)
            """,
        ),
        wrong=(
            wrong('means = flowers.groupby("species")["length"].median()'),
            wrong('means = flowers["length"].mean()'),
            wrong('means = flowers.groupby("species")["length"].sum()'),
        ),
        hard_coded=wrong("means = [4.95, 6.35, 6.583333]", reads="value.does-not-follow-data"),
    ),
    Kind(
        id="random-split",
        words="`train_part` has 20 of the `rows`, chosen at random, and `test_part` the others.",
        given="rows = torch.utils.data.TensorDataset(torch.arange(25))",
        reference="train_part, test_part = torch.utils.data.random_split(rows, [20, 5])",
        table="""
            check = "test"
            equal = ["[len(train_part), len(test_part)]"]
            holds = [
                "sorted(numbers(train_part) + numbers(test_part)) == list(range(25))",
                "numbers(train_part) != list(range(20))",
            ]
            """,
        probes="""
            def numbers(part):
                return [int(number) for (number,) in part]
            """,
        right=(
            "train_part, test_part = torch.utils.data.random_split(rows, [0.8, 0.2])",
            """
            shuffled = torch.randperm(len(rows)).tolist()
            train_part = torch.utils.data.Subset(rows, shuffled[:20])
            test_part = torch.utils.data.Subset(rows, shuffled[20:])
            """,
            """
            generator = torch.Generator().manual_seed(7)
            parts = torch.utils.data.random_split(rows, (20, 5), generator=generator)
            train_part = parts[0]
            test_part = parts[1]
            """,
        ),
        wrong=(
            wrong(
                "test_part, train_part = torch.utils.data.random_split(rows, [20, 5])", earns=2 / 3
            ),
            wrong(
                """
                train_part = torch.utils.data.Subset(rows, range(20))
                test_part = torch.utils.data.Subset(rows, range(20, 25))
                """,
                earns=2 / 3,
            ),
            wrong(
                """
                train_part = torch.utils.data.Subset(rows, torch.randperm(20).tolist())
                test_part = torch.utils.data.Subset(rows, torch.randperm(20)[:5].tolist())
                """,
                earns=2 / 3,
            ),
        ),
        hard_coded=wrong("train_size = 20\ntest_size = 5\nprint(train_size, test_size)"),
    ),
    Kind(
        id="standardised",
        words="`scaled` has the columns of `sizes` with mean 0 and deviation 1 (by n - 1).",
        given="sizes = torch.tensor([[1., 20.], [2., 25.], [4., 10.], [8., 40.], [5., 30.]])",
        reference="""
            scaled = (sizes - sizes.mean(0)) / sizes.std(0)
            # grade: standardised = scaled
            """,
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "sizes"
            variants = [
                "torch.tensor([[2., 10.], [1., 40.], [5., 20.], [4., 30.], [7., 15.]])",
                "sizes * torch.tensor([1.3, .7]) + torch.tensor([[.3], [1.1], [0.], [2.7], [.9]])",
            ]
            """,
        right=(
            """
            centred = sizes - sizes.mean(dim=0, keepdim=True)
            scaled = centred / (centred.pow(2).sum(0) / (len(sizes) - 1)).sqrt()
            """,
            """
            columns = []
            for j in range(sizes.shape[1]):
                column = sizes[:, j]
                columns.append((column - column.mean()) / column.std())
            scaled = torch.stack(columns, dim=1)
            """,
            """
            array = sizes.numpy()
            scaled = torch.from_numpy((array - array.mean(0)) / array.std(0, ddof=1))
            """,
        ),
        wrong=(
            wrong("scaled = (sizes - sizes.mean()) / sizes.std()"),
            wrong("scaled = sizes - sizes.mean(0)"),
            wrong("scaled = (sizes - sizes.mean(0)) / sizes.std(0, unbiased=False)"),
        ),
        hard_coded=wrong(
            """
            scaled = torch.tensor([
                [-1.0954451, -0.4472136], [-0.7302967, 0.0], [0.0, -1.3416408],
                [1.4605935, 1.3416408], [0.3651484, 0.4472136]])
            """
        ),
    ),
    Kind(
        id="softmax",
        words="Write `probabilities(scores)`: the softmax of each row, also of large numbers.",
        reference="""
            def probabilities(scores):
                powers = torch.exp(scores - scores.max(dim=1, keepdim=True).values)
                return powers / powers.sum(dim=1, keepdim=True)
            # grade: softmax = probabilities
            """,
        table="""
            check = "function"
            function = "probabilities"
            shares = true
            calls = [
                "torch.tensor([[1., 2., 3.], [0., 0., 5.]])",
                "torch.tensor([[-2., .5], [1.5, 1.], [0., 0.]])",
                "torch.tensor([[1000., 1001.], [-1000., 0.]])",
            ]
            """,
        right=(
            "def probabilities(scores):\n    return torch.softmax(scores, dim=1)",
            """
            def probabilities(z):
                return (z - torch.logsumexp(z, dim=1, keepdim=True)).exp()
            """,
            """
            def probabilities(scores):
                result = []
                for row in scores:
                    e = torch.exp(row - row.max())
                    result.append(e / e.sum())
                return torch.stack(result)
            """,
        ),
        wrong=(
            wrong("def probabilities(scores):\n    return torch.softmax(scores, dim=0)"),
            wrong(
                """
                def probabilities(scores):
                    return torch.exp(scores) / torch.exp(scores).sum(1, keepdim=True)
                """,
                earns=2 / 3,
            ),
            wrong(
                """
                def probabilities(scores):
                    print(torch.softmax(scores, dim=1))
                """,
                reads="function.gives-nothing",
            ),
        ),
        hard_coded=wrong(
            """
            def probabilities(scores):
                return torch.tensor([[0.0900, 0.2447, 0.6652], [0.0067, 0.0067, 0.9867]])
            """
        ),
    ),
    Kind(
        id="one-hot",
        words="`hot` has a row for each label of `labels` and a column for each of the 3 classes.",
        given="labels = torch.tensor([2, 0, 1, 2, 1])",
        reference="hot = F.one_hot(labels, 3)\n# grade: one-hot = hot",
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "labels"
            variants = ["torch.tensor([1, 2, 0, 0, 2])", "torch.tensor([0, 1, 1, 2, 0])"]
            """,
        right=(
            "hot = torch.eye(3)[labels]",
            "hot = torch.zeros(len(labels), 3)\nhot[torch.arange(len(labels)), labels] = 1",
            "hot = (labels[:, None] == torch.arange(3)).long()",
        ),
        wrong=(
            wrong("hot = F.one_hot(labels, 3).T"),
            wrong("hot = F.one_hot(labels, 4)"),
            wrong("hot = torch.eye(3)[labels.sort().values]"),
        ),
        hard_coded=wrong(
            "hot = torch.tensor([[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]])"
        ),
    ),
    Kind(
        id="confusion",
        words="Write `confusion(actual, predicted, classes)`: a row for each actual class.",
        reference=_COUNTS + "# grade: confusion = confusion",
        table="""
            check = "function"
            function = "confusion"
            calls = [
                "torch.tensor([0, 1, 2, 2, 1]), torch.tensor([0, 2, 2, 1, 1]), 3",
                "torch.tensor([0, 0, 1, 1]), torch.tensor([1, 0, 1, 1]), 2",
            ]
            """,
        right=(
            """
            def confusion(actual, predicted, classes):
                flat = torch.bincount(actual * classes + predicted, minlength=classes ** 2)
                return flat.reshape(classes, classes)
            """,
            """
            def confusion(actual, predicted, classes):
                rows = F.one_hot(actual, classes).T
                return rows @ F.one_hot(predicted, classes)
            """,
            """
            def confusion(y, p, k):
                table = [[0] * k for _ in range(k)]
                for i in range(len(y)):
                    table[y[i].item()][p[i].item()] += 1
                return table
            """,
        ),
        wrong=(
            wrong(_COUNTS.replace("table[a, p]", "table[p, a]")),
            wrong(_COUNTS.replace("return table", "return table / len(actual)")),
            wrong(_COUNTS.replace("table[a, p] += 1", "table[a, p] = 1")),
        ),
        hard_coded=wrong(
            """
            def confusion(actual, predicted, classes):
                return torch.tensor([[1, 0, 0], [0, 1, 1], [0, 1, 1]])
            """
        ),
    ),
    Kind(
        id="convolution-shape",
        words="""
            `filtered` is what a convolution `conv` makes of `photos`: 8 channels, kernels of 5,
            steps of 2, a margin of 1. Print its shape.
            """,
        given="photos = torch.rand(4, 3, 32, 32)",
        reference="""
            conv = nn.Conv2d(3, 8, kernel_size=5, stride=2, padding=1)
            filtered = conv(photos)
            print(filtered.shape)
            """,
        table="""
            check = "test"
            equal = ["(conv(photos).shape, conv.weight.shape)"]
            holds = ["torch.allclose(filtered, conv(photos))"]
            """,
        right=(
            "conv = nn.Conv2d(3, 8, 5, 2, 1)\nfiltered = conv(photos)\nfiltered.shape",
            """
            conv = nn.Conv2d(3, 8, (5, 5), stride=(2, 2), padding=(1, 1), bias=False)
            with torch.no_grad():
                filtered = conv(photos)
            print(filtered.size())
            """,
            """
            conv = nn.LazyConv2d(8, 5, stride=2, padding=1)
            filtered = conv(photos)
            """,
        ),
        wrong=(
            wrong("conv = nn.Conv2d(3, 8, 5, stride=2)\nfiltered = conv(photos)", earns=0.5),
            wrong("conv = nn.Conv2d(3, 8, 3, 2)\nfiltered = conv(photos)", earns=0.5),
            wrong("conv = nn.Conv2d(1, 8, 5, 2, 1)\nfiltered = conv(photos)"),
        ),
        hard_coded=wrong(
            "filtered = torch.zeros(4, 8, 15, 15)\nprint(filtered.shape)", reads="probe.missing"
        ),
    ),
    Kind(
        id="formatted-text",
        words="`line` says the mean of `prices` and how many they are: `mean 2.50 of 4 prices`.",
        given="prices = [1., 2.5, 3., 3.5]",
        reference="""
            line = f"mean {sum(prices) / len(prices):.2f} of {len(prices)} prices"
            # grade: formatted-text = line
            """,
        table='check = "value"',
        variants="""
            [[inputs]]
            name = "prices"
            variants = ["[2., 3., 1., 5.]", "[1.21, 4.57, 2.03, 3.33]"]
            """,
        right=(
            """
            mean = sum(prices) / len(prices)
            line = "mean %.2f of %d prices" % (mean, len(prices))
            """,
            """
            mean = np.mean(prices)
            print("mean {:.2f} of {} prices".format(mean, len(prices)))
            """,
            """
            parts = ["mean", f"{torch.tensor(prices).mean():.2f}", "of", str(len(prices)), "prices"]
            line = " ".join(parts)
            """,
        ),
        wrong=(
            wrong('line = f"mean {sum(prices) / len(prices)} of {len(prices)} prices"'),
            wrong('line = f"mean {sum(prices) / len(prices):.2f} of {len(prices)} price"'),
            wrong('line = f"mean {max(prices):.2f} of {len(prices)} prices"'),
        ),
        hard_coded=wrong('line = "mean 2.50 of 4 prices"', reads="value.does-not-follow-data"),
    ),
)
