"""Every value that crosses a room, frozen; it imports errors only."""
