"""One file per verb; used by window and command line alike."""
