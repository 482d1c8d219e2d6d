"""The settings of a module as an export gives them: plain, of the right form, within bounds."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from grader.loading.allowlist.rows import FORMS, NAMES, Form
from grader.loading.inert.plain import NotPlainError, plain_value
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.errors import quote

_MAX_COUNT = 2**26
_MAX_NUMBER = 1e12
_MAX_COUNTS = 8

_MAX_EDGES = 1000


def settings_of(record: ModuleRecord, names: Iterable[str]) -> dict[str, object]:
    """The settings that an export gives for a module; those that it lacks are left out.

    Args:
        record: The module.
        names: Each has a form in the table.

    Raises:
        RefusedExportError: If a setting doesn't have its form.
    """
    return {name: _checked(record, name) for name in names if name in record.attributes}


def place_of(record: ModuleRecord) -> str:
    """The place of a module in the model, for a message."""
    return f"model, {record.path}" if record.path else "model"


def _checked(record: ModuleRecord, name: str) -> object:
    try:
        value = plain_value(record.attributes[name], max_edges=_MAX_EDGES)
    except NotPlainError as error:
        raise _refused(record, name, str(error)) from error
    if not _FITS[FORMS[name]](value):
        raise _refused(record, name, "not of the expected kind or size")
    return tuple(value) if isinstance(value, list) else value


def _refused(record: ModuleRecord, name: str, found: str) -> RefusedExportError:
    what = f"a {record.class_path} has the setting {quote(name)}, which is {found}"
    return RefusedExportError(what=what, where=place_of(record))


def _is_count(value: object) -> bool:
    return value is None or (type(value) is int and abs(value) <= _MAX_COUNT)


def _is_number(value: object) -> bool:
    if value is None:
        return True
    return type(value) in (int, float) and abs(value) <= _MAX_NUMBER  # type: ignore[arg-type] # its type was just checked


def _are(is_one: Callable[[object], bool], value: object) -> bool:
    if isinstance(value, (tuple, list)):
        return len(value) <= _MAX_COUNTS and all(is_one(item) for item in value)
    return is_one(value)


_FITS: Mapping[Form, Callable[[object], bool]] = MappingProxyType(
    {
        Form.COUNT: _is_count,
        Form.COUNTS: lambda value: _are(_is_count, value),
        Form.PADDING: lambda value: value in ("same", "valid") or _are(_is_count, value),
        Form.NUMBER: _is_number,
        Form.NUMBERS: lambda value: _are(_is_number, value),
        Form.FLAG: lambda value: value is None or isinstance(value, bool),
        Form.NAME: lambda value: isinstance(value, str) and value in NAMES,
        Form.TRUTH: lambda _value: True,
    }
)
