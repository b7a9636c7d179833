"""Starting with the session: an entry in what the system starts at login. Standard library only, no Qt."""
