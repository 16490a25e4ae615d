extension QRSymbol {
    /// The symbol in half blocks, two rows of modules to a line, its quiet zone included.
    ///
    /// Light modules are drawn and dark ones left out, which is right on the dark ground of most terminals.
    package var terminalText: String {
        let range = -Self.quietZone..<size + Self.quietZone
        return stride(from: range.lowerBound, to: range.upperBound, by: 2)
            .map { row in
                String(range.map { halfBlock(column: $0, row: row) })
            }
            .joined(separator: "\n")
    }

    private func halfBlock(column: Int, row: Int) -> Character {
        switch (isDark(column: column, row: row), isDark(column: column, row: row + 1)) {
        case (false, false): "█"
        case (false, true): "▀"
        case (true, false): "▄"
        case (true, true): " "
        }
    }
}
