"""What people do about something: playbook, run, task."""
