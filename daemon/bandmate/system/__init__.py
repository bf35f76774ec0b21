"""What the operating system gives: files, locks, limits and processes."""
