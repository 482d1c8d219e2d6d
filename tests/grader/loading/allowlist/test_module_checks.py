import pytest
import torch
from torch import nn

from grader.loading.allowlist.module_checks import MAX_RUNS, row_of
from tests.grader.loading.modules import against, saved


def put(module: nn.Module, name: str, value: object) -> nn.Module:
    """The module with an attribute that torch would not set."""
    module.__dict__[name] = value
    return module


def print_it(*_arguments: object) -> None:
    """A hook of a student's own."""


def test_an_ordinary_network_may_be_rebuilt() -> None:
    """The checks allow it."""
    assert against(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten())) == []


def test_a_layer_that_the_table_lacks_is_named() -> None:
    """It is torch's, but no row says how to make it."""
    (reason,) = against(nn.Sequential(nn.LSTM(3, 4)))
    assert reason == (
        'the model uses the class "LSTM" which the grader doesn\'t rebuild, from '
        '"torch.nn.modules.rnn"'
    )


@pytest.mark.parametrize("name", ["forward", "eval", "train", "_call_impl", "to"])
def test_a_replaced_method_is_named(name: str) -> None:
    """With any replacement."""
    assert against(put(nn.ReLU(), name, 3)) == [f'methods of a module are replaced: "{name}"']


@pytest.mark.parametrize("way", ["register_forward_hook", "register_forward_pre_hook"])
def test_a_hook_is_named(way: str) -> None:
    """And never run."""
    module = nn.ReLU()
    getattr(module, way)(print_it)
    (reason,) = against(module)
    assert reason.startswith("the model has hooks")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stride", "fast"),
        ("stride", (1,) * 20),
        ("groups", 2**40),
        ("in_channels", True),
        ("padding_mode", "../zeros"),
        ("dilation", {"a": 1}),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(name: str, value: object) -> None:
    """With the class."""
    (reason,) = against(put(nn.Conv2d(3, 4, 3), name, value))
    assert reason.startswith("a torch.nn.modules.conv.Conv2d has the setting")
    assert f'"{name}"' in reason


def test_a_number_that_is_none_is_named() -> None:
    """NaN is not a valid setting."""
    assert "eps" in against(put(nn.BatchNorm2d(3), "eps", float("nan")))[0]


def test_a_part_in_the_place_of_a_tensor_is_named() -> None:
    """A list is not a parameter."""
    module = nn.Linear(2, 2)
    module.__dict__["_parameters"]["weight"] = [1.0]
    (reason,) = against(module)
    assert reason == 'parts of the model that should be tensors aren\'t: "weight"'


def test_a_name_with_a_dot_is_named() -> None:
    """It would reach into another module."""
    module = nn.Sequential(nn.ReLU())
    module.__dict__["_modules"]["a.b"] = nn.ReLU()
    assert against(module) == ['a part of the model has the name "a.b"']


def test_few_records_that_run_endlessly_are_refused() -> None:
    """Each module holds the one before twice."""
    module: nn.Module = nn.Identity()
    for _ in range(40):
        module = nn.Sequential(module, module)
    assert against(module) == [f"the model runs more than {MAX_RUNS} layers for each image"]


def test_all_reasons_are_told_at_once() -> None:
    """A student should not have to fix them one by one."""
    first, second = nn.ReLU(), put(nn.ReLU(), "eval", 1)
    first.register_forward_hook(print_it)
    assert len(against(nn.Sequential(first, second, nn.GRU(2, 2)))) == 3


def test_a_class_is_found_by_its_whole_path() -> None:
    """A class of another home with torch's name has no row."""
    record, _ = saved(nn.Linear(2, 2))
    assert row_of(record) is not None
    assert torch.nn.Linear.__name__ in record.class_path
