"""Takes live modules through a file, as in an export."""

import io

import torch
from torch import nn

from grader.loading.allowlist.module_checks import module_findings
from grader.loading.inert.nodes import InertGraph
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.learner.module_tree import read_modules
from grader.loading.rebuilding.rebuild import rebuild_model
from tests.grader.loading.reading import graph_of_file


def saved(module: nn.Module) -> tuple[ModuleRecord, InertGraph]:
    """What is read of a module that torch saved."""
    buffer = io.BytesIO()
    torch.save(module, buffer)
    graph = graph_of_file(buffer.getvalue())
    return read_modules(graph.root), graph


def rebuilt(module: nn.Module) -> nn.Module:
    """A module rebuilt from its file; the checks must allow it."""
    model, graph = saved(module)
    assert list(module_findings(model)) == []
    return rebuild_model(model, graph)


def against(module: nn.Module) -> list[str]:
    """The reasons against rebuilding a module."""
    return [finding.what for finding in module_findings(saved(module)[0])]


def with_statistics(module: nn.Module) -> nn.Module:
    """The module in eval mode, its batch norms with statistics that aren't those of a new one."""
    generator = torch.Generator().manual_seed(5)
    for name, buffer in module.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1, generator=generator)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5, generator=generator)
    return module.eval()


def noise(*shape: int) -> torch.Tensor:
    """The same random numbers every time, in [0, 1)."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(3))


def assert_equal(module: nn.Module, *shape: int) -> None:
    """The rebuilt module gives the same outputs for a batch, to the bit."""
    with_statistics(module)
    with torch.no_grad():
        expected = module(noise(*shape))
        found = rebuilt(module)(noise(*shape))
    assert torch.equal(found, expected)
