"""Documents from templates: strict, sandboxed, the same bytes for the same data; the only home of docxtpl."""
