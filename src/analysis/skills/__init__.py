"""What jobs share and what a move between two of them asks for: similarity, delta, programs."""
