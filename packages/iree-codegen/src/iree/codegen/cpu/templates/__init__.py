"""Templates: each makes the transform script that turns one kind of kernel into vectors."""
