"""The report's panels, a module a subject: which rows stand where, under which words."""
