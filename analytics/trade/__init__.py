"""Trade in goods as both sides report it: flows, mirrors, dependence, gravity and shocks."""
