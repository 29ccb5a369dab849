"""Everything Marrowscope knows about studies, without a browser."""

__version__ = "0.1.0"
