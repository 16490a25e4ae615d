let page = try! Template(named: "sign-in")
