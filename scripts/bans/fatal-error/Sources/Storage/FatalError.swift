guard let row else { fatalError("no row") }
