"""AtomSegNet: find, restore and measure atomic columns in ADF-STEM micrographs."""

__version__ = "0.1.0"
