"""The figures behind the dashboards: how much is listened to, by how many, and what comes of it."""
