"""Arabic: data, and the code that its clitics and roots need."""
