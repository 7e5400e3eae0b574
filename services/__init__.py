"""The rules, one noun per feature; no HTTP, no GraphQL, no socket."""
