package enum Countersign { package static func main() async {} }
