"""Reading microscope files and writing results."""
