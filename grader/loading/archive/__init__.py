"""1 READ: what the file is and its members, with every byte accounted for. Reads no pickle."""
