"""The version of the vendor's interfaces that these packages speak."""

__version__ = "3.33.0"
