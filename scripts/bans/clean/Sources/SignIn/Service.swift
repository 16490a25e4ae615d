import NIOCore

try await Task.sleep(for: .milliseconds(5))
