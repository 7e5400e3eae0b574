"""How renditions are laid out, codec by codec: every offset known before anything is encoded."""
