// TODO: check the role
