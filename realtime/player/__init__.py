"""The players' own socket, `/ws`: frames, verbs and what a player follows. `docs/protocol.md` describes it."""
