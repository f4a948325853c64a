"""What a reader sees: numbers in words, tables, pictures, pages, and disclosure control."""
