"""What a built model needs to run: the program, its parameters, tables in and out, and the command line of a `.pyz`.

The modules import the standard library, NumPy, each other and `netspec.diagnostics`' two smallest (`show`, `faults`),
and are copied word for word into every built model, where they lie at the same path: one text behind both doors.
"""
