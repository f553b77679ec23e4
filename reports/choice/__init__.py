"""How many components: EM's information criteria beside the posterior's predictive score and evidence."""

from __future__ import annotations
