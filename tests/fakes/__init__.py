"""Stand-ins and test machinery: databases, guards, processes and running servers. No test lives here."""
