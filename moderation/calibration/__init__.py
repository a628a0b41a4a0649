"""Past decisions -> what a threshold would do before it is set: precision, recall, workload."""
