"""Builds the environment of a day with uv, which resolves packages as of a date."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from acceptance.making.environments import Environment

# What fastai asks for without using it here, and what no longer builds.
UNUSED = ("spacy", "triton", "bottleneck", "nvidia-ml-py3")


class InstallError(Exception):
    """An environment couldn't be built; the message has what uv said."""


@contextmanager
def installed(environment: Environment, folder: Path, *, is_kept: bool) -> Iterator[Path]:
    """The Python of an environment, built in `folder/NAME` unless it is already there.

    Raises:
        InstallError: If there is no uv, or if it fails.
    """
    home = folder / environment.name
    stamp = home / "is-complete"
    if not stamp.exists():
        _build(environment, home)
        stamp.touch()
    try:
        yield home / "bin" / "python"
    finally:
        if not is_kept:
            shutil.rmtree(home)


def _build(environment: Environment, home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    overrides = home.parent / "unused.txt"
    lines = [f'{name}; python_version < "0"\n' for name in UNUSED]
    overrides.write_text("".join(lines), "utf-8")
    _uv("venv", "--clear", "--python", _python_of(environment), str(home))
    options = ["--python", str(home / "bin" / "python"), "--override", str(overrides)]
    options += ["--exclude-newer", environment.as_of]
    _uv("pip", "install", *options, *environment.requirements)


def _python_of(environment: Environment) -> str:
    """The interpreter that pyenv installed, or else the version for uv to find."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    own = root / "versions" / environment.python / "bin" / "python"
    return str(own) if own.exists() else environment.python


def _uv(*arguments: str) -> None:
    program = shutil.which("uv")
    if program is None:
        raise InstallError("There is no uv on the path: python -m pip install uv")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallError(f"uv {' '.join(arguments)}\n{done.stderr.strip()}")
