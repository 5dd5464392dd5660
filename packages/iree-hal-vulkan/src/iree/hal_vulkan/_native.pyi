def driver() -> object:
    """The driver, as a capsule named "iree.hal.driver"."""
