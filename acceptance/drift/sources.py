"""The classes of a library as its source defines them; nothing of it is imported."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_ENTRIES = ("forward", "forward_features", "forward_head")
_REGISTERING = ("add_module", "register_buffer", "register_parameter", "register_module")


@dataclass(frozen=True)
class ClassSource:
    """One class, with what it inherits inside its library.

    Attributes:
        path: Where it is defined.
        methods: Its own and inherited methods by name.
        names: Attributes that belong to the class itself.
    """

    path: str
    methods: Mapping[str, ast.FunctionDef]
    names: frozenset[str]

    @cached_property
    def running(self) -> Mapping[str, ast.FunctionDef]:
        """The methods that a forward pass may reach."""
        return self._reached(_ENTRIES)

    @cached_property
    def set_names(self) -> frozenset[str]:
        """Names on `self` that the constructor sets, and the methods that it calls."""
        methods = self._reached(("__init__",)).values()
        return frozenset(name for method in methods for name in _set_in(method))

    @cached_property
    def read_names(self) -> frozenset[str]:
        """Names on `self` that a forward pass reads, without methods."""
        found = {name for method in self.running.values() for name in _read_in(method)}
        return frozenset(found - self.methods.keys())

    @cached_property
    def defaults(self) -> Mapping[str, str]:
        """The constructor's arguments that have a default, and the default's source."""
        made = self.methods.get("__init__")
        if made is None:
            return {}
        plain = made.args.args[len(made.args.args) - len(made.args.defaults) :]
        pairs = [*zip(plain, made.args.defaults, strict=True)]
        pairs += [
            (a, d) for a, d in zip(made.args.kwonlyargs, made.args.kw_defaults, strict=True) if d
        ]
        return {argument.arg: ast.unparse(default) for argument, default in pairs}

    def _reached(self, entries: tuple[str, ...]) -> dict[str, ast.FunctionDef]:
        found: dict[str, ast.FunctionDef] = {}
        waiting = [name for name in entries if name in self.methods]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.methods[name]
                waiting += [one for one in _read_in(self.methods[name]) if one in self.methods]
        return found


def read_library(folder: Path, package: str) -> dict[str, ClassSource]:
    """Every class of a package, by its path.

    Args:
        folder: Holds the package's folder.
        package: Its name.
    """
    own: dict[str, ast.ClassDef] = {}
    for file in sorted((folder / package).rglob("*.py")):
        home = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                own[f"{home}.{node.name}"] = node
    return {path: _with_inherited(path, own) for path in own}


def code_of(method: ast.FunctionDef) -> str:
    """The statements of a method as text, without docstring, comments and annotations."""
    bare = _Bare().visit(ast.parse(ast.unparse(method)))
    return ast.unparse(ast.fix_missing_locations(bare))


class _Bare(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        node.returns, node.decorator_list = None, []
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def _with_inherited(path: str, own: Mapping[str, ast.ClassDef]) -> ClassSource:
    methods: dict[str, ast.FunctionDef] = {}
    names: set[str] = set()
    for node in _line_of(path, own):
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                methods.setdefault(statement.name, statement)
            elif isinstance(statement, ast.Assign):
                names |= {ast.unparse(target) for target in statement.targets}
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                names.add(ast.unparse(statement.target))
    return ClassSource(path=path, methods=methods, names=frozenset(names))


def _line_of(path: str, own: Mapping[str, ast.ClassDef]) -> Iterator[ast.ClassDef]:
    """A class and its bases in the library, the nearest first."""
    seen: set[str] = set()
    waiting = [path]
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        yield own[path]
        home = path.rpartition(".")[0]
        for base in own[path].bases:
            name = ast.unparse(base).rpartition(".")[2]
            namesakes = [one for one in own if one.endswith(f".{name}")]
            near = [one for one in namesakes if one == f"{home}.{name}"]
            waiting += (near or namesakes)[:1]


def _read_in(node: ast.AST) -> set[str]:
    return {
        one.attr
        for one in ast.walk(node)
        if isinstance(one, ast.Attribute)
        and isinstance(one.ctx, ast.Load)
        and isinstance(one.value, ast.Name)
        and one.value.id == "self"
    }


def _set_in(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        match one:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
            case ast.Call(
                func=ast.Attribute(attr=called), args=[ast.Constant(value=str(name)), *_]
            ):
                if called in _REGISTERING:
                    yield name
