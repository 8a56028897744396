"""What people upload, read in a process of its own: pages, PDF and Office documents to text."""
