"""The hills of a posterior: found, weighed by their evidence, and each given its share of the draws.

1. ``target`` is the density, all constants included; ``mode`` climbs to its tops and measures the curvature there.
2. ``importance`` weighs all hills at once from their tops, and says how far that can be relied on.
3. ``batches`` runs chains on every hill that may matter; ``regions`` finds hills that are one.
4. ``mass`` is the evidence of a region, by bridge sampling where importance sampling does not do.
5. ``shares`` makes one set of chains of all draws; ``weigh`` does all this in order, and only where there is a reason to.
"""
