"""The whole effective configuration, where each value comes from, and the state of jobs and imports."""
