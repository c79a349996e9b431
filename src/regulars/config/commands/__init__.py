"""The command line, one module for each group of commands; they import rooms only once Django is up."""
