"""Care of an installation: the set-up of the portal and the directory of people."""
