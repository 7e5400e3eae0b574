"""What the house notices by itself: words, links, haste, and sounds that are there already."""
