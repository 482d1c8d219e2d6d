"""Options and fixtures shared by all tests."""

from collections.abc import Iterator

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the gpu session insist on a GPU."""
    parser.addoption("--require-gpu", action="store_true", help="fail if torch sees no GPU")


@pytest.fixture(scope="session", autouse=True)
def own_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What audits remember stays out of the user's own files, in this process and its children."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIPELINE_CACHE", str(tmp_path_factory.mktemp("memory")))
        yield


@pytest.fixture
def gpu_device(request: pytest.FixtureRequest) -> str:
    """The name of the GPU to test on; without a GPU the test fails or is skipped."""
    import torch  # noqa: PLC0415 - only the tests marked gpu need it

    if not torch.cuda.is_available():
        if request.config.getoption("--require-gpu"):
            pytest.fail("torch sees no CUDA device; run this on a machine with a GPU")
        pytest.skip("torch sees no CUDA device")
    return "cuda:0"
