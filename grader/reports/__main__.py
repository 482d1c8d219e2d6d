"""Prints the JSON Schema of a report: `python -m grader.reports > grader/reports/schema.json`."""

import json
import sys

from grader.reports.as_json import report_schema

if __name__ == "__main__":
    sys.stdout.write(json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n")
