import pytest

from grader.loading.refusal import RefusedExportError
from tests.grader.loading.reading import graph_of
from tests.hostile import EMPTY_DICT, POP, call, pickle_of


def test_a_name_of_the_file_puts_no_control_character_into_the_message() -> None:
    """A terminal shows the name's escape sequences as text; the field keeps the name."""
    thrown_away = call("os\x1b[2J", "sys\ttem") + POP + EMPTY_DICT
    with pytest.raises(RefusedExportError, match=r"a call of os\\x1b\[2J\.sys\\ttem") as caught:
        graph_of(pickle_of(thrown_away))
    assert "os\x1b[2J.sys\ttem" in caught.value.reason
