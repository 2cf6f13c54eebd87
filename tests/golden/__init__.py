"""States of cases as each format of them was released: they are read, and go on, for ever."""
