"""What search engines answer, as text in and candidates out; nothing here drives or fetches."""
