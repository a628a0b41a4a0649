"""What it takes to build and judge the shipped model; nothing in the service imports it."""
