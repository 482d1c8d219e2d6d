"""The built wheel, installed in an environment that holds nothing else."""

import subprocess
import sys
import venv
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIGHT = ("numpy", "pillow", "pydantic", "rich", "typer")
READ_SPECS = (
    "from hidden_test_spec.reading import read_spec; print(*map(lambda n: read_spec(n).name, {}))"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source tree."""
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run([*build, str(ROOT)], check=True, capture_output=True)
    (path,) = out.glob("*.whl")
    return path


def test_it_answers_help_and_reads_both_specs_in_an_empty_environment(
    wheel: Path, tmp_path: Path
) -> None:
    """What the command line imports on start needs no torch, and the specs are in the wheel."""
    venv.create(tmp_path / "venv", with_pip=True)
    bin_folder = next((tmp_path / "venv").glob("bin")) if sys.platform != "win32" else None
    scripts = bin_folder or tmp_path / "venv" / "Scripts"
    pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *LIGHT], check=True)
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)

    def output(*command: str) -> str:
        return subprocess.run(
            command, check=True, capture_output=True, text=True, cwd=tmp_path
        ).stdout

    code = READ_SPECS.format("('birds', 'digits')")
    assert "evaluate" in output(str(scripts / "grader"), "--help")
    assert "split" in output(str(scripts / "pipeline"), "--help")
    assert output(str(scripts / "python"), "-c", code).split() == ["birds", "digits"]


def test_it_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    """Types are marked; schemas, templates and translations are shipped, tests are not."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}

    assert {"grader/py.typed", "pipeline/py.typed", "hidden_test_spec/py.typed"} <= set(names)
    assert {
        "grader/reports/html/parts/page.html.j2",
        "grader/reports/document/schema.json",
        "grader/words/es/sentences.po",
        "hidden_test_spec/schema.json",
        "pipeline/exporting/model_card.md.jinja",
        "pipeline/training/recipe_files/best.toml",
    } <= set(names)
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "grader",
        "hidden_test_spec",
        "pipeline",
    }


def test_grading_installs_neither_selenium_nor_what_only_training_needs(wheel: Path) -> None:
    """The plain requirements are the grader's; the rest belongs to extras."""
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
    requirements = Parser().parsestr(archive.read(metadata).decode()).get_all("Requires-Dist", [])
    plain = {one.split(">")[0].strip() for one in requirements if "extra ==" not in one}

    assert "torch" in plain
    assert not plain & {"fastai", "selenium", "split-folders"}
