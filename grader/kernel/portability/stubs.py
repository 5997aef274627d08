"""Stand in for modules of Colab and Kaggle, or of the network. Runs inside the student's kernel.

`google.colab`, `kaggle_secrets`, `gdown` and the like do something harmless: a drive is mounted, an
upload returns the files that are here. Installed packages are not replaced.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.kernel.gpu.nvml_stub import gputil_members, nvml_members
from grader.kernel.portability.downloads import Downloads
from grader.kernel.portability.laid_files import LaidFiles
from grader.kernel.portability.paths import Note
from grader.kernel.portability.progress_stubs import PROGRESS_MODULES, progress_members
from grader.kernel.portability.requests_stub import ConnectionError, requests_members
from grader.kernel.recording.inspection import is_in_packages

Members = Mapping[str, Any]

CODE_ENDINGS = (".py", ".ipynb", ".md", ".toml")
"""Endings of files that nobody uploads as data."""

COLAB = "google.colab"

WHOLE = (COLAB, "requests")
"""Packages that import their modules by themselves."""

FOR_NOTEBOOKS = ("pynvml", "GPUtil", "huggingface_hub", *PROGRESS_MODULES)
"""Modules that packages also look for and do without: torch must not find a driver."""

PANDAS = "pandas"
"""Functions that read tables of Kaggle."""


def install(laid: LaidFiles, downloads: Downloads, note: Note) -> None:
    """Make the packages found that are not installed."""
    modules = _Stubs(laid, downloads).modules()
    finder = StubFinder(modules, note)
    sys.meta_path.append(finder)


class StubFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stub where nothing else finds a module: it is the last that is asked."""

    def __init__(self, modules: Mapping[str, Members], note: Note) -> None:
        self._modules = modules
        self._note = note

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a stub by its full name."""
        if fullname not in self._modules:
            return None
        if fullname in FOR_NOTEBOOKS and _is_asked_by_package(sys._getframe(1)):
            return None
        prefix = f"{fullname}."
        is_package = any(name.startswith(prefix) for name in self._modules)
        return importlib.machinery.ModuleSpec(fullname, self, is_package=is_package)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType | None:
        """Leave it to the import system to make the module."""
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill a module, and note the package that it stands for."""
        name = module.__name__
        members = self._modules[name]
        module.__dict__.update(members)
        if name != "google":
            self._note("stub", COLAB if name.startswith(COLAB) else name.partition(".")[0])
        if name == COLAB or name.startswith(f"{COLAB}."):
            module.__getattr__ = _nothing_called  # type: ignore[method-assign]
        elif "__getattr__" not in members:
            module.__getattr__ = _raise_missing(name)  # type: ignore[method-assign]
        if name in WHOLE:
            for inner in self._modules:
                if inner.startswith(f"{name}."):
                    importlib.import_module(inner)


def _is_asked_by_package(frame: types.FrameType | None) -> bool:
    """Return whether an installed package imports something, and not the notebook.

    Args:
        frame: the frame of the import system, which the importing code called.
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<frozen importlib") and file != importlib.__file__:
            return is_in_packages(file)
        frame = frame.f_back
    return False


def do_nothing(*_args: Any, **_kwargs: Any) -> None:
    """Take everything, do nothing."""


def _nothing_called(name: str) -> Any:
    """Return a function for a name that a stub does not have."""
    if name.startswith("__"):
        raise AttributeError(name)
    return do_nothing


def _raise_missing(module: str) -> Callable[[str], Any]:
    """Return an attribute that a stub lacks, as a placeholder of the missing package."""

    def find(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        missing = f"{module}.{name}"
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    return find


def _empty_text(*_args: Any, **_kwargs: Any) -> str:
    return ""


class _Uploads(dict[str, bytes]):
    """Uploaded files by name; other spellings of a name also find them."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        super().__init__(contents)
        self._laid = LaidFiles(contents)

    def __missing__(self, name: str) -> bytes:
        known = self._laid.find(name)
        if known is None:
            raise KeyError(name)
        return self[known]


class _Stubs:
    """The members of all stubs."""

    def __init__(self, laid: LaidFiles, downloads: Downloads) -> None:
        self._laid = laid
        self._downloads = downloads
        self._folder = downloads.folder

    def modules(self) -> dict[str, Members]:
        """Return the members of each module, by its full name."""
        return {
            **self._colab(),
            **self._kaggle(),
            "gdown": {
                "download": self._download_to_output,
                "cached_download": self._download_to_output,
                "download_folder": self._download_folder,
                "extractall": do_nothing,
            },
            "wget": {"download": self._download_to_out},
            **dict.fromkeys(PROGRESS_MODULES, progress_members()),
            "huggingface_hub": {
                "hf_hub_download": self._file_of_hub,
                "snapshot_download": self._download_folder,
                "login": do_nothing,
                "notebook_login": do_nothing,
                "interpreter_login": do_nothing,
            },
            "pynvml": nvml_members(),
            "GPUtil": gputil_members(),
            "opendatasets": {"download": self._download_folder},
            "requests": requests_members(self._downloads.content_of),
            "requests.exceptions": requests_members(self._downloads.content_of),
        }

    def _colab(self) -> dict[str, Members]:
        files = {
            "upload": self._upload,
            "upload_file": self._upload,
            "download": do_nothing,
            "view": do_nothing,
        }
        output = {
            "clear": _clear,
            "eval_js": _empty_text,
            "register_callback": do_nothing,
            "enable_custom_widget_manager": do_nothing,
            "no_vertical_scroll": do_nothing,
        }
        return {
            "google": {},
            COLAB: {"__all__": ["auth", "data_table", "drive", "files", "output", "userdata"]},
            f"{COLAB}.auth": {"authenticate_user": do_nothing},
            f"{COLAB}.data_table": {
                "enable_dataframe_formatter": do_nothing,
                "disable_dataframe_formatter": do_nothing,
                "DataTable": _return_argument,
            },
            f"{COLAB}.drive": {"mount": do_nothing, "flush_and_unmount": do_nothing},
            f"{COLAB}.files": files,
            f"{COLAB}.output": output,
            f"{COLAB}.patches": {"cv2_imshow": _show_image},
            f"{COLAB}.runtime": {"unassign": do_nothing},
            f"{COLAB}.userdata": {
                "get": _empty_text,
                "SecretNotFoundError": type("SecretNotFoundError", (Exception,), {}),
                "NotebookAccessError": type("NotebookAccessError", (Exception,), {}),
            },
            f"{COLAB}.widgets": {},
        }

    def _kaggle(self) -> dict[str, Members]:
        secrets = {
            "get_secret": _empty_text,
            "get_gcloud_credential": _empty_text,
            "set_gcloud_credentials": do_nothing,
            "set_tensorflow_credential": do_nothing,
        }
        client = types.SimpleNamespace
        api = types.SimpleNamespace(
            authenticate=do_nothing,
            dataset_download_files=self._download_folder,
            dataset_download_file=self._download_folder,
            competition_download_files=self._download_folder,
            competition_download_file=self._download_folder,
        )
        return {
            "kaggle": {"api": api},
            "kaggle.api": vars(api),
            "kaggle.api.kaggle_api_extended": {"KaggleApi": lambda *_: api},
            "kaggle_secrets": {"UserSecretsClient": lambda: client(**secrets)},
            "kagglehub": {
                "dataset_download": self._download_folder,
                "competition_download": self._download_folder,
                "model_download": self._download_folder,
                "load_dataset": self._load_table,
                "dataset_load": self._load_table,
                "KaggleDatasetAdapter": types.SimpleNamespace(PANDAS=PANDAS),
                "login": do_nothing,
            },
        }

    def _upload(self, *_args: Any, **_kwargs: Any) -> dict[str, bytes]:
        """Return the files that are here, data before code."""
        names = sorted(self._laid.names, key=lambda name: (name.endswith(CODE_ENDINGS), name))
        contents: dict[str, bytes] = {}
        for name in names:
            path = Path(self._folder, *name.split("/"))
            if path.is_file():
                contents[path.name] = path.read_bytes()
        return _Uploads(contents)

    # Functions that download

    def _download_folder(self, *args: Any, **_kwargs: Any) -> str:
        """Do nothing; return the folder where the files are."""
        self._downloads.skip(f"download {_first_text(args)}".strip())
        return self._folder

    def _file_of_hub(self, repo_id: str, filename: str, **_kwargs: Any) -> str:
        """Return the path of a file of this name that is here."""
        path = self._downloads.file_of(filename)
        if path is None:
            raise ConnectionError(f"There is no network here: {repo_id}/{filename}")
        return path

    def _load_table(self, _adapter: Any, handle: str, path: str, **kwargs: Any) -> Any:
        """Read a table of this name that is here, as pandas does."""
        pandas = importlib.import_module("pandas")
        found = self._file_of_hub(handle, path)
        return pandas.read_csv(found, **kwargs.get("pandas_kwargs", {}))

    def _download_to_output(self, *args: Any, **kwargs: Any) -> str:
        return self._download(args, kwargs, "output")

    def _download_to_out(self, *args: Any, **kwargs: Any) -> str:
        return self._download(args, kwargs, "out")

    def _download(self, args: Sequence[Any], kwargs: Mapping[str, Any], target_name: str) -> str:
        """Make the file that is asked for, if it is here.

        Args:
            args: URL and target, as far as they are given by their places.
            kwargs: those that are given by name.
            target_name: name of the target.
        """
        named_url = kwargs.get("url") or kwargs.get("id")
        url = str(named_url or _first_text(args))
        target = kwargs.get(target_name) or None
        if target is None and len(args) > 1:
            target = args[1]
        if target is None or str(target).endswith(("/", "\\")):
            path = self._downloads.file_of(url)
            if path is not None:
                return path
            self._downloads.skip(f"download {url}")
            return str(target or "")
        if not self._downloads.fetch(url, target):
            self._downloads.skip(f"download {url}")
        return str(target)


def _first_text(args: Sequence[Any]) -> str:
    if not args:
        return ""
    return str(args[0])


def _return_argument(value: Any, *_args: Any, **_kwargs: Any) -> Any:
    return value


def _clear(*_args: Any, **_kwargs: Any) -> None:
    from IPython.display import clear_output

    clear_output()


def _show_image(image: Any, *_args: Any) -> None:
    """Show an image as OpenCV holds it: blue first."""
    from IPython.display import display
    from PIL import Image

    if getattr(image, "ndim", 0) == 3:
        image = image[..., ::-1]
    display(Image.fromarray(image))
