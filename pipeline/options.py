"""Options that commands of several kinds have."""

from pathlib import Path
from typing import Annotated

import typer

Out = Annotated[Path, typer.Option("--out", help="Folder to make; it must not exist, or be empty.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Fixes everything random.")]
