"""Reading an API's JSON: the answer must have the right shape, a single result may not."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.scraping.candidates import AnswerError

_Shape = TypeVar("_Shape", bound=BaseModel)


def read_answer(text: bytes, shape: type[_Shape]) -> _Shape:
    """An answer as a value.

    Raises:
        AnswerError: If it has another shape, such as a login page.
    """
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise AnswerError("the answer is not a list of results") from error


def readable(results: Iterable[Any], shape: type[_Shape]) -> Iterator[_Shape]:
    """The results that have the right shape; others are skipped."""
    for one in results:
        with suppress(ValidationError):
            yield shape.model_validate(one)
