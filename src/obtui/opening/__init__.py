"""Opening a further market while the program runs: what there is, by name, and how it joins in."""
