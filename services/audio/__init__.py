"""Sound: probing, ffmpeg, renditions, delivery."""
