"""Which theorems of the library may help at a goal."""
