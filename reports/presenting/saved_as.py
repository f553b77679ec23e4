"""The names of the files of a report and the version of its document, known without all that writes them."""

from ..files.run_file import RUN_FILE

SCHEMA_VERSION = "2.2"
PAGE, DOCUMENT, TABLE, DRAWS = "report.html", "report.json", "parameters.csv", "posterior.nc"
# The file of memberships has one name up to a million rows, and another above.
MEMBERSHIPS = ("memberships.csv", "memberships.parquet")
FIGURES = "figures"
OWN_FILES = (PAGE, DOCUMENT, TABLE, DRAWS, RUN_FILE, *MEMBERSHIPS)
