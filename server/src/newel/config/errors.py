"""What stops the start."""


class ConfigError(Exception):
    """The configuration cannot be used. `faults` are sentences, each naming the key, the reason and what to write."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults
