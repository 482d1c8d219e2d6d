import pytest

from grader.loading.inert.work import MAX_WORK
from grader.loading.inspecting import inspect_export
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import Write, reasons
from tests.hostile import (
    BUILD,
    EMPTY_TUPLE,
    NEWOBJ,
    NONE,
    call,
    dict_of,
    keep,
    learner,
    name,
    object_of,
    recall,
    text,
    tuple_of,
)

PARTS = ("_parameters", "_buffers", "_modules")


CLASSES = {
    "by name": name("__main__", "MyNet"),
    "by value": call(
        "cloudpickle.cloudpickle",
        "_make_skeleton_class",
        name("builtins", "type"),
        text("MyNet"),
        tuple_of(name("torch.nn.modules.module", "Module")),
        dict_of({"__module__": text("__main__")}),
        text("0123"),
        NONE,
    ),
}


@pytest.mark.parametrize("way", CLASSES)
def test_a_class_of_the_students_own_is_named_with_advice(way: str, write: Write) -> None:
    """A network defined in a notebook can't be graded, and the message says what to do."""
    state = dict_of(dict.fromkeys(PARTS, dict_of({})))
    model = CLASSES[way] + EMPTY_TUPLE + NEWOBJ + state + BUILD
    (refusal,) = inspect_export(write(learner(text("a"), model=model))).refusals
    assert refusal.what == 'the model uses the class "MyNet" defined in "__main__"'
    assert "torchvision, timm and fastai" in refusal.advice


def test_a_module_that_contains_itself_is_refused(write: Write) -> None:
    """A cycle ends in a message."""
    parts = {"_parameters": dict_of({}), "_buffers": dict_of({})}
    children = {"_modules": dict_of({"child": recall(7)})}
    made = name("torch.nn.modules.container", "Sequential") + EMPTY_TUPLE + NEWOBJ + keep(7)
    cyclic = made + dict_of(parts | children) + b"b"
    assert reasons(inspect_export(write(learner(text("a"), model=cyclic)))) == [
        "a module of the model contains itself"
    ]


def test_a_part_that_is_no_module_is_refused(write: Write) -> None:
    """A name in the place of a module is named."""
    found = reasons(inspect_export(write(learner(text("a"), model=name("os", "system")))))
    assert found == ["the model has the imported name os.system where a module should be"]


def test_layers_that_share_one_enormous_dict_end_in_a_message(write: Write) -> None:
    """A thousand layers of three thousand shared attributes are not read a thousand times over."""
    pairs = b"".join(text(f"a{key}") + NONE for key in range(3000))
    inner = b"".join(text(part) + dict_of({}) for part in PARTS)
    made = name("torch.nn.modules.linear", "Linear") + EMPTY_TUPLE + NEWOBJ
    shared = b"}(" + pairs + inner + b"u" + keep(9)
    states = [shared, *[recall(9)] * 999]
    layers = {str(layer): made + state + b"b" for layer, state in enumerate(states)}
    parts = dict.fromkeys(PARTS, dict_of({})) | {"_modules": dict_of(layers)}
    root = object_of("torch.nn.modules.container", "Sequential", parts)
    with pytest.raises(RefusedExportError, match=f"more than {MAX_WORK} steps"):
        inspect_export(write(learner(text("a"), model=root)))
