"""Which files a run looks at: the arguments, or what git, .gitignore and the settings leave of a tree."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callsafe.checks.patterns import Matches, matcher
from callsafe.checks.settings import EXCLUDE, ConfigurationError, Settings

if TYPE_CHECKING:
    import subprocess

_BINARY = frozenset(
    """
    .7z .a .avi .avif .bin .bmp .bz2 .class .ckpt .crf .db .dll .dylib .eot .exe .flac .gguf .gif .gz .h5
    .icns .ico .jar .jpeg .jpg .mov .mp3 .mp4 .npy .npz .o .ogg .onnx .otf .parquet .pdf .pickle .pkl .png .pt
    .pth .pyc .pyd .pyo .rar .safetensors .so .sqlite .sqlite3 .tar .tgz .tif .tiff .ttf .war .wasm .wav .webm
    .webp .whl .woff .woff2 .xlsx .xz .zip .zst
    """.split()  # noqa: SIM905 (a list literal would take fifty lines)
)
_DENIED = re.compile(r"^warning: could not open directory '(.*)': (.*)$", re.MULTILINE)
# git must neither run a program that the repository names nor follow the hook that it may be called from.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_LIST = ("ls-files", "-coz", "--exclude-standard")
_GIT_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to look at, or a place that cannot be: then `problem` says why.

    `path` is relative to the current folder where it lies below it, with slashes. `named` tells that it was
    an argument itself.
    """

    path: str
    named: bool = False
    problem: str = ""


def discover(paths: Sequence[str], settings: Settings) -> Iterator[Found]:
    """Yield every file once, in a stable order.

    A file that is named is looked at even where a pattern excludes it, unless `force_exclude` is set. Links
    to folders, and links met in a tree, are not followed: what they point to is found where it stands.

    Raises:
        ConfigurationError: a path does not exist.

    """
    for path in paths:
        _exists(path)
    names = frozenset(EXCLUDE if settings.exclude is None else ())
    patterns = (settings.exclude or ()) + settings.extend_exclude
    by_pattern = matcher(patterns, settings.root) if patterns else _none

    def excluded(path: str) -> bool:
        return by_pattern(path) or not names.isdisjoint(path.split("/"))

    seen = set()
    for path in map(shown, paths):
        if settings.force_exclude and excluded(path):
            continue
        if os.path.isdir(path):
            found = _named_tree(path, _below(path, names, by_pattern))
        else:
            found = iter((Found(path, named=True),))
        for one in found:
            if one.path not in seen:
                seen.add(one.path)
                yield one


def shown(path: str) -> str:
    """Return the path as findings show it."""
    if os.path.isabs(path) or ".." in path:
        relative = os.path.relpath(path)
        path = os.path.abspath(path) if relative.startswith("..") else relative
    path = os.path.normpath(path)
    return path.replace(os.sep, "/") if os.sep != "/" else path


def _none(_path: str) -> bool:
    return False


def _below(folder: str, names: frozenset[str], by_pattern: Matches) -> Matches:
    """Return the test whether a path below a folder that was named is left out.

    A folder that is itself left out was meant when it was named: then only the names below it count.
    """
    start = 0 if folder == "." else len(folder) + 1
    if by_pattern(folder) or by_pattern(folder + "/x"):
        by_pattern = _none

    def excluded(path: str) -> bool:
        return not names.isdisjoint(path[start:].split("/")) or by_pattern(path)

    return excluded


def _exists(path: str) -> None:
    """Refuse a path that is not there; one behind a locked door is reported when it is to be read."""
    try:
        os.lstat(path)
    except PermissionError:
        return
    except (OSError, ValueError):
        raise ConfigurationError(f"{path or repr(path)}: no such file or folder") from None


def _named_tree(folder: str, excluded: Matches) -> Iterator[Found]:
    """Yield what is in a folder that was named, also where the repository around it ignores all of it."""
    empty = True
    for one in _tree(folder, excluded):
        empty = False
        yield one
    if empty and (asked := _git(folder, "check-ignore", "-q", ".")) and asked.returncode == 0:
        yield from _walk(folder, _prefix(folder), excluded, [])


def _prefix(folder: str) -> str:
    return "" if folder == "." else folder + "/"


def _tree(folder: str, excluded: Matches) -> Iterator[Found]:
    prefix = _prefix(folder)
    listed = _listed(folder)
    if listed is None:
        yield from _walk(folder, prefix, excluded, [])
        return
    names, denied = listed
    for name, reason in denied:
        if not excluded(prefix + name):
            yield Found(prefix + name.rstrip("/"), problem=reason)
    closed: set[str] = set()
    for name in names:
        path = prefix + name
        if _skipped(name) or excluded(path.rstrip("/")):
            continue
        try:
            mode = os.lstat(path).st_mode
        except PermissionError:
            barred = _barred(path)
            if barred not in closed:
                closed.add(barred)
                yield Found(barred, problem="no permission")
            continue
        except OSError:
            continue  # deleted and not yet committed
        if stat.S_ISREG(mode):
            yield Found(path)
        elif stat.S_ISDIR(mode):  # a submodule, or a repository inside this one
            inner = path.rstrip("/")
            if os.path.lexists(os.path.join(inner, ".git")):
                yield from _tree(inner, excluded)
            else:  # not checked out: git would list the repository around it
                yield from _walk(inner, inner + "/", excluded, [])


def _listed(folder: str) -> tuple[list[str], list[tuple[str, str]]] | None:
    """Return git's list of the files below the folder and what it could not open; `None` without git."""
    done = _git(folder, *_LIST)
    if done is None or done.returncode:
        return None
    names = sorted({os.fsdecode(name) for name in done.stdout.split(b"\0") if name})
    denied = _DENIED.findall(os.fsdecode(done.stderr))
    return names, [
        (name, "no permission" if "denied" in reason else reason.lower()) for name, reason in denied
    ]


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in the folder; `None` where there is no repository or no git."""
    if not _in_repository(folder):
        return None
    import subprocess

    environment = {key: value for key, value in os.environ.items() if key not in _GIT_VARIABLES}
    environment["LC_ALL"] = "C"
    try:
        return subprocess.run(
            (*_GIT, *arguments), cwd=folder, env=environment, capture_output=True, check=False
        )
    except OSError:
        return None


def _in_repository(folder: str) -> bool:
    folder = os.path.abspath(folder)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def _walk(folder: str, prefix: str, excluded: Matches, ignored: list[Matches]) -> Iterator[Found]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        reason = (
            "no permission"
            if isinstance(error, PermissionError)
            else (error.strerror or "cannot be read").lower()
        )
        yield Found(folder, problem=reason)
        return
    if any(entry.name == ".gitignore" for entry in entries):
        ignored = [*ignored, _gitignore(folder)]
    for entry in entries:
        path = prefix + entry.name
        if excluded(path) or entry.is_symlink():
            continue
        if entry.is_dir(follow_symlinks=False):
            if not any(matches(path + "/") for matches in ignored):
                yield from _walk(path, path + "/", excluded, ignored)
        elif entry.is_file(follow_symlinks=False) and not _skipped(entry.name):
            yield from () if any(matches(path) for matches in ignored) else (Found(path),)


def _gitignore(folder: str) -> Matches:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as file:
            return matcher(file.read().splitlines(), folder, lenient=True)
    except OSError:
        return _none


def _skipped(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in _BINARY


def _barred(path: str) -> str:
    """Return the outermost folder on the way to the path that may not be entered."""
    parts = path.split("/")
    for count in range(1, len(parts)):
        folder = "/".join(parts[:count])
        if folder and not os.access(folder, os.X_OK):
            return folder
    return path
