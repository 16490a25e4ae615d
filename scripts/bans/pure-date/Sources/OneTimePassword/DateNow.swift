let step = Date.now.timeIntervalSince1970 / 30
