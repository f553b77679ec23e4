"""How many cases the long property-based tests try: as many times more as the environment's EFFORT says.

Such a case costs 10 to 25 ms, one with a report two seconds. They look for what nobody thought of; the more the better, but
not in every run.
"""

import os

EFFORT = int(os.environ.get("EFFORT", "1"))
