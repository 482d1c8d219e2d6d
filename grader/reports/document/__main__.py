"""Prints the JSON Schema of a report, for `schema.json`: `python -m grader.reports.document`."""

import json
import sys

from grader.reports.document.writing import report_schema

if __name__ == "__main__":
    sys.stdout.write(json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n")
