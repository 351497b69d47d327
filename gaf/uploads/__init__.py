"""What happens to a file that somebody brings: told by its bytes, freed of what it tells about its maker, checked."""
