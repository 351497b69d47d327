"""What people type about money, read strictly and refused in words."""
