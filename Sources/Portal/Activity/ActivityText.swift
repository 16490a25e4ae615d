import Accounts
import Secrets

/// An entry in words, for the page and for the file.
extension ActivityRecord {
    /// Nobody signed in stands behind what the server's command line does.
    var personName: String { actorName.isEmpty ? "Server command line" : actorName }

    /// With the login, which stays when a name changes.
    var personWithLogin: String {
        actorLogin.isEmpty || actorLogin == actorName ? personName : "\(personName) (\(actorLogin))"
    }

    /// The facts, and the login of whom it was done to where the sentence has only the name.
    var facts: [ActivityParameter] {
        guard !subjectLogin.isEmpty, subjectLogin != subjectName else { return parameters }
        return [ActivityParameter("user", subjectLogin)] + parameters
    }

    var isRefusal: Bool {
        switch kind {
        case .passwordRefused, .unknownLoginRefused, .tokenRefused, .recoveryCodeRefused, .limitReached, .factorClosed,
            .agentRefused, .enrolmentRefused, .proofRefused:
            true
        default: false
        }
    }

    func row(_ time: TimeText) -> Fields {
        let shown = facts.map { fact -> Fields in ["paramName": fact.name, "paramValue": fact.value] }
        var row: Fields = [
            "rowTimeISO": TimeText.rfc3339(happenedAt), "rowTime": time.second(happenedAt), "rowUser": personName,
            "rowAddress": false, "rowDetails": sentence, "rowIsRefusal": isRefusal, "rowHasParameters": !shown.isEmpty,
            "rowParameters": shown,
        ]
        if !address.isEmpty { row["rowAddress"] = address }
        return row
    }
}

/// The file of the Activity Log (RFC 4180), every cell quoted.
enum ActivityCSV {
    static let header = line(["Date/Time", "User", "IP Address", "Details", "Parameters"])

    /// The kind stands first among the parameters: sentences are for people and may change.
    static func line(_ record: ActivityRecord, _ time: TimeText) -> String {
        let kind = record.kind.map { ["kind: \($0.rawValue)"] } ?? []
        let facts = kind + record.facts.map { fact in "\(fact.name): \(fact.value)" }
        return line([
            time.second(record.happenedAt), record.personWithLogin, record.address, record.sentence,
            facts.joined(separator: "; "),
        ])
    }

    private static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    private static let formulaStarts: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"]

    /// A spreadsheet runs what begins like a formula, and people choose their names themselves.
    ///
    /// Goes by scalars: a quote with a mark behind it is another character, and still ends the cell.
    static func cell(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        result.append("\"")
        if let first = text.unicodeScalars.first, formulaStarts.contains(first) { result.append("'") }
        for scalar in text.unicodeScalars {
            if scalar == "\"" { result.append(scalar) }
            result.append(scalar)
        }
        result.append("\"")
        return String(result)
    }
}
