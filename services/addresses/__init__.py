"""What an account does by mail: its address is proven, changed, and the way back in when a password is lost."""
