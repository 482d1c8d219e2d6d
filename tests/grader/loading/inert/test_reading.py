import builtins
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from grader.loading.archive.container import read_container
from grader.loading.inert.machine import MAX_OPCODES
from grader.loading.inert.reading import MAX_DEPTH, read_inert
from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import graph_of
from tests.hostile import (
    EMPTY_TUPLE,
    NEWOBJ,
    TUPLE_1,
    TUPLE_2,
    keep,
    name,
    pickle_of,
    recall,
    shell_call,
    torch_file,
)


def test_a_deep_nest_is_refused() -> None:
    """A tower of tuples is named before anything could recurse into it."""
    with pytest.raises(RefusedExportError, match=f"nested more than {MAX_DEPTH} deep"):
        graph_of(pickle_of(EMPTY_TUPLE, TUPLE_1 * (MAX_DEPTH + 1)))


def test_a_deep_nest_is_found_behind_shallow_ways() -> None:
    """The longest way counts, also where a shorter one leads to every part."""
    kept = b"".join(TUPLE_1 + keep(level) for level in range(MAX_DEPTH + 1))
    listed = b"(" + EMPTY_TUPLE + kept + b"".join(map(recall, range(MAX_DEPTH + 1))) + b"t"
    with pytest.raises(RefusedExportError, match="deep"):
        graph_of(pickle_of(listed))


def test_three_million_nested_tuples_are_refused() -> None:
    """The file that crashes torch ends in a message, and is freed again."""
    with pytest.raises(RefusedExportError, match=f"more than {MAX_OPCODES} opcodes"):
        graph_of(pickle_of(EMPTY_TUPLE, TUPLE_1 * 3_000_000))


def test_nothing_that_an_export_names_is_imported_or_called(
    sound_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a real export asks the import system for nothing, and audits no execution."""
    asked: list[str] = []
    original = builtins.__import__

    def watched(module: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(module)
        return original(module, *args, **kwargs)

    before = set(sys.modules)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", watched)
        graph = read_inert(read_container(sound_model))
    assert len(graph.globals) > 20
    assert not [module for module in asked if module.startswith(("torch", "fastai", "fastcore"))]
    assert set(sys.modules) == before


def test_a_payload_does_nothing_in_a_fresh_process(tmp_path: Path) -> None:
    """No canary is written and no module of the file is loaded."""
    canary, file = tmp_path / "canary", tmp_path / "evil.pkl"
    payload = name("antigravity", "fly") + EMPTY_TUPLE + NEWOBJ + shell_call(canary) + TUPLE_2
    file.write_bytes(torch_file(pickle_of(payload)))
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from grader.loading.archive.container import read_container
        from grader.loading.inert.reading import read_inert
        graph = read_inert(read_container(Path(sys.argv[1])))
        assert "antigravity" not in sys.modules
        print([name.path for name in graph.globals])
        """
    )
    command = [sys.executable, "-W", "ignore", "-c", program, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert done.stdout.strip() == "['antigravity.fly', 'os.system']", done.stderr
    assert not canary.exists()
    assert not os.path.lexists(canary)
