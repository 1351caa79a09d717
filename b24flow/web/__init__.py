"""Pages and HTTP API for employees: parse the request, call a use case, show the answer."""
