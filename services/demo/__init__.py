"""The demo catalogue: music the project composes and synthesises itself."""
