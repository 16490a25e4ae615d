extension StringProtocol {
    /// The beginning of a text, at most so many bytes of UTF-8, in whole scalars. A copy, so that a short piece does not
    /// keep a long text in memory.
    ///
    /// By bytes, since one character may have any number of them.
    package func cut(toBytes limit: Int) -> String {
        var bytes = Array(utf8.prefix(limit))
        if utf8.count > limit {
            // The bytes of a scalar that was cut in two: continuations, and what they continue.
            let isContinuation = { (byte: UInt8) in byte & 0xc0 == 0x80 }
            if let next = utf8.dropFirst(limit).first, isContinuation(next) {
                while let last = bytes.popLast(), isContinuation(last) {}
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
