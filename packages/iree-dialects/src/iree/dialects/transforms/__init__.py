"""One pass per file; a pass is a frozen dataclass whose fields are its options."""
