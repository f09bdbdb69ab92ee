"""How the viewer and the mailcow server are: health, information, what every page must say about the state of
things."""
