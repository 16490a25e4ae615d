/// Numbers as people read them: `10,000`.
enum CountText {
    static func of(_ count: Int) -> String {
        let digits = Array(String(count))
        return digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset).isMultiple(of: 3) { text.append(",") }
            text.append(digit.element)
        }
    }
}

/// An address on this origin with a query; what is empty is left out.
enum LocalAddress {
    static func text(_ path: String, _ query: [(name: String, value: String)]) -> String {
        let pairs = query.filter { !$0.value.isEmpty }.map { "\($0.name)=\(LocalPath.queryValue($0.value))" }
        return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }
}

/// Where one stands in a longer list.
struct Pager {
    /// A number far beyond every list, so that no address makes the arithmetic overflow.
    private static let maximumPage = 1_000_000

    let path: String
    /// The filter, which every page keeps.
    let query: [(name: String, value: String)]
    let page: Int
    let total: Int
    let size: Int

    /// What is no number counts as the first page.
    static func number(_ typed: String) -> Int { min(max(1, Int(typed) ?? 1), maximumPage) }

    static func last(of total: Int, size: Int) -> Int { max(1, (total + size - 1) / size) }

    var fields: Fields {
        let last = Self.last(of: total, size: size)
        var fields: Fields = ["hasPager": last > 1, "pageSummary": summary]
        if page > 1 { fields["previousHref"] = address(page - 1) }
        if page < last { fields["nextHref"] = address(page + 1) }
        return fields
    }

    private var summary: String {
        let first = CountText.of((page - 1) * size + 1)
        return "\(first)–\(CountText.of(min(page * size, total))) of \(CountText.of(total))"
    }

    private func address(_ page: Int) -> String {
        LocalAddress.text(path, query + [(name: "page", value: String(page))])
    }
}
