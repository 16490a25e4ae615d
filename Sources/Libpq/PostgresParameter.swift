import CPostgres

/// A parameter of a statement, sent in the server's binary form.
package enum PostgresParameter: Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    /// The type that the server is told; a null has the type that its place asks for.
    package var type: UInt32 {
        switch self {
        case .null: 0
        case .integer: 20
        case .text: 25
        case .bytes: 17
        }
    }
}

/// Parameters one behind the other in one buffer, as libpq takes them.
struct PackedParameters {
    private(set) var types: [Oid] = []
    private var bytes: [UInt8] = []
    private var places: [Int?] = []
    private var lengths: [Int32] = []

    init(_ parameters: [PostgresParameter]) {
        for parameter in parameters {
            let start = bytes.count
            switch parameter {
            case .null: break
            case .integer(let value):
                for shift in stride(from: Int64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
                }
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .bytes(let content): bytes.append(contentsOf: content)
            }
            types.append(parameter.type)
            lengths.append(Int32(clamping: bytes.count - start))
            if case .null = parameter { places.append(nil) } else { places.append(start) }
        }
        // An empty value at the end must point somewhere, too.
        bytes.append(0)
    }

    var count: Int32 { Int32(places.count) }

    /// Gives the values, their lengths and their formats (all binary) for the duration of the call.
    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        let formats = [Int32](repeating: 1, count: places.count)
        return unsafe bytes.withUnsafeBytes { buffer in
            let base = unsafe buffer.bindMemory(to: CChar.self).baseAddress
            let values = unsafe places.map { place -> UnsafePointer<CChar>? in
                guard let place, let base = unsafe base else { return nil }
                return unsafe base + place
            }
            return unsafe values.withUnsafeBufferPointer { values in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
