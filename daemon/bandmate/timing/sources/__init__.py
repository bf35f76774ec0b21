"""Who leads the time: clock, Link, bridge or bandmate itself."""
