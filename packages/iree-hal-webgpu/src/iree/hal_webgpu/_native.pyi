def driver(library: str, /) -> object:
    """The driver, as a capsule named "iree.hal.driver"; it loads Dawn's library from that path."""
