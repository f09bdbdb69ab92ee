"""mailcow's mail queue: live with a short cache, the last snapshot when mailcow is away."""
