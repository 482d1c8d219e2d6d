"""Messages and exit codes of the pipeline's errors."""

from pathlib import Path

import pytest

from pipeline.errors import (
    MAX_FAULTS,
    BadFolderError,
    BadInputError,
    InterruptedRunError,
    MachineError,
    PipelineError,
    RatioError,
    UnknownArchitectureError,
    UsageError,
    WeightsError,
)


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [(UsageError, 2), (BadInputError, 3), (MachineError, 6), (InterruptedRunError, 130)],
)
def test_each_kind_of_error_has_its_exit_code(kind: type[PipelineError], exit_code: int) -> None:
    """Usage, bad input, this machine and Ctrl-C are told apart; none of them is 1."""
    assert kind.exit_code == exit_code


def test_every_fault_of_a_folder_stands_in_one_message() -> None:
    """Two faults are two lines, with the folder's name above and advice below."""
    message = str(BadFolderError(path=Path("birds"), faults=("one is wrong", "two is wrong")))
    assert message.splitlines() == [
        'The folder "birds" can\'t be used, for 2 reasons:',
        "  one is wrong",
        "  two is wrong",
        "Mend the folder and try again.",
    ]


def test_a_long_list_of_faults_is_cut_with_a_count() -> None:
    """The message stays readable however many files are broken."""
    faults = tuple(f"fault {number}" for number in range(MAX_FAULTS + 7))
    message = str(BadFolderError(path=Path("birds"), faults=faults))
    assert "  and 7 more" in message
    assert f"fault {MAX_FAULTS}" not in message


def test_control_characters_in_a_name_are_escaped() -> None:
    """A folder's name can't move the cursor of the terminal that shows it."""
    message = str(BadFolderError(path=Path("birds\x1b[2J"), faults=("it is empty",)))
    assert r"\x1b" in message
    assert "\x1b" not in message


def test_a_ratio_is_shown_as_it_was_given() -> None:
    """The message repeats the shares and gives an example that works."""
    assert "--ratio 0.8 0.1 0.2 can't" in str(RatioError((0.8, 0.1, 0.2)))


def test_an_unknown_architecture_gets_similar_names() -> None:
    """A typing error is one look away from its correction."""
    message = str(UnknownArchitectureError(name="resnet81", similar=("resnet18",)))
    assert 'Similar names: "resnet18".' in message


def test_missing_weights_name_the_way_out() -> None:
    """The remedy, the offline architecture and the switch for random weights are all there."""
    error = WeightsError(architecture="resnet18", reason="no network", remedy="Put the file there")
    for part in ("no network", "Put the file there", "tf_efficientnet_lite0", "--weights random"):
        assert part in str(error)


def test_an_interrupted_run_says_what_is_kept() -> None:
    """The message lists what is on disk, and how to go on."""
    error = InterruptedRunError(out=Path("run"), kept=("first_stage.pkl", "dataset"))
    assert str(error) == (
        'Interrupted. "run" keeps "dataset", "first_stage.pkl". '
        "To go on, give the same command with --resume."
    )


def test_an_interrupted_run_without_files_says_so() -> None:
    """Nothing is promised where nothing was written."""
    assert str(InterruptedRunError(out=Path("run"), kept=())) == "Interrupted. Nothing is kept."
