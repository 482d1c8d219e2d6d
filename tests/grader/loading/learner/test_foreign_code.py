from pathlib import Path

from grader.loading.inspecting import inspect_export
from grader.loading.learner.inspection import Finding
from tests.grader.loading.reading import FLOATS, Write, reasons
from tests.hostile import (
    Member,
    dict_of,
    learner,
    object_of,
    pickle_of,
    shell_call,
    text,
    torch_members,
    zip_of,
)


def test_the_function_that_fastai_sends_along_is_a_note(sound_model: Path) -> None:
    """Every export of fastai 2.8 carries one piece of bytecode; it is named and not run."""
    (finding,) = inspect_export(sound_model).findings
    assert finding.severity == "note"
    assert "create of " in finding.what


def test_a_hook_is_refused_and_its_command_is_not_run(write: Write, tmp_path: Path) -> None:
    """A function hooked on a module would run with it elsewhere; here it is a finding."""
    canary = tmp_path / "canary"
    parts = {part: dict_of({}) for part in ("_parameters", "_buffers", "_modules")}
    hooks = {"_forward_hooks": dict_of({"0": shell_call(canary)})}
    model = object_of("torch.nn.modules.linear", "Linear", parts | hooks)
    inspection = inspect_export(write(learner(text("a"), model=model)))
    assert reasons(inspection) == ['the model has hooks: "_forward_hooks"']
    assert {finding.what for finding in inspection.findings if finding.severity == "warning"} == {
        'it names "os.system", which is unusual in an image classifier',
        'it would call "os.system" when loaded by other programs',
    }
    assert not canary.exists()


def test_the_norm_hooks_of_torch_are_no_reason(write: Write) -> None:
    """Spectral norm hooks a class of torch on a layer."""
    parts = {part: dict_of({}) for part in ("_parameters", "_buffers", "_modules")}
    norm = object_of("torch.nn.utils.spectral_norm", "SpectralNorm", {"name": text("weight")})
    hooks = {"_forward_pre_hooks": dict_of({"0": norm})}
    model = object_of("torch.nn.modules.linear", "Linear", parts | hooks)
    assert reasons(inspect_export(write(learner(text("a"), model=model)))) == []


def test_a_transform_of_the_students_own_is_a_warning(write: Write) -> None:
    """What it does to an image can't be known from its name."""
    own = object_of("__main__", "Sharpen", {})
    inspection = inspect_export(write(learner(text("a"), transforms=[own])))
    assert (
        Finding(
            severity="warning",
            what='its images would go through "Sharpen" defined in "__main__": its code isn\'t in '
            "the file, so it is left out",
            where="transforms",
        )
        in inspection.findings
    )


def test_strangers_in_the_archive_are_a_warning(tmp_path: Path) -> None:
    """A second pickle in the archive is named and not looked into."""
    path = tmp_path / "export.pkl"
    members = torch_members(pickle_of(learner(text("a"))), {"0": FLOATS})
    path.write_bytes(zip_of(*members, Member(name="archive/evil.pkl", content=b"?")))
    (finding,) = inspect_export(path).findings
    assert finding.what == 'the archive holds more than torch writes: "evil.pkl"'
