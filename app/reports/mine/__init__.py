"""My data: what is kept of somebody with an account, to look at, take along and withdraw."""
