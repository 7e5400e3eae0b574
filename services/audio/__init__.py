"""Sound: probing, ffmpeg, renditions, delivery, lyrics."""
