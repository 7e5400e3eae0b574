"""Audio formats from within: what a file is, where its sound lies, how many samples it holds."""
