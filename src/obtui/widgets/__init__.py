"""What is seen. A widget paints one immutable view; it reaches no session, source or file."""
