"""States of a case, determinations, registers, rights of reply. Thin: later work fills it."""
