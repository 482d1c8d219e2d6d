"""The types of the numbers that torch stores: one table for all readers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

UNTYPED = "untyped"


@dataclass(frozen=True, slots=True)
class Dtype:
    """One type of numbers, always stored little-endian.

    Attributes:
        name: As torch calls it; `UNTYPED` for bytes to which a tensor gives a type.
        size_bytes: Of one number.
        numpy_name: Letter and size that numpy calls it by; None if numpy can't hold it, or no
            network computes with it.
        letter: The format letter for Python's struct; None if there is no `numpy_name`.
        storage: The class of torch's storages that hold it; None where torch stores plain bytes.
        is_floating_point: Whether torch considers it a floating-point type.
    """

    name: str
    size_bytes: int
    numpy_name: str | None
    letter: str | None
    storage: str | None
    is_floating_point: bool


DTYPES: Mapping[str, Dtype] = MappingProxyType(
    {
        row.name: row
        for row in (
            Dtype("float64", 8, "f8", "d", "DoubleStorage", is_floating_point=True),
            Dtype("float32", 4, "f4", "f", "FloatStorage", is_floating_point=True),
            Dtype("float16", 2, "f2", "e", "HalfStorage", is_floating_point=True),
            Dtype("bfloat16", 2, None, None, "BFloat16Storage", is_floating_point=True),
            Dtype("float8_e4m3fn", 1, None, None, None, is_floating_point=True),
            Dtype("float8_e5m2", 1, None, None, None, is_floating_point=True),
            Dtype("complex128", 16, None, None, "ComplexDoubleStorage", is_floating_point=False),
            Dtype("complex64", 8, None, None, "ComplexFloatStorage", is_floating_point=False),
            Dtype("int64", 8, "i8", "q", "LongStorage", is_floating_point=False),
            Dtype("int32", 4, "i4", "i", "IntStorage", is_floating_point=False),
            Dtype("int16", 2, "i2", "h", "ShortStorage", is_floating_point=False),
            Dtype("int8", 1, "i1", "b", "CharStorage", is_floating_point=False),
            Dtype("uint64", 8, "u8", "Q", None, is_floating_point=False),
            Dtype("uint32", 4, "u4", "I", None, is_floating_point=False),
            Dtype("uint16", 2, "u2", "H", None, is_floating_point=False),
            Dtype("uint8", 1, "u1", "B", "ByteStorage", is_floating_point=False),
            Dtype("bool", 1, "b1", "?", "BoolStorage", is_floating_point=False),
            Dtype(UNTYPED, 1, None, None, "UntypedStorage", is_floating_point=False),
        )
    }
)
