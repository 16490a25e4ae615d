let byte = UInt8.random(in: 0...255)
