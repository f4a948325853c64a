"""A state that never was, in the layout of the public WIOA file, with a truth that is known."""
