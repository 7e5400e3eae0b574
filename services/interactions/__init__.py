"""What people do with music and with one another: like, save, follow, review, share."""
