"""Find why cells failed: by the student's code, the machine, or the order of the cells. Pure.

Correct code fails on a machine that lacks a package, a GPU, a network or the student's folders. The
cause propagates: a cell that needs a result of such a cell fails for the same reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.notebook.cell_names import CellNames, read_names
from grader.notebook.imports import package_of
from grader.report import CauseKind
from grader.trace import CellRun, Event, Run, Trace

MAX_WHAT = 100
"""Most characters of the name of a package or path in a cause."""

_PACKAGE = re.compile(r"No module named '?(?P<what>[\w.]+)'?")
_LIBRARY = re.compile(r"(?P<what>[\w.+-]+\.so[\w.]*): cannot open shared object file")
_DEVICE = re.compile(
    r"(?i:torch not compiled with (?P<what>cuda|xpu)|no cuda gpus|no nvidia driver|cuda error"
    r"|not linked with support for (?P<other>\w+) devices|mps backend|on a cuda device|cuda_home"
    r"|cudart|cannot access accelerator|requires? an? gpu|gpu is required|exchangeDevice"
    r"|on supported devices|'aten::.*' with arguments from the '(?P<backend>CUDA|XPU|MPS)')"
)
_NETWORK_ERRORS = re.compile(
    r"URLError|HTTPError|gaierror|ConnectionError|ConnectTimeout|ConnectionRefusedError|SSLError"
    r"|MaxRetryError|NewConnectionError|ProxyError|LocalEntryNotFoundError|OfflineModeIsEnabled"
)
_NETWORK = re.compile(
    r"Name or service not known|name resolution|Network is unreachable|Max retries exceeded"
    r"|[Tt]here is no network here|establish a new connection|couldn't connect to|urlopen error"
    r"|getaddrinfo failed|requested files in the local cache|^Error downloading"
)
_PATH_ERRORS = re.compile(r"FileNotFoundError|NotADirectoryError|IsADirectoryError")
_PATH = re.compile(
    r"(?:No such file or directory|Not a directory|Read-only file system|Permission denied)"
    r"(?:: ?b?['\"](?P<what>[^'\"]+))?|Dataset not found|^(?P<other>\S+) not found\."
    r"|unable to open database file|no such table|failed to execute \w*\(?['\"](?P<program>[\w.]+)"
    r"|^File [`'\"]+(?P<script>[^`'\"]+)[`'\"]+ not found"
)
_BACKEND = re.compile(
    r"Cannot load backend '?(?P<what>\w+)|no display name|couldn't connect to display"
    r"|not a valid value for backend|Cannot change to a different GUI toolkit"
)
_FORMER_TABLE = r"append|as_matrix|get_value|iteritems|ix|lookup|mad|tshift|applymap"
_FORMER_IN_PANDAS = r"np|datetime|Panel|Int64Index|Float64Index|rolling_\w+|scatter_matrix"
_FORMER_IN_NUMPY = r"asscalar|msort|alen|loads|warnings|sctypes|find_common_type|random_integers"
_FORMER_IN_TORCH = r"i?rfft|i?fft|gels|eig|integer_div"
_FORMER_IN_READ_CSV = r"error_bad_lines|warn_bad_lines|squeeze|delim_whitespace|mangle_dupe_cols"
_VERSION = re.compile(
    r"`(?P<what>[\w.]+)` (?:was removed in the NumPy|has been removed)"
    r"|deprecated since version .+ is now removed"
    rf"|'(?:DataFrame|Series)' object has no attribute '(?P<table>{_FORMER_TABLE})'"
    rf"|module 'pandas' has no attribute '(?P<pandas>{_FORMER_IN_PANDAS})'"
    rf"|module 'numpy(?:\.random)?' has no attribute '(?P<numpy>{_FORMER_IN_NUMPY})'"
    r"|'numpy.ndarray' object has no attribute '(?P<array>ptp|itemset|newbyteorder)'"
    r"|Unable to avoid (?P<copy>copy) while creating an array"
    rf"|module 'torch' has no attribute '(?P<torch>{_FORMER_IN_TORCH})'"
    r"|'ImageDraw' object has no attribute '(?P<drawing>textsize)'"
    r"|'\w+' object has no attribute '(?P<window>set_window_title)'"
    r"|module 'seaborn' has no attribute '(?P<seaborn>tsplot)'"
    r"|Rectangle\.set\(\) got an unexpected keyword argument '(?P<bars>normed)'"
    r"|module '(?:asyncio|ctypes|os|signal|time)' has no attribute"
    r" '(?P<windows>[Ww]in\w+|oledll|startfile|add_dll_directory|SIGBREAK|clock)'"
    r"|cannot import name '(?P<weights>model_urls)'"
    r"|cannot import name '(?P<member>\w+)' from '(?!torch|numpy)[\w.]+'"
    r" \([^)]*[/\\](?:site|dist)-packages[/\\]"
)
"""An error about names that other releases of packages, or Windows, have.

Names that torch and numpy never had are slips of the student's.
"""

_FORMER_OPTION = re.compile(
    rf"^(?:read_csv\(\).*'(?P<csv>{_FORMER_IN_READ_CSV})'"
    r"|\w+\.fillna\(\).*'(?P<fill>method)'"
    r"|OneHotEncoder\.__init__\(\).*'(?P<encoder>sparse)'"
    r"|(?:LinearRegression|Ridge|Lasso)\w*\.__init__\(\).*'(?P<model>normalize)'"
    r"|LogisticRegression\.__init__\(\).*'(?P<classes>multi_class)'"
    r"|got an unexpected keyword argument '(?P<metric>squared)'"
    r"|(?:bar|count|box|line|scatter|violin|point|strip)plot\(\) takes from 0 to (?P<plot>1) pos"
    r"|Cannot perform reduction '(?P<mean>\w+)' with string dtype)"
)
"""A TypeError about an option that a function of another release has."""

_WRITES = re.compile(
    r"^(?!.*load\w*\().*(?:save|dump|to_\w+\(|writ|ckpt|checkpoint|open\(.*,\s*['\"][wax])"
)
"""A line that may write a file, and loads none."""

MAX_LINE = 1_000
"""Characters of a line that are searched for the writing of a file."""

_NO_INPUT = "StdinNotImplementedError"
_STAND_IN = "_MissingPackage"
"""Placeholder of a missing package, as named in errors: see `kernel.portability`."""

LOGGERS = frozenset(
    ("wandb", "mlflow", "comet_ml", "neptune", "clearml", "aim", "tensorboard", "tensorboardX")
)
"""Packages that log a training: a cell needs another one that it uses rather than these."""

_UNDEFINED = re.compile(r"name '(?P<name>\w+)' is not defined")
_RUN = re.compile(r"^[ \t]*(?:%run\b|%load\b|exec\(|runpy\.)", re.MULTILINE)
"""A magic or call that runs a file, and binds its names."""

_STAR = re.compile(r"^[ \t]*from[ \t]+(?P<package>\w+)[\w.]*[ \t]+import[ \t]*\*", re.MULTILINE)
"""An import of all names of a package, so that they are unknown."""

_REASON_OF_STATUS = {
    "timeout": "time",
    "flooded": "output",
}


@dataclass(frozen=True)
class Cause:
    """Why a cell failed, or why its results cannot be relied on."""

    kind: CauseKind
    reason: str = ""
    """For the machine: `package`, `version`, `device`, `network`, `path`, `variable`, `backend`,
    `input`, or the limit.

    Where the kernel ended and nothing tells why: `kernel`.
    """
    what: str = ""
    """The package, device or path; empty if the error does not tell."""
    cell: int = -1
    """The cell in which it began."""


STUDENT = Cause("student")

WAITING_KINDS = ("machine", "unknown")
"""Kinds of causes for which a person has to look."""


@dataclass(frozen=True)
class Causes:
    """The causes in one run of a notebook."""

    failed: Mapping[int, Cause]
    """Per cell that did not end well, why."""
    waiting: Mapping[int, Cause]
    """Per cell that failed for a reason that is not known to be the student's, or that builds on
    one which did: the reason."""
    stand_ins: Mapping[int, str]
    """Per cell that called something of a package that is not there: the package."""
    open_names: Cause | None = None
    """Why names are unknown that no cell binds; None if nothing but the cells could bind them."""


def causes_of(trace: Trace) -> Causes:
    """Find the causes of failures on the original data."""
    stand_ins = _stand_ins(trace)
    final_runs = {run.cell: run for run in trace.base.cells}
    sources = {cell.cell: cell.source for cell in trace.cells}
    binding_cells = _binding_cells(sources)
    open_imports = packages_of_open_imports(trace.base, sources)
    search = _CauseSearch(
        stand_ins, open_imports, binding_cells, _missing_variables(trace), sources
    )
    for cell, run in final_runs.items():
        source = sources.get(cell, "")
        names = read_names(source)
        search.take(run, names)
    return Causes(search.failed, search.waiting, stand_ins, search.cause_of_open_names())


def _stand_ins(trace: Trace) -> dict[int, str]:
    """Return the cells that used a placeholder for a missing package, each with its name."""
    packages: dict[int, str] = {}
    for event in trace.base.events:
        topic, package = _split_note(event)
        if topic != "missing-used":
            continue
        known = packages.get(event.cell)
        if known is None or known in LOGGERS:
            packages[event.cell] = package
    return packages


def packages_of_open_imports(run: Run, sources: Mapping[int, str]) -> dict[int, str]:
    """Return the cells that import all names of a missing package, each with its name.

    Args:
        run: the notebook's run.
        sources: its cells.
    """
    packages: dict[int, str] = {}
    for event in run.events:
        topic, package = _split_note(event)
        if topic != "missing":
            continue
        source = sources.get(event.cell, "")
        imported = [match["package"] for match in _STAR.finditer(source)]
        if package in imported:
            packages.setdefault(event.cell, package)
    return packages


def _missing_variables(trace: Trace) -> frozenset[tuple[int, str]]:
    """Return the environment variables that cells missed, each with its cell."""
    variables: set[tuple[int, str]] = set()
    for event in trace.base.events:
        topic, name = _split_note(event)
        if topic == "missing-variable":
            variables.add((event.cell, name))
    return frozenset(variables)


def _split_note(event: Event) -> tuple[str, str]:
    """Split a note into topic and detail; both are empty for other events."""
    if event.kind != "note":
        return "", ""
    topic, _, detail = event.text.partition(" ")
    return topic, detail[:MAX_WHAT]


def _binding_cells(sources: Mapping[int, str]) -> dict[str, int]:
    """Return, per name, the last cell that binds or imports it."""
    cells: dict[str, int] = {}
    for cell, source in sources.items():
        names = read_names(source)
        for name in names.binds | names.imports:
            known = cells.get(name, cell)
            cells[name] = max(cell, known)
    return cells


def missing_packages(trace: Trace) -> frozenset[str]:
    """Return the packages that the notebook imports and that were not installed when it ran."""
    packages: set[str] = set()
    for event in trace.base.events:
        topic, package = _split_note(event)
        if topic == "missing":
            packages.add(package)

    for run in trace.base.cells:
        cause = _direct_cause(run)
        if cause is None:
            continue
        if cause.reason == "package":
            package = package_of(cause.what)
            packages.add(package)
    return frozenset(packages)


class _CauseSearch:
    """Goes through the cells in their order, and propagates the machine's faults."""

    def __init__(
        self,
        stand_ins: Mapping[int, str],
        open_imports: Mapping[int, str],
        binding_cells: Mapping[str, int],
        missing_variables: frozenset[tuple[int, str]],
        sources: Mapping[int, str],
    ) -> None:
        self.failed: dict[int, Cause] = {}
        self.waiting: dict[int, Cause] = {}
        self._stand_ins = stand_ins
        self._open_imports = open_imports
        self._binding_cells = binding_cells
        self._missing_variables = missing_variables
        self._sources = sources
        self._assigned: dict[str, Cause] = {}
        """Per name that a cell should have assigned, why it did not."""
        self._imported: dict[str, Cause] = {}
        """Per name that a cell should have imported, why it did not."""
        self._last_failure: Cause | None = None

    def take(self, run: CellRun, names: CellNames) -> None:
        """Find the cause of the next cell, and apply it to the names that the cell binds."""
        inherited = self._inherited(run, names)
        cause = inherited
        if run.status != "ok":
            cause = self._cause(run, inherited)
            self.failed[run.cell] = cause

        if cause is None or cause.kind not in WAITING_KINDS:
            self._forget(names, run)
            return
        self.waiting[run.cell] = cause
        for name in names.binds:
            self._assigned[name] = cause
        if run.status != "ok":
            for name in names.imports:
                self._imported[name] = cause

    def _inherited(self, run: CellRun, names: CellNames) -> Cause | None:
        """Return why a name that the cell reads has no reliable value."""
        for name in sorted(names.reads | names.later):
            cause = self._assigned.get(name)
            if cause is not None:
                return cause
        needed = names.later
        if run.status != "ok":
            needed |= names.reads
        for name in sorted(needed):
            cause = self._imported.get(name)
            if cause is not None:
                return cause
        return None

    def _forget(self, names: CellNames, run: CellRun) -> None:
        """Clear the causes of names that a cell has bound again."""
        if run.status != "ok":
            return
        for name in names.binds - names.reads:
            self._assigned.pop(name, None)
        for name in names.imports:
            self._imported.pop(name, None)

    def _cause(self, run: CellRun, inherited: Cause | None) -> Cause:
        direct = _direct_cause(run)
        if direct is not None and direct.reason == "path":
            return self._cause_of_unwritten(direct)
        if direct is not None:
            self._last_failure = direct
            return direct
        if run.status == "not_run":
            return self._last_failure or Cause("unknown", "kernel", cell=run.cell)
        if run.status == "died":
            self._last_failure = Cause("unknown", "kernel", cell=run.cell)
            return self._last_failure
        variable = run.message.strip("'\"")
        if run.error == "KeyError" and (run.cell, variable) in self._missing_variables:
            return Cause("machine", "variable", variable, run.cell)
        package = self._package_behind(run)
        if package:
            return Cause("machine", "package", package, run.cell)
        if inherited is not None:
            return inherited
        return self._students_cause(run)

    def _cause_of_unwritten(self, cause: Cause) -> Cause:
        """Return why a file is not there: perhaps the cell failed that should have written it."""
        _, _, file = cause.what.replace("\\", "/").rpartition("/")
        if not file:
            return cause
        for cell, failure in self.failed.items():
            for line in self._sources.get(cell, "").splitlines():
                beginning = line[:MAX_LINE]
                if file in beginning and _WRITES.search(beginning):
                    return failure
        return cause

    def _package_behind(self, run: CellRun) -> str:
        """Return the missing package that a cell used, directly or through an earlier cell."""
        if run.cell in self._stand_ins:
            return self._stand_ins[run.cell]
        if _STAND_IN not in run.message:
            return ""
        callers = [cell for cell in self._stand_ins if cell < run.cell]
        if not callers:
            return ""
        nearest = max(callers)
        return self._stand_ins[nearest]

    def _students_cause(self, run: CellRun) -> Cause:
        if run.error != "NameError":
            return STUDENT
        match = _UNDEFINED.search(run.message)
        if match is None:
            return STUDENT
        bound_in = self._binding_cells.get(match["name"])
        if bound_in is None:
            return self.cause_of_open_names(run.cell) or STUDENT
        if bound_in <= run.cell:
            return STUDENT
        return Cause("order", cell=bound_in)

    def cause_of_open_names(self, up_to: float = math.inf) -> Cause | None:
        """Return why names are unknown that no cell binds.

        A missing package may have had them, or a script that is not there.
        """
        for cell, package in self._open_imports.items():
            if cell <= up_to:
                return Cause("machine", "package", package, cell)
        for cell, failure in self.failed.items():
            if failure.reason == "path" and _RUN.search(self._sources.get(cell, "")):
                return failure
        return None


def _direct_cause(run: CellRun) -> Cause | None:
    """Return the cause that a cell's own ending shows; None if it is not the machine."""
    if run.error == "notebook-timeout":
        return Cause("machine", "notebook-time", cell=run.cell)
    if run.limit:
        return Cause("machine", run.limit, cell=run.cell)
    limit = _REASON_OF_STATUS.get(run.status)
    if limit:
        return Cause("machine", limit, cell=run.cell)
    if run.status != "error":
        return None
    for reason, match in _matches(run.error, run.message):
        what = _name_in_error(match)
        return Cause("machine", reason, what, run.cell)
    return None


def _matches(error: str, message: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Yield the machine's reasons that fit an error, with the match in its message."""
    if error == "ModuleNotFoundError":
        yield "package", _PACKAGE.search(message)
    library = _LIBRARY.search(message)
    if library:
        yield "package", library
    version = _VERSION.search(message)
    if error == "TypeError":
        version = version or _FORMER_OPTION.search(message)
    if version:
        yield "version", version
    if error == _NO_INPUT:
        yield "input", None
    device = _DEVICE.search(message)
    if device:
        yield "device", device
    backend = _BACKEND.search(message)
    if backend:
        yield "backend", backend
    if _NETWORK_ERRORS.search(error) or _NETWORK.search(message):
        yield "network", None
    path = _PATH.search(message)
    if path or _PATH_ERRORS.search(error):
        yield "path", path


def _name_in_error(match: re.Match[str] | None) -> str:
    """Return what an error message names."""
    if match is None:
        return ""
    groups = match.groupdict()
    for text in groups.values():
        if text:
            return text[:MAX_WHAT]
    return ""
