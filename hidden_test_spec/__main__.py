"""Prints the JSON Schema of a spec: `python -m hidden_test_spec > hidden_test_spec/schema.json`."""

import json
import sys
from typing import Any

from hidden_test_spec.spec import Spec


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) that editors use to complete and check a spec."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Spec.model_json_schema()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")
