"""What a student can learn about an export before handing it in: what the grader would say."""
