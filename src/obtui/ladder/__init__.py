"""The ladder, pure: groups of prices, rows of three forms, a cursor, and what changed.

grouping -> rows, anchored -> picture -> pointing -> laddering: all that a widget knows
"""
