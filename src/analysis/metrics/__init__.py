"""Which outcomes programs had: shares, means and their intervals, from published outcome tables."""
