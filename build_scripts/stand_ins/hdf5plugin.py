"""Stands in for hdf5plugin in the installers.

ncempy imports it with every reader, for one format of a detector that this program does not read:
185 MB of HDF5 filters are left out, and nothing asks for more than that the import succeeds.
"""
