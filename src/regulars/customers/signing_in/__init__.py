"""How members sign in: a QR that staff show, or six digits sent to their mailbox; and the devices where they are."""
