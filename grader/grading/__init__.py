"""The steps of a grading in order: from a request to a `GradeReport`."""
