"""Who answers: the dispatcher, the routes, and one module a noun."""
