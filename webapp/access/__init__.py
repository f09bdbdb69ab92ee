"""Who is signed in, and which tokens scripts have: looking at them, ending and revoking them."""
