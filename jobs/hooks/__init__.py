"""Events sent to the webhooks of the sites, in the background."""
