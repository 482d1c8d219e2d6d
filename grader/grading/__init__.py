"""The order of the steps: from a request to a `GradeReport`."""
