"""What is heard as music in a sound: tempo and beats, key and mode, how it feels. Samples in, facts out."""
