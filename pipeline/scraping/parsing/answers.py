"""Reading JSON that an interface answered: the whole is required, a single result is not."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.scraping.candidates import AnswerError

_Shape = TypeVar("_Shape", bound=BaseModel)


def read_answer(text: bytes, shape: type[_Shape]) -> _Shape:
    """An answer as a value.

    Raises:
        AnswerError: If it has another shape, such as that of a page to log in.
    """
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        raise AnswerError("the answer is not a list of results") from error


def readable(results: Iterable[Any], shape: type[_Shape]) -> Iterator[_Shape]:
    """The results that have the shape they should have; others are passed over."""
    for one in results:
        with suppress(ValidationError):
            yield shape.model_validate(one)
