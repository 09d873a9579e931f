"""What holds for every possible request: differences, invariants, outcomes, dead rules, lock-outs; each with a witness.

A question becomes problems (plain values); `answers` solves them with z3 and is the only module, with those it imports,
that needs the extra `newel[prove]`; the modules of the questions turn answers into findings and need nothing.
"""
