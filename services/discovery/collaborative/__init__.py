"""What people play together: a model learned from everybody's plays, without knowing who anybody is."""
