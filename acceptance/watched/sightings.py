"""What a watched process was seen to do, and which of these things no export may cause."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import packages_distributions

# The grader's own code, and the libraries that it may load after it has opened a file.
READING = frozenset({"grader", "hidden_test_spec"})
COMMAND_LINE = READING | {
    "annotated_doc",
    "click",
    "markdown_it",
    "pydantic",
    "pydantic_core",
    "pygments",
    "rich",
    "typer",
}
EVALUATING = COMMAND_LINE | {
    "PIL",
    "babel",
    "imagehash",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "statsmodels",
    "timm",
    "torch",
    "torchvision",
}
# Libraries load whatever else is installed, if they can. A file that names none of it isn't why.
_INSTALLED = sys.stdlib_module_names | packages_distributions().keys()

MAX_SAID = 3
# What a library may do while it is imported; torch makes a folder for its caches.
_OF_IMPORTS = frozenset(
    {
        "call",
        "code.__new__",
        "compile",
        "ctypes.dlopen",
        "ctypes.dlsym",
        "exec",
        "function.__new__",
        "import",
        "import again",
        "lookup",
        "marshal.loads",
        "os.mkdir",
        "os.putenv",
        "os.remove",
        "write",
    }
)
# Jinja2 compiles only the grader's own templates; names of classes and files are just their data.
_TEMPLATES = frozenset({"jinja2"})
# Rich loads its own table of character widths when it first meets a character outside ASCII.
_WIDTHS = "rich._unicode_data"
# Babel keeps each language's number formats in its own pickles.
_LOCALES = ("pickle.find_class", "babel.localedata")
# How ctypes finds a system library, as some libraries make it do while they are imported.
_LDCONFIG = ("subprocess.Popen", "'/sbin/ldconfig'")
# The text of an annotation becomes a code object, which isn't run here, when a library reads it.
_ANNOTATIONS = ("compile", "typing")
# Modules that import and call what somebody else names.
_GO_BETWEENS = frozenset(
    {
        "importlib",
        "pickle",
        "pkgutil",
        "runpy",
        "torch._weights_only_unpickler",
        "torch.serialization",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One thing that happened after the watched file was opened.

    Attributes:
        kind: `import` (of a module that was not loaded), `import again` (of one that was, and that
            the file names), `lookup` and `call` (of what the file names), `write` (a file opened
            for writing), or the name of an audit event.
        what: A module, a dotted name, a path, or the event's arguments.
        asked_by: Module of the code that did it.
        during: The outermost import that was under way; empty where there was none.
        is_named: Whether the file names it.
    """

    kind: str
    what: str
    asked_by: str
    during: str
    is_named: bool

    def __str__(self) -> str:
        """The sighting in one line."""
        during = f" during the import of {self.during}" if self.during else ""
        named = ", which the file names" if self.is_named else ""
        return f"{self.kind} {self.what}{named} (asked by {self.asked_by}{during})"


def faults(sightings: Iterable[Sighting], *, libraries: frozenset[str]) -> tuple[Sighting, ...]:
    """The sightings that no export may cause, each once.

    Args:
        sightings: From the opening of the file on.
        libraries: Top-level packages that may be loaded then, such as `EVALUATING`. The code that
            they run while they are imported is allowed.
    """
    return tuple(dict.fromkeys(one for one in sightings if not _is_innocent(one, libraries)))


def said_of(found: Sequence[Sighting]) -> Iterator[str]:
    """The first few faults as text, and how many more there are."""
    yield from (f"seen: {sighting}" for sighting in found[:MAX_SAID])
    if len(found) > MAX_SAID:
        yield f"and {len(found) - MAX_SAID} more seen"


def _is_innocent(sighting: Sighting, libraries: frozenset[str]) -> bool:
    what, during = _top(sighting.what), _top(sighting.during)
    if _is_of_a_library(sighting, libraries):
        return True
    if sighting.kind == "import":
        is_plain = not sighting.is_named and what in sys.stdlib_module_names
        known = libraries if sighting.is_named or not during else libraries | _INSTALLED
        return is_plain or what in libraries or _asks_for_itself(sighting, known)
    if sighting.kind in {"import again", "lookup"}:
        return what in libraries or _asks_for_itself(sighting, libraries)
    if sighting.kind == "call":
        return _asks_for_itself(sighting, libraries)
    return sighting.kind in _OF_IMPORTS and during in _INSTALLED


def _is_of_a_library(sighting: Sighting, libraries: frozenset[str]) -> bool:
    """Whether a library did this with its own files and modules, at import or later."""
    if _top(sighting.during) in libraries:
        return sighting.kind in _OF_IMPORTS or (sighting.kind, sighting.what) == _LDCONFIG
    if _top(sighting.asked_by) in _TEMPLATES or sighting.asked_by == _WIDTHS:
        return sighting.kind in _OF_IMPORTS
    return (sighting.kind, sighting.asked_by) in (_LOCALES, _ANNOTATIONS)


def _asks_for_itself(sighting: Sighting, libraries: frozenset[str]) -> bool:
    """Whether a library, not the grader or an unpickler, asked for something that is named."""
    top = _top(sighting.asked_by)
    is_library = top in libraries - READING or top in sys.stdlib_module_names
    return is_library and not {top, sighting.asked_by} & _GO_BETWEENS


def _top(name: str) -> str:
    return name.partition(".")[0]
