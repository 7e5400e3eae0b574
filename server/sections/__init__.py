"""The sections of the settings, where one file would be too long: what each setting is, by noun."""
