"""What an export names, calls or brings along that an image classifier has no need of.

These findings inform. Safety doesn't rest on them: nothing that an export names is called anyway.
"""

from collections.abc import Iterator

from grader.loading.inert.functions import FUNCTION_MAKERS, origin_of
from grader.loading.inert.nodes import CallNode, GlobalNode, InertGraph, is_call_of, path_of
from grader.loading.inert.objects import class_of
from grader.loading.learner.inspection import Finding
from hidden_test_spec.errors import quote_all

_MODEL_PACKAGES = ("torch", "torchvision", "timm", "fastai")
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
        "cloudpickle.cloudpickle._builtin_type",
        "cloudpickle.cloudpickle._class_setstate",
        "cloudpickle.cloudpickle._function_setstate",
        "cloudpickle.cloudpickle._make_cell",
        "cloudpickle.cloudpickle._make_empty_cell",
        "cloudpickle.cloudpickle._make_function",
        "cloudpickle.cloudpickle._make_skeleton_class",
        "cloudpickle.cloudpickle.subimport",
        "collections.OrderedDict",
        "collections.abc._CallableGenericAlias",
        "collections.defaultdict",
        "copyreg._reconstructor",
        "dill._dill._create_code",
        "dill._dill._create_function",
        "dill._dill._create_type",
        "dill._dill._load_type",
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
# Types that cloudpickle and dill give by name and then call, to make a method or a piece of code.
_TYPE_GIVERS = ("cloudpickle.cloudpickle._builtin_type", "dill._dill._load_type")
_GETATTR_PACKAGES = ("fastai", "fastcore", "fasttransform", "__main__")
_GETATTR_OWNERS = ("re._compile", "builtins.getattr")
# Functions that fastai itself has a pickle carry by value, by the end of their file and name.
_FASTAI_CODE = (("fastai/vision/core.py", "create"),)


def code_findings(graph: InertGraph) -> Iterator[Finding]:
    """Unusual names, calls and functions of the whole pickle."""
    strangers = {
        name.path
        for name in graph.globals
        if name.module.partition(".")[0] not in (*_USUAL_PACKAGES, "__main__")
    }
    if strangers:
        yield _warning(f"it names {quote_all(strangers)}, unusual in an image classifier")
    calls = {_called(call) for call in graph.calls if call.opcode == "REDUCE"} - {None}
    if calls:
        names = quote_all(name for name in calls if name is not None)
        yield _warning(f"it would call {names} when loaded by other programs")
    yield from _function_findings(graph)
    texts = {source.class_path for source in graph.sources}
    own = {path for path in texts if path.partition(".")[0] not in _MODEL_PACKAGES}
    if own:
        what = f"it carries the source text of {quote_all(own)}"
        yield Finding(severity="note", what=what, where="pickle")


def _warning(what: str) -> Finding:
    return Finding(severity="warning", what=what, where="pickle")


def _called(call: CallNode) -> str | None:
    """What an unusual call would call; None for a usual one."""
    path = path_of(call.function)
    if path == "builtins.getattr":
        return _attribute_taken(call)
    if path is not None:
        return None if path in _USUAL_CALLS else path
    return None if is_call_of(call.function, _TYPE_GIVERS) else "a function that another call gives"


def _attribute_taken(call: CallNode) -> str | None:
    """Honest exports take attributes of objects, and of fastai's classes."""
    match call.args:
        case (GlobalNode() as owner, name):
            usual = owner.module.partition(".")[0] in (
                "fastai",
                "fastcore",
                "fasttransform",
                "__main__",
            )
            return (
                None if usual else f"{owner.path}.{name}" if isinstance(name, str) else owner.path
            )
        case (CallNode() as owner, str()):
            return None if class_of(owner) or is_call_of(owner, _GETATTR_OWNERS) else "getattr"
    return "getattr"


def _function_findings(graph: InertGraph) -> Iterator[Finding]:
    """Functions whose code came along; the one that fastai 2.8 always sends is a plain note."""
    origins = {
        origin_of(call) or ("an unknown file", "an unknown name")
        for call in graph.calls
        if is_call_of(call, FUNCTION_MAKERS)
    }
    for is_known in (True, False):
        names = {
            f"{name} of {file}" for file, name in origins if _is_fastai(file, name) is is_known
        }
        if names:
            yield Finding(
                severity="note" if is_known else "warning",
                what=f"it carries the bytecode of {quote_all(names)}, which is not run",
                where="pickle",
            )


def _is_fastai(file: str, name: str) -> bool:
    return any(file.endswith(end) and name == own for end, own in _FASTAI_CODE)
