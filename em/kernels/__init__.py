"""EM's own steps in compiled code, many of them without a return to Python; the derivations stand in em."""
