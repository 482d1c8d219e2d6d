"""Watches the import system, `builtins`, calls and audit events of one process.

A watch begins when the watched file is first opened, since a file that nobody has read can't cause
anything. Only the standard library is used, so that watching adds no imports.
"""

import builtins
import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType, ModuleType
from typing import Any

from acceptance.watched.sightings import Sighting

# Audit events that running something from a file would set off.
AUDITED = frozenset(
    {
        "builtins.breakpoint",
        "builtins.input",
        "code.__new__",
        "compile",
        "ctypes.call_function",
        "ctypes.dlopen",
        "ctypes.dlsym",
        "exec",
        "function.__new__",
        "marshal.loads",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.mkdir",
        "os.posix_spawn",
        "os.putenv",
        "os.remove",
        "os.rename",
        "os.spawn",
        "os.system",
        "os.unsetenv",
        "pickle.find_class",
        "pty.spawn",
        "shutil.move",
        "shutil.rmtree",
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "urllib.Request",
        "webbrowser.open",
    }
)
MAX_SHOWN = 160
# The grader's own programs, as it starts them. This file imports nothing of the grader.
_OWN_COMMANDS = tuple(
    [sys.executable, "-P", "-W", "ignore", "-m", program]
    for program in ("grader.images.decoding_worker", "grader.reports.figures.drawing_program")
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_IMPORT, _GETATTR, _IMPORT_MODULE = builtins.__import__, builtins.getattr, importlib.import_module


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is watched for: a file's absolute path, and the dotted names in it."""

    path: str
    names: frozenset[str]


@dataclass(slots=True)
class Watcher:
    """Watches this process for one file at a time. The audit hook stays; make only one.

    Example:
        >>> watched = Watched(path="/tmp/export.pkl", names=frozenset({"os.system"}))
        >>> with Watcher().on(watched) as seen:
        ...     pass
        >>> seen
        []
    """

    _sink: Callable[[Sighting], None] | None = None
    _watched: Watched | None = None
    _is_open: bool = False
    _under_way: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Install the audit hook and the finder."""
        sys.addaudithook(self._on_event)
        sys.meta_path.insert(0, self)

    @contextmanager
    def on(self, watched: Watched) -> Iterator[list[Sighting]]:
        """Collect what is seen from the opening of this file to the end of the block."""
        seen: list[Sighting] = []
        self.begin(watched, seen.append)
        try:
            yield seen
        finally:
            self._end()

    def begin(self, watched: Watched, sink: Callable[[Sighting], None]) -> None:
        """Hand every sighting to `sink`, from the opening of this file on."""
        self._watched, self._sink, self._is_open = watched, sink, False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> None:
        """Note the import of a module that was not loaded, and find nothing."""
        del path, target
        if self._is_open:
            self._note("import", fullname)

    def _open(self) -> None:
        self._is_open = True
        builtins.__import__, builtins.getattr = self._import, self._getattr
        importlib.import_module = self._import_module
        if self._watched and self._watched.names:
            sys.setprofile(self._on_call)

    def _end(self) -> None:
        sys.setprofile(None)
        self._watched, self._sink, self._is_open = None, None, False
        builtins.__import__, builtins.getattr = _IMPORT, _GETATTR
        importlib.import_module = _IMPORT_MODULE

    def _note(self, kind: str, what: str, asked_by: str | None = None) -> None:
        if self._sink is None or self._watched is None:
            return
        sighting = Sighting(
            kind=kind,
            what=what,
            asked_by=_asking_module() if asked_by is None else asked_by,
            during=self._under_way[0] if self._under_way else "",
            is_named=what in self._watched.names,
        )
        self._sink(sighting)

    def _note_named(self, kind: str, what: str, asked_by: str | None = None) -> None:
        if self._watched and what in self._watched.names:
            self._note(kind, what, asked_by)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._watched is None:
            return
        if event == "open":
            self._on_opening(*arguments)
        elif self._is_open and event in AUDITED and not _is_own_program(event, arguments):
            self._note(event, _shown(arguments))

    def _on_opening(self, path: object, _mode: object, flags: int) -> None:
        # Opening a descriptor opens no file: what it belongs to was seen when that was opened.
        if self._is_open and flags & _WRITING and not isinstance(path, int):
            self._note("write", str(path))
        elif self._watched and not self._is_open and _same(path, self._watched.path):
            self._open()

    def _on_call(self, frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            name = f"{_module_of(frame)}.{frame.f_code.co_qualname}"
            self._note_named("call", name, _module_of(frame.f_back))
        elif event == "c_call" and getattr(function, "__module__", None) not in {None, "builtins"}:
            name = f"{function.__module__}.{function.__qualname__}"
            self._note_named("call", name, _module_of(frame))

    def _import(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002 - as callers may name it
        locals: Mapping[str, object] | None = None,  # noqa: A002 - as callers may name it
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        package = str((globals or {}).get("__package__")) + "." if level else ""
        with self._importing(package + name):
            return _IMPORT(name, globals, locals, fromlist or (), level)

    def _import_module(self, name: str, package: str | None = None) -> ModuleType:
        with self._importing(name if package is None else package + name):
            return _IMPORT_MODULE(name, package)

    @contextmanager
    def _importing(self, name: str) -> Iterator[None]:
        if name in sys.modules:
            self._note_named("import again", name)
        self._under_way.append(name)
        try:
            yield
        finally:
            self._under_way.pop()

    def _getattr(self, owner: Any, name: str, *default: Any) -> Any:
        if isinstance(owner, ModuleType):
            self._note_named("lookup", f"{owner.__name__}.{name}")
        return _GETATTR(owner, name, *default)


def _same(path: object, watched: str) -> bool:
    return isinstance(path, str | os.PathLike) and os.path.abspath(path) == watched  # noqa: PTH100 - resolve() would look at the disk


def _is_own_program(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether the grader starts one of its own programs, with nothing else on the command line."""
    return event == "subprocess.Popen" and arguments[1] in _OWN_COMMANDS


def _shown(arguments: tuple[Any, ...]) -> str:
    """An event's first argument, shortened before it is written out."""
    first = arguments[0] if arguments else ""
    return repr(first[:MAX_SHOWN] if isinstance(first, str | bytes) else first)[:MAX_SHOWN]


def _module_of(frame: FrameType | None) -> str:
    return "" if frame is None else str(frame.f_globals.get("__name__", ""))


def _asking_module() -> str:
    """Module of the nearest frame that belongs neither to this file nor to the import system."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the only way to look up a caller
    while frame is not None:
        name = _module_of(frame)
        if name != __name__ and not name.startswith(("importlib", "contextlib")):
            return name
        frame = frame.f_back
    return ""
