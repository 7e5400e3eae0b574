"""What `bench/realtime.py` is made of: contestants, their dialects, and crowds of clients in processes of their own."""
