"""What a student can learn of an export before handing it in: the instructor's answer, kindly."""
