"""Every check and every job of the project. All sessions except `fuzz` share `.venv`."""

import functools
import os
import sys
from pathlib import Path

import nox

nox.options.sessions = ["lint", "types", "tests"]

ROOT = Path(__file__).parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYPROJECT = ROOT / "pyproject.toml"
GROUPS = nox.project.dependency_groups(nox.project.load_toml(PYPROJECT), "lint", "types", "test")
DEMO = Path("demo")

session_here = functools.partial(nox.session, venv_backend="none")


def prepare(session: nox.Session) -> None:
    """Make the shared environment if it is missing or older than pyproject.toml."""
    stamp = VENV / "installed-for.toml"
    wanted = PYPROJECT.read_text("utf-8")
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    if not BIN.exists():
        session.run(sys.executable, "-m", "venv", str(VENV), external=True)
    session.log("Installing torch and everything else into .venv: a few minutes, once.")
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    session.run(
        str(BIN / "python"),
        *install,
        "-e",
        f"{ROOT}[pipeline,scrape,clean]",
        *GROUPS,
        external=True,
    )
    stamp.write_text(wanted, "utf-8")


def run(session: nox.Session, module: str, *args: str, success: tuple[int, ...] = (0,)) -> None:
    """Run `python -m MODULE ARGS` in the shared environment."""
    prepare(session)
    command = [str(BIN / "python"), "-m", module, *args]
    session.run(*command, external=True, success_codes=success)


@session_here
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    run(session, "ruff", "check", ".")
    run(session, "ruff", "format", "--check", ".")


@session_here
def types(session: nox.Session) -> None:
    """Check types with mypy, strictly."""
    run(session, "mypy")


@session_here
def tests(session: nox.Session) -> None:
    """Run the tests that need no GPU and nothing from outside the project, on every core."""
    # Each core runs one test process, so torch gets one thread; the tests of a file, which share
    # fixtures, stay together.
    session.env["OMP_NUM_THREADS"] = "1"
    side_by_side = ["-n", "auto", "--dist", "loadfile"]
    run(session, "pytest", "-m", "not gpu", *side_by_side, *session.posargs)


@session_here
def gpu(session: nox.Session) -> None:
    """Run the tests marked gpu on a real GPU; without one they fail."""
    run(session, "pytest", "-m", "gpu", "--require-gpu", *session.posargs)


@nox.session(venv_backend="venv", reuse_venv=True)
def fuzz(session: nox.Session) -> None:
    """Fuzz the reading of exports, then commands: -- [--seconds N] [--inputs N] [--cases N]."""
    # A separate environment, small and without torch: not every system can install atheris.
    session.install(*nox.project.dependency_groups(nox.project.load_toml(PYPROJECT), "fuzz"))
    session.run("python", "-m", "acceptance.fuzzing", *session.posargs)
    run(session, "acceptance.fuzzing.commands", *session.posargs)


@session_here
def compat(session: nox.Session) -> None:
    """Grade a folder of real exports and compare with its reference answers: -- FOLDER."""
    run(session, "acceptance.exports.compat", *session.posargs)


@session_here
def corpus(session: nox.Session) -> None:
    """Make real exports in environments of their day, with uv: -- OUT [--only ENV]."""
    run(session, "acceptance.making", *session.posargs)


@session_here
def hostile(session: nox.Session) -> None:
    """Try a folder of hostile exports on every command, with canaries set out: -- FOLDER."""
    run(session, "acceptance.hostile", *session.posargs)


@session_here
def bench(session: nox.Session) -> None:
    """Time how long the commands take to answer: -- [MODEL.pkl] [--runs N]."""
    run(session, "benchmarks.startup", *session.posargs)


@session_here(name="bench-speed")
def bench_speed(session: nox.Session) -> None:
    """Time gradings beside plain scripts; goes on where it was stopped: -- [--quick] [--show]."""
    run(session, "benchmarks.speed", *session.posargs)


@session_here(name="bench-review")
def bench_review(session: nox.Session) -> None:
    """Time the review page with 5,000 photos in a real browser: -- [--photos N] [--runs N]."""
    run(session, "benchmarks.review_page", *session.posargs)


@session_here(name="bench-train")
def bench_train(session: nox.Session) -> None:
    """Time training against the source document's plain script: -- DATASET [--seeds 1 2 3]."""
    run(session, "benchmarks.train", *session.posargs)


@session_here
def architectures(session: nox.Session) -> None:
    """Train, export and grade every architecture, with random weights: -- [--only NAME]."""
    run(session, "acceptance.architectures", *session.posargs)


@session_here
def notebook(session: nox.Session) -> None:
    """Run the example notebook as a student does, on handwritten digits: -- [--out FILE]."""
    run(session, "acceptance.notebook", *session.posargs)


@session_here
def soak(session: nox.Session) -> None:
    """Kill scrapes at random moments until they are done: -- [--rounds N] [--seed N]."""
    run(session, "acceptance.soak", *session.posargs)


@session_here
def grade(session: nox.Session) -> None:
    """Gate for a course's CI: -- MODEL.pkl --data DIR --spec SPEC."""
    run(session, "grader", "evaluate", *session.posargs)


@session_here
def demo(session: nox.Session) -> None:
    """Train on handwritten digits, export both stages, grade them. No network, no GPU."""
    images, training_run, report = DEMO / "images", DEMO / "run", DEMO / "report"
    if DEMO.exists():
        session.error(f"{DEMO}/ is left from an earlier demo; remove it and try again.")
    run(session, "pipeline", "digits", "--out", str(images), "--per-class", "40")
    size = ["--image-size", "64", "--batch-size", "16", "--no-flip"]
    quick = [*size, "--epochs", "4", "--fine-tune-epochs", "4"]
    arguments = ["--spec", "digits", "--images", str(images), "--arch", "tf_efficientnet_lite0"]
    run(session, "pipeline", "run", *arguments, *quick, "--seed", "5", "--out", str(training_run))
    graded = [str(training_run / "fine_tuned.pkl"), "--data", str(training_run / "dataset/test")]
    baseline = ["--baseline", str(training_run / "first_stage.pkl")]
    options = ["--spec", "digits", "--out", str(report)]
    # A model below the rubric (exit code 5) is graded too, and its report is worth reading.
    run(session, "grader", "evaluate", *graded, *baseline, *options, success=(0, 5))
    session.log(f"The report is in {report.resolve()}")
