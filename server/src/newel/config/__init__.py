"""Configuration: one TOML file and the environment become one frozen tree, or the start stops with every fault named."""

from newel.config.errors import ConfigError
from newel.config.read import Loaded, load, read
from newel.config.tree import Config

__all__ = ["Config", "ConfigError", "Loaded", "load", "read"]
