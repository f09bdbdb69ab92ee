"""mailcow's quarantine: live with a short cache, the last snapshot when mailcow is away."""
