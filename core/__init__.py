"""Everything Marrowscope knows about studies, without a browser."""
