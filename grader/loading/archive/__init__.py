"""1 READ: what the file is, its members, every byte accounted for. No pickle."""
