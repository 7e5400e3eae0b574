"""What somebody does about their own subscription: buying, changing, ending, seeing bills."""
