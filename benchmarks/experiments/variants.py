"""What is tried: the recipe `best` with some of its values changed, by name."""

from typing import Any

from pipeline.training.recipes import Recipe, read_recipe

# Values of the second stage, unless another table is named.
VARIANTS: dict[str, dict[str, Any]] = {
    "best": {},
    "document": {"recipe": "document"},
    "rate x 1/4": {"fine_tuning": {"base_rate": 0.0001}},
    "rate x 3": {"fine_tuning": {"base_rate": 0.0012}},
    "mixup": {"fine_tuning": {"mixup": 0.4}},
    "mixup, rate x 1/4": {"fine_tuning": {"mixup": 0.4, "base_rate": 0.0001}},
    "mixup, rate x 1/4, averaging 0.98": {
        "fine_tuning": {"mixup": 0.4, "base_rate": 0.0001, "averaging": 0.98}
    },
    "norms of the batch": {"fine_tuning": {"frozen_norms": False}},
    "no averaging": {"fine_tuning": {"averaging": None}},
    "no temperature": {"fine_tuning": {"temperature": False}},
    "one rate for all": {"fine_tuning": {"rate_ratio": 1}},
    "bilinear": {"images": {"resample": "bilinear"}},
    "crops from a quarter": {"images": {"min_scale": 0.25}},
}


def make_recipe(name: str) -> Recipe:
    """The recipe of a variant."""
    changes = VARIANTS[name]
    values = read_recipe(changes.get("recipe", "best")).model_dump()
    for table, entries in changes.items():
        if table != "recipe":
            values[table] |= entries
    return Recipe.model_validate(values)
