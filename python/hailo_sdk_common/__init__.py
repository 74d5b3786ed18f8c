"""What the vendor's tools share, by its public names."""
