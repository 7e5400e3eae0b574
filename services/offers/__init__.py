"""What the house offers without money: coupons and trials."""
