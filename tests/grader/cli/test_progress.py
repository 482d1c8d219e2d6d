import pytest

from grader.cli.progress import progress


@pytest.mark.parametrize(("n_images", "n_lines"), [(1, 1), (9, 9), (10, 10), (1000, 10)])
def test_a_log_gets_at_most_ten_lines(n_images: int, n_lines: int) -> None:
    """The last one says that all images are done."""
    lines: list[str] = []

    with progress(lines.append) as on_progress:
        for n_done in range(1, n_images + 1):
            on_progress(n_done, n_images)

    assert len(lines) == n_lines
    assert lines[-1] == f"Graded {n_images} of {n_images}"
