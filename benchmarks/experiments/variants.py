"""What is tried: the recipe `best` with some of its values changed, by name."""

from typing import Any

from pipeline.training.recipes import Recipe, read_recipe

# Values of the second stage, unless another table is named.
VARIANTS: dict[str, dict[str, Any]] = {
    "best": {},
    "document": {"recipe": "document"},
    "gentle": {"fine_tuning": {"base_rate": 0.0001}},
    "gentle, mixup": {"fine_tuning": {"base_rate": 0.0001, "mixup": 0.4}},
    "gentle, averaging 0.98": {"fine_tuning": {"base_rate": 0.0001, "averaging": 0.98}},
}


def make_recipe(name: str) -> Recipe:
    """The recipe of a variant."""
    changes = VARIANTS[name]
    values = read_recipe(changes.get("recipe", "best")).model_dump()
    for table, entries in changes.items():
        if table != "recipe":
            values[table] |= entries
    return Recipe.model_validate(values)
