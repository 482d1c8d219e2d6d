"""A live model from an export's records: modules made here and filled with the export's numbers.

Nothing of the file is called. `allowlist/table.py` decides which class a module is made from and
how its attributes are used; the file supplies numbers, flags and tensors.
"""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import nn

from grader.errors import LIBRARY_ERRORS, reason_of
from grader.loading.allowlist.module_checks import row_of, weight_hooks_of
from grader.loading.allowlist.module_settings import place_of, settings_of
from grader.loading.allowlist.rows import Block, Library, Plain, Row, Sequence
from grader.loading.inert.nodes import InertGraph
from grader.loading.learner.inspection import ModuleRecord
from grader.loading.learner.module_tree import children_first
from grader.loading.rebuilding import blocks
from grader.loading.rebuilding.library_modules import library_module
from grader.loading.rebuilding.normed_weights import normed_weight
from grader.loading.rebuilding.tensor_values import TensorValues
from grader.loading.refusal import RefusedExportError
from hidden_test_spec.errors import quote_all


def rebuild_model(model: ModuleRecord, graph: InertGraph) -> nn.Module:
    """The network that a tree of records describes, in eval mode and single precision.

    Args:
        model: The root of the tree, in which `module_findings` found nothing.
        graph: Everything that the pickle says; the size of its storages bounds the size of the
            model.

    Raises:
        RefusedExportError: If a module's numbers don't fit it, or a class no longer exists.
    """
    stored_bytes = sum(len(storage.data) for storage in graph.storages)
    building = _Building(TensorValues(stored_bytes=stored_bytes))
    with torch.no_grad():
        for record in children_first(model):
            building.make(record)
    return building.made(model)


class _Building:
    """Modules made so far; children are made before their parents."""

    def __init__(self, values: TensorValues) -> None:
        self._values = values
        self._made: dict[int, nn.Module] = {}

    def made(self, record: ModuleRecord) -> nn.Module:
        return self._made[id(record)]

    def make(self, record: ModuleRecord) -> None:
        row = row_of(record)
        if row is None:
            what = f"the model uses the class {record.class_path}, which is in no table"
            raise RefusedExportError(what=what, where=place_of(record))
        try:
            module = self._module(record, row)
            module.eval()  # Some of timm's classes don't return themselves.
        except LIBRARY_ERRORS as error:
            said = reason_of(error)
            what = f"a {record.class_path} can't be made as the export describes it ({said})"
            raise RefusedExportError(what=what, where=place_of(record)) from error
        self._made[id(record)] = module

    def _module(self, record: ModuleRecord, row: Row) -> nn.Module:
        match row:
            case Plain():
                return self._plain(record, row)
            case Sequence():
                return self._sequence(record, row)
            case Block():
                return self._block(record, row)
            case Library():
                return self._library_module(record, row)

    def _children(self, record: ModuleRecord) -> dict[str, nn.Module]:
        return {name: self._made[id(child)] for name, child in record.children if child is not None}

    def _tensors(self, record: ModuleRecord) -> dict[str, torch.Tensor]:
        place = place_of(record)
        tensors = {
            name: self._values.tensor(node, where=f"{place}, {name}")
            for name, node in (*record.parameters, *record.buffers)
            if node is not None
        }
        for hook in weight_hooks_of(record):
            name, weight, used = normed_weight(hook, tensors, where=place)
            tensors = {key: value for key, value in tensors.items() if key not in used}
            tensors[name] = weight
        return tensors

    def _plain(self, record: ModuleRecord, row: Plain) -> nn.Module:
        tensors = self._tensors(record)
        for name, child in self._children(record).items():
            tensors |= {f"{name}.{key}": value for key, value in child.state_dict().items()}
        flags = {flag: parameter in tensors for flag, parameter in row.flag_of.items()}
        with torch.device("meta"):
            module: nn.Module = getattr(nn, row.name)(**settings_of(record, row.settings), **flags)
        _fill(module, tensors, record)
        return module

    def _sequence(self, record: ModuleRecord, row: Sequence) -> nn.Module:
        if record.parameters or record.buffers:
            names = quote_all(name for name, _ in (*record.parameters, *record.buffers))
            what = f"a {record.class_path} has its own parameters: {names}"
            raise RefusedExportError(what=what, where=place_of(record))
        children = self._children(record)
        if row.name == "Sequential":
            return nn.Sequential(OrderedDict(children))
        holder = nn.ModuleDict() if row.name == "ModuleDict" else nn.ModuleList()
        for name, _ in record.children:  # One that is None keeps its place.
            holder.register_module(name, children.get(name))
        return holder

    def _block(self, record: ModuleRecord, row: Block) -> nn.Module:
        settings = dict(row.settings) | settings_of(record, row.settings)
        parameters = {name: nn.Parameter(value) for name, value in self._tensors(record).items()}
        made: type[nn.Module] = getattr(blocks, row.name)
        return made(**self._children(record), **parameters, **settings)

    def _library_module(self, record: ModuleRecord, row: Library) -> nn.Module:
        tensors = self._tensors(record)
        return library_module(record, row, children=self._children(record), tensors=tensors)


def _fill(module: nn.Module, tensors: Mapping[str, torch.Tensor], record: ModuleRecord) -> None:
    """Give a module that was made without memory its numbers, of exactly its shapes."""
    wanted = dict(module.state_dict(keep_vars=True))
    if wanted.keys() != tensors.keys():
        names = quote_all(wanted.keys() ^ tensors.keys())
        what = f"a {record.class_path} has too many or too few tensors: {names}"
        raise RefusedExportError(what=what, where=place_of(record))
    strange = [name for name, tensor in wanted.items() if tensor.shape != tensors[name].shape]
    if strange:
        name = strange[0]
        what = (
            f"a {record.class_path} has {name} of shape {tuple(tensors[name].shape)} where its "
            f"settings ask for {tuple(wanted[name].shape)}"
        )
        raise RefusedExportError(what=what, where=place_of(record))
    module.load_state_dict(dict(tensors), assign=True)
