"""What an export names, calls or contains that an image classifier doesn't need.

These findings inform. Safety doesn't depend on them: nothing that an export names is ever called.
"""

from collections.abc import Iterator

from grader.loading.inert.functions import FUNCTION_MAKERS, TYPE_GIVERS, origin_of
from grader.loading.inert.nodes import CallNode, GlobalNode, InertGraph, is_call_of, path_of
from grader.loading.inert.objects import CLASS_FILLER, CLASS_MAKERS, class_of
from grader.loading.learner.inspection import Finding
from hidden_test_spec.errors import quote_all

MODEL_PACKAGES = ("torch", "torchvision", "timm", "fastai")
_USUAL_PACKAGES = frozenset(
    (
        *("PIL", "_codecs", "_functools", "_operator", "builtins", "cloudpickle", "collections"),
        *("copyreg", "datetime", "dill", "enum", "fastai", "fastcore", "fastprogress", "types"),
        *("fasttransform", "functools", "inspect", "numpy", "operator", "pandas", "pathlib"),
        *("plum", "random", "re", "sklearn", "timm", "torch", "torchvision", "typing"),
    )
)
_USUAL_CALLS = frozenset(
    (
        *FUNCTION_MAKERS,
        *CLASS_MAKERS,
        CLASS_FILLER,
        *TYPE_GIVERS,
        "PIL.Image.Resampling",
        "PIL.Image.Transpose",
        "_codecs.encode",
        "_functools.reduce",
        "_operator.getitem",
        "_operator.or_",
        "builtins.bytearray",
        "builtins.bytes",
        "builtins.complex",
        "builtins.frozenset",
        "builtins.getattr",
        "builtins.set",
        "builtins.slice",
        "builtins.type",
        "cloudpickle.cloudpickle._function_setstate",
        "cloudpickle.cloudpickle._make_cell",
        "cloudpickle.cloudpickle._make_empty_cell",
        "cloudpickle.cloudpickle.subimport",
        "collections.OrderedDict",
        "collections.abc._CallableGenericAlias",
        "collections.defaultdict",
        "copyreg._reconstructor",
        "dill._dill._create_code",
        "functools.partial",
        "functools.reduce",
        "inspect.Parameter",
        "inspect.Signature",
        "inspect._ParameterKind",
        "numpy._core._ufunc_reconstruct",
        "numpy._core.multiarray._reconstruct",
        "numpy._core.multiarray.scalar",
        "numpy.core._ufunc_reconstruct",
        "numpy.core.multiarray._reconstruct",
        "numpy.core.multiarray.scalar",
        "numpy.dtype",
        "pandas.core.indexes.base._new_Index",
        "pathlib.PosixPath",
        "pathlib.WindowsPath",
        "pathlib._local.PosixPath",
        "pathlib._local.WindowsPath",
        "random.Random",
        "re._compile",
        "torch.Size",
        "torch.device",
        "fastai.callback.fp16.AMPMode",
    )
)
_GETATTR_PACKAGES = ("fastai", "fastcore", "fasttransform", "__main__")
_GETATTR_OWNERS = ("re._compile", "builtins.getattr")
# The function of fastai that opens an image, which fastai 2.8 itself pickles by value.
_OPENER, _OPENER_FILE = "create", "fastai/vision/core.py"


def code_findings(graph: InertGraph) -> Iterator[Finding]:
    """Unusual names, calls and functions of the whole pickle."""
    strangers = {
        name.path
        for name in graph.globals
        if name.module.partition(".")[0] not in (*_USUAL_PACKAGES, "__main__")
    }
    if strangers:
        yield _warning(f"it names {quote_all(strangers)}, which is unusual in an image classifier")
    calls = {_called(call) for call in graph.calls if call.opcode == "REDUCE"} - {None}
    if calls:
        names = quote_all(name for name in calls if name is not None)
        yield _warning(f"it would call {names} when loaded by other programs")
    yield from _function_findings(graph)
    texts = {source.class_path for source in graph.sources}
    own = {path for path in texts if path.partition(".")[0] not in MODEL_PACKAGES}
    if own:
        what = f"it carries the source text of {quote_all(own)}"
        yield Finding(severity="note", what=what, where="pickle")


def is_opener_of_fastai(file: str | None, name: str) -> bool:
    """Whether a function is the one by which fastai opens an image.

    Args:
        file: Where its code came from, with forward slashes; None if it is known by name only.
        name: The function's name.
    """
    return name == _OPENER and (file is None or file.endswith(_OPENER_FILE))


def _warning(what: str) -> Finding:
    return Finding(severity="warning", what=what, where="pickle")


def _called(call: CallNode) -> str | None:
    """The function that an unusual call would call; None for a usual call."""
    path = path_of(call.function)
    if path == "builtins.getattr":
        return _attribute_taken(call)
    if path is not None:
        return None if path in _USUAL_CALLS else path
    return (
        None if is_call_of(call.function, TYPE_GIVERS) else "a function that another call returns"
    )


def _attribute_taken(call: CallNode) -> str | None:
    """The attribute that getattr would take; None if honest exports take it too."""
    match call.args:
        case (GlobalNode() as owner, name):
            if owner.module.partition(".")[0] in _GETATTR_PACKAGES:
                return None
            return f"{owner.path}.{name}" if isinstance(name, str) else owner.path
        case (CallNode() as owner, str()):
            return None if class_of(owner) or is_call_of(owner, _GETATTR_OWNERS) else "getattr"
    return "getattr"


def _function_findings(graph: InertGraph) -> Iterator[Finding]:
    """Functions whose code is in the file; a note for the one that fastai 2.8 always adds."""
    origins = {
        origin_of(call) or ("an unknown file", "an unknown name")
        for call in graph.calls
        if is_call_of(call, FUNCTION_MAKERS)
    }
    for is_known in (True, False):
        names = {
            f"{name} of {file}"
            for file, name in origins
            if is_opener_of_fastai(file, name) is is_known
        }
        if names:
            yield Finding(
                severity="note" if is_known else "warning",
                what=f"it carries the bytecode of {quote_all(names)}, which is not run",
                where="pickle",
            )
