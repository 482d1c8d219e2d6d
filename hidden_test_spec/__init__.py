"""What the instructor promises about a hidden test: classes, layout, limits and rubric.

Both sides read it. It never holds images, labels of single images or answers.
"""

from hidden_test_spec.errors import Fault, SpecError
from hidden_test_spec.reading import builtin_spec_names, read_spec
from hidden_test_spec.spec import ClassSpec, Criterion, Layout, Limits, Rubric, Spec

__all__ = [
    "ClassSpec",
    "Criterion",
    "Fault",
    "Layout",
    "Limits",
    "Rubric",
    "Spec",
    "SpecError",
    "builtin_spec_names",
    "read_spec",
]
