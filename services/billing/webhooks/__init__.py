"""What the payment service tells by itself: deliveries, taken, worked and asked for again."""
