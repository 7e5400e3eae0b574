"""The GraphQL schema as text, and its resolvers."""
