"""What a player needs beside the bytes: what there is to play, how loud it is, how one song follows another."""
