import Hummingbird

/// A page that asks before something is done: GET shows it, POST of the same path does it, with no extra field.
struct Confirmation: Sendable {
    let heading: String
    let sentence: String
    var consequences: [String] = []
    let action: String
    let confirmLabel: String
    var isDanger = false
    let cancelHref: String
    var asksReason = false

    var fields: Fields {
        [
            "heading": heading, "sentence": sentence, "hasConsequences": !consequences.isEmpty,
            "consequences": consequences, "action": action, "confirmLabel": confirmLabel, "isDanger": isDanger,
            "cancelHref": cancelHref, "hiddenFields": [Fields](), "asksReason": asksReason,
        ]
    }

    func page(_ web: Web, _ person: PersonCall, at place: Place) -> Response {
        web.portal(person, title: heading, at: place, "confirm", fields)
    }
}
