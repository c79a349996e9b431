"""Stories that cross rooms: each file names the steps of one."""
