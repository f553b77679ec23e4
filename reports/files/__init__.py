"""Writing what must not be half written or lost: staged folders, whole documents, and where numbers come from."""
