"""What is drawn over price and time, pure: the past of a market, its heatmap, depth and spreads."""
