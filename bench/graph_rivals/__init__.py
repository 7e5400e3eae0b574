"""Other GraphQL servers, and ours, around one schema and the same records in memory: what `bench.graphql_plan` runs."""
