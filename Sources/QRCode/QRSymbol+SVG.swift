extension QRSymbol {
    /// The symbol as an SVG element to stand in a page.
    ///
    /// It is drawn by presentation attributes only, since the pages' content security policy allows no inline style.
    /// It is black on its own white ground in any colour scheme: many scanners do not read light on dark.
    ///
    /// - Parameters:
    ///   - id: The `id` of the element.
    ///   - title: What a screen reader says.
    package func svg(id: String = "totp-qr", title: String) -> String {
        let side = size + 2 * Self.quietZone
        let id = Self.escaped(id)
        return """
            <svg id="\(id)" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" role="img" \
            aria-labelledby="\(id)-title" shape-rendering="crispEdges">\
            <title id="\(id)-title">\(Self.escaped(title))</title>\
            <rect width="\(side)" height="\(side)" fill="#fff"/>\
            <path fill="#000" d="\(path)"/></svg>
            """
    }

    /// One flat rectangle for each run of dark modules in a row.
    private var path: String {
        var path = ""
        for row in 0..<size {
            var column = 0
            while column < size {
                var end = column
                while isDark(column: end, row: row) {
                    end += 1
                }
                if end > column {
                    path += "M\(column + Self.quietZone) \(row + Self.quietZone)h\(end - column)v1h-\(end - column)z"
                }
                column = end + 1
            }
        }
        return path
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
