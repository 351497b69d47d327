"""Many consistent requests for a training database: a scene of twenty is played once, then written again in bulk."""
