"""Messages and exit codes of the pipeline's errors, from the places that raise them."""

from pathlib import Path

import pytest

from hidden_test_spec.errors import MAX_FAULTS
from pipeline.errors import (
    BadInputError,
    InterruptionError,
    MachineError,
    MissingLibraryError,
    PipelineError,
    UsageError,
    WeightsError,
)
from pipeline.folders import bad_folder_error
from pipeline.running.record import interruptible
from pipeline.splitting.settings import check_ratio
from pipeline.training.weights.architectures import find_architecture


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [(UsageError, 2), (BadInputError, 3), (MachineError, 6), (InterruptionError, 130)],
)
def test_each_kind_of_error_has_its_exit_code(kind: type[PipelineError], exit_code: int) -> None:
    """Usage, bad input, this machine and Ctrl-C are told apart; none of them is 1."""
    assert kind.exit_code == exit_code


def test_every_fault_of_a_folder_stands_in_one_message() -> None:
    """Two faults are two lines, with the folder's name and advice below."""
    message = str(bad_folder_error(Path("birds"), ["one is wrong", "two is wrong"]))
    assert message.splitlines() == [
        "The folder can't be used, for 2 reasons:",
        "  - one is wrong",
        "  - two is wrong",
        '  where: "birds"',
        "  what to do: fix the folder and try again",
    ]


def test_a_long_list_of_faults_is_cut_with_a_count() -> None:
    """The message stays readable however many files are broken."""
    faults = [f"fault {number}" for number in range(MAX_FAULTS + 7)]
    message = str(bad_folder_error(Path("birds"), faults))
    assert "\n  and 7 more\n" in message
    assert f"fault {MAX_FAULTS}" not in message


def test_control_characters_in_a_name_are_escaped() -> None:
    """A folder's name can't move the cursor of the terminal that shows it."""
    message = str(bad_folder_error(Path("birds\x1b[2J"), ["it is empty"]))
    assert r"\x1b" in message
    assert "\x1b" not in message


def test_a_ratio_is_shown_as_it_was_given() -> None:
    """The message repeats the shares and gives an example that works."""
    with pytest.raises(UsageError, match=r'"--ratio 0\.8 0\.1 0\.2"\n.*0\.70 0\.15 0\.15'):
        check_ratio((0.8, 0.1, 0.2))


def test_an_unknown_architecture_gets_similar_names() -> None:
    """A typing error is answered with its correction."""
    with pytest.raises(UsageError, match=r'similar names: .*"resnet18"'):
        find_architecture("resnet81")


def test_missing_weights_name_the_way_out() -> None:
    """The remedy, the offline architecture and the switch for random weights are all there."""
    error = WeightsError(architecture="resnet18", reason="no network", remedy="put the file there")
    for part in ("no network", "put the file there", "tf_efficientnet_lite0", "--weights random"):
        assert part in str(error)


def test_a_missing_library_names_who_needs_it_and_its_extra() -> None:
    """One line to copy fixes it."""
    error = MissingLibraryError(library="selenium", extra="scrape", needed_by="--engine bing")
    assert error.what == "selenium is not installed, which --engine bing needs"
    assert error.advice == 'install it with: python -m pip install "classifier-grader[scrape]"'


def test_an_interrupted_run_says_what_is_kept(tmp_path: Path) -> None:
    """The message lists what is on disk, and how to go on."""
    for name in ("first_stage.pkl", "split.json"):
        (tmp_path / name).touch()
    with pytest.raises(InterruptionError, match="Interrupted") as caught, interruptible(tmp_path):
        raise KeyboardInterrupt
    assert str(caught.value).splitlines() == [
        'Interrupted; "first_stage.pkl", "split.json" are kept',
        f'  where: "{tmp_path}"',
        "  what to do: to go on, run the same command with --resume",
    ]


def test_an_interrupted_run_without_files_says_so(tmp_path: Path) -> None:
    """Nothing is promised where nothing was written."""
    with (
        pytest.raises(InterruptionError, match=r"^Interrupted; nothing is kept\n(?s:.)*again$"),
        interruptible(tmp_path),
    ):
        raise KeyboardInterrupt
