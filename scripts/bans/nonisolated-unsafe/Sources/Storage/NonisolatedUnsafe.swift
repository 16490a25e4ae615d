nonisolated(unsafe) var shared = 0
